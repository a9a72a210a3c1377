"""
Who may approve a bulletin, asked of the rule itself: the steps, the panes, Today and the notices go by its answer.
"""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bulletins.approval import approval_workflow, eligibility
from bulletins.editing import drafts
from bulletins.models import Parts
from bulletins.publication import corrections
from tests.support.builders import (
    NOON,
    build_bulletin,
    build_bulletin_in_review,
    build_claim,
    build_published_version,
    build_user,
    published,
    submitted,
)


def with_roles(name, *roles):
    """Return someone with several roles."""
    person = build_user(name, roles[0])
    person.groups.set(Group.objects.filter(name__in=roles))
    return person


@pytest.fixture
def people(alma, veikko, oskar, fiona):
    """Two editors, an approver, a fact-checker, and one who holds both roles."""
    return with_roles("both", "approver", "fact-checker")


@pytest.fixture
def on_claims(campaign, alma, people):
    """A bulletin in review that rests on a fact-check."""
    bulletin = build_bulletin(campaign, by=alma)
    bulletin.claims.add(build_claim(campaign))
    return submitted(bulletin, by=alma)


def names(people):
    """Return the names of some people, without the second person of the builders, who confirmed the verdict."""
    return {person.name for person in people} - {"Approver"}


def test_whoever_edited_or_submitted_is_barred_and_everyone_else_with_the_role_is_not(campaign, alma, veikko, people):
    builder = with_roles("builder", "approver", "editor")
    submitter = with_roles("submitter", "approver", "editor")
    bulletin = build_bulletin(campaign, by=alma)
    edition = bulletin.editions.get(language="sv")
    edition.title = "Bättre titel"
    drafts.save_edition(edition, by=veikko, at=NOON)
    drafts.note_editor(bulletin, by=builder, at=NOON)
    approval_workflow.submit(bulletin, by=submitter, at=NOON)

    who = eligibility.of_one(bulletin)

    assert who.editor_ids == {alma.pk, veikko.pk, builder.pk, submitter.pk}
    assert names(who.approvers()) == {"Oskar", "Both"} and not who.wants_sign_off
    for editor in (alma, veikko, builder, submitter):
        assert "You edited or submitted this version" in who.why_no_approval(editor)


def test_who_has_no_account_at_the_desk_any_more_is_not_asked(campaign, alma, oskar, people):
    oskar.is_active = False
    oskar.save()
    assert names(eligibility.of_one(build_bulletin_in_review(campaign, by=alma)).approvers()) == {"Both"}


def test_before_a_sign_off_nobody_approves_and_all_who_may_later_are_named(on_claims, oskar, fiona, people):
    who = eligibility.of_one(on_claims)

    assert (
        who.wants_sign_off
        and names(who.checkers()) == {"Fiona", "Both"}
        and names(who.approvers()) == {"Oskar", "Both"}
    )
    assert "Ask: Fiona, Both." in who.why_no_approval(oskar)
    assert "Ask: Fiona." in who.why_no_approval(people)  # the other one: whoever signs cannot approve
    assert not who.why_no_sign_off(fiona)


def test_whoever_signed_off_neither_approves_nor_signs_again(on_claims, oskar, fiona, people):
    approval_workflow.sign_off(on_claims, digest=on_claims.digest, by=people, at=NOON)

    who = eligibility.of_one(on_claims)

    assert [review.by for review in who.sign_offs] == [people]
    assert names(who.approvers()) == {"Oskar"} and names(who.checkers()) == {"Fiona"}
    assert not who.why_no_approval(oskar) and not who.why_no_sign_off(fiona)
    assert "You signed off its fact-checks" in who.why_no_approval(people)
    assert "already signed it off" in who.why_no_sign_off(people)


def test_a_sign_off_of_before_an_edit_bars_nobody_even_when_the_words_come_back(on_claims, alma, oskar, fiona, people):
    """The same digest again: whoever signed it the first time may approve it when someone else signs it now."""
    digest = on_claims.digest
    approval_workflow.sign_off(on_claims, digest=digest, by=people, at=NOON)
    drafts.note_editor(on_claims, by=alma, at=NOON)
    submitted(on_claims, by=alma)
    assert on_claims.digest == digest

    who = eligibility.of_one(on_claims)
    assert who.sign_offs == () and names(who.checkers()) == {"Fiona", "Both"}

    approval_workflow.sign_off(on_claims, digest=digest, by=fiona, at=NOON)
    who = eligibility.of_one(on_claims)
    assert not who.why_no_approval(people) and names(who.approvers()) == {"Oskar", "Both"}
    approval_workflow.approve(on_claims, digest=digest, by=people, at=NOON)
    assert on_claims.approved_by == people


def test_a_withdrawal_waits_for_no_fact_checker(campaign, alma, oskar, people):
    bulletin = build_bulletin(campaign, by=alma)
    bulletin.claims.add(build_claim(campaign))
    published(bulletin, by=alma)
    corrections.retract(bulletin, by=alma, at=NOON, what_changed=dict.fromkeys(("fi", "sv", "en"), "Wrong."))
    submitted(bulletin, by=alma)

    who = eligibility.of_one(bulletin)

    assert not who.wants_sign_off and not who.why_no_approval(oskar)


def test_the_next_version_is_everyones_anew(campaign, alma, veikko, oskar, people):
    bulletin = build_published_version(campaign, by=veikko).bulletin
    corrections.start_correction(bulletin, by=alma, at=NOON, what_changed=dict.fromkeys(("fi", "sv", "en"), "x"))

    assert eligibility.of_one(submitted(bulletin, by=alma)).editor_ids == {alma.pk}


def test_many_cost_what_one_costs_and_each_gets_its_own_answer(campaign, alma, veikko, people, on_claims):
    with CaptureQueriesContext(connection) as one:
        eligibility.of_each([on_claims])
    others = [build_bulletin_in_review(campaign, by=by) for by in (veikko, people, alma)]

    with CaptureQueriesContext(connection) as many:
        found = eligibility.of_each([on_claims, *others])
        lists = [names(who.approvers()) for who in found.values()]

    assert len(one) == 3 and len(many) == 4  # who approves is read once, for all of them
    assert lists == [{"Oskar", "Both"}, {"Oskar", "Both"}, {"Oskar"}, {"Oskar", "Both"}]
    assert [who.wants_sign_off for who in found.values()] == [True, False, False, False]


def test_what_is_at_hand_is_not_read_again(on_claims):
    parts = Parts(on_claims)
    assert parts.claims
    with CaptureQueriesContext(connection) as queries:
        assert eligibility.of_one(on_claims, parts).wants_sign_off
    assert len(queries) == 2
