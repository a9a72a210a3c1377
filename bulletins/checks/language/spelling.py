"""
Words that no dictionary of their language has, as advice: it stops nothing, and without a dictionary there is none. What the
glossary has in any language is right.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from bulletins.editing.translation import glossary
from campaigns.models import GlossaryTerm
from lib.text.linguistics import spelling

from ..findings import ADVICE, Finding, Workspace

CODE = "spelling"
MOST = 20  # words of one text that are told of
SECONDS = 0.12  # for what words may be meant for, while a page waits; more come when it is asked for again


def unknown_words(desk: Workspace) -> Iterator[Finding]:
    """Find words that no dictionary has, each once in a text; with any, one query for the glossary."""
    terms: list[dict[str, str]] | None = None
    of_campaign = GlossaryTerm.objects.filter(campaign=desk.bulletin.campaign_id).values_list("term", flat=True)
    for code, where, place, text in desk.texts:
        told = 0
        if is_as_spoken(place):
            continue
        for word in spelling.unknown_words(text, code):
            if terms is None:
                terms = list(of_campaign)
            if told < MOST and not glossary.is_of_terms(word, terms, code):
                told += 1
                yield Finding(
                    ADVICE,
                    CODE,
                    where,
                    _("“%(word)s” is in no dictionary.") % {"word": word},
                    _("Check the spelling. A word that is right can go into the glossary."),
                    place=place,
                    found=f"{code}:{word}",
                )


def is_as_spoken(place: str) -> bool:
    """Return whether a text may be written as people speak, where each line would be a mistake: for one channel, or in another tone."""
    kind, *rest = place.split(":")
    return kind == "variant" or (kind == "message" and len(rest) > 2)


def with_suggestions(found: Iterable[Finding], *, seconds: float = SECONDS) -> list[Finding]:
    """Return the findings, those of spelling with the words that are likely meant, as far as they are found in so many seconds."""
    until = time.monotonic() + seconds
    return [_suggesting(one, until) if one.code == CODE else one for one in found]


def _suggesting(finding: Finding, until: float) -> Finding:
    code, _colon, word = finding.found.partition(":")
    meant = spelling.suggestions(word, code, until=until)
    if not meant:
        return finding
    others = ", ".join(_("“%(words)s”") % {"words": other} for other in meant)
    is_asset = finding.place.startswith("asset:")
    return replace(
        finding,
        mend=_("Is it %(words)s? A word that is right can go into the glossary.") % {"words": others},
        replace=None if is_asset else (word, meant[0]),
    )
