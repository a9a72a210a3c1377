"""
Whole numbers: as they come from outside, in an address or a form (the key of a row, the number of a bulletin or a version), and
as they are written for people.
"""

from collections.abc import Iterable

from django.utils.formats import number_format

DIGITS = 18  # every number of so many fits into the column of a key, which ends at nine quintillion


def whole_number(text: object) -> int:
    """Return the whole number that a text says, 0, which is no row's key, for anything else and for one too large for a column."""
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS else 0


def grouped(number: int) -> str:
    """Return a whole number with its thousands apart, as the active language writes them: 2,200 or 2 200."""
    return number_format(number, use_l10n=True, force_grouping=True)


def whole_numbers(texts: Iterable[object]) -> list[int]:
    """Return the keys that some texts say, without what is none, in their order."""
    return [number for text in texts if (number := whole_number(text))]
