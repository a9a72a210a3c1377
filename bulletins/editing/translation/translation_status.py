"""How far each language of a bulletin is, for lists: current, behind the original, or missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Prefetch, Value, When

from bulletins.models import SITUATION, Bulletin, Edition
from campaigns.models import ReadingLevel

CURRENT, BEHIND, MISSING = "current", "behind", "missing"


@dataclass(frozen=True)
class Mark:
    """One language of a bulletin; `behind` is by how many revisions of the original."""

    language: str
    state: str
    behind: int = 0


def editions_in_short() -> Prefetch:
    """Return the prefetch of a list's editions: everything but their text, and whether they have one."""
    has_text = Case(When(body__regex=r"\S", then=Value(True)), default=Value(False), output_field=BooleanField())
    return Prefetch("editions", Edition.objects.defer("body", *SITUATION).annotate(has_text=has_text))


def marks_of(bulletin: Bulletin, languages: Iterable[str]) -> list[Mark]:
    """Return a mark for each language code; without a query when the editions are prefetched (`editions_in_short`)."""
    standard = {
        edition.language: edition
        for edition in bulletin.editions.all()
        if edition.reading_level == ReadingLevel.STANDARD
    }
    original = standard.get(bulletin.original_language)
    marks = []
    for language in languages:
        edition = standard.get(language)
        if edition is None or not (
            edition.title.strip() and (edition.has_text if hasattr(edition, "has_text") else edition.body.strip())
        ):
            marks.append(Mark(language, MISSING))
            continue
        behind = edition.behind(original) if original is not None else 0
        marks.append(Mark(language, BEHIND if behind else CURRENT, behind))
    return marks
