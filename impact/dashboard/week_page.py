"""A week of a campaign as its pages, its CSV and its PDF show it. The number of queries does not grow with what there is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import get_language

from campaigns.models import Campaign
from impact.fidelity import message_outcomes
from impact.fidelity.message_outcomes import MessageOutcome
from impact.measures import queries
from impact.measures.queries import Listed
from impact.weeks import Week, up_to

from . import opinions, said
from .open_matters import OpenMatters, open_at
from .opinions import Opinion
from .reach import Reach, reach_in
from .said import Said

SHOWN = 12  # weeks on a chart


@dataclass(frozen=True, slots=True)
class WeekPage:
    """
    All of a week: `at` is the moment it is told of, its end or now while it goes on. `outcomes` are what became of key messages in posts.
    """

    campaign: Campaign
    week: Week
    weeks: list[Week]
    at: datetime
    is_over: bool
    said: list[Said]
    listed: list[Listed]
    reach: Reach
    opinions: list[Opinion]
    open: OpenMatters
    outcomes: list[MessageOutcome]

    @property
    def said_in_short(self) -> str:
        """What was said, in a sentence."""
        return said.in_short(self.said)

    @property
    def opinions_in_short(self) -> str:
        """What people think, in a sentence."""
        return opinions.in_short(self.opinions)


def page_of(campaign: Campaign, week: Week, *, now: datetime) -> WeekPage:
    """Return a week, this one or one before it, as it stood at its end; as it stands at `now` while it goes on."""
    ends, weeks = week.ends(campaign.zone), up_to(week, SHOWN)
    at, today = min(ends - timedelta(microseconds=1), now), campaign.local(now).date()
    language = get_language() or campaign.default_language
    outcomes = message_outcomes.of_week(campaign, week, language=language, at=now)
    listed = queries.listed(campaign, until=min(week.last, today), on=today)
    return WeekPage(
        campaign,
        week,
        weeks,
        at,
        ends <= now,
        said.said_in(campaign, week, language=language, outcomes=outcomes, at=at),
        listed,
        reach_in(campaign, [one.measure for one in listed], weeks, now=Week.of(today)),
        opinions.opinions_by(campaign, at=at),
        open_at(campaign, week, at=at),
        outcomes,
    )
