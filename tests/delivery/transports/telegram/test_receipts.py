"""What people do with the bot: a chat is linked, left, and a button pressed."""

import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from delivery.fanout import fanout
from delivery.models import Channel, Recipient
from delivery.recipients import channel_addresses
from influencers.models import AskedPartner
from tests.influencers.escalation import escalation_scene
from tests.support.builders import (
    NOON,
    build_audience,
    build_bulletin,
    build_campaign,
    build_influencer,
    build_recipients,
    published,
)
from tests.support.providers.telegram_api import refusal

from .test_transport import CHAT, work


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
def test_start_may_be_pressed_twice_and_the_answers_are_in_the_language_of_whoever_wrote(client, api):
    [person] = build_recipients(1, language="fi")
    token = channel_addresses.ask_for_link(person, Channel.TELEGRAM, at=NOON.now(NOON.tzinfo))
    for _twice in range(2):
        update(client, **wrote(f"/start {token}"))
    update(client, **wrote("/stop"))
    stranger = wrote("/start made-up", chat=99)
    stranger["message"]["from"] = {"language_code": "sv-FI"}
    update(client, **stranger)

    first, again, left, unknown = (said["text"] for _method, said in api.asked)
    assert first == again and first.startswith("Yhdistetty")
    assert left.startswith("Et saa") and unknown.startswith("Länken")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words", ["/stop", "/stop@ministry_bot", "/Stop please do", "STOP!", "Peruuta.", "avsluta tack"]
)
def test_a_chat_is_left_by_any_word_that_leaves_a_number(client, api, words):
    [person] = build_recipients(1)
    address = channel_addresses.take(person, Channel.TELEGRAM, CHAT, wants=["urgent"], at=NOON)

    update(client, **wrote(words))

    address.refresh_from_db()
    assert address.state == "left" and len(api.asked) == 1


@pytest.mark.django_db
def test_other_words_are_told_where_to_write_twice_a_day_and_only_in_a_linked_chat(client, api):
    [person] = build_recipients(1)
    channel_addresses.take(person, Channel.TELEGRAM, CHAT, wants=["urgent"], at=NOON)

    for words in ("Is the water safe?", "stop the rumours about the water", "And the air?"):
        update(client, **wrote(words))
        update(client, **wrote(words, chat=99))

    assert len(api.asked) == 2 and all("/portal/" in said["text"] for _method, said in api.asked)
    assert Recipient.objects.get(channel="telegram").state == "active"


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
    for strange in (
        {"message": []},
        {"message": {"chat": {"id": "x", "type": "private"}}},
        {"message": {"text": 7}},
        wrote("/start \ud800"),
    ):
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
    endless = {"id": "80", "from": {"id": int(CHAT)}, "data": "seen:" + "9" * 59}
    assert update(client, callback_query=endless).status_code == 200  # or Telegram posts it again and again

    seen = AskedPartner.objects.exclude(seen_at=None)
    assert list(seen.values_list("influencer", "channel")) == [(elli.pk, "telegram")]
    answers = [said["text"] for method, said in api.asked if method == "answerCallbackQuery"]
    assert len(answers) == 4 and "noted" in answers[0] and "nobody" in answers[2]


@pytest.mark.django_db
def test_whoever_presses_start_without_a_link_hears_where_the_link_is(client, api):
    begins = wrote("/start@ministry_bot", chat=99)
    begins["message"]["from"] = {"language_code": "fi"}
    for _again in range(4):
        update(client, **begins)

    assert len(api.asked) == 2, "a machine at the other end must not talk with ours"
    assert all("/portal/" in said["text"] and said["text"].startswith("Tänne ei") for _method, said in api.asked)
