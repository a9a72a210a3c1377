"""
The handbook and the code of ethics as short lessons, one section a page. Reading is noted for the reader alone; it says
how far they are in a sentence.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from campaigns.models import Campaign
from influencers.editions.language_choice import preference
from influencers.models import CodeOfEthics, Handbook, Influencer, LessonRead
from lib.text.markup import inline_text, sections, to_html

HANDBOOK, CODE = "handbook", "code"
MODELS: dict[str, Any] = {HANDBOOK: Handbook, CODE: CodeOfEthics}
WORDS_A_MINUTE = 150


@dataclass(frozen=True, slots=True)
class Lesson:
    """
    A section, `number` counting from 1. `minutes` is how long reading takes. `is_new` and `has_changed` compare it with the
    version of the text before.
    """

    number: int
    title: str
    body: str
    minutes: int
    is_read: bool = False
    is_new: bool = False
    has_changed: bool = False

    @property
    def html(self) -> SafeString:
        """The section as clean HTML, without its heading."""
        return to_html(self.body)


@dataclass(frozen=True, slots=True)
class LessonSeries:
    """A text in lessons, in the language that suits its reader best."""

    kind: str
    text: Any
    lessons: Sequence[Lesson]

    @property
    def read(self) -> int:
        """How many lessons were read."""
        return sum(one.is_read for one in self.lessons)

    @property
    def next(self) -> Lesson | None:
        """The first lesson that was not read yet, None when all were."""
        return next((one for one in self.lessons if not one.is_read), None)

    @property
    def minutes_left(self) -> int:
        """Minutes that the lessons take that were not read."""
        return sum(one.minutes for one in self.lessons if not one.is_read)

    @property
    def changed(self) -> list[Lesson]:
        """The lessons that are new or have changed since the version before."""
        return [one for one in self.lessons if one.is_new or one.has_changed]

    def lesson(self, number: int) -> Lesson | None:
        """Return a lesson by its number, or None."""
        return self.lessons[number - 1] if 1 <= number <= len(self.lessons) else None


def panel(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> LessonSeries | None:
    """Return the handbook's lessons for the portal's front page, None when there is no handbook; two queries."""
    return series_of(HANDBOOK, campaign, language=language, influencer=influencer)


def series_of(
    kind: str, campaign: Campaign, *, language: str, influencer: Influencer | None = None, changes: bool = True
) -> LessonSeries | None:
    """
    Return a text (HANDBOOK or CODE) in lessons, with what `influencer` read of it; None when there is none yet. Two
    queries, one without an influencer.

    What someone read in an earlier version counts as read where the section is still the same.
    """
    rows = list(MODELS[kind].objects.filter(campaign=campaign).order_by("-version", "pk"))
    if not rows:
        return None
    newest = min(rows, key=lambda row: (preference(language, campaign, row.language), -row.version))
    versions = {row.version: split(row.body) for row in rows if row.language == newest.language}
    read: set[tuple[int, int]] = set()
    if influencer is not None:
        mine = LessonRead.objects.filter(influencer=influencer, text=kind)
        read = set(mine.values_list("version", "section"))
    known = sections_read(versions, read)
    before = versions.get(max((number for number in versions if number < newest.version), default=-1))
    lessons = []
    for number, (title, body) in enumerate(versions[newest.version], start=1):
        is_read = (newest.version, number) in read or (title, body) in known
        is_new, has_changed = section_changes(title, body, before) if changes else (False, False)
        heading = inline_text(title) if title else newest.title
        lessons.append(Lesson(number, heading, body, minutes_of(body), is_read, is_new, has_changed))
    return LessonSeries(kind, newest, lessons)


def sections_read(
    versions: Mapping[int, list[tuple[str, str]]], read: Iterable[tuple[int, int]]
) -> set[tuple[str, str]]:
    """Return the sections (heading, body) that were read, from their (version, section)."""
    return {
        versions[version][section - 1]
        for version, section in read
        if version in versions and 1 <= section <= len(versions[version])
    }


def section_changes(title: str, body: str, before: list[tuple[str, str]] | None) -> tuple[bool, bool]:
    """Return whether a section is new, and whether it has changed, against the version before."""
    if before is None:
        return False, False
    earlier = dict(before)
    return title not in earlier, title in earlier and earlier[title] != body


def split(body: str) -> list[tuple[str, str]]:
    """Return the sections of a text as (heading, body); what stands before the first has the heading ""."""
    return sections(body)


def minutes_of(body: str) -> int:
    """Return how many minutes reading takes, at least one."""
    return max(1, math.ceil(len(body.split()) / WORDS_A_MINUTE))


def mark_read(influencer: Influencer, series: LessonSeries, lesson: Lesson, *, at: datetime) -> None:
    """Note that someone read a lesson; the first time stays."""
    row = LessonRead(influencer=influencer, text=series.kind, version=series.text.version, section=lesson.number, at=at)
    LessonRead.objects.bulk_create([row], ignore_conflicts=True)
