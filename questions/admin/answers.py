"""Authorities' answers: written in every language side by side, approved by someone else, corrected and withdrawn."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.login import reauthentication
from agreement.refusals import Refused
from bulletins.intake.forms import dress
from bulletins.models import NotAllowed
from lib.text.languages.languages import language_heading
from questions.answers import answer_checks, answer_workflow, videos
from questions.forms import LONGEST, AnswerWriting
from questions.models import Answer, QuestionGroup

from .workflow_rows import FRESH, KEPT, SHOWN, Rows, typed_in

# Each step, and the permission that it needs.
NEEDS = {
    "submit": "change",
    "correct": "change",
    "send-back": "approve",
    "approve": "approve",
    "withdraw": "approve",
    "propose-words": "approve",
    "agree-words": "approve",
}
ANSWER_COLOURS = {"draft": "default", "in_review": "warning", "published": "success", "withdrawn": "danger"}


class DeskAnswer(AnswerWriting):
    """An answer in every language of the campaign, side by side."""

    PARTS = ("text", "source_name", "source_url", "what_changed", "subtitles", "subtitles_file")

    def __init__(self, *args: Any, group: QuestionGroup, answer: Answer, **kwargs: Any) -> None:
        super().__init__(*args, group=group, answer=answer, language=group.campaign.default_language, **kwargs)
        del self.fields["source_name"], self.fields["source_url"]
        asks_what_changed = answer.current_version_id is not None
        for code in self.codes:
            self.fields[f"text__{code}"].label = _("Answer")
            self.fields[f"text__{code}"].widget.attrs["rows"] = 8
            self.fields[f"subtitles__{code}"].label = _("Subtitles")
            self.fields[f"subtitles_file__{code}"].label = _("Or a file (WebVTT or SRT)")
            self.fields[f"source_name__{code}"] = forms.CharField(label=_("Source"), max_length=200, required=False)
            self.fields[f"source_url__{code}"] = forms.URLField(
                label=_("Source's address"), max_length=500, required=False, assume_scheme="https"
            )
            self.initial[f"source_name__{code}"] = answer.source_name.get(code, "")
            self.initial[f"source_url__{code}"] = answer.source_url.get(code, "")
            if asks_what_changed:
                self.fields[f"what_changed__{code}"] = forms.CharField(
                    label=_("What changed"),
                    max_length=LONGEST,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 2, "lang": code}),
                )
                self.initial[f"what_changed__{code}"] = answer.what_changed.get(code, "")
        dress(self)
        for field in self.fields.values():
            if field.widget.attrs.get("class") == "input":
                field.widget.attrs["class"] = "box"

    @property
    def language_boxes(self) -> list[tuple[str, str, list[Any]]]:
        """The boxes of each language: its code, its name, the boxes."""
        return [
            (
                code,
                language_heading(code),
                [self[f"{part}__{code}"] for part in self.PARTS if f"{part}__{code}" in self.fields],
            )
            for code in self.codes
        ]

    @property
    def shared(self) -> list[Any]:
        """The boxes of what is the same in every language."""
        names = ("valid_until", "video", "video_url", "video_language", "no_video")
        return [self[name] for name in names]

    def content(self) -> dict[str, Any]:
        """Return what `answer_workflow.save` takes."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name] for name in ("valid_until", "video_url", "video_language")}
        for part in ("text", "source_name", "source_url", "what_changed"):
            texts = {
                code: data[f"{part}__{code}"].replace("\r\n", "\n") for code in self.codes if f"{part}__{code}" in data
            }
            if texts:
                found[part] = texts
        return found | {"subtitles": {code: data[f"read__{code}"] for code in self.codes}}


