"""A version of a course as it is read, whole and in one language, with what its reader has done of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from campaigns.models import Campaign
from lib.text.languages import spoken_languages
from lib.text.languages.languages import page_language
from lib.text.markup import to_html
from stories.models import CourseAttempt, CourseFile, CourseVersion

from . import content
from .attempts import needed

HEADING = re.compile(r"(</?h)([2-4])>")


@dataclass(frozen=True, slots=True)
class Option:
    """An answer that can be chosen, and what is said of it afterwards."""

    place: int
    text: str
    why: str
    is_right: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `is_right` is None until it was answered."""

    key: str
    text: str
    takes_several: bool
    must: bool
    options: Sequence[Option]
    is_right: bool | None

    @property
    def right(self) -> str:
        """The places of the right options, as a page compares them."""
        return ",".join(str(one.place) for one in self.options if one.is_right)


@dataclass(frozen=True, slots=True)
class Module:
    """A module. `subtitles` are the languages that its video has them in."""

    key: str
    number: int
    title: str
    html: SafeString
    picture: CourseFile | None
    alt: str
    video: CourseFile | None
    subtitles: Sequence[str]
    questions: Sequence[Question]
    is_read: bool


@dataclass(frozen=True, slots=True)
class ShownCourse:
    """A version in one language. `done` of its modules were gone through."""

    version: CourseVersion
    language: str
    title: str
    summary: str
    modules: Sequence[Module]
    done: int = 0
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address of its public page in the active language."""
        return self.version.course.get_absolute_url()

    @property
    def questions(self) -> Iterator[Question]:
        """Every question, in order."""
        for module in self.modules:
            yield from module.questions

    @property
    def still(self) -> set[str]:
        """The keys of the questions that are not right, in modules that were gone through."""
        return {one.key for module in self.modules if module.is_read for one in module.questions if not one.is_right}

    @property
    def asked(self) -> int:
        """How many questions there are."""
        return sum(1 for _one in self.questions)

    @property
    def needed(self) -> int:
        """How many of the questions have to be right."""
        return needed(self.asked, self.version.share)


def read(
    version: CourseVersion,
    campaign: Campaign,
    *,
    attempt: CourseAttempt | None = None,
    answers: Mapping[str, Any] | None = None,
    language: str = "",
) -> ShownCourse:
    """
    Return a version as it is read in the active language, or in the one that suits best in which it is complete; at most one query, for
    its files. `answers` are those of somebody of whom nothing is kept.
    """
    given = answers if answers is not None else (attempt.answers if attempt else {})
    gone_through = set(attempt.read) if attempt else set()
    here = language or page_language()
    wanted = [here, spoken_languages.fallback_of(here), campaign.default_language, *campaign.language_codes()]
    spoken = language or content.language_of(version, wanted)
    keys = content.file_keys(version.modules)
    files = {one.pk: one for one in CourseFile.objects.filter(course=version.course_id, pk__in=keys)} if keys else {}

    modules = [
        Module(
            key=one["id"],
            number=number,
            title=one["title"].get(spoken, ""),
            html=below_heading(to_html(one["text"].get(spoken, ""), has_title=False)),
            picture=files.get(one["picture"]),
            alt=one["alt"].get(spoken, ""),
            video=files.get(one["video"]),
            subtitles=[code for code, written in one["subtitles"].items() if written],
            questions=[question(asked, given.get(asked["id"]), spoken) for asked in one["questions"]],
            is_read=one["id"] in gone_through,
        )
        for number, one in enumerate(version.modules, start=1)
    ]
    title, summary = version.title.get(spoken, ""), version.summary.get(spoken, "")
    return ShownCourse(version, spoken, title, summary, modules, attempt.done if attempt else 0, given)


def below_heading(html: SafeString) -> SafeString:
    """Return clean HTML with each heading a level lower, for the module that it is in has the second."""
    return mark_safe(HEADING.sub(lambda found: f"{found[1]}{int(found[2]) + 1}>", html))  # noqa: S308  only levels differ


def question(asked: content.Question, answer: Mapping[str, Any] | None, language: str) -> Question:
    """Return a question in a language, with what was chosen."""
    chosen = answer["chosen"] if answer else []
    options = [
        Option(place, one["text"].get(language, ""), one["why"].get(language, ""), one["right"], place in chosen)
        for place, one in enumerate(asked["options"])
    ]
    several, is_right = content.takes_several(asked), answer["right"] if answer else None
    return Question(asked["id"], asked["text"].get(language, ""), several, asked["must"], options, is_right)
