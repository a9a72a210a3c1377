"""Payments as somebody wrote them down. The product moves no money: it keeps sums exact, and the hands apart."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from lib.text.numbers.money import money
from stories.models import Commission, CommissionPayment

from . import notices
from .briefs import people_with, tell
from .commission_states import NotDone, Part, State, note, taken


@transaction.atomic
def record(
    commission: Commission, *, amount: Decimal, currency: str, reference: str, paid_on: date, by: User, at: datetime
) -> CommissionPayment:
    """
    Write down a payment, of all or of a part. Raise NotDone for who asked or accepted, for more than is owed, for another currency,
    for a day to come, and for a reference that is written down already.
    """
    one = taken("paid", commission, by=by, at=at)
    reference = " ".join(reference.split())[:60]
    if one.owed == 0 or one.left == 0:
        raise NotDone(_("Not written down: nothing is owed."))
    if currency != one.currency:
        raise NotDone(_("Not written down: this commission is paid in %(currency)s.") % {"currency": one.currency})
    if not amount > 0:
        raise NotDone(_("Not written down: a payment is more than nothing."))
    if amount > one.left:
        raise NotDone(
            _("Not written down: %(left)s is left to pay, and this is more.") % {"left": money(one.left, one.currency)}
        )
    if paid_on > one.campaign.local(at).date():
        raise NotDone(_("Not written down: this day is to come. Write it down when it is paid."))
    if not reference:
        raise NotDone(_("Not written down: the reference is missing. It is what the books name the payment by."))
    try:
        with transaction.atomic():
            row = CommissionPayment.objects.create(
                commission=one, amount=amount, currency=currency, reference=reference, paid_on=paid_on, by=by, at=at
            )
    except IntegrityError as fault:
        raise NotDone(_("Not written down: a payment with this reference is written down already.")) from fault
    one.paid, one.paid_by = one.paid + amount, by
    settle(one, at=at)
    note(
        "paid",
        one,
        by=by,
        at=at,
        amount=str(amount),
        currency=currency,
        paid=str(one.paid),
        owed=str(one.owed),
        payment=row.pk,
    )
    tell(notices.PAID, one, people_with(one, Part.MAKES), at=at, text=money(amount, currency))
    return row


@transaction.atomic
def take_back(payment: CommissionPayment, *, by: User, at: datetime) -> None:
    """Take back a payment that was written down by mistake. It stays, and counts no more. Raise NotDone."""
    one = taken("payment_taken_back", payment.commission, by=by, at=at)
    if not CommissionPayment.objects.filter(pk=payment.pk, taken_back_at=None).update(
        taken_back_at=at, taken_back_by=by
    ):
        raise NotDone(_("Not taken back: it was taken back already. Reload the page."))
    one.paid -= payment.amount
    settle(one, at=at)
    note("payment_taken_back", one, by=by, at=at, amount=str(payment.amount), currency=one.currency, payment=payment.pk)


def settle(commission: Commission, *, at: datetime) -> None:
    """Say whether a commission is paid in full; a published one is then paid, and is published again when a payment is taken back."""
    is_settled = commission.paid == commission.owed > 0
    commission.settled_at = at if is_settled else None
    if commission.state in {State.PUBLISHED, State.PAID}:
        commission.state = State.PAID if is_settled else State.PUBLISHED
