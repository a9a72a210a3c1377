"""
Writing the words of an edition, by several people at once: what one saves never overwrites what another wrote.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import trail
from accounts.models import User
from bulletins.models import SITUATION, Bulletin, Edition, EditionRevision, NotAllowed
from campaigns.models import ReadingLevel
from lib.text.markup import LONGEST_TEXT
from lib.text.revisions.paragraph_merge import merge_items, merge_paragraphs

from . import conflicts, drafts
from .drafts import FIELDS, LINES, lock, note_editor, original_of, save_edition

LOOKED_BACK = 50  # revisions, for who wrote a text
LONGEST_PART = 2_000  # characters of what is known, not known or being done
LIMITS = {"title": 160, "subject": 60, "preheader": 90, "body": LONGEST_TEXT, "hashtags": 1_000}  # characters
LIMITS |= dict.fromkeys(SITUATION, LONGEST_PART)


class TooLong(NotAllowed):
    """Words that do not fit; `fields` is {field: why}."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


def text_of(edition: Edition | EditionRevision) -> dict[str, str]:
    """Return {field: text} of an edition or a revision, as it is written: hashtags with spaces between."""
    return {name: getattr(edition, name) for name in FIELDS[:-1]} | {"hashtags": " ".join(edition.hashtags)}


def revision_that_wrote(edition: Edition, field: str, text: str) -> EditionRevision | None:
    """Return the revision that wrote what stands in a field: the first of the newest in a row that have it; one query."""
    wrote = None
    rows = EditionRevision.objects.filter(edition=edition).select_related("edited_by").order_by("-revision")
    for row in rows[:LOOKED_BACK]:
        if text_of(row)[field] != text:
            break
        wrote = row
    return wrote


def normalized(field: str, text: str) -> str:
    """Return a text as it is stored: \\n ends its lines, a line stays one line, hashtags have one space between."""
    if field in LINES:
        return " ".join(text.split())
    return " ".join(re.split(r"[\s,]+", text.strip())) if field == "hashtags" else text.replace("\r\n", "\n")


@transaction.atomic
def save_text(
    edition: Edition,
    sent: Mapping[str, str],
    read: Mapping[str, str],
    *,
    by: User,
    at: datetime,
    is_current: bool = False,
    base: Mapping[str, str] | None = None,
) -> conflicts.Saved:
    """
    Save what `by` wrote, {field: text}, where nobody else changed the same paragraph since; `read` is {field: token} of
    what they started from (conflicts.token), `base` {field: text} of it. Return what came of it.

    Clashing words change nothing: they are set aside and returned. `is_current` says that this translation now follows
    the original; a first translation does in any case. Raise TooLong, with nothing saved, for words that do not fit,
    and NotAllowed for a published version. `edition` is as stored afterwards.
    """
    bulletin = lock(edition.bulletin)
    edition.refresh_from_db()
    edition.bulletin = bulletin
    words = {name: normalized(name, text) for name, text in sent.items() if name in FIELDS}
    stored = text_of(edition)
    refuse_too_long({name: text for name, text in words.items() if text != stored[name]})
    saved = conflicts.save(
        bulletin, f"edition:{edition.language}", stored, words, read, by=by, at=at, base=base, combine=combine
    )
    refuse_too_long({name: saved.changed[name] for name in saved.combined.keys() & saved.changed.keys()})
    if saved.changed:
        is_first = not edition.body
        for name, text in saved.changed.items():
            setattr(edition, name, text.split() if name == "hashtags" else text)
        save_edition(edition, by=by, at=at, is_current=is_current or is_first, grows=True)
    elif is_current and not saved.clashes:
        follow(edition, by=by, at=at)
    return saved


def combine(name: str, base: str, theirs: str, mine: str) -> str | None:
    """Return two texts in one where they differ in different paragraphs; hashtags one by one."""
    if name == "hashtags":
        items = [normalized(name, text).split() for text in (base, theirs, mine)]
        return " ".join(merge_items(*items))
    return merge_paragraphs(base, theirs, mine)


def refuse_too_long(words: Mapping[str, str]) -> None:
    """Raise TooLong, with a sentence for each field, when a text has more characters than its field holds."""
    says = {}
    for name, text in words.items():
        over = len(text) - LIMITS[name]
        if over > 0:
            label = capfirst(str(Edition._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
            says[name] = ngettext(
                "%(label)s is %(over)d character too long: at most %(limit)d. It was not saved.",
                "%(label)s is %(over)d characters too long: at most %(limit)d. It was not saved.",
                over,
            ) % {"label": label, "over": over, "limit": LIMITS[name]}
    if says:
        raise TooLong(says)


@transaction.atomic
def follow(edition: Edition, *, by: User, at: datetime, revision: int | None = None) -> None:
    """
    Note that a translation says the same as the original again: as it stands, or as of the `revision` that `by` read.

    No word changes, so a review stays. Raise NotAllowed for the original itself and for a published version.
    """
    bulletin = lock(edition.bulletin)
    original = original_of(bulletin)
    if original is None or original.pk == edition.pk:
        raise NotAllowed(_("This is the original, not a translation. Nothing changed."))
    follows = min(revision, original.revision) if revision else original.revision
    held = Edition.objects.select_for_update().get(pk=edition.pk)
    if follows > held.source_revision:
        drafts.follow(held, follows)
        trail.note("edition.followed", edition, by=by, at=at, language=edition.language, revision=follows)
    edition.source_revision = max(follows, held.source_revision)


@transaction.atomic
def restore(edition: Edition, revision: int, *, by: User, at: datetime) -> Edition:
    """
    Bring the words of an earlier revision back, as a new revision; what was written since stays in the history.

    Raise NotAllowed when there is no such revision, or for a published version.
    """
    bulletin = lock(edition.bulletin)
    row = EditionRevision.objects.filter(edition=edition, revision=revision).first()
    if row is None:
        raise NotAllowed(_("Not restored: there is no such revision. Nothing changed."))
    edition.refresh_from_db()
    edition.bulletin = bulletin
    if text_of(edition) == text_of(row):
        return edition
    for name in FIELDS:
        setattr(edition, name, getattr(row, name))
    edition.source_revision = row.source_revision or edition.source_revision
    save_edition(edition, by=by, at=at, is_current=False)
    trail.note("edition.restored", edition, by=by, at=at, language=edition.language, revision=revision)
    return edition


@transaction.atomic
def add_edition(bulletin: Bulletin, language: str, reading_level: str, *, by: User, at: datetime) -> Edition:
    """Give a bulletin an edition in a language of its campaign at a reading level. Raise NotAllowed when it has it."""
    held = lock(bulletin)
    spoken = held.campaign.languages.filter(code=language).first()
    if spoken is None or reading_level not in ReadingLevel.values:
        raise NotAllowed(_("Not added: the campaign does not have this language. Nothing changed."))
    edition, new = Edition.objects.get_or_create(
        bulletin=held,
        language=language,
        reading_level=reading_level,
        defaults={"title": "", "subject": "", "body": "", "hashtags": [spoken.hashtag] if spoken.hashtag else []},
    )
    if not new:
        raise NotAllowed(_("Not added: the bulletin already has this edition. Nothing changed."))
    note_editor(held, by=by, at=at)
    trail.note("edition.added", edition, by=by, at=at, language=language, reading_level=reading_level)
    return edition
