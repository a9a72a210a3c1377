"""Meetings on Today: one that is today, notes that nobody has confirmed, follow-ups whose day is over."""

from datetime import datetime, time, timedelta

from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork
from stories.models import FollowUp, Meeting

MAY = "stories.change_meeting"
NOTES_WAIT = timedelta(days=30)  # after which nobody is reminded of missing notes any more


def meetings(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return the meetings of today, and those whose notes members cannot read yet; one query."""
    if not user.has_perm(MAY):
        return []
    first = datetime.combine(campaign.local(at).date(), time(0), tzinfo=campaign.zone)
    today = Q(starts_at__gte=first, starts_at__lt=first + timedelta(days=1))
    unnoted = Q(confirmed_at=None) | ~Q(notes_revision=F("confirmed_revision"))
    noted = Q(starts_at__gte=at - NOTES_WAIT, starts_at__lt=first) & unnoted
    found = []
    for one in Meeting.objects.of(campaign).filter(today | noted, cancelled_at=None).order_by("starts_at")[:6]:
        local = campaign.local(one.starts_at)
        if one.starts_at >= first:
            words = _("Today at %(time)s: %(title)s.") % {
                "time": date_format(local, "TIME_FORMAT"),
                "title": one.exchange,
            }
        else:
            says = _("The notes of %(title)s, %(day)s, are not confirmed yet.")
            words = says % {"title": one.exchange, "day": date_format(local, "SHORT_DATE_FORMAT")}
        found.append(PendingWork(words, reverse("admin:stories_meeting_change", args=[one.pk])))
    return found


def late_follow_ups(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return how many follow-ups are late; one query."""
    if not user.has_perm(MAY):
        return []
    today = campaign.local(at).date()
    late = FollowUp.objects.filter(meeting__exchange__campaign=campaign, done_at=None, due_on__lt=today)
    count, first = late.aggregate(n=Count("pk"), first=Min("meeting")).values()
    if not count:
        return []
    says = ngettext("%(n)d follow-up of a meeting is late.", "%(n)d follow-ups of meetings are late.", count)
    return [PendingWork(says % {"n": count}, reverse("admin:stories_meeting_change", args=[first]) + "#follow-ups")]
