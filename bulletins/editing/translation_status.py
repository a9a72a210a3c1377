"""How far each language of a bulletin is, for lists: current, behind the original, or missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Prefetch, Value, When
from django.utils.translation import get_language

from bulletins.models import Bulletin, Edition
from campaigns.models import ReadingLevel
from lib.text.languages import language_name

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
    return Prefetch("editions", Edition.objects.defer("body").annotate(has_text=has_text))


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


def title_of(bulletin: Bulletin) -> str:
    """Return the title in the user's language, or in the language it is written in; "" while there is none."""
    titles = {edition.language: edition.title for edition in bulletin.editions.all() if edition.title}
    code = (get_language() or "").partition("-")[0]
    return titles.get(code) or titles.get(bulletin.original_language) or next(iter(titles.values()), "")


def original_among(editions: Iterable[Edition], bulletin: Bulletin) -> Edition | None:
    """Return the one of a bulletin's editions that the others are translated from."""
    standard = (one for one in editions if one.reading_level == ReadingLevel.STANDARD)
    return next((one for one in standard if one.language == bulletin.original_language), None)


def edition_label(edition: Edition) -> str:
    """Return the name of an edition's language, with its reading level when it is not the standard one."""
    name = language_name(edition.language)
    standard = edition.reading_level == ReadingLevel.STANDARD
    return name if standard else f"{name}, {edition.get_reading_level_display()}"
