"""Questions in the askers' own words: entered for somebody, and put into groups."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bulletins.models import NotAllowed
from campaigns.base_admin import of_campaign
from campaigns.http.requests import CampaignRequest
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number
from questions import intake, question_groups
from questions.forms import QuestionForm
from questions.models import Question, QuestionGroup

from .workflow_rows import SHOWN, Rows, typed_in

WAITING_PER_PAGE = 10


class PlaceFilter(admin.SimpleListFilter):
    """Shows the questions that wait, are grouped or set aside."""

    title = gettext_lazy("where")
    parameter_name = "where"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the places."""
        return [("waiting", _("to be grouped")), ("grouped", _("in a group")), ("aside", _("set aside"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Question]) -> QuerySet[Question]:
        """Return the questions of the chosen place."""
        places = {
            "waiting": question_groups.WAITS,
            "grouped": Q(group__isnull=False),
            "aside": Q(set_aside_at__isnull=False),
        }
        chosen = self.value() or ""
        return queryset.filter(places[chosen]) if chosen in places else queryset


@admin.register(Question)
class QuestionAdmin(Rows):
    """Questions in the askers' own words. Who relayed one is never shown in public."""

    form = QuestionForm
    list_display = ["__str__", "language", "times", "group", "topic", "bulletin", "asked_at"]
    list_select_related = ["group", "topic", "bulletin"]
    list_filter = [PlaceFilter, "language", "topic"]
    search_fields = ["text"]
    autocomplete_fields = ["topic"]
    raw_id_fields = ["bulletin"]
    list_before_template = "questions/admin/question_tabs.html"

    class Media:
        css = {"all": ["questions/questions.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which questions are grouped, and its steps."""
        view = self.admin_site.admin_view
        step = view(require_POST(self.step_view))
        return [
            path("waiting/", view(self.waiting_view), name="questions_question_waiting"),
            path("<int:pk>/step/<str:verb>/", step, name="questions_question_step"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Staff enter questions on somebody's behalf."""
        return bool(request.user.has_perm("questions.add_question"))

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> Any:
        """What was asked stays as it was asked."""
        return self.get_fields(request) if obj else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what a question says, and where it is."""
        fields = list(QuestionForm._meta.fields or [])
        return [*fields, "via", "asked_at", "group", "set_aside_why"] if obj else fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, with the campaign's languages."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.campaign = getattr(request, "campaign", None)
        return form

    def save_model(self, request: CampaignRequest, obj: Question, form: Any, change: bool) -> None:
        """Take a question in by the same rule as everyone's; what was asked is never changed."""
        if change:
            return
        taken = intake.submit_question(
            request.campaign,
            obj.text,
            language=obj.language,
            via=Question.Via.STAFF,
            relayed_by=obj.relayed_by,
            at=timezone.now(),
            bulletin=obj.bulletin,
            topic=obj.topic,
            channel=obj.channel,
            times=obj.times,
            may_credit=obj.may_credit,
            credit=obj.credit,
            entered_by=request.user,  # type: ignore[arg-type]
        )
        obj.__dict__.update(taken.__dict__)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with the way to what waits."""
        waiting = of_campaign(Question.objects.filter(question_groups.WAITS), request).count()
        context = {"waiting_count": waiting, "may_enter": self.has_add_permission(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    def waiting_view(
        self, request: CampaignRequest, *, typed: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        """Show the questions that wait, each with what may mean the same; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = of_campaign(Question.objects.filter(question_groups.WAITS), request).select_related(
            "topic", "bulletin", "campaign"
        )
        page = Paginator(rows.order_by("asked_at", "pk"), WAITING_PER_PAGE).get_page(request.GET.get("page"))
        questions = list(page.object_list)
        found = question_groups.suggestions(questions)
        codes = request.campaign.language_codes() if getattr(request, "campaign", None) else []
        groups = of_campaign(QuestionGroup.objects.all(), request).order_by("-pk")[:SHOWN]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Questions to group"),
            "opts": self.opts,
            "page": page,
            "rows": [(one, found.get(one.pk, [])) for one in questions],
            "languages": [(code, language_heading(code)) for code in codes],
            "groups": list(groups),
            "may": self.has_change_permission(request),
            "typed": typed or {},
        }
        return TemplateResponse(request, "questions/admin/questions_waiting.html", context, status=status)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take a step with a question and go back to what waits, or show why not, with what was typed."""
        question = self.row_to_change(request, pk, "campaign", "topic")
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        try:
            says = self.take(request, question, verb, **who)
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), "error")
            sent = {"pk": pk, "verb": verb, "label": typed_in(request, "label"), "why": request.POST.get("why", "")}
            return self.waiting_view(request, typed=sent, status=422)
        self.message_user(request, says, "success")
        return HttpResponseRedirect(reverse("admin:questions_question_waiting"))

    def take(self, request: HttpRequest, question: Question, verb: str, **who: Any) -> str:
        """Take one step and return what came of it. Raise NotAllowed or Http404."""
        if verb == "put":
            question_groups.add_to_group(question, self.group(request), **who)
            return _("Put into the group.")
        if verb == "apart":
            question_groups.mark_different(question, self.group(request), **who)
            return _("Noted as different. It is not suggested again.")
        if verb == "new":
            chosen = [question]
            if key := request.POST.get("with", ""):
                chosen.append(get_object_or_404(of_campaign(Question.objects.all(), request), pk=whole_number(key)))
            question_groups.start(chosen, typed_in(request, "label"), **who)
            return _("Group created. Send it to the authority that can answer it.")
        if verb == "aside":
            question_groups.set_aside(question, why=request.POST.get("why", ""), **who)
            return _("Set aside with your reason.")
        if verb == "back":
            question_groups.restore(question, **who)
            return _("It is waiting to be grouped again.")
        if verb == "out":
            question_groups.remove_from_group(question, **who)
            return _("Removed from the group. The question is waiting to be grouped again.")
        raise Http404

    def group(self, request: HttpRequest) -> QuestionGroup:
        """Return the group that was chosen. Raise NotAllowed or Http404."""
        key = request.POST.get("group", "")
        if not key:
            raise NotAllowed(_("Not grouped: choose a group."))
        return get_object_or_404(of_campaign(QuestionGroup.objects.all(), request), pk=whole_number(key))
