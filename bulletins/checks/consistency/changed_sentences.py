"""What the text of a correction says otherwise than the version before, sentence by sentence, whoever wrote it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _

from bulletins.models import Edition
from campaigns.models import ReadingLevel
from lib.text import markup
from lib.text.linguistics.sentences import sentences_in
from lib.text.linguistics.stemming import stem
from lib.text.revisions.word_diff import Matcher

from ..findings import ADVICE, Finding, Workspace, language_name, shortened
from .figures_match import facts
from .marked_words import is_among, pattern, values_of
from .update_facts import ALIKE, LONGEST, bare

MOST = 40  # sentences that differ; more are another text, of which nothing is said sentence by sentence
NAMED = 0.6  # of the words of a sentence, so that another text says it

type Pair = tuple[str, str]  # a sentence as it was and as it is now


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences that read otherwise now, those that came, and those that are gone."""

    reworded: list[Pair] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a Markdown text in plain words."""
    return [one.strip() for block in markup.blocks(text) for one in sentences_in(block)]


@lru_cache(maxsize=256)  # the same texts are compared again after every autosave
def changes_between(was: str, now: str, language: str) -> Changes:
    """Return what of a text reads otherwise now. Sentences that only stand elsewhere are the same, and of another text nothing is said."""
    old, new = sentences_of(was), sentences_of(now)
    known, kept = {bare(one) for one in old}, {bare(one) for one in new}
    gone = [one for one in old if bare(one) not in kept]
    came = [one for one in new if bare(one) not in known]
    if max(len(gone), len(came)) > MOST:
        return Changes()
    before = dict(partners_in(gone, came, language))
    return Changes(
        [(gone[before[at]], one) for at, one in enumerate(came) if at in before],
        [one for at, one in enumerate(came) if at not in before],
        [one for at, one in enumerate(gone) if at not in before.values()],
    )


def partners_in(gone: Sequence[str], came: Sequence[str], language: str) -> Iterator[tuple[int, int]]:
    """Yield (position in `came`, position in `gone`) of sentences that stand for each other, the most alike first, each once."""
    old, new = ([pattern(one, language) for one in some] for some in (gone, came))
    alike = sorted(
        ((Matcher(was, now).ratio(), -at, -position) for at, now in enumerate(new) for position, was in enumerate(old)),
        reverse=True,
    )
    taken: set[tuple[str, int]] = set()
    for ratio, at, position in alike:
        if ratio >= ALIKE and not taken & {("came", at), ("gone", position)}:
            taken |= {("came", at), ("gone", position)}
            yield -at, -position


def unnamed(desk: Workspace) -> Iterator[Finding]:
    """Find what the text of a correction says anew and *What changed* does not: once for each language. Readers of digests read only that."""
    for before in desk.earlier:
        edition = next((one for one in desk.standard if one.language == before.language), None)
        if edition is None or before.reading_level != ReadingLevel.STANDARD:
            continue
        said = desk.bulletin.what_changed.get(edition.language, "")
        if said and (new := list(untold_in(edition, before.body, said))):
            yield Finding(
                ADVICE,
                "unnamed-change",
                language_name(edition.language),
                _("The text says anew what “What changed” does not name: “%(words)s”")
                % {"words": shortened(new[0], LONGEST)},
                _("Name it there too: whoever gets a digest reads only that."),
                place=f"changed:{edition.language}",
                found="|".join(new),
            )


def untold_in(edition: Edition, before: str, said: str) -> Iterator[str]:
    """Yield the sentences of an edition that came since `before`, or have another value now, and are not `said`."""
    code = edition.language
    found = changes_between(before, edition.body, code)
    told = facts(said, code)
    for one in found.new:
        values = values_of(one, code)
        if not (all(is_among(value, told) for value in values) if values else is_named(one, said, code)):
            yield one
    for was, now in found.reworded:
        known = values_of(was, code)
        if any(not is_among(value, [*known, *told]) for value in values_of(now, code)):
            yield now


def is_named(sentence: str, said: str, language: str) -> bool:
    """Return whether a text has nearly all words of a sentence, in whatever form."""
    words, known = ({stem(word, language) for word in re.findall(r"\w+", text.casefold())} for text in (sentence, said))
    return not words or len(words & known) >= NAMED * len(words)
