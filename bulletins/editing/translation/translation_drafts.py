"""
Drafts by machine translation: asked for by a person, made by a worker from a model on this machine, and nobody's until a person
has read them. Only an edition without a word of its own gets one.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.audit import trail
from accounts.models import User
from bulletins.models import Edition, NotAllowed, TranslationDraft
from bulletins.models.translation_drafts import words_digest
from campaigns.models import ReadingLevel
from lib import task_queue
from lib.text import machine_translation
from lib.text.machine_translation import TooSlow, Unusable

from .. import drafts

log = logging.getLogger(__name__)

State = TranslationDraft.State
QUEUE = "background"
LEASE = timedelta(minutes=6)
SECONDS = 240  # that a draft may take
MOST_ATTEMPTS = 2
WAKE_SECONDS = 60
MOST_WOKEN = 20

WRITTEN = gettext_noop("Somebody has written here in the meantime, so nothing was put in.")
SLOW = gettext_noop("It took too long. Translate it by hand, or tell the site administrator.")
BROKEN = gettext_noop("The translation model could not be used. Tell the site administrator: ./run doctor says why.")


def is_empty(edition: Edition) -> bool:
    """Return whether nobody has written anything in an edition."""
    return not any(getattr(edition, name).strip() for name in TranslationDraft.WORDS)


def can_be_drafted(edition: Edition, original: Edition | None) -> bool:
    """Return whether there is something to translate, a model for it, and no text of a person's in its place."""
    return (
        original is not None
        and edition.pk != original.pk
        and edition.reading_level == ReadingLevel.STANDARD
        and is_empty(edition)
        and bool(original.body.strip())
        and machine_translation.folder_of(original.language, edition.language) is not None
    )


@transaction.atomic
def ask(edition: Edition, *, by: User, at: datetime) -> TranslationDraft:
    """Have an edition drafted. Raise NotAllowed, with nothing changed, where someone has written, or no model is there."""
    bulletin = drafts.lock(edition.bulletin)
    now = bulletin.editions.get(pk=edition.pk)
    if not is_empty(now):
        raise NotAllowed(_("Not drafted: there is a text already. Nothing changed."))
    if not can_be_drafted(now, drafts.original_of(bulletin)):
        raise NotAllowed(
            _("Not drafted: the original has no text, or there is no model for this language. Nothing changed.")
        )
    values = {
        "state": State.QUEUED, "asked_by": by, "asked_at": at, "attempts": 0, "lease_until": None, "error": "",
        "digest": "", "owned_by": None, "owned_at": None,
    }  # fmt: skip
    row, _created = TranslationDraft.objects.update_or_create(edition=now, defaults=values)
    trail.note("bulletin.draft_asked", bulletin, by=by, at=at, language=now.language)
    transaction.on_commit(lambda: wake(row.pk))
    return row


def wake(pk: int) -> None:
    """Ask a worker to take up a row. A broker that is away costs one tick."""
    try:
        task_queue.wake("bulletins.tasks.draft_translation", pk, queue=QUEUE, expires=WAKE_SECONDS)
    except Exception:
        log.warning("Nobody could be woken for the draft %s; the next tick tries again.", pk)


def waiting(at: datetime) -> Q:
    """Return the condition for rows that nobody works on."""
    return Q(state=State.QUEUED) & (Q(lease_until=None) | Q(lease_until__lte=at))


def wake_waiting(*, at: datetime) -> int:
    """Wake workers for what waits, and for what someone died over; return how many were asked."""
    keys = TranslationDraft.objects.filter(waiting(at)).order_by("asked_at").values_list("pk", flat=True)[:MOST_WOKEN]
    for pk in keys:
        wake(pk)
    return len(keys)


def make(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Draft the edition of a row, once, for as long as SECONDS. What a person wrote meanwhile stays."""
    at = clock()
    won = TranslationDraft.objects.filter(waiting(at), pk=pk).update(lease_until=at + LEASE, attempts=F("attempts") + 1)
    if not won:
        return
    row = TranslationDraft.objects.select_related("edition__bulletin", "asked_by").get(pk=pk)
    original = drafts.original_of(row.edition.bulletin)
    try:
        if row.attempts > MOST_ATTEMPTS or original is None:
            raise TooSlow
        translate = machine_translation.translator(
            original.language, row.edition.language, until=time.monotonic() + SECONDS
        )
        words = {name: translate(getattr(original, name)) for name in TranslationDraft.WORDS}
        put_in(row, original, words, at=clock())
    except TooSlow:
        fail(row, SLOW)
    except Unusable as fault:
        log.warning("No draft could be made: %s.", fault)
        fail(row, BROKEN)
    except NotAllowed:
        fail(row, WRITTEN)


def fail(row: TranslationDraft, says: str) -> None:
    """Give up on a row and say why."""
    TranslationDraft.objects.filter(pk=row.pk, state=State.QUEUED).update(
        state=State.FAILED, error=says, lease_until=None
    )


@transaction.atomic
def put_in(row: TranslationDraft, original: Edition, words: dict[str, str], *, at: datetime) -> None:
    """Save the model's words as a change by whoever asked. Raise NotAllowed where a person has written."""
    bulletin = drafts.lock(row.edition.bulletin)
    edition = bulletin.editions.get(pk=row.edition_id)
    if not is_empty(edition):
        raise NotAllowed(WRITTEN)
    for name, text in words.items():
        setattr(edition, name, fitted(edition, name, text))
    # It follows the original only if that is still what was translated.
    is_current = bulletin.editions.filter(pk=original.pk, revision=original.revision).exists()
    drafts.save_edition(edition, by=row.asked_by, at=at, is_current=is_current)
    TranslationDraft.objects.filter(pk=row.pk).update(
        state=State.DONE, digest=words_digest(edition), lease_until=None, error=""
    )
    trail.note("bulletin.draft_made", bulletin, by=row.asked_by, at=at, language=edition.language)


def fitted(edition: Edition, name: str, text: str) -> str:
    """Return words as a field takes them: in one line, and not longer than it is."""
    longest = getattr(edition._meta.get_field(name), "max_length", None)
    return " ".join(text.split())[:longest].strip() if longest else text


@transaction.atomic
def own(edition: Edition, *, by: User, at: datetime) -> None:
    """Note that a person has read a draft and stands by it as it is: it is theirs. Raise NotAllowed where none waits for that."""
    bulletin = drafts.lock(edition.bulletin)
    now = bulletin.editions.get(pk=edition.pk)
    row = TranslationDraft.objects.select_for_update().filter(edition=now).first()
    if row is None or not row.is_unread(now):
        raise NotAllowed(_("Nothing to read: the text has changed in the meantime. Nothing changed."))
    TranslationDraft.objects.filter(pk=row.pk).update(owned_by=by, owned_at=at)
    trail.note("bulletin.draft_owned", bulletin, by=by, at=at, language=now.language, revision=now.revision)
    drafts.note_editor(bulletin, by=by, at=at)
