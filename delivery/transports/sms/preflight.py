"""What stops text messages before the first one: who they come from, how reports are believed, and whether the provider answers."""

import contextlib
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from lib.http.safe_fetch import checked, connected

from .providers import is_service

ANSWER_SECONDS = 5.0
NAME = re.compile(r"[A-Za-z]")
REGISTERED = (
    "In Finland names of senders have to be authorised by Traficom since May 2026, others are blocked or replaced: apply there "
    "for the name, and tell your provider the authorisation"
)


def findings() -> Iterator[tuple[str, str]]:
    """Yield (what is wrong, what to do) of the settings; nothing where text messages are not set up."""
    if settings.SMS and "sms" not in settings.SMS:
        yield (
            "BACKUP_SMS_URL is set without SMS_URL, so no text message leaves: the second provider only stands in for a first.",
            "Set SMS_URL to the provider, and BACKUP_SMS_URL only where there are two.",
        )
    for way, one in settings.SMS.items():
        variable = "SMS_SENDER" if way == "sms" else "BACKUP_SMS_SENDER"
        if not one["sender"]:
            yield (
                f"{variable} is not set, so nobody sees who a text message comes from and providers refuse it.",
                f"Set {variable} to a name of at most 11 letters, or a number. {REGISTERED}.",
            )
        if is_service(one["sender"]) and one["provider"] != "twilio":
            yield (
                f"{variable} is a messaging service of Twilio, which the other provider does not know.",
                f"Set {variable} to a name or a number.",
            )
        if one["url"].startswith("http:"):
            yield (
                f"Text messages go to {one['url']}, which is on this machine and for trials only.",
                "Name the provider's own address.",
            )
        if one["provider"] == "json" and len(settings.SMS_KEY) < 20:
            yield (
                "SMS_KEY is missing or short, so reports and STOPs of the provider are refused.",
                "Set it, here and at the provider, to what this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(30))'",
            )
    if settings.SMS and urlsplit(settings.PUBLIC_URL).scheme != "https":
        yield (
            "PUBLIC_URL is not https, so providers report nothing of text messages, and nobody's STOP arrives.",
            "Set PUBLIC_URL=https://your.domain.",
        )


def advice() -> str:
    """Return what to see to outside the settings, "" for nothing: a name as the sender is authorised, or is not."""
    named = sorted({one["sender"] for one in settings.SMS.values() if has_a_name(one["sender"])})
    return f"{', '.join(named)}: {REGISTERED}" if named else ""


def has_a_name(sender: str) -> bool:
    """Return whether a sender is shown as a name, not as a number."""
    return bool(NAME.search(sender)) and not is_service(sender)


def reach(way: str) -> str:
    """Connect to a way's provider and return its host. Nothing is sent. Raise FetchFault."""
    host, port, scheme = checked(settings.SMS[way]["url"])
    with contextlib.closing(connected(host, port, scheme, time.monotonic() + ANSWER_SECONDS)):
        return host
