"""
Courses as somebody with a login takes them: at their own pace, on any device, also without a connection (static/stories/courses/courses.js keeps
what was done until it is sent). Their pages are below the portal's address, whose service worker keeps them on the device.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import kept_pages
from accounts.desk_base.desk_user import user_of
from campaigns.http.middleware import campaign_or_404
from lib.text.languages import spoken_languages
from lib.text.languages.languages import own_name, page_language
from lib.text.numbers.whole_numbers import whole_number
from stories.models import Course, CourseAttempt, CourseCertificate, CourseVersion

from . import attempts, certificates, content, shown_courses
from .attempts import Answered

MOST_SENT = 200  # modules and answers at once; a course has at most 140
View = Callable[..., HttpResponse]


def kept_offline(view: View) -> View:
    """Let the reader's own device keep the page."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reader = kept_pages.mark_of(user_of(request).pk)
        request.reader_mark = reader  # type: ignore[attr-defined]  # for the templates
        return kept_pages.allow(view(request, *args, **kwargs), reader)

    return marked


def answer(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Return a page in the frame of the portal for whoever has that, else in the site's."""
    frame = "influencers/portal/base.html" if request.user.has_perm("influencers.use_portal") else "base.html"
    return render(request, f"stories/courses/{name}.html", context | {"frame": frame}, status=status)


@require_safe
@never_cache
@login_required
@kept_offline
def mine(request: HttpRequest) -> HttpResponse:
    """List the courses, with how far the reader is in each."""
    rows = CourseVersion.objects.shown(campaign_or_404(request)).with_progress(user_of(request).pk).defer("modules")
    return answer(request, "mine", {"rows": rows})


@require_safe
@never_cache
@login_required
@kept_offline
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the version that the reader has begun, whole, so that a phone keeps all of it; or what it is, before they begin."""
    campaign = campaign_or_404(request)
    course = course_or_404(request, slug)
    attempt = attempts.latest(user_of(request), course)
    newest = CourseVersion.objects.shown(campaign).filter(course=course).first()
    version = attempt.version if attempt else newest
    if version is None:
        raise Http404
    version.course = course
    context = {
        "course": shown_courses.read(version, campaign, attempt=attempt),
        "attempt": attempt,
        "certificate": CourseCertificate.objects.standing(attempt) if attempt and attempt.finished_at else None,
        "newer": newest if attempt and newest and newest.pk != version.pk else None,
    }
    return answer(request, "take", context)


def course_or_404(request: HttpRequest, slug: str) -> Course:
    """Return a course of the campaign that is not withdrawn, or answer 404."""
    return get_object_or_404(Course, campaign=campaign_or_404(request), slug=slug, withdrawn_at=None)


@require_POST
@never_cache
@login_required
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the version that everyone sees now."""
    version = CourseVersion.objects.shown(campaign_or_404(request)).filter(course__slug=slug).first()
    if version is None:
        raise Http404
    attempts.begin(user_of(request), version, at=timezone.now())
    return redirect("own_courses:take", slug)


@require_POST
@never_cache
@login_required
def go_on(request: HttpRequest, slug: str) -> HttpResponse:
    """
    Keep what the reader did. Script sends all that waits at once (`read`, `answer`) and gets numbers back; a form sends one module
    or one question and comes back to it.
    """
    attempt = attempts.of(user_of(request), campaign_or_404(request), whole_number(request.POST.get("attempt")))
    if attempt is None or attempt.version.course.slug != slug:
        raise Http404
    sent = request.POST
    given = sent.getlist("answer")[:MOST_SENT]
    if key := sent.get("question", ""):
        given = [f"{key}:{','.join(sent.getlist('chosen')[: content.MOST_OPTIONS])}"]
    answered = [one for each in given if (one := Answered.read(each))]
    read = sent.getlist("read")[:MOST_SENT]
    row = attempts.go_on(attempt, read=read, answered=answered, at=timezone.now())
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"done": row.done, "total": row.total, "finished": row.finished_at is not None})
    return redirect(f"{request.path.removesuffix('done/')}#{key or next_place(row, read)}")


def next_place(attempt: CourseAttempt, read: list[str]) -> str:
    """Return the module after the one that was just gone through, or where the course ends."""
    order = [module["id"] for module in attempt.version.modules]
    place = order.index(read[-1]) + 1 if read and read[-1] in order else len(order)
    return order[place] if place < len(order) else "end"


# --- The certificate -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def certificate(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the reader's certificate of a course, or issue it with the name that they choose."""
    course = course_or_404(request, slug)
    attempt = finished(request, course)
    if attempt is None:
        return redirect("own_courses:take", slug)
    if request.method == "POST":
        certificates.issue(attempt, name=request.POST.get("name", ""), by=user_of(request), at=timezone.now())
        return redirect("own_courses:certificate", slug)
    found = CourseCertificate.objects.standing(attempt)
    attempt.version.course = course
    context = {
        "course": shown_courses.read(attempt.version, campaign_or_404(request), attempt=attempt),
        "certificate": found,
        "files": [(code, own_name(code)) for code in spoken_languages.BUILT_IN],
        "url": settings.PUBLIC_URL + certificates.path_of(found, page_language()) if found else "",
        "longest": certificates.LONGEST_NAME,
    }
    return answer(request, "certificate", context)


def finished(request: HttpRequest, course: Course) -> CourseAttempt | None:
    """Return the reader's latest attempt at a course that is finished, or None."""
    rows = CourseAttempt.objects.filter(user=user_of(request), version__course=course, finished_at__isnull=False)
    return rows.select_related("version").order_by("-finished_at", "-pk").first()


@require_safe
@never_cache
@login_required
def certificate_file(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Return the reader's certificate as PDF."""
    attempt = finished(request, course_or_404(request, slug))
    found = CourseCertificate.objects.standing(attempt) if attempt else None
    if found is None or language not in spoken_languages.BUILT_IN:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{certificates.file_name(found, language)}"'}
    return HttpResponse(certificates.as_pdf(found, language), content_type="application/pdf", headers=headers)


@require_POST
@never_cache
@login_required
def certificate_taken_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the certificate back: whoever checks its code is told so."""
    attempt = finished(request, course_or_404(request, slug))
    if attempt and certificates.take_back(attempt, by=user_of(request), at=timezone.now()):
        messages.success(request, _("Taken back. Whoever checks its code is told that it is not valid any more."))
    return redirect("own_courses:certificate", slug)
