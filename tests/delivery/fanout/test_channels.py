"""A mailing by several channels: who gets it by which, whose consent and membership count, and where an exercise's go."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from config.desk import today_sends
from delivery.fanout import fanout
from delivery.links import seen_links
from delivery.models import Channel, ChannelChoice, Consent, Delivery, Message, Recipient, Send, Wanted
from delivery.models.sends import ASKS_SEEN
from delivery.recipients import recipient_erasure
from delivery.sending import worker
from tests.support.builders import NOON, build_audience, build_mailing, build_send, states_of

State = Delivery.State


@pytest.fixture
def audience(campaign, settings):
    settings.EXERCISE_CHANNELS = ["sms"]
    return build_audience(campaign, size=3, languages=["fi", "sv"], kind="influencers")


def people_of(audience):
    return list(Recipient.objects.filter(memberships__audience=audience).order_by("pk"))


def address_of(person, number, *wants, channel=Channel.SMS):
    """Give somebody a proven address of another channel, with what they want by it."""
    made = Recipient.objects.create(channel=channel, address=number, person=person, language="en")
    Consent.objects.create(
        recipient=made,
        purpose=Consent.Purpose.BULLETINS,
        text_version="1",
        language="fi",
        source="portal",
        given_at=NOON,
        confirmed_at=NOON,
    )
    ChannelChoice.objects.bulk_create(ChannelChoice(recipient=made, wants=one) for one in wants)
    return made


def sends_of(audience, *, queue):
    """Plan a mailing by mail and as a text message, fanned out; return the two sends."""
    mailing = build_mailing(audience.campaign, queue=queue)
    Message.objects.freeze(
        [
            Message(mailing=mailing, channel=Channel.SMS, language=code, subject="t", text=f"sms {code}")
            for code in ("fi", "sv")
        ]
    )
    sends = [
        build_send(audience, mailing=mailing, channel=channel, slot_key=f"k-{channel}")
        for channel in (Channel.MAIL, Channel.SMS)
    ]
    for send in sends:
        fanout.fan_out(send, at=NOON)
    return sends


def reached(send):
    return set(Delivery.objects.filter(send=send).values_list("recipient", flat=True))


def test_urgent_word_comes_by_mail_and_by_each_chosen_channel_in_the_language_of_the_person(audience):
    ann, ben, cai = people_of(audience)
    phone = address_of(ann, "+358401", Wanted.URGENT)
    address_of(ben, "+358402", Wanted.BULLETINS)

    mail, sms = sends_of(audience, queue="urgent")

    assert reached(mail) == {ann.pk, ben.pk, cai.pk} and reached(sms) == {phone.pk}
    assert Delivery.objects.get(send=sms).language == ann.language


def test_anything_else_comes_by_one_channel_and_by_mail_where_the_chosen_one_does_not_work(audience):
    ann, ben, cai = people_of(audience)
    phone = address_of(ann, "+358401", Wanted.BULLETINS)
    broken = address_of(ben, "+358402", Wanted.BULLETINS)
    address_of(cai, "+358403", Wanted.URGENT)
    recipient_erasure.suppress(broken.address_hash, at=NOON)

    mail, sms = sends_of(audience, queue="bulletin")

    assert reached(mail) == {ben.pk, cai.pk}
    assert phone.pk in reached(sms)
    mailing = build_mailing(audience.campaign, "mailing-2")  # without words for text messages
    only = build_send(audience, mailing=mailing)
    fanout.fan_out(only, at=NOON)
    assert reached(only) == {ann.pk, ben.pk, cai.pk}


@pytest.mark.parametrize("step", ["membership", "consent", "erasure"])
def test_what_ends_before_the_hand_over_is_not_sent(audience, smtp_sink, step):
    ann = people_of(audience)[0]
    phone = address_of(ann, "+358401", Wanted.URGENT)
    _mail, sms = sends_of(audience, queue="urgent")

    if step == "membership":
        ann.memberships.update(left_at=NOON)
    elif step == "consent":
        phone.consents.update(withdrawn_at=NOON)
    else:
        with transaction.atomic():
            recipient_erasure.forget_address(ann, at=NOON)
    worker.work(sms.pk, clock=lambda: NOON + timedelta(seconds=1))

    assert states_of(sms) == {State.SUPPRESSED: 1} and not smtp_sink.caught


def test_a_text_message_of_an_exercise_comes_to_the_mail_catcher(audience, smtp_sink):
    ann = people_of(audience)[0]
    phone = address_of(ann, "+358401234567", Wanted.URGENT)
    _mail, sms = sends_of(audience, queue="urgent")

    worker.work(sms.pk, clock=lambda: NOON + timedelta(seconds=1))

    assert states_of(sms) == {State.ACCEPTED: 1}
    [caught] = smtp_sink.caught
    assert caught.recipient == f"{phone.pk}@sms.invalid"
    assert "+358401234567" in caught.message["To"] and f"sms {ann.language}" in caught.message.get_content()


def test_nobody_is_told_twice_on_one_channel_and_an_address_is_of_one_channel(audience):
    ann = people_of(audience)[0]
    address_of(ann, "+358401", Wanted.URGENT)
    _mail, sms = sends_of(audience, queue="urgent")
    again = build_send(audience, mailing=sms.mailing, channel=Channel.SMS, slot_key="again")

    assert fanout.fan_out(again, at=NOON) == 0 and Send.objects.get(pk=again.pk).candidates == 0
    for wrong in ({"channel": "sms", "email": "x@example.org"}, {"address": "+358409"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recipient.objects.create(language="fi", address_hash=str(wrong), **wrong)


def test_an_exercise_shows_the_button_of_a_channel_as_a_link(audience, smtp_sink, settings, client):
    settings.EXERCISE_CHANNELS = ["telegram"]
    chat = address_of(people_of(audience)[0], "4711", Wanted.URGENT, channel=Channel.TELEGRAM)
    mailing = build_mailing(audience.campaign, queue="urgent")
    asks = {ASKS_SEEN: str(mailing.pk)}
    Message.objects.freeze(
        [Message(mailing=mailing, channel=Channel.TELEGRAM, language=code, subject="t", text="Boil.", headers=asks)
         for code in ("fi", "sv")]
    )  # fmt: skip
    send = build_send(audience, mailing=mailing, channel=Channel.TELEGRAM, slot_key="k")
    fanout.fan_out(send, at=NOON)

    worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=1))

    [caught] = smtp_sink.caught
    link = re.search(rf"{re.escape(settings.PUBLIC_URL)}(\S+)", caught.message.get_content())
    token = link[1].rstrip("/").rpartition("/")[2]
    assert seen_links.read_seen(token) == (chat, mailing)
    assert Message.objects.filter(mailing=mailing, text="Boil.").count() == 2, "what is frozen stays as it is"


def test_the_desk_lists_no_send_by_a_channel_that_nobody_chose(audience, signed_in, alma):
    mail, sms = sends_of(audience, queue="urgent")
    assert (mail.candidates, sms.candidates) == (3, 0)
    assert list(Send.objects.chosen()) == [mail]
    assert today_sends.live_send(audience.campaign, at=NOON)["sends"] == [mail]
    listed = signed_in(alma).get(reverse("admin:delivery_send_changelist")).content.decode()
    assert f"/delivery/send/{mail.pk}/change/" in listed and f"/delivery/send/{sms.pk}/change/" not in listed
    waits = build_send(audience, mailing=build_mailing(audience.campaign, "next"), channel=Channel.SMS, slot_key="next")
    assert waits in Send.objects.chosen(), "nobody knows yet who chooses it"
