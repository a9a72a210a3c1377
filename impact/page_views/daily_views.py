"""The sums of a day: written in bulk beside requests, read by measures, and forgotten once they stand there as snapshots."""

from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Case, F, Sum, Value, When

from campaigns.models import Campaign
from impact.models import ViewCount
from questions.models import Answer
from stories.models import Story

from .counter import Views
from .kinds import ANSWER, STORY

KEPT_DAYS = 62

UPSERT = """
    INSERT INTO impact_viewcount (campaign_id, kind, subject, "on", views) VALUES {rows}
    ON CONFLICT (campaign_id, kind, subject, "on") DO UPDATE SET views = impact_viewcount.views + excluded.views
"""


def add(views: Views, *, at: datetime) -> int:
    """
    Add views to the sums of the day that it is in each campaign, and of stories to what their pages say; return how many. Those of a
    campaign, an answer or a story that is not there are dropped: no address makes a row. Five statements at most, none without views.
    """
    if not views:
        return 0
    rows = rows_of(views, at=at)
    if rows:
        with connection.cursor() as cursor:
            marks = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
            cursor.execute(UPSERT.format(rows=marks), [cell for row in rows for cell in row])
    if seen := {subject: number for _campaign, kind, subject, _on, number in rows if kind == STORY}:
        more = Case(*(When(pk=key, then=Value(number)) for key, number in seen.items()), default=0)
        Story.objects.filter(pk__in=seen).update(views=F("views") + more)
    return sum(row[-1] for row in rows)


def rows_of(views: Views, *, at: datetime) -> list[tuple[int, str, int, date, int]]:
    """Return (campaign, kind, subject, day, number) of each view of what is there; three queries at most."""
    campaigns = Campaign.objects.in_bulk({key.campaign for key in views})
    answers = set(
        Answer.objects.filter(pk__in={key.subject for key in views if key.kind == ANSWER})
        .exclude(current_version=None)
        .values_list("group__campaign", "pk")
    )
    known = {ANSWER: answers, STORY: stories_of(views)}
    return [
        (key.campaign, key.kind, key.subject, campaigns[key.campaign].local(at).date(), number)
        for key, number in sorted(views.items())
        if key.campaign in campaigns
        and ((key.campaign, key.subject) in known[key.kind] if key.kind in known else key.subject == 0)
    ]


def stories_of(views: Views) -> set[tuple[int, int]]:
    """Return (campaign, key) of the stories among what was shown that were published; one query, none without any."""
    keys = {key.subject for key in views if key.kind == STORY}
    published = Story.objects.filter(pk__in=keys, published_at__isnull=False) if keys else Story.objects.none()
    return set(published.values_list("campaign", "pk"))


def of_pages(campaign: Campaign, *, on: date) -> int | None:
    """Return how often public pages were shown on a day, None where nothing was counted."""
    total: int | None = ViewCount.objects.filter(campaign=campaign, on=on).aggregate(n=Sum("views"))["n"]
    return total


def of_answers(campaign: Campaign, *, on: date) -> int | None:
    """Return how often answers were shown on a day: 0 where other pages were and no answer, None where nothing was counted."""
    if of_pages(campaign, on=on) is None:
        return None
    total = ViewCount.objects.filter(campaign=campaign, on=on, kind=ANSWER).aggregate(n=Sum("views"))["n"]
    return total or 0


def forget(*, at: datetime) -> int:
    """Remove sums that are older than KEPT_DAYS; return how many."""
    return ViewCount.objects.filter(on__lt=(at - timedelta(days=KEPT_DAYS)).date()).delete()[0]
