"""Mending a finding by exchanging its words, where that is all there is to do."""

import re
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts
from bulletins.models import Bulletin, NotAllowed

from . import findings, registry
from .language import spelling


@transaction.atomic
def replace_words(bulletin: Bulletin, key: str, *, by: User, at: datetime) -> findings.Finding:
    """
    Exchange the words of the finding `key` in the text as it is stored now, as a change by `by`, and return it.

    Nobody's words are lost: only what was found is exchanged, in the newest text. Raise NotAllowed, with nothing
    changed, when it is not found any more or needs a person's judgement.
    """
    held = drafts.lock(bulletin)
    finding = next((one for one in registry.findings(held, at=at) if one.key == key), None)
    if finding is None:
        raise NotAllowed(_("Not replaced: the text has changed and this is no longer found. Nothing changed."))
    [finding] = spelling.with_suggestions([finding])
    if finding.replace is None:
        raise NotAllowed(_("Not replaced: this has to be corrected by hand. Nothing changed."))
    wrong, right = finding.replace
    pattern = re.compile(rf"\b{re.escape(wrong)}\b")

    def mended(text: str) -> str:
        return pattern.sub(lambda _match: right, text)

    kind, _colon, rest = finding.place.partition(":")
    PLACES[kind](held, rest.split(":"), mended, by, at)
    trail.note("bulletin.words_replaced", held, by=by, at=at, place=finding.place, wrong=wrong, right=right)
    return finding


def _in_edition(bulletin: Bulletin, place: list[str], mended: Callable[[str], str], by: User, at: datetime) -> None:
    subject, name = place
    language, level = findings.edition_at(f"edition:{subject}")
    for edition in bulletin.editions.filter(language=language, reading_level=level):
        text = mended(getattr(edition, name))
        limit = getattr(edition._meta.get_field(name), "max_length", None)
        if limit and len(text) > limit:
            raise NotAllowed(_("Not replaced: the text would be too long. Shorten it by hand. Nothing changed."))
        if text != getattr(edition, name):
            setattr(edition, name, text)
            # Whether the translation follows the original is for its writer to say.
            drafts.save_edition(edition, by=by, at=at, is_current=False)


def _in_variant(bulletin: Bulletin, place: list[str], mended: Callable[[str], str], by: User, at: datetime) -> None:
    language, platform, name = place
    for edition in bulletin.editions.filter(language=language):
        for variant in edition.variants.filter(platform=platform):
            setattr(variant, name, mended(getattr(variant, name)))
            variant.save(update_fields=[name])
    drafts.note_editor(bulletin, by=by, at=at)


def _in_row(rows: str) -> Callable[[Bulletin, list[str], Callable[[str], str], User, datetime], None]:
    def save(bulletin: Bulletin, place: list[str], mended: Callable[[str], str], by: User, at: datetime) -> None:
        pk, language, *tone = place
        name = tone[0] if tone else "text"
        row = getattr(bulletin, rows).select_for_update().get(pk=pk)
        texts = getattr(row, name)
        setattr(row, name, {**texts, language: mended(texts.get(language, ""))})
        row.save(update_fields=[name])
        drafts.note_editor(bulletin, by=by, at=at)

    return save


PLACES = {
    "edition": _in_edition,
    "variant": _in_variant,
    "message": _in_row("key_messages"),
    "action": _in_row("calls_to_action"),
}
