"""
Which of our cards a picture looks like: each card keeps 64 bits of how it looks (lib/images/likeness.py), and each process
knows them all by heart. A hundred thousand are compared in some hundredths of a second, on either database.
"""

import threading
from array import array

from bulletins.models import Card
from lib.images import likeness

AT_ONCE = 10_000  # rows that are read in one query
NEAREST = 20


class Known:
    """The looks of all cards, which are read once and then only as far as there are new ones. They never change."""

    def __init__(self) -> None:
        self.keys, self.looks = array("q"), array("q")
        self._reading = threading.Lock()

    def refresh(self) -> None:
        """Read what is new; one query, and one more for each AT_ONCE cards."""
        with self._reading:
            while True:
                last = self.keys[-1] if self.keys else 0
                new = Card.objects.filter(pk__gt=last).exclude(likeness=None).order_by("pk")
                rows = list(new.values_list("pk", "likeness")[:AT_ONCE])
                self.keys.extend(pk for pk, _look in rows)
                self.looks.extend(look for _pk, look in rows)
                if len(rows) < AT_ONCE:
                    return

    def nearest(self, look: int) -> list[int]:
        """Return the keys of the cards that look alike, the most alike first, at most NEAREST."""
        whole = (1 << 64) - 1
        found = [
            (differ, key)
            for key, other in zip(self.keys, self.looks, strict=False)
            if (differ := ((look ^ other) & whole).bit_count()) <= likeness.ALIKE
        ]
        return [key for _differ, key in sorted(found)[:NEAREST]]


known = Known()


def similar_cards(look: int) -> list[Card]:
    """Return the cards that look like a picture, published or not, the most alike first; two queries or so."""
    known.refresh()
    keys = known.nearest(look)
    rows = Card.objects.select_related("bulletin__campaign").in_bulk(keys)
    return [rows[key] for key in keys if key in rows]
