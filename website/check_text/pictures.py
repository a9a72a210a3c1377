"""
Whether a picture is ours and still what it was: by the code on it, and by how it looks. It is read in memory and written
nowhere.
"""

import contextlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image

from bulletins.media import similar_cards
from bulletins.models import Card
from campaigns.cards import check_codes
from lib.http import url_parts
from lib.images import code_reader, likeness, uploaded_images
from lib.images.code_reader import Code
from lib.images.likeness import Likeness
from lib.text.characters import spoken_codes
from website.check_codes import lookup

MOST_BYTES = 12 * 1024 * 1024
MOST_PHOTO = 64 * uploaded_images.MEGAPIXEL  # of a photograph, which is reduced while it is decoded
LOOKED_AT = 4 * uploaded_images.MEGAPIXEL  # larger ones are made smaller before anything else
ENOUGH = 2 * uploaded_images.MEGAPIXEL  # to which a photograph may be reduced while it is decoded
LOOKED_THROUGH, COMPARED = 40, 3  # cards with a code, and how many of them are laid over a picture
OTHER_LOOK = 2  # times as different as one that was changed: then it is another size or theme
KEPT_LOOKS = 200  # small pictures of cards whose looks a process keeps, 25 kB each


class Sight(StrEnum):
    """
    What a picture turned out to be. Within: ours is in it unchanged, with something beside it that is not ours. Unmatched: it carries a code of ours, but does not look like our card. Alike: it has no
    code that can be read and looks like one of ours. Elsewhere: its QR code leads to somebody else.
    """

    SAME = "same"
    WITHIN = "within"
    CHANGED = "changed"
    UNMATCHED = "unmatched"
    ALIKE = "alike"
    UNKNOWN_CODE = "unknown"
    ELSEWHERE = "elsewhere"
    NOTHING = "nothing"


