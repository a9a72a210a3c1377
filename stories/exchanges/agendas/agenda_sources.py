"""
What agendas fill themselves from. Apps above register what is theirs (bulletins, questions) when they start; of this app are new
stories and follow-ups that are still open.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from stories.models import FollowUp, Story

MOST = 20  # points of one source


@dataclass(frozen=True)
class Point:
    """Something to talk about: its `key` in its source, and its words as {language: text}."""

    key: str
    title: dict[str, str]


@dataclass(frozen=True)
class AgendaSource:
    """
    `find` returns the points of a campaign for a meeting, given when the one before it began and the moment; `pages` returns {key: path
    in the active language, "" where there is none} of those that may still be shown: what is not in it is taken off, words and all.
    """

    key: str
    heading: Any
    find: Callable[[Campaign, datetime, datetime], Iterable[Point]]
    pages: Callable[[Collection[str]], dict[str, str]]


_sources: dict[str, AgendaSource] = {}


def register(*sources: AgendaSource) -> None:
    """Add an app's sources. Raise ValueError when another one has the name already."""
    for source in sources:
        if _sources.setdefault(source.key, source) is not source:
            raise ValueError(f"There are two sources of agendas with the name {source.key}.")


def registered() -> list[AgendaSource]:
    """Return every source, in the order in which agendas have them."""
    return list(_sources.values())


# --- Of this app --------------------------------------------------------------------------------------------


def new_stories(campaign: Campaign, since: datetime, at: datetime) -> Iterable[Point]:
    """Yield the stories that were published since the meeting before, the newest first; one query."""
    rows = Story.objects.shown(campaign).filter(published_at__gt=since, published_at__lte=at)
    for story in rows.select_related("municipality")[:MOST]:
        names = story.municipality.name
        yield Point(
            str(story.pk),
            {code: ": ".join(filter(None, [names.get(code, ""), title])) for code, title in story.title.items()},
        )


def pages_of_stories(keys: Collection[str]) -> dict[str, str]:
    """Return where stories that anyone may see are read; one query."""
    rows = Story.objects.filter(pk__in=keys).select_related("campaign")
    campaigns = {one.campaign_id: one.campaign for one in rows}
    return {
        str(story.pk): story.get_absolute_url()
        for campaign in campaigns.values()
        for story in Story.objects.shown(campaign).filter(pk__in=keys)
    }


def open_follow_ups(campaign: Campaign, since: datetime, at: datetime) -> Iterable[Point]:
    """Yield what earlier meetings left to do and nobody has done; one query."""
    rows = FollowUp.objects.still_open().filter(meeting__exchange__campaign=campaign, made_at__lt=at)
    for one in rows[:MOST]:
        yield Point(str(one.pk), one.text)


def pages_of_follow_ups(keys: Collection[str]) -> dict[str, str]:
    """Return the follow-ups that are still there: none has a page of its own. One query."""
    return {str(key): "" for key in FollowUp.objects.filter(pk__in=keys).values_list("pk", flat=True)}


STORIES = AgendaSource("stories", _("New stories"), new_stories, pages_of_stories)
FOLLOW_UPS = AgendaSource("follow_ups", _("Still to do"), open_follow_ups, pages_of_follow_ups)
