"""Words: those that are not used, sentences that are hard to read, terms that the glossary says otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from bulletins.editing.translation import glossary
from bulletins.models import Edition
from campaigns.models import BannedTerm
from lib.text.linguistics import banned_terms
from lib.text.linguistics import readability as text_readability
from lib.text.markup import to_text

from ..findings import ADVICE, STOPS, Finding, Workspace, at_edition, in_edition, language_name

LONGEST_QUOTE = 160


def banned_words(desk: Workspace) -> Iterator[Finding]:
    """Find words that are not used, and say what to say instead."""
    by_language: dict[str, list[BannedTerm]] = {}
    for term in desk.banned:
        by_language.setdefault(term.language, []).append(term)
    for code, where, place, marked in desk.texts:
        for term in by_language.get(code, ()):
            for written in banned_terms.written(term.term, marked):
                instead = term.say_instead
                one_phrase = ";" not in instead and "(" not in instead
                # A word in another case or with an ending needs a person who knows how the sentence goes on.
                is_plain = one_phrase and written.lower() == term.term.rstrip("*").lower()
                asset = place.startswith("asset:")
                yield Finding(
                    STOPS,
                    "banned-term",
                    where,
                    _("“%(term)s” is not used.") % {"term": written},
                    _("Say: %(instead)s.") % {"instead": instead},
                    place=place,
                    found=written,
                    overridable=True,
                    replace=(written, in_case_of(written, instead)) if is_plain and not asset else None,
                )


def in_case_of(written: str, instead: str) -> str:
    """Return a word with a capital where the one that it replaces had one."""
    return instead[0].upper() + instead[1:] if written[:1].isupper() else instead


@dataclass(frozen=True)
class Readability:
    """The LIX of an edition's text (None without words), above which it is hard in that language, and its worst."""

    edition: Edition
    language: str
    lix: int | None
    limit: int
    hardest: str = ""

    @property
    def is_hard(self) -> bool:
        """Return whether its readers will find it hard."""
        return self.lix is not None and self.lix > self.limit and text_readability.is_long_enough(self.edition.whole)


def readability(desk: Workspace) -> list[Readability]:
    """Return how hard each edition is to read."""
    return [of_edition(edition) for edition in desk.editions]


def of_edition(edition: Edition) -> Readability:
    """Return how hard an edition is to read, with its hardest sentence when it is too hard."""
    try:
        index = round(text_readability.lix(edition.whole))
    except ValueError:
        return Readability(edition, in_edition(edition), None, text_readability.threshold(edition.language))
    found = Readability(edition, in_edition(edition), index, text_readability.threshold(edition.language))
    if not found.is_hard:
        return found
    return Readability(edition, found.language, index, found.limit, text_readability.hardest(edition.whole))


def hard_to_read(desk: Workspace) -> Iterator[Finding]:
    """Find editions that are hard to read for their language."""
    for one in readability(desk):
        if one.is_hard:
            quoted = one.hardest if len(one.hardest) <= LONGEST_QUOTE else f"{one.hardest[:LONGEST_QUOTE]} …"
            yield Finding(
                ADVICE,
                "hard-to-read",
                in_edition(one.edition, "body"),
                _("LIX %(lix)d: hard to read. The hardest sentence: “%(sentence)s”")
                % {"lix": one.lix, "sentence": quoted},
                _("Shorter sentences and everyday words help."),
                place=at_edition(one.edition, "body"),
                found=one.edition.reading_level,
            )


def other_terms(desk: Workspace) -> Iterator[Finding]:
    """Find glossary terms for which a translation uses another word; each term once in a language."""
    plain: dict[str, dict[str, str]] = {}
    for edition in desk.standard:
        plain[edition.language] = {
            "title": edition.title,
            "preheader": edition.preheader,
            "body": as_plain_text(edition.whole),
        }
    for code, texts in plain.items():
        texts |= {f"message:{one.pk}": one.text.get(code, "") for one in desk.messages}
        texts |= {f"action:{one.pk}": one.text.get(code, "") for one in desk.actions}
    told = set()
    for missed in glossary.misses(desk.bulletin, plain):
        if (missed.language, missed.expected) in told:
            continue
        told.add((missed.language, missed.expected))
        yield Finding(
            ADVICE,
            "glossary",
            language_name(missed.language),
            _(
                "The original says “%(term)s”, and the glossary says “%(expected)s” for it. This language "
                "does not use it."
            )
            % {"term": missed.term, "expected": missed.expected},
            _("Use that word, so that everyone means the same thing."),
            place=place_of(missed.passage, missed.language),
            found=missed.expected,
        )


def place_of(passage: str, language: str) -> str:
    """Return the place of a passage ("body", "message:7") in a language."""
    return f"{passage}:{language}" if ":" in passage else f"edition:{language}:{passage}"


@lru_cache(maxsize=256)
def as_plain_text(markdown: str) -> str:
    """Return a Markdown text as plain words, or "" when it is too long to be looked at."""
    try:
        return to_text(markdown, width=100_000)
    except ValueError:
        return ""
