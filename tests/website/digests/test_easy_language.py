"""Digests, and bulletins in one mail, for who prefers easy language: one mail more, with what there is in it."""

from datetime import timedelta

import pytest
from django.utils import translation

from bulletins.editing import editions
from bulletins.scheduling import roundups
from config.desk import today_sends
from delivery.message import titles
from delivery.models import Delivery, Message, Send, Subscription
from delivery.sending import dispatch, worker
from tests.support.builders import (
    NOON,
    TEXTS,
    build_audience,
    build_bulletin,
    build_subscribers,
    editor,
    published,
)
from website.digests import digest_runs

SLOT = NOON + timedelta(hours=3)
EASY = {
    "title": "Kirjasto on auki",
    "subject": "Kirjasto",
    "preheader": "Tule.",
    "body": "Hei!\n\n## Nyt\n\n- Tule sisään.\n",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def daily(campaign):
    return build_audience(campaign, "digest-day", kind="digest", tier=None, cadence="day")


def publish(campaign, *, easy=()):
    """Publish a bulletin, with editions in easy language beside the others."""
    bulletin = build_bulletin(
        campaign, audiences=[build_audience(campaign, f"none-{campaign.bulletins.count()}")], at=NOON
    )
    for code in easy:
        editions.add_edition(bulletin, code, "easy", by=editor(), at=NOON)
        standard = bulletin.editions.get(language=code, reading_level="standard")
        bulletin.editions.filter(language=code, reading_level="easy").update(**EASY, source_revision=standard.revision)
    return published(bulletin)


def sent(campaign):
    """Let the slot come, and return {who: (language, whether in easy language)}."""
    digest_runs.plan_due(at=SLOT)
    dispatch.start_due_sends(at=SLOT)
    for send in Send.objects.filter(state=Send.State.SENDING, mailing__is_digest=True):
        worker.work(send.pk, clock=lambda: SLOT)
    rows = Delivery.objects.filter(mailing__is_digest=True, state="accepted").values_list(
        "recipient__email", "language", "is_easy"
    )
    return {email.partition("@")[0]: (language, is_easy) for email, language, is_easy in rows}


def test_a_digest_comes_in_easy_language_as_far_as_there_is_any(campaign, daily, smtp_sink):
    publish(campaign, easy=["fi"])
    publish(campaign)
    build_subscribers(6, daily)  # fi, sv, en, fi, sv, en
    Subscription.objects.filter(recipient__email__regex="-[45]@").update(prefers_easy=True)

    got = sent(campaign)

    assert got["digest-day-1"] == ("fi", False) and got["digest-day-4"] == ("fi", True)
    assert got["digest-day-5"] == ("sv", False) and len(got) == 6  # nothing is in easy Swedish, and nobody is left out
    messages = Message.objects.filter(mailing__is_digest=True)
    assert sorted(messages.values_list("language", "reading_level")) == [
        ("en", "standard"), ("fi", "easy"), ("fi", "standard"), ("sv", "standard"),
    ]  # fmt: skip
    easy, standard = (messages.get(language="fi", reading_level=level) for level in ("easy", "standard"))
    for said in (easy.html, easy.text):
        assert "Tule sisään." in said and "bulletins/1/?level=easy" in said
        assert said.count(TEXTS["fi"]["key_message"]) == 1  # of the second bulletin, which has no other words
    assert '<div lang="fi-simple">' in easy.html and "KIRJASTO ON AUKI" in easy.text
    assert "Tule sisään." not in standard.text and "Selkosuomi:\n" in standard.text


def test_a_digest_without_anything_in_easy_language_is_written_once(campaign, daily, smtp_sink):
    publish(campaign)
    build_subscribers(2, daily, language="fi")
    Subscription.objects.update(prefers_easy=True)

    assert set(sent(campaign).values()) == {("fi", False)}
    assert not Message.objects.filter(reading_level="easy").exists()


def test_bulletins_in_one_mail_come_in_easy_language_too(campaign):
    versions = [publish(campaign, easy=["fi"]), publish(campaign)]

    together = roundups.made([version.mailing for version in versions], campaign, at=NOON)

    easy = together.messages.get(reading_level="easy")
    assert easy.language == "fi"
    assert "Tule sisään." in easy.text and "portal/bulletins/1/?level=easy&" in easy.text
    assert TEXTS["fi"]["title"].upper() in easy.text  # the one that has no other words


def test_the_desk_calls_a_mailing_by_its_standard_words(campaign):
    mailing = publish(campaign, easy=["fi"]).mailing_id

    with translation.override("fi"):
        assert TEXTS["fi"]["title"] in today_sends.titles_of({mailing})[mailing]
    assert titles.titles_of([mailing])[mailing]["fi"] != EASY["subject"]
