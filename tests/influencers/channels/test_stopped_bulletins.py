"""What goes on by which channel after somebody stopped the bulletins by their mail's link, or left, and what pages say of it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from delivery.fanout import fanout
from delivery.models import Channel, Message, Suppression, Wanted
from delivery.recipients import channel_addresses
from delivery.sending import hints
from influencers.profiles import offboarding
from tests.support import builders

pytestmark = pytest.mark.django_db

NOTHING_COMES = "You get no bulletins, neither by email nor by any other channel"
ALL_BY_MAIL = "Unless you choose otherwise, everything comes by email."
URGENT_ALWAYS = "Urgent email, and corrections to what you got, are sent immediately"


@pytest.fixture
def elli(roles, campaign, settings):
    """An influencer who chose text messages for what is urgent and for answers."""
    settings.EXERCISE_CHANNELS = ["sms"]
    audience = builders.build_audience(campaign, languages=["fi", "en"], kind="influencers")
    made = builders.build_influencer(campaign, "elli", audience=audience, language="en")
    wants = ["urgent", "answers"]
    channel_addresses.take(made.recipient, "sms", "+358401234567", wants=wants, at=builders.NOON)
    return made


@pytest.fixture
def client(signed_in, elli):
    return signed_in(elli.user)


def page(client, name):
    return " ".join(client.get(reverse(f"influencers:{name}")).content.decode().split())


def stop(client, elli, campaign):
    """Stop the bulletins by the link of a mail, and return the page that says so."""
    url = builders.unsubscribe_url(elli.recipient_id, builders.build_mailing(campaign).pk, "en")
    answer = client.post("/" + url.partition("//")[2].partition("/")[2])
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def reached(elli):
    """Return by which channels an urgent bulletin goes to anybody now."""
    [audience], now = elli.campaign.audiences.all(), timezone.now()
    mailing = builders.build_mailing(elli.campaign, "urgent-word", queue="urgent")
    Message.objects.freeze([Message(mailing=mailing, channel=Channel.SMS, language="en", subject="t", text="Boil it.")])
    sends = [
        builders.build_send(audience, mailing, slot_at=now, channel=channel, slot_key=f"k-{channel}")
        for channel in (Channel.MAIL, Channel.SMS)
    ]
    return [one.channel for one in sends if fanout.fan_out(one, at=now)]


def test_before_both_channels_carry_what_is_urgent(client, elli):
    assert reached(elli) == [Channel.MAIL, Channel.SMS]
    assert ALL_BY_MAIL in page(client, "channels") and NOTHING_COMES not in page(client, "channels")
    assert "All other bulletins, instead of by email" in page(client, "channels")
    assert URGENT_ALWAYS in page(client, "settings")


def test_after_a_stop_no_channel_carries_bulletins_and_answers_go_on_and_every_page_says_so(client, elli, campaign):
    said = stop(client, elli, campaign)

    at = timezone.now()
    assert reached(elli) == []
    way = hints.way_to(elli.recipient, Wanted.ANSWERS, campaign=campaign, at=at)
    assert way is not None and way.channel == Channel.SMS
    assert "They stop by every channel, by text message, WhatsApp, Telegram and notification too." in said
    assert "Answers to you and reminders go on" in said and reverse("influencers:channels") in said
    channels, settings_page = page(client, "channels"), page(client, "settings")
    assert NOTHING_COMES in channels and ALL_BY_MAIL not in channels and "It comes by email as well" not in channels
    assert reverse("joining:join") in channels
    assert "All other bulletins" in channels and "All other bulletins, instead" not in channels
    assert "That there is an answer to me, instead of by email." in channels
    assert "None comes by another channel either. Answers to you and reminders go on." in settings_page
    assert URGENT_ALWAYS not in settings_page and "Urgent word can come to your phone" not in settings_page


def test_where_only_the_mail_address_fails_other_channels_go_on_and_pages_say_so(client, elli):
    Suppression.objects.create(address_hash=elli.recipient.address_hash, reason="complaint")

    assert Channel.SMS in reached(elli)
    channels, settings_page = page(client, "channels"), page(client, "settings")
    assert "You get no bulletins by email. What you choose here comes all the same." in channels
    assert NOTHING_COMES not in channels and ALL_BY_MAIL not in channels
    assert "All other bulletins" in channels and "instead of by email" not in channels
    refused = client.post(reverse("influencers:channel_prove", args=["sms"]), {"code": "", "wants": ["bulletins"]})
    assert refused.status_code == 422 and "instead of by email" not in refused.content.decode()
    assert "You get no bulletins by email" in settings_page and URGENT_ALWAYS not in settings_page
    assert "None comes by another channel either." not in settings_page


def test_the_end_of_a_digest_says_nothing_of_channels(client, elli, campaign):
    mailing = builders.build_mailing(campaign, "digest-1", queue="digest")
    url = builders.unsubscribe_url(elli.recipient_id, mailing.pk, "en")
    assert "every channel" not in client.post("/" + url.partition("//")[2].partition("/")[2]).content.decode()


def test_leaving_ends_every_channel_and_says_so_before(client, elli, campaign):
    asked = page(client, "leave")
    assert "No more email, text messages, WhatsApp, Telegram or notifications, and no portal." in asked
    assert reverse("influencers:channels") in asked

    offboarding.leave(elli, by=None, at=timezone.now())

    assert reached(elli) == []
