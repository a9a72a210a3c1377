"""What feeds and APIs give machines in one way: addresses, moments, texts by language, and what the campaign is called."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.models import Campaign
from lib.text.languages.spoken_languages import read_by


def address(name: str, *arguments: Any, language: str) -> str:
    """Return the public address of a page in a language."""
    with override(language):
        return settings.PUBLIC_URL + reverse(name, args=arguments)


def moment(when: datetime) -> str:
    """Return a moment in UTC, as in ISO 8601."""
    return when.astimezone(UTC).isoformat(timespec="seconds")


def name_of(campaign: Campaign, language: str) -> str:
    """Return the campaign's name in a language, and that it is an exercise if it is; one query."""
    rows = {row.code: row.name for row in campaign.languages.all()}
    name = next(filter(None, map(rows.get, read_by(language, campaign.default_language))), campaign.slug)
    if not campaign.is_exercise:
        return name
    with override(language):
        return _("Exercise: %(name)s") % {"name": name}


def spoken(texts: dict[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Return the texts in these languages, without empty ones."""
    return {code: texts[code] for code in languages if texts.get(code)}
