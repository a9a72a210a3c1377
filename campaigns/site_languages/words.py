"""Saving the site's own words in a language, whoever brings them: in use in every process within seconds."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import SiteLanguage, SiteWord
from lib.text.languages import cldr_forms

from . import process_languages, site_texts, word_checks
from .site_texts import Entry

Forms = dict[str, str]


@dataclass
class Outcome:
    """What came of some words: how many texts are saved, and {key: {form: why not}} of those that are not."""

    saved: int = 0
    faults: dict[str, Forms] = field(default_factory=dict)


def forms_of(entry: Entry, code: str) -> list[str]:
    """Return the forms that a text has in a language: "" for one, or its plural categories."""
    return cldr_forms.plural_categories(code) if entry.plural else [""]


@transaction.atomic
def save(language: SiteLanguage, told: Mapping[str, Forms], *, by: User | None, at: datetime) -> Outcome:
    """
    Save {key of a text: its forms} in a language; empty ones are taken away. What may not stand is not saved, and is told. Keys that are
    none of the site's texts are passed over.
    """
    held = SiteLanguage.objects.select_for_update().get(pk=language.pk)
    outcome = Outcome()
    wanted = acceptable(held.code, told, outcome)
    rows = {sha256_of(key): (key, forms) for key, forms in wanted.items()}
    stored = {row.source_sha256: row for row in held.words.filter(source_sha256__in=rows)}
    changed = [sha for sha, (_key, forms) in rows.items() if forms != (stored[sha].forms if sha in stored else {})]
    held.words.filter(source_sha256__in=[sha for sha in changed if sha in stored]).delete()
    SiteWord.objects.bulk_create(
        SiteWord(
            language=held, source=rows[sha][0], source_sha256=sha, forms=rows[sha][1], changed_by=by, changed_at=at
        )
        for sha in changed
        if rows[sha][1]
    )
    outcome.saved = len(changed)
    if changed:
        # A later moment than the one before tells every process that there is something new.
        held.changed_at = max(at, held.changed_at + timedelta(microseconds=1))
        held.save(update_fields=["changed_at"])
        page_changes.changed()
        trail.note("site_words.saved", held, by=by, at=at, code=held.code, texts=len(changed))
        transaction.on_commit(process_languages.refresh, robust=True)
    return outcome


def acceptable(code: str, told: Mapping[str, Forms], outcome: Outcome) -> dict[str, Forms]:
    """Return, as they are stored, the words that may stand; why the others may not goes into the outcome."""
    known, wanted = site_texts.entries(), {}
    for key, forms in told.items():
        if key not in known:
            continue
        entry = known[key]
        mine = {form: word_checks.cleaned(forms.get(form, "")) for form in forms_of(entry, code)}
        faults = {form: word_checks.fault(entry, form, text) for form, text in mine.items() if text}
        if any(faults.values()):
            outcome.faults[key] = {form: why for form, why in faults.items() if why}
        else:
            wanted[key] = {form: text for form, text in mine.items() if text}
    return wanted


def sha256_of(key: str) -> str:
    """Return the SHA-256 (hex) by which a text is found."""
    return hashlib.sha256(key.encode()).hexdigest()


def said(language: SiteLanguage) -> dict[str, Forms]:
    """Return {key: forms} of what a language has, without what the site no longer says; one query."""
    known = site_texts.entries()
    return {key: forms for key, forms in language.words.values_list("source", "forms") if key in known}


def progress_of_all() -> list[tuple[SiteLanguage, int, int]]:
    """Return each language that is translated, how many of the texts that readers meet are in it, and of how many; two queries."""
    wanted, done = site_texts.of_readers(), Counter[int]()
    for language, source in SiteWord.objects.values_list("language", "source"):
        done[language] += source in wanted
    return [(one, done[one.pk], len(wanted)) for one in SiteLanguage.objects.order_by("own_name")]


def progress(language: SiteLanguage) -> tuple[int, int]:
    """Return how many of the texts that readers meet are in a language, and of how many; one query."""
    wanted = site_texts.of_readers()
    return sum(key in wanted for key in language.words.values_list("source", flat=True)), len(wanted)
