"""Bringing the languages that people added, and their words, into each process (lib.text.languages.spoken_languages), and again when they change."""

import logging
import threading
import time
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Count, Max

from campaigns.models import SiteLanguage, SiteWord
from lib.text.languages import spoken_languages
from lib.text.languages.spoken_languages import SpokenLanguage

log = logging.getLogger(__name__)

SELDOM = 2.0  # seconds between two questions of a process whether anything changed

_Stamp = tuple[int, datetime | None]
_loading = threading.Lock()
_known: _Stamp | None = None
_asked = float("-inf")


def refresh() -> bool:
    """Speak the languages that there are now; return whether anything changed. One query, two more after a change."""
    global _known
    with _loading:
        found = SiteLanguage.objects.aggregate(count=Count("pk"), last=Max("changed_at"))
        stamp = (found["count"], found["last"])
        if stamp == _known or (_known is None and stamp == (0, None) and not spoken_languages.added()):
            return False
        spoken_languages.install(stored())
        _known = stamp
        return True


def keep_fresh() -> None:
    """Refresh, but seldom, and whatever becomes of it: a database that is away is no reason to do nothing else."""
    global _asked
    now = time.monotonic()
    if now - _asked < SELDOM:
        return
    _asked = now
    try:
        refresh()
    except DatabaseError as fault:
        log.warning("The site's languages could not be read (%s); those known before are spoken.", type(fault).__name__)


def stored() -> list[SpokenLanguage]:
    """Return the languages that are stored, with their words; two queries."""
    rows = list(SiteLanguage.objects.order_by("pk"))
    words: dict[int, dict[str, str]] = {row.pk: {} for row in rows}
    plurals: dict[int, dict[str, dict[str, str]]] = {row.pk: {} for row in rows}
    said = SiteWord.objects.filter(language__in=words) if rows else SiteWord.objects.none()
    for language, source, forms in said.values_list("language", "source", "forms").iterator():
        if "" in forms:
            words[language][source] = forms[""]
        elif forms:
            plurals[language][source] = forms
    return [
        SpokenLanguage(row.code, row.own_name, row.is_rtl, row.fallback, words[row.pk], plurals[row.pk]) for row in rows
    ]
