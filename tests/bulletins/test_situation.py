""" "Be right": what is known, not known yet, being done, and when more is said, from the draft to what readers get."""

from datetime import timedelta
from typing import Any

import pytest

from bulletins.approval import approval_workflow as workflow
from bulletins.checks import registry
from bulletins.editing import drafts, editions, situation
from bulletins.editing.translation import missing_parts
from bulletins.facts.text_places import places
from bulletins.mail.printed_editions import mail_of_edition, print_edition
from bulletins.models import Bulletin, Parts, PublishedEdition, Version
from bulletins.publication import corrections, late_words, publish
from bulletins.reader_view import next_words
from campaigns.models import Campaign, PageChange
from notifications.models import Notice
from tests.support import builders
from website.check_text import passages

pytestmark = pytest.mark.both

AT = builders.NOON
UNTIL = AT + timedelta(hours=6)
WORDS = {
    "fi": ("- Vesi on samentunut.", "Emme vielä tiedä, onko vedessä bakteereja.", "Otamme näytteet kello 15."),
    "sv": ("- Vattnet är grumligt.", "Vi vet inte ännu om det finns bakterier i vattnet.", "Vi tar prover klockan 15."),
    "en": (
        "- The water is cloudy.",
        "We do not know yet whether there are bacteria in the water.",
        "We take samples at 15:00.",
    ),
}


def written(campaign: Campaign, by: Any, **fields: Any) -> Bulletin:
    """Build a bulletin with every part in three languages."""
    bulletin = builders.build_bulletin(campaign, by=by, at=AT, next_word_at=UNTIL, **fields)
    for edition in bulletin.editions.all():
        edition.bulletin = bulletin
        edition.known, edition.not_known, edition.being_done = WORDS[edition.language]
        drafts.save_edition(edition, by=by, at=AT)
    return bulletin


def published(campaign: Campaign, alma: Any, oskar: Any, topic: str) -> Version:
    """Publish a bulletin that promises more, about a topic of its own."""
    version = builders.build_published_version(campaign, by=alma, approver=oskar, at=AT, next_word_at=UNTIL)
    version.bulletin.topics.add(builders.build_topic(campaign, topic))
    return version


def codes(bulletin: Bulletin, at: Any = AT) -> set[str]:
    return {one.code for one in registry.findings(bulletin, at=at)}


def test_parts_are_sections_of_page_and_mail_after_the_opening_and_none_change_nothing(
    campaign: Campaign, alma: Any
) -> None:
    plain = builders.build_bulletin(campaign, by=alma, at=AT)
    assert "next_word_at" not in plain.content() and "known" not in plain.content()["editions"][0]
    bulletin = written(campaign, alma)
    edition = bulletin.editions.get(language="en")
    edition.body = "Boil the water.\n\n## Advice\n\nBoil it for a minute."
    page, words = print_edition(bulletin, edition, at=AT)
    heads = [line for line in page.body.splitlines() if line.startswith("##")]
    assert heads == [
        "## What we know", "## What we do not know yet", "## What is being done", "## When we say more", "## Advice",
    ]  # fmt: skip
    assert page.body.startswith("Boil the water.\n\n## What we know\n\n- The water is cloudy.")
    assert "<h2>What we do not know yet</h2>" in page.html
    mail = mail_of_edition(words)
    for text in (mail.html, mail.text):
        assert "whether there are bacteria" in text and "We will say more by" in text
        low = text.lower()
        assert low.index("what we know") < low.index("what we do not know yet") < low.index("advice")
    assert "bacteria" not in page.asserted and "The water is cloudy." in page.asserted and "samples" in page.asserted
    told = [one.text for one in passages.passages_of(page)]
    assert any("samples" in text for text in told) and not any("bacteria" in text for text in told)
    assert situation.with_parts("## Advice\n\nBoil it.", {"known": "## K\n\nx"}) == "## K\n\nx\n\n## Advice\n\nBoil it."


