"""What the site counts by itself, once a day; what nobody knows stays a gap."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from campaigns.models import Campaign
from demo.exercise.impact import measured_weeks
from impact.measures import own_figures, queries, standard_measures
from impact.models import Measure, Snapshot, Source
from impact.weeks import Week, up_to
from influencers.models import Post, PostFigures
from tests.support import builders

pytestmark = pytest.mark.django_db

AT = builders.NOON


def test_own_counts_are_taken_once_a_day_and_what_nobody_knows_stays_a_gap(
    campaign: Campaign, django_assert_num_queries: Any
) -> None:
    standard_measures.give(campaign)
    assert own_figures.take_due(at=AT) == 1
    taken = Snapshot.objects.get()
    assert (taken.measure.key, taken.value, taken.source, taken.taken_by) == ("subscribers", 0, Source.OWN, None)
    assert AuditEntry.objects.filter(verb="snapshot.taken", actor=None).count() == 1
    with django_assert_num_queries(1):
        own_figures.take_due(at=AT + timedelta(minutes=1))
    assert own_figures.take_due(at=AT + timedelta(hours=1)) == 0
    assert own_figures.take_due(at=AT + timedelta(days=1)) == 1


def test_of_each_reported_post_the_last_known_figure_counts(campaign: Campaign) -> None:
    influencer = builders.build_influencer(campaign)
    for number, reach in enumerate(([100, 300], [50, None], [None])):
        post = Post.objects.create(
            campaign=campaign, influencer=influencer, platform="tiktok", url_key=str(number), posted_at=AT, told_at=AT
        )
        for hours, seen in enumerate(reach):
            PostFigures.objects.create(post=post, at=AT - timedelta(hours=9 - hours), reach=seen)
    assert own_figures.reached(campaign, at=AT) == 350
    assert own_figures.reactions(campaign, at=AT) is None


def test_a_closed_campaign_is_left_alone(campaign: Campaign) -> None:
    standard_measures.give(campaign)
    Campaign.objects.update(closed_at=AT)
    assert own_figures.take_due(at=AT) == 0


def test_the_demo_has_twelve_weeks_with_a_gap_and_a_note(campaign: Campaign, liisa: Any) -> None:
    measured_weeks.write(campaign, liisa, at=AT)
    now = Week.of(campaign.local(AT).date())
    weeks = up_to(now, 13)
    measures = list(Measure.objects.filter(campaign=campaign))
    values = queries.week_values(measures, weeks)
    by_key = {one.key: values[one.pk] for one in measures}
    assert len(by_key["followers-tiktok"]) == 12 and len(by_key["followers-youtube"]) == 10
    assert all(values[one.pk] for one in measures)
    x = next(one for one in measures if one.key == "followers-x")
    assert sum(map(len, queries.notes_of(campaign, weeks, x).values())) == 1
    assert not queries.notes_of(campaign, weeks)
