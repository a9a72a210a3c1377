"""
Parts of pages that are the same for everyone who may see them: made once, and shown to all who ask within seconds.

Whoever asks for one has been found to have the right to it; its key says all else that decides what is in it.
"""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.utils.translation import get_language

FRESH = 4.0  # seconds for which a part is shown as it is
KEPT = 60  # seconds for which an older one is shown to others while somebody makes a new one
MAKING = 10  # seconds after which another may try


def shared_part[Part](name: str, key: Any, make: Callable[[], Part], *, anew: bool = False) -> Part:
    """
    Return what `make` returned for this name, key and language within the last seconds; one caller makes it, the others get
    the one before. With `anew` it is made in any case.
    """
    place = f"part:{name}:{key}:{get_language()}"
    kept = None if anew else cache.get(place)
    if kept is not None:
        made_at, part = kept
        if time.time() - made_at < FRESH or not cache.add(f"{place}:making", 1, MAKING):
            return part
    part = make()
    cache.set(place, (time.time(), part), KEPT)
    cache.delete(f"{place}:making")
    return part
