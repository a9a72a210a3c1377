"""Comments and their answers: written, resolved, opened again, and deleted when the bulletin is approved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import rate_limit
from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.facts.text_places import TextPlace
from bulletins.models import Bulletin, Comment, NotAllowed
from notifications import outbox
from notifications.notice_kinds import Kind

from . import mentions, passages
from .passages import Passage

LONGEST = 2_000  # characters of a comment
LONGEST_QUOTE = 300
AROUND = 40  # characters kept on each side of a passage
MOST = 200  # comments and answers of one bulletin
BY_ONE_PERSON = rate_limit.Limit("comment", 60, 3_600)
OPEN = {Bulletin.State.DRAFT, Bulletin.State.IN_REVIEW}


# --- Writing -----------------------------------------------------------------------------------------


@transaction.atomic
def comment(
    bulletin: Bulletin, place: TextPlace | None, passage: Passage, text: str, *, by: User, at: datetime
) -> Comment:
    """Write a comment at a passage of a text, and tell whom it mentions. Raise NotAllowed."""
    lock(bulletin)
    if place is None:
        raise NotAllowed(_("Not saved: there is no text there yet. Write it first."))
    quote = plain(passage.quote)
    if not quote.strip():
        raise NotAllowed(_("Not saved: select the words that you want to comment on."))
    if len(quote) > LONGEST_QUOTE:
        raise NotAllowed(_("Not saved: select at most %(n)d characters.") % {"n": LONGEST_QUOTE})
    row = Comment(
        bulletin=bulletin,
        place=place.key,
        quote=quote,
        before=plain(passage.before)[-AROUND:],
        after=plain(passage.after)[:AROUND],
        start=passage.start,
    )
    return store(row, text, by=by, at=at)


@transaction.atomic
def answer(thread: Comment, text: str, *, by: User, at: datetime) -> Comment:
    """Answer a comment, and tell its writer and whom the answer mentions. Raise NotAllowed."""
    lock(thread.bulletin)
    if not Comment.objects.first_ones().filter(pk=thread.pk).exists():
        raise NotAllowed(_("Not saved: the comment is no longer there."))
    row = store(Comment(bulletin=thread.bulletin, thread=thread), text, by=by, at=at)
    if thread.by != by and thread.by.is_active and thread.by not in row.mentions.all():
        tell(notices.COMMENT_ANSWERED, [thread.by], row, by=by, at=at)
    return row


@transaction.atomic
def edit(row: Comment, typed: str, *, by: User, at: datetime) -> None:
    """Let whoever wrote a comment or an answer word it anew, and tell whom it mentions now and did not before. Raise NotAllowed."""
    must_be_open(row.bulletin)
    held = Comment.objects.select_for_update().filter(pk=row.pk, by=by).exclude(text="").first()
    if held is None:
        raise NotAllowed(_("Not saved: only the person who wrote a comment can edit it, while it is there."))
    before = list(held.mentions.all())
    text, people = read(typed, row.bulletin.campaign_id, by=by, at=at, known=before)
    if text == held.text:
        return
    held.text, held.edited_at = text, at
    held.save(update_fields=["text", "edited_at"])
    held.mentions.set(people)
    tell(notices.MENTIONED, [one for one in people if one != by and one not in before], held, by=by, at=at)


def plain(typed: str) -> str:
    """Return words with line ends as texts are stored, without what no text holds."""
    return typed.replace("\r\n", "\n").replace("\x00", "")


def lock(bulletin: Bulletin) -> None:
    """Hold a bulletin while one more comment is counted. Raise NotAllowed when it takes none."""
    if must_be_open(bulletin).comments.count() >= MOST:
        raise NotAllowed(_("Not saved: a bulletin has at most %(n)d comments.") % {"n": MOST})


def must_be_open(bulletin: Bulletin) -> Bulletin:
    """Return a bulletin, held for this transaction. Raise NotAllowed when its comments are over."""
    held = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    if held.state not in OPEN:
        raise NotAllowed(_("Not saved: comments end when a bulletin is approved."))
    return held


def store(row: Comment, typed: str, *, by: User, at: datetime) -> Comment:
    """Store a comment or an answer with its text, and tell whom it mentions. Raise NotAllowed."""
    row.text, people = read(typed, row.bulletin.campaign_id, by=by, at=at)
    row.by, row.at = by, at
    row.save()
    row.mentions.set(people)
    tell(notices.MENTIONED, [one for one in people if one != by], row, by=by, at=at)
    return row


def read(typed: str, campaign: int, *, by: User, at: datetime, known: Iterable[User] = ()) -> tuple[str, list[User]]:
    """Return what somebody typed as it is stored, and whom it mentions; `known` can be named too. Raise NotAllowed."""
    text = plain(typed).strip()
    if not text:
        raise NotAllowed(_("Not saved: write something."))
    if len(text) > LONGEST:
        raise NotAllowed(_("Not saved: a comment has at most %(n)d characters.") % {"n": LONGEST})
    read_text = mentions.read_mentions(
        text, mentions.labels_of(mentions.mentionable(campaign, known)) if "@" in text else {}
    )
    if not BY_ONE_PERSON.allow(str(by.pk), at=at):
        raise NotAllowed(_("Not saved: you have written many comments in the last hour. Wait a little."))
    return read_text


def tell(kind: Kind, people: Iterable[User], row: Comment, *, by: User, at: datetime) -> None:
    """Tell people of a comment, without its words: they go when it goes."""
    path = reverse("admin:bulletins_bulletin_change", args=[row.bulletin_id]) + f"#comment-{row.thread_id or row.pk}"
    for one in people:
        with translation.override(row.bulletin.campaign.language_for(one)):
            says = _("Written by %(who)s.") % {"who": by}
        outbox.write(kind, [one], about=row.bulletin, path=path, text=says, at=at)


# --- Resolving ---------------------------------------------------------------------------------------


def may_resolve_all(user: User) -> bool:
    """Return whether someone may resolve every thread, and open it again: who may edit bulletins."""
    return user.has_perm("bulletins.change_bulletin")


def may_resolve(thread: Comment, user: User) -> bool:
    """Return whether someone may resolve a thread and open it again: who may edit bulletins, and who began it."""
    return may_resolve_all(user) or thread.by_id == user.pk


def resolve(thread: Comment, *, by: User, at: datetime) -> None:
    """Note that a thread needs nothing more. Raise NotAllowed when someone was faster."""
    if not Comment.objects.open_ones().filter(pk=thread.pk).update(resolved_by=by, resolved_at=at):
        raise NotAllowed(_("Someone else has resolved it already."))


def reopen(thread: Comment) -> None:
    """Open a thread again."""
    Comment.objects.first_ones().filter(pk=thread.pk).update(resolved_by=None, resolved_at=None)


def delete_all(bulletin: Bulletin, *, by: User, at: datetime) -> None:
    """Delete every comment of a bulletin that is approved, and write down how many that were. In a transaction."""
    rows = Comment.objects.filter(bulletin=bulletin)
    threads, still_open = rows.first_ones().count(), rows.open_ones().count()
    if not threads:
        return
    rows.delete()
    trail.note("bulletin.comments_deleted", bulletin, by=by, at=at, threads=threads, open=still_open)


# --- Reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """
    A comment or an answer as it is read: its text in pieces, each with whether it is somebody's name; and for who may edit it as they
    typed it, else "".
    """

    row: Comment
    pieces: list[tuple[str, bool]]
    typed: str = ""

    @property
    def text_id(self) -> str:
        """The id of the field in which it is edited."""
        return f"comment-{self.row.pk}-edit"


@dataclass(frozen=True)
class Thread:
    """
    A thread as it is read. `where` names its text; `anchor` is the id of its field in the editor, `at` where a browser finds the
    passage, None when its words are no longer there.
    """

    row: Comment
    said: list[Said]
    where: str = ""
    anchor: str = ""
    language: str = ""
    at: int | None = None
    order: tuple[int, int] = (0, 0)

    @property
    def text_id(self) -> str:
        """The id of the field in which it is answered."""
        return f"comment-{self.row.pk}-text"


def threads_of(bulletin: Bulletin, texts: list[TextPlace], reader: User | None = None) -> list[Thread]:
    """
    Return the threads of a bulletin in the order of its texts, as `reader` sees them; those whose words are gone come last. Six queries
    at most.
    """
    rows = Comment.objects.filter(bulletin=bulletin).select_related("by", "resolved_by").prefetch_related("mentions")
    answers: dict[int, list[Comment]] = {}
    first = []
    for row in rows:
        if row.thread_id is None:
            first.append(row)
        else:
            answers.setdefault(row.thread_id, []).append(row)
    by_key = {place.key: (number, place) for number, place in enumerate(texts)}
    typed = _as_typed(rows, reader, bulletin.campaign_id) if reader and bulletin.state in OPEN else {}
    found = [_thread(row, answers.get(row.pk, []), by_key, typed) for row in first]
    return sorted(found, key=lambda one: one.order)


def _as_typed(rows: Iterable[Comment], reader: User, campaign: int) -> dict[int, str]:
    """Return the texts of somebody's own comments as they typed them, by key."""
    own = [row for row in rows if row.by_id == reader.pk]
    people = {one for row in own for one in row.mentions.all()}
    labels = mentions.labels_of(mentions.mentionable(campaign, people)) if people else {}
    return {row.pk: mentions.as_typed(row.text, labels) for row in own}


