"""What Meta posts to us of WhatsApp: proofs of its own, statuses in any order, words, presses and templates."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from delivery.fanout import fanout, stand_ins
from delivery.feedback import receipts
from delivery.message import verp
from delivery.models import (
    Channel,
    ChannelProof,
    Consent,
    ConsentText,
    Delivery,
    Mailing,
    Recipient,
    Send,
    Suppression,
    WhatsAppTemplate,
    WhatsAppWindow,
)
from delivery.recipients import channel_addresses, recipient_erasure
from delivery.sending import worker
from delivery.transports.whatsapp.transport import WhatsAppTransport
from influencers.models import AskedPartner
from tests.influencers.escalation import escalation_scene
from tests.support.builders import (
    NOON,
    build_audience,
    build_bulletin,
    build_campaign,
    build_influencer,
    build_recipients,
    build_send,
    published,
)
from tests.support.providers.whatsapp_api import VERIFY, change, refusal, signature

from .whatsapp_scene import states, template, work

State, Receipt = Delivery.State, Delivery.Receipt
NUMBER, USER = "+358401234560", "FI.13491208655302741918"
pytestmark = pytest.mark.django_db


@pytest.fixture
def number(api):
    """A number that its person has proven for what is urgent, an hour ago."""
    [person] = build_recipients(1)
    at = timezone.now() - timedelta(hours=1)
    return channel_addresses.take(person, Channel.WHATSAPP, NUMBER, wants=["urgent"], at=at)


def post(client, body, *, signed=None):
    headers = {"X-Hub-Signature-256": signature(body) if signed is None else signed}
    return client.post(reverse("webhooks:whatsapp"), body, content_type="application/json", headers=headers).status_code


def wrote(words="", *, name="wamid.in1", number=NUMBER, ago=0, **more):
    at = str(int((timezone.now() - timedelta(seconds=ago)).timestamp()))
    said = {"from": number.lstrip("+"), "id": name, "timestamp": at, "type": "text", "text": {"body": words}, **more}
    return change(messages=[said], contacts=[{"wa_id": number.lstrip("+"), "profile": {"name": "Elli"}}])


def hidden(words="", *, user=USER, name="wamid.hidden", in_message=True, **more):
    """What somebody writes who hides their number behind a user name."""
    said = {"id": name, "timestamp": str(int(timezone.now().timestamp())), "type": "text", "text": {"body": words}}
    who = {"from_user_id": user} if in_message else {}
    sender = {"user_id": user, "profile": {"name": "Elli", "username": "elli"}}
    return change(messages=[{**said, **who, **more}], contacts=[sender])


def status(name, state, **more):
    return {"id": name, "status": state, "timestamp": "1774432800", "recipient_id": NUMBER.lstrip("+"), **more}


def test_meta_sees_that_the_address_is_ours(client, api, settings):
    address = reverse("webhooks:whatsapp")
    said = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY}

    assert client.get(address, said).content == b"1158201444"
    for wrong in ({"hub.verify_token": "guessed"}, {"hub.mode": "unsubscribe"}):
        assert client.get(address, said | wrong).status_code == 403
    settings.WHATSAPP_TOKEN = ""
    assert client.get(address, said).status_code == 404


def test_posts_that_nobody_vouches_for_and_strange_ones_change_nothing(client, number):
    stop = wrote("STOP")
    for signed in ("", "sha256=0", signature(stop, "another"), signature(stop)[7:], signature(stop + b" ")):
        assert post(client, stop, signed=signed) == 403
    for strange in (
        b"[]",
        b"<html>",
        b'{"entry": 7}',
        b'{"entry": [{"changes": [{"value": []}]}]}',
        change(messages=[{}]),
    ):
        assert post(client, strange) == 200
    other = wrote("STOP").replace(b"106540352242922", b"99")  # another number of the same app
    assert post(client, other) == 200

    assert Recipient.objects.get(pk=number.pk).state == "active" and not WhatsAppWindow.objects.exists()


def test_statuses_come_late_doubled_and_in_any_order(client, send, api):
    api.answers = [None]  # the reply of the first is lost: only our mark tells which it was
    work(send)
    first, second, third = Delivery.objects.of(send).order_by("pk")
    assert states(send)[0][0] == State.QUEUED
    mark = {"biz_opaque_callback_data": verp.delivery_mark(first.pk)}
    bad = {"errors": [{"code": 131026, "title": "Message undeliverable", "error_data": {"details": "x"}}]}
    said = [
        status(second.provider_id, "read"),
        status(second.provider_id, "delivered"),
        status(second.provider_id, "sent"),
        status("wamid.lost", "delivered", **mark),
        status(third.provider_id, "failed", **bad),
        status("wamid.of-nobody", "delivered"),
        status(third.provider_id, "shredded"),
    ]

    for _twice in range(2):
        assert post(client, change(statuses=said)) == 200
    receipts.apply(at=timezone.now())

    for row in (first, second, third):
        row.refresh_from_db()
    assert [row.receipt for row in (first, second, third)] == [Receipt.DELIVERED, Receipt.DELIVERED, Receipt.BOUNCED]
    assert {row.state for row in (first, second, third)} == {State.ACCEPTED}
    assert list(Suppression.objects.values_list("address_hash", flat=True)) == [third.recipient.address_hash]


@pytest.fixture
def words_went(send, api):
    """A row that went as its words, of a send that is over and began when the clock says; whom it fails gets a bulletin by mail."""
    row = Delivery.objects.of(send).order_by("pk")[0]
    WhatsAppWindow.objects.create(recipient=row.recipient, wrote_at=NOON)
    work(send)
    assert [one["type"] for one in api.asked] == ["text", "template", "template"]
    Send.objects.filter(pk=send.pk).update(state="finished", finished_at=NOON, fanned_out_at=timezone.now())
    Mailing.objects.filter(pk=send.mailing_id).update(queue="bulletin")
    build_send(send.audience, send.mailing, slot_key="mail")
    row.refresh_from_db()
    return row


def too_late(row, **more):
    return change(statuses=[status(row.provider_id, "failed", errors=[{"code": 131047}], **more)])


def work_now(send):
    worker.work(send.pk, clock=lambda: timezone.now() + timedelta(seconds=5))


def test_words_for_which_it_was_too_late_as_meta_says_later_go_once_more_as_a_template(client, words_went, send, api):
    first = too_late(words_went, biz_opaque_callback_data=verp.delivery_mark(words_went.pk))
    for _doubled in range(2):
        post(client, first)
    assert states(send)[0] == (State.QUEUED, "131047") and not WhatsAppWindow.objects.exists()
    work_now(send)
    post(client, first)

    assert [one["type"] for one in api.asked[3:]] == ["template"] and api.asked[3]["to"] == api.asked[0]["to"]
    assert {state for state, _code in states(send)} == {State.ACCEPTED} and not Suppression.objects.exists()
    assert stand_ins.plan_due(at=timezone.now()) == 0
    words_went.refresh_from_db()
    assert words_went.receipt == Receipt.NONE and words_went.provider_id == "wamid.4"
    post(client, change(statuses=[status("wamid.4", "delivered")]))
    receipts.apply(at=timezone.now())
    words_went.refresh_from_db()
    assert words_went.receipt == Receipt.DELIVERED


def test_what_meta_says_twice_of_a_row_counts_as_a_bounce(client, words_went, send, api):
    post(client, too_late(words_went))
    work_now(send)
    words_went.refresh_from_db()
    post(client, too_late(words_went))
    work_now(send)

    words_went.refresh_from_db()
    assert (words_went.state, words_went.receipt) == (State.ACCEPTED, Receipt.BOUNCED) and len(api.asked) == 4


@pytest.mark.parametrize("why", ["no_template", "replaced", "cancelled", "deadline", "yesterday"])
def test_where_no_template_may_go_it_counts_as_a_bounce_at_once(client, words_went, send, api, why):
    now = timezone.now()
    if why == "no_template":
        WhatsAppTemplate.objects.update(status="PAUSED")
    if why == "replaced":
        Mailing.objects.filter(pk=send.mailing_id).update(superseded_by=send.mailing_id)
    fields = {
        "cancelled": {"state": "cancelled"},
        "deadline": {"deadline": now - timedelta(minutes=1)},
        "yesterday": {"fanned_out_at": now - timedelta(hours=25)},
    }
    Send.objects.filter(pk=send.pk).update(**fields.get(why, {"counted_at": now}))

    post(client, too_late(words_went))

    words_went.refresh_from_db()
    assert (words_went.state, words_went.receipt) == (State.ACCEPTED, Receipt.BOUNCED)
    assert not WhatsAppWindow.objects.exists() and len(api.asked) == 3
    if why == "no_template":
        assert stand_ins.plan_due(at=timezone.now()) == 1


def test_stop_in_any_language_ends_it_and_an_old_one_does_not(client, number, api):
    post(client, wrote("STOP", name="wamid.old", ago=2 * 3600))  # from before the number was proven
    assert Recipient.objects.get(pk=number.pk).state == "active"

    post(client, wrote("Lopeta!"))

    row = Recipient.objects.get(pk=number.pk)
    assert (row.state, row.address) == ("left", "") and not row.consents.filter(withdrawn_at=None)
    assert AuditEntry.objects.filter(verb="channel.stopped").count() == 1
    assert "Viestejä ei enää tule" in api.asked[-1]["text"]["body"] and len(api.asked) == 1


@pytest.mark.parametrize("learnt", ["status", "words"])
@pytest.mark.parametrize("in_message", [True, False])
def test_stop_of_somebody_who_hides_their_number_ends_it(client, number, api, learnt, in_message):
    known = {
        "status": change(statuses=[status("wamid.1", "delivered", recipient_user_id=USER)]),
        "words": wrote("What now?", from_user_id=USER),
    }
    post(client, hidden("STOP", name="wamid.before"))
    post(client, known[learnt])
    post(client, hidden("STOP", name="wamid.other", user="FI.1349120865530274191"))
    assert Recipient.objects.get(pk=number.pk).state == "active"
    assert USER not in str(Recipient.objects.values_list().get(pk=number.pk))

    for _doubled in range(2):
        post(client, hidden("Stop", in_message=in_message))

    row = Recipient.objects.get(pk=number.pk)
    assert (row.state, row.address, row.user_hash) == ("left", "", "")
    assert not row.consents.filter(withdrawn_at=None) and not row.channel_choices.exists()
    assert AuditEntry.objects.filter(verb="channel.stopped").count() == 1
    assert api.asked[-1]["to"] == NUMBER and "Viestejä ei enää tule" in api.asked[-1]["text"]["body"]
    assert len([one for one in api.asked if "ei enää" in one["text"]["body"]]) == 1


def test_who_hides_their_number_opens_the_day_and_may_switch_us_off(client, number, api):
    post(client, change(statuses=[status("wamid.1", "read", recipient_user_id=USER)]))
    post(client, hidden("What now?"))
    assert WhatsAppWindow.objects.get().recipient == number and "/conversation/" in api.asked[-1]["text"]["body"]

    said = {"user_id": USER, "value": "stop", "timestamp": int(timezone.now().timestamp())}
    post(client, change("user_preferences", user_preferences=[said]))

    assert Recipient.objects.get(pk=number.pk).state == "left"


def test_whose_number_it_is_is_known_from_its_proof_and_forgotten_with_it(client, number, api):
    template("code", "en"), template("code", "fi")
    [person] = build_recipients(1, prefix="next")
    now = timezone.now()
    proof = channel_addresses.ask(person, Channel.WHATSAPP, "+358401234999", campaign=build_campaign(), at=now)
    said = status("wamid.code", "delivered", recipient_user_id=USER) | {"recipient_id": "358401234999"}
    post(client, change(statuses=[said]))
    proof.refresh_from_db()
    assert len(proof.user_hash) == 64

    made = channel_addresses.take(person, Channel.WHATSAPP, proof.address, wants=["urgent"], at=now)
    assert made.user_hash == proof.user_hash
    channel_addresses.ask(person, Channel.WHATSAPP, "+358401234998", campaign=build_campaign("two"), at=now)
    assert person.channel_proofs.get().user_hash == ""  # another number is perhaps another person's
    recipient_erasure.forget_address(person, at=now)

    assert not Recipient.objects.exclude(user_hash="").exists() and not ChannelProof.objects.exists()
    post(client, hidden("STOP"))
    assert Recipient.objects.get(pk=number.pk).state == "active"


def test_who_switches_us_off_in_whatsapp_has_left(client, number):
    said = {
        "wa_id": NUMBER.lstrip("+"),
        "category": "marketing_messages",
        "timestamp": str(int(timezone.now().timestamp())),
    }

    post(client, change("user_preferences", user_preferences=[{**said, "value": "resume"}]))
    assert Recipient.objects.get(pk=number.pk).state == "active"
    post(client, change("user_preferences", user_preferences=[{**said, "value": "stop"}]))

    assert Recipient.objects.get(pk=number.pk).state == "left"


def test_other_words_open_the_day_and_are_answered_with_a_link_twice_at_most(client, number, api):
    for n in range(4):
        for _doubled in range(2):
            post(client, wrote("What now?", name=f"wamid.in{n}", ago=60 * n))

    said = [one["text"]["body"] for one in api.asked]
    assert len(said) == 2 and "/conversation/" in said[0]
    window = WhatsAppWindow.objects.get(recipient=number)
    assert timezone.now() - window.wrote_at < timedelta(seconds=30)  # the newest, in whatever order they come
    post(client, wrote("STOP", name="wamid.end"))
    assert not WhatsAppWindow.objects.exists()


def test_a_number_that_nobody_has_proven_gets_no_answer(client, api):
    assert post(client, wrote("Hello", number="+358409999999")) == 200
    assert not api.asked and not WhatsAppWindow.objects.exists()


def test_what_becomes_of_a_template_is_kept(client, api):
    row = template()

    said = {"event": "PAUSED", "message_template_name": row.name, "message_template_language": "fi"}
    post(client, change("message_template_status_update", **said))

    row.refresh_from_db()
    assert row.status == WhatsAppTemplate.Status.PAUSED


def test_one_press_under_an_urgent_message_says_that_it_was_seen(client, roles, api):
    live = build_campaign("live", mode="live", published_at=NOON)
    close, _wide = escalation_scene.tiers(live)
    elli = escalation_scene.partner(live, "elli", close)
    address = channel_addresses.take(elli.recipient, Channel.WHATSAPP, NUMBER, wants=["urgent"], at=NOON)
    template("seen", address.language), template("words", address.language)
    bulletin = build_bulletin(live, audiences=[close], urgency="urgent", asks_seen=True)
    for edition in bulletin.editions.all():
        edition.variants.create(platform="whatsapp", caption="Boil your water.")
    send = published(bulletin).mailing.sends.get(channel="whatsapp")
    fanout.fan_out(send, at=NOON)
    work(send)
    _body, button = api.asked[0]["template"]["components"]
    assert (button["sub_type"], button["index"]) == ("quick_reply", "0")
    press = {"type": "button", "button": {"text": "I have seen it", "payload": button["parameters"][0]["payload"]}}

    for name in ("wamid.a", "wamid.b"):
        post(client, wrote(name=name, **press))

    seen = AskedPartner.objects.exclude(seen_at=None)
    assert list(seen.values_list("influencer", "channel")) == [(elli.pk, "whatsapp")]
    assert "noted" in api.asked[1]["text"]["body"] and WhatsAppWindow.objects.get().recipient == address
    # Within the day it goes as its words, with a button of ours under them.
    message = WhatsAppTransport("whatsapp").compiled(
        send.mailing.messages.get(language=address.language, channel="whatsapp"), at=NOON
    )
    assert message.words["interactive"]["action"]["buttons"][0]["reply"]["id"] == press["button"]["payload"]


def test_a_number_is_proven_by_a_template_and_the_words_of_the_consent_are_kept(signed_in, roles, api):
    live = build_campaign("live", mode="live", published_at=NOON)
    elli = build_influencer(live, "elli", audience=build_audience(live), language="en")
    client = signed_in(elli.user)
    args = {"args": ["whatsapp"]}

    refused = client.post(reverse("influencers:channel_ask", **args), {"number": "040 123 4560"})
    assert refused.status_code == 422 and not api.asked  # no template for codes yet

    template("code", "en", code="en_US")
    api.answers = [(400, refusal(131026, "Message undeliverable"))]
    assert client.post(reverse("influencers:channel_ask", **args), {"number": "040 123 4560"}).status_code == 422
    assert client.post(reverse("influencers:channel_ask", **args), {"number": "(040) 123-4560"}).status_code == 302
    said = api.asked[-1]["template"]
    body, button = said["components"]
    code = body["parameters"][0]["text"]
    assert (api.asked[-1]["to"], said["language"]) == (NUMBER, {"code": "en_US"}) and len(code.replace(" ", "")) == 6
    assert (button["sub_type"], button["parameters"][0]["text"]) == ("url", code)
    page = client.get(reverse("influencers:channels")).content.decode()
    assert "Send me on WhatsApp" in page and "<b>Ministry</b>" in page

    client.post(reverse("influencers:channel_prove", **args), {"code": code, "wants": ["urgent"]})

    consent = Consent.objects.get(recipient=elli.recipient.other_addresses.get())
    words = ConsentText.objects.get(version=consent.text_version, language="en").words
    assert consent.source == "portal" and consent.confirmed_at and "STOP" in words and "WhatsApp" in words
