"""What was corrected and withdrawn, of bulletins and answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from bulletins.models import Bulletin, PublishedEdition, Version
from bulletins.reader_view.published_versions import choose
from campaigns.models import Campaign
from campaigns.translated_fields import in_language, language_shown
from questions.answers.published_answers import listed_answers
from questions.models import AnswerVersion


@dataclass(frozen=True, slots=True)
class Change:
    """
    A correction or withdrawal: when, of what, and what changed ({language code: words}). `number` is a bulletin's, None
    for an answer. Of something withdrawn there is no title: its words are gone.
    """

    at: datetime
    number: int | None
    url: str
    title: str
    language: str
    what_changed: dict[str, str]
    is_withdrawal: bool


def latest_corrections(campaign: Campaign, *, language: str, at: datetime, most: int = 30) -> list[Change]:
    """
    Return the latest corrections and withdrawals, the newest first. What a withdrawn bulletin or answer was corrected in
    before is gone with its words. Three queries.
    """
    found = [*of_bulletins(campaign, language, at, most), *of_answers(campaign, language, at, most)]
    return sorted(found, key=lambda change: change.at, reverse=True)[:most]


def of_bulletins(campaign: Campaign, language: str, at: datetime, most: int) -> Iterator[Change]:
    """Yield the same of bulletins."""
    kinds = Bulletin.Kind
    out = Version.objects.published(at=at)
    withdrawn = out.filter(bulletin=OuterRef("bulletin"), number__gt=OuterRef("number"), kind=kinds.RETRACTION)
    short = PublishedEdition.objects.defer("html", "body")
    versions = (
        out.filter(~Exists(withdrawn), bulletin__campaign=campaign, kind__in=[kinds.CORRECTION, kinds.RETRACTION])
        .select_related("bulletin")
        .prefetch_related(Prefetch("editions", short))
        .order_by("-published_at", "-pk")
    )
    for version in versions[:most]:
        edition = choose(version, language=language, fallback=campaign.default_language)
        title = "" if version.is_retracted or edition is None else edition.title
        yield Change(
            at=version.published_at,
            number=version.bulletin.number,
            url=version.bulletin.get_absolute_url(),
            title=title,
            language=edition.language if title and edition else "",
            what_changed=version.what_changed,
            is_withdrawal=version.is_retracted,
        )


def of_answers(campaign: Campaign, language: str, at: datetime, most: int) -> Iterator[Change]:
    """Yield the same of answers."""
    kinds = AnswerVersion.Kind
    withdrawn = AnswerVersion.objects.filter(
        answer=OuterRef("answer"), number__gt=OuterRef("number"), kind=kinds.WITHDRAWAL, published_at__lte=at
    )
    versions = AnswerVersion.objects.filter(
        Q(kind=kinds.WITHDRAWAL) | (Q(kind=kinds.CORRECTION) & ~Exists(withdrawn)),
        Exists(listed_answers(campaign, at=at).filter(pk=OuterRef("answer"))),
        published_at__lte=at,
        adds_language=False,
    )
    for version in versions.select_related("answer__group").order_by("-published_at", "-pk")[:most]:
        is_withdrawal = version.kind == kinds.WITHDRAWAL
        title = in_language(version.question, language)
        yield Change(
            at=version.published_at,
            number=None,
            url=reverse("website:answer", args=[version.answer.group.slug]),
            title=title,
            language=language_shown(version.question, language),
            what_changed=version.what_changed,
            is_withdrawal=is_withdrawal,
        )
