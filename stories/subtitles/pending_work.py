"""What Today says of subtitles: shown videos that the law wants to have some, and that have none yet."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from campaigns.pending_work import PendingWork

from . import subtitle_steps

MOST = 99
MAY = "stories.change_storysubtitles"


def subtitles_to_write(campaign: Campaign, user: User, at: datetime) -> list[PendingWork]:
    """Return how many shown videos lack subtitles that are due in three days at most, with the one to begin with; one query."""
    if not user.has_perm(MAY):
        return []
    rows = list(subtitle_steps.due_soon(campaign, at=at).values_list("pk", "captions_due")[:MOST])
    if not rows:
        return []
    (first, day), today = rows[0], campaign.local(at).date()
    assert day is not None  # they are found by it
    late = day < today
    says = (
        ngettext(
            "%(n)d story lacks its subtitles, due since %(day)s.",
            "%(n)d stories lack subtitles, the first due since %(day)s.",
            len(rows),
        )
        if late
        else ngettext(
            "%(n)d story needs subtitles by %(day)s.", "%(n)d stories need subtitles, the first by %(day)s.", len(rows)
        )
    )
    words = says % {"n": len(rows), "day": date_format(day, "SHORT_DATE_FORMAT")}
    return [PendingWork(words, reverse("admin:stories_story_subtitles", args=[first]))]
