"""Updates that an authority has sent of what a bulletin is made of and that nobody has taken into it: whoever approves has to know of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bulletins.checks.consistency import update_facts
from bulletins.checks.consistency.figures_match import facts
from bulletins.facts import fact_list, text_places, updates
from bulletins.models import Bulletin, MessageInput, NotAllowed, Parts
from lib.text.facts.detection import is_figure


@dataclass(frozen=True)
class PendingUpdate:
    """An update, and whether all that can be read in it (days, hours, numbers, names) stands in the bulletin: somebody wrote it there."""

    message: MessageInput
    is_told: bool


def pending(bulletin: Bulletin, *, at: datetime) -> list[PendingUpdate]:
    """Return the newest update of each submission that a bulletin is made of, unless it was taken or declined; three queries where there is none."""
    parts = Parts(bulletin)
    made_of = {one.pk for one in parts.inputs}
    found = [one for one in parts.updates.values() if one.pk not in made_of]
    if not found:
        return []
    asks = {one.source.pk for one in updates.proposed(parts, fact_list.facts_of(parts, at=at), at=at)}
    asks |= {one.source.pk for one in updates.additions(parts)}
    return [PendingUpdate(one, one.pk not in asks and is_told(one, parts)) for one in found]


def is_told(update: MessageInput, parts: Parts) -> bool:
    """Return whether an update says facts that what it replaces did not, and the bulletin says all of its facts."""
    said = [fact for text in update_facts.texts_of(update) for fact in facts(text, update.language) if not fact.soft]
    before = [
        fact
        for one in parts.every_input
        if one.pk == update.replaces_id
        for text in update_facts.texts_of(one)
        for fact in facts(text, one.language)
    ]
    texts = [(place.language, place.text) for place in text_places.places(parts)]
    # A weekday alone stands in many texts.
    is_new = any(is_figure(fact) and not any(fact.matches(other) for other in before) for fact in said)
    return is_new and all(update_facts.is_named(fact, texts) for fact in said)


def refuse_unread(bulletin: Bulletin, seen: Collection[str], *, at: datetime) -> None:
    """Raise NotAllowed where an update came that is not among those (keys) that stood on the page that somebody read."""
    unread = [one.message for one in pending(bulletin, at=at) if str(one.message.pk) not in seen]
    if unread:
        when = date_format(bulletin.campaign.local(unread[-1].received_at), "SHORT_DATETIME_FORMAT")
        raise NotAllowed(
            _(
                "Not approved: %(who)s sent an update on %(time)s, while you read. Read it; you can approve all the same."
            )
            % {"who": unread[-1].authority, "time": when}
        )
