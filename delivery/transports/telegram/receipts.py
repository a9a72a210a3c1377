"""
What Telegram posts to us ("updates"), read: somebody pressed Start on a link of ours, left the bot, or pressed a button under a
message. Only who knows our secret is believed, and only a person's own chat counts: nothing else is kept or does anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from .bot import object_of

HEADER = "X-Telegram-Bot-Api-Secret-Token"
KINDS = ("message", "my_chat_member", "callback_query")  # the updates that we ask for

STOP = {"/stop", "stop", "lopeta", "stopp", "sluta"}


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody pressed Start on a link of ours, which has a token, in a chat of theirs."""

    chat: str
    token: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody wants nothing more in a chat. `wrote` says that they said so in words and can still be answered."""

    chat: str
    wrote: bool


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button under a message, which says a word and what follows it. `name` is Telegram's own for the press."""

    name: str
    chat: str
    word: str
    rest: str


def is_believed(headers: Mapping[str, str]) -> bool:
    """Tell whether an update comes from who knows our secret."""
    return constant_time_compare(headers.get(HEADER, ""), settings.TELEGRAM_SECRET)


def read(content: bytes) -> Linked | Left | Pressed | None:
    """Return what an update says, None for anything that is not for us."""
    update = object_of(content)
    if pressed := part(update, "callback_query"):
        word, _colon, rest = str(pressed.get("data", "")).partition(":")
        return Pressed(str(pressed.get("id", "")), str(part(pressed, "from").get("id", "")), word, rest)
    message, member = part(update, "message"), part(update, "my_chat_member")
    chat = part(member or message, "chat")
    number = chat.get("id")
    if chat.get("type") != "private" or not isinstance(number, int) or number <= 0:
        return None
    if member:
        return Left(str(number), wrote=False) if part(member, "new_chat_member").get("status") == "kicked" else None
    words = str(message.get("text", "")).split()
    if words[:1] == ["/start"] and len(words) == 2:
        return Linked(str(number), words[1])
    return Left(str(number), wrote=True) if words and words[0].lower() in STOP else None


def part(update: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside another, {} where there is none."""
    found = update.get(name)
    return found if isinstance(found, dict) else {}
