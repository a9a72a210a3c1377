"""What goes to Telegram and what its answers mean; how a chat is linked, and left."""

import json
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from delivery.models import Channel, Delivery, MailerHealth, Message, Recipient, Suppression
from delivery.recipients import channel_addresses
from delivery.sending import fanout, worker
from delivery.throttle import mail_rate
from influencers.models import AskedPartner
from tests.delivery.sending.test_channels import address_of
from tests.influencers.escalation import escalation_scene
from tests.support.builders import (
    NOON,
    build_audience,
    build_bulletin,
    build_campaign,
    build_influencer,
    build_mailing,
    build_recipients,
    build_send,
    published,
)
from tests.support.telegram_api import TOKEN, TelegramApi, refusal

State = Delivery.State
CHAT = "4711"
OK = (200, {"ok": True, "result": {"message_id": 9}})


@pytest.fixture
def api(settings, own_buckets):
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT, settings.TELEGRAM_SECRET = TOKEN, "ministry_bot", "s3cret"
    settings.TRANSPORTS = {**settings.TRANSPORTS, "telegram": "telegram"}
    with TelegramApi() as running:
        settings.FETCH_ALLOW = [running.place]
        settings.TELEGRAM_URL = f"http://{running.place}"
        yield running


@pytest.fixture
def send(db, api):
    """Return a send of an urgent mailing by Telegram to three people."""
    campaign = build_campaign("live", mode="live")
    audience = build_audience(campaign, size=3, kind="influencers")
    for number, person in enumerate(Recipient.objects.filter(memberships__audience=audience).order_by("pk")):
        address_of(person, f"471{number}", "urgent", channel=Channel.TELEGRAM)
    mailing = build_mailing(campaign, queue="urgent")
    Message.objects.freeze(
        [Message(mailing=mailing, channel=Channel.TELEGRAM, language="fi", subject="t", text="Keitä vesi.")]
    )
    send = build_send(audience, mailing, channel=Channel.TELEGRAM, slot_key="tg")
    fanout.fan_out(send, at=NOON)
    return send


def states(send):
    return list(Delivery.objects.of(send).order_by("pk").values_list("state", "code"))


def work(send, *, after=1):
    worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=after))


def test_each_chat_gets_the_words_and_its_row_the_name_of_the_message(send, api):
    work(send)

    assert states(send) == [(State.ACCEPTED, "200")] * 3
    method, said = api.asked[0]
    assert method == "sendMessage" and (said["chat_id"], said["text"]) == (4710, "Keitä vesi.")
    assert said["link_preview_options"] == {"is_disabled": True}
    assert sorted(Delivery.objects.of(send).values_list("provider_id", flat=True)) == ["4710.1", "4711.2", "4712.3"]


@pytest.mark.parametrize(
    ("answer", "state", "code", "suppressed"),
    [
        ((403, refusal(403, "Forbidden: bot was blocked by the user")), State.FAILED, "403 5.1.1", True),
        ((400, refusal(400, "Bad Request: chat not found")), State.FAILED, "400 5.1.1", True),
        ((400, refusal(400, "Bad Request: message text is empty")), State.FAILED, "400", False),
        ((502, "<html>Bad Gateway</html>"), State.QUEUED, "502", False),  # urgent: once more, with a mark
        ((200, "<html>hello</html>"), State.QUEUED, "200", False),
        (None, State.QUEUED, "", False),
    ],
)
def test_what_an_answer_about_one_message_means(send, api, answer, state, code, suppressed):
    api.answers = [answer, OK, OK]

    work(send)

    assert states(send)[0] == (state, code) and {one for one, _code in states(send)[1:]} == {State.ACCEPTED}
    assert Suppression.objects.exists() is suppressed
    if state == State.QUEUED:
        assert Delivery.objects.of(send).order_by("pk")[0].possible_duplicate


def test_the_bot_keeps_to_what_telegram_states(send, api):
    assert mail_rate.Flow(send, "telegram", clock=lambda: NOON).capacity(100) == 30
    assert mail_rate.Flow(send, "telegram", clock=lambda: NOON).capacity(100) == 0


@pytest.mark.parametrize("refused", ["too fast", "revoked"])
def test_a_pause_and_a_revoked_token_put_off_what_has_not_left(send, api, refused):
    """The token is revoked in the middle of a send: what was sent is sent, and nobody is given up."""
    if refused == "too fast":
        api.answers = [OK, (429, refusal(429, "Too Many Requests: retry after 35", retry_after=35))]
    else:
        api.answers = [OK, (401, refusal(401, "Unauthorized"))]

    work(send)

    assert [state for state, _code in states(send)] == [State.ACCEPTED, State.DEFERRED, State.DEFERRED]
    assert len(api.asked) == 2 and not Suppression.objects.exists()
    if refused == "too fast":
        waits = MailerHealth.objects.get(mailer="telegram").wait_until
        assert waits == NOON + timedelta(seconds=36)


def test_an_address_that_is_no_chat_is_not_asked_for(send, api):
    Recipient.objects.filter(channel="telegram").update(address="-100123")

    work(send)

    assert {state for state, _code in states(send)} == {State.FAILED} and not api.asked


# --- Linking ---------------------------------------------------------------------------------------


