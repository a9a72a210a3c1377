"""The desk's pages of measures: the list with its charts, a measure's own page, taking a value by hand or by CSV; and notes on charts."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.desk_base.desk_user import user_of
from campaigns.base_admin import DeskAdmin
from campaigns.http.middleware import campaign_or_404, campaign_to_read
from campaigns.models import Campaign
from impact.charts.week_charts import written
from impact.models import ChartNote, Measure, Source
from impact.weeks import Week, up_to
from lib.csv_rows import BOM, lines

from . import csv_import, own_figures, queries, snapshots
from .csv_import import decimal_text
from .forms import MeasureForm, TakeForm
from .snapshots import NotTaken, Reading

SHOWN = 12  # weeks on a chart
OFFERED = 26  # weeks to choose from
LAST_TAKEN = 20  # snapshots on a measure's page, those that were replaced too
MAY_TAKE = "impact.add_snapshot"


class OfThisCampaign(DeskAdmin):
    """Rows that are added to the campaign that the desk works on."""

    campaign_by = "campaign"
    actions: Any = None

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Store it for the campaign that the desk works on."""
        if not change:
            obj.campaign = campaign_or_404(request)
        super().save_model(request, obj, form, change)


@admin.register(Measure)
class MeasureAdmin(OfThisCampaign):
    """What is measured, and how it stands. A measure is stopped, never deleted: its snapshots stay."""

    form = MeasureForm
    fieldsets = [
        (None, {"fields": ["name", "key", "unit", "source", "every", "target", "is_summed"]}),
        (gettext_lazy("On the page"), {"fields": ["family", "platform", "position", "stopped_at"]}),
        (gettext_lazy("Feed of a media monitor"), {"fields": ["feed_url", "feed_words"]}),
        (gettext_lazy("A service that is asked"), {"fields": ["collector", "asked_about"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A measure is stopped, never deleted."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows in which campaign a key has to be the only one."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.campaign = getattr(request, "campaign", None)
        return form

    def save_model(self, request: HttpRequest, obj: Measure, form: ModelForm, change: bool) -> None:
        """Store it with the day since when it can be taken, and say what it lacks."""
        if not change:
            obj.added_on = campaign_or_404(request).local(timezone.now()).date()
        super().save_model(request, obj, form, change)
        if obj.is_without_feed:
            messages.warning(request, obj.missing_because)

    def get_urls(self) -> list[Any]:
        """Add a measure's own page, taking a value by hand and by CSV, and a week as CSV."""
        view = self.admin_site.admin_view
        own = [
            path("take/", view(self.take_view), name="impact_measure_take"),
            path("csv/", view(self.csv_view), name="impact_measure_csv"),
            path("week.csv", view(require_safe(self.week_view)), name="impact_measure_week"),
            path("<int:pk>/take-back/", view(require_POST(self.take_back_view)), name="impact_measure_take_back"),
            path("<int:pk>/chart/", view(require_safe(self.chart_view)), name="impact_measure_chart"),
        ]
        return [*own, *super().get_urls()]

    # --- Looking

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show what is measured as it stood at the end of a week, and the families side by side."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        campaign: Campaign | None = campaign_to_read(request) if getattr(request, "desk_campaigns", []) else None
        context = self.frame(request, _("Measures")) | {
            "may_take": user_of(request).has_perm(MAY_TAKE),
            "may_add": self.has_add_permission(request),
            "campaign": campaign,
        }
        if campaign:
            today, week, weeks = weeks_of(request, campaign)
            rows = queries.listed(campaign, until=week.last, on=today)
            context |= {
                "week": week,
                "offered": reversed(up_to(Week.of(today), OFFERED)),
                "rows": rows,
                "overdue": sum(one.is_overdue for one in rows),
                "families": queries.families(campaign, [one.measure for one in rows], weeks, now=Week.of(today)),
                "first": weeks[0],
            }
        return TemplateResponse(request, "impact/measures/list.html", context)

    def chart_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a measure's chart, its numbers, and what was taken last; five queries, however many snapshots there are."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        measure = get_object_or_404(self.get_queryset(request), pk=pk)
        campaign = campaign_to_read(request)
        today, week, weeks = weeks_of(request, campaign)
        values = queries.week_values([measure], weeks)[measure.pk]
        notes = queries.notes_of(campaign, weeks, measure)
        chart = queries.chart_of(
            measure, values, weeks, now=Week.of(today), notes=notes, begins=Week.of(campaign.starts_on)
        )
        context = self.frame(request, str(measure)) | {
            "measure": measure,
            "says": own_figures.SAYS.get(measure.key, "") if measure.source == Source.OWN else "",
            "chart": chart,
            "rows": queries.table_of([chart]),
            "week": week,
            "offered": reversed(up_to(Week.of(today), OFFERED)),
            "given": snapshots.GIVEN,
            "taken": measure.snapshots.select_related("taken_by", "replaced_by").order_by("-on", "-pk")[:LAST_TAKEN],
            "may_take": user_of(request).has_perm(MAY_TAKE),
            "may_change": self.has_change_permission(request, measure),
        }
        return TemplateResponse(request, "impact/measures/measure.html", context)

    def week_view(self, request: HttpRequest) -> HttpResponse:
        """Return what stands of a week as CSV."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        campaign = campaign_to_read(request)
        _today, week, _weeks = weeks_of(request, campaign)
        answer = HttpResponse(BOM.encode() + week_csv(campaign, week), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{campaign.slug}-{week.code}.csv"'
        return answer

    def frame(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """Return what each page has."""
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}

    # --- Taking

    def take_view(self, request: HttpRequest) -> HttpResponse:
        """Take one value by hand."""
        if not user_of(request).has_perm(MAY_TAKE):
            raise PermissionDenied
        campaign, now = campaign_or_404(request), timezone.now()
        measures = self.get_queryset(request).taken()
        chosen = measures.filter(key=request.GET.get("measure", "")[:60]).first() if request.GET else None
        form = TakeForm(request.POST or None, measures=measures, today=campaign.local(now).date(), chosen=chosen)
        if request.method == "POST" and form.is_valid():
            value, of_all = form.cleaned_data["value"]
            measure = form.cleaned_data["measure"]
            measure.campaign = campaign
            reading = Reading(measure, form.cleaned_data["on"], value, of_all, form.cleaned_data["note"])
            try:
                taken = snapshots.take(reading, source=Source.HAND, by=user_of(request), at=now)
            except NotTaken as refusal:
                form.add_error("on" if reading.on > campaign.local(now).date() else "value", str(refusal))
            else:
                messages.success(request, says_of(taken, measure))
                return HttpResponseRedirect(reverse("admin:impact_measure_chart", args=[measure.pk]))
        status = 422 if form.is_bound else 200
        context = self.frame(request, _("Take a value by hand")) | {"form": form}
        return TemplateResponse(request, "impact/measures/take.html", context, status=status)

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back a value that somebody gave."""
        if not user_of(request).has_perm(MAY_TAKE):
            raise PermissionDenied
        measure = get_object_or_404(self.get_queryset(request), pk=pk)
        key = request.POST.get("snapshot", "")
        snapshot = get_object_or_404(
            measure.snapshots, pk=int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
        )
        try:
            snapshots.take_back(snapshot, by=user_of(request), at=timezone.now())
        except NotTaken as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Taken back. What stood there before stands again."))
        return HttpResponseRedirect(reverse("admin:impact_measure_chart", args=[measure.pk]))

    def csv_view(self, request: HttpRequest) -> HttpResponse:
        """Try a CSV file, and keep it: both read the whole file, and a wrong row keeps nothing."""
        if not user_of(request).has_perm(MAY_TAKE):
            raise PermissionDenied
        campaign, now = campaign_or_404(request), timezone.now()
        context = self.frame(request, _("Values from a CSV file")) | {"columns": "measure, day, value, of_all, note"}
        context["measures"] = self.get_queryset(request).taken()
        status = 200
        if request.method == "POST":
            file = request.FILES.get("file")
            data = file.read(csv_import.MOST_BYTES + 1) if file else b""
            try:
                found = csv_import.read(data, campaign, at=now)
                context["found"] = found
                if found.wrong:
                    status = 422
                elif "keep" in request.POST:
                    context["kept"] = csv_import.keep(found, campaign, by=user_of(request), at=now)
            except csv_import.NotReadable as refusal:
                context["refusal"], status = str(refusal), 422
        return TemplateResponse(request, "impact/measures/csv.html", context, status=status)


@admin.register(ChartNote)
class ChartNoteAdmin(OfThisCampaign):
    """What stands at a date on the charts."""

    list_note = gettext_lazy("What explains a step in a chart. Each stands at its date on every chart, or on one.")
    list_display = ["__str__", "on", "measure"]
    list_select_related = ["measure"]
    fields = ["on", "words", "measure"]


def weeks_of(request: HttpRequest, campaign: Campaign) -> tuple[date, Week, list[Week]]:
    """Return today in the campaign's zone, the week that a page is asked for (this one otherwise), and those of its charts."""
    today = campaign.local(timezone.now()).date()
    asked = Week.read(request.GET.get("week", ""))
    week = asked if asked and asked <= Week.of(today) else Week.of(today)
    return today, week, up_to(week, SHOWN)


def says_of(taken: snapshots.Taken, measure: Measure) -> str:
    """Return what came of a value, in words."""
    words = {
        "measure": str(measure),
        "value": written(taken.snapshot.value),
        "day": date_format(taken.snapshot.on, "DATE_FORMAT"),
    }
    if not taken.is_new:
        return _("%(measure)s: %(value)s of %(day)s was there already.") % words
    if taken.replaced:
        before = written(taken.replaced.value)
        return _("%(measure)s: %(value)s of %(day)s replaces %(before)s. Both are kept.") % {**words, "before": before}
    return _("%(measure)s: %(value)s of %(day)s is kept.") % words


def week_csv(campaign: Campaign, week: Week) -> bytes:
    """Return what stands of a week, a row for each snapshot, in columns that an import takes again."""
    head = ("measure", "day", "value", "of_all", "note", "name", "unit", "source", "taken_at")
    rows = [
        (
            one.measure.key,
            one.on.isoformat(),
            decimal_text(one.value),
            decimal_text(one.of_all),
            one.note,
            str(one.measure),
            str(one.get_unit_display()),
            str(one.get_source_display()),
            one.taken_at.isoformat(timespec="seconds"),
        )
        for one in queries.snapshots_of_week(campaign, week)
    ]
    return lines([head, *rows])
