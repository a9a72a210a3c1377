"""
Pictures of the fact, never of the claim (campaigns/cards/statement_cards.py). Another fact, or one that was published under another
name of the campaign, is another file.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.cards import check_codes, statement_cards
from factcheck.models import ClaimVersion
from lib.http import url_parts
from lib.images.card import Spec, TooLong, draw, lay_out, thumbnail
from lib.images.picture_sizes import Ratio
from lib.text.dates import validity_phrases
from lib.text.languages.languages import site_language

__all__ = ["Ratio", "TooLong", "alt_text", "card_url", "fits", "mark", "spec_of"]

FOLDER = "facts"


def card_url(version: ClaimVersion, language: str, ratio: str = Ratio.SQUARE) -> str:
    """Return the address (a path) of the picture of a fact in a language and size; needs `claim` at hand."""
    with override(language):
        return reverse("factcheck:card", args=[version.slug, version.number, language, Ratio(ratio).value])


def alt_text(version: ClaimVersion, language: str) -> str:
    """Return the text alternative of such a picture, in its language."""
    with override(language):
        fact = " ".join(version.fact[language].split())
        label = f"{_('Corrected')}: " if is_corrected(version) else ""
        end = "" if fact[-1:] in ".!?" else "."
        source = source_line(version.evidence, language)
        validity = validity_phrases.valid_until(version.valid_until, version.words.zone)
    return f"{label}{fact}{end} {validity}.{f' {source}.' if source else ''}"


def fits(version: ClaimVersion, language: str) -> bool:
    """Return whether the fact has words in a language, few enough for a picture."""
    if not version.fact.get(language, "").strip():
        return False
    # The longest label on each side: what fits so fits with any of them.
    full = Spec(language, "", version.fact[language], "x", "x", "x", "#x", "x", exercise="x", corrected="x", issuer="x")
    try:
        lay_out(full, Ratio.SQUARE)
    except TooLong:
        return False
    return True


def spec_of(version: ClaimVersion, language: str) -> Spec:
    """Return what is on the picture of a fact: only what was printed with it; needs `claim` at hand."""
    with override(language):
        return statement_cards.spec_of(
            version,
            language,
            key=version.slug,
            words=version.fact[language],
            source=source_line(version.evidence, language),
            label=_("Fact-check"),
            is_corrected=is_corrected(version),
        )


def mark(version: ClaimVersion, language: str, ratio: str) -> str:
    """Return what tells a picture from every other one."""
    return statement_cards.mark(spec_of(version, language), ratio)


def cached_card(version: ClaimVersion, language: str, ratio: str, *, at: datetime) -> bytes:
    """
    Return a picture as PNG, from where it is kept or drawn and kept now; needs `claim` at hand. One that was published
    before there were codes gets its own now. Raise TooLong.
    """
    spec = spec_of(version, language)

    def drawn() -> bytes:
        claim = version.claim
        codes = check_codes.give(claim.campaign, check_codes.Kind.FACT, claim.pk, [spec.statement], at=at)
        return draw(spec, ratio, check_codes.address(codes[spec.statement]))

    return statement_cards.kept(f"{FOLDER}/{statement_cards.mark(spec, ratio)}.png", drawn)


def small_card(version: ClaimVersion, language: str, ratio: str, *, at: datetime) -> bytes:
    """Return the same as a small WebP picture, kept beside it. Raise TooLong."""
    name = f"{FOLDER}/{mark(version, language, ratio)}.webp"
    return statement_cards.kept(name, lambda: thumbnail(cached_card(version, language, ratio, at=at)))


def check_url(version: ClaimVersion, language: str) -> str:
    """Return where anyone can check a fact: the address of its code, or of its fact-check where none was given yet; one query."""
    claim = version.claim
    given = check_codes.codes_of(check_codes.Kind.FACT, claim.pk)
    if code := given.get(version.statement_in(language), ""):
        return check_codes.address(code)
    with override(site_language(language, claim.campaign.default_language)):
        return settings.PUBLIC_URL + reverse("short_fact", args=[claim.pk])


# --- Parts -----------------------------------------------------------------------------------------


def source_names(evidence: Sequence[dict[str, Any]], language: str) -> list[str]:
    """
    Return who published a version's evidence, each once, those in `language` first. What is in another language is named by its
    site, which has none: nobody reads "Statsrådet" as the source of a Finnish picture.
    """
    own, others = [], []
    for one in evidence:
        if one.get("language") in {None, "", language}:
            own.append(one.get("publisher") or "")
        else:
            others.append(url_parts.site_of(one.get("url") or "") or one.get("publisher") or "")
    return [name for name in dict.fromkeys((*own, *others)) if name]


def source_line(evidence: Sequence[dict[str, Any]], language: str) -> str:
    """Return who published what a verdict rests on, in the active language, which is `language`; "" for nobody."""
    names = source_names(evidence, language)
    if not names:
        return ""
    if len(names) == 1:
        return _("Source: %(source)s") % {"source": names[0]}
    return _("Sources: %(sources)s") % {"sources": ", ".join(names)}


def is_corrected(version: ClaimVersion) -> bool:
    """Return whether a version says otherwise than an earlier one."""
    return version.kind == ClaimVersion.Kind.CORRECTION
