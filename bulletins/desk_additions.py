"""What apps above this one show on the desk's pages of a bulletin. Each registers its own when it starts (apps.py)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from .models import Bulletin


@dataclass(frozen=True)
class Addition:
    """
    One kind: its `name` on the tabs beside the text, and the `template` that shows what `find` returns of a bulletin, on the page on
    which it is approved. On the page on which it is written it loads itself from the address "bulletins_bulletin_" and `key`.
    """

    key: str
    name: Any
    template: str
    find: Callable[[Bulletin], dict[str, Any]]


@dataclass(frozen=True)
class Tab:
    """A tab beside the text: where it loads itself from."""

    key: str
    name: str
    address: str


_additions: dict[str, Addition] = {}


def register(addition: Addition) -> None:
    """Add a kind. Raise ValueError when another has the key already."""
    if _additions.setdefault(addition.key, addition) is not addition:
        raise ValueError(f"There are two additions with the key {addition.key}.")


def tabs_of(bulletin: Bulletin) -> list[Tab]:
    """Return the tabs beside the text of a bulletin."""
    return [
        Tab(one.key, str(one.name), reverse(f"admin:bulletins_bulletin_{one.key}", args=[bulletin.pk]))
        for one in list(_additions.values())
    ]


def of_review(bulletin: Bulletin) -> list[tuple[str, dict[str, Any]]]:
    """Return for the page on which a bulletin is approved each template with what it shows."""
    return [(one.template, one.find(bulletin)) for one in list(_additions.values())]
