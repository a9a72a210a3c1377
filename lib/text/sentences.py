"""A text cut into whole sentences, for people who read them."""

import re

SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^a-zåäöšž])")
# A full stop after these ends no sentence.
SHORTENED = (
    "esim.",
    "ns.",
    "mm.",
    "n.",
    "klo.",
    "kl.",
    "tel.",
    "puh.",
    "nro.",
    "bl.a.",
    "t.ex.",
    "ca.",
    "nr.",
    "e.g.",
    "i.e.",
    "no.",
    "dr.",
)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    found: list[str] = []
    for piece in SENTENCE.split(" ".join(text.split())):
        if found and found[-1].lower().endswith(SHORTENED) and found[-1].split()[-1].lower() in SHORTENED:
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found
