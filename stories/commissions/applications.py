"""Who does the work: applying, declining, choosing one, and the agreement that both sides sign to exactly the same words."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from campaigns.translated_fields import in_language
from lib.text.languages.languages import language_name
from lib.text.numbers.money import money
from stories.models import Commission, CommissionAgreement, CommissionApplication, CommissionPart, Creator

from . import notices, rights
from .briefs import people_with, tell
from .commission_states import NotDone, Part, State, note, take_part, taken

Application = CommissionApplication
LONGEST_SENTENCE = 300


@transaction.atomic
def apply(commission: Commission, creator: Creator, *, sentence: str, link: str, at: datetime) -> None:
    """
    Apply for a commission, or say yes to being asked. Once more changes the words. Raise NotDone when it takes no applications, and
    for colleagues who have a part in it.
    """
    one = taken("applied", commission, by=None, at=at)
    row = Application.objects.filter(commission=one, creator=creator).first()
    is_taking = one.deadline > at and (one.apply_until is None or one.apply_until > at)
    if one.campaign.closed_at is not None or not is_taking or not (one.is_open or row):
        raise NotDone(_("Not sent: this commission takes no more applications."))
    if creator.user.is_staff or CommissionPart.objects.filter(commission=one, user=creator.user).exists():
        raise NotDone(_("Not sent: who works at the desk does no paid work for it."))
    if not sentence.strip():
        raise NotDone(_("Not sent: write in one sentence how you would do it."))
    row = row or Application(commission=one, creator=creator)
    row.state, row.sentence, row.link, row.at = Application.State.APPLIED, sentence.strip()[:LONGEST_SENTENCE], link, at
    row.answered_at = None
    row.save()
    note("applied", one, by=creator.user, at=at, application=row.pk)
    tell(notices.APPLIED, one, people_with(one, Part.ASKS), at=at, text=creator.name)


@transaction.atomic
def decline(commission: Commission, creator: Creator, *, at: datetime) -> None:
    """
    Say no: to being asked, to one's own application, or to an agreement that one has not signed. A commission that nobody else
    may take is declined then. Raise NotDone for who has nothing to decline.
    """
    one = taken("declined", commission, by=None, at=at)
    row = Application.objects.filter(commission=one, creator=creator).first()
    live = (Application.State.ASKED, Application.State.APPLIED, Application.State.CHOSEN)
    if row is None or row.state not in live:
        raise NotDone(_("Not done: you have not applied for this commission. Reload the page."))
    if one.state == State.CHOSEN:
        if row.state != Application.State.CHOSEN:
            raise NotDone(_("Not done: somebody else was chosen meanwhile. Reload the page."))
        CommissionAgreement.objects.filter(application=row).delete()  # nothing was agreed
        CommissionPart.objects.filter(commission=one, part=Part.MAKES).delete()
        others = Application.objects.filter(commission=one, state=Application.State.PASSED)
        others.update(state=Application.State.APPLIED, answered_at=None)
        one.state = State.OPEN
    row.state, row.answered_at = Application.State.DECLINED, at
    row.save()
    is_left = Application.objects.filter(commission=one, state__in=live).exists()
    if not is_left and not one.is_open:
        one.state, one.ended_at = State.DECLINED, at
    note("declined", one, by=creator.user, at=at, application=row.pk)
    tell(notices.DECLINED, one, people_with(one, Part.ASKS), at=at, text=creator.name)


@transaction.atomic
def choose(commission: Commission, application: Application, *, by: User, at: datetime) -> CommissionAgreement:
    """Choose who does the work and write the agreement; others who applied are told kindly. Raise NotDone; of two at once one is told so."""
    one = taken("chosen", commission, by=by, at=at)
    row = Application.objects.select_related("creator__user").filter(commission=one, pk=application.pk).first()
    if row is None or row.state != Application.State.APPLIED or not row.creator.user.is_active:
        raise NotDone(_("Not chosen: this person does not apply any more. Reload the page."))
    take_part(one, Part.MAKES, by=row.creator.user, at=at)
    row.state, row.answered_at = Application.State.CHOSEN, at
    row.save()
    others = one.applications.filter(state__in=[Application.State.APPLIED, Application.State.ASKED])
    passed = [each.creator.user for each in others.select_related("creator__user")]
    others.update(state=Application.State.PASSED, answered_at=at)
    one.state = State.CHOSEN
    language = one.campaign.language_for(row.creator.user)
    content = content_of(one, language)
    agreement = CommissionAgreement.objects.create(
        application=row, language=language, content=content, digest=fingerprint(content), made_at=at
    )
    note("chosen", one, by=by, at=at, digest=agreement.digest, application=row.pk)
    tell(notices.CHOSEN, one, [row.creator.user], at=at)
    tell(notices.PASSED, one, [each for each in passed if each.is_active], at=at)
    return agreement


# --- The agreement ----------------------------------------------------------------------------------------


def content_of(commission: Commission, language: str) -> dict[str, Any]:
    """Return all that is agreed, as lines in a language and the money as data."""
    with override(language), timezone.override(commission.campaign.zone):
        return {
            "commission": commission.pk,
            "fee": str(commission.fee),
            "kill_fee": str(commission.kill_fee),
            "currency": commission.currency,
            "lines": [[label, words] for label, words in lines_of(commission) if words],
        }


def lines_of(commission: Commission) -> list[tuple[str, str]]:
    """Return what a brief says line by line, as (label, words) in the active language; an agreement says the same."""
    fee, kill = (money(each, commission.currency) for each in (commission.fee, commission.kill_fee))
    return [
        (_("Work"), in_language(commission.title)),
        (_("What is wanted"), in_language(commission.what)),
        (_("Formats"), in_language(commission.formats)),
        (_("Languages of the work"), ", ".join(map(language_name, commission.languages))),
        (_("Rights"), rights_in_words(commission)),
        (_("Further on rights"), in_language(commission.rights_text)),
        (
            _("Fee"),
            _("%(fee)s without VAT, paid within %(days)d days after acceptance")
            % {"fee": fee, "days": commission.pay_days},
        ),
        (
            _("If we cancel"),
            _("%(fee)s is paid, unless the deadline is over and nothing was delivered") % {"fee": kill}
            if commission.kill_fee
            else _("Nothing is paid"),
        ),
        (
            _("Feedback"),
            ngettext("%(n)d round is included", "%(n)d rounds are included", commission.rounds)
            % {"n": commission.rounds},
        ),
        (_("Deadline of the first draft"), date_format(timezone.localtime(commission.deadline), "DATETIME_FORMAT")),
        (_("Disclosure"), _("The work is published with a label that says that it is paid for.")),
    ]


def rights_in_words(commission: Commission) -> str:
    """Return the rights in one sentence of the active language."""
    may = _("it may be adapted") if commission.may_adapt else _("it may not be adapted")
    parts = [
        commission.get_use_display(),
        commission.get_term_display(),
        counted_from(commission),
        commission.get_territory_display(),
        may,
    ]
    words = ", ".join(str(one) for one in parts if one)
    return _("Used %(parts)s. The creator keeps all other rights.") % {"parts": words}


def counted_from(commission: Commission) -> str:
    """Return from when the time counts in which a work may be used, as a part of that sentence; "" for one that is no number of years."""
    if Commission.Term(commission.term) not in rights.YEARS:
        return ""
    return _("counted from %(day)s") % {"day": commission.get_term_from_display()}


def fingerprint(content: Any) -> str:
    """Return the SHA-256 (hex) of what is agreed."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def agreement_of(commission: Commission) -> CommissionAgreement | None:
    """Return the agreement with whoever is chosen; one query."""
    rows = CommissionAgreement.objects.select_related("application__creator__user", "signed_by")
    return rows.filter(application__commission=commission, application__state=Application.State.CHOSEN).first()


