"""What stops WhatsApp before the first message: secrets, our address, and whether Meta knows us."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from delivery.models import WhatsAppTemplate
from delivery.transports.sms.providers import plain

from . import cloud

FIELDS = "display_phone_number,verified_name,quality_rating,throughput"
SHORTEST = 20


def findings() -> Iterator[tuple[str, str]]:
    """Yield (what is wrong, what to do) of the settings; nothing where WhatsApp is not set up."""
    if not settings.WHATSAPP_TOKEN:
        return
    if len(settings.WHATSAPP_VERIFY) < SHORTEST:
        yield (
            f"WHATSAPP_VERIFY has fewer than {SHORTEST} characters, so others could have Meta's webhook moved.",
            "Set it, here and at Meta, to what this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(30))'",
        )
    if not settings.WHATSAPP_URL.startswith("https:"):
        yield (
            f"WhatsApp messages go to {settings.WHATSAPP_URL} without TLS, which is for trials only.",
            "Unset WHATSAPP_URL.",
        )
    if urlsplit(settings.PUBLIC_URL).scheme != "https":
        yield (
            "PUBLIC_URL is not https, so Meta reports nothing of WhatsApp messages, and nobody's STOP arrives.",
            "Set PUBLIC_URL=https://your.domain.",
        )


def reach() -> str:
    """Ask Meta about our number and return what it says in a line. Nothing is sent. Raise ValueError with what is wrong, or FetchFault."""
    found, fault = cloud.ask(f"{settings.WHATSAPP_PHONE}?fields={FIELDS}")
    if fault:
        raise ValueError(fault)
    said = [plain(found.get(name)) for name in ("verified_name", "display_phone_number", "quality_rating")]
    usable = WhatsAppTemplate.objects.usable().count()
    return f"{', '.join(part for part in said if part)}; {usable} templates may be sent"
