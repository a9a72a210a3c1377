"""The conversation with the team, in the portal."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import rate_limit
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.models import ThreadMessage

from . import conversation_panel, thread_messages
from .harassment import harassed
from .thread_messages import MessageRefused

MOST_AN_HOUR = 60


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def conversation(request: PortalRequest) -> HttpResponse:
    """All that was said, and a place to write."""
    influencer, at = request.influencer, timezone.now()
    text, refusal = "", ""
    if request.method == "POST":
        text = request.POST.get("text", "")
        if not rate_limit.allow("conversation", str(influencer.pk), most=MOST_AN_HOUR, seconds=3600, at=at):
            return page(request, text=text, status=429, is_too_often=True)
        try:
            thread_messages.add_from_influencer(influencer, text, via=ThreadMessage.Via.PORTAL, at=at)
        except MessageRefused as fault:
            refusal = str(fault)
        else:
            return redirect(reverse("influencers:conversation", query={"sent": "1"}) + "#last")
    return page(request, text=text, refusal=refusal, status=422 if refusal else 200)


def page(
    request: PortalRequest, *, text: str = "", refusal: str = "", status: int = 200, is_too_often: bool = False
) -> HttpResponse:
    """Return the page, with what was typed and what was wrong with it."""
    influencer, campaign = request.influencer, request.campaign
    thread, messages, said = conversation_panel.conversation(influencer, number=request.GET.get("page"))
    context = {
        "thread": thread,
        "page": messages,
        "said": said,
        "contact": conversation_panel.contact_name(influencer, campaign),
        "harassed": harassed(influencer, campaign),
        "has_new": any(one.is_new for one in said),
        "text": text,
        "refusal": refusal,
        "is_too_often": is_too_often,
        "is_sent": "sent" in request.GET and request.method != "POST",
    }
    return render(request, "influencers/inbox/conversation.html", context, status=status)


@influencer_required
@require_POST
def seen(request: PortalRequest) -> HttpResponse:
    """Note that what the team said has been read."""
    thread_messages.mark_read(request.influencer, at=timezone.now())
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    return redirect("influencers:conversation")
