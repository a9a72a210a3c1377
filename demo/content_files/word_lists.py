"""The glossary, words that are not used, and platform limits (CSV)."""

import re
from pathlib import Path

from .content import Content
from .formats import table


def read_words(folder: Path, content: Content) -> None:
    """Read the glossary, the words that are not used, and how long a text may be on a platform."""
    content.glossary.extend(table(folder, "glossary.csv", [*content.languages, "definition"]))
    content.banned_terms.extend(table(folder, "banned-terms.csv", ["language", "term", "say_instead", "why"]))
    for row in content.banned_terms:
        row.choice("language", content.languages)
    columns = ["platform", "field", "limit", "counted_in", "seen_on", "source"]
    content.platform_limits.extend(table(folder, "platform-limits.csv", columns))
    for row in content.platform_limits:
        if not row.text("limit").isdigit():
            raise row.fault("limit", f"is {row.text('limit')!r}; it should be a whole number")
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", row.text("seen_on")):
            raise row.fault("seen_on", f"is {row.text('seen_on')!r}; write a month like 2026-11")
