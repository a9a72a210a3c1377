"""The desk's pages of a start: one page with every step, each saved on its own, and the test of what was made."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.access import permissions
from accounts.access.roles import STAFF, Role
from accounts.desk_base.desk_user import user_of
from accounts.login import reauthentication, second_factor
from accounts.models import User
from bulletins.mail.admin import may_test
from bulletins.models import NotAllowed
from campaigns.base_admin import DeskAdmin
from lib.text.blanks import blanks_in, filled
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number
from preparedness.crisis_templates import template_files
from preparedness.crisis_templates.template_files import CrisisTemplate, HoldingStatement, Shelf
from preparedness.models import CampaignStart

from . import carried_over, creation, influencer_groups, readiness, steps
from .forms import (
    AboutForm,
    AlongForm,
    FirstForm,
    InfluencersForm,
    PeopleForm,
    SourceForm,
    StepForm,
    names_of_campaigns,
)
from .steps import ABOUT, ALONG, FIRST, INFLUENCERS, PEOPLE, SOURCE

MAKE, DROP, PRESS = "make", "drop", "press"
MAY_MAKE = "campaigns.add_campaign"
PRESSES = ("domain", "seeds", "helpline", "readers")


@admin.register(CampaignStart)
class CampaignStartAdmin(DeskAdmin):
    """
    Campaigns in preparation. Whoever may change one goes on where a colleague stopped; making the campaign of it is for whoever
    may add one, and has just proved who they are.
    """

    list_note = gettext_lazy(
        "Campaigns that are being prepared. Anyone with the right can go on where a colleague stopped."
    )
    leads_to_start, show_add_link = True, False  # one way to begin, by its name
    list_display = ["__str__", "shown_state", "begun_by", "begun_at", "earlier"]
    list_select_related = ["begun_by", "earlier", "campaign"]

    @display(description=gettext_lazy("stage"), label={"steps": "info", "made": "success", "public": "success"})
    def shown_state(self, start: CampaignStart) -> tuple[str, str]:
        """Return how far it is."""
        if start.dropped_at:
            return "dropped", _("dropped")
        if start.campaign and start.campaign.published_at:
            return "public", _("public")
        if start.campaign:
            return "made", _("made, not public")
        if not steps.next_step(start):
            return "complete", _("every step saved")
        return "steps", _("step %(number)d of %(all)d") % {
            "number": steps.KEYS.index(steps.next_step(start)) + 1,
            "all": len(steps.STEPS),
        }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A start is dropped, never deleted."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the first step; the start is begun when it is saved."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, None)
        form = SourceForm(None, template_files.shelf(), request.POST)
        if not form.is_valid():
            return self.page(request, None, {SOURCE: form}, status=422)
        now, by = timezone.now(), user_of(request)
        start = steps.begin(by=by, at=now)
        steps.save(start, SOURCE, form.answers(), seen=0, by=by, at=now, earlier=form.earlier_key)
        return self.to(start, ABOUT)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the steps, save one, make the campaign, or do what a check offers."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        related = ("earlier", "campaign", "first_bulletin", "begun_by", "made_by", "answered_by")
        start = get_object_or_404(self.get_queryset(request).select_related(*related), pk=whole_number(object_id))
        if request.method != "POST":
            return self.page(request, start)
        if not self.has_change_permission(request, start):
            raise PermissionDenied
        what, now = request.POST.get("step", ""), timezone.now()
        try:
            if what == MAKE:
                return self.make(request, start, at=now)
            if what == DROP:
                steps.drop(start, by=user_of(request), at=now)
                self.message_user(request, _("Dropped: nothing was made of it."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:preparedness_campaignstart_changelist"))
            if what == PRESS:
                return self.press(request, start, at=now)
            return self.save_step(request, start, what, at=now)
        except (steps.NotStarted, NotAllowed) as refusal:
            start.refresh_from_db()
            return self.page(request, start, refusal=str(refusal), status=409)

    # --- What a form does

    def save_step(self, request: HttpRequest, start: CampaignStart, step: str, *, at: datetime) -> HttpResponse:
        """Save a step and lead to the next, or show its form again with what is wrong."""
        if step not in steps.KEYS:
            raise Http404
        form = Drawing(start).form(step, request.POST)
        if not form.is_valid():
            return self.page(request, start, {step: form}, status=422)
        seen, earlier = whole_number(request.POST.get("seen")), None
        if isinstance(form, SourceForm):
            earlier = form.earlier_key
        try:
            start = steps.save(start, step, form.answers(), seen=seen, by=user_of(request), at=at, earlier=earlier)
        except steps.SavedMeanwhile as refusal:
            start.refresh_from_db()
            return self.page(request, start, {step: form}, refusal=str(refusal), status=409)
        return self.to(start, steps.next_step(start) or MAKE)

    def make(self, request: HttpRequest, start: CampaignStart, *, at: datetime) -> HttpResponse:
        """Make the campaign, for whoever may add one and has just proved who they are."""
        if not request.user.has_perm(MAY_MAKE):
            raise PermissionDenied
        if again := reauthentication.require_recent_login(request):
            return again
        start = creation.make(start, by=user_of(request), at=at, seen=whole_number(request.POST.get("seen")))
        self.message_user(request, _("The campaign is there. Nobody outside can see it yet."), messages.SUCCESS)
        return self.to(start, steps.CHECK)

    def press(self, request: HttpRequest, start: CampaignStart, *, at: datetime) -> HttpResponse:
        """Do what a check offers."""
        what = request.POST.get("press", "")
        if what not in PRESSES:
            raise Http404
        if not may_press(request, what):
            raise PermissionDenied
        if what == "seeds" and (again := reauthentication.require_recent_login(request)):
            return again
        readiness.press(start, what, by=user_of(request), at=at)
        return self.to(start, steps.CHECK)

    def to(self, start: CampaignStart, step: str) -> HttpResponse:
        """Lead to a step of a start."""
        return HttpResponseRedirect(reverse("admin:preparedness_campaignstart_change", args=[start.pk]) + f"#{step}")

    # --- The page

    def page(
        self,
        request: HttpRequest,
        start: CampaignStart | None,
        bound: dict[str, StepForm] | None = None,
        *,
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """Return the page with every step that is open, those in `bound` as they were sent."""
        drawing = Drawing(start, request.GET.get("statement", ""), bound or {})
        can_change = self.has_change_permission(request, start) if start else True
        context = {
            **self.admin_site.each_context(request),
            "title": str(start) if start and "about" in start.saved else _("Start a campaign"),
            "opts": self.opts,
            "start": start,
            "refusal": refusal,
            "may_change": can_change and (start is None or start.is_open),
            "may_make": request.user.has_perm(MAY_MAKE),
            "cards": drawing.cards(),
            "after": drawing.after(),
            **drawing.context(),
        }
        if start is not None and start.campaign is not None:
            checks = readiness.checks_of(start, drawing.template, at=timezone.now())
            context |= {
                "checks": [(one, can_change and may_press(request, one.press)) for one in checks],
                "passed": sum(one.state == readiness.PASSED for one in checks),
                "in_the_way": len(readiness.in_the_way(checks)),
                "may_publish": permissions.is_held_for_site(request.user, "campaigns.change_campaign"),
            }
        return TemplateResponse(request, "preparedness/campaign_start/start.html", context, status=status)


def may_press(request: HttpRequest, press: str) -> bool:
    """Return whether someone who may change a start may press what a check offers: a draft is mailed by who may test it."""
    return press in PRESSES and (press != "seeds" or may_test(request))


class Drawing:
    """What the page of a start shows: its forms, with what is known read once."""

    def __init__(
        self, start: CampaignStart | None, statement: str = "", bound: dict[str, StepForm] | None = None
    ) -> None:
        self.start, self.bound = start, bound or {}
        self.shelf: Shelf = template_files.shelf()
        self.chosen = statement

    @property
    def template(self) -> CrisisTemplate | None:
        """The template that was chosen, None when its file cannot be used any more."""
        return self.shelf.templates.get(self.start.answer(SOURCE).get("template", "")) if self.start else None

    @cached_property
    def counts(self) -> influencer_groups.Counts:
        """The influencers of the earlier campaign."""
        return influencer_groups.count(self.start.earlier if self.start else None)

    def statement(self, sent: str | None = None) -> HoldingStatement | None:
        """The holding statement whose blanks are shown: the one that was sent, asked for or saved, else the first."""
        template, start = self.template, self.start
        if template is None or start is None or not template.holding_statements:
            return None
        saved = start.answer(FIRST).get("statement") if start.answer(FIRST) else None
        key = sent if sent is not None else (self.chosen or saved)
        if key in {"", "none"}:
            return None
        return template.statement(key or "") or template.holding_statements[0]

    def title_of(self, statement: HoldingStatement) -> str:
        """Return the title of a statement with the place that was named, and dots for its other blanks."""
        place = self.start.answer(ABOUT).get("place", "") if self.start else ""
        title = statement.named()
        return filled(title, {name: place if name == "place" and place else "…" for name in blanks_in(title)})

    def form(self, step: str, data: Any = None) -> StepForm:
        """Return the form of a step, with what was sent."""
        start = self.start
        earlier = start.earlier if start else None
        if step == SOURCE:
            return SourceForm(start, self.shelf, data)
        if step == ABOUT:
            return AboutForm(start, self.template, data)
        if step == ALONG:
            return AlongForm(start, carried_over.kinds_of(self.template, earlier), data)
        if step == PEOPLE:
            return PeopleForm(start, data)
        if step == INFLUENCERS:
            return InfluencersForm(start, self.counts, data)
        return FirstForm(start, self.template, self.statement(data.get("statement", "") if data else None), data)

    def cards(self) -> list[dict[str, Any]]:
        """Return the steps: those that were saved and the next one with their forms, the others by name."""
        start = self.start
        now = steps.next_step(start) if start else SOURCE
        found = []
        for number, step in enumerate(steps.STEPS, start=1):
            is_saved = start is not None and step.key in start.saved
            is_shown = (is_saved or step.key == now) and (start is None or start.is_open)
            found.append(
                {
                    "step": step,
                    "number": number,
                    "is_saved": is_saved,
                    "is_now": step.key == now and is_shown,
                    "saved_at": datetime.fromisoformat(start.saved[step.key]["at"]) if start and is_saved else None,
                    "seen": start.times_saved(step.key) if start else 0,
                    "form": (self.bound.get(step.key) or self.form(step.key)) if is_shown else None,
                    "template": f"preparedness/campaign_start/_{step.key}.html",
                }
            )
        return found

    def after(self) -> list[dict[str, Any]]:
        """Return what follows once the campaign is made."""
        return [{"step": step, "number": number} for number, step in enumerate(steps.AFTER, start=len(steps.STEPS) + 1)]

    def context(self) -> dict[str, Any]:
        """Return what else the steps show."""
        start, template = self.start, self.template
        statement = self.statement()
        shown: dict[str, Any] = {
            "template": template,
            "faults": self.shelf.faults,
            "templates": list(self.shelf.templates.values()),
            "statement": statement,
            "statements": [(one, self.title_of(one)) for one in template.holding_statements] if template else [],
            "earlier_name": names_of_campaigns().get(start.earlier_id or 0, "") if start and start.earlier_id else "",
            "complete": start is not None and not steps.next_step(start),
        }
        if start is not None and start.is_open and self.is_shown(PEOPLE):
            shown["team"] = team()
        return shown | self.of_influencers()

    def is_shown(self, step: str) -> bool:
        """Return whether a step of an open start has its form on the page."""
        return self.start is not None and (step in self.start.saved or steps.next_step(self.start) == step)

    def of_influencers(self) -> dict[str, Any]:
        """Return the numbers that the step about influencers shows."""
        start = self.start
        if start is None or start.earlier is None or not (start.is_open and self.is_shown(INFLUENCERS)):
            return {}
        by_language = self.counts.by_language.items()
        return {
            "counts": self.counts,
            "by_language": [(language_heading(code), number) for code, number in by_language],
        }


def team() -> list[dict[str, Any]]:
    """Return who works at the desk, by role, and whether each has a second factor; three queries."""
    people = list(
        User.objects.filter(is_staff=True, is_active=True).prefetch_related("groups").order_by("name", "email")
    )
    ready = second_factor.holders(people)
    by_role: dict[Role, list[dict[str, Any]]] = {}
    for person in people:
        names = {group.name for group in person.groups.all()}
        for role in Role:
            if role.value in names and role in STAFF:
                by_role.setdefault(role, []).append({"person": person, "has_factor": person.pk in ready})
    return [{"role": role.label, "people": by_role.get(role, [])} for role in Role if role in STAFF]
