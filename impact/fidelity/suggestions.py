"""What became of a key message, in a sentence, and what an editor may do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from bulletins.models import Platform
from influencers.models import PostMessage

from .message_outcomes import Lost, MessageOutcome
from .outcome_tables import OutcomeTable

Fate = PostMessage.Fate
NOTED = 0.25  # the share from which a lost figure, or a contradiction, is worth a sentence
OFTEN = 0.5  # the share from which a message that is left out is
KINDS = {
    "date": pgettext_lazy("is missing", "The date"),
    "time": pgettext_lazy("is missing", "The time"),
    "duration": pgettext_lazy("is missing", "How long it lasts"),
    "number": pgettext_lazy("is missing", "The number"),
    "money": pgettext_lazy("is missing", "The amount of money"),
    "percent": pgettext_lazy("is missing", "The percentage"),
    "measure": pgettext_lazy("is missing", "The measure"),
    "phone": pgettext_lazy("is missing", "The phone number"),
    "web": pgettext_lazy("is missing", "The web address"),
    "address": pgettext_lazy("is missing", "The street address"),
    "month": pgettext_lazy("is missing", "The month"),
    "place": pgettext_lazy("is missing", "The place"),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sentence about what was found, and what could be done; the `platform` whose caption it is about, "" for none."""

    says: str
    do: str
    platform: str = ""


def suggestions_of(one: MessageOutcome) -> list[Suggestion]:
    """Return what is worth a sentence about a key message, what weighs most first; [] where all is well or nothing may be told."""
    if one.table is None:
        return []
    return [*of_contradictions(one.table), *of_lost(one.lost), *of_left_out(one.table)]


def foremost(outcomes: Iterable[MessageOutcome]) -> Suggestion | None:
    """Return what weighs most of several key messages: a contradiction, then a figure that is lost, then one that is left out."""
    told = [(one, one.table) for one in outcomes if one.table]
    found = [
        *(one for _outcome, table in told for one in of_contradictions(table)),
        *(one for outcome, _table in told for one in of_lost(outcome.lost)),
        *(one for _outcome, table in told for one in of_left_out(table)),
    ]
    return found[0] if found else None


def of_contradictions(table: OutcomeTable) -> list[Suggestion]:
    """Return the sentence about posts that contradict a message."""
    share = share_of(table, Fate.CONTRADICTED)
    if share < NOTED / 2:
        return []
    says = _("%(percent)s of the posts about it contradict it.") % {"percent": percent(share)}
    return [Suggestion(says, _("Say it in other words."))]


def of_lost(lost: Iterable[Lost]) -> list[Suggestion]:
    """Return a sentence about each kind of figure that is often lost: where it is lost most, or everywhere."""
    found: dict[str, Suggestion] = {}
    for one in lost:
        name = KINDS.get(one.kind)
        if name is None or one.kind in found or one.share < NOTED or len(one.platforms) > 1:
            continue
        values = {"what": name, "percent": percent(one.share), "n": one.of}
        if not one.platforms:
            says = _("%(what)s is missing in %(percent)s of the %(n)d posts that say it.") % values
            found[one.kind] = Suggestion(
                says, _("Put it into the first sentence of the key message and of the captions.")
            )
            continue
        channel = str(dict(Platform.choices).get(one.platforms[0], one.platforms[0]))
        says = _("%(what)s is missing in %(percent)s of the %(n)d posts on %(channel)s that say it.") % (
            values | {"channel": channel}
        )
        do = _("Put it into the first line of the caption for %(channel)s.") % {"channel": channel}
        found[one.kind] = Suggestion(says, do, one.platforms[0])
    return list(found.values())


def of_left_out(table: OutcomeTable) -> list[Suggestion]:
    """Return the sentence about a message that is left out more often than not."""
    share = share_of(table, Fate.DROPPED)
    if share < OFTEN:
        return []
    says = _("%(percent)s of the posts leave it out.") % {"percent": percent(share)}
    return [Suggestion(says, _("Make it shorter, or put it first. It may also be one message too many."))]


def share_of(table: OutcomeTable, fate: str) -> float:
    """Return the share of posts with an outcome, 0 where it is told together with another."""
    return table.total.share(table.columns.index((str(fate),))) if (str(fate),) in table.columns else 0.0


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{round(100 * share)}\u00a0%"
