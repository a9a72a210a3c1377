"""What an archive has as data: bulletins, answers and fact-checks as JSON and as CSV, written row by row."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bulletins.models import Version
from campaigns.models import Campaign
from factcheck.models import Claim
from factcheck.publication import feeds
from lib import csv_rows
from website.api import endpoints, serializers

from .archive_writers import Writer

BATCH = 50
# Addresses of the site: in fifty years nobody answers there.
LIVE = {"urls", "self", "copies"}
NAMES = tuple(f"data/{name}.{kind}" for name in ("answers", "bulletins", "claims") for kind in ("csv", "json"))

type Row = dict[str, Any]


def write(campaign: Campaign, writer: Writer, *, languages: Sequence[str], at: datetime) -> None:
    """Write all files of data, each row twice: nothing is held but a batch of them."""
    sources = {
        "bulletins": (lambda: bulletins(campaign, languages, at=at), bulletin_lines, BULLETIN),
        "answers": (lambda: answers(campaign, languages, at=at), answer_lines, ANSWER),
        "claims": (lambda: claims(campaign, languages, at=at), claim_lines, CLAIM),
    }
    for name, (rows, lines, heading) in sources.items():
        writer.stream(f"data/{name}.json", as_json(name, rows()))
        writer.stream(f"data/{name}.csv", as_csv(heading, (line for row in rows() for line in lines(row, languages))))


def as_json(name: str, rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield {name: rows} as JSON."""
    yield f'{{"{name}": ['.encode()
    for number, row in enumerate(rows):
        said = json.dumps(without_addresses(row), ensure_ascii=False, indent=1)
        yield f"{',' if number else ''}\n{said}".encode()
    yield b"\n]}\n"


def as_csv(heading: Sequence[str], lines: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield lines as CSV that spreadsheets read as UTF-8 and calculate nothing of."""
    yield csv_rows.BOM.encode()
    yield csv_rows.lines([tuple(heading)])
    for line in lines:
        yield csv_rows.lines([tuple(line)])


def without_addresses(value: Any) -> Any:
    """Return plain data without the addresses of the site in it."""
    if isinstance(value, dict):
        return {key: without_addresses(one) for key, one in value.items() if key not in LIVE}
    return [without_addresses(one) for one in value] if isinstance(value, list) else value


# --- Bulletins --------------------------------------------------------------------------------------

BULLETIN = (
    *("number", "version", "state", "urgency", "first_published_at", "published_at", "language", "reading_level"),
    *("title", "lead", "text", "what_changed"),
)


def bulletins(campaign: Campaign, languages: Sequence[str], *, at: datetime) -> Iterator[Row]:
    """Yield every version of every bulletin, the words of what was withdrawn left out."""
    numbers = list(
        Version.objects.current(campaign, at=at).order_by("bulletin__number").values_list("bulletin__number", flat=True)
    )
    for number in numbers:
        versions = endpoints.versions_of(campaign, number, at=at)
        claims_named = endpoints.claims_of(versions)
        for one in reversed(versions):
            yield serializers.of_version(one, versions[0], languages=languages, claims=claims_named, whole=True)


def bulletin_lines(row: Row, languages: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield a line for each language of a version; one alone for what has no words any more."""
    head = [row[name] for name in BULLETIN[:6]]
    for one in row["editions"] or [{}]:
        said = row["what_changed"].get(one.get("language") or next(iter(row["what_changed"]), ""), "")
        words = [one.get(name, "") for name in ("language", "reading_level", "title", "lead", "markdown")]
        yield [*head, *words, said]


# --- Answers ----------------------------------------------------------------------------------------

ANSWER = (
    *("slug", "version", "state", "first_published_at", "published_at", "authority", "language"),
    *("question", "answer", "what_changed"),
)


def answers(campaign: Campaign, languages: Sequence[str], *, at: datetime) -> Iterator[Row]:
    """Yield every version of every answer, the words of what was withdrawn left out."""
    for answer in endpoints.public_answers(campaign, at=at).order_by("group__slug"):
        versions = list(answer.versions.filter(published_at__lte=at).order_by("-number"))
        for one in versions:
            one.answer = answer
        for one in reversed(versions):
            yield endpoints.answer_data(one, versions, languages, at=at)


def answer_lines(row: Row, languages: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield a line for each language of an answer."""
    head = [row[name] for name in ANSWER[:5]]
    for code in [one for one in languages if row["question"].get(one)]:
        words = [row[name].get(code, "") for name in ("question", "answer", "what_changed")]
        yield [*head, row["authority"]["name"].get(code, row["authority"]["slug"]), code, *words]


# --- Fact-checks ------------------------------------------------------------------------------------

CLAIM = ("slug", "state", "verdict", "checked_on", "first_published_at", "language", "fact", "claim", "how_checked")


def claims(campaign: Campaign, languages: Sequence[str], *, at: datetime) -> Iterator[Row]:
    """Yield every fact-check, of those that ended only that they did."""
    keys = list(Claim.objects.visible().filter(campaign=campaign).order_by("slug").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = feeds.every(campaign).filter(pk__in=keys[start : start + BATCH]).order_by("slug")
        yield from feeds.all_as_plain(list(batch), list(languages), at=at)


def claim_lines(row: Row, languages: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Yield a line for each language of a fact-check; one alone for what has no words any more."""
    texts = [row.get(name) or {} for name in ("fact", "claim", "how_checked")]
    for code in [one for one in languages if texts[0].get(one)] or [""]:
        head = [row.get(name, "") for name in CLAIM[:5]]
        yield [*head, code, *(one.get(code, "") for one in texts)]
