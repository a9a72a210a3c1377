"""Answers to questions as readers see them: frozen versions, and none of what was withdrawn."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import get_language

from bulletins.editing import source_names
from bulletins.reader_view.published_versions import Source
from campaigns.models import Campaign
from campaigns.publication_details import Named
from campaigns.translated_fields import in_language
from lib.http import url_parts
from lib.images import uploaded_videos
from questions.models import Answer, AnswerVersion

from . import answer_workflow

RESERVED_HOSTS = ("example", "invalid", "test", "localhost")


@dataclass(frozen=True)
class AnswerReading:
    """
    A version of an answer as readers see it; the words of a withdrawn one are gone. `transcripts` are {language code:
    what is said in its video}; `film` is the stored name of a video of ours, `link` the address of one elsewhere.
    """

    answer: Answer
    version: AnswerVersion
    transcripts: dict[str, str]
    is_over: bool
    is_withdrawn: bool
    is_corrected: bool
    film: str
    link: str
    is_public: bool

    @property
    def has_video(self) -> bool:
        """Return whether there is a video to watch."""
        return bool(self.film or self.link)

    @property
    def film_type(self) -> str:
        """The media type of a video of ours."""
        return uploaded_videos.TYPES.get(posixpath.splitext(self.film)[1].lower(), "video/mp4")

    @property
    def authority(self) -> Named:
        """Who answers, by the name that the answer was published under."""
        assert self.version.words.authority is not None
        return self.version.words.authority

    @property
    def source(self) -> Source | None:
        """Where the answer can be read, in the active language."""
        return source_in(self.version, get_language() or "en")


def source_in(version: AnswerVersion, language: str) -> Source | None:
    """Return where an answer can be read, by the name that it has in a language; None where nothing is named."""
    names, urls = (version.content.get(key) or {} for key in ("source_name", "source_url"))
    name, url = source_names.name_in(language, names, urls), in_language(urls, language)
    return Source(name or url, url) if name or url else None


def answers_of(campaign: Campaign, *, at: datetime) -> QuerySet[Answer]:
    """Return the answers of a campaign that everyone may read, with their questions and authorities."""
    answers = Answer.objects.published(at=at).filter(answer_workflow.public(at=at), group__campaign=campaign)
    return answers.select_related("group", "authority")


def listed_answers(campaign: Campaign, *, at: datetime) -> QuerySet[Answer]:
    """Return the same for the public list, the withdrawn among them."""
    answers = Answer.objects.filter(answer_workflow.public(at=at), group__campaign=campaign)
    return answers.select_related("current_version", "group", "authority").order_by(
        "-current_version__published_at", "-pk"
    )


def answer_versions(campaign: Campaign, slug: str, *, at: datetime) -> list[AnswerVersion]:
    """Return the versions of an answer that everyone may read, the newest first; [] when there is none. Two queries."""
    answer = listed_answers(campaign, at=at).filter(group__slug=slug).first()
    if answer is None:
        return []
    versions = list(answer.versions.filter(published_at__lte=at).order_by("-number"))
    for version in versions:
        version.answer = answer  # so that it costs no query
    return versions


def is_gone(version: AnswerVersion, versions: Iterable[AnswerVersion]) -> bool:
    """
    Return whether the words of one of an answer's versions are gone: a later one has withdrawn it. As `not_withdrawn`.
    """
    return any(one.kind == AnswerVersion.Kind.WITHDRAWAL and one.number > version.number for one in versions)


def read_answer(answer: Answer, *, at: datetime) -> AnswerReading:
    """Return the version of an answer that stands as its readers see it at `at`; no query."""
    version = answer.current_version
    assert version is not None
    version.answer = answer
    return read_version(version, at=at)


def read_version(version: AnswerVersion, *, at: datetime) -> AnswerReading:
    """Return a version of an answer, with the answer and what stands of it at hand, as its readers see it at `at`."""
    content = version.content
    stands = version.answer.current_version or version
    link = content.get("video_url") or ""
    return AnswerReading(
        answer=version.answer,
        version=version,
        transcripts={
            code: said for code, text in (content.get("subtitles") or {}).items() if (said := transcript(text))
        },
        is_over=version.valid_until is not None and version.valid_until <= at,
        is_withdrawn=AnswerVersion.Kind.WITHDRAWAL in {version.kind, stands.kind},
        is_corrected=version.kind == AnswerVersion.Kind.CORRECTION,
        film=content.get("video") or "",
        link=link if is_playable(link) else "",
        is_public=answer_workflow.is_public(stands, at=at),
    )


def transcript(webvtt: str) -> str:
    """Return the spoken words of a WebVTT subtitle file, without times, cue names, notes and tags."""
    words: list[str] = []
    for block in re.split(r"\n\s*\n", webvtt.replace("\r\n", "\n").strip("\ufeff\n ")):
        lines = block.splitlines()
        timing = next((at for at, line in enumerate(lines) if "-->" in line), None)
        if timing is not None:
            words += [re.sub(r"<[^<>]*>", "", line).strip() for line in lines[timing + 1 :]]
    return " ".join(word for word in words if word)


def is_playable(url: str) -> bool:
    """Return whether a video's address can lead anywhere: not to a name that is reserved for examples (RFC 2606)."""
    host = url_parts.host_of(url)
    labels = host.split(".")
    return bool(host) and labels[-1] not in RESERVED_HOSTS and not (len(labels) > 1 and labels[-2] == "example")
