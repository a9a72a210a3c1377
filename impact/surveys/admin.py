"""The desk's pages of surveys: composing one, starting it as a second person, and what came of it."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from agreement.pane import pane_of
from agreement.refusals import Refused, Stale
from campaigns.desk_steps import FramedAdmin
from campaigns.http.middleware import campaign_or_404
from campaigns.models import Campaign
from impact.models import Survey
from lib.csv_rows import lines
from lib.statistics.small_groups import FEWEST
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number

from . import answers, people_drawn, result_lines, survey_results, survey_steps
from .answer_form import SCALE_WORDS
from .answers import SCALE
from .desk_form import SurveyForm, initial_of
from .survey_steps import SURVEY

START, READ_TEXTS = "impact.start_survey", "impact.read_survey_texts"


def fewest_of(survey: Survey) -> int:
    """Return of how many answers a survey keeps something, ended when it was, or now."""
    return answers.fewest_kept(survey, at=survey.closed_at or timezone.now())


@admin.register(Survey)
class SurveyAdmin(FramedAdmin):
    """Surveys of the campaign that the desk works on. Nobody sees who was drawn, and nobody can see who answered what."""

    templates = "impact/surveys/desk"
    campaign_by = "campaign"
    list_note = gettext_lazy(
        "Three questions, about a minute, to people drawn by lot or to whoever has the link. Answers are anonymous."
    )
    list_display = ["name", "shown_group", "shown_state", "shown_end", "shown_answers"]
    list_select_related = ["campaign", "audience"]
    list_filter = ["state", "group"]
    search_fields = ["name"]

    @display(description=gettext_lazy("who answers"))
    def shown_group(self, survey: Survey) -> str:
        """Return who is asked."""
        return str(survey.audience or survey.get_group_display())

    @display(description=gettext_lazy("state"), label={"draft": "warning", "open": "success", "closed": "info"})
    def shown_state(self, survey: Survey) -> tuple[str, str]:
        """Return how far it is."""
        return survey.state, survey.get_state_display()

    @display(description=gettext_lazy("closes or closed"), ordering="closes_at")
    def shown_end(self, survey: Survey) -> Any:
        """Return when it closed, or when it will."""
        return survey.closed_at or survey.closes_at

    @display(description=gettext_lazy("answers"))
    def shown_answers(self, survey: Survey) -> str:
        """Return how many answered a survey that is closed."""
        if survey.state != Survey.State.CLOSED:
            return "–"
        return str(survey.answers) if survey.answers else _("fewer than %(n)d") % {"n": fewest_of(survey)}

    def get_urls(self) -> list[Any]:
        """Add the results as CSV."""
        view = self.admin_site.admin_view(require_safe(self.csv_view))
        return [path("<int:pk>/results.csv", view, name="impact_survey_csv"), *super().get_urls()]

    # --- Composing

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Compose a survey."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.compose(request, None)

    def compose(self, request: HttpRequest, survey: Survey | None) -> HttpResponse:
        """Show the form of a survey, or store what was sent."""
        campaign = campaign_or_404(request)
        is_sent = request.method == "POST"
        form = SurveyForm(campaign, request.POST if is_sent else None, initial=initial_of(survey) if survey else None)
        refusal, status = "", 422 if is_sent else 200
        if is_sent and form.is_valid():
            try:
                pk, is_changed = store(campaign, survey, form, request)
            except Refused as reason:
                refusal, status = str(reason), 409 if isinstance(reason, Stale) else 422
            else:
                saved = _("Saved. A colleague who may start surveys reads it and starts it.")
                self.message_user(request, saved if is_changed else _("Nothing has changed."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:impact_survey_change", args=[pk]))
        title = _("Change the survey") if survey else _("Compose a survey")
        context = {"form": form, "refusal": refusal, "survey": survey, "scale": SCALE_WORDS}
        if survey is not None:
            # A form that is refused as stale shows what stands there now, and goes on from it.
            context["seen"] = SURVEY.digest_of(survey)
            context["theirs"] = questions_of(survey) if status == 409 else []
        return self.answer(request, "compose", title, context, status=status)

    # --- One of them

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a survey: what would be started, how it goes, or what came of it. Change one that has not started; start it, or stop it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        survey = self.one(request, whole_number(object_id))
        if "compose" in request.GET and survey.state == Survey.State.DRAFT:
            if not self.has_change_permission(request, survey):
                raise PermissionDenied
            return self.compose(request, survey)
        if request.method != "POST":
            return self.page(request, survey)
        if not request.user.has_perm(START):
            raise PermissionDenied
        by, now = user_of(request), timezone.now()
        try:
            if "stop" in request.POST:
                survey_steps.stop(survey, by=by, at=now)
            else:
                survey_steps.start(survey, digest=request.POST.get("seen", ""), by=by, at=now)
        except Refused as refusal:
            return self.page(request, self.one(request, survey.pk), refusal=str(refusal), status=409)
        self.message_user(request, _("Closed.") if "stop" in request.POST else _("Started."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:impact_survey_change", args=[survey.pk]))

    def one(self, request: HttpRequest, pk: int | None) -> Survey:
        """Return a survey that the user reaches."""
        related = self.get_queryset(request).select_related("campaign", "audience", "composed_by", "started_by")
        return get_object_or_404(related.prefetch_related("campaign__languages"), pk=pk)

    def page(self, request: HttpRequest, survey: Survey, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a survey; its queries grow with neither people nor answers."""
        now = timezone.now()
        context: dict[str, Any] = {
            "survey": survey,
            "refusal": refusal,
            "scale": SCALE_WORDS,
            "asked": questions_of(survey),
            "state_name": survey.get_state_display(),
            "group_name": str(survey.audience or survey.get_group_display()),
            "fewest": FEWEST,
            "fewest_kept": fewest_of(survey),
        }
        if survey.state == Survey.State.DRAFT:
            context |= {
                "pane": pane_of(SURVEY, survey, request.user, at=now),
                "may_change": self.has_change_permission(request, survey),
                "can_be_asked": None if survey.is_public else people_drawn.eligible(survey, at=now).count(),
                "least": people_drawn.LEAST,
            }
        else:
            context |= self.running(request, survey, at=now)
        return self.answer(request, "survey", survey.name, context, status=status)

    def running(self, request: HttpRequest, survey: Survey, *, at: datetime) -> dict[str, Any]:
        """Return what the page shows of a survey that has started."""
        if survey.state == Survey.State.OPEN:
            return {
                "may_stop": request.user.has_perm(START),
                "so_far": survey_results.answers_so_far(survey),
                "mailed": survey.asked.filter(is_mailed=True).count(),
                "link": request.build_absolute_uri(reverse("surveys:public", args=[survey.code]))
                if survey.is_public
                else "",
            }
        may_read = request.user.has_perm(READ_TEXTS)
        return {
            "results": result_lines.rows_of(survey_results.results_of(survey)),
            "ticks": result_lines.TICKS,
            "written": survey_results.written_of(survey, may_read=may_read),
            "may_read": may_read,
            "check": people_drawn.check(survey) if survey.seed else None,
        }

    def csv_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the results as CSV."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        survey = self.one(request, pk)
        rows = survey_results.csv_rows(survey)  # the head alone before it closes
        headers = {"Content-Disposition": f'attachment; filename="survey-{survey.pk}.csv"'}
        return HttpResponse(lines(rows), content_type="text/csv; charset=utf-8", headers=headers)


def store(campaign: Campaign, survey: Survey | None, form: SurveyForm, request: HttpRequest) -> tuple[int, bool]:
    """Store what the form of a survey says; return its key, and whether it asks something else now. Raise Refused."""
    names = ("name", "way", "group", "audience", "size", "apart_weeks", "open_days")
    given = {name: form.cleaned_data[name] for name in names}
    composed = survey_steps.Composed(**given, questions=form.questions())
    by, now = user_of(request), timezone.now()
    if survey is None:
        return survey_steps.compose(campaign, composed, by=by, at=now).pk, True
    return survey.pk, survey_steps.change(survey, composed, seen=request.POST.get("seen", ""), by=by, at=now)


def questions_of(survey: Survey) -> list[dict[str, Any]]:
    """Return the questions as a page shows them, each with its words in every language."""
    return [
        {
            "is_scale": question["kind"] == SCALE,
            "words": [(language_heading(code), code, words) for code, words in question["text"].items()],
        }
        for question in survey.questions
    ]
