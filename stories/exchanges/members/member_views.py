"""The pages of meetings as people of municipalities read them, on a phone first."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.desk_base.desk_user import user_of
from campaigns.http.middleware import campaign_or_404
from campaigns.models import Campaign
from lib.text.languages.languages import languages_listed
from stories.exchanges.agendas import agendas
from stories.exchanges.answers import meeting_answers
from stories.exchanges.meetings import meeting_steps
from stories.exchanges.notices import when
from stories.exchanges.refusals import NotDone
from stories.models import ExchangeCalendar, FollowUp, Meeting, MeetingInvitation

from .member_access import member_required, municipalities_of

PER_PAGE = 10
LATE = timedelta(hours=10)  # so long a meeting may go on and is still the next one
SHOWN_AHEAD = 4


@require_safe
@member_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the next meeting with its agenda and the reader's answer, those after it, what is theirs to do, and past notes."""
    campaign, now = campaign_or_404(request), timezone.now()
    rows = Meeting.objects.of(campaign)
    coming = list(rows.filter(starts_at__gt=now - LATE).ahead(at=now - LATE)[: SHOWN_AHEAD + 1])
    coming = [one for one in coming if one.ends_at > now]
    past = Paginator(rows.begun(at=now), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "coming": [(one, when(one)) for one in coming[1:]],
        "page": past,
        "past": [(one, when(one)) for one in past if one.ends_at <= now],
        "follow_ups": own_follow_ups(request, campaign),
        "calendar_url": calendar_url(request, campaign),
        "today": campaign.local(now).date(),
    }
    if coming:
        context |= shown(request, coming[0])
    return render(request, "stories/exchanges/home.html", context)


@require_safe
@member_required
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one meeting: its agenda, the reader's answer, and its notes once they are confirmed."""
    return render(request, "stories/exchanges/meeting.html", shown(request, one_of(request, pk)))


def one_of(request: HttpRequest, pk: int) -> Meeting:
    """Return a meeting of the campaign, or answer 404."""
    return get_object_or_404(Meeting.objects.of(campaign_or_404(request)), pk=pk)


def shown(request: HttpRequest, one: Meeting) -> dict[str, Any]:
    """Return what the pages show of a meeting; a constant number of queries."""
    now = timezone.now()
    points = agendas.read(one)
    return {
        "meeting": one,
        "when": when(one),
        "spoken": languages_listed(one.exchange.languages),
        "points": points,
        "total_minutes": agendas.total_minutes(points),
        "invitation": MeetingInvitation.objects.filter(meeting=one, user=user_of(request), left_at=None).first(),
        "choices": meeting_answers.CHOICES,
        "is_over": one.ends_at <= now,
        "has_begun": one.starts_at <= now,
        "decided": FollowUp.objects.filter(meeting=one).select_related("municipality") if one.confirmed_at else [],
    }


def own_follow_ups(request: HttpRequest, campaign: Campaign) -> list[FollowUp]:
    """Return what is the reader's to do, theirs and their municipalities'."""
    rows = FollowUp.objects.still_open().filter(meeting__exchange__campaign=campaign)
    mine = rows.filter(user=user_of(request)) | rows.filter(
        user=None, municipality__in=municipalities_of(request, campaign)
    )
    return list(mine.distinct().select_related("meeting")[:20])


@require_POST
@member_required
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether the reader comes."""
    one = one_of(request, pk)
    invitation = get_object_or_404(MeetingInvitation, meeting=one, user=user_of(request))
    try:
        meeting_answers.give(invitation, request.POST.get("answer", ""), at=timezone.now())
    except NotDone as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Thank you. Your answer is noted; you can change it until the meeting."))
    return redirect("exchange:meeting", pk)


@require_POST
@member_required
def done_by_member(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Say that something is done."""
    one = one_of(request, pk)
    mine = [
        found for found in own_follow_ups(request, one.exchange.campaign) if found.pk == row and found.meeting == one
    ]
    if not mine:
        if not FollowUp.objects.filter(pk=row, meeting=one, done_at__isnull=False).exists():
            raise Http404
    else:
        meeting_steps.finish(mine[0], by=user_of(request), at=timezone.now())
    messages.success(request, _("Done. Thank you!"))
    return redirect("exchange:home")


# --- The calendar to subscribe to ---------------------------------------------------------------------------


def calendar_url(request: HttpRequest, campaign: Campaign) -> str:
    """Return the secret address of the reader's calendar, "" while they have none; one query."""
    held = ExchangeCalendar.objects.filter(user=user_of(request), campaign=campaign).first()
    return settings.PUBLIC_URL + reverse("exchange:calendar", args=[held.key]) if held else ""


@require_POST
@member_required
def new_calendar(request: HttpRequest) -> HttpResponse:
    """Make the secret address of the reader's calendar, or another one in its place."""
    ExchangeCalendar.objects.update_or_create(
        user=user_of(request),
        campaign=campaign_or_404(request),
        defaults={"key": secrets.token_urlsafe(32), "made_at": timezone.now()},
    )
    return redirect(reverse("exchange:home") + "#calendar")
