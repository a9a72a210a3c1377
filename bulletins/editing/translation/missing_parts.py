"""Which parts of a bulletin say the same in every language, and which are missing or behind in one: its table of parts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bulletins.models import SITUATION, Bulletin, Edition, EditionRevision
from campaigns.models import ReadingLevel
from lib.text.markup import inline_text, sections

from ..diff import label_of

NEEDED = ("title", "subject", "body")  # parts that no language goes without
MOST_REVISIONS = 300  # of a bulletin, the newest, that the table of parts looks at


@dataclass(frozen=True, slots=True)
class Cell:
    """One part in one language: "current", "behind", "missing" or, where the original has none, "empty"; when it last changed."""

    language: str
    state: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the bulletin in every language."""

    name: str
    cells: list[Cell]


def parts_of(row: Edition | EditionRevision) -> list[tuple[str, str]]:
    """Return the parts of an edition's words as (key, text): its lines, then the text's sections by their place."""
    lines = [(name, getattr(row, name)) for name in ("title", "subject", "preheader")]
    lines += [(name, text) for name in SITUATION if (text := getattr(row, name)).strip()]
    return lines + [(f"body:{at}", f"{head}\n{text}") for at, (head, text) in enumerate(sections(row.body))]


def parity(bulletin: Bulletin, languages: Sequence[str]) -> list[Row]:
    """
    Return, for each part of the original, how far each language is with it: behind when the original changed after
    what the translation follows. Two queries.
    """
    editions = {one.language: one for one in bulletin.editions.all() if one.reading_level == ReadingLevel.STANDARD}
    original = editions.get(bulletin.original_language)
    if original is None:
        return []
    history = _revisions_of(editions.values())
    changed = {code: _changed_at(history[one.pk]) for code, one in editions.items()}
    followed = {code: _followed(one, history[original.pk]) for code, one in editions.items()}
    behind = {code for code, one in editions.items() if one.behind(original)}
    headings = iter([inline_text(heading) for heading, _text in sections(original.body)])
    parts = parts_of(original)
    if not original.body.strip():
        parts.append(("body", ""))  # nothing is written yet, which is no part that is in order
    own_parts = {code: dict(parts_of(one)) | {"body": one.body} for code, one in editions.items()}
    table = []
    for key, text in parts:
        name = _name_of(key, headings)
        cells = []
        for code in languages:
            own = own_parts.get(code, {}).get(key, "").strip()
            moved = code in behind and followed[code].get(key) != text
            state = _state_of(key, text, own, moved=moved)
            cells.append(Cell(code, state, changed.get(code, {}).get(key) if own else None))
        table.append(Row(name, cells))
    return table


def _name_of(key: str, headings: Iterator[str]) -> str:
    """Return what a part of the original is called: its label, or for a section of the text its heading."""
    return next(headings) or _("Opening") if key.startswith("body:") else label_of(key)


def _state_of(key: str, text: str, own: str, *, moved: bool) -> str:
    """Return how far a translation is with a part of the original: current, behind, missing, or empty where both are."""
    if own:
        return "behind" if moved else "current"
    return "missing" if text.strip() or key in NEEDED else "empty"


def _revisions_of(editions: Collection[Edition]) -> dict[int, list[EditionRevision]]:
    """Return {edition key: its revisions in order}; one query."""
    history: dict[int, list[EditionRevision]] = {one.pk: [] for one in editions}
    rows = EditionRevision.objects.filter(edition__in=history).order_by("-pk")[:MOST_REVISIONS]
    for row in reversed(rows):
        history[row.edition_id].append(row)
    return history


def _followed(edition: Edition, history: Iterable[EditionRevision]) -> dict[str, str]:
    """Return the parts of the original, whose history this is, as a translation follows them."""
    return next((dict(parts_of(row)) for row in history if row.revision == edition.source_revision), {})


def _changed_at(history: Sequence[EditionRevision]) -> dict[str, datetime]:
    """Return when each part of an edition last changed, from its revisions in order."""
    known: dict[str, str] = {}
    changed: dict[str, datetime] = {}
    for row in history:
        for key, text in parts_of(row):
            if known.get(key, "") != text:
                changed[key] = row.edited_at
            known[key] = text
    return changed
