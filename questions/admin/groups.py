"""Groups of questions that mean the same: the list by stage, and a group's page with its steps."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.login import reauthentication
from agreement.refusals import Refused
from bulletins.assignment import assignments
from bulletins.models import NotAllowed
from campaigns.base_admin import of_campaign
from campaigns.models import Authority, Topic
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number
from questions import authority_requests, deadlines, intake, question_groups
from questions.answers import answer_workflow
from questions.models import Question, QuestionGroup

from .workflow_rows import FRESH, KEPT, SHOWN, Rows, typed_in

GROUP_COLOURS = {"open": "warning", "asked": "info", "answered": "success", "declined": "default"}
State = QuestionGroup.State
VOIDS = Q(state__in=[State.OPEN, State.ASKED])
# The tabs over the list of groups: without a choice all that nobody has answered.
STAGES = (
    ("open", gettext_lazy("Not sent yet"), lambda now: Q(state=State.OPEN)),
    ("asked", gettext_lazy("With an authority"), lambda now: Q(state=State.ASKED)),
    ("late", gettext_lazy("Overdue"), deadlines.late),
    ("answered", gettext_lazy("Answered"), lambda now: Q(state=State.ANSWERED)),
    ("declined", gettext_lazy("Will not be answered"), lambda now: Q(state=State.DECLINED)),
)


class StageFilter(admin.SimpleListFilter):
    """Shows the groups of one stage; without a choice those that nobody has answered."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the stages."""
        return [(name, label) for name, label, _which in STAGES] + [("all", _("all"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[QuestionGroup]) -> QuerySet[QuestionGroup]:
        """Return the groups of the chosen stage."""
        if self.value() == "all":
            return queryset
        chosen = next((which for name, _label, which in STAGES if name == self.value()), None)
        return queryset.filter(chosen(timezone.now()) if chosen else VOIDS)


@admin.register(QuestionGroup)
class QuestionGroupAdmin(Rows):
    """Questions that mean the same. Without an answer they are an information void, the nearest deadline first."""

    list_display = ["__str__", "shown_state", "asked", "authority", "shown_deadline"]
    list_select_related = ["authority", "campaign"]
    list_filter = [StageFilter, "authority"]
    search_fields = ["slug", "label"]
    list_before_template = "questions/admin/question_tabs.html"

    class Media:
        css = {"all": ["questions/questions.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/step/<str:verb>/", step, name="questions_questiongroup_step"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionGroup]:
        """Return the groups, each with how many asked."""
        return self.in_scope(request, intake.counted(QuestionGroup.objects.all()))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return the nearest deadline first, of the same the most asked. Other pages' choices know no counts."""
        is_list = request.resolver_match and request.resolver_match.url_name == "questions_questiongroup_changelist"
        return [F("answer_by").asc(nulls_last=True), *(["-asked"] if is_list else []), "-pk"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with its tabs."""
        now = timezone.now()
        counts = {name: Count("pk", filter=which(now)) for name, _label, which in STAGES}
        found = of_campaign(QuestionGroup.objects.all(), request).aggregate(**counts)
        waiting = of_campaign(Question.objects.filter(question_groups.WAITS), request).count()
        chosen = request.GET.get("stage", "")
        context = {
            "stages": [(name, label, found[name], name == chosen) for name, label, _which in STAGES],
            "chosen_stage": chosen,
            "waiting_count": waiting,
            "may_enter": request.user.has_perm("questions.add_question"),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    @display(description=gettext_lazy("state"), ordering="state", label=GROUP_COLOURS)
    def shown_state(self, group: QuestionGroup) -> tuple[str, str]:
        """Return the state as a label."""
        return group.state, group.get_state_display()

    @display(description=gettext_lazy("asked"), ordering="asked")
    def asked(self, group: QuestionGroup) -> int:
        """Return how many asked."""
        return vars(group)["asked"]

    @display(
        description=gettext_lazy("answer by"), ordering="answer_by", label={"late": "danger", "due": "default", "": ""}
    )
    def shown_deadline(self, group: QuestionGroup) -> Any:
        """Return the deadline, and whether it has passed."""
        if group.answer_by is None:
            return "–"
        shown = date_format(group.campaign.local(group.answer_by), "SHORT_DATETIME_FORMAT")
        if deadlines.is_late(group, at=timezone.now()):
            return "late", _("overdue: %(until)s") % {"until": shown}
        return shown

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page of a group, or save what it is called."""
        if request.method != "POST":
            return self.page(request, self.row(request, object_id))
        group = self.row_to_change(request, object_id, "campaign")
        topic = request.POST.get("topic", "")
        chosen = of_campaign(Topic.objects.all(), request).filter(pk=whole_number(topic)).first()
        try:
            with transaction.atomic():
                answer_workflow.rename(group, typed_in(request, "label"), by=request.user, at=timezone.now())
                QuestionGroup.objects.filter(pk=group.pk).update(topic=chosen)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), "error")
            return self.page(request, group, typed={"label": typed_in(request, "label")}, status=422)
        self.message_user(request, _("Saved."), "success")
        return self.back_to(group)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take a step and go back to the group, or show why not, with what was typed."""
        if verb == "agree-words" and request.user.has_perm("questions.approve_answer"):
            group = self.row(request, pk, "campaign", "authority")
        else:
            group = self.row_to_change(request, pk, "campaign", "authority")
        if verb in FRESH and (again := reauthentication.require_recent_login(request)):
            return again
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        try:
            if verb == "answer":
                return self.back_to(answer_workflow.begin(group, **who))
            says = self.take(request, group, verb, **who)
        except (NotAllowed, Refused) as refusal:
            self.message_user(request, str(refusal), "error")
            sent = {"why": typed_in(request, "why"), "answer_by": request.POST.get("answer_by", ""), "verb": verb}
            return self.page(request, group, typed=sent, status=422)
        self.message_user(request, says, "success")
        return self.back_to(group)

    def take(self, request: HttpRequest, group: QuestionGroup, verb: str, **who: Any) -> str:
        """Take one step and return what came of it. Raise NotAllowed, Refused or Http404."""
        if verb == "send":
            return self.send(request, group, **who)
        if verb == "decline":
            authority_requests.decline(group, **who)
            return _("Saved. The people who asked have been notified.")
        if verb == "propose-words":
            authority_requests.propose_custom_text(group, typed_in(request, "why"), **who)
            return _(KEPT)
        if verb == "agree-words":
            authority_requests.approve_custom_text(group, digest=request.POST.get("digest", ""), **who)
            return _("Approved. The people who asked have been notified.")
        if verb == "reopen":
            authority_requests.reopen(group, **who)
            return _("It is waiting for an answer again.")
        if verb == "take-out":
            one = get_object_or_404(Question, pk=whole_number(request.POST.get("question")), group=group)
            question_groups.remove_from_group(one, **who)
            return _("Removed from the group. The question is waiting to be grouped again.")
        raise Http404

    def send(self, request: HttpRequest, group: QuestionGroup, *, by: Any, at: Any) -> str:
        """Send a group to an authority and return what came of it. Raise NotAllowed."""
        key = request.POST.get("authority", "")
        authority = Authority.objects.filter(pk=whole_number(key)).first()
        if authority is None:
            raise NotAllowed(_("Not sent: choose an authority."))
        try:
            until = parse_datetime(request.POST.get("answer_by", ""))
        except ValueError:
            until = None
        if until is None:
            raise NotAllowed(_("Not sent: enter the deadline as a date and a time."))
        if timezone.is_naive(until):
            until = until.replace(tzinfo=group.campaign.zone)
        authority_requests.send(group, authority, answer_by=until, by=by, at=at)
        return _("Sent. The authority has been notified and will be reminded a day before the deadline.")

    def page(
        self, request: HttpRequest, group: QuestionGroup, *, typed: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        """Return the page of a group; a constant number of queries."""
        now = timezone.now()
        counted = intake.counted(QuestionGroup.objects.filter(pk=group.pk)).select_related(
            "campaign", "authority", "topic", "asked_by", "taken_by", "answer__current_version"
        )
        group = counted.get()
        codes = group.campaign.language_codes()
        may = self.has_change_permission(request)
        questions = list(
            group.questions.select_related("relayed_by", "grouped_by", "topic").order_by("-times", "pk")[:SHOWN]
        )
        typed = typed or {}
        deadline = (
            group.campaign.local(group.answer_by)
            if group.answer_by
            else deadlines.default_deadline(group.campaign, at=now)
        )
        context = {
            **self.admin_site.each_context(request),
            "title": str(group),
            "opts": self.opts,
            "original": group,
            "group": group,
            "answer": getattr(group, "answer", None),
            "may": may,
            "assignment": assignments.panel_of(request.user, group),
            "may_agree": request.user.has_perm("questions.approve_answer"),
            "waits": group.state in {State.OPEN, State.ASKED},
            "is_late": deadlines.is_late(group, at=now),
            "questions": questions,
            "labels": [(code, language_heading(code), typed.get("label", group.label).get(code, "")) for code in codes],
            "whys": [(code, language_heading(code), typed.get("why", {}).get(code, "")) for code in codes],
            "typed": typed,
            "authorities": list(Authority.objects.order_by("slug")) if may else [],
            "topics": list(of_campaign(Topic.objects.all(), request)) if may else [],
            "deadline": typed.get("answer_by") or deadline.strftime("%Y-%m-%dT%H:%M"),
            "custom_text": authority_requests.waiting_custom_text(group) if group.state == State.DECLINED else None,
        }
        return TemplateResponse(request, "questions/admin/question_group.html", context, status=status)
