"""
Easy language: what a machine can see in such an edition that makes it hard, as advice, and what a person ticks. Drawn from what
Finland's Selkomittari and the Swedish guidelines ask. It certifies nothing: that is for others to do.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from bulletins.models import SITUATION, Edition
from campaigns.models import ReadingLevel
from lib.text import reading_hurdles
from lib.text.reading_hurdles import Hurdle

from ..findings import ADVICE, Finding, Workspace, at_edition, in_edition, shortened

FIELDS = ("title", "subject", "preheader", *SITUATION, "body")
MOST_NAMED = 4  # words that one piece of advice names
LONGEST_QUOTE = 160

# {name: (what a person looks at, what that means)}: the part of the guidelines that no machine can see.
POINTS = {
    "easy:reader": (
        gettext_lazy("Tried with a reader"),
        gettext_lazy("Somebody who needs easy language read it, or listened to it, and knew what to do."),
    ),
    "easy:first": (
        gettext_lazy("The most important thing first"),
        gettext_lazy("Whoever stops after three lines knows what to do."),
    ),
    "easy:one": (
        gettext_lazy("One thing at a time"),
        gettext_lazy("Each sentence has one idea, each paragraph one subject, in the order in which things happen."),
    ),
    "easy:needed": (
        gettext_lazy("Only what readers need"),
        gettext_lazy("Side issues are left out; nothing is left out that keeps anybody safe."),
    ),
    "easy:words": (
        gettext_lazy("Everyday words"),
        gettext_lazy("A hard word that is needed is explained at once, and one thing has the same name throughout."),
    ),
    "easy:literal": (
        gettext_lazy("No figures of speech"),
        gettext_lazy("All of it can be taken literally; nothing is ironic, nothing only hinted at."),
    ),
    "easy:who": (
        gettext_lazy("Who does what"),
        gettext_lazy("Readers are spoken to, as adults, and told what to do rather than what not to do."),
    ),
    "easy:layout": (
        gettext_lazy("Headings and pictures help"),
        gettext_lazy("Headings say what comes; pictures show what the text says, and nothing else."),
    ),
    "easy:same": (
        gettext_lazy("Says the same as the standard text"),
        gettext_lazy("What, where and until when are the same in both."),
    ),
}


class Advice(NamedTuple):
    """What is said about the hurdles of one kind in a field, and how to mend them."""

    says: Callable[[Sequence[Hurdle]], str]
    mend: str


def is_easy(edition: Edition) -> bool:
    """Return whether an edition is in easy language."""
    return edition.reading_level == ReadingLevel.EASY


def hard_places(desk: Workspace) -> Iterator[Finding]:
    """Find what makes an edition in easy language hard: one piece of advice for each kind of thing in a field."""
    for edition in filter(is_easy, desk.editions):
        for name in FIELDS:
            by_kind: dict[str, list[Hurdle]] = {}
            for hurdle in reading_hurdles.hurdles(getattr(edition, name), edition.language):
                by_kind.setdefault(hurdle.kind, []).append(hurdle)
            for kind in reading_hurdles.KINDS:
                if found := by_kind.get(kind):
                    says, mend = ADVICE_ON[kind]
                    yield Finding(
                        ADVICE,
                        f"easy-{kind}",
                        in_edition(edition, name),
                        says(found),
                        _(mend),
                        place=at_edition(edition, name),
                        found="|".join(one.words for one in found),
                    )


def quoted(words: str) -> str:
    """Return some words between quotation marks, of long ones the first."""
    return _("“%(words)s”") % {"words": shortened(words, LONGEST_QUOTE)}


def named(found: Sequence[Hurdle], *, sizes: bool = False) -> str:
    """Return the first of the words that were found, each in quotation marks, with their `sizes` in letters when asked for."""
    told = [
        _("“%(words)s” (%(count)d letters)") % {"words": one.words, "count": one.size} if sizes else quoted(one.words)
        for one in found[:MOST_NAMED]
    ]
    return ", ".join(told) + (" …" if len(found) > MOST_NAMED else "")


def longest(found: Sequence[Hurdle]) -> dict[str, object]:
    """Return what a sentence about the largest of several hurdles says."""
    worst = max(found, key=lambda one: one.size)
    return {"count": len(found), "size": worst.size, "words": quoted(worst.words)}


def long_sentences(found: Sequence[Hurdle]) -> str:
    """Say how many sentences are long, and which is the longest."""
    return ngettext(
        "A sentence has %(size)d words: %(words)s",
        "%(count)d sentences are long. The longest has %(size)d words: %(words)s",
        len(found),
    ) % longest(found)


def long_paragraphs(found: Sequence[Hurdle]) -> str:
    """Say how many paragraphs are long, and how the longest begins."""
    return ngettext(
        "A paragraph has %(size)d words: %(words)s",
        "%(count)d paragraphs are long. The longest has %(size)d words: %(words)s",
        len(found),
    ) % longest(found)


ADVICE_ON: dict[str, Advice] = {
    reading_hurdles.SENTENCE: Advice(long_sentences, gettext_noop("Make two or three sentences of it.")),
    reading_hurdles.CLAUSES: Advice(
        lambda found: _("Several ideas in one sentence: %(words)s") % {"words": named(found)},
        gettext_noop("Say one thing in a sentence, and the next in another."),
    ),
    reading_hurdles.WORD: Advice(
        lambda found: _("Long words: %(words)s") % {"words": named(found, sizes=True)},
        gettext_noop("Use a shorter word, say it in several, or explain it."),
    ),
    reading_hurdles.PASSIVE: Advice(
        lambda found: _("Nobody does it: %(words)s") % {"words": named(found)},
        gettext_noop("Say who does it, or speak to the reader."),
    ),
    reading_hurdles.NUMBER: Advice(
        lambda found: _("Numbers that are hard to picture: %(words)s") % {"words": named(found)},
        gettext_noop("Round them, compare them with something, or leave them out."),
    ),
    reading_hurdles.NUMBERS: Advice(
        lambda found: _("Many numbers in one sentence: %(words)s") % {"words": named(found)},
        gettext_noop("Make a list, with one number in a line."),
    ),
    reading_hurdles.ABBREVIATION: Advice(
        lambda found: _("Short forms: %(words)s") % {"words": named(found)},
        gettext_noop("Write them out; say what an organisation does when you name it first."),
    ),
    reading_hurdles.BRACKETS: Advice(
        lambda found: _("Brackets or a semicolon: %(words)s") % {"words": named(found)},
        gettext_noop("Give it a sentence of its own, or leave it out."),
    ),
    reading_hurdles.PARAGRAPH: Advice(
        long_paragraphs, gettext_noop("Begin a new paragraph with each new thing, or make a list.")
    ),
    reading_hurdles.LINE: Advice(
        lambda found: _("A heading is longer than a line: %(words)s") % {"words": named(found)},
        gettext_noop("Shorten it to at most 60 characters."),
    ),
}
