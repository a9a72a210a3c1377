"""
A campaign that is closed: nothing new begins in it, and what was begun is brought to its end, so that the same people hear the
same. Apps above say what that is.
"""

from collections.abc import Callable, Iterable

from .models import Campaign

# Each yields in sentences what goes on, or does not begin any more, in a campaign that is closed.
Telling = Callable[[Campaign], Iterable[str]]
_tellers: list[Telling] = []


def register(tell: Telling) -> None:
    """Ask `tell` for every campaign that is closed."""
    _tellers.append(tell)


def told(campaign: Campaign) -> list[str]:
    """Return what is still to be known of a campaign that is closed, in sentences."""
    return [sentence for tell in _tellers for sentence in tell(campaign)]
