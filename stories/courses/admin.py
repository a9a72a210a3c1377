"""The desk's pages of courses: write one, module by module and question by question, check what others wrote, withdraw it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from agreement.refusals import Refused
from campaigns.desk_steps import Step, told
from campaigns.http.middleware import campaign_or_404
from campaigns.translated_fields import in_language
from lib.statistics.small_groups import FEWEST
from lib.text.languages.languages import language_heading
from stories.models import Course, CourseVersion
from stories.version_checks.stale_forms import stored_beside
from stories.version_checks.version_admin import VersionAdmin

from . import attempts, content, course_files, course_steps, shipped_courses, shown_courses
from .course_forms import DetailsForm, ModuleForm, QuestionForm
from .course_steps import Written

MOVES = {"up": -1, "down": 1}


@admin.register(Course)
class CourseAdmin(VersionAdmin):
    """The courses of the campaign that the desk works on. One that was published is withdrawn, never deleted."""

    way, templates = course_steps.STEPS, "stories/courses/desk"
    list_note = gettext_lazy(
        "Short courses of modules with questions. A second person checks each version before anyone sees it; whoever has begun a "
        "version goes on with it."
    )
    list_display = ["shown_title", "shown_state", "made_at"]
    search_fields = ["slug", "versions__title"]

    @display(description=gettext_lazy("course"))
    def shown_title(self, course: Course) -> str:
        """Return its title."""
        return self.title_of(course)

    @display(description=gettext_lazy("state"))
    def shown_state(self, course: Course) -> str:
        """Return how far it is, its change too."""
        return self.status_of(course)

    # --- Writing

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Begin a course, or take one over that comes with the product."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = campaign_or_404(request)
        if slug := request.POST.get("take_over", ""):
            try:
                course = shipped_courses.take_over(campaign, slug, **told(request))
            except Refused as reason:
                return self.details(request, None, refusal=str(reason))
            return self.saved(request, course)
        return self.details(request, None)

    def details(self, request: HttpRequest, course: Course | None, *, refusal: str = "") -> HttpResponse:
        """Show the form of what a course is, or store what was sent."""
        campaign, is_sent = campaign_or_404(request), request.method == "POST" and not refusal
        is_changed, theirs = True, []
        base = self.way.newest(course) if course else None
        form = DetailsForm(campaign.language_codes(), request.POST if is_sent else None, version=base)
        if is_sent and form.is_valid():
            sent = form.cleaned_data
            texts = {"title": form.words("title"), "summary": form.words("summary")}
            try:
                if course is None:
                    written = Written(minutes=sent["minutes"], share=sent["share"], **texts)
                    course = course_steps.write(campaign, sent["slug"], written, **told(request))
                else:
                    edit = lambda version: fill(version, sent, texts)  # noqa: E731
                    is_changed = self.change(request, course, sent["read"], edit)
            except Refused as reason:
                refusal = str(reason)
                theirs = stored_beside(form, DetailsForm(campaign.language_codes(), version=base)) if base else []
            else:
                return self.saved(request, course, is_changed=is_changed)
        ready = [] if course else shipped_courses.not_taken(campaign)
        context = {"form": form, "refusal": refusal, "course": course, "ready": ready, "theirs": theirs}
        title = _("Change the course") if course else _("Write a course")
        return self.answer(request, "form", title, context, status=status_of(request, refusal))

    @staticmethod
    def change(request: HttpRequest, course: Course, read: str, edit: Callable[[CourseVersion], None]) -> bool:
        """Change a course as the user; return whether it says something else now. Raise Refused."""
        return course_steps.change(course, edit, read=read, **told(request))[1]

    def saved(self, request: HttpRequest, course: Course, place: str = "", *, is_changed: bool = True) -> HttpResponse:
        """Say what was saved, and go to the course."""
        saved = _("Saved as a draft. Submit it, and a colleague checks it.")
        self.message_user(request, saved if is_changed else _("Nothing has changed."), messages.SUCCESS)
        return HttpResponseRedirect(f"{self.address(course)}#{place}" if place else self.address(course))

    def module(self, request: HttpRequest, course: Course, key: str) -> HttpResponse:
        """Show the form of a module, a new one without a key, or store what was sent."""
        base = base_of(course)
        module = content.find(base.modules, key) if key else None
        if key and module is None:
            raise Http404
        is_sent, refusal, theirs = request.method == "POST", "", []
        data, codes = (
            (request.POST, request.FILES) if is_sent else (None, None),
            campaign_or_404(request).language_codes(),
        )
        form = ModuleForm(codes, *data, version=base, module=module)
        if is_sent and form.is_valid():
            try:
                files = self.files_of(course, form)
                edit = lambda version: put_module(version, key, form, files)  # noqa: E731
                is_changed = self.change(request, course, form.cleaned_data["read"], edit)
            except (Refused, course_files.NotTaken) as reason:
                refusal = str(reason)
                theirs = stored_beside(form, ModuleForm(codes, version=base, module=module))
            else:
                return self.saved(request, course, key, is_changed=is_changed)
        context = {"form": form, "refusal": refusal, "course": course, "has_files": True, "theirs": theirs}
        title = _("Change the module") if key else _("Add a module")
        return self.answer(request, "form", title, context, status=status_of(request, refusal))

    @staticmethod
    def files_of(course: Course, form: ModuleForm) -> dict[str, Any]:
        """Take in the files of a module. Raise NotTaken."""
        sent, at = form.cleaned_data, timezone.now()
        found: dict[str, Any] = {
            "subtitles": {
                code: course_files.read_subtitles(sent[f"subtitles_{code}"])
                for code in form.codes
                if sent.get(f"subtitles_{code}")
            }
        }
        for name, take in (("picture", course_files.take_picture), ("video", course_files.take_video)):
            if sent.get(name):
                found[name] = take(course, sent[name], at=at).pk
            elif sent.get(f"no_{name}"):
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
        is_sent, refusal, theirs = request.method == "POST", "", []
        data, codes = request.POST if is_sent else None, campaign_or_404(request).language_codes()
        form = QuestionForm(codes, data, version=base, question=question)
        if is_sent and form.is_valid():
            try:
                edit = lambda version: put_question(version, in_module, key, form)  # noqa: E731
                is_changed = self.change(request, course, form.cleaned_data["read"], edit)
            except Refused as reason:
                refusal = str(reason)
                theirs = stored_beside(form, QuestionForm(codes, version=base, question=question))
            else:
                return self.saved(request, course, in_module, is_changed=is_changed)
        context = {"form": form, "refusal": refusal, "course": course, "is_question": True, "theirs": theirs}
        title = _("Change the question") if key else _("Add a question")
        return self.answer(request, "form", title, context, status=status_of(request, refusal))

    # --- One of them

    def forms(self, request: HttpRequest, course: Course) -> dict[str, Any]:
        """Return the forms of what it is, of its modules, and of their questions."""
        return {
            "details": lambda _value: self.details(request, course),
            "module": lambda value: self.module(request, course, value),
            "question": lambda value: self.question(request, course, value),
        }

    def steps(self) -> dict[str, Step]:
        """Return the steps, and one that moves and removes modules and questions."""

        def rearrange(course: Course, request: HttpRequest) -> None:
            move, key = request.POST.get("move", ""), request.POST.get("key", "")
            read = request.POST.get("seen", "")
            course_steps.change(course, lambda one: rearranged(one, move, key), read=read, **told(request))

        return {"move": Step(("stories.change_course",), rearrange, _("Saved as a draft.")), **super().steps()}

    def page(self, request: HttpRequest, course: Course, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a course: the version in work, or else the published one, in each language."""
        begun, finished = attempts.counts(course)
        context = self.standing(request, course) | {"refusal": refusal, "fewest": FEWEST}
        version = context["version"] = context["work"] or context["shown"]
        context |= {"begun": begun if begun >= FEWEST else None, "finished": finished if finished >= FEWEST else None}
        if version:
            campaign = course.campaign
            context["languages"] = [
                (code, language_heading(code), shown_courses.read(version, campaign, language=code))
                for code in campaign.language_codes()
                if version.title.get(code)
            ]
        title = in_language(version.title) if version else str(course)
        return self.answer(request, "course", title, context, status=status)


