"""
What a reader finds. Whether something may be shown is asked of the bulletin, the answer or the fact-check itself at that
moment, so nothing that is withdrawn, paused, replaced or not public yet is found, however old the index is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.safestring import SafeString

from bulletins.models import Bulletin, Version
from campaigns.models import Campaign
from factcheck.models import ClaimVersion
from lib.text.languages.spoken_languages import read_by
from questions.answers import answer_workflow
from questions.models import Answer, AnswerVersion
from website.models import SearchText

from . import fulltext_backends
from .excerpts import Marker
from .query_syntax import Question

MOST = fulltext_backends.MOST  # that anyone finds


# What a hit is made of; the rest of the rows, texts that people approved and their like, is long. To plan one statement with
# all their tables takes PostgreSQL several times as long as to answer it.
NEEDED = (
    *("title", "lead", "body", "written_in", "published_at", "answer_version", "claim_version"),
    *("version__kind", "version__first_published_at", "version__bulletin__number"),
)
ANSWERS = AnswerVersion.objects.select_related("answer__group").only("kind", "valid_until", "answer__group__slug")
CLAIMS = ClaimVersion.objects.select_related("claim").only("kind", "valid_until", "claim__slug")


@dataclass(frozen=True, slots=True)
class Hit:
    """
    Something that was found. `kind` is "bulletin", "answer" or "fact", `at` when it was first published, or the day of the
    check; `number` a bulletin's. `is_over` tells that it no longer holds. `language` is what it is written in.
    """

    kind: str
    url: str
    language: str
    title: SafeString
    excerpt: SafeString
    at: datetime
    number: int | None = None
    is_corrected: bool = False
    is_over: bool = False


def keys(question: Question, campaign: Campaign, *, language: str, at: datetime) -> list[int]:
    """
    Return the keys of what a reader of `language` finds, what fits best first, of equals the newest. Three queries at
    most: the 300 newest that have the words, and which of them may be shown.
    """
    with fulltext_backends.by_index():
        ranks = fulltext_backends.find(
            question, campaign=campaign.pk, language=language, written_in=written_in(campaign, language)
        )
        shown = SearchText.objects.filter(visible_rows(at=at), pk__in=list(ranks), campaign=campaign)
        newest_first = shown.order_by("-published_at", "-pk").values_list("pk", flat=True)
        return sorted(newest_first, key=lambda key: -ranks[key])


def written_in(campaign: Campaign, language: str) -> set[str]:
    """Return the languages of the texts that readers of `language` are shown: another where there is none in it."""
    return set(read_by(language, campaign.default_language))


def visible_rows(*, at: datetime) -> Q:
    """Return the condition for rows whose bulletin, answer or fact-check may be shown at `at` as it was written down."""
    newer = Version.objects.published(at=at).filter(
        bulletin=OuterRef("version__bulletin"), number__gt=OuterRef("version__number")
    )
    words = [Bulletin.Kind.ORIGINAL, Bulletin.Kind.CORRECTION]
    version = Q(version__published_at__lte=at, version__kind__in=words) & ~Exists(newer)
    answer = Answer.objects.filter(answer_workflow.public(at=at), current_version=OuterRef("answer_version")).exclude(
        current_version__kind=AnswerVersion.Kind.WITHDRAWAL
    )
    claim = ClaimVersion.objects.in_force().filter(pk=OuterRef("claim_version"))
    return version | Q(Exists(answer)) | Q(Exists(claim))


def hits(found: Sequence[int], question: Question, *, at: datetime) -> list[Hit]:
    """Return what is shown of found rows, in this order; one query, and one more each for answers and for fact-checks among them."""
    things = SearchText.objects.select_related("version__bulletin")
    things = things.prefetch_related(Prefetch("answer_version", ANSWERS))
    things = things.prefetch_related(Prefetch("claim_version", CLAIMS))
    rows = things.only(*NEEDED).in_bulk(found)
    markers = {row.written_in: Marker(question, row.written_in) for row in rows.values()}
    return [hit(rows[key], markers[rows[key].written_in], at=at) for key in found if key in rows]


def hit(row: SearchText, marker: Marker, *, at: datetime) -> Hit:
    """Return what is shown of a row, with its thing at hand."""
    title, excerpt = marker.marked(row.title), marker.excerpt(row.lead, row.body)
    if row.version:
        bulletin = row.version.bulletin
        return Hit(
            "bulletin",
            bulletin.get_absolute_url(),
            row.written_in,
            title,
            excerpt,
            row.version.first_published_at,
            number=bulletin.number,
            is_corrected=row.version.is_corrected,
        )
    if row.answer_version:
        until = row.answer_version.valid_until
        return Hit(
            "answer",
            reverse("website:answer", args=[row.answer_version.answer.group.slug]),
            row.written_in,
            title,
            excerpt,
            row.published_at,
            is_corrected=row.answer_version.kind == AnswerVersion.Kind.CORRECTION,
            is_over=until is not None and until <= at,
        )
    claim = row.claim_version
    assert claim  # a row is of one of the three
    return Hit(
        "fact",
        claim.get_absolute_url(),
        row.written_in,
        title,
        excerpt,
        row.published_at,
        is_corrected=claim.kind == ClaimVersion.Kind.CORRECTION,
        is_over=claim.is_over(at=at),
    )
