"""What a bulletin and its editions are called in lists and on pages of the desk."""

from collections.abc import Iterable

from bulletins.models import Bulletin, Edition
from campaigns.models import ReadingLevel
from lib.text.languages.languages import language_name


def title_of(bulletin: Bulletin) -> str:
    """Return the title in the user's language, or in the language it is written in; "" while there is none."""
    return bulletin.title()


def original_among(editions: Iterable[Edition], bulletin: Bulletin) -> Edition | None:
    """Return the one of a bulletin's editions that the others are translated from."""
    standard = (one for one in editions if one.reading_level == ReadingLevel.STANDARD)
    return next((one for one in standard if one.language == bulletin.original_language), None)


def edition_label(edition: Edition) -> str:
    """Return the name of an edition's language, with its reading level when it is not the standard one."""
    name = language_name(edition.language)
    standard = edition.reading_level == ReadingLevel.STANDARD
    return name if standard else f"{name}, {edition.get_reading_level_display()}"
