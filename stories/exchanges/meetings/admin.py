"""The desk's pages of exchanges: series of meetings, and each meeting with all that belongs to it on one page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from campaigns.desk_steps import FramedAdmin, told
from campaigns.http.middleware import campaign_or_404
from lib.text.languages.languages import languages_listed
from lib.text.numbers.whole_numbers import whole_number, whole_numbers
from stories.exchanges.agendas import agendas
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.notices import when
from stories.exchanges.refusals import NotDone
from stories.models import Exchange, FollowUp, Meeting, MeetingInvitation, Municipality

from . import meeting_series, meeting_steps
from .exchange_forms import FollowUpForm, MoveForm, NotesForm, PointForm, SeriesForm


@admin.register(Exchange)
class ExchangeAdmin(FramedAdmin):
    """The series of meetings of the campaign that the desk works on. One is ended, never deleted."""

    templates = "stories/exchanges/desk"
    campaign_by = "campaign"
    list_note = gettext_lazy(
        "Meetings with the campaign’s municipalities. The software makes them ahead, fills their agendas and invites everyone by mail."
    )
    list_display = ["__str__", "shown_rhythm", "shown_state"]
    list_select_related = ["campaign"]
    search_fields = ["title"]

    @display(description=gettext_lazy("when"))
    def shown_rhythm(self, series: Exchange) -> str:
        """Return on which day and at which hour it is."""
        return rhythm(series)

    @display(description=gettext_lazy("state"))
    def shown_state(self, series: Exchange) -> str:
        """Return whether it goes on."""
        return _("ended") if series.ended_at else _("goes on")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Begin a series."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign, now, is_sent = campaign_or_404(request), timezone.now(), request.method == "POST"
        form = SeriesForm(campaign, request.POST if is_sent else None, at=now)
        if is_sent and form.is_valid():
            series = meeting_series.begin(campaign, form.content(), by=user_of(request), at=now)
            self.message_user(
                request,
                _("Begun. Its meetings are there; everyone is invited two weeks before each."),
                messages.SUCCESS,
            )
            return HttpResponseRedirect(reverse("admin:stories_exchange_change", args=[series.pk]))
        context = {"form": form, "series": None, "may_change": True}
        return self.answer(request, "series", _("Begin a series of meetings"), context, status=422 if is_sent else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a series with its meetings, and change it from a day on, or end it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("campaign")
        series = get_object_or_404(rows, pk=whole_number(object_id))
        may_change = self.has_change_permission(request, series) and series.ended_at is None
        now, is_sent, refusal, status = timezone.now(), request.method == "POST", "", 200
        if is_sent and not may_change:
            raise PermissionDenied
        form = SeriesForm(
            series.campaign, request.POST if is_sent and "end" not in request.POST else None, at=now, series=series
        )
        if is_sent:
            status = 422
            try:
                if says := self.act(request, series, form):
                    self.message_user(request, says, messages.SUCCESS)
                    return HttpResponseRedirect(reverse("admin:stories_exchange_change", args=[series.pk]))
            except NotDone as reason:
                refusal, status = str(reason), 409
        coming = [
            (one, when(one))
            for one in Meeting.objects.of(series.campaign)
            .filter(exchange=series, starts_at__gt=now)
            .order_by("starts_at")
        ]
        context = {"form": form, "series": series, "may_change": may_change, "refusal": refusal, "coming": coming}
        context |= {"rhythm": rhythm(series)}
        return self.answer(request, "series", str(series), context, status=status)

    @staticmethod
    def act(request: HttpRequest, series: Exchange, form: SeriesForm) -> str:
        """Take the step that was sent, and return what is said then; "" for a form with faults. Raise NotDone."""
        by, now = user_of(request), timezone.now()
        if "end" in request.POST:
            meeting_series.end(series, by=by, at=now)
            return _("Ended. Its meetings to come are cancelled, and everyone invited is told.")
        if not form.is_valid():
            return ""
        meeting_series.change(series, form.content(), from_day=form.cleaned_data["from_day"], by=by, at=now)
        return _("Changed. Everyone invited is told of meetings that have moved.")


def rhythm(series: Exchange) -> str:
    """Return in words on which day and at which hour a series is."""
    told = {"day": series.get_weekday_display(), "time": series.at.strftime("%H:%M"), "n": series.every_weeks}
    if series.every_weeks == 1:
        return _("%(day)s at %(time)s, every week") % told
    return _("%(day)s at %(time)s, every %(n)d weeks") % told


@admin.register(Meeting)
class MeetingAdmin(FramedAdmin):
    """The meetings of the campaign that the desk works on. A series makes them; one is cancelled, never deleted."""

    templates = "stories/exchanges/desk"
    campaign_by = "exchange__campaign"
    list_note = gettext_lazy("Agenda, answers, who came, notes and what follows, on one page for each meeting.")
    list_display = ["shown_when", "exchange", "shown_state", "shown_answers"]
    list_select_related = ["exchange__campaign"]
    list_filter = ["exchange"]
    search_fields = ["exchange__title"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the meetings with how many said that they come."""
        asked = Count("invitations", filter=Q(invitations__left_at=None), distinct=True)
        yes = Count("invitations", filter=Q(invitations__left_at=None, invitations__answer="yes"), distinct=True)
        return super().get_queryset(request).annotate(asked=asked, said_yes=yes)

    @display(description=gettext_lazy("when"), ordering="starts_at")
    def shown_when(self, meeting: Meeting) -> str:
        """Return when it is."""
        return when(meeting)

    @display(description=gettext_lazy("state"))
    def shown_state(self, meeting: Meeting) -> str:
        """Return how far it is."""
        return state_of(meeting)

    @display(description=gettext_lazy("will come"))
    def shown_answers(self, meeting: Any) -> str:
        """Return how many of those invited said that they come."""
        return _("%(yes)d of %(asked)d") % {"yes": meeting.said_yes, "asked": meeting.asked} if meeting.asked else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A series makes them."""
        return False

    # --- One of them

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a meeting, and take its next step."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        meeting = self.one(request, whole_number(object_id))
        if request.method != "POST":
            return self.page(request, meeting)
        if not self.has_change_permission(request, meeting):
            raise PermissionDenied
        name = next((name for name in STEPS if name in request.POST), "")
        if not name:
            return self.page(request, meeting, refusal=_("Nothing was chosen."), status=422)
        try:
            says, forms = STEPS[name](request, meeting)
        except NotDone as refusal:
            kept = {"notes_form": NotesForm(meeting, request.POST)} if name == "notes" else {}
            return self.page(request, self.one(request, meeting.pk), refusal=str(refusal), status=409, **kept)
        if forms:
            return self.page(
                request, meeting, refusal=_("Not saved yet. Check the fields marked below."), status=422, **forms
            )
        self.message_user(request, str(says), messages.SUCCESS)
        return HttpResponseRedirect(
            reverse("admin:stories_meeting_change", args=[meeting.pk]) + f"#{ANCHORS.get(name, '')}"
        )

    def one(self, request: HttpRequest, pk: int) -> Meeting:
        """Return a meeting that the user reaches."""
        rows = self.get_queryset(request).select_related("exchange__campaign", "noted_by", "confirmed_by")
        return get_object_or_404(rows.prefetch_related("exchange__campaign__languages"), pk=pk)

    def page(
        self, request: HttpRequest, meeting: Meeting, *, refusal: str = "", status: int = 200, **forms: Any
    ) -> HttpResponse:
        """Return the page of a meeting; a constant number of queries."""
        now = timezone.now()
        points = agendas.read(meeting, with_left_out=True)
        may_change = self.has_change_permission(request, meeting)
        is_open = may_change and meeting.cancelled_at is None
        context: dict[str, Any] = {
            "meeting": meeting,
            "when": when(meeting),
            "state": state_of(meeting),
            "spoken": languages_listed(meeting.exchange.languages),
            "refusal": refusal,
            "points": [(number, one) for number, one in enumerate(points, start=1)],
            "total_minutes": agendas.total_minutes(points),
            "counts": meeting_invitations.counts(meeting),
            "is_open": is_open,
            "is_ahead": is_open and meeting.starts_at > now,
            "may_arrange": is_open and meeting.frozen_at is None,
            "has_begun": meeting.starts_at <= now,
            "follow_ups": list(meeting.follow_ups.select_related("municipality", "user", "done_by")),
            "today": meeting.exchange.campaign.local(now).date(),
            "came": attendance_of(meeting),
        }
        if is_open:
            context |= {
                "move_form": MoveForm(meeting),
                "point_form": PointForm(meeting),
                "notes_form": NotesForm(meeting),
                "follow_form": FollowUpForm(meeting),
            }
        return self.answer(request, "meeting", str(meeting.exchange), context | forms, status=status)


def state_of(meeting: Meeting) -> str:
    """Return how far a meeting is, in words."""
    now = timezone.now()
    if meeting.cancelled_at:
        return _("cancelled")
    if meeting.starts_at > now:
        return _("moved") if meeting.is_moved else _("to come")
    if meeting.ends_at > now:
        return _("going on")
    return _("notes to confirm") if meeting.has_open_notes else _("notes published")


def attendance_of(meeting: Meeting) -> list[tuple[Municipality, bool, str]]:
    """Return each municipality of a meeting's campaign, whether it came and what it answered: those with somebody invited first, by their answer; three queries."""
    there = set(meeting.attendance.values_list("municipality", flat=True))
    order = {"yes": 0, "maybe": 1, "": 2, "no": 3}
    answers: dict[int, str] = {}
    rows = meeting.invitations.filter(left_at=None, municipality__isnull=False)
    for body, answer in rows.values_list("municipality", "answer"):
        if body not in answers or order[answer] < order[answers[body]]:
            answers[body] = answer
    bodies = list(Municipality.objects.filter(campaign=meeting.exchange.campaign_id))
    bodies.sort(key=lambda one: (one.pk not in answers, order[answers.get(one.pk, "")], str(one)))
    shown = dict(MeetingInvitation.Answer.choices)
    return [(one, one.pk in there, str(shown[answers[one.pk]]) if answers.get(one.pk) else "") for one in bodies]


