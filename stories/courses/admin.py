"""The desk's pages of courses: write one, module by module and question by question, check what others wrote, withdraw it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from campaigns.base_admin import DeskAdmin
from campaigns.http.middleware import campaign_or_404
from campaigns.translated_fields import in_language
from lib.statistics.small_groups import FEWEST
from lib.text.languages import language_heading
from lib.text.whole_numbers import whole_number
from stories.models import Course, CourseVersion

from . import attempts, content, course_files, course_steps, shipped_courses, shown_courses
from .course_forms import DetailsForm, ModuleForm, QuestionForm
from .course_steps import CHECK, NotDone, Written

State = CourseVersion.State
MOVES = {"up": -1, "down": 1}


@admin.register(Course)
class CourseAdmin(DeskAdmin):
    """The courses of the campaign that the desk works on. One is withdrawn, never deleted."""

    campaign_by = "campaign"
    list_note = gettext_lazy(
        "Short courses of modules with questions. A second person checks each version before anyone sees it; whoever has begun a "
        "version goes on with it."
    )
    list_display = ["shown_title", "shown_state", "made_at"]
    list_filter = ["versions__state"]
    search_fields = ["slug", "versions__title"]
    actions: Any = None

    def complete(self, request: HttpRequest, rows: Sequence[Course]) -> None:
        """Put the versions of a page's rows beside them; one query."""
        prefetch_related_objects(list(rows), course_steps.versions_that_count())

    @display(description=gettext_lazy("course"))
    def shown_title(self, course: Course) -> str:
        """Return its title."""
        versions = list(course.versions.all())
        return in_language(versions[-1].title) if versions else str(course)

    @display(description=gettext_lazy("state"))
    def shown_state(self, course: Course) -> str:
        """Return how far it is, its change too."""
        states = [str(one.get_state_display()) for one in course.versions.all()]
        return ", ".join([_("withdrawn"), *states[1:]] if course.withdrawn_at else states)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is withdrawn, never deleted."""
        return False

    # --- Writing

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Begin a course, or take one over that comes with the product."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = campaign_or_404(request)
        if slug := request.POST.get("take_over", ""):
            try:
                course = shipped_courses.take_over(campaign, slug, by=user_of(request), at=timezone.now())
            except NotDone as reason:
                return self.details(request, None, refusal=str(reason))
            return self.saved(request, course)
        return self.details(request, None)

    def details(self, request: HttpRequest, course: Course | None, *, refusal: str = "") -> HttpResponse:
        """Show the form of what a course is, or store what was sent."""
        campaign, is_sent = campaign_or_404(request), request.method == "POST" and not refusal
        base = (course_steps.in_work(course) or course_steps.published(course)) if course else None
        form = DetailsForm(campaign.language_codes(), request.POST if is_sent else None, version=base)
        if is_sent and form.is_valid():
            told, by, at = form.cleaned_data, user_of(request), timezone.now()
            texts = {"title": form.words("title"), "summary": form.words("summary")}
            try:
                if course is None:
                    written = Written(minutes=told["minutes"], share=told["share"], **texts)
                    course = course_steps.write(campaign, told["slug"], written, by=by, at=at)
                else:
                    self.change(request, course, told["read"], lambda one: fill(one, told, texts))
            except NotDone as reason:
                refusal = str(reason)
            else:
                return self.saved(request, course)
        ready = [] if course else shipped_courses.not_taken(campaign)
        context = {"form": form, "refusal": refusal, "course": course, "ready": ready}
        title = _("Change the course") if course else _("Write a course")
        return self.answer(request, "form", title, context, status=status_of(request, refusal))

    @staticmethod
    def change(request: HttpRequest, course: Course, read: str, edit: Callable[[Written], None]) -> None:
        """Change a course as the user. Raise NotDone."""
        course_steps.change(course, edit, read=read, by=user_of(request), at=timezone.now())

    def saved(self, request: HttpRequest, course: Course, place: str = "") -> HttpResponse:
        """Say that it was saved, and go to the course."""
        self.message_user(request, _("Saved as a draft. Submit it, and a colleague checks it."), messages.SUCCESS)
        address = reverse("admin:stories_course_change", args=[course.pk])
        return HttpResponseRedirect(f"{address}#{place}" if place else address)

    def module(self, request: HttpRequest, course: Course, key: str) -> HttpResponse:
        """Show the form of a module, a new one without a key, or store what was sent."""
        base = base_of(course)
        module = content.find(base.modules, key) if key else None
        if key and module is None:
            raise Http404
        is_sent, refusal = request.method == "POST", ""
        data = (request.POST, request.FILES) if is_sent else (None, None)
        form = ModuleForm(campaign_or_404(request).language_codes(), *data, version=base, module=module)
        if is_sent and form.is_valid():
            try:
                files = self.files_of(course, form)
                self.change(request, course, form.cleaned_data["read"], lambda one: put_module(one, key, form, files))
            except (NotDone, course_files.NotTaken) as reason:
                refusal = str(reason)
            else:
                return self.saved(request, course, key)
        context = {"form": form, "refusal": refusal, "course": course, "has_files": True}
        title = _("Change the module") if key else _("Add a module")
        return self.answer(request, "form", title, context, status=status_of(request, refusal))

    @staticmethod
    def files_of(course: Course, form: ModuleForm) -> dict[str, Any]:
        """Take in the files of a module. Raise NotTaken."""
        told, at = form.cleaned_data, timezone.now()
        found: dict[str, Any] = {
            "subtitles": {
                code: course_files.read_subtitles(told[f"subtitles_{code}"])
                for code in form.codes
                if told.get(f"subtitles_{code}")
            }
        }
        for name, take in (("picture", course_files.take_picture), ("video", course_files.take_video)):
            if told.get(name):
                found[name] = take(course, told[name], at=at).pk
            elif told.get(f"no_{name}"):
                found[name] = None
        return found

    def question(self, request: HttpRequest, course: Course, place: str) -> HttpResponse:
        """Show the form of a question ("m2.q3", a new one "m2."), or store what was sent."""
        base = base_of(course)
        in_module, _dot, key = place.partition(".")
        module = content.find(base.modules, in_module)
        question = content.find(module["questions"], key) if module and key else None
        if module is None or (key and question is None):
            raise Http404
        is_sent, refusal = request.method == "POST", ""
        data = request.POST if is_sent else None
        form = QuestionForm(campaign_or_404(request).language_codes(), data, version=base, question=question)
        if is_sent and form.is_valid():
            try:
                edit = lambda one: put_question(one, in_module, key, form)  # noqa: E731
                self.change(request, course, form.cleaned_data["read"], edit)
            except NotDone as reason:
                refusal = str(reason)
            else:
                return self.saved(request, course, in_module)
        context = {"form": form, "refusal": refusal, "course": course, "is_question": True}
        title = _("Change the question") if key else _("Add a question")
        return self.answer(request, "form", title, context, status=status_of(request, refusal))

    # --- One of them

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a course as it would be read, change it, and take its next step."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        course = self.one(request, whole_number(object_id))
        forms = {"details": lambda _value: self.details(request, course)}
        forms |= {
            "module": lambda value: self.module(request, course, value),
            "question": lambda value: self.question(request, course, value),
        }
        if asked := next((name for name in forms if name in request.GET), None):
            if not self.has_change_permission(request, course):
                raise PermissionDenied
            return forms[asked](request.GET[asked])
        if request.method != "POST":
            return self.page(request, course)
        step = next((name for name in self.steps() if name in request.POST), None)
        if step is None:
            return self.page(request, course, refusal=_("Nothing was chosen."), status=422)
        permissions, act, says = self.steps()[step]
        if not any(map(request.user.has_perm, permissions)):
            raise PermissionDenied
        try:
            act(course, request)
        except NotDone as refusal:
            return self.page(request, self.one(request, course.pk), refusal=str(refusal), status=409)
        self.message_user(request, str(says), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:stories_course_change", args=[course.pk]))

    @staticmethod
    def steps() -> dict[str, tuple[tuple[str, ...], Callable[[Course, HttpRequest], Any], Any]]:
        """Return each step of a course: who may take it, what it does, and what is said then."""

        def who(request: HttpRequest) -> dict[str, Any]:
            return {"by": user_of(request), "at": timezone.now()}

        def check(course: Course, request: HttpRequest) -> None:
            course_steps.check(course, digest=request.POST.get("digest", ""), **who(request))

        def send_back(course: Course, request: HttpRequest) -> None:
            course_steps.send_back(course, remark=request.POST.get("remark", "")[:1000], **who(request))

        def rearrange(course: Course, request: HttpRequest) -> None:
            move, key = request.POST.get("move", ""), request.POST.get("key", "")
            edit = lambda one: rearranged(one, move, key)  # noqa: E731
            course_steps.change(course, edit, read=request.POST.get("digest", ""), **who(request))

        writes, checks = ("stories.change_course",), (CHECK,)
        return {
            "move": (writes, rearrange, _("Saved as a draft.")),
            "submit": (writes, lambda one, request: course_steps.submit(one, **who(request)), _("Submitted.")),
            "check": (checks, check, _("Published.")),
            "send_back": (checks, send_back, _("Sent back.")),
            "withdraw": (
                writes + checks,
                lambda one, request: course_steps.withdraw(one, **who(request)),
                _("Withdrawn."),
            ),
        }

    def one(self, request: HttpRequest, pk: int) -> Course:
        """Return a course that the user reaches."""
        rows = self.get_queryset(request).select_related("campaign")
        return get_object_or_404(rows.prefetch_related("campaign__languages"), pk=pk)

    def page(self, request: HttpRequest, course: Course, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a course: the version in work, or else the published one, in each language."""
        work, shown = course_steps.in_work(course), course_steps.published(course)
        version = work or shown
        begun, finished = attempts.counts(course)
        context: dict[str, Any] = {"course": course, "work": work, "shown": shown, "version": version}
        context |= {"refusal": refusal, "fewest": FEWEST, "faults": list(course_steps.faults(work)) if work else []}
        context |= {"begun": begun if begun >= FEWEST else None, "finished": finished if finished >= FEWEST else None}
        context |= self.rights(request, course, work, shown)
        if version:
            campaign = course.campaign
            context["languages"] = [
                (code, language_heading(code), shown_courses.read(version, campaign, language=code))
                for code in campaign.language_codes()
                if version.title.get(code)
            ]
        title = in_language(version.title) if version else str(course)
        return self.answer(request, "course", title, context, status=status)

    def rights(
        self, request: HttpRequest, course: Course, work: CourseVersion | None, shown: CourseVersion | None
    ) -> dict[str, bool]:
        """Return which steps the user may take, and how far its versions are."""
        may_check, may_write = request.user.has_perm(CHECK), self.has_change_permission(request, course)
        is_mine = work is not None and request.user.pk in {*work.writers, work.edited_by_id}
        is_in_review = work is not None and work.state == State.IN_REVIEW
        return {
            "is_draft": work is not None and not is_in_review,
            "is_mine": is_mine,
            "may_write": may_write,
            "may_check": may_check and is_in_review and not is_mine,
            "may_withdraw": (may_write or may_check) and shown is not None and course.withdrawn_at is None,
        }

    def answer(
        self, request: HttpRequest, page: str, title: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        """Return one of the pages in the frame of the desk."""
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"stories/courses/desk/{page}.html", frame | context, status=status)


