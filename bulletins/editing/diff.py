"""What differs between two states of an edition, and which parts of a bulletin say the same in every language."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bulletins.models import Bulletin, Edition, EditionRevision, PublishedEdition
from campaigns.models import ReadingLevel
from lib.text.markup import LONGEST_TEXT, html_to_text, inline_text, sections
from lib.text.word_diff import marked, near

from .drafts import FIELDS
from .editions import text_of

NEEDED = ("title", "subject", "body")  # parts that no language goes without
MOST_REVISIONS = 300  # of a bulletin, the newest, that the table of parts looks at


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: its label, and both texts in one with <ins> and <del>."""

    field: str
    label: str
    html: SafeString


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


def label_of(field: str) -> str:
    """Return what a field of an edition is called."""
    return capfirst(str(Edition._meta.get_field(field).verbose_name))  # type: ignore[union-attr]


def differences(before: Edition | EditionRevision | None, now: Edition | EditionRevision) -> list[Difference]:
    """Return the fields that differ between two states of an edition; `before` None is emptiness."""
    old = text_of(before) if before else dict.fromkeys(FIELDS, "")
    new = text_of(now)
    return [Difference(name, label_of(name), marked(old[name], new[name])) for name in FIELDS if old[name] != new[name]]


def since_followed(edition: Edition, original: Edition) -> list[Difference]:
    """Return what changed in the original since this translation followed it; one query, none when it is current."""
    if not edition.behind(original):
        return []
    followed = EditionRevision.objects.filter(edition=original, revision=edition.source_revision).first()
    return differences(followed, original)


def between(before: PublishedEdition, now: PublishedEdition) -> list[Difference]:
    """Return what differs between two published versions in one language, as readers see it, without Markdown's signs."""
    old = {row["key"]: row["text"] for row in before.content.get("key_messages", [])}
    new = {row["key"]: row["text"] for row in now.content.get("key_messages", [])}
    message, actions = capfirst(_("key message")), capfirst(_("calls to action"))
    parts = [
        ("title", label_of("title"), before.title, now.title),
        ("lead", capfirst(_("lead")), before.lead, now.lead),
        *((f"message:{key}", message, old.get(key, ""), new.get(key, "")) for key in {**old, **new}),
        ("actions", actions, *("\n".join(one.content.get("calls_to_action", [])) for one in (before, now))),
        ("body", capfirst(_("text")), *(html_to_text(one.html, width=LONGEST_TEXT) for one in (before, now))),
    ]
    return [Difference(key, label, near(was, is_now)) for key, label, was, is_now in parts if was != is_now]


def parts_of(row: Edition | EditionRevision) -> list[tuple[str, str]]:
    """Return the parts of an edition's words as (key, text): its lines, then the text's sections by their place."""
    lines = [(name, getattr(row, name)) for name in ("title", "subject", "preheader")]
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