@admin.register(Answer)
class AnswerAdmin(Rows):
    """Authorities' answers, in text and often on video. Whoever wrote on a version does not approve it."""

    list_display = ["__str__", "authority", "shown_state", "valid_until"]
    list_select_related = ["group", "authority"]
    list_filter = ["state", "authority"]
    search_fields = ["group__label", "text"]
    campaign_by = "group__campaign"

    class Media:
        css = {"all": ["questions/questions.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/step/<str:verb>/", step, name="questions_answer_step"), *super().get_urls()]

    @display(description=gettext_lazy("stage"), ordering="state", label=ANSWER_COLOURS)
    def shown_state(self, answer: Answer) -> tuple[str, str]:
        """Return the stage as a label."""
        return answer.state, answer.get_state_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the page of an answer, or save what was written on it."""
        related = "group__campaign", "authority", "current_version"
        if request.method != "POST":
            return self.page(request, self.row(request, object_id, *related))
        answer = self.row_to_change(request, object_id, *related)
        form = DeskAnswer(request.POST, request.FILES, group=answer.group, answer=answer)
        status = 422
        if form.is_valid():
            try:
                self.save(request, answer, form)
            except answer_workflow.Changed as refusal:
                stored = self.row(request, object_id, *related)
                form.compare(DeskAnswer(group=stored.group, answer=stored))
                form.add_error(None, str(refusal))
                status = 409
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, _("Saved."), "success")
                return self.back_to(answer)
        return self.page(request, self.row(request, object_id, *related), form=form, status=status)

    @transaction.atomic
    def save(self, request: HttpRequest, answer: Answer, form: DeskAnswer) -> None:
        """Save what was written, with the video. Raise NotAllowed."""
        who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
        content, data = form.content(), form.cleaned_data
        if data["video"] or answer.video:
            content.pop("video_url")
        answer = answer_workflow.save(answer, read=data["read"], **content, **who)
        if data["no_video"]:
            videos.remove(answer, **who)
        elif data["video"]:
            videos.store_video(answer, data["video"], **who)

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take a step and go back to the answer, or show why not, with what was typed."""
        related = "group__campaign", "authority", "current_version"
        answer = self.row(request, pk, *related)
        if verb not in NEEDS:
            raise Http404
        if not request.user.has_perm(f"questions.{NEEDS[verb]}_answer"):
            raise PermissionDenied
        if verb in FRESH and (again := reauthentication.require_recent_login(request)):
            return again
        try:
            says = self.take(request, answer, verb, by=request.user, at=timezone.now())
        except (NotAllowed, Refused) as refusal:
            self.message_user(request, str(refusal), "error")
            sent = {"verb": verb, "why": typed_in(request, "why"), "words": request.POST.get("words", "")}
            return self.page(request, self.row(request, pk, *related), typed=sent, status=422)
        self.message_user(request, says, "success")
        return self.back_to(answer)

    def take(self, request: HttpRequest, answer: Answer, verb: str, **who: Any) -> str:
        """Take one of the steps of NEEDS and return what came of it. Raise NotAllowed or Refused."""
        if verb == "submit":
            answer_workflow.submit(answer, **who)
            return _("Submitted. Someone who did not write any of it will approve it.")
        if verb == "approve":
            answer_workflow.approve(answer, digest=request.POST.get("digest", ""), **who)
            return _("Approved and published. The people who asked are notified first.")
        if verb == "send-back":
            answer_workflow.send_back(answer, words=request.POST.get("words", ""), **who)
            return _("Sent back with your comments.")
        if verb == "correct":
            answer_workflow.correct(answer, **who)
            return _("Correction started. Readers keep the current version until the new one is approved.")
        if verb == "propose-words":
            answer_workflow.propose_custom_text(answer, typed_in(request, "why"), **who)
            return _(KEPT)
        if verb == "agree-words":
            answer_workflow.approve_custom_text(answer, digest=request.POST.get("digest", ""), **who)
            return _("Approved. Readers can see the text now, and the people who asked have been notified.")
        answer_workflow.withdraw(answer, **who)
        return _("Withdrawn. Its page says so, and the people who asked have been notified.")

    def page(
        self,
        request: HttpRequest,
        answer: Answer,
        *,
        form: DeskAnswer | None = None,
        typed: dict[str, Any] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Return the page of an answer; a constant number of queries."""
        typed = typed or {}
        in_making = answer.state in {Answer.State.DRAFT, Answer.State.IN_REVIEW}
        in_review = answer.state == Answer.State.IN_REVIEW
        codes = answer.group.campaign.language_codes()
        context = {
            **self.admin_site.each_context(request),
            "title": str(answer),
            "opts": self.opts,
            "original": answer,
            "answer": answer,
            "group": answer.group,
            "version": answer_workflow.version_of(answer),
            "form": form or DeskAnswer(group=answer.group, answer=answer),
            **self.rights(request, answer),
            "coming": answer_checks.coming_later(answer)
            if answer.current_version and answer.current_version.kind != "withdrawal"
            else [],
            "credits": answer.credits() if in_making else [],
            "reading": [
                (
                    code,
                    language_heading(code),
                    answer.text.get(code, ""),
                    answer.source_name.get(code, ""),
                    answer.what_changed.get(code, ""),
                    answer.subtitles.get(code, ""),
                )
                for code in codes
            ],
            "findings": answer_checks.findings(answer, at=timezone.now()) if in_making else [],
            "steps": list(answer.steps.select_related("by").order_by("-at", "-pk")[:SHOWN]),
            "versions": list(answer.versions.select_related("approved_by").order_by("-number")),
            "questions": list(answer.group.questions.order_by("-times", "pk")[:20]),
            "approvers": answer_workflow.can_approve(answer)[:5] if in_review else [],
            "typed": typed,
            "whys": [(code, language_heading(code), typed.get("why", {}).get(code, "")) for code in codes],
            "custom_text": answer_workflow.waiting_custom_text(answer)
            if answer.state == Answer.State.WITHDRAWN
            else None,
        }
        return TemplateResponse(request, "questions/admin/answer.html", context, status=status)

    def rights(self, request: HttpRequest, answer: Answer) -> dict[str, bool]:
        """Return what someone may do with an answer now, and why not more."""
        in_making = answer.state in {Answer.State.DRAFT, Answer.State.IN_REVIEW}
        in_review = answer.state == Answer.State.IN_REVIEW
        may_change = self.has_change_permission(request)
        may_approve = request.user.has_perm("questions.approve_answer")
        wrote = request.user.pk in answer_workflow.writer_ids(answer)
        may_judge = may_approve and in_review and not wrote
        is_stale = answer_workflow.is_stale(answer)
        return {
            "is_stale": is_stale,
            "wrote": wrote and in_review,
            "may_write": may_change and in_making,
            "may_submit": may_change and in_making and (answer.state == Answer.State.DRAFT or is_stale),
            "may_approve": may_judge and not is_stale,
            "may_send_back": may_judge,
            "may_correct": may_change and not in_making,
            "may_withdraw": may_approve
            and answer.current_version is not None
            and answer.current_version.kind != "withdrawal",
            "may_say_why": may_approve and answer.state == Answer.State.WITHDRAWN,
        }
