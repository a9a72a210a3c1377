"""The desk's pages about how fast mail leaves, and by which way."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from unfold.decorators import display

from campaigns.base_admin import DeskAdmin, ReadOnlyAdmin
from delivery.models import DomainLimit, MailerHealth, MailerLimit
from delivery.transports import costs
from lib.text.numbers import money


class CurrencyField(forms.CharField):
    """A currency by its three letters, which may be typed small."""

    def to_python(self, value: Any) -> Any:
        """Return it in capitals."""
        return super().to_python(value).upper()

    def validate(self, value: Any) -> None:
        """Refuse letters of which no currency in use is made."""
        super().validate(value)
        if value not in money.currencies():
            says = gettext("No currency that is in use is written so. Write its three letters, as in ISO 4217: EUR.")
            raise forms.ValidationError(says)


@admin.register(MailerLimit)
class MailerLimitAdmin(DeskAdmin):
    """The most that each mailer takes."""

    list_display = ["__str__", "per_second", "warm_up_from", "steps", "today"]
    ordering = ["mailer"]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, the steps of the warm-up and the currency with how to write them."""
        if db_field.name == "currency":
            kwargs |= {"form_class": CurrencyField}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "warm_up_steps":
            field.help_text = gettext_lazy(
                "One number for each day, for example 50 100 200 500. There is no limit after the last "
                "day. Urgent email never waits."
            )
        return field

    @display(description=gettext_lazy("messages per day"))
    def steps(self, limit: MailerLimit) -> str:
        """Return the steps of the warm-up."""
        return ", ".join(str(step) for step in limit.warm_up_steps) or "–"

    @display(description=gettext_lazy("today"))
    def today(self, limit: MailerLimit) -> str:
        """Return what the live campaigns' messages of today cost, and whether that is as much as a day may have; a few queries."""
        if limit.mailer not in costs.PRICED:
            return "–"
        found = costs.of_day(limit.mailer, timezone.localtime(), is_exercise=False)
        if limit.most_per_day is None or found.parts < limit.most_per_day:
            return found.words
        return gettext("%(cost)s: as much as a day may have") % {"cost": found.words}


@admin.register(DomainLimit)
class DomainLimitAdmin(DeskAdmin):
    """The most that goes to each domain. What a domain asked for itself can be lifted, not changed."""

    list_display = ["domain", "per_minute", "until", "learnt", "reason"]
    list_filter = ["learnt"]
    search_fields = ["domain"]
    ordering = ["domain", "learnt"]
    readonly_fields = ["learnt"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to change what a domain asked for."""
        # Unfold asks with a key instead of a row when it lists a page's actions.
        if isinstance(obj, DomainLimit) and obj.learnt:
            return False
        return super().has_change_permission(request, obj)


@admin.register(MailerHealth)
class MailerHealthAdmin(ReadOnlyAdmin):
    """How each mailer is doing, to read."""

    list_display = ["__str__", "failures", "down_until", "wait_until", "reason", "changed_at"]
    ordering = ["mailer"]
