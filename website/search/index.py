"""
Writing down what can be found: bulletins when they are published, answers and fact-checks by the tick, as soon as
everyone may read them. Languages are those that the site has pages in.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from bulletins.models import Bulletin, PublishedEdition, Version
from bulletins.reader_view import published_versions
from campaigns.translated_fields import in_language, language_shown
from factcheck.models import ClaimVersion
from lib.text.languages import spoken_languages
from lib.text.linguistics.sentences import markdown_sentences
from questions.answers import answer_workflow, published_answers
from questions.models import Answer, AnswerVersion
from website.models import NewSearchText, SearchText, SearchWord

from . import fulltext_backends
from .query_syntax import normalized

AT_ONCE = 500  # things of a kind that one tick writes down


def index_version(version: Version, editions: Sequence[PublishedEdition]) -> int:
    """
    Write down a bulletin's newest version, with its `editions`, instead of the ones before it, and return how many rows
    it has: none when it withdraws the bulletin. Inside the transaction that publishes it.
    """
    if version.number > 1:
        SearchText.objects.filter(version__bulletin=version.bulletin_id).delete()
    return write([] if version.is_retracted else list(rows_of(version, editions)))


def index_again(version: Version) -> int:
    """Write down a bulletin's version anew, which has one more language. In a transaction."""
    SearchText.objects.filter(version=version).delete()
    return write(list(of_version(version)))


def index_waiting(*, at: datetime) -> int:
    """
    Write down what everyone may read by now and nobody can find yet, and strike out what stands no more. Return how
    many things were written down. Two at once are harmless.
    """
    strike_out()
    return (
        _write_missing(of_version, versions(at=at), "version")
        + _write_missing(of_answer, answers(at=at), "answer_version")
        + _write_missing(of_claim, claims(), "claim_version")
    )


def index_all(*, at: datetime) -> int:
    """Write down everything anew, thing by thing, so that all of it can be found meanwhile. Return how many rows there are."""
    strike_out()
    SearchWord.objects.all().delete()
    return (
        _write_anew(of_version, versions(at=at), "version")
        + _write_anew(of_answer, answers(at=at), "answer_version")
        + _write_anew(of_claim, claims(), "claim_version")
    )


def strike_out() -> None:
    """Delete the rows of what has been replaced or withdrawn. Until then they are not shown either (results.visible_rows)."""
    newer = Version.objects.filter(bulletin=OuterRef("version__bulletin"), number__gt=OuterRef("version__number"))
    SearchText.objects.filter(Exists(newer), version__isnull=False).delete()
    stands = Answer.objects.filter(current_version=OuterRef("answer_version"))
    SearchText.objects.filter(~Exists(stands), answer_version__isnull=False).delete()
    SearchText.objects.filter(claim_version__isnull=False, claim_version__stands_for=None).delete()


# --- What there is -------------------------------------------------------------------------------------


def versions(*, at: datetime) -> QuerySet[Version]:
    """Return the newest published versions of all bulletins that were not withdrawn, the oldest first."""
    newer = Version.objects.filter(bulletin=OuterRef("bulletin"), number__gt=OuterRef("number"))
    current = Version.objects.published(at=at).filter(~Exists(newer)).exclude(kind=Bulletin.Kind.RETRACTION)
    return current.select_related("bulletin__campaign").prefetch_related("editions").order_by("published_at", "pk")


def answers(*, at: datetime) -> QuerySet[AnswerVersion]:
    """Return the versions of answers that stand and that everyone may read, the oldest first."""
    stands = Answer.objects.filter(answer_workflow.public(at=at), current_version=OuterRef("pk"))
    found = AnswerVersion.objects.filter(Exists(stands)).exclude(kind=AnswerVersion.Kind.WITHDRAWAL)
    return found.select_related("answer__group__campaign").order_by("published_at", "pk")


def claims() -> QuerySet[ClaimVersion]:
    """Return the fact-checks that stand, the oldest first."""
    return ClaimVersion.objects.in_force().select_related("claim__campaign").order_by("published_at", "pk")


# --- The words of a thing --------------------------------------------------------------------------------


def of_version(version: Version) -> Iterator[SearchText]:
    """Return the rows of a bulletin's version, unsaved; in the language that its page shows readers of each."""
    return rows_of(version, version.editions.all())


