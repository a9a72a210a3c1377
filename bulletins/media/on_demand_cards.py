"""
Pictures of a published version that are drawn when somebody first asks for one, and kept: the other tones of its messages
(card_themes.on_demand).

A thousand who ask at once make one drawing: the first has the claim, the others are told to come again in a second, as is
whoever comes while this process draws for somebody else. So the other threads stay free, and there is always a card that
was drawn ahead to show meanwhile.
"""

import contextlib
import threading
from collections.abc import Iterator
from datetime import datetime

from django.core.cache import cache

from bulletins.models import Card, Version
from campaigns.cards import check_codes
from lib.images.card import Spec, digest

from . import card_themes, message_cards

SLOT = threading.BoundedSemaphore(1)  # one picture is drawn in a process
CLAIM = 20  # seconds: so long after somebody died over a picture, another draws it


class Busy(Exception):
    """Somebody is drawing: ask again in a second."""


@contextlib.contextmanager
def slot() -> Iterator[None]:
    """Draw while nobody else does in this process. Raise Busy."""
    if not SLOT.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        SLOT.release()


def spec_of(version: Version, *, language: str, key: str, theme: str, tone: str) -> Spec | None:
    """Return what is on a card of a published version, None when there is none; two queries."""
    specs = [one for one in message_cards.specs_published(version, language) if one.key == key]
    wanted = (card_themes.CARD, theme, tone)
    return next((one for one in card_themes.every(specs) if (one.kind, one.theme, one.tone) == wanted), None)


def card_of(version: Version, spec: Spec, ratio: str, *, at: datetime) -> Card | None:
    """
    Return the picture, drawn now if it was not yet; None when its words have no room. Raise Busy. One query when it is
    there.
    """
    bulletin, mark = version.bulletin, digest(spec)
    same = bulletin.cards.filter(digest=mark, ratio=ratio)
    if (card := same.first()) or not card_themes.fits(spec, ratio):
        return card
    with slot():
        claim = f"card:{mark}:{ratio}"
        if not cache.add(claim, 1, timeout=CLAIM):
            raise Busy
        try:
            if card := same.first():  # it was finished meanwhile
                return card
            codes = check_codes.give(bulletin.campaign, check_codes.Kind.BULLETIN, bulletin.pk, [spec.statement], at=at)
            code = codes[spec.statement]
            if made := message_cards.picture_of(spec, ratio, code):
                message_cards.store(bulletin, mark, spec, ratio, made, code=code, at=at)
        finally:
            cache.delete(claim)
    return same.first()
