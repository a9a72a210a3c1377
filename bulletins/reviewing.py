"""A second pair of eyes: submit, approve the exact content, or send it back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User

from . import drafting, linting, scheduling
from .models import Bulletin, NotAllowed, Review, Target

State = Bulletin.State


@transaction.atomic
def submit(bulletin: Bulletin, *, by: User, at: datetime) -> None:
    """
    Submit a draft: fix its slots and the digest of all that an approval covers.

    Raise NotAllowed when it is no draft, or when something still stops it; then nothing changes.
    """
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if held.state != State.DRAFT:
        raise NotAllowed(_("Not submitted: this bulletin is not a draft. Nothing changed."))
    found = linting.stops(held, at=at)
    if found:
        says = ngettext(
            "Not submitted: one thing stops it. %(what)s",
            "Not submitted: %(count)d things stop it. %(what)s",
            len(found),
        )
        listed = " ".join(f"{finding.where}: {finding.says}" for finding in found[:5])
        raise NotAllowed(says % {"count": len(found), "what": listed})
    scheduling.fix_slots(held, at=at)
    digest = held.content_digest()
    Bulletin.objects.filter(pk=held.pk).update(
        state=State.IN_REVIEW, digest=digest, submitted_by=by, submitted_at=at, approved_by=None, approved_at=None
    )
    Review.objects.note(held, Review.Decision.SUBMITTED, digest=digest, by=by, at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def approve(bulletin: Bulletin, *, digest: str, by: User, at: datetime) -> None:
    """
    Approve exactly the content whose digest `by` has read. Of two approvers at once, one is told so.

    Raise NotAllowed, with nothing changed, for somebody who edited or submitted this version, for content that
    has changed, and for a slot that has passed.
    """
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if held.state == State.DRAFT and (
        void := held.reviews.filter(decision=Review.Decision.VOIDED, digest=digest).first()
    ):
        raise NotAllowed(
            _("Not approved: %(who)s changed the text while you read it. It is a draft again. Nothing was sent.")
            % {"who": void.by or _("somebody")}
        )
    if held.state != State.IN_REVIEW:
        raise NotAllowed(_("Not approved: this bulletin is not in review. Nothing was sent."))
    if by.pk in held.editor_ids():
        raise NotAllowed(_("Not approved: whoever edited this version cannot approve it. Ask a colleague."))
    if digest != held.digest or held.content_digest() != held.digest:
        raise NotAllowed(_("Not approved: the content changed during review. Read it again. Nothing was sent."))
    planned = held.targets.exclude(timing=Target.Timing.AT_ONCE)
    if planned.filter(slot_at__lte=at).exists():
        raise NotAllowed(_("Not approved: a slot has passed meanwhile. Send it back and submit it again."))
    at_once = max(at, held.embargo_until) if held.embargo_until else at
    held.targets.filter(timing=Target.Timing.AT_ONCE).update(slot_at=at_once)
    won = Bulletin.objects.filter(pk=held.pk, state=State.IN_REVIEW, digest=digest).update(
        state=State.APPROVED, approved_by=by, approved_at=at
    )
    if not won:
        raise NotAllowed(_("Not approved: somebody else was faster. Nothing changed."))
    Review.objects.note(held, Review.Decision.APPROVED, digest=digest, by=by, at=at)
    bulletin.refresh_from_db()


@transaction.atomic
def send_back(bulletin: Bulletin, *, by: User, at: datetime, reason: str) -> None:
    """Give it back to its authors with a reason. Raise NotAllowed without one, or when it isn't in review."""
    if not reason.strip():
        raise NotAllowed(_("Not sent back: say what has to change."))
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if held.state not in {State.IN_REVIEW, State.APPROVED}:
        raise NotAllowed(_("Not sent back: this bulletin is neither in review nor approved. Nothing changed."))
    Review.objects.note(held, Review.Decision.RETURNED, digest=held.digest, by=by, at=at, reason=reason.strip())
    drafting.void(held, by=by, at=at)
    bulletin.refresh_from_db()