# --- Steps: each takes what was sent, and returns what is said then, and the form with faults ----------------


def move(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Give a meeting another time or place."""
    form = MoveForm(meeting, request.POST)
    if not form.is_valid():
        return "", {"move_form": form}
    meeting_steps.move(meeting, **form.content(), **told(request))
    return _("Changed. Everyone invited is told."), {}


def cancel(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Cancel a meeting."""
    meeting_steps.cancel(meeting, why=request.POST.get("why", ""), **told(request))
    return _("Cancelled. Everyone invited is told."), {}


def add_point(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Add a point to the agenda."""
    form = PointForm(meeting, request.POST)
    if not form.is_valid():
        return "", {"point_form": form}
    agendas.add(meeting, form.words("point"), minutes=form.cleaned_data["minutes"], **told(request))
    return _("Added."), {}


def arrange(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Store the order of the agenda, and what is left out."""
    wishes = {}
    for key in whole_numbers(request.POST.getlist("point")):
        minutes = whole_number(request.POST.get(f"minutes_{key}", ""))
        place = whole_number(request.POST.get(f"position_{key}", ""))
        wishes[key] = agendas.Wish(
            min(place, 999), minutes if 0 < minutes <= 600 else None, f"out_{key}" in request.POST
        )
    agendas.arrange(meeting, wishes, **told(request))
    return _("Saved."), {}


def tick(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Store who came."""
    ticked, shown = whole_numbers(request.POST.getlist("came")), whole_numbers(request.POST.getlist("was_there"))
    meeting_steps.tick(meeting, ticked, shown=shown, **told(request))
    return _("Saved."), {}


def write_notes(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Store notes and decisions."""
    form = NotesForm(meeting, request.POST)
    if not form.is_valid():
        return "", {"notes_form": form}
    read = form.cleaned_data["read"]
    meeting_steps.write_notes(meeting, form.words("notes"), form.words("decisions"), read=read, **told(request))
    return _("Saved. Members read them once somebody has confirmed them."), {}


def confirm(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Let members read the notes."""
    meeting_steps.confirm_notes(meeting, read=whole_number(request.POST.get("read", "")), **told(request))
    return _("Confirmed. Members can read them."), {}


def add_follow_up(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Write down what follows."""
    form = FollowUpForm(meeting, request.POST, today=meeting.exchange.campaign.local(timezone.now()).date())
    if not form.is_valid():
        return "", {"follow_form": form}
    meeting_steps.add_follow_up(meeting, form.content(), **told(request))
    return _("Added. Whoever it is for is reminded two days before, and on the day."), {}


def finish(request: HttpRequest, meeting: Meeting) -> tuple[Any, dict[str, Any]]:
    """Note that a follow-up is done."""
    row = get_object_or_404(FollowUp, pk=whole_number(request.POST.get("finish", "")), meeting=meeting)
    meeting_steps.finish(row, **told(request))
    return _("Done."), {}


Step = Callable[[HttpRequest, Meeting], tuple[Any, dict[str, Any]]]
STEPS: dict[str, Step] = {
    "move": move,
    "cancel": cancel,
    "add_point": add_point,
    "arrange": arrange,
    "tick": tick,
    "notes": write_notes,
    "confirm": confirm,
    "follow_up": add_follow_up,
    "finish": finish,
}
ANCHORS = {
    "add_point": "agenda",
    "arrange": "agenda",
    "tick": "attendance",
    "notes": "notes",
    "confirm": "notes",
    "follow_up": "follow-ups",
    "finish": "follow-ups",
}