def status_of(request: HttpRequest, refusal: str) -> int:
    """Return the status of a form's page."""
    return 409 if refusal else 422 if request.method == "POST" else 200


def base_of(course: Course) -> CourseVersion:
    """Return what a change of a course begins with, or answer 404."""
    base = course_steps.in_work(course) or course_steps.published(course)
    if base is None:
        raise Http404
    return base


# --- What a change does ----------------------------------------------------------------------------------


def fill(written: Written, told: dict[str, Any], texts: dict[str, dict[str, str]]) -> None:
    """Put in what a course is."""
    written.title, written.summary = texts["title"], texts["summary"]
    written.minutes, written.share = told["minutes"], told["share"]


def put_module(written: Written, key: str, form: ModuleForm, files: dict[str, Any]) -> None:
    """Put in a module, at the end without a key. Raise NotDone when it is gone, or there are too many."""
    texts = {name: form.words(name) for name in ("title", "text", "alt")}
    if not key:
        if len(written.modules) >= content.MOST_MODULES:
            raise NotDone(_("Not saved: a course has at most %(most)d modules.") % {"most": content.MOST_MODULES})
        key = content.new_key("m", (one["id"] for one in written.modules))
        written.modules.append({"id": key, "questions": [], "picture": None, "video": None, "subtitles": {}})
    module = content.find(written.modules, key)
    if module is None:
        raise NotDone(_("Not saved: this module is no longer there. Reload the page."))
    subtitles = {} if files.get("video", "") is None else {**module["subtitles"], **files.pop("subtitles")}
    module.update(texts | files | {"subtitles": subtitles})
    if not module["picture"]:
        module["alt"] = {}


