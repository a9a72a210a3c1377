"""
What Telegram posts to us ("updates"), read: somebody pressed Start on a link of ours, left the bot, or pressed a button under a
message. Only who knows our secret is believed, and only a person's own chat counts: nothing else is kept or does anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from delivery.transports.sms.receipts import is_stop

from .bot import object_of

HEADER = "X-Telegram-Bot-Api-Secret-Token"
KINDS = ("message", "my_chat_member", "callback_query")  # the updates that we ask for

TOKEN = re.compile(r"[\w-]{1,64}", re.ASCII)  # what Telegram passes on of a link


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody pressed Start on a link of ours, which has a token, in a chat of theirs. `language` is that of their Telegram."""

    chat: str
    token: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody wants nothing more in a chat. `wrote` says that they said so in words and can still be answered."""

    chat: str
    wrote: bool
    language: str = ""


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody pressed Start without a link of ours."""

    chat: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Wrote:
    """Somebody wrote something else in a chat."""

    chat: str


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


def read(content: bytes) -> Linked | Left | Began | Wrote | Pressed | None:
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
    return written(str(number), message) if message else None


def written(chat: str, message: Mapping[str, Any]) -> Linked | Left | Began | Wrote:
    """Return what somebody wrote in a chat of theirs."""
    language = str(part(message, "from").get("language_code", ""))[:2].lower()
    text = str(message.get("text", ""))
    words = text.split()
    command = words[0].lower().partition("@")[0] if words else ""  # "/stop@our_bot" is how some clients complete it
    if command == "/start" and len(words) == 2 and TOKEN.fullmatch(words[1]):
        return Linked(chat, words[1], language)
    if command == "/start" and len(words) == 1:
        return Began(chat, language)
    if command == "/stop" or is_stop(text):
        return Left(chat, wrote=True, language=language)
    return Wrote(chat)


def part(update: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside another, {} where there is none."""
    found = update.get(name)
    return found if isinstance(found, dict) else {}
