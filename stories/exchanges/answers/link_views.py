"""What a signed link opens without a login: an answer to an invitation, a follow-up that is done, a calendar. Only a press counts."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from delivery.links.signing import BadLink
from lib.text.languages.languages import page_language
from stories.exchanges.invitations import invitation_calendar
from stories.exchanges.meetings import meeting_steps
from stories.exchanges.notices import when
from stories.exchanges.refusals import NotDone
from stories.models import ExchangeCalendar, FollowUp, Meeting, MeetingInvitation, MunicipalityMember

from . import answer_links, meeting_answers

KEPT = timedelta(days=60)  # for how long a calendar still has a past meeting


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rsvp(request: HttpRequest, token: str) -> HttpResponse:
    """Show a meeting with three buttons (GET), and store which was pressed (POST): a program that opens links answers nothing."""
    rows = MeetingInvitation.objects.select_related("meeting__exchange__campaign")
    invitation = row_of(request, rows, token, answer_links.ANSWER)
    if invitation is None:
        return render(request, "stories/exchanges/dead_link.html", status=404)
    context: dict[str, Any] = {"is_noted": False, "refusal": ""}
    status = 200
    if request.method == "POST":
        try:
            meeting_answers.give(invitation, request.POST.get("answer", ""), at=timezone.now())
        except NotDone as refusal:
            context["refusal"], status = str(refusal), 409
        else:
            invitation.refresh_from_db(fields=["answer"])
            context["is_noted"] = True
    meeting = invitation.meeting
    is_open = meeting.cancelled_at is None and meeting.ends_at > timezone.now() and invitation.left_at is None
    context |= {"invitation": invitation, "meeting": meeting, "when": when(meeting), "is_open": is_open}
    context |= {"choices": meeting_answers.CHOICES}
    return render(request, "stories/exchanges/rsvp.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def done(request: HttpRequest, token: str) -> HttpResponse:
    """Show a follow-up with one button (GET), and note that it is done (POST)."""
    rows = FollowUp.objects.select_related("meeting__exchange__campaign")
    row = row_of(request, rows, token, answer_links.DONE)
    if row is None:
        return render(request, "stories/exchanges/dead_link.html", status=404)
    if request.method == "POST":
        meeting_steps.finish(row, by=None, at=timezone.now())
        row.refresh_from_db(fields=["done_at"])
    return render(request, "stories/exchanges/follow_up.html", {"row": row, "when": when(row.meeting)})


def row_of(request: HttpRequest, rows: Any, token: str, purpose: str) -> Any:
    """Return the row that a link is about, of the campaign that the site shows; None where the link opens nothing."""
    try:
        key = answer_links.key_of(token, purpose)
    except BadLink:
        return None
    return rows.filter(pk=key, meeting__exchange__campaign=getattr(request, "campaign", None)).first()


@never_cache
@require_safe
def calendar(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with the meetings of whoever has the secret address, while they are of a municipality or of the team."""
    held = ExchangeCalendar.objects.filter(key=key, user__is_active=True).select_related("user", "campaign").first()
    if held is None:
        raise Http404
    campaign, now = held.campaign, timezone.now()
    asked = MunicipalityMember.objects.filter(user=held.user_id, municipality__campaign=campaign)
    rows = Meeting.objects.of(campaign).filter(starts_at__gt=now - KEPT).order_by("starts_at", "pk")
    if not asked.exists():
        rows = rows.filter(exchange__staff=held.user_id)
    text = invitation_calendar.subscribed(campaign, rows, language=page_language(), at=now)
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")
