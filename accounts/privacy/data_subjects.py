"""
What is held about one person, whatever they are to us, known by their email address: shown, handed out, and erased
(erasure.py). Each app registers its parts when it starts (apps.py), upper apps first, in which order they are erased.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.audit import trail
from accounts.models import User
from lib import mail_addresses

Rows = list[dict[str, Any]]


class NotErased(Exception):
    """Someone who cannot be erased now. The message says why and what to do; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone, by an address in its one form; `spellings` are the forms in which it may be kept, `code` its HMAC."""

    address: str
    spellings: frozenset[str]
    code: str

    @classmethod
    def of(cls, address: str) -> "Person":
        """Return whoever has an address."""
        return cls(
            mail_addresses.canonical(address), mail_addresses.spellings(address), mail_addresses.code_of(address)
        )

    def has(self, field: str) -> Q:
        """Return what finds the rows whose `field` is the address, in any form and case."""
        found = Q(pk__in=())
        for spelling in self.spellings:
            found |= Q(**{f"{field}__iexact": spelling})
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """
    One kind of what is held. `export` returns it as plain data that JSON can hold (moments as they are), `erase` lets
    it go and `refuse` raises NotErased before anything is. `needs` tells whether someone takes part in something by it,
    for which their address is needed. `addresses` returns the addresses of all of it, by which someone is found from a
    code.
    """

    kind: str
    title: Any
    export: Callable[[Person], Rows]
    erase: Callable[[Person, User | None, datetime], None] | None = None
    refuse: Callable[[Person, User | None], None] | None = None
    needs: Callable[[Person], bool] | None = None
    addresses: Callable[[], Iterable[str]] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one kind."""

    part: Part
    rows: Rows


_parts: dict[str, Part] = {}


def register(*parts: Part) -> None:
    """Add an app's parts. Raise ValueError when another part has the name already."""
    for part in parts:
        if _parts.setdefault(part.kind, part) is not part:
            raise ValueError(f"There are two parts of the name {part.kind}.")


def parts() -> list[Part]:
    """Return every part, in the order in which they are erased."""
    return list(_parts.values())


def collect(person: Person) -> list[Held]:
    """
    Return what is held about someone, without the kinds of which there is nothing. The number of queries is constant.
    """
    found = [Held(part, part.export(person)) for part in parts()]
    return [one for one in found if one.rows]


def disclose(person: Person, *, by: User, at: datetime) -> dict[str, Any]:
    """Return all that is held about someone for a colleague who asks, and write down that they did."""
    trail.note_person("person.exported", person.code, by=by, at=at)
    return export(person, at=at)


def export(person: Person, *, at: datetime) -> dict[str, Any]:
    """Return all that is held about someone, by kind, as plain data."""
    return {
        "exported_at": at,
        "address": person.address,
        "held": {one.part.kind: one.rows for one in collect(person)},
    }


def is_needed(person: Person, *, apart_from: str) -> bool:
    """Return whether someone takes part in something else than the part of this name."""
    return any(part.needs(person) for part in parts() if part.needs is not None and part.kind != apart_from)


def plain(rows: QuerySet[Any], *fields: str) -> Rows:
    """Return rows as plain data, in the order in which they were made; one query."""
    return list(rows.order_by("pk").values(*fields))
