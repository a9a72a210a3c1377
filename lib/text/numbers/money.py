"""Amounts of money: as people write them and as they are written for people. Always decimal, always with their currency."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache

from babel.core import get_global
from django.utils import formats
from django.utils.translation import get_language

MOST = Decimal("99999999.99")
# Signs that stand before the amount in languages that write it so; every other currency goes by its code.
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
SIGN_FIRST = ("en",)
GAP = "\u00a0"

_AMOUNT = re.compile(r"([0-9]{1,8})(?:[.,]([0-9]{1,2}))?")
_IN_GROUPS = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,2})\.([0-9]{2})|([0-9]{1,3}(?:\.[0-9]{3}){1,2}),([0-9]{2})")


@cache
def currencies() -> frozenset[str]:
    """Return the codes of ISO 4217 that are legal tender somewhere today, as the CLDR knows them: EUR, SEK."""
    kept = get_global("territory_currencies").values()
    return frozenset(code for rows in kept for code, _begins, ends, is_tender in rows if is_tender and ends is None)


def written(amount: Decimal) -> str:
    """Return an amount with two decimals as the active language writes it: 1,800.00 or 1 800,00."""
    return formats.number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)


def money(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency as the active language writes it: €1,800.00, SEK 1,800.00 or 1 800,00 €."""
    sign = SIGNS.get(currency, currency)
    if (get_language() or "en").partition("-")[0] not in SIGN_FIRST:
        return f"{written(amount)}{GAP}{sign}"
    return f"{sign}{written(amount)}" if currency in SIGNS else f"{sign}{GAP}{written(amount)}"


def read_amount(text: str) -> Decimal:
    """
    Return the amount that somebody wrote: digits, with spaces between them if they like, and two decimals at most after a point
    or a comma; with two decimals, thousands may have the other of these ("1,800.50"). Raise ValueError for everything else, "1.800"
    too, which may mean two things.
    """
    plain = "".join(text[:40].split())
    if found := _IN_GROUPS.fullmatch(plain):
        whole, cents = (found[1], found[2]) if found[1] else (found[3], found[4])
        plain = f"{whole.replace(',', '').replace('.', '')}.{cents}"
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise ValueError("no amount")
    return Decimal(f"{found[1]}.{(found[2] or '0').ljust(2, '0')}")


def sums(amounts: Iterable[tuple[str, Decimal]]) -> Mapping[str, Decimal]:
    """Return the sum of each currency, by its code; currencies are never mixed."""
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, Decimal(0)) + amount
    return dict(sorted(found.items()))
