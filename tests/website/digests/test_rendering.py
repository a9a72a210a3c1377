"""The mail of a digest: the same facts in HTML and text, written once for all who are told the same, never too long."""

import re
from datetime import timedelta

import pytest
from django.utils import translation

from bulletins.publication import corrections
from campaigns.publication_details import PrintedWords
from delivery.message.mime import LARGEST
from delivery.message.quoted_printable import quoted
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.builders import (
    LANGUAGES,
    NOON,
    TEXTS,
    build_audience,
    build_bulletin,
    build_claim,
    build_published_version,
    editor,
    in_all,
    published,
    second_person,
)
from website.digests import publication_order, rendering
from website.digests.digest_contents import Item
from website.digests.rendering import Mails
from website.models import Publication

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings):
    settings.PUBLIC_URL = "https://bulletins.example.fi"


def mail_of(campaign, language="en", *, corrects=False, at=NOON):
    """Return the mail of all that is published, in the order of publishing."""
    publication_order.note_waiting(at=at)
    mails = Mails(at=at)
    items = tuple(Item(pk, corrects) for pk in Publication.objects.order_by("pk").values_list("pk", flat=True))
    mails.fetch(item.publication for item in items)
    return mails.of(items, campaign, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_and_text_say_the_same_in_the_readers_language(campaign, language):
    build_published_version(campaign)
    build_claim(campaign)
    mail = mail_of(campaign, language)
    words = TEXTS[language]
    assert words["title"] in mail.subject
    assert f'<html lang="{language}"' in mail.html
    plain = re.sub(r"\s+", " ", mail.text)
    for fact in (words["preheader"], words["key_message"], "Garlic cures it", "112", "bulletins.example.fi"):
        assert fact in mail.html and fact in plain
    for title in (words["title"], "No food cures it"):
        assert title in mail.html and title.upper() in plain


def test_links_lead_to_our_own_pages_only_and_the_personal_ones_are_there(campaign):
    build_published_version(campaign)
    build_claim(campaign)
    mail = mail_of(campaign)
    links = set(re.findall(r'href="([^"]*)"', mail.html))
    own = {link for link in links if link.startswith("https://bulletins.example.fi/en/")}
    assert len(own) == 3  # the bulletin, the fact-check, the archive
    assert links - own == {"\ue000unsubscribe_url\ue001", "\ue000preferences_url\ue001"}
    for link in links:
        assert link in mail.text
    assert "read_url" not in mail.html + mail.text


def test_an_exercise_is_marked(campaign):
    build_published_version(campaign)
    mail = mail_of(campaign)
    for said in (mail.html, mail.text):
        assert "This is an exercise" in re.sub(r"\s+", " ", said)


def test_a_key_message_that_holds_no_more_is_left_out(campaign):
    bulletin = build_bulletin(campaign)
    bulletin.key_messages.update(valid_until=NOON + timedelta(hours=1))
    published(bulletin)
    assert TEXTS["en"]["key_message"] in mail_of(campaign).text
    assert TEXTS["en"]["key_message"] not in mail_of(campaign, at=NOON + timedelta(hours=2)).text.replace(
        TEXTS["en"]["title"], ""
    )


def corrected(campaign):
    """Publish a bulletin with four key messages and correct the last of them; return its first and its new words."""
    bulletin = build_bulletin(campaign)
    for place in (2, 3, 4):
        last = bulletin.key_messages.create(
            key=f"message-{place}",
            text=in_all(en="Message " + "I" * place + "."),
            source_name=in_all(en="City"),
            position=place,
        )
    published(bulletin)
    at = NOON + timedelta(hours=1)
    words = in_all(en="Restaurants were said to be open. They are closed.")
    corrections.start_correction(bulletin, by=editor(), at=at, what_changed=words)
    last.text = in_all(en="Restaurants stay closed.")
    last.save()
    bulletin.refresh_from_db()
    published(bulletin, at=at)
    return TEXTS["en"]["key_message"], last.text["en"]


def mail_of_last(campaign, *, corrects):
    """Return the mail of what was published last, in English, and each of its parts without line breaks."""
    mails = Mails(at=NOON + timedelta(hours=2))
    last = Publication.objects.latest("pk")
    mails.fetch([last.pk])
    mail = mails.of((Item(last.pk, corrects),), campaign, "en")
    return mail, [re.sub(r"\s+", " ", part) for part in (mail.html, mail.text)]


def test_of_a_correction_what_it_changes_is_said_first(campaign):
    first, new = corrected(campaign)
    for part in mail_of_last(campaign, corrects=True)[1]:
        assert part.index(new) < part.index(first) < part.index("Message II.")
        assert "Message III." not in part


def test_who_never_heard_the_first_version_reads_that_it_was_corrected(campaign):
    _first, new = corrected(campaign)
    mail, parts = mail_of_last(campaign, corrects=False)
    assert not mail.subject.startswith("Correction")
    for part in parts:
        said = [
            part.upper().index("CORRECTED SINCE IT WAS FIRST PUBLISHED"),
            part.index("They are closed."),
            part.index(new),
        ]
        assert said == sorted(said) and "this replaces what we told you" not in part.lower()


def test_what_was_not_corrected_does_not_say_so(campaign):
    build_published_version(campaign)
    mail = mail_of(campaign)
    assert "corrected" not in (mail.html + mail.text).lower()


def test_the_heading_is_said_once(campaign):
    build_published_version(campaign)
    mail = mail_of(campaign)
    assert (mail.html.count("What is new"), mail.text.upper().count("WHAT IS NEW")) == (1, 1)


def test_to_fetch_costs_the_same_however_much_there_is(campaign, django_assert_num_queries):
    network = build_audience(campaign)
    for _number in range(3):
        published(build_bulletin(campaign, audiences=[network]))
    keys = list(Publication.objects.values_list("pk", flat=True))
    for some in (keys[:1], keys):
        with django_assert_num_queries(4):
            Mails(at=NOON).fetch(some)


def test_a_pause_and_its_end_are_said_in_sentences_of_their_own_that_are_true(campaign):
    claim = build_claim(campaign)
    publication_order.note_waiting(at=NOON)
    said = []
    for hours, step in ((1, verdict_workflow.pause), (2, verdict_workflow.resume)):
        at = NOON + timedelta(hours=hours)
        step(claim, by=editor(), at=at)
        publication_order.note_waiting(at=at)
        last = Publication.objects.latest("pk")
        mails = Mails(at=at)
        mails.fetch([last.pk])
        said.append(mails.of((Item(last.pk, True),), campaign, "en"))
    paused, resumed = said

    assert paused.subject == "We are checking a fact-check again"
    assert resumed.subject == "Checked again: No food cures it."
    for mail, words, never in (
        (paused, "checking this again. please don", ("no food cures it", "withdrawn", "correction")),
        (
            resumed,
            "have checked this again. what we told you still applies",
            ("withdrawn", "correct", "what has changed"),
        ),
    ):
        for part in (mail.text.lower(), mail.html.lower().split("</head>")[1]):
            assert words in part and "garlic cures it" in part
            assert not [word for word in never if word in re.sub(r'class="[^"]*"', "", part)]


def test_a_withdrawn_fact_check_says_why_and_not_what_it_found(campaign):
    claim = build_claim(campaign)
    publication_order.note_waiting(at=NOON)
    at = NOON + timedelta(hours=1)
    builders.pause_claim(claim, told=in_all(en="We look again."), by=editor(), at=at)
    builders.withdraw_claim(claim, told=in_all(en="A source was forged."), by=second_person(), at=at)
    publication_order.note_waiting(at=at)
    mails = Mails(at=at)
    last = Publication.objects.latest("pk")
    mails.fetch([last.pk])
    mail = mails.of((Item(last.pk, True),), campaign, "en")
    assert mail.subject == "A fact-check is withdrawn"
    assert "A source was forged." in mail.text and "A source was forged." in mail.html
    assert "no food cures it" not in (mail.text + mail.html).lower()


def test_a_mail_is_never_too_long_however_much_there_is(campaign):
    network = build_audience(campaign)
    build_published_version(campaign, audiences=[network])
    publication_order.note_waiting(at=NOON)
    mails = Mails(at=NOON)
    publication = Publication.objects.get()
    mails.fetch([publication.pk])
    with translation.override("en"):
        part = mails.part(Item(publication.pk, False), campaign, "en")
        long = part | {"title": "ä" * 160, "lead": "ö" * 300, "html": "<p>" + "å" * 9_000 + "</p>", "text": "å" * 9_000}
        few, many = (
            rendering.digest_mail([long] * number, PrintedWords.of(campaign), "en", at=NOON) for number in (3, 500)
        )
    for mail in (few, many):
        assert len(quoted(mail.html)) + len(quoted(mail.text)) < LARGEST
    assert "no room" not in few.text and "more than this email has room for" in re.sub(r"\s+", " ", many.text)


def test_the_same_items_are_written_once_in_a_language(campaign, monkeypatch):
    build_published_version(campaign)
    publication_order.note_waiting(at=NOON)
    publication = Publication.objects.get()
    mails = Mails(at=NOON)
    mails.fetch([publication.pk])
    items = (Item(publication.pk, False),)
    first = mails.of(items, campaign, "fi")
    monkeypatch.setattr(rendering, "digest_mail", lambda *_a, **_k: pytest.fail("written twice"))
    assert mails.of(items, campaign, "fi") is first
