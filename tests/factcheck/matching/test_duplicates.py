"""Claims that are the same: merged by a person, split again, told apart; also by two people at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from accounts.models import AuditEntry
from factcheck.matching import duplicates
from factcheck.models import Claim, ClaimStep, Distinction, NotConfirmable, Sighting
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.builders import NOON, build_campaign, build_claim, checker, in_all, publish_claim, second_person

pytestmark = pytest.mark.django_db

Status = Claim.Status


def reported(campaign, slug, **fields):
    return Claim.objects.create(campaign=campaign, slug=slug, text={"fi": slug}, **fields)


def merge(claim, into):
    duplicates.merge(claim, into=into, by=checker(), at=NOON)


def state():
    return (
        list(Claim.objects.order_by("pk").values_list("pk", "status", "duplicate_of", "digest")),
        ClaimStep.objects.count(),
        AuditEntry.objects.count(),
        Distinction.objects.count(),
    )


def refused(words, claim, into):
    before = state()
    with pytest.raises(NotConfirmable, match=words):
        merge(claim, into)
    assert state() == before


# --- Merging ------------------------------------------------------------------------------------------


def test_a_merged_claim_shares_the_verdict_and_its_sightings_count(campaign):
    claim, main = reported(campaign, "one"), build_claim(campaign, "main")
    seen = {"platform": "x", "seen_on": NOON.date(), "language": "fi"}
    mine, theirs = Sighting.objects.create(claim=claim, **seen), Sighting.objects.create(claim=main, **seen)

    merge(claim, main)

    assert (claim.status, claim.duplicate_of, claim.main_id) == (Status.MERGED, main, main.pk)
    assert set(Sighting.objects.of(main)) == {mine, theirs}
    assert mine.claim == claim
    step = claim.steps.get()
    assert (step.kind, step.by, step.at, step.passed_on_at) == (ClaimStep.Kind.MERGED, checker(), NOON, None)
    entry = AuditEntry.objects.get(verb="claim.merged")
    assert (entry.subject_id, entry.detail) == (str(claim.pk), {"into": "main", "moved": []})


def test_a_proposal_is_void_when_its_claim_is_merged(campaign):
    claim, main = build_claim(campaign, "one", published=False), reported(campaign, "main")
    verdict_workflow.propose(claim, "false", by=checker(), at=NOON)
    verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON)

    merge(claim, main)

    assert (claim.digest, claim.proposed_by, claim.confirmed_by) == ("", None, None)


def test_nothing_is_merged_into_a_claim_that_was_set_aside(campaign):
    refused("was set aside", reported(campaign, "one"), reported(campaign, "main", status=Status.SET_ASIDE))


def test_merging_into_a_duplicate_leads_to_its_main_claim(campaign):
    first, second, main = (reported(campaign, slug) for slug in ("first", "second", "main"))
    merge(second, main)

    merge(first, second)

    assert first.duplicate_of == main


def test_duplicates_move_along(campaign):
    first, second, main = (reported(campaign, slug) for slug in ("first", "second", "main"))
    merge(first, second)

    merge(second, main)

    first.refresh_from_db()
    assert first.duplicate_of == main
    assert AuditEntry.objects.get(verb="claim.merged", subject_id=str(second.pk)).detail["moved"] == ["first"]


def test_merging_takes_back_that_they_were_told_apart(campaign):
    claim, main = reported(campaign, "one"), reported(campaign, "main")
    duplicates.mark_different(claim, main, by=checker(), at=NOON)

    merge(main, claim)

    assert not Distinction.objects.exists()


def test_a_claim_is_not_merged_into_itself(campaign):
    claim = reported(campaign, "one")
    refused("the same claim", claim, claim)


def test_a_main_claim_is_not_merged_into_its_duplicate(campaign):
    claim, main = reported(campaign, "one"), reported(campaign, "main")
    merge(claim, main)
    refused("already merged into it", main, claim)


def test_a_duplicate_is_not_merged_again(campaign):
    claim, main, third = (reported(campaign, slug) for slug in ("one", "main", "third"))
    merge(claim, main)
    refused("Split it from that one first", claim, third)


def test_a_claim_is_not_merged_into_another_campaigns(campaign):
    refused("another campaign", reported(campaign, "one"), reported(build_campaign("other"), "main"))


def test_nothing_is_merged_into_what_was_withdrawn(campaign):
    main = build_claim(campaign, "main")
    builders.pause_claim(main, told={}, by=checker(), at=NOON)
    builders.withdraw_claim(main, told=in_all(en="We were wrong."), by=second_person(), at=NOON)
    refused("withdrawn", reported(campaign, "one"), main)


# --- With verdicts that are public ------------------------------------------------------------------------


def test_a_published_claim_joins_one_with_the_same_public_verdict_and_keeps_its_version(campaign):
    claim, main = build_claim(campaign, "one"), build_claim(campaign, "main")
    standing = claim.current_version

    merge(claim, main)

    assert (claim.status, claim.duplicate_of, claim.current_version) == (Status.MERGED, main, standing)
    assert claim.get_absolute_url().endswith("/one/")


def test_a_published_claim_does_not_join_one_without_a_public_verdict(campaign):
    claim, main = build_claim(campaign, "one"), reported(campaign, "main")
    refused("Merge the other into this one", claim, main)
    merge(main, claim)
    assert main.duplicate_of == claim


def test_a_published_claim_does_not_join_one_with_another_verdict(campaign):
    main = build_claim(campaign, "main", published=False)
    publish_claim(main, "true")
    refused("verdicts differ", build_claim(campaign, "one"), main)


def test_a_paused_verdict_is_neither_merged_nor_joined_by_a_published_one(campaign):
    claim, main = build_claim(campaign, "one"), build_claim(campaign, "main")
    builders.pause_claim(main, told={}, by=checker(), at=NOON)

    refused("paused", claim, main)
    refused("paused", main, claim)


# --- Splitting and telling apart ----------------------------------------------------------------------------


def test_a_split_claim_is_open_again_and_told_apart(campaign):
    claim, main = reported(campaign, "one"), reported(campaign, "main")
    merge(claim, main)

    duplicates.split(claim, by=second_person(), at=NOON + timedelta(hours=1))

    assert (claim.status, claim.duplicate_of) == (Status.OPEN, None)
    assert [step.kind for step in claim.steps.all()] == ["split", "merged"]
    assert Distinction.objects.get().by == second_person()
    assert AuditEntry.objects.get(verb="claim.split").detail == {"apart_from": "main"}


def test_a_split_claim_with_a_public_verdict_is_under_review(campaign):
    claim, main = build_claim(campaign, "one"), build_claim(campaign, "main")
    merge(claim, main)

    duplicates.split(claim, by=checker(), at=NOON)

    assert claim.status == Status.IN_REVIEW
    assert claim.current_version


def test_what_is_not_merged_is_not_split(campaign):
    claim = reported(campaign, "one")
    before = state()

    with pytest.raises(NotConfirmable, match="not merged"):
        duplicates.split(claim, by=checker(), at=NOON)

    assert state() == before


def test_claims_are_told_apart_once(campaign):
    one, other = reported(campaign, "one"), reported(campaign, "other")

    duplicates.mark_different(other, one, by=checker(), at=NOON)
    duplicates.mark_different(one, other, by=checker(), at=NOON)

    found = Distinction.objects.get()
    assert (found.one, found.other) == (one, other)
    assert AuditEntry.objects.filter(verb="claim.told_apart").count() == 1


def test_merged_claims_another_campaigns_and_itself_are_not_told_apart(campaign):
    one, main, stranger = reported(campaign, "a"), reported(campaign, "b"), reported(build_campaign("other"), "c")
    merge(one, main)
    before = state()

    for claim, other, words in (
        (one, main, "merged"),
        (main, one, "merged"),
        (main, main, "same claim"),
        (main, stranger, "another campaign"),
    ):
        with pytest.raises(NotConfirmable, match=words):
            duplicates.mark_different(claim, other, by=checker(), at=NOON)

    assert state() == before


# --- Two at once --------------------------------------------------------------------------------------------


def at_once(*deeds):
    """Do things in threads that begin together, and return what each was refused with."""
    begin = threading.Barrier(len(deeds))
    said = []

    def run(deed):
        try:
            begin.wait(10)
            deed()
        except NotConfirmable as refusal:
            said.append(str(refusal))
        except Exception as fault:
            said.append(repr(fault))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return said


def threads_share_the_database():
    return connection.vendor == "postgresql" or "mode=memory" not in str(connection.settings_dict["NAME"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_two_who_merge_in_opposite_directions_end_with_one_main_claim(campaign, round_):
    if not threads_share_the_database():
        pytest.skip("A database in memory has one connection.")
    one, other = reported(campaign, "one"), reported(campaign, "other")
    by = checker()

    said = at_once(
        lambda: duplicates.merge(Claim.objects.get(slug="one"), into=other, by=by, at=NOON),
        lambda: duplicates.merge(Claim.objects.get(slug="other"), into=one, by=by, at=NOON),
    )

    assert len(said) == 1
    assert "Nothing changed" in said[0] or "Not merged" in said[0]
    assert sorted(Claim.objects.values_list("status", flat=True)) == ["merged", "open"]
    assert ClaimStep.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_a_chain_never_comes_of_merges_at_once(campaign, round_):
    if not threads_share_the_database():
        pytest.skip("A database in memory has one connection.")
    claims = {slug: reported(campaign, slug) for slug in ("a", "b", "c", "d")}
    by = checker()

    def deed(slug, into):
        return lambda: duplicates.merge(claims[slug], into=claims[into], by=by, at=NOON)

    said = at_once(deed("c", "b"), deed("b", "a"), deed("d", "c"), deed("a", "d"))

    assert all("Nothing changed" in words or "Not merged" in words for words in said), said
    assert not Claim.objects.filter(duplicate_of__duplicate_of__isnull=False).exists()
    assert Claim.objects.main().exists()
