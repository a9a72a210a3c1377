"""
Longer use of a work than was agreed. Whoever asks for the work asks its creator, in words that a fingerprint covers; nothing changes before the
creator has agreed to exactly these, and nothing if they decline. The fee stays what it was: for more of it there is a new commission.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from campaigns.translated_fields import in_language
from stories.models import Commission, CommissionAgreement, CommissionExtension, Creator

from . import notices, rights
from .applications import agreement_of, fingerprint
from .briefs import people_with, tell
from .commission_states import NotDone, Part, note, taken

Term = Commission.Term
OFFERED = tuple(rights.LONGER)


def extensions_of(commission: Commission) -> QuerySet[CommissionExtension]:
    """Return what was asked of the creator of a commission, the latest first; one query."""
    rows = CommissionExtension.objects.filter(agreement__application__commission=commission)
    return rows.select_related("asked_by", "agreement__application__creator__user").order_by("-pk")


def waiting(commission: Commission) -> CommissionExtension | None:
    """Return what its creator has not answered; one query."""
    return extensions_of(commission).filter(agreed_at=None, declined_at=None, withdrawn_at=None).first()


@transaction.atomic
def ask(commission: Commission, *, term: str, by: User, at: datetime) -> CommissionExtension:
    """
    Ask the creator whether a work may be used longer: for more years, from its present end or from now, or without an end. Raise NotDone where
    nothing is to be asked, or nobody is there to answer.
    """
    one = taken("extension_asked", commission, by=by, at=at)
    agreement = agreement_of(one)
    if agreement is None or not agreement.content:
        raise NotDone(_("Not asked: what was agreed is not kept any more. Write a new brief."))
    creator = agreement.application.creator
    if not creator.name or not creator.user.is_active:
        raise NotDone(_("Not asked: the creator has no login any more."))
    if term not in OFFERED:
        raise NotDone(_("Not asked: choose for how much longer."))
    if not rights.has_begun_to_end(one):
        raise NotDone(_("Not asked: its time has no end, or has not begun. Reload the page."))
    if waiting(one) is not None:
        raise NotDone(_("Not asked: the creator has not answered yet. Reload the page."))
    ends_at = new_end(one, term, at=at)
    language = one.campaign.language_for(creator.user)
    content = content_of(one, agreement, ends_at, language)
    row = CommissionExtension.objects.create(
        agreement=agreement,
        term=term,
        ends_at=ends_at,
        language=language,
        content=content,
        digest=fingerprint(content),
        asked_by=by,
        asked_at=at,
    )
    note("extension_asked", one, by=by, at=at, digest=row.digest, term=term)
    changes = "\n".join(f"{label}: {words}" for label, words in content["lines"][-3:])
    tell(notices.EXTENSION_ASKED, one, [creator.user], at=at, text=changes, says_fee=False)
    return row


def new_end(commission: Commission, term: str, *, at: datetime) -> datetime | None:
    """Return until when a work may be used with more time: counted from its present end, or from now if that is over; None for always."""
    years = rights.YEARS.get(Term(term))
    if years is None:
        return None
    return rights.years_after(commission.campaign, max(at, commission.rights_end_at or at), years)


def content_of(
    commission: Commission, agreement: CommissionAgreement, ends_at: datetime | None, language: str
) -> dict[str, Any]:
    """Return all that is agreed, as lines in a language and the new end as data."""
    with override(language):
        signed = {"digest": agreement.digest[:8]}
        lines = [
            [_("Work"), in_language(commission.title)],
            [_("Agreement"), _("The one with the fingerprint %(digest)s") % signed],
            [_("It may be used until now"), span(commission, commission.rights_end_at, commission.term)],
            [_("It may be used from now on"), span(commission, ends_at, Term.ALWAYS)],
            [_("Fee"), _("Nothing more is paid for this")],
            [_("All else"), _("Stays as it was agreed")],
        ]
    ends = ends_at.isoformat() if ends_at else None
    return {"commission": commission.pk, "agreement": agreement.digest, "ends_at": ends, "lines": lines}


def span(commission: Commission, ends_at: datetime | None, otherwise: str) -> str:
    """Return until when a work may be used, as words of a line; `otherwise` is the term where there is no day."""
    if ends_at is None:
        return str(Term(otherwise).label)
    return _("until %(day)s") % {"day": rights.day_of(commission, ends_at)}


@transaction.atomic
def withdraw(commission: Commission, *, by: User, at: datetime) -> None:
    """Ask no more. Raise NotDone when the creator has answered meanwhile."""
    one = taken("extension_withdrawn", commission, by=by, at=at)
    row = waiting(one)
    if row is None:
        raise NotDone(_("Not withdrawn: the creator has answered meanwhile. Reload the page."))
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    note("extension_withdrawn", one, by=by, at=at, digest=row.digest)


@transaction.atomic
def agree(commission: Commission, creator: Creator, *, digest: str, at: datetime) -> None:
    """
    Agree, as the creator, to exactly the words that were read: from now on the work may be used longer, and is shown again if its time was
    over. Raise NotDone for other words, and when a new end is over too.
    """
    one = taken("extension_agreed", commission, by=creator.user, at=at)
    row = asked_of(one, creator)
    if digest != row.digest or digest != fingerprint(row.content):
        raise NotDone(_("Not agreed: it has changed since you read it. Read it again."))
    if row.ends_at is not None and row.ends_at <= at:
        raise NotDone(_("Not agreed: this day is over. Whoever asked has to ask anew."))
    row.agreed_at = at
    row.save(update_fields=["agreed_at"])
    one.term, one.rights_end_at, one.end_told_at, one.rights_over_at = row.term, row.ends_at, None, None
    note("extension_agreed", one, by=creator.user, at=at, digest=digest, term=row.term)
    tell(notices.EXTENDED, one, people_with(one, Part.ASKS), at=at, says_fee=False)


@transaction.atomic
def decline(commission: Commission, creator: Creator, *, at: datetime) -> None:
    """Say no, as the creator: all stays as it was agreed. Raise NotDone when nothing is asked."""
    one = taken("extension_declined", commission, by=creator.user, at=at)
    row = asked_of(one, creator)
    row.declined_at = at
    row.save(update_fields=["declined_at"])
    note("extension_declined", one, by=creator.user, at=at, digest=row.digest)
    tell(notices.NOT_EXTENDED, one, people_with(one, Part.ASKS), at=at, says_fee=False)


def asked_of(commission: Commission, creator: Creator) -> CommissionExtension:
    """Return what a creator is asked. Raise NotDone for nothing, and for somebody else's work."""
    row = waiting(commission)
    if row is None or row.agreement.application.creator_id != creator.pk:
        raise NotDone(_("Not done: you are not asked any more. Reload the page."))
    return row
