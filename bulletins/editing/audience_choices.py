"""Who gets a bulletin, and when: chosen per audience, never over a colleague's choice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.intake import submissions
from bulletins.models import Bulletin, NotAllowed, Target
from bulletins.models.bulletins import iso
from delivery.models import Audience

from . import drafts
from .conflicts import token


@dataclass(frozen=True)
class Choice:
    """When an audience gets it: a Target.Timing, and the moment (aware) for "at this time"."""

    timing: str
    at: datetime | None = None


class ChosenMeanwhile(NotAllowed):
    """Someone else changed the audiences since they were read."""


def token_of(targets: Iterable[Target]) -> str:
    """Return what stands for these audiences and their times; another choice has another one."""
    rows = sorted(f"{one.audience_id} {one.timing} {iso(one.at) or ''}" for one in targets)
    return token("\n".join(rows))


@transaction.atomic
def choose(bulletin: Bulletin, choices: Mapping[int, Choice], *, seen: str, by: User, at: datetime) -> bool:
    """
    Send a bulletin to exactly these audiences ({audience key: choice}); return whether that changed anything.

    `seen` is the token of what `by` had read. Raise NotAllowed, with nothing changed: ChosenMeanwhile when someone
    else chose since, and for a published version, an audience of another campaign, a time that has passed or is
    before the embargo ends. Any review is void after a change.
    """
    held = drafts.lock(bulletin)
    now = {target.audience_id: target for target in held.targets.all()}
    audiences = {one.pk: one for one in Audience.objects.of_people().filter(campaign=held.campaign_id, pk__in=choices)}
    wanted = {pk: (choice.timing, choice.at) for pk, choice in choices.items()}
    if wanted == {pk: (target.timing, target.at) for pk, target in now.items()}:
        return False
    if seen != token_of(now.values()):
        raise ChosenMeanwhile(
            _(
                "Not saved: someone else has chosen audiences or times in the meantime. Their choices "
                "are shown; choose again."
            )
        )
    if held.version > 1:
        raise NotAllowed(
            _("Not saved: a correction goes to everyone who got the bulletin. There is nothing to choose.")
        )
    for pk, choice in choices.items():
        if pk not in audiences:
            raise NotAllowed(_("Not saved: this audience does not belong to this campaign. Nothing changed."))
        changed = pk not in now or (now[pk].timing, now[pk].at) != (choice.timing, choice.at)
        if changed:
            refuse_impossible(held, audiences[pk], choice, at=at)
    held.targets.exclude(audience__in=choices).delete()
    for pk, choice in choices.items():
        Target.objects.update_or_create(
            bulletin=held, audience=audiences[pk], defaults={"timing": choice.timing, "at": choice.at, "slot_at": None}
        )
    plan = {audiences[pk].slug: [choice.timing, iso(choice.at)] for pk, choice in choices.items()}
    trail.note("bulletin.audiences_chosen", held, by=by, at=at, version=held.version, audiences=plan)
    drafts.note_editor(held, by=by, at=at)
    return True


def refuse_impossible(bulletin: Bulletin, audience: Audience, choice: Choice, *, at: datetime) -> None:
    """Raise NotAllowed for a chosen time that is missing, has passed, or is before the embargo ends."""
    if choice.timing not in Target.Timing.values:
        raise NotAllowed(_("Not saved: choose when %(audience)s gets it.") % {"audience": audience})
    if choice.timing != Target.Timing.AT_TIME:
        return
    if choice.at is None:
        raise NotAllowed(_("Not saved: enter the time at which %(audience)s gets it.") % {"audience": audience})
    submissions.refuse_unreal(choice.at)
    if choice.at <= at:
        raise NotAllowed(
            _("Not saved: the time for %(audience)s has passed. Choose a later one.") % {"audience": audience}
        )
    if bulletin.embargo_until and choice.at < bulletin.embargo_until:
        ends = date_format(bulletin.campaign.local(bulletin.embargo_until), "SHORT_DATETIME_FORMAT")
        raise NotAllowed(
            _("Not saved: the time for %(audience)s is before the embargo ends, %(time)s. Choose a later one.")
            % {"audience": audience, "time": ends}
        )


def not_chosen(bulletin: Bulletin) -> list[Audience]:
    """Return the groups of influencers that a bulletin does not go to; one query."""
    groups = Audience.objects.filter(campaign=bulletin.campaign_id, kind=Audience.Kind.INFLUENCERS)
    return list(groups.exclude(targets__bulletin=bulletin))
