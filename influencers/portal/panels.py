"""What the portal's front page and a bulletin's page show beside their own: a panel for each thing between you and us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bulletins.models import Version
from campaigns.models import Campaign
from influencers.code_of_ethics import lessons
from influencers.escalation import acknowledgement
from influencers.inbox import conversation_panel, harassment
from influencers.models import Influencer
from influencers.posts import queries as post_queries
from influencers.recall import recall_panels
from influencers.recognition import thanks as recognition_thanks
from stories.models import CourseVersion

from . import follower_questions, home_cards

MOST_COURSES = 3


@dataclass(frozen=True, slots=True)
class HomePanels:
    """The panels of the front page; None for one that has nothing to say."""

    recalls: Any
    posts: post_queries.MyPosts
    thanks: recognition_thanks.MyThanks | None
    lessons: lessons.LessonSeries | None
    questions: follower_questions.Panel | None
    conversation: conversation_panel.Panel
    courses: list[CourseVersion]
    cards: list[tuple[str, list[Any]]]


@dataclass(frozen=True, slots=True)
class BulletinPanels:
    """The panels of a bulletin's page; None for one that has nothing to say."""

    recall: Any
    seen: acknowledgement.Asked | None
    posting: post_queries.Telling
    ask: follower_questions.Asking
    harassed: harassment.HarassedPanel


def of_home(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> HomePanels:
    """Return the panels of an influencer's front page; two queries each at most."""
    told: Any = {"language": language, "at": at}
    return HomePanels(
        recalls=recall_panels.panel(influencer, campaign, **told),
        posts=post_queries.panel(influencer, campaign, **told),
        thanks=recognition_thanks.panel(influencer, campaign, **told),
        lessons=lessons.panel(influencer, campaign, **told),
        questions=follower_questions.panel(influencer, campaign, **told),
        conversation=conversation_panel.panel(influencer, campaign, **told),
        courses=list(
            CourseVersion.objects.shown(campaign).with_progress(influencer.user_id).defer("modules")[:MOST_COURSES]
        ),
        cards=home_cards.of_home(influencer, campaign, **told),
    )


def of_bulletin(
    influencer: Influencer, campaign: Campaign, version: Version, *, language: str, at: datetime
) -> BulletinPanels:
    """Return the panels of a bulletin's page for an influencer who reads a version; seven queries at most, two more when it asks."""
    told: Any = {"language": language, "at": at}
    return BulletinPanels(
        recall=recall_panels.for_bulletin(influencer, version, **told),
        seen=acknowledgement.on_portal(influencer, [version]).get(version.pk),
        posting=post_queries.bulletin_panel(influencer, version, **told),
        ask=follower_questions.form_for(influencer, version, **told),
        harassed=harassment.harassed(influencer, campaign, version=version),
    )
