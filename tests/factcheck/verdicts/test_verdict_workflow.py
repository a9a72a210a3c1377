"""The way of a claim: each step, who may take it, and that a refused one changes nothing."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounts.models import AuditEntry
from agreement.refusals import Refused
from campaigns.models import CampaignLanguage
from factcheck.models import Claim, ClaimStep, ClaimVersion, NotConfirmable
from factcheck.publication import queries
from factcheck.verdicts import verdict_checks, verdict_workflow
from tests.support import builders
from tests.support.builders import NOON, build_claim, build_user, checker, editor, in_all, publish_claim, second_person

Status, Kind = Claim.Status, ClaimStep.Kind
WORDS = in_all(en="We found a mistake.")


@pytest.fixture
def claim(campaign: Any) -> Claim:
    """A claim that nobody has taken up, with nothing to fix."""
    return build_claim(campaign, published=False)


def proposed(claim: Claim) -> Claim:
    verdict_workflow.propose(claim, "false", by=editor(), at=NOON)
    return claim


def confirmed(claim: Claim) -> Claim:
    verdict_workflow.confirm(proposed(claim), digest=claim.digest, by=second_person(), at=NOON)
    return claim


def published(claim: Claim) -> Claim:
    publish_claim(claim)
    claim.refresh_from_db()
    return claim


def paused(claim: Claim) -> Claim:
    builders.pause_claim(published(claim), told=WORDS, by=editor(), at=NOON)
    return claim


def reopened(claim: Claim) -> Claim:
    verdict_workflow.reopen(published(claim), reason="New figures.", by=editor(), at=NOON)
    return claim


def withdrawn(claim: Claim) -> Claim:
    builders.withdraw_claim(paused(claim), told=WORDS, by=second_person(), at=NOON)
    return claim


def set_aside(claim: Claim) -> Claim:
    verdict_workflow.set_aside(claim, reason="Nobody can check it.", by=editor(), at=NOON)
    return claim


def taken_up(claim: Claim) -> Claim:
    verdict_workflow.start_check(claim, by=editor(), at=NOON)
    return claim


def as_is(claim: Claim) -> Claim:
    return claim


def everything(claim: Claim) -> Any:
    """Return all that a step could change."""
    return (
        Claim.objects.filter(pk=claim.pk).values().get(),
        list(claim.steps.values()),
        list(claim.versions.values()),
        AuditEntry.objects.count(),
    )


def refused(claim: Claim, step: Callable[[], Any], says: str) -> None:
    """Take a step that is refused in these words, and see that nothing changed."""
    before = everything(claim)
    with pytest.raises(NotConfirmable, match=says):
        step()
    assert everything(claim) == before


# --- Forward --------------------------------------------------------------------------------------------------------


def test_the_whole_way_of_a_claim(claim, campaign):
    verdict_workflow.start_check(claim, by=editor(), at=NOON)
    assert claim.status == Status.IN_REVIEW
    verdict_workflow.propose(claim, "false", by=editor(), at=NOON)
    assert (claim.status, claim.proposed_by, claim.digest) == (Status.PROPOSED, editor(), claim.content_digest())
    verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON)
    assert (claim.status, claim.confirmed_by) == (Status.CONFIRMED, second_person())
    assert claim.checked_on == campaign.local(NOON).date()
    version = verdict_workflow.publish(claim, by=editor(), at=NOON)

    assert (claim.status, claim.current_version) == (Status.PUBLISHED, version)
    assert (version.number, version.kind, version.sha256) == (1, "original", claim.digest)
    assert (version.proposed_by, version.confirmed_by) == (editor(), second_person())
    assert [step.kind for step in claim.steps.order_by("pk")] == ["taken_up", "proposed", "confirmed", "published"]
    assert list(ClaimVersion.objects.in_force()) == [version]


def test_what_is_published_is_all_that_was_agreed_on(claim):
    version = publish_claim(claim)

    assert {name: getattr(version, name) for name in Claim.TEXTS} == {n: getattr(claim, n) for n in Claim.TEXTS}
    assert version.evidence == claim.content()["evidence"]


@pytest.mark.parametrize("verdict", Claim.Verdict.values)
def test_every_verdict_can_be_reached(claim, verdict):
    assert publish_claim(claim, verdict).verdict == verdict


# --- Refusals ---------------------------------------------------------------------------------------------------------

ALL = {
    "open": as_is,
    "in review": taken_up,
    "proposed": proposed,
    "confirmed": confirmed,
    "published": published,
    "paused": paused,
    "reopened": reopened,
    "withdrawn": withdrawn,
    "set aside": set_aside,
}
STEPS: dict[str, tuple[Callable[[Claim], Any], set[str], str]] = {
    "take up": (lambda c: verdict_workflow.start_check(c, by=editor(), at=NOON), {"open", "set aside"}, "Not started"),
    "propose": (
        lambda c: verdict_workflow.propose(c, "false", by=editor(), at=NOON),
        {"open", "in review", "proposed"},
        "Not proposed",
    ),
    "confirm": (
        lambda c: verdict_workflow.confirm(c, digest=c.digest, by=second_person(), at=NOON),
        {"proposed"},
        "Not confirmed",
    ),
    "send back": (
        lambda c: verdict_workflow.send_back(c, reason="Which study?", by=second_person(), at=NOON),
        {"proposed", "confirmed"},
        "Not sent back",
    ),
    "publish": (lambda c: verdict_workflow.publish(c, by=editor(), at=NOON), {"confirmed"}, "Not published"),
    "pause": (
        lambda c: verdict_workflow.pause(c, by=editor(), at=NOON),
        {"published", "reopened"},
        "Not paused",
    ),
    "resume": (lambda c: verdict_workflow.resume(c, by=editor(), at=NOON), {"paused"}, "Not restored"),
    "reopen": (
        lambda c: verdict_workflow.reopen(c, reason="New figures.", by=editor(), at=NOON),
        {"published", "paused"},
        "Not reopened",
    ),
    "withdraw": (
        lambda c: verdict_workflow.withdraw(c, by=second_person(), at=NOON),
        {"paused"},
        "Not withdrawn",
    ),
    "set aside": (
        lambda c: verdict_workflow.set_aside(c, reason="No.", by=editor(), at=NOON),
        {"open", "in review", "proposed", "confirmed"},
        "Not set aside",
    ),
}


@pytest.mark.parametrize("where", ALL)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_taken_in_its_turn_and_refused_in_words_out_of_it(claim, where, step):
    take, turns, says = STEPS[step]
    ALL[where](claim)

    if where in turns:
        before = everything(claim)
        take(claim)
        assert everything(claim) != before
    else:
        refused(claim, lambda: take(claim), says)


def test_whoever_proposed_a_verdict_cannot_confirm_it(claim):
    proposed(claim)

    refused(
        claim, lambda: verdict_workflow.confirm(claim, digest=claim.digest, by=editor(), at=NOON), "worked on this text"
    )


def test_not_even_a_superuser_confirms_their_own_verdict(claim):
    boss = build_user("boss", "admin", is_superuser=True)
    verdict_workflow.propose(claim, "false", by=boss, at=NOON)

    refused(
        claim, lambda: verdict_workflow.confirm(claim, digest=claim.digest, by=boss, at=NOON), "worked on this text"
    )


def test_whoever_proposed_again_cannot_confirm(claim):
    proposed(claim)
    verdict_workflow.propose(claim, "unproven", by=second_person(), at=NOON)

    refused(
        claim,
        lambda: verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON),
        "worked on this text",
    )
    verdict_workflow.confirm(claim, digest=claim.digest, by=checker(), at=NOON)
    assert claim.verdict == "unproven"


@pytest.mark.parametrize("digest", ["", "0" * 64, "old"])
def test_another_fingerprint_confirms_nothing(claim, digest):
    proposed(claim)

    refused(
        claim,
        lambda: verdict_workflow.confirm(claim, digest=digest, by=second_person(), at=NOON),
        "changed",
    )


def test_what_was_read_before_it_was_proposed_anew_is_not_confirmed(claim):
    read_before = proposed(claim).digest
    claim.fact = {**claim.fact, "sv": "Ingen mat botar den."}
    claim.save()
    verdict_workflow.propose(claim, "false", by=editor(), at=NOON)

    refused(
        claim,
        lambda: verdict_workflow.confirm(claim, digest=read_before, by=second_person(), at=NOON),
        "changed",
    )


EDITS: dict[str, Callable[[Claim], Any]] = {
    "a word": lambda c: Claim.objects.filter(pk=c.pk).update(fact={**c.fact, "sv": "Annat."}),
    "the verdict": lambda c: Claim.objects.filter(pk=c.pk).update(verdict="unproven"),
    "the validity": lambda c: Claim.objects.filter(pk=c.pk).update(valid_until=NOON),
    "a quote": lambda c: c.evidence.filter(pk=c.evidence.first().pk).update(quote="Else."),
    "a source less": lambda c: c.evidence.last().delete(),
    "a source more": lambda c: c.evidence.create(publisher="C", title="c", url="https://c.example/"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_behind_a_proposal_keeps_it_from_being_confirmed(claim, edit):
    proposed(claim)
    EDITS[edit](claim)

    refused(
        claim,
        lambda: verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON),
        "changed",
    )


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_behind_a_confirmation_keeps_it_from_being_published(claim, edit):
    confirmed(claim)
    EDITS[edit](claim)

    refused(claim, lambda: verdict_workflow.publish(claim, by=editor(), at=NOON), "something has changed")


@pytest.mark.parametrize("reached", [proposed, confirmed])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_takes_a_proposal_back(claim, reached, edit):
    reached(claim)
    EDITS[edit](claim)

    assert verdict_workflow.void_if_changed(claim, by=editor(), at=NOON)

    assert (claim.status, claim.digest, claim.proposed_by, claim.confirmed_by) == (Status.IN_REVIEW, "", None, None)
    assert claim.steps.order_by("-pk")[0].kind == Kind.VOIDED


@pytest.mark.parametrize("reached", [as_is, taken_up, proposed, confirmed, published, reopened, withdrawn])
def test_saving_without_a_change_takes_nothing_back(claim, reached):
    reached(claim)
    claim.save()
    before = everything(claim)

    assert not verdict_workflow.void_if_changed(claim, by=editor(), at=NOON)

    assert everything(claim) == before


@pytest.mark.parametrize("verdict", ["", "half_true", "FALSE"])
def test_only_one_of_the_four_verdicts_can_be_proposed(claim, verdict):
    refused(claim, lambda: verdict_workflow.propose(claim, verdict, by=editor(), at=NOON), "choose a verdict")


def test_a_refusal_names_what_stands_in_the_way(claim):
    claim.fact = {}
    claim.save()

    refused(
        claim, lambda: verdict_workflow.propose(claim, "false", by=editor(), at=NOON), "3 things prevent it.*Swedish"
    )


@pytest.mark.parametrize(
    ("reached", "step"),
    [
        (proposed, lambda c: verdict_workflow.send_back(c, reason=" ", by=second_person(), at=NOON)),
        (published, lambda c: verdict_workflow.reopen(c, reason="", by=editor(), at=NOON)),
        (as_is, lambda c: verdict_workflow.set_aside(c, reason="\n", by=editor(), at=NOON)),
    ],
)
def test_a_step_back_needs_a_reason(claim, reached, step):
    reached(claim)

    refused(claim, lambda: step(claim), "give a reason")


# --- After publishing ---------------------------------------------------------------------------------------------------


def test_a_correction_says_what_changed_and_keeps_the_first_version(claim):
    reopened(claim)
    first = claim.current_version
    refused(claim, lambda: verdict_workflow.propose(claim, "true", by=editor(), at=NOON), "what changed")
    claim.what_changed = in_all(en="A new study came out.")
    claim.save()

    second = publish_claim(claim, "true")

    claim.refresh_from_db()
    assert (second.number, second.kind, claim.current_version) == (2, "correction", second)
    step = claim.steps.get(kind=Kind.CORRECTED)
    assert (step.before, step.verdict, step.reader_text, step.passed_on_at) == (
        "false",
        "true",
        second.what_changed,
        None,
    )
    assert ClaimVersion.objects.get(pk=first.pk).verdict == "false"


def test_reopening_keeps_what_stands_in_front_of_readers(claim):
    reopened(claim)

    assert (claim.status, claim.current_version.number, claim.proposed_by) == (Status.IN_REVIEW, 1, None)
    assert list(Claim.objects.published()) == [claim]
    assert ClaimVersion.objects.in_force().count() == 1


def test_pausing_hides_it_at_once_and_one_person_is_enough(claim):
    published(claim)

    builders.pause_claim(claim, told={}, by=editor(), at=NOON)

    assert (claim.status, claim.paused_by, claim.paused_at) == (Status.PAUSED, editor(), NOON)
    assert not Claim.objects.published().exists()
    assert not ClaimVersion.objects.in_force().exists()
    assert claim.steps.get(kind=Kind.PAUSED).passed_on_at is None


def test_showing_it_again_changes_no_word(claim):
    paused(claim)
    version = claim.current_version

    verdict_workflow.resume(claim, by=editor(), at=NOON)

    assert (claim.status, claim.current_version, claim.paused_at) == (Status.PUBLISHED, version, None)
    assert list(ClaimVersion.objects.in_force()) == [version]


def test_a_paused_verdict_that_is_being_changed_stays_hidden_until_it_is_published(claim):
    paused(claim)
    verdict_workflow.reopen(claim, reason="New figures.", by=editor(), at=NOON)
    assert not ClaimVersion.objects.in_force().exists()
    refused(claim, lambda: verdict_workflow.resume(claim, by=editor(), at=NOON), "being changed")
    claim.what_changed = in_all(en="A new study came out.")
    claim.save()

    publish_claim(claim)

    claim.refresh_from_db()
    assert (claim.paused_at, claim.paused_by) == (None, None)
    assert ClaimVersion.objects.in_force().count() == 1


def test_whoever_paused_a_verdict_cannot_withdraw_it(claim):
    paused(claim)

    refused(claim, lambda: verdict_workflow.withdraw(claim, by=editor(), at=NOON), "the person who paused")


@pytest.mark.parametrize(("missing", "name"), [("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")])
def test_words_for_readers_are_in_every_language(claim, missing, name):
    paused(claim)
    before = everything(claim)

    with pytest.raises(Refused, match=f"in {name} too"):
        verdict_workflow.propose_custom_text(claim, {**WORDS, missing: " "}, by=second_person(), at=NOON)
    assert everything(claim) == before and verdict_workflow.waiting_custom_text(claim) is None


def test_a_pause_says_nothing_of_its_own_until_a_second_person_has_read_it(claim):
    verdict_workflow.pause(published(claim), reason="For colleagues", by=editor(), at=NOON)
    waiting = verdict_workflow.propose_custom_text(claim, WORDS, by=editor(), at=NOON)
    for digest, by, says in (
        (waiting.digest, editor(), "worked on this text"),
        ("", second_person(), "changed since"),
        ("0" * 64, second_person(), "changed since"),
    ):
        with pytest.raises(Refused, match=says):
            verdict_workflow.approve_custom_text(claim, digest=digest, by=by, at=NOON)
        assert (
            claim.steps.get(kind=Kind.PAUSED).reader_text == {}
            and verdict_workflow.waiting_custom_text(claim) == waiting
        )

    verdict_workflow.approve_custom_text(claim, digest=waiting.digest, by=second_person(), at=NOON)

    assert claim.steps.get(kind=Kind.PAUSED).reader_text == WORDS
    verbs = AuditEntry.objects.filter(verb__startswith="custom_text.").order_by("pk")
    assert [(one.verb, one.actor, one.digest) for one in verbs] == [
        ("custom_text.proposed", editor(), waiting.digest),
        ("custom_text.agreed", second_person(), waiting.digest),
    ]


def test_words_that_were_replaced_or_outlived_their_pause_reach_nobody(claim):
    verdict_workflow.pause(published(claim), by=editor(), at=NOON)
    first = verdict_workflow.propose_custom_text(claim, WORDS, by=editor(), at=NOON)
    second = verdict_workflow.propose_custom_text(claim, in_all(en="Other words."), by=editor(), at=NOON)
    with pytest.raises(Refused, match="changed since"):
        verdict_workflow.approve_custom_text(claim, digest=first.digest, by=second_person(), at=NOON)
    verdict_workflow.resume(claim, by=editor(), at=NOON)

    assert verdict_workflow.waiting_custom_text(claim) is None
    refused(
        claim,
        lambda: verdict_workflow.approve_custom_text(claim, digest=second.digest, by=second_person(), at=NOON),
        "no longer paused",
    )


def test_a_withdrawal_without_words_says_a_fixed_sentence(claim):
    verdict_workflow.pause(published(claim), by=editor(), at=NOON)
    verdict_workflow.propose_custom_text(claim, WORDS, by=editor(), at=NOON)

    verdict_workflow.withdraw(claim, by=second_person(), at=NOON)

    assert claim.current_version.what_changed["en"] == "We no longer stand by this verdict."
    assert verdict_workflow.waiting_custom_text(claim) is None


def test_whoever_wrote_the_words_of_a_withdrawal_does_not_withdraw_with_them(claim):
    verdict_workflow.pause(published(claim), by=editor(), at=NOON)
    waiting = verdict_workflow.propose_custom_text(claim, WORDS, by=second_person(), at=NOON)
    before = everything(claim)

    with pytest.raises(Refused, match="worked on this text"):
        verdict_workflow.withdraw(claim, digest=waiting.digest, by=second_person(), at=NOON)
    assert everything(claim) == before


def test_a_withdrawal_is_a_version_with_the_words_that_were_withdrawn(claim):
    withdrawn(claim)

    version = claim.current_version
    assert (version.number, version.kind, version.what_changed) == (2, "withdrawal", WORDS)
    assert version.fact == claim.versions.get(number=1).fact
    assert not ClaimVersion.objects.in_force().exists()
    assert list(Claim.objects.visible()) == [claim]


def test_what_was_ever_public_cannot_be_set_aside(claim):
    reopened(claim)

    refused(claim, lambda: verdict_workflow.set_aside(claim, reason="No.", by=editor(), at=NOON), "is public")


# --- What was published never changes -------------------------------------------------------------------------------------


def test_editing_the_working_copy_changes_no_version(claim):
    version = publish_claim(claim)
    Claim.objects.filter(pk=claim.pk).update(fact=in_all(en="Else."))
    claim.evidence.all().delete()

    version.refresh_from_db()
    assert version.fact["en"] == "No food cures it."
    assert len(version.evidence) == 2


# --- What the database itself refuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reached", "values"),
    [
        (proposed, {"status": "confirmed"}),
        (proposed, {"status": "published"}),
        (confirmed, {"confirmed_by": F("proposed_by")}),
        (confirmed, {"proposed_by": None}),
        (confirmed, {"verdict": ""}),
        (confirmed, {"status": "published"}),
        (published, {"current_version": None}),
        (as_is, {"status": "merged"}),
    ],
)
def test_the_database_refuses_what_no_two_people_agreed_on(claim, reached, values):
    reached(claim)
    before = everything(claim)

    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(**values)

    assert everything(claim) == before


def test_the_database_refuses_a_version_of_one_person(claim):
    version = publish_claim(claim)

    with pytest.raises(IntegrityError), transaction.atomic():
        ClaimVersion._base_manager.filter(pk=version.pk).update(confirmed_by=F("proposed_by"))


def test_the_database_refuses_two_versions_of_one_number(claim):
    version = publish_claim(claim)
    version.pk, version._state.adding = None, True

    with pytest.raises(IntegrityError), transaction.atomic():
        version.save()


# --- At once ----------------------------------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["confirm", "publish"])
def test_two_people_at_once_take_a_step_once(campaign, roles, step):
    claim = build_claim(campaign, published=False)
    (proposed if step == "confirm" else confirmed)(claim)
    people = [second_person(), build_user("third", "fact-checker")]
    both, came = threading.Barrier(2), []

    def work(person: Any) -> None:
        mine = Claim.objects.get(pk=claim.pk)
        both.wait()
        try:
            if step == "confirm":
                verdict_workflow.confirm(mine, digest=mine.digest, by=person, at=NOON)
            else:
                verdict_workflow.publish(mine, by=person, at=NOON)
            came.append("done")
        except NotConfirmable as refusal:
            came.append(str(refusal))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=[person]) for person in people]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)

    assert len(came) == 2 and came.count("done") == 1
    kind = Kind.CONFIRMED if step == "confirm" else Kind.PUBLISHED
    assert claim.steps.filter(kind=kind).count() == 1
    assert claim.versions.count() == (step == "publish")


# --- Languages that follow -------------------------------------------------------------------------------


@pytest.fixture
def follows(campaign: Any) -> CampaignLanguage:
    """A language that nothing waits for."""
    return CampaignLanguage.objects.create(
        campaign=campaign, code="se", position=9, name="Hárjehallan", sender_name="Joavku", must_be_ready=False
    )


def put_into(claim: Claim, code: str) -> None:
    """Write every part of a claim in one more language."""
    for part in Claim.TEXTS:
        if part != "what_changed" and getattr(claim, part).get("fi"):
            setattr(claim, part, {**getattr(claim, part), code: getattr(claim, part)["fi"]})
    claim.save()


def test_a_fact_check_waits_only_for_languages_that_must_be_ready(claim, follows):
    found = verdict_checks.lint(claim, at=NOON, verdict="false")
    assert [(one.code, one.place) for one in found if ":se" in one.place] == [("follows-later", "fact:se")]
    assert published(claim).status == "published"


def test_a_language_that_follows_is_whole_or_left_out(claim, follows):
    claim.fact = {**claim.fact, "se": "Gáivočáhci lea buhtis."}
    claim.save()
    assert "warning:se" in [one.place for one in verdict_checks.stops(claim, at=NOON, verdict="false")]
    CampaignLanguage.objects.update(must_be_ready=True)


def test_a_language_that_must_be_ready_stops_a_fact_check(claim, follows):
    CampaignLanguage.objects.update(must_be_ready=True)
    assert "fact:se" in [one.place for one in verdict_checks.stops(claim, at=NOON, verdict="false")]


def test_a_language_is_added_to_a_fact_check_and_nobody_is_told_anew(claim, follows):
    published(claim)
    verdict_workflow.add_language(claim, by=editor(), at=NOON)
    assert not queries.read(claim, at=NOON).is_checked_again
    put_into(claim, "se")
    confirmed(claim)
    version = verdict_workflow.publish(claim, by=editor(), at=NOON)
    assert (version.kind, version.adds_language, version.number, "se" in version.fact) == ("original", True, 2, True)
    step = claim.steps.filter(version=version).get()
    assert (step.kind, step.passed_on_at, claim.adds_language) == ("published", NOON, False)
    with pytest.raises(NotConfirmable):  # it is in every language
        verdict_workflow.add_language(claim, by=editor(), at=NOON)


def test_what_changes_more_than_a_language_is_a_correction(claim, follows):
    published(claim)
    verdict_workflow.add_language(claim, by=editor(), at=NOON)
    put_into(claim, "se")
    claim.fact = {**claim.fact, "en": "Something else."}
    claim.save()
    assert "what_changed:fi" in [one.place for one in verdict_checks.stops(claim, at=NOON, verdict="false")]


def test_what_is_open_for_a_language_can_be_checked_again(claim, follows):
    published(claim)
    verdict_workflow.add_language(claim, by=editor(), at=NOON)
    verdict_workflow.reopen(claim, reason="New figures.", by=editor(), at=NOON)
    assert queries.read(claim, at=NOON).is_checked_again


def test_the_page_says_in_which_languages_it_is_still_to_come(claim, follows, client):
    page = client.get(published(claim).get_absolute_url()).content.decode()
    assert "davvisámegiella" in page.lower()
