"""Rows as CSV that no spreadsheet calculates with."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Any

BOM = "\ufeff"
# How a cell begins that a spreadsheet calculates: some leave out blanks before the sign, or take a line end for one.
FORMULA = re.compile("[\t\r\n]|[\\s\u200b-\u200f\u2060\ufeff]*[=+@＝＋－＠-]")


def lines(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Return rows of cells as CSV; a text that a spreadsheet would calculate begins with an apostrophe."""
    out = StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet calculates."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell
