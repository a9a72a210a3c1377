"""What text messages cost: before a send, after it, and the limits that hold it as a whole."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.utils import timezone

from bulletins.models import Variant
from bulletins.publication import channel_costs
from delivery.models import (
    Channel,
    ChannelChoice,
    Delivery,
    MailerLimit,
    Message,
    Recipient,
    Send,
    SingleMessageCount,
    Wanted,
)
from delivery.recipients import recipient_erasure
from delivery.sending import dispatch
from delivery.throttle.admin import MailerLimitAdmin
from delivery.transports import costs
from tests.support.builders import NOON, agree, build_audience, build_bulletin, build_mailing, build_send

State = Delivery.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def audience(campaign):
    """Four influencers, three of them with a number for what is urgent; one of these reads Swedish."""
    audience = build_audience(campaign, size=4, language="fi", languages=["fi", "sv"], kind="influencers")
    people = list(Recipient.objects.filter(memberships__audience=audience).order_by("pk"))
    Recipient.objects.filter(pk=people[2].pk).update(language="sv")
    for n, person in enumerate(people[:3]):
        phone = Recipient.objects.create(channel="sms", address=f"+35840123456{n}", person=person, language="fi")
        agree([phone])
        ChannelChoice.objects.create(recipient=phone, wants=Wanted.URGENT)
    return audience


def price(amount="0.07", **fields):
    MailerLimit.objects.create(mailer="sms", price=amount and Decimal(amount), **fields)


def planned(audience, key="mailing"):
    """Plan a send of text messages: one part in Finnish, two in Swedish."""
    mailing = build_mailing(audience.campaign, key, queue="urgent")
    Message.objects.freeze(
        [
            Message(mailing=mailing, channel=Channel.SMS, language=code, subject="t", text=text)
            for code, text in (("fi", "Keitä."), ("sv", "x" * 161))
        ]
    )
    return build_send(audience, mailing=mailing, channel=Channel.SMS, slot_key=key)


def test_an_estimate_counts_those_who_chose_it_by_language(audience, settings, alma):
    settings.EXERCISE_CHANNELS = ["sms"]
    price()
    bulletin = build_bulletin(audience.campaign, audiences=[audience], urgency="urgent")
    assert channel_costs.of_messages(bulletin, at=NOON) == []
    for edition in bulletin.editions.all():
        text = "x" * 161 if edition.language == "sv" else "Keitä."
        Variant.objects.create(edition=edition, platform="sms", caption=text)

    [found] = channel_costs.of_messages(bulletin, at=NOON)

    assert {(line.language, line.people, line.parts) for line in found.lines} == {("fi", 2, 1), ("sv", 1, 2)}
    assert (found.people, found.parts, found.amount) == (3, 4, Decimal("0.28"))
    assert found.words == "4 parts, €0.28"
    recipient_erasure.suppress(Recipient.objects.filter(channel="sms").first().address_hash, at=NOON)
    assert channel_costs.of_messages(bulletin, at=NOON)[0].people == 2


def test_channels_that_cost_nothing_are_named_with_their_people(audience, settings, alma):
    settings.EXERCISE_CHANNELS = ["push", "telegram", "sms"]
    person = Recipient.objects.filter(channel="sms").first().person
    for n in range(2):  # two devices of one person
        device = Recipient.objects.create(
            channel="push", address=f"https://push.example/{n}", person=person, language="fi"
        )
        agree([device])
        ChannelChoice.objects.create(recipient=device, wants=Wanted.URGENT)
    bulletin = build_bulletin(audience.campaign, audiences=[audience], urgency="urgent")
    assert channel_costs.free_of_charge(bulletin) == []
    for platform in ("push", "telegram", "sms"):
        Variant.objects.create(
            edition=bulletin.editions.get(language="fi", reading_level="standard"), platform=platform, caption="Keitä."
        )

    assert channel_costs.free_of_charge(bulletin) == [(Channel.PUSH, 1)]


def test_an_estimate_says_which_limit_will_hold_it(audience, settings, alma):
    settings.EXERCISE_CHANNELS = ["sms"]
    price()
    bulletin = build_bulletin(audience.campaign, audiences=[audience], urgency="urgent")
    for edition in bulletin.editions.all():
        Variant.objects.create(edition=edition, platform="sms", caption="Keitä.")
    assert dispatch.start(planned(audience), at=NOON)  # four parts of today

    def held(**fields):
        MailerLimit.objects.update(**{"most_per_send": None, "most_per_day": None} | fields)
        return channel_costs.of_messages(bulletin, at=NOON)[0].held_words

    assert held() == held(most_per_send=3) == held(most_per_day=7) == ""
    assert held(most_per_send=2).startswith("More than the 2 that one send may have")
    assert held(most_per_day=6).startswith("With it, more than the 6 that one day may have")


def test_a_price_of_zero_is_said_and_so_is_none(audience):
    send = planned(audience)
    dispatch.start(send, at=NOON)
    assert "nobody has written" in costs.of_send(send, states=costs.TO_PAY).words
    price("0")
    assert costs.of_send(send, states=costs.TO_PAY).words == "4 parts, €0.00"


def test_what_has_left_or_may_have_is_paid_for(audience):
    price()
    send = planned(audience)
    dispatch.start(send, at=NOON)
    rows = Delivery.objects.of(send).order_by("language", "pk")
    for row, state in zip(rows, (State.ACCEPTED, State.FAILED, State.UNKNOWN), strict=True):
        Delivery.objects.filter(pk=row.pk).update(state=state)

    assert costs.of_send(send).parts == 3


def test_a_send_beyond_its_limit_is_held_whole_and_goes_when_released(audience):
    price(None, most_per_send=3)
    send = planned(audience)

    assert dispatch.start(send, at=NOON) is False

    send.refresh_from_db()
    assert send.state == Send.State.HELD and "more parts than a send" in send.reason
    assert Delivery.objects.of(send).count() == 3
    send.resume()
    assert Send.objects.get(pk=send.pk).state == Send.State.SENDING


def test_the_send_that_goes_beyond_a_day_is_held_and_the_next_day_begins_anew(audience):
    price(most_per_day=8)
    sends = [planned(audience, key) for key in ("one", "two", "three", "four")]

    assert [dispatch.start(send, at=NOON) for send in sends[:3]] == [True, True, False]
    assert dispatch.start(sends[3], at=NOON + timedelta(days=1)) is True


def test_what_staff_and_codes_cost_counts_into_the_day_that_holds_a_send(audience):
    price(most_per_day=8)
    for state in (State.ACCEPTED, State.UNKNOWN, State.FAILED):
        SingleMessageCount.count("sms", "staff", state, 3, is_exercise=True, at=NOON)
    SingleMessageCount.count("sms", "code", State.ACCEPTED, 1, is_exercise=False, at=NOON)

    assert dispatch.start(planned(audience), at=NOON) is False
    assert Send.objects.get().state == Send.State.HELD and "more parts than a day" in Send.objects.get().reason
    assert costs.of_day("sms", NOON, is_exercise=True).others == {"staff": 6}, "a failed one is not paid for"


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"])
def test_a_day_begins_at_midnight_by_the_clock_of_each_zone(db, zone):
    midnight = datetime(2026, 12, 1, tzinfo=ZoneInfo(zone))
    for minutes, parts in ((-1, 1), (0, 10), (10, 100), (24 * 60 - 1, 1000), (24 * 60, 10_000)):
        at = (midnight + timedelta(minutes=minutes)).astimezone(UTC)
        SingleMessageCount.count("sms", "staff", State.ACCEPTED, parts, is_exercise=False, at=at)

    assert costs.of_day("sms", midnight + timedelta(hours=12), is_exercise=False).others == {"staff": 1110}


def test_the_page_of_limits_says_what_today_cost(db):
    price(most_per_day=2)
    at = timezone.now()
    SingleMessageCount.count("sms", "staff", State.ACCEPTED, 2, is_exercise=False, at=at)
    MailerLimit.objects.create(mailer="default")

    page = MailerLimitAdmin(MailerLimit, admin.site)

    assert page.today(MailerLimit.objects.get(mailer="sms")) == "2 parts, €0.14 (to staff 2): as much as a day may have"
    assert page.today(MailerLimit.objects.get(mailer="default")) == "–"
