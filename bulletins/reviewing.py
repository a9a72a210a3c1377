"""A second pair of eyes: submit, sign off the fact-checks, approve the exact content, or send it back."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import User

from . import drafting, linting, making, publishing, scheduling, telling
from .models import Bulletin, Making, NotAllowed, Notice, Parts, Review, Target, Urgency, Version

State = Bulletin.State
NAMED = 5  # people or findings that a refusal names


# --- Who ---------------------------------------------------------------------------------------------


def can_approve(bulletin: Bulletin, parts: Parts | None = None) -> list[User]:
    """Return who may approve this version: approvers who neither edited, submitted nor signed it off."""
    barred = bulletin.editor_ids() | (signer_ids(bulletin) if wants_sign_off(bulletin, parts) else set())
    return [person for person in telling.holders("bulletins.approve_bulletin") if person.pk not in barred]


def can_sign_off(bulletin: Bulletin) -> list[User]:
    """Return who may sign off the fact-checks of this version: fact-checkers who neither edited nor submitted it."""
    barred = bulletin.editor_ids()
    return [person for person in telling.holders("bulletins.sign_off_bulletin") if person.pk not in barred]


def names_of(people: list[User]) -> str:
    """Return the names of some people for a sentence, or that there is nobody."""
    return ", ".join(str(person) for person in people[:NAMED]) or _("nobody yet")


def wants_sign_off(bulletin: Bulletin, parts: Parts | None = None) -> bool:
    """Tell whether fact-checkers have a say: it rests on claims and says something. A withdrawal says nothing."""
    if bulletin.kind == Bulletin.Kind.RETRACTION:
        return False
    return bool(parts.claims) if parts else bulletin.claims.exists()


def sign_offs(bulletin: Bulletin) -> QuerySet[Review]:
    """Return the sign-offs of exactly what is in review now. One of before an edit does not come back with the words."""
    submitted = bulletin.reviews.filter(decision=Review.Decision.SUBMITTED).order_by("-pk").values("pk")[:1]
    return bulletin.reviews.filter(
        version=bulletin.version, decision=Review.Decision.SIGNED_OFF, digest=bulletin.digest, pk__gt=submitted
    ).select_related("by")


def signer_ids(bulletin: Bulletin) -> set[int]:
    """Return the keys of those who signed off what is in review now."""
    return {pk for pk in sign_offs(bulletin).values_list("by_id", flat=True) if pk}


# --- Steps -------------------------------------------------------------------------------------------


@transaction.atomic
def submit(bulletin: Bulletin, *, by: User, at: datetime) -> None:
    """
    Submit a draft: fix its slots and the digest of all that an approval covers, and call those whose turn it is.

    Raise NotAllowed when it is no draft, or when something still stops it; then nothing changes.
    """
    held = hold(bulletin)
    if held.state != State.DRAFT:
        raise NotAllowed(_("Not submitted: this bulletin is not a draft. Nothing changed."))
    parts = Parts(held)
    found = linting.stops(held, at=at, parts=parts)
    if found:
        says = ngettext(
            "Not submitted: one thing stops it. %(what)s",
            "Not submitted: %(count)d things stop it. %(what)s",
            len(found),
        )
        raise NotAllowed(says % {"count": len(found), "what": listed(found)})
    scheduling.fix_slots(parts, at=at)
    digest = held.content_digest(parts)
    held.state, held.digest, held.submitted_by, held.submitted_at = State.IN_REVIEW, digest, by, at
    held.approved_by = held.approved_at = None
    held.save(update_fields=["state", "digest", "submitted_by", "submitted_at", "approved_by", "approved_at"])
    Review.objects.note(held, Review.Decision.SUBMITTED, digest=digest, by=by, at=at)
    audit.note("bulletin.submitted", held, by=by, at=at, digest=digest, version=held.version)
    making.ask(held, Making.Kind.CARDS, by=by, at=at)
    urgent, unchecked = held.urgency == Urgency.URGENT, wants_sign_off(held, parts)
    if unchecked:
        telling.tell(Notice.Kind.SIGN_OFF_WANTED, can_sign_off(held), bulletin=held, at=at, hook=urgent)
    if urgent or not unchecked:
        telling.tell(Notice.Kind.APPROVAL_WANTED, can_approve(held, parts), bulletin=held, at=at, hook=urgent)
    bulletin.refresh_from_db()


@transaction.atomic
def sign_off(bulletin: Bulletin, *, digest: str, by: User, at: datetime) -> None:
    """
    Say as a fact-checker that exactly this content says of its claims what was found. It does not approve.

    Raise NotAllowed, with nothing changed, for whoever edited or submitted this version, when no claim is touched,
    and for content that has changed.
    """
    held = hold(bulletin)
    parts = Parts(held)
    refuse_changed(parts, digest, _("Not signed off: %(why)s"))
    if not wants_sign_off(held, parts):
        raise NotAllowed(_("Not signed off: this bulletin rests on no fact-check, so nothing is to be signed."))
    if by.pk in held.editor_ids():
        raise NotAllowed(
            _("Not signed off: whoever edited this version cannot sign it off. Who can: %(who)s.")
            % {"who": names_of(can_sign_off(held))}
        )
    if by.pk in signer_ids(held):
        raise NotAllowed(_("Not signed off: you have signed this off already. Nothing changed."))
    Review.objects.note(held, Review.Decision.SIGNED_OFF, digest=digest, by=by, at=at)
    audit.note("bulletin.signed_off", held, by=by, at=at, digest=digest, version=held.version)
    if held.urgency != Urgency.URGENT:  # of an urgent one the approvers have heard when it was submitted
        telling.tell(Notice.Kind.APPROVAL_WANTED, can_approve(held, parts), bulletin=held, at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def approve(bulletin: Bulletin, *, digest: str, by: User, at: datetime) -> None:
    """
    Approve exactly the content whose digest `by` has read. Of two approvers at once, one is told so.

    Raise NotAllowed, with nothing changed, for somebody who edited, submitted or signed off this version, where
    the fact-checkers have not signed off, for content that has changed, for a slot that has passed, and when
    something has come to stop it since it was submitted.
    """
    held = hold(bulletin)
    parts = Parts(held)
    refuse_changed(parts, digest, _("Not approved: %(why)s"))
    editor_ids = held.editor_ids()
    if by.pk in editor_ids:
        raise NotAllowed(_("Not approved: whoever edited this version cannot approve it. Ask a colleague."))
    if wants_sign_off(held, parts):
        signed = signer_ids(held)
        if not signed:
            raise NotAllowed(
                _("Not approved: it rests on fact-checks, and no fact-checker has signed it off. Who can: %(who)s.")
                % {"who": names_of([person for person in can_sign_off(held) if person.pk != by.pk])}
            )
        if by.pk in signed:
            raise NotAllowed(
                _("Not approved: whoever signed off the fact-checks cannot approve as well. Who can: %(who)s.")
                % {"who": names_of(can_approve(held))}
            )
    planned = [target for target in parts.targets if target.timing != Target.Timing.AT_ONCE]
    if any(target.slot_at and target.slot_at <= at for target in planned):
        raise NotAllowed(_("Not approved: a slot has passed meanwhile. Send it back and submit it again."))
    if found := linting.stops(held, at=at, parts=parts):
        raise NotAllowed(
            _("Not approved: something stops it now that did not when it was submitted. %(what)s Nothing was sent.")
            % {"what": listed(found)}
        )
    scheduling.fix_at_once(parts, at=at)
    won = Bulletin.objects.filter(pk=held.pk, state=State.IN_REVIEW, digest=digest).update(
        state=State.APPROVED, approved_by=by, approved_at=at
    )
    if not won:
        raise NotAllowed(_("Not approved: somebody else was faster. Nothing changed."))
    Review.objects.note(held, Review.Decision.APPROVED, digest=digest, by=by, at=at)
    audit.note("bulletin.approved", held, by=by, at=at, digest=digest, version=held.version)
    telling.tell(Notice.Kind.APPROVED, authors_of(editor_ids, but=by), bulletin=held, at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def approve_and_publish(bulletin: Bulletin, *, digest: str, by: User, at: datetime) -> Version:
    """
    Approve an urgent bulletin and publish it in the same breath: both happen, or neither.

    The rules are those of `approve` and `publishing.publish`. Raise NotAllowed for a bulletin that is not urgent,
    or of which an audience waits for its slot.
    """
    if bulletin.urgency != Urgency.URGENT:
        raise NotAllowed(_("Not approved: only an urgent bulletin is approved and sent in one step. Approve it first."))
    if bulletin.targets.exclude(timing=Target.Timing.AT_ONCE).exists():
        raise NotAllowed(
            _("Not approved: an audience waits for its slot, so nothing can be sent at once. Approve it instead.")
        )
    approve(bulletin, digest=digest, by=by, at=at)
    return publishing.publish(bulletin, at=at, by=by)


@transaction.atomic
def send_back(bulletin: Bulletin, *, by: User, at: datetime, reason: str) -> None:
    """Give it back to its authors with a reason. Raise NotAllowed without one, or when it isn't in review."""
    if not reason.strip():
        raise NotAllowed(_("Not sent back: say what has to change."))
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if held.state not in {State.IN_REVIEW, State.APPROVED}:
        raise NotAllowed(_("Not sent back: this bulletin is neither in review nor approved. Nothing changed."))
    people = authors_of(held.editor_ids(), but=by)
    Review.objects.note(held, Review.Decision.RETURNED, digest=held.digest, by=by, at=at, reason=reason.strip())
    audit.note(
        "bulletin.sent_back", held, by=by, at=at, digest=held.digest, version=held.version, reason=reason.strip()
    )
    drafting.void(held, by=by, at=at)
    telling.tell(Notice.Kind.SENT_BACK, people, bulletin=held, text=reason.strip(), at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def take_back_outdated(*, by: User, at: datetime) -> int:
    """
    Take back the reviews and approvals of bulletins that print something else by now than was submitted, and tell their
    authors at once: at the slot it would be too late. Return how many there were.
    """
    waiting = Bulletin.objects.filter(state__in=[State.IN_REVIEW, State.APPROVED]).order_by("pk")
    count = 0
    for bulletin in waiting:
        held = hold(bulletin)
        if held.state not in {State.IN_REVIEW, State.APPROVED} or held.content_digest() == held.digest:
            continue
        people = authors_of(held.editor_ids(), but=by)
        drafting.void(held, by=by, at=at)
        why = _("A name or another word that is printed with it was changed by %(who)s. Submit it again.") % {"who": by}
        telling.tell(Notice.Kind.SENT_BACK, people, bulletin=held, text=why, at=at, hook=held.urgency == Urgency.URGENT)
        count += 1
    return count


# --- What refuses, and the rest ------------------------------------------------------------------------


def hold(bulletin: Bulletin) -> Bulletin:
    """Return the bulletin's row, locked until the end of the transaction, with its campaign at hand; two queries."""
    rows = Bulletin.objects.select_for_update(of=("self",)).select_related("campaign__authority")
    return rows.prefetch_related("campaign__languages").get(pk=bulletin.pk)


def refuse_changed(parts: Parts, digest: str, says: str) -> None:
    """Raise NotAllowed in the frame `says` ("… %(why)s") unless `digest` is what is in review; name who changed it."""
    held = parts.bulletin
    voids = held.reviews.filter(decision=Review.Decision.VOIDED, digest=digest).select_related("by")
    if digest and digest != held.digest and (void := voids.first()):
        who, when = void.by or _("somebody"), date_format(timezone.localtime(void.at), "TIME_FORMAT")
        if held.state == State.DRAFT:
            why = _("%(who)s changed the text while you read it, at %(time)s. It is a draft again. Nothing was sent.")
        else:
            why = _("%(who)s changed the text while you read it, at %(time)s. Read it again. Nothing was sent.")
        raise NotAllowed(says % {"why": why % {"who": who, "time": when}})
    if held.state != State.IN_REVIEW:
        raise NotAllowed(says % {"why": _("this bulletin is not in review. Nothing was sent.")})
    if digest != held.digest or held.content_digest(parts) != held.digest:
        raise NotAllowed(says % {"why": _("the content changed during review. Read it again. Nothing was sent.")})


def listed(found: list[linting.Finding]) -> str:
    """Return the first findings as sentences."""
    return " ".join(str(finding) for finding in found[:NAMED])


def authors_of(editor_ids: set[int], *, but: User) -> list[User]:
    """Return who edited or submitted a version, without the one who acts and without who has left."""
    return list(User.objects.filter(pk__in=editor_ids, is_active=True).exclude(pk=but.pk))
