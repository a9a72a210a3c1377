"""The public ledger of what a campaign pays for commissioned work. There is none until somebody opened it, which is a step of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import Campaign
from lib.text.numbers.money import sums
from stories.models import Commission, CommissionAgreement, CommissionApplication, CommissionLedger

from .commission_states import NotDone


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A commission on the ledger. `credit` is "" for a creator who is not named."""

    commission: Commission
    credit: str


def chosen_with_agreement() -> "Prefetch[str]":
    """Return what brings the agreements of many commissions to hand; two queries."""
    chosen = CommissionApplication.objects.filter(state=CommissionApplication.State.CHOSEN)
    return Prefetch("applications", chosen.select_related("agreement", "creator"), to_attr="chosen")


def agreement_at_hand(commission: Commission) -> CommissionAgreement | None:
    """Return the agreement of a commission that was fetched with `chosen_with_agreement`; no query."""
    return next((each.agreement for each in commission.chosen if hasattr(each, "agreement")), None)


def credit_of(commission: Commission, *, on_ledger: bool = False) -> str:
    """Return the name that a creator agreed to be shown by, "" for none or for one who was erased; no query."""
    agreement = agreement_at_hand(commission)
    if agreement is None or not agreement.application.creator.name or (on_ledger and not agreement.in_ledger):
        return ""
    return agreement.credit


def rows_of(campaign: Campaign) -> list[LedgerRow]:
    """Return what the ledger of a campaign shows, by number; two queries."""
    found = Commission.objects.on_ledger(campaign).prefetch_related(chosen_with_agreement())
    return [LedgerRow(one, credit_of(one, on_ledger=True)) for one in found]


def totals(rows: list[LedgerRow]) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Yield for each currency what was agreed and what is paid; never mixed."""
    live = [row.commission for row in rows]
    agreed, paid = sums((one.currency, agreed_fee(one)) for one in live), sums((one.currency, one.paid) for one in live)
    for currency, amount in agreed.items():
        yield currency, amount, paid[currency]


def agreed_fee(commission: Commission) -> Decimal:
    """Return what a commission costs: its fee, or what was owed when it was cancelled."""
    return commission.owed if commission.state == Commission.State.CANCELLED else commission.fee


def open_ledger(campaign: Campaign) -> CommissionLedger | None:
    """Return the ledger of a campaign if everybody may see it; one query."""
    return CommissionLedger.objects.filter(campaign=campaign, closed_at=None).select_related("opened_by").first()


@transaction.atomic
def open_for_all(campaign: Campaign, *, typed: str, by: User, at: datetime) -> None:
    """Show the ledger to everybody, once that was confirmed by writing the campaign's short name. Raise NotDone."""
    if typed.strip() != campaign.slug:
        raise NotDone(_("Not opened: to confirm, write %(name)s.") % {"name": campaign.slug})
    CommissionLedger.objects.update_or_create(
        campaign=campaign, defaults={"opened_by": by, "opened_at": at, "closed_at": None}
    )
    trail.note("commission_ledger.opened", campaign, by=by, at=at)
    page_changes.changed()


@transaction.atomic
def close(campaign: Campaign, *, by: User, at: datetime) -> None:
    """Take the ledger away from everybody."""
    if CommissionLedger.objects.filter(campaign=campaign, closed_at=None).update(closed_at=at):
        trail.note("commission_ledger.closed", campaign, by=by, at=at)
        page_changes.note_retraction()
