"""
Headers of mail from outside, cut to what anyone reads of them before the library decodes them: its time grows with the
square of their length, and a subject of a megabyte took ten seconds each time that it was asked for.
"""

from email.message import Message as Mail
from email.policy import compat32

LONGEST = 10_000  # characters of one; those of programs end far below it, but for long lists of recipients
MOST = 500  # in one part
MOST_PARTS = 200  # that are looked at


def shorten(mail: Mail) -> None:
    """Cut the headers of a mail and of its parts, those of mails within it too; what is beyond is gone."""
    waiting, looked_at = [mail], 0
    while waiting and looked_at < MOST_PARTS:
        part, looked_at = waiting.pop(0), looked_at + 1
        # Their text as it came: to ask for a value, or to set one, is what takes the time; most of all with the policy that
        # Anymail reads with, which takes apart every value that is asked for.
        part.policy = compat32
        part._headers = [(name, cut(value)) for name, value in part.raw_items()][:MOST]  # type: ignore[attr-defined]
        waiting += within(part)


def within(part: Mail) -> list[Mail]:
    """
    Return the parts in a part; a text has none, and is not asked for: whoever asks the library for a text that is not to be
    decoded gets one decoded all the same when it has 8 bits, by whatever charset it names.
    """
    payload = part.get_payload() if part.is_multipart() else []
    return [inner for inner in payload if isinstance(inner, Mail)] if isinstance(payload, list) else []


def length_of(part: Mail) -> int:
    """Return how long the text of a part is as it came, without decoding it as `get_payload` would; 0 of a container."""
    payload = part._payload  # type: ignore[attr-defined]
    return len(payload) if isinstance(payload, str) else 0


def cut(value: object) -> object:
    """Return the text of a header, cut when it is too long."""
    return value[:LONGEST] if isinstance(value, str) and len(value) > LONGEST else value
