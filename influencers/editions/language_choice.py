"""Which of the languages that there are suits a reader best."""

from typing import Any

from campaigns.models import Campaign
from lib.text.languages.spoken_languages import fallback_of


def preference(language: str, campaign: Campaign, offered: str, *, own: str = "") -> int:
    """Return how well `offered` suits a page in `language` for a reader whose `own` language is another: 0 is best."""
    if offered == language:
        return 0
    if offered.partition("-")[0] == language.partition("-")[0]:
        return 1
    if offered == own:
        return 2
    if offered == fallback_of(language):
        return 3
    return 4 if offered == campaign.default_language else 5


def in_best_language(texts: Any, language: str, campaign: Campaign) -> Any:
    """Return the newest version of the text that suits `language` best, or None; one query."""
    rows = list(texts.order_by("-version", "pk"))
    return min(rows, key=lambda row: (preference(language, campaign, row.language), -row.version), default=None)
