"""What apps above this one show on the portal's front page. Each registers its own when it starts (apps.py)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.models import Campaign
from influencers.models import Influencer


@dataclass(frozen=True)
class Cards:
    """One kind: the `template` that shows its `cards`, and what finds those of an influencer; one query at most."""

    key: str
    template: str
    find: Callable[..., list[Any]]


_kinds: dict[str, Cards] = {}


def register(kind: Cards) -> None:
    """Add a kind. Raise ValueError when another has the key already."""
    if _kinds.setdefault(kind.key, kind) is not kind:
        raise ValueError(f"There are two kinds of cards with the key {kind.key}.")


def of_home(influencer: Influencer, campaign: Campaign, *, language: str, at: datetime) -> list[tuple[str, list[Any]]]:
    """Return the cards for an influencer, each kind that has some after its template."""
    found = [
        (kind.template, kind.find(influencer, campaign, language=language, at=at)) for kind in list(_kinds.values())
    ]
    return [(template, cards) for template, cards in found if cards]
