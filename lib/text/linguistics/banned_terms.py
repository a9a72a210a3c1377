"""Words that are not used: where a text has one."""

import re
from functools import cache

# What may stand inside a word unseen: emphasis, soft hyphens, spaces and joiners without width.
UNSEEN = dict.fromkeys(map(ord, "*\u00ad\u200b\u200c\u200d\u2060"))


def written(term: str, text: str) -> list[str]:
    """Return how `text` writes a banned term (BannedTerm.term), each way once; [] when it does not."""
    return list(dict.fromkeys(match[0] for match in banned_pattern(term).finditer(text.translate(UNSEEN))))


@cache
def banned_pattern(term: str) -> re.Pattern[str]:
    """Return the pattern of a banned term; `*` at the end of a word stands for any ending."""
    words = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in term.split()]
    return re.compile(r"\b" + r"\s+".join(words) + r"\b", re.IGNORECASE)
