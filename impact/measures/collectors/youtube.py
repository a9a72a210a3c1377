"""Subscribers of a channel on YouTube, by the Data API v3: channels.list, part=statistics. YouTube rounds to three digits."""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from impact.models import Measure

from . import collector
from .collector import Collector, Counted, NotCollected

API = "https://www.googleapis.com/youtube/v3/channels"
CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}\Z")
HANDLE = re.compile(r"@[\w.·-]{3,30}\Z")


def question_about(channel: str) -> dict[str, str]:
    """Return what asks about a channel, by its handle or its id. Raise ValueError for what is neither."""
    if CHANNEL.match(channel):
        return {"id": channel}
    if HANDLE.match(channel):
        return {"forHandle": channel}
    raise ValueError(channel)


def collect(measure: Measure, days: Sequence[date], *, key: str) -> dict[date, Counted]:
    """Return how many subscribe to the channel now."""
    question = {"part": "statistics", **question_about(measure.asked_about)}
    answer = collector.ask(f"{API}?{urlencode(question)}", headers={"X-Goog-Api-Key": key})
    if isinstance(answer, dict) and not answer.get("items"):
        raise NotCollected(gettext_noop("YouTube knows no such channel."))
    counted = collector.at(answer, "items", 0, "statistics")
    if isinstance(counted, dict) and counted.get("hiddenSubscriberCount"):
        raise NotCollected(gettext_noop("The channel hides how many subscribers it has."))
    return {days[-1]: (collector.number(collector.at(counted, "subscriberCount")), None)}


COLLECTOR = Collector(
    name="YouTube",
    asked_about=_("The handle of the channel, or its id."),
    example="@ministry",
    terms=_(
        "YouTube API Services Terms and Developer Policies (III.E.4): a figure may be kept for 30 days. Older ones are forgotten, so "
        "charts have the last month only. YouTube rounds to three digits."
    ),
    terms_url="https://developers.google.com/youtube/terms/developer-policies",
    collect=collect,
    check=question_about,
    key_setting="YOUTUBE_KEY",
    keeps_days=30,
)