def update(client, *, secret="s3cret", **said):
    return client.post(
        reverse("webhooks:telegram"),
        json.dumps({"update_id": 1, **said}),
        content_type="application/json",
        headers={"X-Telegram-Bot-Api-Secret-Token": secret},
    )


def wrote(text, *, chat=int(CHAT), kind="private"):
    return {"message": {"chat": {"id": chat, "type": kind}, "text": text}}


@pytest.mark.django_db
def test_a_link_is_pressed_once_and_stop_ends_it(client, api):
    [person] = build_recipients(1)
    token = channel_addresses.ask_for_link(person, Channel.TELEGRAM, at=NOON.now(NOON.tzinfo))

    assert update(client, **wrote(f"/start {token}")).status_code == 200
    address = Recipient.objects.get(channel="telegram")
    assert (address.address, address.person) == (CHAT, person)
    assert "/stop" in api.asked[-1][1]["text"]

    update(client, **wrote(f"/start {token}", chat=99))
    assert Recipient.objects.filter(channel="telegram", state="active").count() == 1

    update(client, **wrote("/stop"))
    address.refresh_from_db()
    assert (address.state, address.address) == ("left", "") and not address.consents.filter(withdrawn_at=None)


@pytest.mark.django_db
def test_an_influencer_links_telegram_from_the_page(signed_in, roles, api):
    live = build_campaign("live", mode="live", published_at=NOON)
    elli = build_influencer(live, "elli", audience=build_audience(live), language="en")
    client = signed_in(elli.user)
    page = client.post(reverse("influencers:channel_telegram")).content.decode()
    token = re.search(r"https://t\.me/ministry_bot\?start=([\w-]{32})", page)[1]

    update(client, **wrote(f"/start {token}"))

    assert "Telegram" in client.get(reverse("influencers:channels")).content.decode()
    assert elli.recipient.other_addresses.get().address == CHAT


@pytest.mark.django_db
def test_the_command_tells_telegram_where_to_post(api, capsys):
    call_command("telegram_webhook")

    method, said = api.asked[0]
    assert (
        method == "setWebhook"
        and said["url"].endswith("/webhooks/telegram/updates/")
        and said["secret_token"] == "s3cret"
    )
    api.answers = [(400, refusal(400, "Bad Request: bad webhook"))]
    with pytest.raises(CommandError, match="bad webhook"):
        call_command("telegram_webhook")


@pytest.mark.django_db
def test_who_blocks_the_bot_has_left(client, api):
    [person] = build_recipients(1)
    address = channel_addresses.take(person, Channel.TELEGRAM, CHAT, wants=["urgent"], at=NOON)

    update(
        client, my_chat_member={"chat": {"id": int(CHAT), "type": "private"}, "new_chat_member": {"status": "kicked"}}
    )

    address.refresh_from_db()
    assert address.state == "left" and not api.asked


@pytest.mark.django_db
def test_updates_that_nobody_vouches_for_and_strange_ones_change_nothing(client, api, settings):
    [person] = build_recipients(1)
    token = channel_addresses.ask_for_link(person, Channel.TELEGRAM, at=NOON.now(NOON.tzinfo))

    assert update(client, secret="guessed", **wrote(f"/start {token}")).status_code == 403
    assert update(client, **wrote(f"/start {token}", chat=-100, kind="group")).status_code == 200
    for strange in ({"message": []}, {"message": {"chat": {"id": "x", "type": "private"}}}, {"message": {"text": 7}}):
        assert update(client, **strange).status_code == 200
    assert not Recipient.objects.filter(channel="telegram").exists()
    settings.TELEGRAM_TOKEN = ""
    assert update(client, **wrote("/stop")).status_code == 404


# --- Saying "seen" ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_tap_under_an_urgent_message_says_that_it_was_seen(client, roles, api):
    live = build_campaign("live", mode="live", published_at=NOON)
    close, _wide = escalation_scene.tiers(live)
    elli, olli = (escalation_scene.partner(live, name, close) for name in ("elli", "olli"))
    for person, chat in ((elli, CHAT), (olli, "4712")):
        channel_addresses.take(person.recipient, Channel.TELEGRAM, chat, wants=["urgent"], at=NOON)
    bulletin = build_bulletin(live, audiences=[close], urgency="urgent", asks_seen=True)
    for edition in bulletin.editions.all():
        edition.variants.create(platform="telegram", caption="Boil your water.")
    version = published(bulletin)
    send = version.mailing.sends.get(channel="telegram")
    fanout.fan_out(send, at=NOON)
    work(send)
    [button] = api.asked[0][1]["reply_markup"]["inline_keyboard"][0]

    for _twice in range(2):
        update(client, callback_query={"id": "77", "from": {"id": int(CHAT)}, "data": button["callback_data"]})
    update(client, callback_query={"id": "78", "from": {"id": 99}, "data": button["callback_data"]})
    update(client, callback_query={"id": "79", "from": {"id": int(CHAT)}, "data": "seen:x"})

    seen = AskedPartner.objects.exclude(seen_at=None)
    assert list(seen.values_list("influencer", "channel")) == [(elli.pk, "telegram")]
    answers = [said["text"] for method, said in api.asked if method == "answerCallbackQuery"]
    assert len(answers) == 3 and "noted" in answers[0] and "nobody" in answers[2]
