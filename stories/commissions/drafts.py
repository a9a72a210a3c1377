"""The work itself: drafts with pictures or a link, rounds of feedback, acceptance, publication, and cancelling."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.http import page_changes
from lib.images import uploaded_images
from lib.text.numbers.money import money
from stories.models import Commission, CommissionDraft, CommissionFile, Creator

from . import notices, rights
from .applications import agreement_of
from .briefs import people_with, tell
from .commission_states import PERMISSIONS, NotDone, Part, State, note, take_part, taken

MOST_FILES = 4
MOST_BYTES = 15_000_000  # of one picture
FOLDER = "commissions/"


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """A picture of a draft, drawn anew and not stored yet."""

    picture: uploaded_images.Picture
    alt_text: str


def drawn(files: Sequence[tuple[bytes, str]]) -> list[DrawnFile]:
    """Draw pictures anew, each with its alt text; outside a transaction. Raise uploaded_images.Unusable."""
    return [DrawnFile(uploaded_images.picture(data), alt_text) for data, alt_text in files]


def deliver(
    commission: Commission, creator: Creator, *, note_text: str, link: str, files: Sequence[DrawnFile], at: datetime
) -> CommissionDraft:
    """
    Deliver a draft: pictures that were drawn anew, a link, or both. Who accepts is told. Raise NotDone for nothing, and for who does
    not do this work; what was stored for it is removed then.
    """
    if not files and not link:
        raise NotDone(_("Not sent: add a picture or a link."))
    names = [
        default_storage.save(f"{FOLDER}{get_random_string(32)}{each.picture.suffix}", ContentFile(each.picture.data))
        for each in files
    ]
    try:
        return store(
            commission, creator, note_text=note_text, link=link, stored=list(zip(files, names, strict=True)), at=at
        )
    except BaseException:
        for name in names:
            default_storage.delete(name)
        raise


@transaction.atomic
def store(
    commission: Commission,
    creator: Creator,
    *,
    note_text: str,
    link: str,
    stored: list[tuple[DrawnFile, str]],
    at: datetime,
) -> CommissionDraft:
    """Keep a draft whose files are stored. Raise NotDone."""
    one = taken("delivered", commission, by=None, at=at)
    agreement = agreement_of(one)
    if agreement is None or agreement.application.creator_id != creator.pk:
        raise NotDone(_("Not sent: somebody else does this work."))
    draft = CommissionDraft.objects.create(
        commission=one, number=one.drafts.count() + 1, note=note_text.strip()[:2000], link=link, sent_at=at
    )
    sums = [hashlib.sha256(each.picture.data).hexdigest() for each, _name in stored]
    CommissionFile.objects.bulk_create(
        [
            CommissionFile(
                draft=draft,
                position=position,
                file=name,
                alt_text=each.alt_text[:300],
                width=each.picture.width,
                height=each.picture.height,
                size=len(each.picture.data),
                sha256=digest,
            )
            for position, ((each, name), digest) in enumerate(zip(stored, sums, strict=True), 1)
        ]
    )
    one.state = State.DELIVERED
    note("delivered", one, by=creator.user, at=at, draft=draft.number, files=sums, has_link=bool(link))
    taken_by_others = {row.user_id for row in one.parts.exclude(part=Part.ACCEPTS)}
    acceptors = User.objects.staff_with(PERMISSIONS[Part.ACCEPTS], one.campaign_id)
    people = [*people_with(one, Part.ASKS), *(each for each in acceptors if each.pk not in taken_by_others)]
    tell(notices.DELIVERED, one, people, at=at)
    return draft


def newest(commission: Commission) -> CommissionDraft | None:
    """Return the draft that counts; one query."""
    return commission.drafts.order_by("-number").first()


def rounds_left(commission: Commission) -> int:
    """Return how many rounds of feedback the agreement still has; one query."""
    return max(0, commission.rounds - commission.drafts.exclude(feedback="").count())


@transaction.atomic
def send_back(commission: Commission, *, number: int, feedback: str, part: str, by: User, at: datetime) -> None:
    """
    Send feedback on a draft, as who asked or as who accepts. Raise NotDone without words, on another draft than was read, and when
    the rounds that were agreed are used up.
    """
    one = taken("sent_back", commission, by=None, at=at)
    if part not in {Part.ASKS, Part.ACCEPTS}:
        raise NotDone(_("Not sent: who asked, or who accepts, gives feedback."))
    take_part(one, part, by=by, at=at)
    draft = newest(one)
    if draft is None or draft.number != number:
        raise NotDone(_("Not sent: there is a newer draft. Reload the page."))
    if not feedback.strip():
        raise NotDone(_("Not sent: write what is to be changed."))
    if rounds_left(one) == 0:
        raise NotDone(
            _(
                "Not sent: the rounds of feedback that were agreed are used up. Accept the work, or cancel the commission."
            )
        )
    draft.feedback, draft.feedback_by, draft.feedback_at = feedback.strip()[:4000], by, at
    draft.save()
    one.state = State.AGREED
    note("sent_back", one, by=by, at=at, draft=number)
    tell(notices.FEEDBACK, one, people_with(one, Part.MAKES), at=at, text=draft.feedback)


@transaction.atomic
def accept(commission: Commission, *, number: int, by: User, at: datetime) -> None:
    """Accept exactly the draft that `by` has looked at; the fee is owed from now on. Raise NotDone, also for who asked or pays."""
    one = taken("accepted", commission, by=by, at=at)
    draft = newest(one)
    if draft is None or draft.number != number:
        raise NotDone(_("Not accepted: there is a newer draft. Reload the page."))
    one.state, one.accepted_by, one.accepted_at, one.owed = State.ACCEPTED, by, at, one.fee
    rights.begin(one, Commission.TermFrom.ACCEPTED, at=at)
    note("accepted", one, by=by, at=at, draft=number, owed=str(one.owed), currency=one.currency)
    tell(notices.ACCEPTED, one, people_with(one, Part.MAKES), at=at)
    tell(notices.TO_PUBLISH, one, people_with(one, Part.ASKS), at=at)
    tell(notices.TO_PAY, one, payers(one), at=at)


@transaction.atomic
def publish(commission: Commission, *, by: User, at: datetime) -> None:
    """Show the accepted work to everyone, with credit and label. One that is paid already is done then. Raise NotDone, also once its time is over."""
    one = taken("published", commission, by=by, at=at)
    if one.published_at is not None:
        raise NotDone(_("Not published: everyone sees it already. Reload the page."))
    if not one.may_be_used(at=at):
        raise NotDone(_("Not published: the time in which it may be used is over. Ask the creator for more."))
    one.published_at = at
    rights.begin(one, Commission.TermFrom.PUBLISHED, at=at)
    one.state = State.PAID if one.paid == one.owed else State.PUBLISHED
    note("published", one, by=by, at=at)
    tell(notices.PUBLISHED, one, people_with(one, Part.MAKES), at=at)


@transaction.atomic
def take_down(commission: Commission, *, by: User, at: datetime) -> None:
    """Show a published work to nobody any more, at once; what was agreed and paid stays. Raise NotDone."""
    one = taken("taken_down", commission, by=by, at=at)
    if one.published_at is None:
        raise NotDone(_("Not taken down: nobody sees it any more. Reload the page."))
    one.published_at = None
    note("taken_down", one, by=by, at=at)
    page_changes.note_retraction()


def payers(commission: Commission) -> list[User]:
    """Return who may pay for a commission; two queries."""
    others = {row.user_id for row in commission.parts.exclude(part=Part.PAYS)}
    people = User.objects.staff_with(PERMISSIONS[Part.PAYS], commission.campaign_id)
    return [each for each in people if each.pk not in others]


def picture(file: CommissionFile) -> FileResponse:
    """Hand out a stored picture. Raise Http404 for one that is gone."""
    name = str(file.file.name)
    if not default_storage.exists(name):
        raise Http404
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return FileResponse(file.file.open("rb"), content_type=kind, headers={"X-Content-Type-Options": "nosniff"})


# --- Cancelling -------------------------------------------------------------------------------------------


def owed_if_cancelled(commission: Commission, *, at: datetime) -> Decimal:
    """
    Return what has to be paid if a commission is cancelled at `at`: the cancellation fee once both have signed, unless the
    deadline is over and nothing was delivered; a query at most.
    """
    if commission.agreed_at is None or (commission.deadline <= at and not commission.drafts.exists()):
        return Decimal(0)
    return commission.kill_fee


@transaction.atomic
def cancel(commission: Commission, *, reason: str, by: User, at: datetime) -> None:
    """Cancel a commission that is not accepted yet; who works on it is told why, who applied that it is so. Raise NotDone without a reason."""
    one = taken("cancelled", commission, by=by, at=at)
    if not reason.strip():
        raise NotDone(_("Not cancelled: write why. Who works on it reads it."))
    was = one.state
    one.owed = owed_if_cancelled(one, at=at)
    one.state, one.ended_at, one.ended_because = State.CANCELLED, at, reason.strip()[:1000]
    note("cancelled", one, by=by, at=at, owed=str(one.owed), currency=one.currency, was=was)
    if was not in {State.DRAFT, State.SUBMITTED}:
        live = one.applications.filter(state__in=["asked", "applied", "chosen"]).select_related("creator__user")
        owed = _("%(fee)s is paid to you.") % {"fee": money(one.owed, one.currency)} if one.owed else ""
        for (
            row
        ) in live:  # why is said to who does the work, one person to another; the others hear that it is cancelled
            text = "\n".join(filter(None, [one.ended_because, owed])) if row.state == "chosen" else ""
            tell(notices.CANCELLED, one, [row.creator.user] if row.creator.user.is_active else [], at=at, text=text)
    if one.owed:
        tell(notices.TO_PAY, one, payers(one), at=at)
