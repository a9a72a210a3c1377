"""What a bulletin is about, besides its words: urgency, embargo, topics, fact-checks, message inputs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.intake import submissions
from bulletins.models import Bulletin, NotAllowed

from . import conflicts
from .drafts import lock, note_editor
from .input_merge import add_inputs

FIELDS = ("urgency", "original_language", "embargo_until", "next_word_at", "asks_seen", "seen_at_night", "seen_next")
MOMENTS = ("embargo_until", "next_word_at")
LISTS = ("topics", "claims", "inputs", "posts_to")
TEXTS = ("what_changed", "share_text")


def texts_of(bulletin: Bulletin, languages: Iterable[str]) -> dict[str, str]:
    """Return {"what_changed:fi": text, …}: what a correction or a withdrawal says, in each language."""
    return {f"{name}:{code}": getattr(bulletin, name).get(code, "") for name in TEXTS for code in languages}


@transaction.atomic
def save_metadata(
    bulletin: Bulletin,
    values: Mapping[str, Any],
    texts: Mapping[str, str],
    read: Mapping[str, str],
    *,
    by: User,
    at: datetime,
) -> conflicts.Saved:
    """
    Save changed fields and lists (`values`: only what the writer changed) and what a correction says (`texts`, by
    "field:language", with `read`, the tokens of what was read). Return what came of the texts.

    Whoever changes something is an editor, and a review is void. Clashing texts are set aside. Raise NotAllowed for a
    language that the bulletin has no edition in, and for a published version.
    """
    held = lock(bulletin)
    language = values.get("original_language")
    if language and not held.editions.filter(language=language).exists():
        raise NotAllowed(_("Not saved: the bulletin has no edition in that language. Nothing changed."))
    for name in MOMENTS:
        submissions.refuse_unreal(values.get(name))
    stored = texts_of(held, {name.partition(":")[2] for name in texts})
    saved = conflicts.save(held, "bulletin", stored, texts, read, by=by, at=at)
    changed = apply_values(held, values, saved.changed)
    if changed:
        held.save(update_fields=sorted(set(changed)))
    for name in LISTS:
        if name in values:
            changed += [name] * save_list(held, name, {row.pk for row in values[name]}, by=by, at=at)
    if changed:
        note_editor(held, by=by, at=at)
        trail.note("bulletin.described", held, by=by, at=at, fields=sorted({*changed, *saved.changed}))
    bulletin.refresh_from_db()
    return saved


def changed_meanwhile(bulletin: Bulletin, name: str) -> str:
    """Return the sentence over a text of a correction ("field:language") that somebody else wrote, or a change of a fact."""
    made = conflicts.last_change(bulletin, name, None, "bulletin.described")
    return conflicts.changed_meanwhile(made.actor if made else None, made.at if made else None, bulletin)


def apply_values(bulletin: Bulletin, values: Mapping[str, Any], texts: Mapping[str, str]) -> list[str]:
    """Put changed fields and texts into a bulletin, not saved, and return which fields they are."""
    changed = [name for name in FIELDS if name in values and values[name] != getattr(bulletin, name)]
    for name in changed:
        setattr(bulletin, name, values[name])
    for name, text in texts.items():
        field, _colon, code = name.partition(":")
        stored = getattr(bulletin, field)
        setattr(bulletin, field, {**stored, code: text} if text else without(stored, code))
        changed.append(field)
    return changed


def save_list(bulletin: Bulletin, name: str, wanted: set[int], *, by: User, at: datetime) -> bool:
    """Make a list of the bulletin say exactly `wanted`, and return whether it did not before."""
    rows = getattr(bulletin, name)
    before = set(rows.values_list("pk", flat=True))
    new = wanted - before
    if name == "inputs" and new:
        add_inputs(bulletin, list(rows.model.objects.filter(pk__in=new)), by=by, at=at)
    else:
        rows.add(*new)
    rows.remove(*(before - wanted))
    return wanted != before


def without(texts: Mapping[str, str], code: str) -> dict[str, str]:
    """Return the texts but for one language."""
    return {language: text for language, text in texts.items() if language != code}
