"""What is urgent says so, in words, wherever people meet it; what is over or withdrawn no longer does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from bulletins.mail.bulletin_mail import subject_of
from bulletins.publication import corrections
from delivery.models import Message
from tests.support.builders import (
    NOON,
    build_digest,
    build_influencer,
    build_published_version,
    editor,
    in_all,
    published,
)
from tests.website.digests.test_rendering import mail_of
from website.models import Publication
from website.subscription_pages import options

pytestmark = pytest.mark.django_db
WORDS = {"fi": "Kiireellinen", "sv": "Brådskande", "en": "Urgent"}
PAGES = (
    "/en/",
    "/en/bulletins/",
    "/en/bulletins/1/",
    "/en/portal/",
    "/en/portal/bulletins/",
    "/en/portal/bulletins/1/",
)
MARK = '<b aria-hidden="true">!</b>Urgent</span>'


def marked(client: Client) -> list[str]:
    """Return the pages and feeds that say that the bulletin is urgent."""
    feeds = [f"/en/feeds/{name}" for name in ("rss.xml", "atom.xml", "feed.json")]
    found = []
    for path in (*PAGES, *feeds):
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = " ".join(answer.content.decode().split())
        if (MARK if path in PAGES else "Urgent: ") in text:
            found.append(path)
    return found


def test_a_mark_in_words_on_every_way_to_people_until_it_is_withdrawn(campaign, monkeypatch):
    now = NOON + timedelta(hours=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    client = Client()
    client.force_login(build_influencer(campaign).user)
    version = build_published_version(campaign, urgency="urgent")

    for message in Message.objects.filter(mailing=version.mailing):
        word = WORDS[message.language]
        assert message.subject.startswith(f"{word}: ")
        assert (
            f'<span aria-hidden="true">! </span>{word}</span>' in message.html and f"! {word.upper()}" in message.text
        )
    digest = mail_of(campaign)
    assert digest.subject.startswith("Urgent: ") and "! URGENT" in digest.text and "! </span>Urgent" in digest.html
    assert len(marked(client)) == 9

    bulletin = version.bulletin
    corrections.start_correction(bulletin, by=editor(), at=NOON, what_changed=in_all(en="The hour."))
    bulletin.refresh_from_db()
    published(bulletin, at=NOON + timedelta(hours=1))
    assert Message.objects.filter(subject__startswith="Urgent: Correction: ").exists()
    assert len(marked(client)) == 9

    bulletin.refresh_from_db()
    corrections.retract(bulletin, by=editor(), at=now, what_changed=in_all(en="It was wrong."))
    bulletin.refresh_from_db()
    published(bulletin, at=now)
    assert marked(client) == []
    assert not Publication.objects.latest("pk").version.is_urgent
    assert not Message.objects.filter(mailing=bulletin.versions.latest("number").mailing, subject__contains="Urgent")


def test_what_is_not_urgent_says_nothing_of_it(campaign):
    client = Client()
    client.force_login(build_influencer(campaign).user)
    version = build_published_version(campaign, urgency="elevated", at=NOON)
    assert marked(client) == [] and not mail_of(campaign).subject.startswith("Urgent")
    assert not [one for one in Message.objects.filter(mailing=version.mailing) if "! " in one.text]


def test_whoever_wrote_that_it_is_urgent_is_not_repeated():
    with override("fi"):
        assert subject_of("Kiireellinen tiedote: keitä vesi", urgent=True) == "Kiireellinen tiedote: keitä vesi"
        assert subject_of("Keitä vesi", corrected=True, urgent=True) == "Kiireellinen: Oikaisu: Keitä vesi"


def test_the_form_says_that_what_is_urgent_keeps_no_hours(campaign):
    audience = build_digest(campaign, "immediate")
    (offer,) = options.offers_of(campaign, at=NOON)
    assert offer.when == "as soon as something is published"

    audience.cadences.update(not_before="07:00", not_after="21:00")
    (offer,) = options.offers_of(campaign, at=NOON)
    with override("fi"):
        assert offer.when == "kun jotain julkaistaan, klo 7.00–21.00; kiireelliset tiedotteet mihin aikaan tahansa"
