"""What became of a fact-check or an answer whose picture somebody has in hand, as the page of its code shows it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse

from bulletins.reader_view.coded_statements import Fate
from campaigns.models import Campaign, CheckCode
from campaigns.publication_details import PrintedWords
from factcheck.models import Claim, ClaimVersion
from factcheck.publication import fact_cards, queries
from lib.images.picture_sizes import Ratio
from lib.images.shared_cards import Picture
from lib.text.languages.languages import page_language
from questions.answers import answer_cards, published_answers
from questions.models import Answer, AnswerVersion


@dataclass(frozen=True, slots=True)
class Words:
    """What was said: its words in a language, until when, and where they come from."""

    text: str
    language: str
    valid_until: datetime | None
    source_name: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """
    What became of it; fields with the names of statements.Statement mean what they mean there. `why` says what changed, or why it was
    taken back. While `is_paused` it is checked again, and none of its words are said. `small` returns the stored names of
    the small pictures of what holds, drawn if they were not yet.
    """

    fate: Fate
    version: ClaimVersion | AnswerVersion
    address: str
    issuer: str = ""
    ended_by: ClaimVersion | AnswerVersion | None = None
    said: Words | None = None
    now: Words | None = None
    is_over: bool = False
    is_paused: bool = False
    why: Mapping[str, str] | None = None
    statement: str = ""
    elsewhere: tuple[tuple[str, str], ...] = ()
    picture: Picture | None = None
    alt_text: str = ""
    small: Callable[[], list[str]] = list

    @property
    def words(self) -> PrintedWords:
        """The words that were printed with it."""
        return self.version.words


def fact_of(row: CheckCode, campaign: Campaign, *, at: datetime) -> Told | None:
    """Return what became of the fact-check that a code stands for, None for one that nobody may see; six queries at most."""
    about = Claim.objects.visible().filter(pk=row.subject, campaign=campaign)
    claim = about.select_related("current_version", "duplicate_of__current_version").first()
    if claim is None:
        return None
    standing = claim.duplicate_of or claim
    versions = list(claim.versions.order_by("number"))
    said = next(((one, code) for one in versions for code in languages_said(row, one, one.fact)), None)
    reading = queries.read(standing, at=at) if standing.current_version else None
    if said is None or reading is None:
        return None
    standing.campaign = campaign
    told = Told(Fate.HOLDS, said[0], standing.get_absolute_url(), why=reading.reader_text)
    if reading.is_withdrawn:
        return replace(told, fate=Fate.WITHDRAWN, ended_by=reading.version)
    if reading.is_paused:
        return replace(told, fate=Fate.DROPPED, is_paused=True)
    later = (one for one in versions if one.number > said[0].number and not one.adds_language)
    ended_by = next(later, reading.version if standing.pk != claim.pk else None)
    return with_fact(replace(told, ended_by=ended_by), said, reading, at=at)


def with_fact(told: Told, said: tuple[ClaimVersion, str], reading: queries.FactCheck, *, at: datetime) -> Told:
    """Return what became of a fact that stands in some words, with what was `said` (a version, in a language) and what is now."""
    version, language = said
    now = reading.version
    shown = language if now.fact.get(language, "").strip() else reading.language
    told = replace(
        told,
        fate=fate_of(told.ended_by, is_over=reading.is_over),
        said=fact_words(version, language),
        now=fact_words(now, shown),
        is_over=reading.is_over,
        statement=now.statement_in(shown),
        elsewhere=tuple((code, now.statement_in(code)) for code, text in now.fact.items() if text and code != shown),
    )
    if reading.is_over or not fact_cards.fits(now, shown):
        return told
    return replace(
        told,
        picture=Picture(Ratio.FEED, *addresses(fact_cards.card_url(now, shown, Ratio.FEED)), name=""),
        alt_text=fact_cards.alt_text(now, shown),
        small=lambda: stored(fact_cards, now, shown, at=at),
    )


def languages_said(row: CheckCode, version: ClaimVersion | AnswerVersion, texts: Iterable[str]) -> list[str]:
    """Return the languages, of those in `texts`, in which a version is what a code stands for: one, or none."""
    return [code for code in texts if version.statement_in(code) == row.statement]


def fate_of(ended_by: object, *, is_over: bool) -> Fate:
    """Return what became of something that stands in some words: another version may have ended it, or its hour."""
    if ended_by is not None:
        return Fate.REPLACED
    return Fate.EXPIRED if is_over else Fate.HOLDS


def fact_words(version: ClaimVersion, language: str) -> Words:
    """Return what a fact-check says in a language: the fact, never the claim."""
    names = fact_cards.source_names(version.evidence, language)
    return Words(" ".join(version.fact[language].split()), language, version.valid_until, ", ".join(names))


def answer_of(row: CheckCode, campaign: Campaign, *, at: datetime) -> Told | None:
    """Return what became of the answer that a code stands for, None for one that nobody may see; four queries."""
    about = Answer.objects.filter(pk=row.subject, group__campaign=campaign).select_related("group").first()
    versions = published_answers.answer_versions(campaign, about.group.slug, at=at) if about else []
    said = next(((one, code) for one in versions for code in languages_said(row, one, one.text)), None)
    if about is None or said is None:
        return None
    now, address = versions[0], reverse("website:answer", args=[about.group.slug])
    told = Told(Fate.HOLDS, said[0], address, why=now.what_changed)
    if published_answers.is_gone(said[0], versions) or now.kind == AnswerVersion.Kind.WITHDRAWAL:
        return replace(told, fate=Fate.WITHDRAWN, ended_by=now)
    ended_by = next((one for one in reversed(versions) if one.number > said[0].number and not one.adds_language), None)
    return with_answer(replace(told, ended_by=ended_by), said, now, at=at)


def with_answer(told: Told, said: tuple[AnswerVersion, str], now: AnswerVersion, *, at: datetime) -> Told:
    """Return what became of an answer that stands in some words, with what was `said` (a version, in a language) and what is now."""
    version, language = said
    there = answer_cards.languages_of(now)
    shown = language if language in there else next(iter(there), language)
    is_over = published_answers.read_version(now, at=at).is_over
    told = replace(
        told,
        fate=fate_of(told.ended_by, is_over=is_over),
        issuer=answer_cards.authority_of(now, page_language()),
        said=answer_words(version, language),
        now=answer_words(now, shown),
        is_over=is_over,
        statement=now.statement_in(shown),
        elsewhere=tuple((code, now.statement_in(code)) for code in there if code != shown),
    )
    if is_over or not answer_cards.fits(now, shown):
        return told
    url = reverse("website:answer_card", args=[now.answer.group.slug, now.number, shown, Ratio.FEED.value])
    return replace(
        told,
        picture=Picture(Ratio.FEED, *addresses(url), name=""),
        alt_text=answer_cards.alt_text(now, shown),
        small=lambda: stored(answer_cards, now, shown, at=at),
    )


def answer_words(version: AnswerVersion, language: str) -> Words:
    """Return what an answer says in a language, after its question."""
    source = published_answers.source_in(version, language)
    name, url = (source.name, source.url) if source else ("", "")
    return Words(answer_cards.words_of(version, language), language, version.valid_until, name, url)


def stored(cards: Any, version: ClaimVersion | AnswerVersion, language: str, *, at: datetime) -> list[str]:
    """Return the stored names of the small pictures of a version, by the module of its `cards`; drawn if they were not yet."""
    for ratio in Ratio:
        cards.small_card(version, language, ratio, at=at)
    return [f"{cards.FOLDER}/{cards.mark(version, language, ratio)}.webp" for ratio in Ratio]


def addresses(url: str) -> tuple[str, str]:
    """Return the addresses of a picture and of its small one."""
    return url, f"{url}?small=1"
