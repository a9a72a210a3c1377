"""Twelve weeks of made-up measures: what the campaign counted, with a gap, a step that a note explains, and an aim."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import User
from campaigns.models import Campaign
from impact.measures import own_figures, standard_measures
from impact.models import ChartNote, Measure, Snapshot, Source

WEEKS = 12
# Of a measure: where it began, and by how much it grew in twelve weeks; what is between is drawn by a fixed seed.
FOLLOWERS = {
    "followers-instagram": (31_200, 1.24),
    "followers-tiktok": (8_100, 2.48),
    "followers-youtube": (14_300, 1.21),
    "followers-x": (58_200, 1.08),
    "followers-facebook": (72_100, 1.03),
    "followers-linkedin": (9_100, 1.18),
}
# What the site counts itself ends a little below what there is now, so that its next count goes on from there.
LEVELS = {"subscribers": (18_400, 1.46), "post-reach": (240_000, 4.6), "post-reactions": (11_000, 4.2)}
UNTIL_NOW = 0.97
A_WEEK = {"helpline-calls": (3_900, 0.55), "page-visits": (41_000, 1.5), "answer-views": (9_000, 2.1)}
SILENT = {"followers-youtube": {6, 5}}  # weeks back in which nobody counted
BOTS, BOTS_WEEK = "followers-x", 2
AIM = "subscribers"  # aims at a fifth more than there are
NOTE = {
    "en": "platform removed bots",
    "fi": "alusta poisti botteja",
    "sv": "plattformen tog bort bottar",
}


def write(campaign: Campaign, by: User, *, at: datetime) -> None:
    """Give a campaign its measures, with twelve weeks of each; the week that goes on is the last."""
    standard_measures.give(campaign)
    chance = random.Random(2020)  # noqa: S311  the demo is the same every time
    measures = {one.key: one for one in Measure.objects.filter(campaign=campaign).select_related("campaign")}
    today = campaign.local(at).date()
    known = {key: own_figures.COUNTERS[key](campaign, at=at) or 0 for key in LEVELS}
    levels = {
        key: (UNTIL_NOW * known[key] / growth if known[key] else start, growth)
        for key, (start, growth) in LEVELS.items()
    }
    rows = []
    for key, (start, growth) in {**FOLLOWERS, **levels, **A_WEEK}.items():
        for back in range(WEEKS, 0, -1):
            if back in SILENT.get(key, ()):
                continue
            share = (WEEKS - back) / (WEEKS - 1)
            value = start * (1 + (growth - 1) * share) * chance.uniform(0.985, 1.015)
            if key == BOTS and back <= BOTS_WEEK:
                value -= 7_000
            sunday = today - timedelta(days=today.weekday() + 1 + 7 * (back - 1))
            rows.append(row(measures[key], sunday, round(value), by, at))
    for back in range(WEEKS * 7, 0, -1):
        articles = chance.randint(4, 22)
        day = today - timedelta(days=back)
        rows.append(row(measures["media-coverage"], day, round(articles * chance.uniform(0.4, 0.8)), by, at, articles))
    Snapshot.objects.bulk_create(rows)
    if known[AIM]:
        Measure.objects.filter(pk=measures[AIM].pk).update(target=round(known[AIM] * 1.2, -2))
    ChartNote.objects.create(
        campaign=campaign, measure=measures[BOTS], on=today - timedelta(days=7 * BOTS_WEEK), words=NOTE
    )


def row(measure: Measure, on: date, value: int, by: User, at: datetime, of_all: int | None = None) -> Snapshot:
    """Return a snapshot that is not stored yet, as if taken today."""
    is_own = measure.source == Source.OWN
    return Snapshot(
        measure=measure,
        on=on,
        value=Decimal(value),
        of_all=None if of_all is None else Decimal(of_all),
        unit=measure.unit,
        source=Source.OWN if is_own else Source.CSV,
        taken_at=at,
        taken_on=measure.campaign.local(at).date(),
        taken_by=None if is_own else by,
    )
