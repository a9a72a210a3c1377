"""
Cards of one statement each, an answer or a fact: what is on them besides its own words, and where they are kept. They are drawn when
someone asks for one, then kept under the digest of what is on it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import override

from lib.images.card import Spec, digest
from lib.images.picture_sizes import Ratio
from lib.text.dates import validity_phrases

from ..publication_details import PrintedWords


class Stated(Protocol):
    """A published version that makes a statement in each of its languages."""

    @property
    def words(self) -> PrintedWords:
        """What of the campaign was printed with it."""

    @property
    def valid_until(self) -> datetime | None:
        """Until when it holds, None for until further notice."""

    def statement_in(self, language: str) -> str:
        """Return what tells the statement in a language from all others (Spec.statement)."""


def spec_of(
    version: Stated, language: str, *, key: str, words: str, source: str, label: str, is_corrected: bool
) -> Spec:
    """Return what is on the card: `label` says what kind of thing it is, all else is what was printed with the version."""
    printed = version.words
    own = printed.in_language(language)
    with override(language):
        return Spec(
            language=language,
            key=key,
            words=words,
            source=source,
            validity=validity_phrases.valid_until(version.valid_until, printed.zone),
            campaign=own.name,
            hashtag=own.hashtag,
            bulletin=label,
            exercise=printed.exercise_in(language),
            corrected=_("Corrected") if is_corrected else "",
            issuer=own.issuer,
            statement=version.statement_in(language),
        )


def mark(spec: Spec, ratio: str) -> str:
    """Return what tells a picture from every other one."""
    return f"{digest(spec)}-{Ratio(ratio).value}"


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """Return what is stored under a name; when nothing is, what `make` returns, stored now."""
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            return bytes(file.read())
    made = make()
    stored = default_storage.save(name, ContentFile(made))
    if stored != name:  # someone else has just made the same
        default_storage.delete(stored)
    return made
