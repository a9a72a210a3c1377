"""What changed of what an influencer read, took or posted, and what they did about it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.models import RecallNotice
from lib.text.languages.languages import page_language

from . import recall_page, responses


def own_notice(request: PortalRequest, pk: int) -> RecallNotice:
    """Return the reader's notice of a recall, or raise Http404: nobody else's."""
    notices = responses.notices_of(request.influencer, request.campaign)
    notice = notices.filter(recall=pk).first()
    if notice is None:
        raise Http404
    return notice


@require_safe
@influencer_required
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed, ready words, and the reader's posts."""
    return shown(request, pk)


def shown(request: PortalRequest, pk: int, *, refusal: str = "", typed: str = "") -> HttpResponse:
    """Return the page: 422 for an answer that was refused, with what was typed."""
    page = recall_page.page(
        request.influencer,
        request.campaign,
        pk,
        language=page_language(),
        asked=request.GET.get("language", ""),
        at=timezone.now(),
    )
    if page is None:
        raise Http404
    context = {"page": page, "refusal": refusal, "typed": typed, "is_noted": "noted" in request.GET}
    return render(request, "influencers/recall/recall.html", context, status=422 if refusal else 200)


@influencer_required
@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the reader has the page before them."""
    responses.see(own_notice(request, pk), at=timezone.now())
    return HttpResponse(status=204)


@influencer_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the reader's answer."""
    notice, words = own_notice(request, pk), request.POST.get("words", "")
    try:
        responses.answer(notice, request.POST.get("outcome", ""), words=words, at=timezone.now())
    except responses.NotAnswered as refusal:
        return shown(request, pk, refusal=str(refusal), typed=words)
    return noted(pk)


@influencer_required
@require_POST
def post(request: HttpRequest, pk: int, post: int) -> HttpResponse:
    """Note what the reader did with a post of theirs."""
    notice = own_notice(request, pk)
    try:
        is_theirs = responses.record_post_outcome(notice, post, request.POST.get("fate", ""), at=timezone.now())
    except responses.NotAnswered as refusal:
        return shown(request, pk, refusal=str(refusal))
    if not is_theirs:
        raise Http404
    return noted(pk)


def noted(pk: int) -> HttpResponse:
    """Lead back to the page, which says that the answer was noted."""
    return redirect(reverse("influencers:recall", args=[pk], query={"noted": "1"}, fragment="answer"))
