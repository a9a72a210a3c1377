"""A second pair of eyes: submit, sign off the fact-checks, approve the exact content, or send it back."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import independence
from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.checks import findings, registry
from bulletins.comments import threads
from bulletins.editing import drafts
from bulletins.media import media_jobs
from bulletins.models import Bulletin, MediaJob, NotAllowed, Parts, Review, Target, Urgency, Version, rule_of
from bulletins.publication import publish
from bulletins.scheduling import send_slots
from notifications import outbox

from . import approval_requests, eligibility

State = Bulletin.State
NAMED = 5  # findings that a refusal names


# --- Steps -------------------------------------------------------------------------------------------


@transaction.atomic
def submit(bulletin: Bulletin, *, by: User, at: datetime) -> None:
    """
    Submit a draft: fix its slots and the digest of all that an approval covers, and call those whose turn it is.

    Raise NotAllowed when it is no draft, or when something still stops it; then nothing changes.
    """
    held = lock_bulletin(bulletin)
    if held.state != State.DRAFT:
        raise NotAllowed(_("Not submitted: this bulletin is not a draft. Nothing changed."))
    parts = Parts(held)
    found = registry.stops(held, at=at, parts=parts)
    if found:
        says = ngettext(
            "Not submitted: one thing prevents it. %(what)s",
            "Not submitted: %(count)d things prevent it. %(what)s",
            len(found),
        )
        raise NotAllowed(says % {"count": len(found), "what": listed(found)})
    send_slots.fix_slots(parts, at=at)
    if held.asks_for_seen:
        held.seen_rule = rule_of(held.campaign).plain()
    digest = held.content_digest(parts)
    held.state, held.digest, held.submitted_by, held.submitted_at = State.IN_REVIEW, digest, by, at
    held.approved_by = held.approved_at = None
    fields = ["state", "digest", "submitted_by", "submitted_at", "approved_by", "approved_at", "seen_rule"]
    held.save(update_fields=fields)
    Review.objects.note(held, Review.Decision.SUBMITTED, digest=digest, by=by, at=at)
    trail.note("bulletin.submitted", held, by=by, at=at, digest=digest, version=held.version)
    media_jobs.enqueue(held, MediaJob.Kind.CARDS, by=by, at=at)
    media_jobs.enqueue(held, MediaJob.Kind.MOVING, by=by, at=at)
    urgent, who = held.urgency == Urgency.URGENT, eligibility.of_one(held, parts)
    if who.wants_sign_off:
        outbox.write(approval_requests.SIGN_OFF_WANTED, who.checkers(), about=held, hook=urgent, at=at)
    if urgent or not who.wants_sign_off:
        outbox.write(approval_requests.APPROVAL_WANTED, who.approvers(), about=held, hook=urgent, at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def sign_off(bulletin: Bulletin, *, digest: str, by: User, at: datetime) -> None:
    """
    Say as a fact-checker that exactly this content says of its claims what was found. It does not approve.

    Raise NotAllowed, with nothing changed, for whoever edited or submitted this version, when no claim is touched,
    and for content that has changed.
    """
    held = lock_bulletin(bulletin)
    parts = Parts(held)
    refuse_changed(parts, digest, _("Not signed off: %(why)s"))
    refuse_away(held, by, _("Not signed off. %(why)s"), at=at)
    if why := eligibility.of_one(held, parts).why_no_sign_off(by):
        raise NotAllowed(_("Not signed off. %(why)s") % {"why": why})
    Review.objects.note(held, Review.Decision.SIGNED_OFF, digest=digest, by=by, at=at)
    trail.note("bulletin.signed_off", held, by=by, at=at, digest=digest, version=held.version)
    if held.urgency != Urgency.URGENT:  # of an urgent one the approvers have heard when it was submitted
        who = eligibility.of_one(held, parts)
        outbox.write(approval_requests.APPROVAL_WANTED, who.approvers(), about=held, at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def approve(bulletin: Bulletin, *, digest: str, by: User, at: datetime) -> None:
    """
    Approve exactly the content whose digest `by` has read. Of two approvers at once, one is told so.

    Raise NotAllowed, with nothing changed, for someone who edited, submitted or signed off this version, where
    the fact-checkers have not signed off, for content that has changed, for a slot that has passed, and when
    something has come to stop it since it was submitted. Its comments go.
    """
    held = lock_bulletin(bulletin)
    parts = Parts(held)
    refuse_changed(parts, digest, _("Not approved: %(why)s"))
    refuse_away(held, by, _("Not approved. %(why)s"), at=at)
    who = eligibility.of_one(held, parts)
    if why := who.why_no_approval(by) or independence.why_not(by, {key for key in who.barred_ids() if key}, at=at):
        raise NotAllowed(_("Not approved. %(why)s") % {"why": why})
    planned = [target for target in parts.targets if target.timing != Target.Timing.AT_ONCE]
    if any(target.slot_at and target.slot_at <= at for target in planned):
        raise NotAllowed(_("Not approved: a slot has passed in the meantime. Send it back and submit it again."))
    if found := registry.stops(held, at=at, parts=parts):
        raise NotAllowed(
            _("Not approved: a problem has come up since it was submitted. %(what)s Nothing was sent.")
            % {"what": listed(found)}
        )
    send_slots.fix_immediate_slots(parts, at=at)
    won = Bulletin.objects.filter(pk=held.pk, state=State.IN_REVIEW, digest=digest).update(
        state=State.APPROVED, approved_by=by, approved_at=at
    )
    if not won:
        raise NotAllowed(_("Not approved: someone else was faster. Nothing changed."))
    Review.objects.note(held, Review.Decision.APPROVED, digest=digest, by=by, at=at)
    trail.note("bulletin.approved", held, by=by, at=at, digest=digest, version=held.version)
    threads.delete_all(held, by=by, at=at)
    outbox.write(notices.APPROVED, authors_of(who, but=by), about=held, at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def approve_and_publish(bulletin: Bulletin, *, digest: str, by: User, at: datetime) -> Version:
    """
    Approve an urgent bulletin and publish it in the same breath: both happen, or neither.

    The rules are those of `approve` and `publish.publish`; audiences that wait for a slot get it then. Raise NotAllowed for a
    bulletin that is not urgent, or of which nothing leaves at once.
    """
    if bulletin.urgency != Urgency.URGENT:
        raise NotAllowed(_("Not approved: only an urgent bulletin is approved and sent in one step. Approve it first."))
    if not leaves_at_once(bulletin):
        raise NotAllowed(_("Not approved: every audience has to wait for its slot. Approve it instead."))
    approve(bulletin, digest=digest, by=by, at=at)
    return publish.publish(bulletin, at=at, by=by)


@transaction.atomic
def send_back(bulletin: Bulletin, *, by: User, at: datetime, reason: str) -> None:
    """Give it back to its authors with a reason. Raise NotAllowed without one, or when it isn't in review."""
    if not reason.strip():
        raise NotAllowed(_("Not sent back: say what has to change."))
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if not held.is_reviewed:
        raise NotAllowed(_("Not sent back: this bulletin is neither in review nor approved. Nothing changed."))
    people = authors_of(eligibility.of_one(held), but=by)
    Review.objects.note(held, Review.Decision.RETURNED, digest=held.digest, by=by, at=at, reason=reason.strip())
    trail.note(
        "bulletin.sent_back", held, by=by, at=at, digest=held.digest, version=held.version, reason=reason.strip()
    )
    drafts.void(held, by=by, at=at)
    outbox.write(notices.SENT_BACK, people, about=held, text=reason.strip(), at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def withdraw_outdated(*, by: User, at: datetime) -> int:
    """
    Take back the reviews and approvals of bulletins that print something else by now than was submitted, and tell their
    authors at once: at the slot it would be too late. Return how many there were.
    """
    waiting = Bulletin.objects.filter(state__in=Bulletin.REVIEWED).order_by("pk")
    count = 0
    for bulletin in waiting:
        held = lock_bulletin(bulletin)
        parts = Parts(held)
        if not held.is_reviewed or held.content_digest(parts) == held.digest:
            continue
        people = authors_of(eligibility.of_one(held, parts), but=by)
        drafts.void(held, by=by, at=at)
        why = _("A name or other text that is printed with it was changed by %(who)s. Submit it again.") % {"who": by}
        outbox.write(notices.SENT_BACK, people, about=held, text=why, hook=held.urgency == Urgency.URGENT, at=at)
        count += 1
    return count


def void_changed(bulletins: QuerySet[Bulletin], *, at: datetime) -> None:
    """
    Take back the reviews and approvals of those that print something else by now than was submitted, such as a fact-check
    that was paused, corrected or withdrawn. Telling people is the caller's. In a transaction.
    """
    waiting = bulletins.filter(state__in=Bulletin.REVIEWED)
    for bulletin in waiting.select_for_update().order_by("pk"):
        if bulletin.content_digest() != bulletin.digest:
            drafts.void(bulletin, by=None, at=at)


# --- What refuses, and the rest ------------------------------------------------------------------------


def lock_bulletin(bulletin: Bulletin) -> Bulletin:
    """Return the bulletin's row, locked until the end of the transaction, with its campaign at hand; two queries."""
    rows = Bulletin.objects.select_for_update(of=("self",)).select_related("campaign__authority")
    return rows.prefetch_related("campaign__languages").get(pk=bulletin.pk)


def refuse_away(bulletin: Bulletin, by: User, says: str, *, at: datetime) -> None:
    """Raise NotAllowed in the frame `says` ("… %(why)s") for whoever the scenario of a drill has let out; needs its campaign at hand."""
    clock = bulletin.campaign.drill_clock
    if clock is not None and clock.is_away(by.pk, at=at):
        raise NotAllowed(says % {"why": _("By the drill’s scenario you are out now. Somebody else has to do it.")})


def leaves_at_once(bulletin: Bulletin) -> bool:
    """Return whether a part of a bulletin goes out as soon as it is approved, but for an embargo; one query at most."""
    return bulletin.version > 1 or bulletin.targets.filter(timing=Target.Timing.AT_ONCE).exists()


def refuse_changed(parts: Parts, digest: str, says: str) -> None:
    """Raise NotAllowed in the frame `says` ("… %(why)s") unless `digest` is what is in review; name who changed it."""
    held = parts.bulletin
    voids = held.reviews.filter(decision=Review.Decision.VOIDED, digest=digest).select_related("by")
    if digest and digest != held.digest and (void := voids.first()):
        who, when = void.by or _("someone"), date_format(timezone.localtime(void.at), "TIME_FORMAT")
        if held.state == State.DRAFT:
            why = _("%(who)s changed the text while you read it, at %(time)s. It is a draft again. Nothing was sent.")
        else:
            why = _("%(who)s changed the text while you read it, at %(time)s. Read it again. Nothing was sent.")
        raise NotAllowed(says % {"why": why % {"who": who, "time": when}})
    if held.state != State.IN_REVIEW:
        raise NotAllowed(says % {"why": why_not_in_review(held)})
    if digest != held.digest or held.content_digest(parts) != held.digest:
        raise NotAllowed(says % {"why": _("the content changed during review. Read it again. Nothing was sent.")})


def why_not_in_review(bulletin: Bulletin) -> str:
    """Return who has approved this version or sent it back, and when, for someone who comes too late; one query."""
    taken = bulletin.reviews.filter(
        version=bulletin.version, decision__in=[Review.Decision.APPROVED, Review.Decision.RETURNED]
    )
    step = taken.select_related("by").first()
    if step is None:
        return _("this bulletin is not in review. Nothing was sent.")
    who, when = step.by or _("someone"), date_format(timezone.localtime(step.at), "TIME_FORMAT")
    if step.decision == Review.Decision.APPROVED and bulletin.state != State.DRAFT:
        return _("%(who)s approved it at %(time)s already. You have nothing left to do.") % {"who": who, "time": when}
    if step.decision == Review.Decision.RETURNED and bulletin.state == State.DRAFT:
        says = _("%(who)s sent it back at %(time)s: “%(reason)s” It is a draft again. Nothing was sent.")
        return says % {"who": who, "time": when, "reason": step.reason}
    return _("this bulletin is not in review. Nothing was sent.")


def listed(found: list[findings.Finding]) -> str:
    """Return the first findings as sentences."""
    return " ".join(str(finding) for finding in found[:NAMED])


def authors_of(who: eligibility.Eligibility, *, but: User) -> list[User]:
    """Return who edited or submitted a version, without the one who acts and without who has left."""
    return list(User.objects.filter(pk__in=who.editor_ids, is_active=True).exclude(pk=but.pk))
