"""What a calendar program answers (METHOD:REPLY): read line by line, a few lines of a small file; nothing else in it is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Mail

LARGEST = 64 * 1024  # octets
MOST_PARTS = 20
ANSWERS = {"ACCEPTED": "yes", "TENTATIVE": "maybe", "DECLINED": "no"}


@dataclass(frozen=True)
class Reply:
    """Somebody's answer to an event, for the time that its calendar had at `sequence`."""

    uid: str
    answer: str
    sequence: int


def reply_in(mail: Mail) -> Reply | None:
    """Return the answer in a mail, or None where it brings none along."""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return None
        if part.get_content_type() in {"text/calendar", "application/ics"}:
            octets = part.get_payload(decode=True)
            found = read(octets) if isinstance(octets, bytes) and len(octets) <= LARGEST else None
            if found is not None:
                return found
    return None


def read(octets: bytes) -> Reply | None:
    """Return the answer that a calendar file says, or None: one event with one attendee who has decided."""
    said: dict[str, list[tuple[str, str]]] = {}
    for name, parameters, value in lines_of(octets.decode("utf-8", "replace")):
        if name in {"METHOD", "UID", "SEQUENCE", "ATTENDEE"}:
            said.setdefault(name, []).append((parameters, value))
    attendees, uids = said.get("ATTENDEE", []), said.get("UID", [])
    if [value.upper() for _of, value in said.get("METHOD", [])] != ["REPLY"] or len(attendees) != 1 or len(uids) != 1:
        return None
    status = next((one[9:] for one in attendees[0][0].upper().split(";") if one.startswith("PARTSTAT=")), "")
    answer = ANSWERS.get(status.strip('"'), "")
    number = said.get("SEQUENCE", [("", "0")])[0][1]
    sequence = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    return Reply(uids[0][1][:120], answer, sequence) if answer else None


def lines_of(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (name, parameters, value) of each line of a calendar file, unfolded."""
    held: list[str] = []
    for line in [*text.splitlines(), "END"]:
        if line[:1] in {" ", "\t"}:
            held.append(line[1:])
            continue
        head, _colon, value = outside_quotes("".join(held))
        name, _semicolon, parameters = head.partition(";")
        yield name.strip().upper(), parameters, value.strip()
        held = [line]


def outside_quotes(line: str) -> tuple[str, str, str]:
    """Return what is before and behind the first colon that stands in no quotes."""
    is_quoted = False
    for place, sign in enumerate(line):
        if sign == '"':
            is_quoted = not is_quoted
        elif sign == ":" and not is_quoted:
            return line[:place], ":", line[place + 1 :]
    return line, "", ""