def rows_of(version: Version, editions: Iterable[PublishedEdition]) -> Iterator[SearchText]:
    """Return the rows of a bulletin's version with its `editions`, unsaved."""
    campaign, editions = version.bulletin.campaign, list(editions)
    for language in languages():
        edition = published_versions.choose_among(editions, language=language, fallback=campaign.default_language)
        if edition is None:
            continue
        messages = [one.text for one in published_versions.key_messages(edition)]
        yield SearchText(
            campaign=campaign,
            language=language,
            written_in=edition.language,
            version=version,
            published_at=version.published_at,
            title=normalized(edition.title),
            lead=normalized(edition.lead),
            messages=lines([*messages, *edition.content.get("calls_to_action", [])]),
            body=lines(markdown_sentences(edition.body)),
        )


def of_answer(version: AnswerVersion) -> Iterator[SearchText]:
    """Return the rows of an answer's version, unsaved: the question, the answer, and what is said in its video."""
    subtitles = version.content.get("subtitles") or {}
    for language in languages():
        text, code = shown(version.text, language)
        yield SearchText(
            campaign=version.answer.group.campaign,
            language=language,
            written_in=code,
            answer_version=version,
            published_at=version.published_at,
            title=normalized(in_language(version.question, language)),
            body=lines([text, published_answers.transcript(subtitles.get(code) or "")]),
        )


def of_claim(version: ClaimVersion) -> Iterator[SearchText]:
    """Return the rows of a fact-check, unsaved: the fact first, the claim where it is found but not shown by itself."""
    for language in languages():
        fact, code = shown(version.fact, language)
        claim = (version.text, version.warning, version.fallacy)
        yield SearchText(
            campaign=version.claim.campaign,
            language=language,
            written_in=code,
            claim_version=version,
            published_at=version.published_at,
            title=normalized(fact),
            messages=lines(in_language(one, language) for one in claim),
            body=lines(in_language(one, language) for one in (version.fact_again, version.how_checked)),
        )


def languages() -> list[str]:
    """Return the codes of the languages that readers have."""
    return spoken_languages.codes()


def shown(texts: dict[str, str], language: str) -> tuple[str, str]:
    """Return the text that a reader of `language` sees, and the language that it is in."""
    return in_language(texts, language), language_shown(texts, language) or language


def lines(texts: Iterable[str]) -> str:
    """Return texts as one, a line each."""
    return normalized("\n".join(text for text in texts if text))


# --- Writing -----------------------------------------------------------------------------------------------


def write(rows: Sequence[SearchText]) -> int:
    """Save rows with the words that they are found by, and return how many."""
    saved = SearchText.objects.bulk_create(rows)
    NewSearchText.objects.bulk_create(NewSearchText(text=row) for row in saved)
    fulltext_backends.write_down(saved)
    return len(saved)


def _write_missing[Thing: Model](
    make: Callable[[Thing], Iterator[SearchText]], things: QuerySet[Thing], name: str
) -> int:
    """
    Write down the things of which there is no row in the field `name`, 500 at most, and return how many; and those that there were before
    a language was added, in that.
    """
    rows = SearchText.objects.filter(**{name: OuterRef("pk")})
    count = sum(_write_once(list(make(thing))) for thing in things.filter(~Exists(rows))[:AT_ONCE])
    for one in spoken_languages.added():
        for thing in things.filter(Exists(rows), ~Exists(rows.filter(language=one.code)))[:AT_ONCE]:
            count += _write_once([row for row in make(thing) if row.language == one.code])
    return count


def _write_anew[Thing: Model](make: Callable[[Thing], Iterator[SearchText]], things: QuerySet[Thing], name: str) -> int:
    """Write down each thing anew and return how many rows they have."""
    count = 0
    for thing in things.iterator(chunk_size=200):
        with transaction.atomic():
            SearchText.objects.filter(**{name: thing}).delete()
            count += write(list(make(thing)))
    return count


def _write_once(rows: Sequence[SearchText]) -> int:
    """Save a thing's rows unless another process just has; return whether it did, as 0 or 1."""
    try:
        with transaction.atomic():
            return min(write(rows), 1)
    except IntegrityError:
        return 0
