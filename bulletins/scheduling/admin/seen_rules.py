"""The campaign's rule for urgent bulletins that are not seen, at the desk: one row, with the defaults until somebody changes it."""

from typing import Any

from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bulletins.models import SeenRule
from bulletins.scheduling import seen_steps
from campaigns.base_admin import DeskAdmin

MOST_PEOPLE = 100_000  # more partners than a campaign has: above it somebody mistyped


@admin.register(SeenRule)
class SeenRuleAdmin(DeskAdmin):
    """What follows where partners have not seen an urgent bulletin."""

    list_display = ["__str__", "shown_steps"]
    campaign_by = "campaign"
    list_note = _(
        "What follows where partners have not said that they have seen an urgent bulletin. Without a rule of its own a campaign has the "
        "defaults: after 20 and 40 minutes. A bulletin keeps what the rule says when it is submitted."
    )
    fieldsets = (
        (_("Steps"), {"fields": ["calls_after", "audience_after"]}),
        (_("What stops them"), {"fields": ["counts", "enough_percent", "enough_people", "night_from", "night_until"]}),
    )
    actions = None

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, that of people with the most that it takes."""
        if db_field.name == "enough_people":
            too_many = _(
                "At most %(limit_value)s people. Where fewer are asked, it is enough that all of them have seen it."
            )
            kwargs |= {"max_value": MOST_PEOPLE, "error_messages": {"max_value": too_many}}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("steps"))
    def shown_steps(self, rule: SeenRule) -> str:
        """Return the steps in sentences."""
        return seen_steps.words_of_rule(rule)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A campaign has one rule."""
        campaign = getattr(request, "campaign", None)
        is_there = campaign is None or SeenRule.objects.filter(campaign=campaign).exists()
        return super().has_add_permission(request) and not is_there

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A rule that is not wanted is left without its steps."""
        return False

    def save_model(self, request: HttpRequest, obj: SeenRule, form: Any, change: bool) -> None:
        """Store the rule of the campaign that is worked in."""
        if not change:
            obj.campaign = request.campaign  # type: ignore[attr-defined]  # the middleware has set it
        super().save_model(request, obj, form, change)
