"""Single mails that did not leave, as Today counts them and the desk's list explains them."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from delivery.models import SingleMail

from .queue import KINDS

Fault = SingleMail.Fault

NEXT_STEPS = {
    Fault.AWAY: gettext_lazy("It is tried again by itself. If it lasts, look at the health of servers and channels."),
    Fault.DEFERRED: gettext_lazy("It is tried again by itself."),
    Fault.UNWRITABLE: gettext_lazy("An administrator finds the reason in the log."),
    Fault.REFUSED: gettext_lazy("Ask the person for another address."),
    Fault.BARRED: gettext_lazy("Nothing to do: this person gets no more email."),
    Fault.UNKNOWN: gettext_lazy("Ask the person whether it arrived before you send it again."),
    Fault.TWICE: gettext_lazy("Nothing to do, unless somebody asks why they got it twice."),
}
FOR_A_PERSON = (Fault.AWAY, Fault.DEFERRED, Fault.UNWRITABLE, Fault.REFUSED, Fault.UNKNOWN)


def title_of(kind: str) -> Any:
    """Return what a kind of single mail is called; what an older or newer version knows, by its key."""
    return KINDS[kind].title if kind in KINDS else kind


def failed_mails(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return on Today how many single mails ended without having left for certain, for whoever controls sends; one query."""
    if not user.has_perm("delivery.view_singlemail"):
        return []
    number = SingleMail.objects.failed().filter(campaign=campaign, fault__in=FOR_A_PERSON).count()
    if not number:
        return []
    words = ngettext("%(n)d single email was not delivered.", "%(n)d single emails were not delivered.", number)
    page = reverse("admin:delivery_singlemail_changelist")
    return [PendingWork(words % {"n": number}, page)]
