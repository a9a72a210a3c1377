"""The passages that comments are about, found again after their text has changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bulletins.facts.text_places import TextPlace, places
from bulletins.models import Comment, Edition, Parts, Variant
from campaigns.models import ReadingLevel

STEPS = {"edition": "write", "message": "messages", "action": "messages", "variant": "channels"}


@dataclass(frozen=True)
class Passage:
    """Words of a text, as somebody selected them: `start` signs from its beginning, between `before` and `after`."""

    quote: str
    before: str = ""
    after: str = ""
    start: int = 0

    @classmethod
    def of(cls, comment: Comment) -> "Passage":
        """Return the passage of a comment."""
        return cls(comment.quote, comment.before, comment.after, comment.start)

    def found_in(self, text: str) -> int | None:
        """
        Return where it begins in a text, None when its words are gone. Of several the one that has the most of the words around
        it counts, and then the one nearest to where it was.
        """
        return max(occurrences(self.quote, text), key=lambda at: self.likeness(text, at), default=None)

    def likeness(self, text: str, at: int) -> tuple[int, int]:
        """Return how many of the signs around it stand around the place `at`, and how near that is; more is better."""
        end = at + len(self.quote)
        around = text[max(0, at - len(self.before)) : at], text[end : end + len(self.after)]
        alike = alike_at_start(around[0][::-1], self.before[::-1]) + alike_at_start(around[1], self.after)
        return alike, -abs(at - self.start)


def alike_at_start(one: str, other: str) -> int:
    """Return with how many signs that are the same two texts begin."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def occurrences(quote: str, text: str) -> Iterator[int]:
    """Yield where a quote begins in a text, without those that begin in another."""
    at = text.find(quote) if quote else -1
    while at >= 0:
        yield at
        at = text.find(quote, at + len(quote))


def commentable(parts: Parts) -> list[TextPlace]:
    """Return the texts that can be commented, in the order of the page; a few queries, whatever there is."""
    return [place for place in places(parts) if kind_of(place.key) in STEPS]


def kind_of(key: str) -> str:
    """Return what kind of place a key names."""
    return key.partition(":")[0]


def step_of(key: str) -> str:
    """Return the step of the editor in which a place is."""
    return STEPS.get(kind_of(key), "write")


def anchor_of(place: TextPlace) -> str:
    """Return the id that the field of a place has in the editor."""
    row = place.row
    if isinstance(row, Edition):
        level = "" if row.reading_level == ReadingLevel.STANDARD else f"-{row.reading_level}"
        return f"at-edition-{row.language}{level}-{place.field}"
    if isinstance(row, Variant):
        return f"at-variant-{place.language}-{row.platform}-{place.field}"
    return f"at-{place.key.replace(':', '-')}"


def place_at(anchor: str, texts: Sequence[TextPlace]) -> TextPlace | None:
    """Return the text whose field has an id, None where nothing is written yet."""
    return next((one for one in texts if anchor_of(one) == anchor), None)


def browser_offset(text: str, at: int) -> int:
    """Return the number that a browser gives to a place in a text: it counts UTF-16 units."""
    return len(text[:at].encode("utf-16-le")) // 2
