"""
Two people in one text: what either changed is stored, paragraph by paragraph (a caption line by line, hashtags one by one), and what both
changed is set aside and shown to the second one, who chooses. Every field of a bulletin that several people write is saved by `save`.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import AuditEntry, User
from bulletins.models import Bulletin, NotAllowed, SetAside
from lib.text.revisions.paragraph_merge import merge_doubled, merge_paragraphs

LOOKED_BACK = 50  # entries of the audit log, for who changed a field


def token(text: str) -> str:
    """Return a short mark of a text (16 hex digits of its SHA-256, line ends made plain), by which a page says what it has read."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that someone else changed since the writer read it: what is stored now, what was refused, and both as one text began."""

    field: str
    theirs: str
    mine: str
    base: str | None = None

    @property
    def both(self) -> str:
        """Both texts in one: lines that both changed stand twice, the writer's marked as a blank, which keeps it from being submitted."""
        mark = f"{{{_('or')}}}"
        if self.field != "body":
            return f"{self.theirs} {mark} {self.mine}"
        return merge_doubled(self.base, self.theirs, self.mine, mark)


@dataclass(slots=True)
class Saved:
    """
    What came of a save: {field: text} to store; of fields in which someone else's words and the writer's now stand together,
    {field: the text that was sent}; the clashes, which change nothing; and {field: sentence} of faults.
    """

    changed: dict[str, str] = field(default_factory=dict)
    combined: dict[str, str] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


# Brings the two texts that were made from one together: (name of the field, that one, theirs, mine) → text, or None where it can't.
Combine = Callable[[str, str, str, str], str | None]


def by_paragraph(_name: str, base: str, theirs: str, mine: str) -> str | None:
    """Return both texts in one where they changed different paragraphs."""
    return merge_paragraphs(base, theirs, mine)


def merge(
    stored: Mapping[str, str],
    sent: Mapping[str, str],
    read: Mapping[str, str],
    base: Mapping[str, str] | None = None,
    combine: Combine = by_paragraph,
) -> Saved:
    """
    Compare what is stored with what a writer sent, field by field; `read` holds the token() of what they started from,
    and `base` that text itself, as far as the page sent it.

    Fields that `stored` does not know, and those that the writer left as they had read them, are left alone. One whose
    stored text still has that token takes the new text. One that changed meanwhile, to something else than what was
    sent, takes what both changed where `combine` can put it together; else it is a clash. A field without a token counts
    as read just now.
    """
    saved, base = Saved(), base or {}
    for name, text in sent.items():
        if name not in stored or read.get(name) == token(text):
            continue
        mine, theirs = text.replace("\r\n", "\n"), stored[name]
        if mine == theirs:
            continue
        if read.get(name) in {None, token(theirs)}:
            saved.changed[name] = mine
            continue
        is_known = name in base and token(base[name]) == read.get(name)
        began = base[name].replace("\r\n", "\n") if is_known else None
        both = combine(name, began, theirs, mine) if began is not None else None
        if both is None:
            saved.clashes.append(Clash(name, theirs, mine, began))
            continue
        saved.combined[name] = mine
        if both != theirs:
            saved.changed[name] = both
    return saved


def save(
    bulletin: Bulletin,
    part: str,
    stored: Mapping[str, str],
    sent: Mapping[str, str],
    read: Mapping[str, str],
    *,
    by: User,
    at: datetime,
    base: Mapping[str, str] | None = None,
    combine: Combine = by_paragraph,
    fault: Callable[[str, str], str] | None = None,
) -> Saved:
    """
    Merge what `by` sent into what is stored of `part`, and set aside the words of every clash; the caller stores what changed.
    `fault` says what is wrong with a field's text, or "". Inside a transaction.
    """
    saved = merge(stored, sent, read, base, combine)
    if fault:
        saved.faults = {name: says for name, text in saved.changed.items() if (says := fault(name, text))}
        for name in saved.faults:
            del saved.changed[name]
            saved.combined.pop(name, None)
    for clash in saved.clashes:
        set_aside(bulletin, part, clash.field, clash.mine, by=by, at=at)
    return saved


def changed_by(who: object, at: datetime | None, bulletin: Bulletin) -> str:
    """Return the sentence over two texts for one field: who wrote the stored one, and when; without names where nobody is known."""
    if not who or at is None:
        return _("Someone else changed this field. Both texts are kept: choose one.")
    time = date_format(bulletin.campaign.local(at), "TIME_FORMAT")
    return _("%(who)s changed this field at %(time)s. Both texts are kept: choose one.") % {"who": who, "time": time}


def changed_meanwhile(who: object, at: datetime | None, bulletin: Bulletin) -> str:
    """Return the sentence over a field that has the writer's text, below which stands the stored one: who wrote that, and when."""
    if not who or at is None:
        return _(
            "Someone else changed this in the meantime. Their text is saved; yours is in the field. Save again to replace it with yours."
        )
    says = _(
        "%(who)s changed this at %(time)s. Their text is saved; yours is in the field. Save again to replace it with yours."
    )
    return says % {"who": who, "time": date_format(bulletin.campaign.local(at), "TIME_FORMAT")}


def last_change(bulletin: Bulletin, field: str, place: str | None, *verbs: str, **named: str) -> AuditEntry | None:
    """
    Return the newest entry of the audit log that changed a field; one query. Those of `verbs` that are about its row have its details
    (`named`), changes of a fact the `place` of the text; with None each of them changes the field.
    """
    every = (*verbs, "fact.added", "fact.changed", "fact.change_undone")
    entries = AuditEntry.objects.about(bulletin).filter(verb__in=every).select_related("actor")
    for one in entries[:LOOKED_BACK]:
        is_of_row = named.items() <= one.detail.items() and field in one.detail.get("fields", ())
        is_of_fact = one.verb not in verbs and (place is None or place in one.detail.get("places", ()))
        if is_of_row or is_of_fact:
            return one
    return None


def set_aside(bulletin: Bulletin, part: str, name: str, text: str, *, by: User, at: datetime) -> None:
    """Keep words of `by` that are not stored. Until they have chosen, their newer words for the place take over."""
    waiting = SetAside.objects.filter(bulletin=bulletin, part=part, field=name, by=by, settled_at=None)
    if not waiting.update(text=text, at=at):
        SetAside.objects.create(bulletin=bulletin, part=part, field=name, text=text, by=by, at=at)


def waiting(bulletin: Bulletin) -> Iterable[SetAside]:
    """Return the words set aside that nobody has settled, the newest first; removed rows are in their own list."""
    return bulletin.set_aside.filter(settled_at=None).exclude(part__startswith="removed:").select_related("by")


@transaction.atomic
def resolve(row: SetAside, *, by: User, at: datetime) -> None:
    """Note that words set aside need no more attention. They stay on record."""
    if row.by_id != by.pk and not by.has_perm("bulletins.change_bulletin"):
        raise NotAllowed(_("Only an editor can resolve text that someone else wrote. Nothing changed."))
    if SetAside.objects.filter(pk=row.pk, settled_at=None).update(settled_at=at):
        trail.note("words.settled", row.bulletin, by=by, at=at, part=row.part, field=row.field)


def resolve_own(bulletin: Bulletin, part: str, name: str, *, by: User, at: datetime) -> None:
    """Note that `by` has chosen between the two texts of a field."""
    for row in SetAside.objects.filter(bulletin=bulletin, part=part, field=name, by=by, settled_at=None):
        resolve(row, by=by, at=at)