def status_of(request: HttpRequest, refusal: str) -> int:
    """Return the status of a form's page."""
    return 409 if refusal else 422 if request.method == "POST" else 200


def base_of(course: Course) -> CourseVersion:
    """Return what a change of a course begins with, or answer 404."""
    base = course_steps.STEPS.newest(course)
    if base is None:
        raise Http404
    return base


# --- What a change does ----------------------------------------------------------------------------------


def fill(written: CourseVersion, told: dict[str, Any], texts: dict[str, dict[str, str]]) -> None:
    """Put in what a course is."""
    written.title, written.summary = texts["title"], texts["summary"]
    written.minutes, written.share = told["minutes"], told["share"]


def put_module(written: CourseVersion, key: str, form: ModuleForm, files: dict[str, Any]) -> None:
    """Put in a module, at the end without a key. Raise Refused when it is gone, or there are too many."""
    texts = {name: form.words(name) for name in ("title", "text", "alt")}
    if not key:
        if len(written.modules) >= content.MOST_MODULES:
            raise Refused(_("Not saved: a course has at most %(most)d modules.") % {"most": content.MOST_MODULES})
        key = content.new_key("m", (one["id"] for one in written.modules))
        written.modules.append({"id": key, "questions": [], "picture": None, "video": None, "subtitles": {}})
    module = content.find(written.modules, key)
    if module is None:
        raise Refused(_("Not saved: this module is no longer there. Reload the page."))
    subtitles = {} if files.get("video", "") is None else {**module["subtitles"], **files.pop("subtitles")}
    module.update(texts | files | {"subtitles": subtitles})
    if not module["picture"]:
        module["alt"] = {}


def put_question(written: CourseVersion, in_module: str, key: str, form: QuestionForm) -> None:
    """Put a question into a module, at its end without a key. Raise Refused when it is gone, or there are too many."""
    module = content.find(written.modules, in_module)
    if module is None:
        raise Refused(_("Not saved: this module is no longer there. Reload the page."))
    if not key:
        if len(module["questions"]) >= content.MOST_QUESTIONS:
            raise Refused(_("Not saved: a module has at most %(most)d questions.") % {"most": content.MOST_QUESTIONS})
        taken = [one["id"] for one in content.questions_of(written.modules)]
        module["questions"].append(form.question(content.new_key("q", taken)))
        return
    question = content.find(module["questions"], key)
    if question is None:
        raise Refused(_("Not saved: this question is no longer there. Reload the page."))
    question.update(form.question(key))


def rearranged(written: CourseVersion, move: str, key: str) -> None:
    """Move a module up or down, or remove a module or question. Raise Refused when it is gone."""
    for rows in (written.modules, *(one["questions"] for one in written.modules)):
        place = next((at for at, one in enumerate(rows) if one["id"] == key), None)
        if place is None:
            continue
        row = rows.pop(place)
        if move in MOVES:
            rows.insert(min(max(0, place + MOVES[move]), len(rows)), row)
        return
    raise Refused(_("Not saved: it is no longer there. Reload the page."))