WHOLE = {Likeness.SAME: Sight.SAME, Likeness.WITHIN: Sight.WITHIN}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about a picture. `context` is what the page of its code shows; `host` is where its QR code leads."""

    sight: Sight
    code: str = ""
    context: dict[str, Any] | None = None
    host: str = ""


def examine(data: bytes, *, at: datetime) -> Finding:
    """Return what a picture is. Raise Unusable for what is no picture, or too large to be looked at."""
    with uploaded_images.looked_at(data, most_reduced=MOST_PHOTO, enough=ENOUGH) as picture:
        grey = in_grey(picture)
        del picture  # which takes ten times as much memory
        codes = code_reader.codes_in(grey)
        ours = [(one, code) for one in codes if (code := code_of(one.text))]
        for place, code in ours:
            context = lookup.look_up(code, lookup.published_campaign_of(code), at=at)
            if context is not None:
                return Finding(by_code(grey, place, pictures_of(code, context)), spoken_codes.in_groups(code), context)
        if ours:
            return Finding(Sight.UNKNOWN_CODE, spoken_codes.in_groups(ours[0][1]))
        elsewhere = next((host for one in codes if (host := host_of(one.text))), "")
        return by_look(grey, at=at, host=elsewhere)


def in_grey(picture: Image.Image) -> Image.Image:
    """Return a picture in grey, no larger than a code needs; what is transparent in it is white, as on most pages."""
    times = math.sqrt(picture.width * picture.height / LOOKED_AT)
    if times > 1:
        picture = picture.resize(
            (max(1, round(picture.width / times)), max(1, round(picture.height / times))), reducing_gap=2
        )
    grey = picture.convert("L")
    if picture.mode == "RGBA":
        grey = Image.composite(grey, Image.new("L", grey.size, 255), picture.getchannel("A"))
    return grey


# --- By its code ------------------------------------------------------------------------------------------------


def code_of(text: str) -> str:
    """Return the code in an address of ours, "" for anything else."""
    parts = url_parts.parts_of(text.strip().lower())
    ours = url_parts.parts_of(settings.PUBLIC_URL.lower())
    if parts is None or ours is None or parts.netloc != ours.netloc:
        return ""
    before, slash, typed = parts.path.strip("/").rpartition("/")
    return check_codes.read(typed) if slash and before.rpartition("/")[2] == "c" else ""


def host_of(text: str) -> str:
    """Return the host of an address that is not ours, "" for what is no address."""
    address = text.strip()
    return url_parts.host_of(address)[:100] if address.lower().startswith(("http://", "https://")) else ""


def pictures_of(code: str, context: dict[str, Any]) -> list[str]:
    """
    Return the stored names of the small pictures that carry a code: all sizes and looks of a bulletin's cards, and those of a
    fact-check or an answer that holds.
    """
    if small := context.get("small_pictures"):
        return list(small())
    newest = getattr(context["found"], "newest", None)
    cards = newest.bulletin.cards.filter(code=code).order_by("-pk")[:LOOKED_THROUGH] if newest else []
    return [card.thumbnail for card in cards]


def by_code(grey: Image.Image, place: Code, names: Iterable[str]) -> Sight:
    """
    Return what a picture with a code is, next to our small ones that carry this code, by their stored names: all sizes and looks
    of it, the likeliest first. One that is the same ends it, and so does one that was changed when the others look quite different.
    """
    found, reach = Sight.UNMATCHED, math.inf
    for differs, name, guess in likely(grey, names, place):
        ours = small_picture(name) if differs <= reach else None
        result = likeness.compare(grey, ours, guess) if ours else Likeness.UNLIKE
        if result in WHOLE:
            return WHOLE[result]
        if result == Likeness.CHANGED:
            found, reach = Sight.CHANGED, min(reach, OTHER_LOOK * differs)
    return found


def likely(grey: Image.Image, names: Iterable[str], place: Code) -> Sequence[tuple[float, str, likeness.Place | None]]:
    """Return the small pictures that differ least at first sight, with how much, and where each may lie."""
    few = likeness.coarsely(grey)
    rows: list[tuple[float, str, likeness.Place | None]] = []
    for name in names:
        with contextlib.suppress(OSError):
            theirs, sample = look_of(name)
            guess = likeness.guessed(place, theirs) if theirs else None
            rows.append((likeness.roughly(few, sample, guess), name, guess))
    return sorted(rows, key=lambda row: row[0])[:COMPARED]


@lru_cache(maxsize=KEPT_LOOKS)
def look_of(thumbnail: str) -> tuple[Code | None, Image.Image]:
    """Return where the code is on a small picture of ours, and how it looks coarsely. A file never changes. Raise OSError when it is gone."""
    with default_storage.open(thumbnail) as file, Image.open(file) as opened:
        ours = opened.convert("L")
    return next(iter(code_reader.codes_in(ours)), None), likeness.coarsely(ours)


def small_picture(name: str) -> Image.Image | None:
    """Return a small picture of ours in grey, None when it is gone."""
    try:
        with default_storage.open(name) as file, Image.open(file) as opened:
            return opened.convert("L")
    except OSError:
        return None


# --- By how it looks ------------------------------------------------------------------------------------------


def by_look(grey: Image.Image, *, at: datetime, host: str) -> Finding:
    """Return what a picture without a code of ours is: a card of ours that anyone may see, or nothing; few are laid over it."""
    compared: set[str] = set()
    for card in alike(grey):
        if card.code in compared or len(compared) == COMPARED:
            continue
        context = lookup.look_up(card.code, lookup.published_campaign_of(card.code), at=at)
        if context is None:
            continue
        compared.add(card.code)
        ours = small_picture(card.thumbnail)
        result = likeness.compare(grey, ours, None) if ours else Likeness.UNLIKE
        if result != Likeness.UNLIKE:
            sight = Sight.ELSEWHERE if host else WHOLE.get(result, Sight.ALIKE)
            return Finding(sight, spoken_codes.in_groups(card.code), context, host)
    return Finding(Sight.ELSEWHERE, host=host) if host else Finding(Sight.NOTHING)


def alike(grey: Image.Image) -> Sequence[Card]:
    """Return the cards with a code that a picture of their shape looks like, those that differ least first."""
    few = likeness.coarsely(grey)
    rows: list[tuple[float, Card]] = []
    for card in similar_cards.similar_cards(likeness.hash_of(grey)):
        with contextlib.suppress(OSError):
            differs = likeness.roughly(few, look_of(card.thumbnail)[1], None) if card.code else math.inf
            if differs < math.inf:
                rows.append((differs, card))
    return [card for _differs, card in sorted(rows, key=lambda row: row[0])]
