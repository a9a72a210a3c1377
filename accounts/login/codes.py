"""One-time codes as people type them."""

import string
import unicodedata

LONGEST = 64  # characters that are read of a typed code

_LEFT_OUT = str.maketrans("", "", string.punctuation + string.whitespace)


def normalized(typed: str) -> str:
    """Return a code without the spaces, dashes and capitals that people put into it."""
    return unicodedata.normalize("NFKC", typed[:LONGEST]).translate(_LEFT_OUT).lower()
