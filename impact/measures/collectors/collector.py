"""What a collector is, and how it asks: one address, one answer in JSON, and words for whatever goes wrong."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from impact.models import Measure
from lib.http import safe_fetch

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024  # of an answer in JSON
MOST_SECONDS = 8.0  # of the process that also counts beside the pages
LARGEST = 10**11  # no account has more followers, and no day more articles

# What is known of a day: the value, and what it is a part of, where there is such a number.
Counted = tuple[Decimal, Decimal | None]


class NotCollected(Exception):
    """A figure that could not be had. `says` is why, in English from gettext_noop, with %(names)s that `values` fill: it is read later, in any language."""

    def __init__(self, says: str, **values: str | int) -> None:
        super().__init__(says % values if values else says)
        self.says, self.values = says, values


NO_ANSWER = gettext_noop("The service did not answer.")
REFUSED = gettext_noop("The service refused the question (%(status)d). Is its key right, and its quota left?")
UNKNOWN = gettext_noop("The service does not know what it was asked about (%(status)d).")
TOO_OFTEN = gettext_noop("The service was asked too often (429). It is asked again in six hours.")
ANSWERED = gettext_noop("The service answered %(status)d.")
NONSENSE = gettext_noop("The answer of the service makes no sense.")


class Collect(Protocol):
    """Return what is known of some days, the earliest first. Raise NotCollected; a day that is not known is left out."""

    def __call__(self, measure: Measure, days: Sequence[date], *, key: str) -> dict[date, Counted]: ...


@dataclass(frozen=True, slots=True)
class Collector:
    """
    A service that gives figures. `asked_about` says what a measure has to name (`check` raises ValueError for what it can't be), `terms` what
    its owner allows, at `terms_url`. `counts_days` says that it knows of days that are over; otherwise it knows how things stand now.
    `key_setting` names the setting with its key, where it needs one. `keeps_days` is for how long its figures may be kept.
    """

    name: str
    asked_about: Promise
    example: str
    terms: Promise
    terms_url: str
    collect: Collect
    check: Callable[[str], object]
    counts_days: bool = False
    key_setting: str = ""
    keeps_days: int | None = None


def ask(url: str, *, headers: Mapping[str, str] | None = None) -> Any:
    """Return the JSON that an address answers. Raise NotCollected for any other answer."""
    try:
        answer = safe_fetch.fetch(
            url, most_bytes=MOST_BYTES + 1, most_seconds=MOST_SECONDS, most_redirects=0, headers=headers
        )
    except safe_fetch.FetchFault as fault:
        log.warning("A service that gives figures did not answer: %s", fault.code)
        raise NotCollected(NO_ANSWER) from fault
    if answer.status in {401, 403}:
        raise NotCollected(REFUSED, status=answer.status)
    if answer.status in {400, 404}:
        raise NotCollected(UNKNOWN, status=answer.status)
    if answer.status == 429:
        raise NotCollected(TOO_OFTEN)
    if answer.status != 200:
        raise NotCollected(ANSWERED, status=answer.status)
    return read(answer.content)


def read(content: bytes) -> Any:
    """Return what JSON says. Raise NotCollected for what is none, or too much to be an answer."""
    if len(content) > MOST_BYTES:
        raise NotCollected(NONSENSE)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise NotCollected(NONSENSE) from fault


def at(answer: Any, *path: str | int) -> Any:
    """Return what stands at a path of an answer. Raise NotCollected where there is no such place."""
    for step in path:
        try:
            answer = answer[step]
        except (KeyError, IndexError, TypeError) as fault:
            raise NotCollected(NONSENSE) from fault
    return answer


def number(value: Any) -> Decimal:
    """Return a whole number that is not below zero, written as one or as text. Raise NotCollected for all else."""
    if isinstance(value, str) and len(value) <= len(str(LARGEST)) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise NotCollected(NONSENSE)
    return Decimal(value)
