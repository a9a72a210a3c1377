"""What goes to Telegram and what its answers mean."""

from datetime import timedelta

import pytest

from delivery.fanout import fanout
from delivery.models import Channel, Delivery, MailerHealth, Message, Recipient, Suppression
from delivery.sending import worker
from delivery.throttle import mail_rate
from tests.delivery.fanout.test_channels import address_of
from tests.support.builders import (
    NOON,
    build_audience,
    build_campaign,
    build_mailing,
    build_send,
)
from tests.support.providers.telegram_api import refusal

State = Delivery.State
CHAT = "4711"
OK = (200, {"ok": True, "result": {"message_id": 9}})


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
