"""The desk's list of single mails that did not leave: which, why, and what to do."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.base_admin import ReadOnlyAdmin
from delivery.models import SingleMail

from .single_mail_list import NEXT_STEPS, title_of


@admin.register(SingleMail)
class SingleMailAdmin(ReadOnlyAdmin):
    """Single mails that are tried again or ended, to read."""

    list_display = ["what", "campaign", "why", "step", "attempts", "next_attempt_at", "ended_at"]
    list_filter = ["fault"]
    list_select_related = ["campaign"]
    ordering = ["-since"]
    fields = ["what", "campaign", "why", "code", "step", "attempts", "since", "next_attempt_at", "ended_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SingleMail]:
        """Leave out what is just being handed over for the first time."""
        return super().get_queryset(request).exclude(fault="")

    @display(description=gettext_lazy("what"), ordering="kind")
    def what(self, mail: SingleMail) -> Any:
        """Return which kind of mail it is."""
        return title_of(mail.kind)

    @display(description=gettext_lazy("why"), ordering="fault")
    def why(self, mail: SingleMail) -> str:
        """Return why it did not leave."""
        return mail.get_fault_display()

    @display(description=gettext_lazy("next step"))
    def step(self, mail: SingleMail) -> Any:
        """Return what to do about it."""
        return NEXT_STEPS.get(SingleMail.Fault(mail.fault), "") if mail.fault else ""
