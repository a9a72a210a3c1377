"""What an authority's update says that is new is put into the texts as a paragraph of its own, in every language, or left out."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.checks import overrides
from bulletins.checks.consistency import update_facts
from bulletins.checks.consistency.update_facts import News
from bulletins.editing import drafts, input_merge
from bulletins.models import Bulletin, Edition, FactChange, MessageInput, NotAllowed, Override, Parts
from bulletins.publication import corrections
from campaigns.platforms import platform_limits

from . import correction_words, text_places
from .updates import additions

State = Bulletin.State


def news_of(bulletin: Bulletin, update: MessageInput) -> list[News]:
    """Return what an update says that is new, and that is neither in the bulletin nor left out."""
    return [one for one in additions(Parts(bulletin)) if one.source.pk == update.pk]


def editions_of(bulletin: Bulletin) -> list[Edition]:
    """Return the editions that have a text, the original first: the texts that say what is new."""
    found = [one for one in Parts(bulletin).editions if one.body.strip()]
    return sorted(found, key=lambda one: one.language != bulletin.original_language)


@transaction.atomic
def put_in(
    bulletin: Bulletin, update: MessageInput, key: str, words: Mapping[int, str], *, by: User, at: datetime
) -> FactChange:
    """
    Put what is new, which `key` names, at the end of each text; `words` are {key of an edition: its words}. The bulletin is made of the
    update from now on; of what is published it opens the correction. Raise NotAllowed, with nothing changed, where a text has no words of
    it or no room, and when it was decided on already.
    """
    if bulletin.state == State.PUBLISHED:
        corrections.start_correction(bulletin, by=by, at=at, what_changed={})
    held = drafts.lock(bulletin)
    if key not in {one.key for one in news_of(held, update)}:
        raise NotAllowed(_("Not changed: somebody has decided on it in the meantime. Here is what is left."))
    input_merge.take_update(held, update, by=by, at=at)
    texts = longer_texts(held, words)
    said = correction_words.latest_of(held)
    text_places.write(held, {name: text for name, _before, text in texts}, follow=True, by=by, at=at)
    made = FactChange.objects.create(
        bulletin=held, version=held.version, kind=FactChange.NEW, becomes=key, texts=texts, by=by, at=at
    )
    correction_words.follow(held, made, last=said)
    trail.note("fact.added", held, by=by, at=at, becomes=key, places=sorted(name for name, _before, _text in texts))
    bulletin.refresh_from_db()
    return made


def longer_texts(held: Bulletin, words: Mapping[int, str]) -> list[list[str]]:
    """Return [place, before, after] of each text with its words as a paragraph at its end. Raise NotAllowed where one has none or no room."""
    limits, texts = platform_limits.current_limits(), []
    for place in text_places.places(Parts(held)):
        if not is_body(place):
            continue
        own = words.get(place.row.pk, "").replace("\r\n", "\n").strip()
        if not own:
            raise NotAllowed(f"{place.where}: " + _("Write it in this language too, or leave it out. Nothing changed."))
        text = f"{place.text.rstrip()}\n\n{own}"
        if fault := text_places.does_not_fit(place, text, limits):
            raise NotAllowed(f"{place.where}: {fault} " + _("Nothing changed."))
        texts.append([place.key, place.text, text])
    if not texts:
        raise NotAllowed(_("Not changed: no text is written yet. Write it first."))
    return texts


def is_body(place: text_places.TextPlace) -> bool:
    """Return whether a place is the text of an edition."""
    return isinstance(place.row, Edition) and place.field == "body"


@transaction.atomic
def leave_out(bulletin: Bulletin, update: MessageInput, key: str, *, by: User, at: datetime) -> None:
    """
    Leave out what is new: it is not asked again, and approvers read that it is left out. The bulletin is made of the update from now on. Raise
    NotAllowed when it was decided on already, and once published.
    """
    held = drafts.lock(bulletin)
    new = next((one for one in news_of(held, update) if one.key == key), None)
    if new is None:
        raise NotAllowed(_("Not changed: somebody has decided on it in the meantime. Here is what is left."))
    input_merge.take_update(held, update, by=by, at=at)
    overrides.override_finding(held, update_facts.finding_of(new).key, reason=Override.LEFT_OUT, by=by, at=at)
    bulletin.refresh_from_db()
