"""Published bulletins and answers as plain data, as schemas.py describes it. Needs everything at hand: no query here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from bulletins.models import PublishedEdition, Version
from bulletins.reader_view import published_versions
from campaigns.http.machine_values import moment, spoken
from campaigns.models import Authority
from campaigns.publication_details import Named
from questions.answers import published_answers
from questions.models import AnswerVersion
from stories.models import OfferVersion, StoryFile
from stories.wall.shown_stories import ShownStory

from .schemas import State


def of_version(
    version: Version,
    current: Version,
    *,
    languages: Sequence[str],
    claims: Mapping[int, str],
    editions: bool = True,
    whole: bool = False,
) -> dict[str, Any]:
    """
    Return a version of a bulletin whose newest one is `current`: with its `editions`, the `whole` text in them. `claims`
    are {key: short name} of fact-checks that have a page.
    """
    number = version.bulletin.number
    is_old, is_gone = version.number != current.number, current.is_retracted
    told = current if is_gone else version
    keys = (
        [] if is_gone else dict.fromkeys(key for one in version.editions.all() for key in one.content.get("claims", []))
    )
    found: dict[str, Any] = {
        "number": number,
        "version": version.number,
        "kind": version.kind,
        "state": state_of(is_gone=is_gone, is_old=is_old, is_corrected=version.is_corrected),
        "urgency": version.urgency,
        "topics": [topic.slug for topic in version.mailing.topics.all()],
        "first_published_at": moment(version.first_published_at),
        "published_at": moment(version.published_at),
        "what_changed": spoken(told.what_changed, languages),
        "claims": [claims[key] for key in keys if key in claims],
        **addresses_of(version, languages, is_old=is_old),
    }
    if editions:
        said = [] if is_gone else [one for one in version.editions.all() if one.language in languages]
        found["editions"] = [of_edition(one, whole=whole) for one in said]
    return found


def addresses_of(version: Version, languages: Iterable[str], *, is_old: bool) -> dict[str, Any]:
    """Return where a version is read, in each language, and by this interface."""
    number = version.bulletin.number
    if is_old:
        return {
            "urls": {code: page("website:version", code, number, version.number) for code in languages},
            "self": here("api:bulletin_version", number, version.number),
        }
    return {
        "urls": {code: page("website:bulletin", code, number) for code in languages},
        "self": here("api:bulletin", number),
    }


def state_of(*, is_gone: bool, is_old: bool, is_corrected: bool, is_over: bool = False) -> str:
    """Return whether a version may be passed on."""
    if is_gone:
        return State.WITHDRAWN
    if is_old:
        return State.REPLACED
    if is_over:
        return State.OUT_OF_DATE
    return State.CORRECTED if is_corrected else State.PUBLISHED


def of_edition(edition: PublishedEdition, *, whole: bool) -> dict[str, Any]:
    """Return a published edition, the `whole` text with it or not."""
    found = {
        "language": edition.language,
        "reading_level": edition.reading_level,
        "title": edition.title,
        "lead": edition.lead,
        "key_messages": [
            {
                **{name: getattr(one, name) for name in ("key", "text", "source_name", "source_url")},
                "valid_until": moment(one.valid_until) if one.valid_until else None,
            }
            for one in published_versions.key_messages(edition)
        ],
        "calls_to_action": [text for text in edition.content.get("calls_to_action", []) if text],
        "hashtags": edition.content.get("hashtags", []),
    }
    return found | {"markdown": edition.body, "html": edition.html} if whole else found


def of_answer(
    version: AnswerVersion,
    current: AnswerVersion,
    *,
    first: datetime,
    languages: Sequence[str],
    withdrawal: AnswerVersion | None,
    at: datetime,
) -> dict[str, Any]:
    """
    Return a version of an answer whose newest one is `current`, first published at `first`; of one that a `withdrawal`
    took back only the question and why.
    """
    row = published_answers.read_version(version, at=at)
    group, number = row.answer.group, version.number
    is_old, is_gone = number != current.number, withdrawal is not None
    content = {} if is_gone else version.content
    return {
        "slug": group.slug,
        "version": number,
        "kind": version.kind,
        "state": state_of(is_gone=is_gone, is_old=is_old, is_corrected=row.is_corrected, is_over=row.is_over),
        "topic": group.topic.slug if group.topic else None,
        "first_published_at": moment(first),
        "published_at": moment(version.published_at),
        "valid_until": moment(version.valid_until) if version.valid_until and not is_gone else None,
        "question": spoken((withdrawal or version).question, languages),
        "answer": {} if is_gone else spoken(version.text, languages),
        "what_changed": spoken((withdrawal or version).what_changed, languages),
        "authority": of_named(row.authority, languages),
        "source_name": spoken(content.get("source_name") or {}, languages),
        "source_url": spoken(content.get("source_url") or {}, languages),
        "video": None if is_gone or not row.has_video else of_video(row, languages),
        "urls": {
            code: page("website:answer_version", code, group.slug, number)
            if is_old
            else page("website:answer", code, group.slug)
            for code in languages
        },
        "self": here("api:question_version", group.slug, number) if is_old else here("api:question", group.slug),
    }


def of_video(row: published_answers.AnswerReading, languages: Sequence[str]) -> dict[str, Any]:
    """Return the video of an answer, ours or elsewhere."""
    content, codes = row.version.content, list(row.transcripts)
    slug, number = row.answer.group.slug, row.version.number
    return {
        "url": settings.PUBLIC_URL + reverse("media", args=[row.film]) if row.film else row.link,
        "language": content.get("video_language") or "",
        "seconds": content.get("video_seconds"),
        "transcripts": spoken(row.transcripts, languages),
        "subtitles": {
            code: page("website:answer_subtitles", code, slug, number, code) for code in codes if code in languages
        },
    }


def of_way_to_help(version: OfferVersion, languages: Sequence[str]) -> dict[str, Any]:
    """Return a way to help, with its region and topic at hand."""
    partner, pk = version.printed["partner"], version.offer_id
    assert version.checked_at is not None
    return {
        "id": pk,
        "version": version.number,
        **{name: spoken(getattr(version, name), languages) for name in ("title", "does", "place")},
        "region": version.region.code if version.region else None,
        "from_home": version.from_home,
        "from_age": version.from_age,
        "languages": version.languages,
        "minutes": version.minutes,
        "weekly": version.is_weekly,
        "topic": version.topic.slug if version.topic else None,
        "partner": {"name": spoken(partner["name"], languages), "url": partner["url"]},
        "url": version.url,
        "valid_from": moment(version.valid_from) if version.valid_from else None,
        "valid_until": moment(version.valid_until),
        "checked_at": moment(version.checked_at),
        "urls": {code: page("ways_to_help:offer", code, pk) for code in languages},
        "self": here("api:way_to_help", pk),
    }


def of_story(row: ShownStory, languages: Sequence[str]) -> dict[str, Any]:
    """Return a story, with all that its page says at hand."""
    story, municipality = row.story, row.story.municipality
    assert story.published_at is not None
    spoken_in = story.original_language
    main = languages[0]

    def of_file(one: StoryFile) -> dict[str, Any]:
        return {
            "url": settings.PUBLIC_URL + reverse("media", args=[one.file.name]),
            "width": one.width,
            "height": one.height,
            "bytes": one.size,
            "alt_text": spoken(one.alt_text, languages),
        }

    return {
        "key": story.key,
        "kind": story.kind,
        # In the language of the story too: it has no other words where nobody has put them into one of the campaign's.
        **{name: spoken(getattr(story, name), [*languages, spoken_in]) for name in ("title", "sentence", "text")},
        "speaker": story.speaker,
        "original_language": spoken_in,
        "subtitles": {code: page("story_subtitles:vtt", main, story.key, code) for code in row.codes},
        "municipality": {
            "code": municipality.code,
            "name": spoken(municipality.name, languages),
            "region": municipality.region.code if municipality.region else None,
        },
        "themes": [one.slug for one in story.themes.all()],
        "seconds": next((one.seconds for one in row.web if one.seconds), None),
        "video": [of_file(one) for one in row.web],
        "pictures": [of_file(one) for one in [*row.posters, *row.pictures]],
        "published_at": moment(story.published_at),
        "urls": {code: page("stories:story", code, story.key) for code in languages},
        "self": here("api:story", story.key),
    }


def of_authority(authority: Authority, languages: Sequence[str]) -> dict[str, Any]:
    """Return an authority, without how it is reached."""
    return {"slug": authority.slug, "name": spoken(authority.name, languages), "url": authority.url}


def of_named(authority: Named, languages: Sequence[str]) -> dict[str, Any]:
    """Return an authority by the name that something was published under."""
    return {"slug": authority.key, "name": spoken(authority.name, languages), "url": authority.url}


def page(name: str, language: str, *arguments: Any) -> str:
    """Return the address of a page in a language."""
    return settings.PUBLIC_URL + _path(name, language, *arguments)


def here(name: str, *arguments: Any) -> str:
    """Return an address of this API."""
    return settings.PUBLIC_URL + _path(name, settings.LANGUAGE_CODE, *arguments)


@lru_cache(maxsize=1 << 14)  # a list of 100 has 400 of them
def _path(name: str, language: str, *arguments: Any) -> str:
    with override(language):
        return reverse(name, args=arguments)
