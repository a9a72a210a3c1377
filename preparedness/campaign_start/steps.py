"""
The steps of a start, each saved on its own by anybody with the right. Who saves says which version of a step they have read,
so that nobody writes over a colleague without knowing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import trail
from accounts.models import User
from preparedness.models import CampaignStart

SOURCE, ABOUT, ALONG, PEOPLE, INFLUENCERS, FIRST = "source", "about", "along", "people", "influencers", "first"
CHECK, PUBLIC = "check", "public"


@dataclass(frozen=True)
class Step:
    """A step with its question and one sentence of explanation."""

    key: str
    name: Any
    asks: Any
    explains: Any


STEPS = (
    Step(
        SOURCE,
        gettext_lazy("Start from"),
        gettext_lazy("What do you start from?"),
        gettext_lazy(
            "A template brings words, an earlier campaign brings people as well. You can have both, or neither."
        ),
    ),
    Step(
        ABOUT,
        gettext_lazy("What it is about"),
        gettext_lazy("What is it about?"),
        gettext_lazy("These words stand on the public page, in every email and in the web address."),
    ),
    Step(
        ALONG,
        gettext_lazy("What comes along"),
        gettext_lazy("What comes along?"),
        gettext_lazy("Untick what you do not want. All of it is copied: the earlier campaign stays as it is."),
    ),
    Step(
        PEOPLE,
        gettext_lazy("Who does what"),
        gettext_lazy("Who does what?"),
        gettext_lazy("Roles for the whole site hold here too. Others get a role in this campaign only."),
    ),
    Step(
        INFLUENCERS,
        gettext_lazy("Influencers"),
        gettext_lazy("Which influencers?"),
        gettext_lazy("Only those who agreed to another crisis come along. The others can be invited once."),
    ),
    Step(
        FIRST,
        gettext_lazy("First bulletin"),
        gettext_lazy("First bulletin and sender"),
        gettext_lazy("A template has bulletins ready: fill in the blanks, and it can be submitted."),
    ),
)
AFTER = (
    Step(
        CHECK,
        gettext_lazy("Does everything work?"),
        gettext_lazy("Does everything work?"),
        gettext_lazy("This list tests itself each time you open it. You tick only what a machine can’t know."),
    ),
    Step(
        PUBLIC,
        gettext_lazy("Make it public"),
        gettext_lazy("Make it public"),
        gettext_lazy("A page of its own, not open yet. Nothing here shows anything to readers."),
    ),
)
KEYS = [step.key for step in STEPS]


class NotStarted(Exception):
    """A step or a start that is refused, with nothing changed. The message says why and what now."""


class SavedMeanwhile(NotStarted):
    """Somebody saved the step since it was read."""


def begin(*, by: User, at: datetime) -> CampaignStart:
    """Begin a start, empty."""
    return CampaignStart.objects.create(begun_by=by, begun_at=at)


def next_step(start: CampaignStart) -> str:
    """Return the first step that nobody has saved, "" when all are."""
    return next((key for key in KEYS if key not in start.saved), "")


@transaction.atomic
def save(
    start: CampaignStart,
    step: str,
    answers: dict[str, Any],
    *,
    seen: int,
    by: User,
    at: datetime,
    earlier: int | None = None,
) -> CampaignStart:
    """
    Save a step and return the start as it is now; the other steps stay as they are, whoever saves them meanwhile. `seen` is
    how often it had been saved when it was read; `earlier` the campaign that the first step names. Raise SavedMeanwhile, and
    NotStarted when the start is a campaign already, or was dropped.
    """
    held = lock(start)
    if held.times_saved(step) != seen:
        raise SavedMeanwhile(
            _(
                "Not saved: %(who)s has saved this step since you opened it. Yours is still in the fields; load the page anew to see theirs."
            )
            % {"who": who_saved(held, step)}
        )
    held.answers[step] = answers
    everyone = sorted({*editors_of(held, step), by.pk})
    held.saved[step] = {"by": by.pk, "at": at.isoformat(), "times": seen + 1, "all": everyone}
    if step == SOURCE:
        held.earlier_id = earlier
    held.save(update_fields=["answers", "saved", "earlier"])
    return held


def lock(start: CampaignStart) -> CampaignStart:
    """Return a start as it is now, held for this transaction. Raise NotStarted when its steps cannot be changed any more."""
    held = CampaignStart.objects.select_for_update().get(pk=start.pk)
    if held.campaign_id is not None:
        raise NotStarted(_("Not saved: this campaign has been made in the meantime. Change it on its own pages."))
    if held.dropped_at is not None:
        raise NotStarted(_("Not saved: somebody has dropped this start. Begin another one."))
    return held


@transaction.atomic
def drop(start: CampaignStart, *, by: User, at: datetime) -> None:
    """Give a start up. Raise NotStarted when it is a campaign already; twice changes nothing more."""
    if start.dropped_at is not None:
        return
    held = lock(start)
    held.dropped_at = at
    held.save(update_fields=["dropped_at"])
    trail.note("campaignstart.dropped", held, by=by, at=at)


def who_saved(start: CampaignStart, step: str) -> str:
    """Return who saved a step last, by name; one query."""
    person = User.objects.filter(pk=start.saved.get(step, {}).get("by")).first()
    return str(person) if person else _("Someone")


def editors_of(start: CampaignStart, step: str) -> list[int]:
    """Return the keys of all who ever saved a step: whoever wrote words of the first bulletin cannot approve it."""
    return list(start.saved.get(step, {}).get("all", []))
