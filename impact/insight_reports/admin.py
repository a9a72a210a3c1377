"""The desk's pages of rumour and insight reports: draft one, judge and write, approve it as a second person, hand it out."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from agreement.pane import pane_of
from agreement.refusals import Refused
from bulletins.editing.conflicts import Clash
from campaigns.desk_steps import Step, SteppedAdmin, told
from campaigns.http.middleware import campaign_or_404
from impact.models import InsightReport
from impact.weeks import Week, up_to
from lib.text.languages.languages import language_heading

from . import files, report_steps
from .forms import JudgementForm, PartForm, WeekForm, WordsForm
from .public_part import content_of
from .report_view import view_of, week_name

APPROVE = "impact.approve_insightreport"
OFFERED = 12  # weeks that can be chosen
State = InsightReport.State


@admin.register(InsightReport)
class InsightReportAdmin(SteppedAdmin):
    """The reports of the campaign that the desk works on. One stays: later ones are read beside it."""

    refusal, templates = Refused, "impact/insight_reports/desk"
    campaign_by = "campaign"
    list_note = gettext_lazy(
        "What was rumoured and asked in a week, how large the risk is, what was done, and what you recommend. Drafted from data."
    )
    list_display = ["shown_week", "shown_title", "shown_state", "shown_reader", "approved_at"]
    list_select_related = ["campaign"]
    list_filter = ["state"]
    search_fields = ["week_on"]

    @display(description=gettext_lazy("week"), ordering="week_on")
    def shown_week(self, report: InsightReport) -> str:
        """Return its week."""
        return week_name(Week(report.week_on))

    @display(description=gettext_lazy("finding"))
    def shown_title(self, report: InsightReport) -> str:
        """Return its finding."""
        words = report.words.get(get_language() or "", {}) or report.words.get(report.campaign.default_language, {})
        return str(words.get("title", "–"))

    @display(description=gettext_lazy("state"), label={"draft": "warning", "in_review": "info", "approved": "success"})
    def shown_state(self, report: InsightReport) -> tuple[str, str]:
        """Return how far it is."""
        return report.state, report.get_state_display()

    @display(description=gettext_lazy("for"))
    def shown_reader(self, report: InsightReport) -> str:
        """Return who reads it."""
        return str(_("everyone") if report.is_public else _("the team"))

    def get_urls(self) -> list[Any]:
        """Add the forms of a report, and its files."""
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/judge/", view(self.judge_view), name="impact_insightreport_judge"),
            path("<int:pk>/words/<slug:language>/", view(self.words_view), name="impact_insightreport_words"),
            path("<int:pk>/report.pdf", view(require_safe(self.pdf_view)), name="impact_insightreport_pdf"),
            path("<int:pk>/report.json", view(require_safe(self.json_view)), name="impact_insightreport_json"),
        ]
        return [*own, *super().get_urls()]

    def one(self, request: HttpRequest, pk: int | None) -> InsightReport:
        """Return a report that the user reaches."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("campaign", "approved_by", "edited_by")
        return get_object_or_404(rows.prefetch_related("campaign__languages"), pk=pk)

    def writable(self, request: HttpRequest, pk: int) -> InsightReport:
        """Return a report that the user may write on."""
        report = self.one(request, pk)
        if not self.has_change_permission(request, report):
            raise PermissionDenied
        return report

    # --- Drafting

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Draft the report of a week that is over."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign, now = campaign_or_404(request), timezone.now()
        last = Week.of(campaign.local(now).date()).before()
        weeks = [one for one in reversed(up_to(last, OFFERED)) if one.last >= campaign.starts_on]
        there = set(InsightReport.objects.filter(campaign=campaign).values_list("week_on", flat=True))
        free = [one for one in weeks if one.first not in there]
        form, refusal = WeekForm(free, request.POST or None), ""
        if request.method == "POST" and form.is_valid() and (week := form.chosen()):
            try:
                made = report_steps.draft(campaign, week, by=user_of(request), at=now)
            except Refused as reason:
                refusal = str(reason)
            else:
                self.message_user(
                    request, _("Drafted from data. Judge the risks, and write the words."), messages.SUCCESS
                )
                return HttpResponseRedirect(self.address(made))
        context = {"form": form, "weeks": free, "refusal": refusal}
        status = 422 if request.method == "POST" else 200
        return self.answer(request, "draft", _("Draft a rumour and insight report"), context, status=status)

    # --- One of them

    def steps(self) -> dict[str, Step]:
        """Return each step of a report."""

        def approve(report: InsightReport, request: HttpRequest) -> None:
            report_steps.approve(report, digest=request.POST.get("digest", ""), **told(request))

        def send_back(report: InsightReport, request: HttpRequest) -> None:
            report_steps.send_back(report, remark=request.POST.get("remark", "")[:1000], **told(request))

        writes, approves = ("impact.change_insightreport",), (APPROVE,)
        return {
            "submit": Step(writes, lambda one, request: report_steps.submit(one, **told(request)), _("Submitted.")),
            "again": Step(
                writes, lambda one, request: report_steps.draft_again(one, **told(request)), _("Counted again.")
            ),
            "reopen": Step(writes, lambda one, request: report_steps.reopen(one, **told(request)), _("Opened.")),
            "withdraw": Step(
                writes + approves,
                lambda one, request: report_steps.withdraw(one, **told(request)),
                _("Withdrawn."),
            ),
            "approve": Step(approves, approve, _("Approved.")),
            "send_back": Step(approves, send_back, _("Sent back.")),
        }

    def page(
        self, request: HttpRequest, report: InsightReport, *, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        """Return the page of a report in a language; its queries don't grow with it."""
        language = files.language_of(request, report.campaign)
        with override(language):  # the whole paper, headings too
            view = view_of(content_of(report), report.campaign)
            shown = {"view": view, "language": language, "status": status_of(report)}
            paper = render_to_string("impact/insight_reports/_paper.html", shown)
        pane = pane_of(report_steps.REPORT, report, user_of(request), at=timezone.now())
        may_write = self.has_change_permission(request, report)
        context = {
            "report": report,
            "paper": paper,
            "language": language,
            "languages": [(code, language_heading(code)) for code in report.campaign.language_codes()],
            "refusal": refusal,
            "pane": pane,
            "may_write": may_write,
            "may_withdraw": may_write or request.user.has_perm(APPROVE),
            "is_out": bool(report.approved.get("is_public")) and report.withdrawn_at is None,
            "status": status_of(report),
        }
        return self.answer(request, "report", str(report), context, status=status)

    def judge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Judge the risks, set the dates, and choose for whom the report is."""
        report = self.writable(request, pk)

        def form_of(one: InsightReport, theirs: dict[str, str] | None = None) -> PartForm:
            return JudgementForm(one, request.POST if request.method == "POST" else None, theirs)

        def save(form: PartForm) -> list[Clash]:
            return report_steps.save_judgement(report, form.sent(), form.read(), **told(request))

        return self.written(request, report, "judge", _("Risks, dates and readers"), form_of, save)

    def words_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Write the words in one language."""
        report = self.writable(request, pk)
        if language not in report.campaign.language_codes():
            raise Http404

        def form_of(one: InsightReport, theirs: dict[str, str] | None = None) -> PartForm:
            return WordsForm(one, language, request.POST if request.method == "POST" else None, theirs)

        def save(form: PartForm) -> list[Clash]:
            return report_steps.save_words(report, language, form.sent(), form.read(), **told(request))

        title = _("Words in %(language)s") % {"language": language_heading(language)}
        return self.written(request, report, "words", title, form_of, save)

    def written(
        self,
        request: HttpRequest,
        report: InsightReport,
        page: str,
        title: str,
        form_of: Callable[..., PartForm],
        save: Callable[[PartForm], list[Clash]],
    ) -> HttpResponse:
        """Show the form of a part of a report, or save what was sent. What somebody else has changed meanwhile is shown beside it."""
        form, refusal, status = form_of(report), "", 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    clashes = save(form)
                except Refused as reason:
                    refusal, status = str(reason), 409
                else:
                    if not clashes:
                        self.message_user(request, _("Saved."), messages.SUCCESS)
                        return HttpResponseRedirect(self.address(report))
                    form, status = (
                        form_of(self.one(request, report.pk), {one.field: one.theirs for one in clashes}),
                        409,
                    )
        return self.answer(request, page, title, {"report": report, "form": form, "refusal": refusal}, status=status)

    # --- Files

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand a report out as PDF: what is approved if nothing is being written, else the draft."""
        report = self.one(request, pk)
        language = files.language_of(request, report.campaign)
        with override(language):
            return files.pdf(content_of(report), report, status=status_of(report))

    def json_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand a report out as data."""
        report = self.one(request, pk)
        return files.data(content_of(report), report)


def status_of(report: InsightReport) -> str:
    """Return what a report says of itself at the desk and on paper."""
    if report.state != State.APPROVED or report.approved_at is None:
        return str(report.get_state_display()).capitalize()
    time = date_format(report.campaign.local(report.approved_at), "DATETIME_FORMAT")
    who = _("for everyone") if report.is_public else _("kept inside")
    return _("Approved %(time)s, %(who)s") % {"time": time, "who": who}
