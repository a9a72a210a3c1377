"""One-time codes: what one looks like, how long it works, and how people type it."""

import secrets
import string
import unicodedata
from datetime import timedelta

CODE_LASTS = timedelta(minutes=10)
DIGITS = 6
MOST_GUESSES = 5
LONGEST = 64  # characters that are read of a typed code

_LEFT_OUT = str.maketrans("", "", string.punctuation + string.whitespace)


def new_code() -> str:
    """Return a code that nobody can foresee."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def normalized(typed: str) -> str:
    """Return a code without the spaces, dashes and capitals that people put into it."""
    return unicodedata.normalize("NFKC", typed[:LONGEST]).translate(_LEFT_OUT).lower()
