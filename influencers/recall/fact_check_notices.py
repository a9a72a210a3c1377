"""
News of fact-checks, told to people whom they concern: whoever can confirm a verdict, whoever reported a claim, and
whoever used a fact-check that changed. Influencers hear of a change by its recall (recalling), and by nothing else.

A step that nobody passed on yet is the queue. Each is claimed and its notices are written in one transaction, so two
at once tell once and a crash between loses nothing. The notices are sent as all others are.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from bulletins.approval import approval_workflow
from bulletins.models import Bulletin, EditionRevision, Review, Version
from campaigns.models import Campaign
from factcheck.models import Claim, ClaimStep, Sighting
from influencers import notices
from influencers.models import Influencer, RecallNotice
from influencers.recall.fact_check_texts import changed, lines, of_fact, verdict_name, verdicts
from notifications import outbox
from notifications.notice_kinds import Kind as NoticeKind

from . import recall_plan

log = logging.getLogger(__name__)

Kind = ClaimStep.Kind
MOST_AT_ONCE = 100  # steps for one call; the next goes on
WORKED_ON = (Review.Decision.EDITED, Review.Decision.SUBMITTED, Review.Decision.APPROVED)


def forward_steps(*, at: datetime) -> int:
    """Tell whom each waiting step concerns, in order, and return how many steps were passed on. Not in a transaction."""
    waiting = ClaimStep.objects.filter(passed_on_at=None).order_by("at", "pk").values_list("pk", flat=True)
    passed = 0
    for key in list(waiting[:MOST_AT_ONCE]):
        try:
            passed += forward_step(key, at=at)
        except Exception:
            log.exception("Step %s of a claim was not passed on; the next call tries again.", key)
    return passed


@transaction.atomic
def forward_step(key: int, *, at: datetime) -> bool:
    """Claim a step and write its notices; return whether nobody else had. The number of queries does not grow."""
    if not ClaimStep.objects.filter(pk=key, passed_on_at=None).update(passed_on_at=at):
        return False
    step = ClaimStep.objects.select_related("claim__campaign", "claim__current_version", "version").get(pk=key)
    if step.kind == Kind.PROPOSED:
        notify_of_proposal(step, at=at)
        return True
    users = notify_of_change(step, at=at) if step.kind in ClaimStep.NEWS else set()
    if step.kind in {Kind.PUBLISHED, Kind.CORRECTED}:
        notify_reporters(step, but=users, at=at)
    if step.kind == Kind.MERGED:
        notify_of_merger(step, at=at)
    return True


# --- Who is told -----------------------------------------------------------------------------------


def notify_of_proposal(step: ClaimStep, *, at: datetime) -> None:
    """Tell the other fact-checkers of a verdict that still waits for one of them."""
    if step.claim.status != Claim.Status.PROPOSED or step.claim.proposed_by_id != step.by_id:
        return
    checkers = User.objects.staff_with("factcheck.change_claim", step.claim.campaign_id)
    people = [one for one in checkers if one.pk != step.by_id]
    notify(notices.VERDICT_PROPOSED, people, step, proposal_text, at=at)


def notify_reporters(step: ClaimStep, *, but: set[int], at: datetime) -> None:
    """Tell people who reported a claim that it has been checked, but for people who are told more, or who did it."""
    version = step.version
    did_it = {step.by_id, version.proposed_by_id, version.confirmed_by_id} if version else {step.by_id}
    keys = reporters_of(step.claim, at=at) - but - {key for key in did_it if key}
    people = still_takes_part(keys, step.claim.campaign)
    notify(notices.REPORT_CHECKED, people, step, report_text, at=at)


def notify_of_merger(step: ClaimStep, *, at: datetime) -> None:
    """Tell people who reported a claim that it is the same as one that had been checked already."""
    main = step.claim.duplicate_of
    if main is None or main.current_version is None or main.paused_at or main.status == Claim.Status.WITHDRAWN:
        return
    keys = reporters_of(step.claim, at=at) - {step.by_id or 0}
    people = still_takes_part(keys, step.claim.campaign)
    told = ClaimStep(
        claim=main, kind=Kind.PUBLISHED, version=main.current_version, verdict=main.current_version.verdict
    )
    notify(notices.REPORT_CHECKED, people, told, report_text, at=at)


def reporters_of(claim: Claim, *, at: datetime) -> set[int]:
    """Return the keys of the users who reported a claim, or one found to be the same, until `at`; one query."""
    seen = Sighting.objects.of(claim).filter(reporter__is_active=True, created_at__lte=at)
    return set(seen.order_by().values_list("reporter", flat=True))


def still_takes_part(users: set[int], campaign: Campaign) -> list[User]:
    """Return those of some users who can still read the answer: staff, and influencers who take part; one query."""
    people = User.objects.filter(pk__in=users, is_active=True)
    here = Influencer.objects.filter(campaign=campaign, state=Influencer.State.ACTIVE, user__in=users)
    return list(people.filter(is_staff=True) | people.filter(pk__in=here.values("user")))


def notify_of_change(step: ClaimStep, *, at: datetime) -> set[int]:
    """Tell whoever used a fact-check that it changed, each once, and return their keys."""
    using = Bulletin.objects.filter(pk__in=Bulletin.claims.through.objects.filter(same(step.claim)).values("bulletin"))
    bulletins = list(using.order_by("number").only("pk", "number", "campaign_id"))
    staff = [one for one in editors_of(bulletins) if one.pk != step.by_id]
    known = {one.pk for one in staff}
    numbers = ", ".join(str(one.number) for one in bulletins)
    if step.kind in {Kind.CORRECTED, Kind.WITHDRAWN}:
        approval_workflow.void_changed(using, at=at)
    notify(notices.CLAIM_CHANGED, staff, step, lambda step: staff_text(step, numbers), at=at)
    recall_plan.plan_step(step, at=at, but=known)
    heard = RecallNotice.objects.filter(recall__step=step).values_list("influencer__user", flat=True)
    return known | set(heard)


def editors_of(bulletins: Iterable[Bulletin]) -> list[User]:
    """Return who edited, submitted or approved any version of some bulletins and still works at the desk; one query."""
    keys = [one.pk for one in bulletins]
    if not keys:
        return []
    revisions = EditionRevision.objects.filter(edition__bulletin__in=keys).values("edited_by")
    reviews = Review.objects.filter(bulletin__in=keys, decision__in=WORKED_ON).values("by")
    versions = Version.objects.filter(bulletin__in=keys).values("approved_by")
    rows = Bulletin.objects.filter(pk__in=keys)
    people = User.objects.filter(is_active=True, is_staff=True).filter(
        Q(pk__in=revisions.exclude(edited_by=None))
        | Q(pk__in=reviews.exclude(by=None))
        | Q(pk__in=versions.exclude(approved_by=None))
        | Q(pk__in=rows.exclude(submitted_by=None).values("submitted_by"))
        | Q(pk__in=rows.exclude(approved_by=None).values("approved_by"))
    )
    return list(people.order_by("pk"))


def same(claim: Claim) -> Q:
    """Return the condition for rows about a claim or one that was found to be the same."""
    return Q(claim=claim) | Q(claim__duplicate_of=claim)


def notify(
    kind: NoticeKind, people: Iterable[User], step: ClaimStep, words: Callable[[ClaimStep], str], *, at: datetime
) -> None:
    """Write notices to people, each in their language."""
    campaign = step.claim.campaign
    for language, group in campaign.by_language(people).items():
        with override(language):
            text = words(step)
        outbox.write(kind, group, about=step.claim, text=text, at=at)


# --- What they are told: the fact, never the claim ---------------------------------------------------


def proposal_text(step: ClaimStep) -> str:
    """Return what fact-checkers read of a proposed verdict, in the active language."""
    return lines(
        of_fact(step.claim.fact),
        _("Proposed verdict: %(verdict)s.") % {"verdict": verdict_name(step.verdict)},
        _("Confirm it or send it back. Nothing is published until a second person has confirmed it."),
    )


def report_text(step: ClaimStep) -> str:
    """Return what people who reported a claim read when it has been checked, in the active language."""
    return lines(
        of_fact(step.version.fact if step.version else {}),
        verdicts(step),
        _("Thank you for the report."),
    )


def staff_text(step: ClaimStep, numbers: str) -> str:
    """Return what the desk reads of a change in a fact-check that bulletins use, in the active language."""
    return lines(
        changed(step),
        _("Bulletins that use it: %(numbers)s.") % {"numbers": numbers},
        {
            Kind.RESUMED: _("What to do: nothing. The verdict has not changed."),
            Kind.PAUSED: _(
                "What to do: leave it out of drafts for now, and check whether a published bulletin is based on it."
            ),
        }.get(
            Kind(step.kind),
            _("What to do: check whether the bulletins are still correct, and correct any that are not."),
        ),
    )
