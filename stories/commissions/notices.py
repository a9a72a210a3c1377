"""What people are told of commissions (notifications.notice_kinds). Each goes to whoever has to act, or to whom it matters most."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from accounts.models import User
from notifications.notice_kinds import Kind, Matter
from stories.models import Commission


class CommissionKind(Kind):
    """A kind about commissions; it leads staff to the desk, and everyone else to their own page."""

    model = Commission

    def named(self, subject: Any) -> str:
        """Return its number and title."""
        return str(subject)

    def page(self, subject: Any, person: User | None) -> str:
        """Return its page for a person."""
        if person and person.is_staff:
            return reverse("admin:stories_commission_change", args=[subject.pk])
        return reverse("commissions:mine", args=[subject.pk])


INVITED = Kind("creator_invited", gettext_noop("You are invited to do paid work"))
SUBMITTED = CommissionKind("commission_submitted", gettext_noop("A brief for paid work needs your check"))
OPEN = CommissionKind("commission_open", gettext_noop("Paid work: you can apply"), matter=Matter.NEWS)
ASKED = CommissionKind("commission_asked", gettext_noop("You are asked to do paid work"))
APPLIED = CommissionKind("commission_applied", gettext_noop("A creator applied for a commission"))
DECLINED = CommissionKind("commission_declined", gettext_noop("A creator declined a commission"), matter=Matter.NEWS)
CHOSEN = CommissionKind("commission_chosen", gettext_noop("You are chosen: read and sign the agreement"))
PASSED = CommissionKind(
    "commission_passed", gettext_noop("Somebody else does this work. Thank you for applying"), matter=Matter.NEWS
)
SIGNED = CommissionKind("commission_signed", gettext_noop("A creator signed an agreement: sign it too"))
AGREED = CommissionKind("commission_agreed", gettext_noop("Both have signed: you can begin"), matter=Matter.NEWS)
DELIVERED = CommissionKind("commission_delivered", gettext_noop("A draft waits for acceptance"))
FEEDBACK = CommissionKind("commission_feedback", gettext_noop("Feedback on your draft"))
ACCEPTED = CommissionKind("commission_accepted", gettext_noop("Your work is accepted"), matter=Matter.NEWS)
TO_PUBLISH = CommissionKind("commission_publish", gettext_noop("Commissioned work is accepted: publish it"))
TO_PAY = CommissionKind("commission_to_pay", gettext_noop("A commission has to be paid"))
PUBLISHED = CommissionKind("commission_published", gettext_noop("Your work is published"), matter=Matter.NEWS)
PAID = CommissionKind("commission_paid", gettext_noop("Your work is paid"), matter=Matter.NEWS)
CANCELLED = CommissionKind("commission_cancelled", gettext_noop("A commission is cancelled"), matter=Matter.NEWS)
RIGHTS_END = CommissionKind("commission_ends", gettext_noop("The time in which a work may be used ends soon"))
EXTENSION_ASKED = CommissionKind(
    "commission_longer", gettext_noop("You are asked whether your work may be used longer")
)
EXTENDED = CommissionKind(
    "commission_extended", gettext_noop("A creator agreed that their work is used longer"), matter=Matter.NEWS
)
NOT_EXTENDED = CommissionKind(
    "commission_refused", gettext_noop("A creator does not want their work to be used longer"), matter=Matter.NEWS
)
EXPIRED = CommissionKind("commission_expired", gettext_noop("A commission expired without a creator"))

KINDS = (
    *(INVITED, SUBMITTED, OPEN, ASKED, APPLIED, DECLINED, CHOSEN, PASSED, SIGNED, AGREED, DELIVERED, FEEDBACK),
    *(ACCEPTED, TO_PUBLISH, TO_PAY, PUBLISHED, PAID, CANCELLED, EXPIRED),
    *(RIGHTS_END, EXTENSION_ASKED, EXTENDED, NOT_EXTENDED),
)
