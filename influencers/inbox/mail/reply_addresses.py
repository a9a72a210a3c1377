"""
The addresses and names by which a mail finds its way back into a conversation. Each carries a mark that nobody can guess,
so whoever has one got it from a mail of ours.
"""

import re

from delivery.links.signing import marks
from delivery.message import addresses

REPLY, ANSWER, MESSAGE = "influencers.reply", "influencers.answer", "influencers.message"
RETURNED = "influencers.message.return-path"
RETURN_MARK = "+talk-"  # what the return paths of the team's answers have before their mark
MARKED_ADDRESS = re.compile(r"[^@]*\+(reply|answer)-([^@+]{1,120})@[^@]+", re.IGNORECASE)


def reply_address(thread_id: int, *, replies: str) -> str:
    """Return the address that leads an influencer's mail into their thread. `replies` is the campaign's own."""
    return marked(replies, "reply", marks(REPLY).of(thread_id))


def answer_address(thread_id: int, user_id: int, seen: int, *, replies: str) -> str:
    """Return the address by which one of the team answers a thread, having seen its message `seen`."""
    return marked(replies, "answer", marks(ANSWER).of(thread_id, user_id, seen))


def marked(replies: str, word: str, mark: str) -> str:
    """Return an address of ours with a mark after a plus sign."""
    local, _at, domain = addresses.own_address(replies).rpartition("@")
    return f"{local}+{word}-{mark}@{domain}"


def thread_of_address(address: str) -> int | None:
    """Return the key of the thread whose influencer writes to this address, or None."""
    numbers = numbers_of(address, "reply", REPLY, 1)
    return numbers[0] if numbers else None


def answer_of_address(address: str) -> tuple[int, int, int] | None:
    """Return thread, person and last message seen of an address for the team, or None."""
    numbers = numbers_of(address, "answer", ANSWER, 3)
    return (numbers[0], numbers[1], numbers[2]) if numbers else None


def numbers_of(address: str, word: str, purpose: str, count: int) -> tuple[int, ...] | None:
    """Return what the mark of an address says, or None for another kind of address."""
    match = MARKED_ADDRESS.fullmatch(address.strip().strip("<>"))
    if match is None or match[1].lower() != word:
        return None
    return marks(purpose).numbers(match[2], count=count)


def message_id(message_id: int, domain: str) -> str:
    """Return the Message-ID of what the team said: the same at every attempt."""
    return f"<talk.{marks(MESSAGE).of(message_id)}@{domain}>"


def message_of_id(text: str) -> int | None:
    """Return the key of the message that a Message-ID names, or None."""
    local = text.strip().strip("<>").rpartition("@")[0].lower()
    if not local.startswith("talk."):
        return None
    numbers = marks(MESSAGE).numbers(local.removeprefix("talk."))
    return numbers[0] if numbers else None


def return_path(message_id: int, *, bounces: str) -> str:
    """Return where the bounces of what the team said come to. The Message-ID, which travels with replies, does not lead there."""
    local, _at, domain = bounces.rpartition("@")
    return f"{local}{RETURN_MARK}{marks(RETURNED).of(message_id)}@{domain}"


def message_of_return_mark(text: str) -> int | None:
    """Return the key of the message whose return path has such a mark ("+talk-5.ab12cd34ef56ab78"), or None."""
    numbers = marks(RETURNED).numbers(text.removeprefix(RETURN_MARK)) if text.startswith(RETURN_MARK) else None
    return numbers[0] if numbers else None
