"""Meta's interface on this machine, and a send by WhatsApp."""

import pytest

from tests.support.providers.whatsapp_api import WhatsAppApi


@pytest.fixture
def api(settings, own_buckets):
    settings.TRANSPORTS = {**settings.TRANSPORTS, "whatsapp": "whatsapp"}
    with WhatsAppApi() as running:
        for name, value in running.settings().items():
            setattr(settings, name, value)
        yield running


@pytest.fixture
def planned(db, api):
    """Return a planned send of an urgent mailing by WhatsApp to three people; a template for its words is approved."""
    from delivery.models import Channel, Message, Recipient
    from tests.delivery.fanout.test_channels import address_of
    from tests.support.builders import build_audience, build_campaign, build_mailing, build_send

    from .whatsapp_scene import TEXT, template

    campaign = build_campaign("live", mode="live")
    audience = build_audience(campaign, size=3, kind="influencers")
    for number, person in enumerate(Recipient.objects.filter(memberships__audience=audience).order_by("pk")):
        address_of(person, f"+35840123456{number}", "urgent", channel=Channel.WHATSAPP)
    mailing = build_mailing(campaign, queue="urgent")
    Message.objects.freeze([Message(mailing=mailing, channel=Channel.WHATSAPP, language="fi", subject="t", text=TEXT)])
    template()
    return build_send(audience, mailing, channel=Channel.WHATSAPP, slot_key="wa")


@pytest.fixture
def send(planned):
    from delivery.fanout import fanout
    from tests.support.builders import NOON

    fanout.fan_out(planned, at=NOON)
    return planned