def test_parts_count_as_text_for_translations_facts_findings_and_approval(
    campaign: Campaign, alma: Any, oskar: Any
) -> None:
    bulletin = written(campaign, alma, audiences=[builders.build_audience(campaign, "close", size=2)])
    assert not codes(bulletin) & {"missing-part", "behind", "parity", "late-word", "no-next-word"}
    keys = {place.key.rpartition(":")[2] for place in places(Parts(bulletin))}
    assert {"known", "not_known", "being_done"} <= keys
    english, finnish = (bulletin.editions.get(language=code) for code in ("en", "fi"))
    saved = editions.save_text(english, {"being_done": "We take samples at 16:00."}, {}, by=alma, at=AT)
    assert saved.changed and "parity" in codes(bulletin)
    finnish.bulletin = bulletin
    editions.save_text(finnish, {"known": "- Vesi on samentunut. {place}"}, {}, by=alma, at=AT)
    assert {"behind", "unfilled-blank"} <= codes(bulletin)
    table = {
        row.name: {cell.language: cell.state for cell in row.cells}
        for row in missing_parts.parity(bulletin, ["fi", "sv"])
    }
    assert table["What is known"] == {"fi": "current", "sv": "behind"}
    editions.save_text(english, {"not_known": ""}, {}, by=alma, at=AT)
    assert "missing-part" in codes(bulletin)
    assert "late-word" in codes(bulletin, UNTIL) and "late-word" not in codes(bulletin)
    Bulletin.objects.update(next_word_at=None)
    assert "no-next-word" in codes(Bulletin.objects.get())
    with pytest.raises(editions.TooLong):
        editions.save_text(english, {"known": "x" * 2_001}, {}, by=alma, at=AT)
    # An approval covers them.
    other = written(campaign, alma, audiences=[])
    digest = other.content_digest()
    other.next_word_at = UNTIL + timedelta(hours=1)
    assert other.content_digest() != digest


def test_a_promise_is_late_from_its_moment_until_something_newer_is_out(
    campaign: Campaign, alma: Any, oskar: Any, veikko: Any
) -> None:
    version = published(campaign, alma, oskar, "water")
    Bulletin.objects.filter(pk=version.bulletin_id).update(taken_by=alma)
    assert version.next_word_at == UNTIL
    before = next_words.of_version(version, at=UNTIL - timedelta(seconds=1))
    assert before and not before.is_late and late_words.note_late(at=UNTIL - timedelta(seconds=1)) == 0
    assert next_words.of_version(version, at=UNTIL).is_late  # type: ignore[union-attr]

    changes = PageChange.objects.count()
    assert late_words.note_late(at=UNTIL) == 1 and late_words.note_late(at=UNTIL) == 0
    assert PageChange.objects.count() == changes + 1
    assert [one.person for one in Notice.objects.filter(kind="next_word_late")] == [alma]

    # What is said of something else does not keep the promise; on the same topic it does, and so does the next version.
    elsewhere = published(campaign, alma, oskar, "roads")
    assert version in next_words.late(at=UNTIL, campaign=campaign)
    elsewhere.bulletin.topics.add(version.bulletin.topics.get())
    Version.objects.filter(pk=elsewhere.pk).update(published_at=AT + timedelta(hours=1), next_word_at=None)
    assert not next_words.late(at=UNTIL).exists()
    elsewhere.bulletin.topics.clear()
    assert next_words.late(at=UNTIL).get() == version
    later = UNTIL + timedelta(hours=1)
    corrections.start_correction(
        version.bulletin, what_changed=dict.fromkeys(WORDS, "More is known."), by=alma, at=later
    )
    held = Bulletin.objects.get(pk=version.bulletin_id)
    assert "late-word" in codes(held, later)  # whoever corrects it says anew when more comes, or takes it out
    Version.objects.filter(pk=version.pk).update(published_at=AT - timedelta(hours=1), number=1)
    Version.objects.filter(pk=elsewhere.pk).update(bulletin=held, number=2)
    assert not next_words.late(at=UNTIL).exists()


def test_what_is_frozen_keeps_the_parts_and_a_withdrawal_has_none(campaign: Campaign, alma: Any, oskar: Any) -> None:
    bulletin = written(campaign, alma, audiences=[builders.build_audience(campaign, "close", size=2)])
    workflow.submit(bulletin, by=alma, at=AT)
    workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=AT)
    publish.publish(bulletin, at=AT)
    frozen = PublishedEdition.objects.get(language="sv")
    assert frozen.content["situation"]["not_known"] == WORDS["sv"][1] and frozen.version.next_word_at == UNTIL
    reason = dict.fromkeys(WORDS, "It was wrong.")
    corrections.retract(bulletin, what_changed=reason, by=alma, at=AT)
    bulletin.refresh_from_db()
    page, _words = print_edition(bulletin, bulletin.editions.get(language="sv"), at=AT)
    assert page.body == "" and "situation" not in page.content
