"""Letting a finding stand, and replacing words."""

import pytest

from accounts.models import AuditEntry
from bulletins.approval import approval_workflow, eligibility
from bulletins.checks import autofix, checklist, findings, overrides, registry
from bulletins.editing import drafts
from bulletins.models import Bulletin, EditionRevision, NotAllowed, Override, Review
from campaigns.models import BannedTerm
from tests.support.builders import NOON, build_bulletin, build_bulletin_in_review, build_published_version

REASON = "It is a quotation, and it is marked as one."


@pytest.fixture
def bulletin(campaign, alma):
    """A bulletin in which one word is not used, and nothing else stops approval."""
    BannedTerm.objects.create(language="en", term="fake news", say_instead="falsehood", why="It labels people.")
    made = build_bulletin(campaign, by=alma)
    edition = made.editions.get(language="en")
    edition.title = "No fake news"
    drafts.save_edition(edition, by=alma, at=NOON)
    return made


def stop(bulletin):
    [finding] = registry.stops(bulletin, at=NOON)
    return finding


def state():
    return (
        list(Bulletin.objects.values()),
        list(Override.objects.values()),
        Review.objects.count(),
        AuditEntry.objects.count(),
        EditionRevision.objects.count(),
    )


def refused(call, match):
    before = state()
    with pytest.raises(NotAllowed, match=match):
        call()
    assert state() == before


def test_what_stands_stops_nothing_and_stays_on_the_list(bulletin, alma):
    finding = stop(bulletin)
    overrides.override_finding(bulletin, finding.key, reason=f"  {REASON} ", by=alma, at=NOON)

    assert registry.stops(bulletin, at=NOON) == []
    [stands] = [one for one in registry.findings(bulletin, at=NOON) if one.level == findings.STANDS]
    assert (stands.override.by, stands.override.reason) == (alma, REASON)
    assert AuditEntry.objects.get(verb="bulletin.finding_let_stand").detail["reason"] == REASON
    approval_workflow.submit(bulletin, by=alma, at=NOON)


def test_it_stops_again_when_something_else_is_found_there(bulletin, alma):
    BannedTerm.objects.create(language="en", term="hoax", say_instead="falsehood", why="It labels people.")
    overrides.override_finding(bulletin, stop(bulletin).key, reason=REASON, by=alma, at=NOON)
    edition = bulletin.editions.get(language="en")
    edition.title = "No hoax"
    drafts.save_edition(edition, by=alma, at=NOON)
    assert stop(bulletin).found == "hoax"


def test_it_is_part_of_what_is_approved_and_voids_a_review(campaign, alma, veikko):
    bulletin = build_bulletin_in_review(campaign, by=alma)
    bulletin.key_messages.update(source_name={}, source_url={})
    before = bulletin.content_digest()

    overrides.override_finding(bulletin, stop(bulletin).key, reason=REASON, by=veikko, at=NOON)

    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT
    assert bulletin.content_digest() != before
    assert veikko.pk in eligibility.of_one(bulletin).editor_ids


@pytest.mark.parametrize("reason", ["", "         ", "Because.", "   no    "])
def test_without_a_reason_nothing_is_let_stand(bulletin, alma, reason):
    key = stop(bulletin).key
    refused(
        lambda: overrides.override_finding(bulletin, key, reason=reason, by=alma, at=NOON), "at least 10 characters"
    )


def test_what_is_not_found_cannot_be_let_stand(bulletin, alma):
    refused(lambda: overrides.override_finding(bulletin, "0" * 16, reason=REASON, by=alma, at=NOON), "no longer found")


def test_what_has_to_be_mended_cannot_be_let_stand(bulletin, alma):
    bulletin.editions.filter(language="sv").update(title="")
    [finding] = [one for one in registry.stops(bulletin, at=NOON) if one.code == "missing-text"]
    refused(
        lambda: overrides.override_finding(bulletin, finding.key, reason=REASON, by=alma, at=NOON), "has to be fixed"
    )


def test_advice_is_not_let_stand(bulletin, alma):
    advice = next(one for one in registry.findings(bulletin, at=NOON) if one.level == findings.ADVICE)
    refused(
        lambda: overrides.override_finding(bulletin, advice.key, reason=REASON, by=alma, at=NOON), "has to be fixed"
    )


def test_two_at_once_give_one(bulletin, alma, veikko):
    key = stop(bulletin).key
    overrides.override_finding(bulletin, key, reason=REASON, by=alma, at=NOON)
    refused(
        lambda: overrides.override_finding(bulletin, key, reason=REASON, by=veikko, at=NOON), "Alma has already done so"
    )


def test_taken_back_it_stops_again(bulletin, alma, veikko):
    finding = stop(bulletin)
    override = overrides.override_finding(bulletin, finding.key, reason=REASON, by=alma, at=NOON)
    overrides.undo(override, by=veikko, at=NOON)
    assert stop(bulletin).key == finding.key
    assert AuditEntry.objects.filter(verb="bulletin.finding_taken_back", actor=veikko).exists()
    refused(lambda: overrides.undo(override, by=veikko, at=NOON), "someone has already done so")


def test_nothing_of_a_published_version_changes(campaign, alma):
    bulletin = build_published_version(campaign).bulletin
    refused(
        lambda: overrides.override_finding(bulletin, "0" * 16, reason=REASON, by=alma, at=NOON), "has been published"
    )
    refused(lambda: checklist.tick(bulletin, "first", ticked=True), "has been published")
    refused(lambda: autofix.replace_words(bulletin, "0" * 16, by=alma, at=NOON), "has been published")


# --- Replacing words ------------------------------------------------------------------------------------------


def test_words_are_replaced_in_the_newest_text_as_a_change_of_its_own(bulletin, alma, veikko):
    key = stop(bulletin).key
    edition = bulletin.editions.get(language="en")
    edition.title = "Fakes are no fake news"  # written meanwhile
    drafts.save_edition(edition, by=alma, at=NOON)

    autofix.replace_words(bulletin, key, by=veikko, at=NOON)

    edition.refresh_from_db()
    assert edition.title == "Fakes are no falsehood"
    assert edition.revisions.first().edited_by == veikko
    assert registry.stops(bulletin, at=NOON) == []
    assert veikko.pk in eligibility.of_one(bulletin).editor_ids


def test_words_of_a_row_are_replaced_in_their_language_only(bulletin, alma):
    bulletin.editions.filter(language="en").update(title="Calm")
    message = bulletin.key_messages.get()
    message.text |= {"en": "It is fake news.", "sv": "Det är fake news."}
    message.save()
    autofix.replace_words(bulletin, stop(bulletin).key, by=alma, at=NOON)
    message.refresh_from_db()
    assert (message.text["en"], message.text["sv"]) == ("It is falsehood.", "Det är fake news.")


def test_what_needs_judgement_is_not_replaced(bulletin, alma):
    BannedTerm.objects.update(say_instead="falsehood; untruth")
    key = stop(bulletin).key
    refused(lambda: autofix.replace_words(bulletin, key, by=alma, at=NOON), "has to be corrected by hand")
    refused(lambda: autofix.replace_words(bulletin, "0" * 16, by=alma, at=NOON), "no longer found")
