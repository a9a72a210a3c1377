"""A fact is changed once: every place shown as it will read, then all of it written as one change that can be undone."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts
from bulletins.editing.conflicts import token
from bulletins.models import Bulletin, Edition, FactChange, NotAllowed, Parts
from bulletins.publication import corrections
from campaigns import platform_limits
from lib.text import word_diff
from lib.text.facts.detection import facts_in
from lib.text.facts.fact import Fact
from lib.text.facts.replacement import Unwritable, is_value, render, replaced
from lib.text.languages import language_name

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


# What is put into a text as somebody typed it, in no form of a language.
AS_TYPED = {
    "phone": re.compile(r"\+?\d[\d ()-]{1,24}"),
    "web": re.compile(r"[^\s()\[\]<>]{1,300}\.[^\s()\[\]<>]{1,300}"),
    "address": re.compile(r"[^\n<>]{3,100}"),
}


class OutOfDate(NotAllowed):
    """Someone changed one of the texts since they were read."""


def new_value(row: FactRow, typed: str) -> str | None:
    """
    Return the value that someone typed for a fact, as people write it in their language or as the list has it; None when it is
    none of that kind.
    """
    typed = " ".join(typed.split())
    if row.kind in AS_TYPED:
        return typed if AS_TYPED[row.kind].fullmatch(typed) else None
    if typed and is_value(row.kind, typed):
        return typed
    for language in dict.fromkeys([(get_language() or "en").partition("-")[0], *row.languages]):
        facts = [fact for fact in facts_in(typed, language) if fact.kind == row.kind]
        if len(facts) == 1:
            return facts[0].value
    unit = row.value.partition(" ")[2]
    return f"{typed} {unit}" if unit and is_value(row.kind, f"{typed} {unit}") else None


def find(parts: Parts, key: str, *, at: datetime) -> FactRow | None:
    """Return the fact that `key` names, as the texts are now."""
    return next((row for row in facts_of(parts, at=at) if row.key == key), None)


def proposals(row: FactRow, value: str, *, today: date) -> list[Proposal]:
    """Return each place of a fact as it would read with another value."""
    limits = platform_limits.current_limits()
    found = []
    for place, facts in row.found:
        if row.kind in AS_TYPED:
            text, left = exchanged(place.text, facts, value), False
        else:
            changed = replaced(place.text, facts, value, place.language, today=today)
            text, left = changed.text, bool(changed.left)
        found.append(Proposal(place, place.text, text, left, text_places.does_not_fit(place, text, limits)))
    return found


def exchanged(text: str, facts: Iterable[Fact], words: str) -> str:
    """Return a text with these words in the place of some facts."""
    for fact in sorted(facts, key=lambda one: -one.start):
        text = text[: fact.start] + words + text[fact.end :]
    return text


@transaction.atomic
def change(
    bulletin: Bulletin,
    key: str,
    value: str,
    *,
    read: Mapping[str, str],
    left_out: Iterable[str] = (),
    reworded: Mapping[str, str] | None = None,
    correction: Mapping[str, Mapping[str, str]] | None = None,
    by: User,
    at: datetime,
) -> FactChange:
    """
    Give a fact another value in all its places but those `left_out`; `reworded` is {place: text} for those that a person
    wrote. Of what is published it opens the correction, with the words of `correction` (corrections.start_correction). `read` is {place: token} of the texts that the person saw. Return the change.

    Raise OutOfDate when a text is another one by now or says the fact anew, and NotAllowed where the new words have no room, a
    place waits for a person's words, or nothing would change. Nothing is changed then.
    """
    if bulletin.state == Bulletin.State.PUBLISHED:
        corrections.start_correction(bulletin, by=by, at=at, **(correction or {"what_changed": {}}))
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


def codes_of(bulletin: Bulletin) -> list[str]:
    """Return the campaign's languages."""
    return [language.code for language in bulletin.campaign.languages.all()]


def correction_words(bulletin: Bulletin, row: FactRow, value: str, *, today: date) -> list[tuple[str, str, str, str]]:
    """
    Return code, name, what changed and the words for people who shared it, in each language, of a correction that begins with
    this change: as the fullest words of the language say both values.
    """
    found = []
    for code in codes_of(bulletin):
        said = [(place, fact) for place, facts in row.found if place.language == code for fact in facts]
        was, now = row.value, value
        # What is written in the text itself comes before what is said in a script.
        for _place, fact in sorted(said, key=lambda one: (not isinstance(one[0].row, Edition), -len(one[1].written))):
            with suppress(Unwritable):
                was, now = fact.written, render(value, fact.form, fact.part, today=today)
                break
        with override(code):
            found.append((code, language_name(code), *corrections.sentences_of(was, now)))
    return found


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