def _thread(
    row: Comment, answers: list[Comment], by_key: dict[str, tuple[int, TextPlace]], typed: Mapping[int, str]
) -> Thread:
    said = [
        Said(one, mentions.pieces_of(one.text, one.mentions.all()), typed.get(one.pk, "")) for one in (row, *answers)
    ]
    number, place = by_key.get(row.place, (len(by_key), None))
    if place is None:
        return Thread(row, said, order=(len(by_key), row.pk))
    start = Passage.of(row).found_in(place.text)
    return Thread(
        row,
        said,
        where=place.where,
        anchor=passages.anchor_of(place),
        language=place.language,
        at=None if start is None else passages.browser_offset(place.text, start),
        order=(len(by_key), row.pk) if start is None else (number, start),
    )


def open_threads(bulletin: Bulletin) -> Iterator[Said]:
    """Yield what nobody has resolved, the oldest first; three queries at most."""
    rows = Comment.objects.filter(bulletin=bulletin).open_ones().select_related("by").prefetch_related("mentions")
    for row in rows:
        yield Said(row, mentions.pieces_of(row.text, row.mentions.all()))


def mark_of(bulletin: Bulletin) -> str:
    """Return what changes when a comment comes, is edited or resolved, for pages that ask whether one did; one query."""
    rows = Comment.objects.filter(bulletin=bulletin).values_list("pk", "resolved_at", "edited_at")
    keys = [pk for pk, _resolved, _edited in rows]
    edited = max((at.timestamp() for _pk, _resolved, at in rows if at), default=0)
    return f"{len(keys)}-{max(keys, default=0)}-{sum(at is not None for _pk, at, _edited in rows)}-{edited:.3f}"
