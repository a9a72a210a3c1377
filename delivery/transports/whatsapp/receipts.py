"""
What Meta posts to us: what became of messages, what people wrote or pressed, and what became of templates. Only who knows the app's
secret is believed (X-Hub-Signature-256 over the body as it came). One post holds many things, in any order, and may come again.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from delivery.transports.sms.numbers import E164
from delivery.transports.sms.providers import plain
from delivery.transports.sms.receipts import BOUNCED, DELIVERED

from . import cloud

STATES = {"delivered": DELIVERED, "read": DELIVERED, "failed": BOUNCED}  # "sent" is what we know already
MOST_WORDS = 200  # characters of what somebody wrote that are looked at
USER = re.compile(
    r"[A-Z]{2}\.(?:ENT\.)?[0-9A-Za-z]{1,128}\Z"
)  # Meta's id of a person, by which it names who hides their number


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a message: DELIVERED or BOUNCED with our code; `mark` is ours. `number` and `user` as of what somebody wrote."""

    name: str
    state: str
    code: str
    mark: str
    happened_at: datetime | None
    number: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """
    What somebody wrote, or pressed: then `press` is what our button says. `name` is Meta's for it, `user` its id of the person, and
    `number` "" where they hide it.
    """

    name: str
    number: str
    words: str
    press: str
    wrote_at: datetime | None
    user: str = ""


@dataclass(frozen=True, slots=True)
class TemplateStatus:
    """What became of a template."""

    name: str
    code: str
    status: str


def is_signed(body: bytes, signature: str) -> bool:
    """Return whether a body is Meta's: HMAC-SHA256 (hex) of it under the app's secret, after "sha256="."""
    if not settings.WHATSAPP_SECRET:
        return False
    digest = hmac.new(settings.WHATSAPP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return constant_time_compare(f"sha256={digest}", signature)


def read(post: Mapping[str, Any]) -> Iterator[Status | Written | TemplateStatus]:
    """Yield what a believed post says that matters to us; whatever else it says is passed over, and so are other numbers of ours."""
    for entry in objects(post.get("entry")):
        for change in objects(entry.get("changes")):
            value = change.get("value")
            if not isinstance(value, dict):
                continue
            if change.get("field") == "message_template_status_update":
                yield template_of(value)
            elif change.get("field") == "messages" and is_ours(value):
                yield from filter(None, map(status_of, objects(value.get("statuses"))))
                senders = objects(value.get("contacts"))
                yield from filter(None, (written_of(one, senders) for one in objects(value.get("messages"))))
            elif change.get("field") == "user_preferences":
                yield from filter(None, map(preference_of, objects(value.get("user_preferences"))))


def is_ours(value: Mapping[str, Any]) -> bool:
    """Return whether it is about our number: an app may have several."""
    where = value.get("metadata")
    return isinstance(where, dict) and plain(where.get("phone_number_id")) == settings.WHATSAPP_PHONE


def status_of(said: Mapping[str, Any]) -> Status | None:
    """Return what a status says, None for one under way or unreadable."""
    name, state = plain(said.get("id")), STATES.get(plain(said.get("status")))
    if not name or state is None:
        return None
    code = ""
    if state == BOUNCED:
        first = next(iter(objects(said.get("errors"))), {})
        code, _words = cloud.error_of({"error": first})
        means = cloud.meaning_of(code)
        code = f"{code} {means}" if "." in means and means not in {cloud.LOCKED_OUT, cloud.TEMPLATE} else code
    mark = plain(said.get("biz_opaque_callback_data"))
    number, user = number_in(said.get("recipient_id")), user_in(said.get("recipient_user_id"))
    return Status(name, state, code[:20], mark, moment(said.get("timestamp")), number, user)


def written_of(said: Mapping[str, Any], senders: list[dict[str, Any]]) -> Written | None:
    """Return what somebody wrote or pressed, None for what has no name or says of nobody that they wrote it."""
    name, number, user = plain(said.get("id")), number_in(said.get("from")), user_in(said.get("from_user_id"))
    if not user and len(senders) == 1:
        user = user_in(senders[0].get("user_id"))
    if not name or not (number or user):
        return None
    button, interactive = part(said, "button"), part(part(said, "interactive"), "button_reply")
    words = plain(part(said, "text").get("body")) or plain(button.get("text")) or plain(interactive.get("title"))
    press = plain(button.get("payload")) or plain(interactive.get("id"))
    return Written(name, number, words[:MOST_WORDS], press, moment(said.get("timestamp")), user)


def preference_of(said: Mapping[str, Any]) -> Written | None:
    """Return as STOP that somebody switched our messages off in WhatsApp, None for anything else."""
    number, user = number_in(said.get("wa_id")), user_in(said.get("user_id"))
    if plain(said.get("value")) != "stop" or not (number or user):
        return None
    return Written(f"stop {plain(said.get('timestamp'))}", number, "STOP", "", moment(said.get("timestamp")), user)


def template_of(said: Mapping[str, Any]) -> TemplateStatus:
    """Return what became of a template."""
    return TemplateStatus(
        plain(said.get("message_template_name")),
        plain(said.get("message_template_language")),
        plain(said.get("event")),
    )


def number_in(value: object) -> str:
    """Return a number as we write it, "" for anything else."""
    number = f"+{plain(value).lstrip('+')}"
    return number if E164.match(number) else ""


def user_in(value: object) -> str:
    """Return Meta's id of a person, "" for anything else."""
    user = plain(value)
    return user if USER.match(user) else ""


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list, [] for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def part(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside another, {} where there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def moment(value: object) -> datetime | None:
    """Return seconds since 1970 as a moment, None for anything else."""
    digits = plain(value)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 11):
        return None
    return datetime.fromtimestamp(int(digits), UTC)
