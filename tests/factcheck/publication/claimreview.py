"""
What a ClaimReview must have and may have, as documented. Tests check what the site gives out against this table.

Required and recommended: https://developers.google.com/search/docs/appearance/structured-data/factcheck
Properties and types: https://schema.org/ClaimReview, /Claim, /Rating, /CreativeWork, /DataFeed and /DataFeedItem
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_url(value: Any) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else None
    return bool(parts and parts.scheme in {"http", "https"} and parts.netloc and " " not in value)


def is_date(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def is_moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def is_when(value: Any) -> bool:
    return is_date(value) or is_moment(value)


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_language(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value))


def either(*allowed: Any) -> Callable[[Any], bool]:
    return lambda value: value in allowed


REQUIRED, RECOMMENDED, ALLOWED = "required", "recommended", "allowed"

# {type: {property: (how much it is wanted, what its value is: a test, or the types of a thing)}}
TABLE: dict[str, dict[str, tuple[str, Any]]] = {
    "ClaimReview": {
        "claimReviewed": (REQUIRED, is_text),
        "reviewRating": (REQUIRED, ["Rating"]),
        "url": (REQUIRED, is_url),
        "author": (RECOMMENDED, ["Organization", "Person"]),
        "itemReviewed": (RECOMMENDED, ["Claim"]),
        "datePublished": (RECOMMENDED, is_when),
        "dateModified": (ALLOWED, is_when),
        "name": (ALLOWED, is_text),
        "inLanguage": (ALLOWED, is_language),
        "version": (ALLOWED, is_number),
        "expires": (ALLOWED, is_when),
        "citation": (ALLOWED, ["CreativeWork"]),
        "correction": (ALLOWED, ["CorrectionComment"]),
        "publishingPrinciples": (ALLOWED, is_url),
        "creativeWorkStatus": (ALLOWED, either("Exercise")),
    },
    "Rating": {
        "alternateName": (REQUIRED, is_text),
        "ratingExplanation": (ALLOWED, is_text),
        "ratingValue": (ALLOWED, is_number),
        "bestRating": (ALLOWED, is_number),
        "worstRating": (ALLOWED, is_number),
    },
    "Organization": {"name": (REQUIRED, is_text), "url": (ALLOWED, is_url)},
    "Claim": {
        "datePublished": (RECOMMENDED, is_when),
        "firstAppearance": (RECOMMENDED, ["CreativeWork"]),
        "appearance": (RECOMMENDED, ["CreativeWork"]),
    },
    "CreativeWork": {
        "name": (ALLOWED, is_text),
        "url": (ALLOWED, is_url),
        "publisher": (ALLOWED, ["Organization"]),
        "datePublished": (ALLOWED, is_when),
        "inLanguage": (ALLOWED, is_language),
        "sameAs": (ALLOWED, is_url),
        "archivedAt": (ALLOWED, is_url),
    },
    "CorrectionComment": {"text": (REQUIRED, is_text), "datePublished": (ALLOWED, is_when)},
    "DataFeed": {
        "dataFeedElement": (REQUIRED, ["DataFeedItem"]),
        "name": (REQUIRED, is_text),
        "url": (ALLOWED, is_url),
        "inLanguage": (ALLOWED, is_language),
        "provider": (ALLOWED, ["Organization"]),
        "dateModified": (REQUIRED, is_moment),
        "creativeWorkStatus": (ALLOWED, either("Exercise")),
    },
    "DataFeedItem": {
        "url": (REQUIRED, is_url),
        "dateCreated": (REQUIRED, is_moment),
        "dateModified": (REQUIRED, is_moment),
        "dateDeleted": (ALLOWED, is_moment),
        "item": (REQUIRED, ["ClaimReview"]),
    },
}

# What would make a search engine leave it out altogether, or read it as something else.
WORST_AT_LEAST = 1


def faults_of(thing: Any, *, wanted: str = RECOMMENDED, where: str = "") -> list[str]:
    """Return what is wrong with a thing: all that is wanted must be there, and nothing that the table does not know."""
    return list(_faults(thing, wanted, where))


def _faults(thing: Any, wanted: str, where: str) -> Iterator[str]:
    if not isinstance(thing, dict) or thing.get("@type") not in TABLE:
        yield f"{where or 'it'} is no known thing: {thing!r}"
        return
    kind = thing["@type"]
    where = f"{where}.{kind}" if where else kind
    table = TABLE[kind]
    levels = {REQUIRED} if wanted == REQUIRED else {REQUIRED, RECOMMENDED}
    yield from (f"{where} lacks {name}" for name, (level, _) in table.items() if level in levels and name not in thing)
    for name, value in thing.items():
        if name in {"@context", "@type"}:
            continue
        if name == "@id":
            if not is_url(value):
                yield f"{where} has a broken @id: {value!r}"
            continue
        if name not in table:
            yield f"{where} has {name}, which it cannot have"
            continue
        yield from _value_faults(value, table[name][1], wanted, f"{where}.{name}")
    if kind == "Rating":
        yield from _scale_faults(thing, where)


def _value_faults(value: Any, kind: Any, wanted: str, where: str) -> Iterator[str]:
    if callable(kind):
        if not kind(value):
            yield f"{where} is {value!r}"
        return
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict) or one.get("@type") not in kind:
            yield f"{where} is none of {kind}: {one!r}"
        else:
            yield from _faults(one, wanted, where)


def _scale_faults(rating: dict[str, Any], where: str) -> Iterator[str]:
    """Find a number without its scale, or outside it; verdicts in words alone have neither."""
    numbers = [name for name in ("ratingValue", "bestRating", "worstRating") if name in rating]
    if numbers and len(numbers) < 3:
        yield f"{where} has only {numbers} of a scale"
    elif numbers:
        worst, value, best = rating["worstRating"], rating["ratingValue"], rating["bestRating"]
        if worst < WORST_AT_LEAST or not worst <= value <= best or worst >= best:
            yield f"{where} is out of its scale: {worst} ≤ {value} ≤ {best}"
