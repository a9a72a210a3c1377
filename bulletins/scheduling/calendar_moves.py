"""A bulletin is moved to another time on the calendar, with every rule that choosing its times has."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.editing import audience_choices
from bulletins.editing.audience_choices import Choice
from bulletins.models import Bulletin, Cadence, NotAllowed, Target

from . import tier_stagger


def leaving(bulletin: Bulletin, moment: datetime | None) -> list[Target]:
    """Return the audiences that get a bulletin at a moment, as the calendar shows it; with None those that have no time yet."""
    rows = bulletin.targets.select_related("audience").order_by("pk")
    return [target for target in rows if (target.slot_at or target.at) == moment]


def audiences_with(slot: datetime, audiences: Iterable[int], *, urgency: str) -> set[int]:
    """Return those of some audiences that have a slot at a moment for bulletins of this urgency; one query."""
    found = Cadence.objects.filter(audience__in=audiences, only_urgency__in=["", urgency])
    in_time = found.exclude(every=Cadence.Every.IMMEDIATE).select_related("audience__campaign")
    return {one.audience_id for one in in_time if one.next_slot(after=slot) == slot}


def move(
    bulletin: Bulletin, since: datetime | None, to: datetime | None, *, is_slot: bool, by: User, at: datetime
) -> bool:
    """
    Have all audiences that get a bulletin at `since` (None: that have no time yet) get it at `to`; return whether that changed anything. A slot is the
    cadence's own: what is added for later tiers is taken off beforehand. Raise NotAllowed, with nothing changed, when it does
    not leave then any more, or for what `audience_choices.choose` refuses.
    """
    moved = {target.audience_id for target in leaving(bulletin, since)}
    if not moved:
        raise NotAllowed(_("Not moved: it is no longer sent at that time. Look at the calendar again."))
    at_slot = audiences_with(to, moved, urgency=bulletin.urgency) if is_slot and to else set()
    if is_slot and to and not at_slot:
        raise NotAllowed(_("Not moved: this slot is for others. Choose one of its own slots, or a time."))
    targets = list(bulletin.targets.select_related("audience"))
    choices = {target.audience_id: Choice(target.timing, target.at) for target in targets}
    for target in targets:
        if target.audience_id in moved:
            early = tier_stagger.stagger(bulletin, target.audience) if target.audience_id in at_slot else None
            choices[target.audience_id] = Choice(Target.Timing.AT_TIME, to - early if to and early else to)
    seen = audience_choices.token_of(targets)
    return audience_choices.choose(bulletin, choices, seen=seen, by=by, at=at)
