"""What is said: by an influencer, by the team to them, by the team about them. Each keeps who waits for whom."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.models import Version
from influencers.models import Influencer, Thread, ThreadMessage

LONGEST = 20_000  # signs that a person may write at once

Kind = ThreadMessage.Kind
Via = ThreadMessage.Via


class MessageRefused(Exception):
    """What was not said. The text says why and what now, in the user's language."""


class AnsweredMeanwhile(MessageRefused):
    """Someone else answered after what the author of this answer has seen. `answers` are theirs."""

    def __init__(self, answers: Iterable[ThreadMessage]) -> None:
        super().__init__(
            _("Not sent yet: someone replied while you were writing. Read the reply, then send yours or discard it.")
        )
        self.answers = list(answers)


def thread_of(influencer: Influencer) -> Thread:
    """Return the thread of an influencer, begun when there is none."""
    thread, _new = Thread.objects.get_or_create(influencer=influencer)
    return thread


@transaction.atomic
def add_from_influencer(
    influencer: Influencer, text: str, *, via: str, at: datetime, version: Version | None = None
) -> ThreadMessage:
    """
    Keep what an influencer says; from now on they wait for us, and whoever has to answer is mailed. Raise MessageRefused for
    no words and for too many.
    """
    words = worded(text)
    thread = thread_of(influencer)
    said = ThreadMessage.objects.create(
        thread=thread,
        kind=Kind.FROM_THEM,
        via=via,
        author_id=influencer.user_id,
        text=words,
        version=version,
        at=at,
        next_attempt_at=at,
    )
    arrived(thread, at=at)
    mark_read(influencer, at=at)
    return said


@transaction.atomic
def answer(
    thread: Thread,
    text: str,
    *,
    by: User,
    at: datetime,
    seen: int | None = None,
    anyway: bool = False,
    via: str = Via.DESK,
    mail_id: str = "",
) -> ThreadMessage:
    """
    Say something to an influencer: it is in the portal at once and leaves by mail. They wait no more, unless they wrote
    again after `seen`.

    `seen` is the key of the last message that the author has read, 0 for none. Raise AnsweredMeanwhile when an answer
    came after it, unless it shall go `anyway`; the same words by the same person again are the same answer. Raise
    MessageRefused for no words and for too many.
    """
    words = worded(text)
    thread = Thread.objects.select_for_update().get(pk=thread.pk)
    newer = list(thread.messages.filter(kind=Kind.FROM_US, pk__gt=seen)) if seen is not None else []
    again = next((one for one in newer if one.author_id == by.pk and one.text == words), None)
    if again is not None:
        return again
    if newer and not anyway:
        raise AnsweredMeanwhile(newer)
    said = ThreadMessage.objects.create(
        thread=thread,
        kind=Kind.FROM_US,
        via=via,
        author=by,
        text=words,
        at=at,
        next_attempt_at=at,
        mail_id=mail_id,
        in_reply_to=last_mail_id(thread),
    )
    waiting_since = unread_since(thread, seen)
    answered = {"waiting_since": waiting_since, "last_from_us_at": at, "reminded_at": None}
    Thread.objects.filter(pk=thread.pk).update(**answered, taken_by=thread.taken_by if waiting_since else None)
    return said


def unread_since(thread: Thread, seen: int | None) -> datetime | None:
    """
    Return when the oldest message came that waits in a thread and that someone who read up to `seen` has not read.
    """
    if seen is None or thread.waiting_since is None:
        return None
    unread = thread.messages.filter(kind=Kind.FROM_THEM, pk__gt=seen, at__gte=thread.waiting_since)
    return unread.order_by("at").values_list("at", flat=True).first()


def note(thread: Thread, text: str, *, by: User, at: datetime) -> ThreadMessage:
    """Keep a note for the team: it is never mailed and never in the portal. Raise MessageRefused as `add_from_influencer`."""
    words = worded(text)
    return ThreadMessage.objects.create(thread=thread, kind=Kind.NOTE, via=Via.DESK, author=by, text=words, at=at)


@transaction.atomic
def log_contact(thread: Thread, text: str, *, via: str, by: User, at: datetime, happened_at: datetime) -> ThreadMessage:
    """
    Note that someone spoke with an influencer elsewhere, on the phone or at a meeting. It counts as hearing from us,
    but people who wait go on waiting. For the team only. Raise MessageRefused as `add_from_influencer`, and for a time to come.
    """
    if happened_at > at:
        raise MessageRefused(_("Not saved: this time is in the future. Enter the time when you spoke."))
    words = worded(text)
    kept = ThreadMessage.objects.create(
        thread=thread, kind=Kind.CONTACT, via=via, author=by, text=words, at=happened_at
    )
    note_contact(thread.influencer, at=happened_at)
    return kept


@transaction.atomic
def mark_settled(thread: Thread, *, by: User, at: datetime, seen: int | None = None) -> None:
    """
    Say that no answer is needed. Raise MessageRefused when they wrote again after `seen`, the last message that was read.
    """
    thread = Thread.objects.select_for_update().get(pk=thread.pk)
    if thread.waiting_since is None:
        return
    if seen is not None and thread.messages.filter(kind=Kind.FROM_THEM, pk__gt=seen).exists():
        raise MessageRefused(_("Not marked: they have written again in the meantime. Read that first."))
    Thread.objects.filter(pk=thread.pk).update(waiting_since=None, reminded_at=None, taken_by=None)
    note(thread, _("No reply needed."), by=by, at=at)


def note_contact(influencer: Influencer, *, at: datetime) -> None:
    """Note that an influencer heard from a person of the team at `at`, in whatever way."""
    thread = thread_of(influencer)
    later = Q(last_from_us_at=None) | Q(last_from_us_at__lt=at)
    Thread.objects.filter(later, pk=thread.pk).update(last_from_us_at=at)


def mark_read(influencer: Influencer, *, at: datetime) -> int:
    """Note that an influencer has read what the team said, and return how many messages were new to them."""
    unread = ThreadMessage.objects.filter(thread__influencer=influencer, kind=Kind.FROM_US, seen_at=None, at__lte=at)
    return unread.update(seen_at=at)


def arrived(thread: Thread, *, at: datetime) -> None:
    """Note that an influencer said something: they wait from the oldest thing that nobody answered."""
    Thread.objects.filter(pk=thread.pk, waiting_since=None).update(waiting_since=at, reminded_at=None)
    Thread.objects.filter(pk=thread.pk).update(last_from_them_at=at)


def last_mail_id(thread: Thread) -> str:
    """Return the Message-ID of the influencer's last mail in a thread, "" when they wrote none."""
    mails = thread.messages.filter(kind=Kind.FROM_THEM).exclude(mail_id="").order_by("-pk")
    found = mails.values_list("mail_id", flat=True).first() or ""
    return found if found.startswith("<") else ""


def worded(text: str) -> str:
    """Return words as they are kept. Raise MessageRefused for none, and for too many."""
    words = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not words:
        raise MessageRefused(_("Write something first. Nothing was sent."))
    if len(words) > LONGEST:
        raise MessageRefused(
            _("Not sent: it is longer than %(most)d characters. Shorten it, or send it in parts.") % {"most": LONGEST}
        )
    return words
