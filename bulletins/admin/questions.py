"""Questions from the public, and the authorities' answers."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.desk import DeskAdmin, DeskStackedInline, DeskTabularInline, ReadOnly

from ..models import Answer, Question, QuestionGroup

GROUP_COLOURS = {"open": "warning", "asked": "info", "answered": "success"}


class AnswerInline(DeskStackedInline):
    """The authority's answer."""

    model = Answer
    fields = ["authority", "text", "valid_until", "video_url", "video_language", "video_seconds"]


class QuestionInline(ReadOnly, DeskTabularInline):
    """The questions of a group in the askers' own words."""

    model = Question
    fields = ["text", "language", "channel", "asked_at"]


@admin.register(QuestionGroup)
class QuestionGroupAdmin(DeskAdmin):
    """Questions that mean the same, answered once."""

    list_display = ["__str__", "shown_state", "asked", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["state", "campaign"]
    search_fields = ["slug", "label"]
    inlines = [AnswerInline, QuestionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionGroup]:
        """Return the groups with how many questions each has, the most asked first."""
        return super().get_queryset(request).annotate(times=Count("questions")).order_by("-times", "-pk")

    @display(description=gettext_lazy("state"), ordering="state", label=GROUP_COLOURS)
    def shown_state(self, group: QuestionGroup) -> tuple[str, str]:
        """Return the state as a label."""
        return group.state, group.get_state_display()

    @display(description=gettext_lazy("asked"), ordering="times")
    def asked(self, group: QuestionGroup) -> int:
        """Return how often it was asked."""
        return group.times  # type: ignore[attr-defined]


@admin.register(Question)
class QuestionAdmin(DeskAdmin):
    """Questions in the askers' own words. Who relayed one is never shown in public."""

    list_display = ["__str__", "language", "group", "topic", "bulletin", "asked_at"]
    list_select_related = ["group", "topic", "bulletin"]
    list_filter = ["language", "topic", "campaign"]
    search_fields = ["text"]
    autocomplete_fields = ["group", "topic"]
    readonly_fields = ["relayed_by", "asked_at"]


@admin.register(Answer)
class AnswerAdmin(DeskAdmin):
    """Authorities' answers, in text and often on video."""

    list_display = ["__str__", "authority", "state", "valid_until"]
    list_select_related = ["group", "authority"]
    list_filter = ["authority"]
    fields = [
        "group",
        "authority",
        "text",
        "valid_until",
        "video_url",
        "video_language",
        "video_seconds",
        "subtitles",
    ]