def put_question(written: Written, in_module: str, key: str, form: QuestionForm) -> None:
    """Put a question into a module, at its end without a key. Raise NotDone when it is gone, or there are too many."""
    module = content.find(written.modules, in_module)
    if module is None:
        raise NotDone(_("Not saved: this module is no longer there. Reload the page."))
    if not key:
        if len(module["questions"]) >= content.MOST_QUESTIONS:
            raise NotDone(_("Not saved: a module has at most %(most)d questions.") % {"most": content.MOST_QUESTIONS})
        taken = [one["id"] for one in content.questions_of(written.modules)]
        module["questions"].append(form.question(content.new_key("q", taken)))
        return
    question = content.find(module["questions"], key)
    if question is None:
        raise NotDone(_("Not saved: this question is no longer there. Reload the page."))
    question.update(form.question(key))


def rearranged(written: Written, move: str, key: str) -> None:
    """Move a module up or down, or remove a module or question. Raise NotDone when it is gone."""
    for rows in (written.modules, *(one["questions"] for one in written.modules)):
        place = next((at for at, one in enumerate(rows) if one["id"] == key), None)
        if place is None:
            continue
        row = rows.pop(place)
        if move in MOVES:
            rows.insert(min(max(0, place + MOVES[move]), len(rows)), row)
        return
    raise NotDone(_("Not saved: it is no longer there. Reload the page."))
