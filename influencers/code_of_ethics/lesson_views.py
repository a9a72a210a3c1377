"""The handbook and the code of ethics: a lesson a page in the portal, and both as pages that anyone may read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.http.middleware import campaign_or_404
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from lib.text.languages.languages import page_language
from lib.text.markup import to_html

from . import lessons

# The pages of each text: its lesson in the portal, the whole text there, and the public one.
PAGES = {
    lessons.HANDBOOK: ("influencers:handbook_lesson", "influencers:handbook"),
    lessons.CODE: ("influencers:code_lesson", "influencers:code_of_ethics"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def handbook_lesson(request: HttpRequest, number: int) -> HttpResponse:
    """One lesson of the handbook."""
    return lesson(request, lessons.HANDBOOK, number)


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def code_lesson(request: HttpRequest, number: int) -> HttpResponse:
    """One lesson of the code of ethics."""
    return lesson(request, lessons.CODE, number)


def lesson(request: PortalRequest, kind: str, number: int) -> HttpResponse:
    """Show a lesson, or note that it was read and go to the next."""
    influencer, campaign = request.influencer, request.campaign
    series = lessons.series_of(kind, campaign, language=page_language(), influencer=influencer)
    found = series.lesson(number) if series else None
    if series is None or found is None:
        raise Http404
    page, whole = PAGES[kind]
    if request.method == "POST":
        lessons.mark_read(influencer, series, found, at=timezone.now())
        if series.lesson(number + 1):
            return redirect(reverse(page, args=[number + 1]))
        return redirect(reverse(whole) + "#lessons")
    context = {
        "series": series,
        "lesson": found,
        "page": page,
        "whole": whole,
        "before": series.lesson(number - 1),
        "after": series.lesson(number + 1),
    }
    return render(request, "influencers/code_of_ethics/lesson.html", context)


@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """The handbook, for anyone who thinks of joining."""
    return public(request, lessons.HANDBOOK)


@require_safe
def code_of_ethics(request: HttpRequest) -> HttpResponse:
    """The code of ethics, for anyone who thinks of joining."""
    return public(request, lessons.CODE)


def public(request: HttpRequest, kind: str) -> HttpResponse:
    """Return a whole text of the campaign; 404 while there is none."""
    series = lessons.series_of(kind, campaign_or_404(request), language=page_language(), changes=False)
    if series is None:
        raise Http404
    context = {"series": series, "html": to_html(series.text.body), "is_code": kind == lessons.CODE}
    return render(request, "influencers/code_of_ethics/lesson_public.html", context)
