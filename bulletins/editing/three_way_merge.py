"""Two people in one text: what either changed is kept, and what both changed is shown to the second one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


def token(text: str) -> str:
    """Return a short mark of a text (16 hex digits of its SHA-256, line ends made plain), by which a page says what it has read."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else changed since the writer read it: what is stored now, and what was refused."""

    field: str
    theirs: str
    mine: str


@dataclass(slots=True)
class Merged:
    """What came of a save: {field: text} to store, and the clashes, which change nothing."""

    changed: dict[str, str] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)


def merge(stored: Mapping[str, str], sent: Mapping[str, str], read: Mapping[str, str]) -> Merged:
    """
    Compare what is stored with what a writer sent, field by field; `read` holds the token() of what they started from.

    A field whose stored text still has that token takes the new text. One that changed meanwhile, to something
    else than what was sent, is a clash. A field without a token counts as read just now.
    """
    merged = Merged()
    for name, text in sent.items():
        mine, theirs = text.replace("\r\n", "\n"), stored[name]
        if mine == theirs:
            continue
        if read.get(name) in {None, token(theirs)}:
            merged.changed[name] = mine
        else:
            merged.clashes.append(Clash(name, theirs, mine))
    return merged
