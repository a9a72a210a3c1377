"""One-time codes: how long one works, and how people type it."""

import string
import unicodedata
from datetime import timedelta

CODE_LASTS = timedelta(minutes=10)
LONGEST = 64  # characters that are read of a typed code

_LEFT_OUT = str.maketrans("", "", string.punctuation + string.whitespace)


def normalized(typed: str) -> str:
    """Return a code without the spaces, dashes and capitals that people put into it."""
    return unicodedata.normalize("NFKC", typed[:LONGEST]).translate(_LEFT_OUT).lower()
