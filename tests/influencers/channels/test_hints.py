"""Answers and reminders by the channel that somebody chose for them: a hint without its words, once, and mail where that does not work."""

from datetime import time, timedelta

import pytest

from delivery.models import Channel, QuietHours, Wanted
from delivery.recipients import channel_addresses, recipient_erasure
from influencers import notices
from influencers.inbox import thread_messages
from influencers.inbox.mail import outbound
from notifications import outbox, sending
from notifications.models import Notice
from questions.models import QuestionGroup
from tests.support import builders
from tests.support.providers.telegram_api import TOKEN, TelegramApi, refusal

pytestmark = pytest.mark.django_db

SECRET = "The well in Nokia is safe"


@pytest.fixture
def api(settings, own_buckets):
    with TelegramApi() as server:
        settings.TRANSPORTS = {**settings.TRANSPORTS, "telegram": "telegram"}
        settings.FETCH_ALLOW = [server.place]
        settings.TELEGRAM_URL, settings.TELEGRAM_TOKEN = f"http://{server.place}", TOKEN
        yield server


@pytest.fixture
def elli(roles):
    campaign = builders.build_campaign("live", mode="live")
    return builders.build_influencer(campaign, "elli", audience=builders.build_audience(campaign), language="en")


def chosen(influencer, *wants, at):
    return channel_addresses.take(influencer.recipient, Channel.TELEGRAM, "4711", wants=wants, at=at)


def answered(influencer, alma, *, at):
    return thread_messages.answer(thread_messages.thread_of(influencer), SECRET, by=alma, at=at)


def test_an_answer_is_told_by_the_chosen_channel_once_and_without_its_words(api, elli, alma, smtp_sink, noon):
    chosen(elli, Wanted.ANSWERS, at=noon)
    said = answered(elli, alma, at=noon)

    assert [outbound.send_due(at=noon), outbound.send_due(at=noon + timedelta(hours=1))] == [1, 0]

    [(method, words)] = api.asked
    assert method == "sendMessage" and words["chat_id"] == 4711 and not smtp_sink.caught
    assert "You have an answer" in words["text"] and "/en/portal/conversation/" in words["text"]
    assert SECRET not in str(words)
    said.refresh_from_db()
    assert (said.channel, said.sent_at) == ("telegram", noon)


@pytest.mark.parametrize("reason", ["refused", "lost", "suppressed", "another kind"])
def test_where_no_hint_leaves_for_certain_the_mail_goes(api, elli, alma, smtp_sink, noon, reason):
    address = chosen(elli, Wanted.URGENT if reason == "another kind" else Wanted.ANSWERS, at=noon)
    if reason == "suppressed":
        recipient_erasure.suppress(address.address_hash, at=noon)
    api.answers = [(403, refusal(403, "Forbidden: bot was blocked by the user")) if reason == "refused" else None]
    answered(elli, alma, at=noon)

    sent = outbound.send_due(at=noon) + outbound.send_due(at=noon)

    assert sent == 1 and len(smtp_sink.caught) == 1
    assert SECRET in smtp_sink.caught[0].message.get_content()
    assert len(api.asked) == (1 if reason in {"refused", "lost"} else 0)


def test_a_hint_waits_for_the_end_of_quiet_hours(api, elli, alma, smtp_sink, noon):
    chosen(elli, Wanted.ANSWERS, at=noon)
    now = elli.campaign.local(noon)
    QuietHours.objects.create(person=elli.recipient, begins=time(now.hour), ends=time(now.hour + 1))
    answered(elli, alma, at=noon)

    assert outbound.send_due(at=noon) == 0 and not api.asked
    assert outbound.send_due(at=noon + timedelta(hours=1, seconds=2)) == 1
    assert len(api.asked) == 1 and not smtp_sink.caught


def test_notices_to_influencers_go_the_same_way_and_others_by_mail(api, elli, smtp_sink, noon):
    chosen(elli, Wanted.ANSWERS, at=noon)
    group = QuestionGroup.objects.create(campaign=elli.campaign, slug="well", label={"en": "Well"})
    outbox.write(notices.QUESTION_SETTLED, [elli.user], about=group, text=SECRET, path="/en/portal/x/", at=noon)
    outbox.write(notices.THANKS, [elli.user], campaign=elli.campaign, text="Thank you", path="/en/portal/", at=noon)

    assert sending.deliver_notices(at=noon) == 2

    [(_method, words)] = api.asked
    assert "/en/portal/questions/" in words["text"] and SECRET not in words["text"]
    assert len(smtp_sink.caught) == 1
    assert Notice.objects.get(kind="question_settled").channel == "telegram"
