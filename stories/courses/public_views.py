"""Courses as anyone reads them, without a login: questions can be tried, and nothing of it is kept. And the check of a certificate."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import campaign_roles
from accounts.login import second_factor
from accounts.models import User
from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from stories.models import Course, CourseFile, CourseVersion

from . import certificates, content, course_files, shown_courses
from .attempts import Answered

VIEW = "stories.view_course"


@require_safe
@cached_page()
def courses(request: CampaignRequest) -> HttpResponse:
    """List the courses of the campaign."""
    campaign = request.campaign
    rows = CourseVersion.objects.shown(campaign).defer("modules") if campaign else []
    return render(request, "stories/courses/courses.html", {"rows": rows})


@require_safe
@cached_page()
def course(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a course whole. With script the page itself answers its questions; without, `tried` does."""
    campaign = campaign_or_404(request)
    version = version_or_none(campaign, slug)
    if version is None:
        return gone(request, campaign, slug)
    return page(request, shown_courses.read(version, campaign))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tried(request: HttpRequest, slug: str) -> HttpResponse:
    """
    Answer what somebody chose at a question. Nothing is kept of it, so the form, on a page that everyone gets alike, has neither cookie
    nor token.
    """
    campaign = campaign_or_404(request)
    version = version_or_none(campaign, slug)
    if version is None:
        return gone(request, campaign, slug)
    if request.method != "POST":
        return redirect(version.course)
    return page(request, shown_courses.read(version, campaign, answers=dict(chosen_in(request, version))), tried=True)


def chosen_in(request: HttpRequest, version: CourseVersion) -> list[tuple[str, dict[str, Any]]]:
    """Return what was chosen at the one question that a form is about."""
    key = request.POST.get("question", "")
    question = content.find(content.questions_of(version.modules), key)
    one = Answered.read(f"{key}:{','.join(request.POST.getlist('chosen')[: content.MOST_OPTIONS])}")
    if question is None or one is None:
        return []
    return [(key, {"chosen": list(one.chosen), "right": list(one.chosen) == content.right_places(question)})]


def page(request: HttpRequest, shown: shown_courses.ShownCourse, *, tried: bool = False) -> HttpResponse:
    """Return the page of a course."""
    return render(request, "stories/courses/course.html", {"course": shown, "tried": tried})


def version_or_none(campaign: Campaign, slug: str) -> CourseVersion | None:
    """Return what everyone sees of a course, None for one that is withdrawn; one query."""
    return CourseVersion.objects.shown(campaign).filter(course__slug=slug).first()


def gone(request: HttpRequest, campaign: Campaign, slug: str) -> HttpResponse:
    """Say that a course was withdrawn, or answer 404 for one that nobody could ever see."""
    was_there = CourseVersion.objects.filter(
        course__campaign=campaign, course__slug=slug, state=CourseVersion.State.PUBLISHED
    )
    if not was_there.exists():
        raise Http404
    return render(request, "stories/courses/gone.html", status=410)


# --- Files -----------------------------------------------------------------------------------------------


@require_safe
def file(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Hand out a picture or a video of a course, at the desk also of a draft."""
    rows = CourseFile.objects.filter(course__campaign=campaign_or_404(request), course__slug=slug)
    found = get_object_or_404(rows.select_related("course"), pk=pk)
    if not (course_files.is_shown_to(request.user, found) or may_see_draft(request, found.course)):
        raise Http404
    answer = course_files.hand_out(request, found)
    patch_cache_control(answer, private=True, max_age=3600)
    return answer


def may_see_draft(request: HttpRequest, course: Course) -> bool:
    """Return whether whoever asks sees drafts of a course at the desk."""
    user = request.user
    if not isinstance(user, User) or not second_factor.may_enter_desk(request):
        return False
    return user.has_perm(VIEW) or campaign_roles.holders(VIEW, course.campaign_id).filter(user=user).exists()


@require_safe
def subtitles(request: HttpRequest, slug: str, number: int, module: str, language: str) -> HttpResponse:
    """Hand out the subtitles of a module's video, in the version of this number."""
    rows = CourseVersion.objects.filter(course__campaign=campaign_or_404(request), course__slug=slug, number=number)
    version = get_object_or_404(rows.filter(course__withdrawn_at=None).select_related("course"))
    was_checked = version.state in {CourseVersion.State.PUBLISHED, CourseVersion.State.REPLACED}
    if not (was_checked or may_see_draft(request, version.course)):
        raise Http404
    found = content.find(version.modules, module)
    written = found["subtitles"].get(language) if found else None
    if not written:
        raise Http404
    return HttpResponse(written, content_type="text/vtt; charset=utf-8")


# --- Certificates ----------------------------------------------------------------------------------------


@never_cache
@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """
    Say whether a certificate is valid, was taken back, or is unknown, and nothing of its owner but the name that they chose. Its code has
    80 bits, so nobody finds one by trying.
    """
    found = certificates.check(code)
    context: dict[str, Any] = {"certificate": found, "code": code[:40]}
    if found:
        context |= {
            "title": in_language(found.facts["title"]),
            "campaign_name": in_language(found.facts["campaign"]),
            "day": certificates.day_words(found),
        }
    return render(request, "stories/courses/certificate_checked.html", context, status=200 if found else 404)
