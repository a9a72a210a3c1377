"""What the portal's front page and a bulletin's page show beside their own: a panel for each thing between you and us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bulletins.models import Version
from campaigns.models import Campaign

from . import asking, conversing, lessons, recalling, thanking
from .models import Influencer
from .posts import queries as post_queries


@dataclass(frozen=True, slots=True)
class HomePanels:
    """The panels of the front page; None for one that has nothing to say."""

    recalls: Any
    posts: post_queries.MyPosts
    thanks: thanking.MyThanks | None
    lessons: lessons.Course | None
    questions: asking.Panel | None
    conversation: conversing.Panel


@dataclass(frozen=True, slots=True)
class BulletinPanels:
    """The panels of a bulletin's page; None for one that has nothing to say."""

    recall: Any
    posting: post_queries.Telling
    ask: asking.Asking
    harassed: conversing.HarassedPanel


def of_home(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> HomePanels:
    """Return the panels of an influencer's front page; two queries each at most."""
    told: Any = {"language": language, "at": at}
    return HomePanels(
        recalls=recalling.panel(influencer, campaign, **told),
        posts=post_queries.panel(influencer, campaign, **told),
        thanks=thanking.panel(influencer, campaign, **told),
        lessons=lessons.panel(influencer, campaign, **told),
        questions=asking.panel(influencer, campaign, **told),
        conversation=conversing.panel(influencer, campaign, **told),
    )


def of_bulletin(
    influencer: Influencer, campaign: Campaign, version: Version, *, language: str, at: datetime
) -> BulletinPanels:
    """Return the panels of a bulletin's page for an influencer who reads a version; seven queries at most."""
    told: Any = {"language": language, "at": at}
    return BulletinPanels(
        recall=recalling.for_bulletin(influencer, version, **told),
        posting=post_queries.bulletin_panel(influencer, version, **told),
        ask=asking.form_for(influencer, version, **told),
        harassed=conversing.harassed(influencer, campaign, version=version),
    )
