"""A provider of text messages that really gets them, and a colleague with a proven number."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.providers.sms_provider import FakeSMS

NUMBER = "+358401234567"


@pytest.fixture
def sms(settings: Any, own_buckets: None) -> Iterator[FakeSMS]:
    """A provider that the settings name."""
    with FakeSMS() as fake:
        settings.SMS = {"sms": fake.way("twilio")}
        settings.TRANSPORTS = {**settings.TRANSPORTS, "sms": "sms"}
        settings.FETCH_ALLOW = [f"127.0.0.1:{fake.port}"]
        yield fake


@pytest.fixture
def real(roles: None) -> Any:
    """A campaign that is no exercise."""
    from tests.support import builders

    campaign = builders.build_campaign("water", mode="live")
    builders.build_audience(campaign, size=3)
    return campaign


@pytest.fixture
def phone_of(sms: FakeSMS) -> Callable[..., Any]:
    """Return what gives a colleague a proven number, and has these matters come there."""

    from notifications.channels import addresses, wishes
    from notifications.channels.wishes import Reach
    from notifications.models import Notice
    from tests.support import builders

    def give(user: Any, *reaches: Reach, number: str = NUMBER, is_practice: bool = False) -> Any:
        made = addresses.take(user, "sms", number, is_practice=is_practice, campaign=None, at=builders.NOON)
        chosen = {reach: ["sms"] for reach in reaches}
        wishes.save(user, {Reach.URGENT: ["mail"], Reach.WAITS: ["mail"], Reach.NEWS: ["mail"], **chosen})
        Notice.objects.all().delete()
        return made

    return give


@pytest.fixture
def whatsapp(settings: Any, own_buckets: None) -> Iterator[Any]:
    """Meta's interface on this machine."""
    from tests.support.providers.whatsapp_api import WhatsAppApi

    settings.TRANSPORTS = {**settings.TRANSPORTS, "whatsapp": "whatsapp"}
    with WhatsAppApi() as running:
        for name, value in running.settings().items():
            setattr(settings, name, value)
        yield running
