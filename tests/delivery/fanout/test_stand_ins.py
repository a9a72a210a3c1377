"""Where a chosen channel fails for good: its person gets a bulletin by mail after all, at once, and once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from delivery.fanout import fanout, stand_ins
from delivery.models import Channel, Delivery, Message, ProviderEvent, Send, Wanted
from delivery.reports import csv_record, ledger
from delivery.sending import dispatch
from tests.support.builders import NOON, build_audience, build_mailing, build_send

from .test_channels import address_of, people_of, reached, sends_of

State = Delivery.State
SOON = NOON + timedelta(seconds=20)


@pytest.fixture
def audience(campaign, settings):
    settings.EXERCISE_CHANNELS = ["sms", "push"]
    return build_audience(campaign, size=3, languages=["fi", "sv"], kind="influencers")


@pytest.fixture
def scene(audience):
    """Ann and Ben chose text messages, Cai did not; return the people, and the sends by mail and as text messages."""
    people = people_of(audience)
    for number, person in enumerate(people[:2]):
        address_of(person, f"+35840{number}", Wanted.BULLETINS)
    return (*people, *sends_of(audience, queue="bulletin"))


def become(send, person, state, **fields):
    """Let a row end so, and the rest of the send have left."""
    rows = Delivery.objects.filter(send=send)
    rows.filter(state=State.QUEUED).exclude(recipient__person=person).update(state=State.ACCEPTED, finished_at=NOON)
    rows.filter(recipient__person=person).update(state=state, finished_at=NOON, **fields)


def sends_instead(send):
    return list(Send.objects.filter(instead_of=send).order_by("pk"))


@pytest.mark.both
@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (State.FAILED, {"code": "403 5.1.1", "detail": "blocked by the user"}),
        (State.SUPPRESSED, {}),
        (State.ACCEPTED, {"receipt": Delivery.Receipt.BOUNCED}),
    ],
)
def test_whom_the_chosen_channel_fails_gets_it_by_mail_and_once(scene, state, fields):
    ann, ben, cai, mail, sms = scene
    become(sms, ann, state, **fields)

    for _twice in range(2):
        stand_ins.plan_due(at=SOON)
    dispatch.start_due_sends(at=SOON)

    [instead] = sends_instead(sms)
    assert reached(instead) == {ann.pk} and reached(mail) == {cai.pk}
    assert instead.channel == Channel.MAIL and instead.state == Send.State.SENDING
    assert not stand_ins.plan_due(at=SOON)  # it waits there
    Delivery.objects.filter(send=instead).update(state=State.ACCEPTED)
    assert not stand_ins.plan_due(at=SOON) and sends_instead(sms) == [instead]

    # The row that failed stays, and each ledger adds up by itself.
    both = ledger.ledger_of([mail, sms, instead])
    assert all(row.adds_up for row in (*both.rows, both.total)) and both.total.candidates == 4
    failed = Delivery.objects.get(send=sms, recipient__person=ann)
    assert (failed.state, failed.receipt) == (state, fields.get("receipt", 0))
    assert stand_ins.row_instead(failed) == Delivery.objects.get(send=instead)
    assert stand_ins.row_instead(Delivery.objects.get(send=sms, recipient__person=ben)) is None
    record = b"".join(csv_record.record_of(sms, with_addresses=False)).decode()
    told = {line.rpartition(",")[2] for line in record.splitlines()[1:]}
    assert told == {"", str(Delivery.objects.get(send=instead).pk)}


def test_the_pages_of_both_sends_and_of_the_row_say_so(scene, root, signed_in):
    ann, _ben, _cai, _mail, sms = scene
    become(sms, ann, State.FAILED, code="21614 5.1.1")
    stand_ins.plan_due(at=SOON)
    dispatch.start_due_sends(at=SOON)
    [instead] = sends_instead(sms)
    desk = signed_in(root)

    def shown(name, pk):
        return desk.get(reverse(f"admin:delivery_{name}_change", args=[pk])).content.decode()

    assert reverse("admin:delivery_send_change", args=[instead.pk]) in shown("send", sms.pk)
    page = shown("send", instead.pk)
    assert "by email instead" in page and reverse("admin:delivery_send_change", args=[sms.pk]) in page
    failed, went = (
        Delivery.objects.get(send=one, recipient__in=[ann, *ann.other_addresses.all()]) for one in (sms, instead)
    )
    assert reverse("admin:delivery_delivery_change", args=[went.pk]) in shown("delivery", failed.pk)


@pytest.mark.parametrize("state", [State.UNKNOWN, State.DEFERRED, State.QUEUED, State.EXPIRED, State.SUPERSEDED])
def test_who_may_have_it_or_still_waits_for_it_is_not_told_by_mail(scene, state):
    ann, *_others, sms = scene
    become(sms, ann, state)
    assert not stand_ins.plan_due(at=SOON)


def test_a_device_that_is_gone_is_no_reason_while_another_has_it(audience):
    ann = people_of(audience)[0]
    gone, there = (address_of(ann, f"device {n}", Wanted.BULLETINS, channel=Channel.PUSH) for n in range(2))
    mailing = build_mailing(audience.campaign)
    Message.objects.freeze(
        [Message(mailing=mailing, channel=Channel.PUSH, language="fi", subject="t", text="Keitä vesi.")]
    )
    _mail, push = (
        build_send(audience, mailing=mailing, channel=channel, slot_key=f"k-{channel}")
        for channel in (Channel.MAIL, Channel.PUSH)
    )
    fanout.fan_out(_mail, at=NOON)
    fanout.fan_out(push, at=NOON)
    Delivery.objects.filter(recipient=gone).update(state=State.FAILED)

    assert not stand_ins.plan_due(at=SOON)
    Delivery.objects.filter(recipient=there).update(state=State.FAILED)
    assert stand_ins.plan_due(at=SOON) == 1
    dispatch.start_due_sends(at=SOON)
    assert reached(sends_instead(push)[0]) == {ann.pk}


def test_urgent_word_has_gone_by_mail_already(audience):
    ann = people_of(audience)[0]
    address_of(ann, "+358401", Wanted.URGENT)
    mail, sms = sends_of(audience, queue="urgent")
    become(sms, ann, State.FAILED)

    assert ann.pk in reached(mail) and not stand_ins.plan_due(at=SOON)


@pytest.mark.parametrize("stopped", ["mail cancelled", "superseded", "a day ago", "given up by staff"])
def test_what_was_stopped_or_is_old_goes_no_other_way(scene, stopped):
    ann, _ben, _cai, mail, sms = scene
    become(sms, ann, State.FAILED, code=Delivery.BY_STAFF if "staff" in stopped else "")
    at = NOON + timedelta(days=1, minutes=1) if "day" in stopped else SOON
    if stopped == "mail cancelled":
        mail.cancel()
    if stopped == "superseded":
        type(sms.mailing).objects.filter(pk=sms.mailing_id).update(
            superseded_by=build_mailing(sms.mailing.campaign, "next")
        )
    assert not stand_ins.plan_due(at=at)


def test_a_report_that_comes_hours_later_counts(scene):
    ann, _ben, _cai, _mail, sms = scene
    become(sms, ann, State.ACCEPTED, receipt=Delivery.Receipt.BOUNCED)
    Send.objects.filter(pk=sms.pk).update(state=Send.State.FINISHED, finished_at=NOON)
    later = NOON + timedelta(hours=5)
    assert not stand_ins.plan_due(at=later)

    row = Delivery.objects.get(send=sms, recipient__person=ann)
    ProviderEvent.objects.create(
        provider="twilio", event_id="1", kind="bounced", delivery=row, happened_at=later, processed_at=later
    )
    assert stand_ins.plan_due(at=later) == 1


def test_a_correction_reaches_who_had_the_first_version_by_a_channel_that_fails_now(audience):
    ann = people_of(audience)[0]
    address_of(ann, "+358401", Wanted.BULLETINS)
    _mail, sms = sends_of(audience, queue="bulletin")
    become(sms, ann, State.ACCEPTED)
    second = build_mailing(audience.campaign, "mailing-v2", thread=sms.mailing, queue="urgent")
    Message.objects.freeze([Message(mailing=second, channel=Channel.SMS, language="fi", subject="t", text="Oikaisu.")])
    by_mail, by_sms = (
        build_send(audience, mailing=second, channel=channel, slot_key=f"c-{channel}", exposed_only=True)
        for channel in (Channel.MAIL, Channel.SMS)
    )
    fanout.fan_out(by_mail, at=NOON)
    fanout.fan_out(by_sms, at=NOON)
    assert ann.pk not in reached(by_mail)
    become(by_sms, ann, State.FAILED)

    assert stand_ins.plan_due(at=SOON) == 1
    dispatch.start_due_sends(at=SOON)
    assert reached(sends_instead(by_sms)[0]) == {ann.pk}
