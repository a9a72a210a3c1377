"""The desk's pages of drills: preparing one, the leader's page while it runs, and the report after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from unfold.decorators import display

from accounts.models import User
from campaigns.base_admin import DeskAdmin
from campaigns.drill_clock import DrillClock
from delivery.models import Lease
from delivery.models.limits import Mailer
from lib.csv_rows import lines
from lib.text.numbers.whole_numbers import whole_number
from preparedness.models import Drill, DrillEvent

from . import figures, lanes, lifecycle, made_up_people, parts, report, report_pdf, trails
from .forms import DrillForm, lesson_forms
from .scenario_files import Scenario

LIFECYCLE: dict[str, Callable[..., None]] = {
    "start": lifecycle.start,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "stop": lifecycle.stop,
}
LEAD, BRING_FORWARD = "lead", "bring_forward"


@dataclass(frozen=True)
class Waiting:
    """Work that waits now, in the words of the page; `then` is how long it took in the last drill. Places in per cent."""

    name: str
    who: str
    minutes: str
    since: str
    then: str
    fill: float
    mark: float | None
    is_late: bool


@admin.register(Drill)
class DrillAdmin(DeskAdmin):
    """
    Drills of the exercise that the desk works on. Whoever may change one can lead it; what comes next is shown to its leader
    alone, who does not play.
    """

    campaign_by = "campaign"
    list_note = gettext_lazy("Scenarios that play themselves in an exercise, and how fast the team was.")
    list_display = ["shown_name", "shown_state", "leader", "started_at", "shown_first", "shown_recall"]
    list_select_related = ["leader", "campaign"]

    @display(description=gettext_lazy("scenario"))
    def shown_name(self, drill: Drill) -> str:
        """Return what is played."""
        return lifecycle.scenario_of(drill).named()

    @display(
        description=gettext_lazy("stage"),
        label={"prepared": "info", "running": "success", "paused": "warning", "ended": "info"},
    )
    def shown_state(self, drill: Drill) -> tuple[str, str]:
        """Return how far it is."""
        return drill.state, state_name(drill.state)

    @display(description=gettext_lazy("first delivered after"))
    def shown_first(self, drill: Drill) -> str:
        """Return how long the first word took."""
        return report.clock(drill.figures.get("measures", {}).get("first_delivered")) or "–"

    @display(description=gettext_lazy("recall answered by 90 %"))
    def shown_recall(self, drill: Drill) -> str:
        """Return how long a correction took."""
        return report.clock(drill.figures.get("measures", {}).get("recall_90")) or "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A drill is ended, never deleted: later ones are compared with it."""
        return False

    def get_urls(self) -> list[Any]:
        """Add the report, as page, PDF and data."""
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/report/", view(self.report_view), name="preparedness_drill_report"),
            path("<int:pk>/report.pdf", view(require_safe(self.pdf_view)), name="preparedness_drill_pdf"),
            path("<int:pk>/report.json", view(require_safe(self.json_view)), name="preparedness_drill_json"),
            path("<int:pk>/report.csv", view(require_safe(self.csv_view)), name="preparedness_drill_csv"),
        ]
        return [*own, *super().get_urls()]

    # --- Preparing

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Prepare a drill in the exercise that the desk works on."""
        campaign = getattr(request, "campaign", None)
        if not self.has_add_permission(request):
            raise PermissionDenied
        if campaign is None:
            raise Http404
        form, refusal, status = DrillForm(campaign, request.POST or None), "", 200
        try:
            lifecycle.refuse_real(campaign)
        except lifecycle.NotPlayable as reason:
            refusal, status = str(reason), 200 if request.method != "POST" else 409
        if request.method == "POST" and not refusal:
            status = 422
            if form.is_valid():
                given = form.cleaned_data
                try:
                    drill = lifecycle.prepare(
                        campaign,
                        given["scenario"],
                        speed=given["speed"],
                        made_up=given["made_up"],
                        influencers=given["influencers"],
                        by=user_of(request),
                        at=timezone.now(),
                    )
                    return HttpResponseRedirect(reverse("admin:preparedness_drill_change", args=[drill.pk]))
                except lifecycle.NotPlayable as reason:
                    refusal, status = str(reason), 409
        context = {
            **self.admin_site.each_context(request),
            "title": _("Prepare a drill"),
            "opts": self.opts,
            "form": form,
            "refusal": refusal,
            "scenarios": form.shelf.usable.values(),
            "faults": form.shelf.faults,
        }
        return TemplateResponse(request, "preparedness/drills/prepare.html", context, status=status)

    # --- The leader's page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a drill as it is now; start, pause, resume or end it, or take the lead."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        drill = get_object_or_404(self.rows(request), pk=whole_number(object_id))
        if request.method != "POST":
            return self.page(request, drill)
        if not self.has_change_permission(request, drill):
            raise PermissionDenied
        what, by, now = request.POST.get("step", ""), user_of(request), timezone.now()
        if what == LEAD:
            lifecycle.take_lead(drill, by=by, at=now)
        elif what in LIFECYCLE or what == BRING_FORWARD:
            if drill.leader_id != by.pk:
                raise PermissionDenied
            try:
                if what == BRING_FORWARD:
                    lifecycle.bring_forward(drill, request.POST.get("event", ""), by=by, at=now)
                else:
                    LIFECYCLE[what](drill, by=by, at=now)
                if what == "stop":
                    figures.keep(drill)
            except lifecycle.NotPlayable as refusal:
                drill.refresh_from_db()
                return self.page(request, drill, refusal=str(refusal), status=409)
        else:
            raise Http404
        return HttpResponseRedirect(reverse("admin:preparedness_drill_change", args=[drill.pk]))

    def rows(self, request: HttpRequest) -> Any:
        """Return the drills that the user reaches, with what every page of one needs."""
        related = self.get_queryset(request).select_related("campaign", "leader", "stopped_by")
        return related.prefetch_related("campaign__languages")

    def page(self, request: HttpRequest, drill: Drill, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a drill; its queries do not grow with the events."""
        scenario, now = lifecycle.scenario_of(drill), timezone.now()
        is_leader = drill.leader_id == request.user.pk
        context = {
            **self.admin_site.each_context(request),
            "title": scenario.named(),
            "opts": self.opts,
            "drill": drill,
            "scenario": scenario,
            "state_name": state_name(drill.state),
            "refusal": refusal,
            "is_leader": is_leader,
            "may_lead": self.has_change_permission(request, drill),
            "made_up": [str(parts.CAST[name][0]) for name in drill.made_up if name in parts.CAST],
            "has_report": bool(drill.figures),
            "refreshes": drill.state == "running",
        }
        if drill.started_at:
            context |= self.running(drill, scenario, is_leader=is_leader, at=now)
        else:
            context |= self.to_come(drill, scenario, at=now)
        return TemplateResponse(request, "preparedness/drills/drill.html", context, status=status)

    def to_come(self, drill: Drill, scenario: Scenario, *, at: datetime) -> dict[str, Any]:
        """Return what the page shows of a drill before it starts: what is ready, for whom, and how long it will last."""
        mine, everybody = (
            made_up_people.influencers(drill.campaign).count(),
            made_up_people.recipients(drill.campaign, at=at),
        )
        last = figures.before(drill)
        return {
            "events": len(scenario.events),
            "influencers": mine,
            "recipients": everybody,
            "others": max(0, everybody - mine),
            "minutes": scenario.minutes,
            "lasts": report.minutes(60 * scenario.minutes / drill.speed),
            "last_lessons": report.lessons(last) if last else [],
            "last_day": report.day(last) if last else "",
        }

    def running(self, drill: Drill, scenario: Scenario, *, is_leader: bool, at: datetime) -> dict[str, Any]:
        """Return what the page shows of a drill that was started."""
        clock, events, last = drill.clock(scenario), list(drill.events.all()), figures.before(drill)
        found = trails.of(drill, scenario, events)
        then = last.figures["measures"] if last else {}
        if drill.figures:
            measured = drill.figures["measures"]
        else:
            measured = figures.measures(drill, scenario, events, found, at=at)
        following = next_events(scenario, clock, events, at=at) if is_leader else ("", [])
        return {
            "clock": clock,
            "elapsed": report.clock(min(clock.elapsed(at), clock.seconds)),
            "time_of_day": clock.time_of_day(min(clock.elapsed(at), clock.seconds)),
            "length": report.clock(clock.seconds),
            "share": round(100 * min(1.0, clock.elapsed(at) / clock.seconds), 1),
            "done": sum(one.done_at is not None for one in events),
            "all": len(events),
            "next_in": following[0],
            "next_names": following[1],
            "coming": [
                (one.key, scenario.event(one.key).named()) for one in events if is_leader and one.done_at is None
            ],
            "waits": [] if drill.ended_at else waiting(drill, scenario, clock, found, last, at=at),
            "measures": [
                (report.MEASURE_NAMES[key], report.shown(key, value), report.shown(key, then.get(key)))
                for key, value in measured.items()
            ],
            "last_day": report.day(last) if last else "",
            "drawing": lanes.draw(scenario, clock, events, found, at=at, shows_later=is_leader),
            "list": event_list(scenario, clock, events, found, is_leader=is_leader),
            "outside": Lease.objects.filter(send__mailing__campaign=drill.campaign)
            .exclude(mailer=Mailer.EXERCISE)
            .count(),
            "mail_server": f"{settings.EXERCISE_MAIL['host']}:{settings.EXERCISE_MAIL['port']}",
        }

    # --- The report

    def measured(self, request: HttpRequest, pk: int) -> Drill:
        """Return a drill that has its figures, measured now where that was cut off. Raise Http404 for others."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        drill: Drill = get_object_or_404(self.rows(request), pk=pk)
        if not drill.ended_at:
            raise Http404(_("This drill is not over yet."))
        if not drill.figures:
            figures.keep(drill)
        return drill

    def report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the report in the language that was asked for, and take what the team says."""
        drill = self.measured(request, pk)
        may_write = self.has_change_permission(request, drill)
        if request.method == "POST" and not may_write:
            raise PermissionDenied
        language, status = language_of(request), 200
        with override(language):
            told = report.of(drill)
            sent = request.POST if request.method == "POST" else None
            forms = lesson_forms(drill.campaign, drill.actions, [what for what, _why in told.better], sent)
            if sent is not None and forms.is_valid():
                kept = [one.cleaned_data for one in forms if one.cleaned_data.get("what")]
                lifecycle.write_lessons(drill, kept, by=user_of(request), at=timezone.now())
                self.message_user(request, _("Saved. It stands in the report."), messages.SUCCESS)
                return HttpResponseRedirect(
                    f"{reverse('admin:preparedness_drill_report', args=[drill.pk])}?language={language}"
                )
            status = 200 if sent is None else 422
            context = {
                **self.admin_site.each_context(request),
                "title": told.title,
                "opts": self.opts,
                "drill": drill,
                "report": told,
                "language": language,
                "languages": [code for code, _name in settings.LANGUAGES if code != language],
                "lesson_forms": forms if may_write else None,
            }
            return TemplateResponse(request, "preparedness/drills/report.html", context, status=status).render()

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand the report out as PDF."""
        drill, language = self.measured(request, pk), language_of(request)
        with override(language):
            content = report_pdf.render(drill, report.of(drill))
        return attached(HttpResponse(content, content_type="application/pdf"), drill, f"{language}.pdf")

    def json_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand the figures out as JSON."""
        drill = self.measured(request, pk)
        return attached(JsonResponse(report.data(drill), json_dumps_params={"indent": 2}), drill, "json")

    def csv_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand the measures out as CSV: a line each, seconds of the scenario."""
        drill = self.measured(request, pk)
        kept = report.data(drill)
        rows = [("measure", *(one["started"] for one in kept["earlier"]), kept["started"], "aim")]
        for key, value in kept["measures"].items():
            rows.append((key, *(one.get(key) for one in kept["earlier"]), value, kept["aims"].get(key)))
        return attached(HttpResponse(lines(rows), content_type="text/csv; charset=utf-8"), drill, "csv")


# --- Parts of the pages -----------------------------------------------------------------------------------


def user_of(request: HttpRequest) -> User:
    """Return who is at the desk."""
    assert isinstance(request.user, User)
    return request.user


def language_of(request: HttpRequest) -> str:
    """Return the language that a report was asked for in, else the reader's."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else (get_language() or settings.LANGUAGE_CODE)


