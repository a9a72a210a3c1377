"""What follows where partners have not seen an urgent bulletin, in words: for whoever approves it, and for the desk."""

from datetime import datetime, time
from typing import Any

from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models import Bulletin, SeenRule
from bulletins.models.seen_rules import have_partners, sends_further
from delivery.models import Audience


def words_of_plan(bulletin: Bulletin, *, at: datetime) -> list[str]:
    """Return what an approval covers of it, each in a sentence, the first what is asked; [] unless it asks. Three queries."""
    if not bulletin.asks_for_seen:
        return []
    rule = bulletin.seen_rule or SeenRule(campaign=bulletin.campaign).plain()
    group = bulletin.seen_next
    goes_further = sends_further(rule["steps"], group)
    is_empty = goes_further and not have_partners(Audience.objects.filter(pk=bulletin.seen_next_id), at=at)
    if bulletin.asks_nobody(at=at):
        lines = [_("Nobody is asked to say that they have seen it: none of its groups has a partner.")]
        if is_empty:
            lines.append(empty_in_words(group))
        if is_empty or not goes_further:
            return lines
    else:
        lines = [
            _("Partners are asked to say that they have seen it."),
            _("It goes at once by every channel that they have chosen for what is urgent: no other follows later."),
        ]
    lines += steps_in_words(rule, group)
    if is_empty:
        lines.append(empty_in_words(group))
    lines.append(stop_in_words(rule))
    night = night_in_words(rule)
    if bulletin.seen_at_night:
        lines.append(
            _("Also at night (%(night)s), because life is at stake; called are only those who allow it.")
            % {"night": night}
        )
    else:
        lines.append(_("Nothing of this begins at night (%(night)s).") % {"night": night})
    return lines


def steps_in_words(rule: dict[str, Any], group: object) -> list[str]:
    """Return what follows, a sentence each; of a rule that was kept before 1.6 without a next channel, which there is none of."""
    return [step_in_words(kind, minutes, group) for kind, minutes in rule["steps"] if kind != "channel"]


def step_in_words(kind: str, minutes: int, group: object) -> str:
    """Return what a step does, and when, in a sentence."""
    after = ngettext("After %(n)d minute", "After %(n)d minutes", minutes) % {"n": minutes}
    if kind == "calls":
        return _("%(after)s: liaisons call those who have not and who gave a number.") % {"after": after}
    if group is None:
        return _("%(after)s: no further group, for none is chosen.") % {"after": after}
    return _("%(after)s: it is also sent to %(group)s.") % {"after": after, "group": group}


def empty_in_words(group: object) -> str:
    """Return that a further group has nobody, in a sentence."""
    return _("%(group)s has no partner now, so nobody else would be asked.") % {"group": group}


def stop_in_words(rule: dict[str, Any]) -> str:
    """Return when it stops by itself, in a sentence."""
    closest = rule["counts"] == SeenRule.Counts.CLOSEST
    if n := rule["enough_people"]:
        if closest:
            says = ngettext(
                "It stops by itself when %(n)d person of the closest tier has seen it.",
                "It stops by itself when %(n)d people of the closest tier have seen it, or all of them where they are fewer.",
                n,
            )
        else:
            says = ngettext(
                "It stops by itself when %(n)d of those asked has seen it.",
                "It stops by itself when %(n)d of those asked have seen it, or all of them where they are fewer.",
                n,
            )
        return says % {"n": n}
    if closest:
        says = _("It stops by itself when %(percent)d%% of the closest tier have seen it.")
    else:
        says = _("It stops by itself when %(percent)d%% of those asked have seen it.")
    return says % {"percent": rule["enough_percent"]}


def night_in_words(rule: dict[str, Any]) -> str:
    """Return the hours of the night: "22:00–07:00"."""
    begins, ends = (time.fromisoformat(one) for one in rule["night"])
    return f"{time_format(begins)}–{time_format(ends)}"


def defaults() -> dict[str, Any]:
    """Return the rule of a campaign that has none of its own, as plain data."""
    return SeenRule().plain()


def words_of_rule(rule: SeenRule) -> str:
    """Return a rule in a few sentences."""
    plain = rule.plain()
    group = _("the group chosen with the bulletin")
    return " ".join([*steps_in_words(plain, group), stop_in_words(plain)])
