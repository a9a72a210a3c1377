"""A fact is changed once: every place shown as it will read, then all of it written as one change that can be undone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts
from bulletins.editing.conflicts import token
from bulletins.models import Bulletin, FactChange, NotAllowed, Parts
from campaigns import platform_limits
from lib.text import word_diff
from lib.text.facts.finding import facts_in
from lib.text.facts.rendering import is_value, replaced

from . import text_places
from .fact_list import FactRow, facts_of
from .text_places import TextPlace


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    A place as it stands and as it would read. `by_hand`: its words cannot say the new value by themselves; `fault`: why the
    new text has no room. Either way a person writes it.
    """

    place: TextPlace
    before: str
    after: str
    by_hand: bool
    fault: str

    @property
    def token(self) -> str:
        """The mark of the text that was read."""
        return token(self.before)

    @property
    def marked(self) -> SafeString:
        """Both texts in one, as safe HTML, with some words around what changes."""
        return word_diff.near(self.before, self.after)


class OutOfDate(NotAllowed):
    """Someone changed one of the texts since they were read."""


def new_value(row: FactRow, typed: str) -> str | None:
    """
    Return the value that someone typed for a fact, as people write it in their language or as the list has it; None when it is
    none of that kind.
    """
    typed = typed.strip()
    if typed and is_value(row.kind, typed):
        return typed
    language = (get_language() or "en").partition("-")[0]
    facts = [fact for fact in facts_in(typed, language) if fact.kind == row.kind]
    unit = row.value.partition(" ")[2]
    if not facts and unit and is_value(row.kind, f"{typed} {unit}"):
        return f"{typed} {unit}"
    return facts[0].value if len(facts) == 1 else None


def find(parts: Parts, key: str, *, at: datetime) -> FactRow | None:
    """Return the fact that `key` names, as the texts are now."""
    return next((row for row in facts_of(parts, at=at) if row.key == key), None)


def proposals(row: FactRow, value: str, *, today: date) -> list[Proposal]:
    """Return each place of a fact as it would read with another value."""
    limits = platform_limits.current_limits()
    found = []
    for place, facts in row.found:
        changed = replaced(place.text, facts, value, place.language, today=today)
        fault = text_places.does_not_fit(place, changed.text, limits)
        found.append(Proposal(place, place.text, changed.text, bool(changed.left), fault))
    return found


@transaction.atomic
def change(
    bulletin: Bulletin,
    key: str,
    value: str,
    *,
    read: Mapping[str, str],
    left_out: Iterable[str] = (),
    reworded: Mapping[str, str] | None = None,
    by: User,
    at: datetime,
) -> FactChange:
    """
    Give a fact another value in all its places but those `left_out`; `reworded` is {place: text} for those that a person
    wrote. `read` is {place: token} of the texts that the person saw. Return the change.

    Raise OutOfDate when a text is another one by now or says the fact anew, and NotAllowed where the new words have no room, a
    place waits for a person's words, or nothing would change. Nothing is changed then.
    """
    held = drafts.lock(bulletin)
    row, skipped = find(Parts(held), key, at=at), set(left_out)
    if row is None or {place.key for place, _facts in row.found} != set(read):
        raise OutOfDate(_("Not changed: the texts have changed in the meantime. Here they are as they are now."))
    proposed = proposals(row, value, today=at.astimezone(held.campaign.zone).date())
    if any(read[one.place.key] != one.token for one in proposed):
        raise OutOfDate(_("Not changed: the texts have changed in the meantime. Here they are as they are now."))
    texts = new_texts([one for one in proposed if one.place.key not in skipped], reworded or {})
    if not texts:
        raise NotAllowed(_("Not changed: every place was left out or already says it."))
    text_places.write(held, texts, follow=not skipped, by=by, at=at)
    before = {place.key: place.text for place, _facts in row.found}
    made = FactChange.objects.create(
        bulletin=held,
        version=held.version,
        kind=row.kind,
        was=row.value,
        becomes=value,
        texts=[[name, before[name], text] for name, text in texts.items()],
        by=by,
        at=at,
    )
    trail.note("fact.changed", held, by=by, at=at, kind=row.kind, was=row.value, becomes=value, places=sorted(texts))
    bulletin.refresh_from_db()
    return made


def new_texts(proposed: Iterable[Proposal], reworded: Mapping[str, str]) -> dict[str, str]:
    """Return {place: text} of what changes. Raise NotAllowed where the words have no room, or wait for a person's."""
    limits = platform_limits.current_limits()
    texts: dict[str, str] = {}
    for one in proposed:
        own = reworded.get(one.place.key, "").replace("\r\n", "\n")
        fault = text_places.does_not_fit(one.place, own or one.after, limits)
        if one.by_hand and not own:
            fault = fault or _("Its words cannot take the new value by themselves: write them, or leave the place out.")
        if fault:
            raise NotAllowed(f"{one.place.where}: {fault} " + _("Nothing changed."))
        if (own or one.after) != one.before:
            texts[one.place.key] = own or one.after
    return texts


def latest(bulletin: Bulletin) -> FactChange | None:
    """Return the change of this version that can be undone: the last one that is not."""
    return bulletin.fact_changes.filter(version=bulletin.version, undone_at=None).order_by("-pk").first()


@transaction.atomic
def undo(made: FactChange, *, by: User, at: datetime) -> int:
    """
    Bring the words of before back in every place, as one change; return in how many. Raise NotAllowed, with nothing changed, when
    it was undone already, a newer change follows it, or a text was changed since.
    """
    held = drafts.lock(made.bulletin)
    newest = latest(held)
    if newest is None or newest.pk != made.pk:
        raise NotAllowed(_("Not undone: it was undone already, or another fact was changed after it. Nothing changed."))
    now = {place.key: place.text for place in text_places.places(Parts(held))}
    touched = [name for name, _before, after in made.texts if now.get(name) != after]
    if touched:
        raise NotAllowed(
            ngettext(
                "Not undone: %(n)d text was changed since. Nothing changed; the history of each text has its earlier words.",
                "Not undone: %(n)d texts were changed since. Nothing changed; the history of each text has its earlier words.",
                len(touched),
            )
            % {"n": len(touched)}
        )
    text_places.write(held, {name: before for name, before, _after in made.texts}, follow=True, by=by, at=at)
    FactChange.objects.filter(pk=made.pk).update(undone_at=at, undone_by=by)
    trail.note("fact.change_undone", held, by=by, at=at, kind=made.kind, was=made.becomes, becomes=made.was)
    return len(made.texts)