def attached(response: HttpResponse, drill: Drill, ending: str) -> HttpResponse:
    """Return a response as a file to be saved."""
    began = drill.campaign.local(drill.started_at or drill.made_at)
    name = f"drill-{drill.scenario}-{began:%Y-%m-%d}"
    dot = "-" if ending.endswith(".pdf") else "."
    response["Content-Disposition"] = f'attachment; filename="{name}{dot}{ending}"'
    return response


def state_name(state: str) -> str:
    """Return how far a drill is, in words."""
    return {
        "prepared": _("prepared"),
        "running": _("running"),
        "paused": _("paused"),
        "ended": _("over"),
    }[state]


def next_events(
    scenario: Scenario, clock: DrillClock, events: list[DrillEvent], *, at: datetime
) -> tuple[str, list[str]]:
    """Return in how long the next events come, in the scenario's time, and their names; "" when none is to come."""
    coming = [one for one in events if one.done_at is None and one.offset is not None]
    following = min((one.offset or 0 for one in coming), default=None)
    if following is None:
        return "", []
    names = [scenario.event(one.key).named() for one in coming if one.offset == following]
    return report.minutes(max(0, following - clock.elapsed(at))), names


def waiting(
    drill: Drill,
    scenario: Scenario,
    clock: DrillClock,
    found: dict[str, trails.Trail],
    last: Drill | None,
    *,
    at: datetime,
) -> list[Waiting]:
    """Return what waits for somebody now, the longest first. The work waits, nobody is timed."""
    rows = []
    took = last.figures.get("events", {}) if last else {}
    for trail in found.values():
        wait = trail.open_wait
        if wait is None or trail.event.done_at is None:
            continue
        since_start = clock.length(trail.event.done_at, at)
        then = took.get(trail.event.key)
        most = max(since_start, then or 0, 1200) * 1.1
        rows.append(
            (
                since_start,
                Waiting(
                    name=scenario.event(trail.event.key).named(),
                    who=str(parts.NAMES[wait.part]),
                    minutes=report.minutes(since_start),
                    since=report.minutes(clock.length(wait.since, at)),
                    then=report.minutes(then) if then else "",
                    fill=round(100 * since_start / most, 1),
                    mark=round(100 * then / most, 1) if then else None,
                    is_late=then is not None and since_start > then,
                ),
            )
        )
    return [row for _since, row in sorted(rows, key=lambda one: -one[0])]


def event_list(
    scenario: Scenario,
    clock: DrillClock,
    events: list[DrillEvent],
    found: dict[str, trails.Trail],
    *,
    is_leader: bool,
) -> list[dict[str, Any]]:
    """Return the same as the drawing as lines, the newest first; what is to come for the leader alone."""
    rows = []
    for one in events:
        if one.done_at is None and not is_leader:
            continue
        seconds = clock.elapsed(one.done_at) if one.done_at else one.offset
        trail = found.get(one.key)
        dealt = one.dealt_at or (trail.dealt_at if trail else None)
        rows.append(
            {
                "time": clock.time_of_day(seconds) if seconds is not None else None,
                "seconds": seconds if seconds is not None else clock.seconds + 1,
                "kind": report.KIND_NAMES[one.kind],
                "name": scenario.event(one.key).named(),
                "note": one.note,
                "is_done": one.done_at is not None,
                "took": report.minutes(clock.length(one.done_at, dealt)) if one.done_at and dealt else "",
            }
        )
    return sorted(rows, key=lambda row: -row["seconds"])