@transaction.atomic
def sign_as_creator(
    commission: Commission, creator: Creator, *, digest: str, credit: str, in_ledger: bool, at: datetime
) -> None:
    """
    Sign exactly the words that the creator has read, and how they are named, which becomes part of what is agreed. Raise NotDone for
    somebody who is not chosen, for other words, and for a second time.
    """
    one = taken("signed_by_creator", commission, by=creator.user, at=at)
    agreement = agreement_of(one)
    if agreement is None or agreement.application.creator_id != creator.pk or agreement.creator_signed_at:
        raise NotDone(_("Not signed: there is nothing for you to sign. Reload the page."))
    if digest != agreement.digest or digest != fingerprint(agreement.content):
        raise NotDone(_("Not signed: the agreement has changed since you read it. Read it again."))
    credit = " ".join(credit.split())[:150]
    with override(agreement.language):
        named = credit or _("not named")
        ledger = _("yes, with this name") if credit and in_ledger else _("no")
        more = [[_("Named as"), named], [_("Named on a public ledger of fees"), ledger]]
    agreement.content = {**agreement.content, "lines": [*agreement.content["lines"], *more]}
    agreement.digest = fingerprint(agreement.content)
    agreement.credit, agreement.in_ledger, agreement.creator_signed_at = credit, bool(credit and in_ledger), at
    agreement.save()
    note("signed_by_creator", one, by=creator.user, at=at, digest=agreement.digest)
    tell(notices.SIGNED, one, people_with(one, Part.ASKS), at=at)


@transaction.atomic
def sign(commission: Commission, *, digest: str, by: User, at: datetime) -> None:
    """Sign for the client exactly the words that the creator has signed. The work begins. Raise NotDone."""
    one = taken("signed", commission, by=by, at=at)
    agreement = agreement_of(one)
    if agreement is None or agreement.creator_signed_at is None:
        raise NotDone(_("Not signed: the creator signs first."))
    if digest != agreement.digest or digest != fingerprint(agreement.content):
        raise NotDone(_("Not signed: the agreement has changed since you read it. Read it again."))
    agreement.signed_by, agreement.signed_at = by, at
    agreement.save()
    one.state, one.agreed_at = State.AGREED, at
    note("signed", one, by=by, at=at, digest=digest, fee=str(one.fee), currency=one.currency)
    tell(notices.AGREED, one, [agreement.application.creator.user], at=at)
