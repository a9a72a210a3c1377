"""
The way of a commission: its steps in one table, each with the states from which it may be taken and by whom. Every step goes through
`taken`, which holds the row for the transaction, looks whether the step is there, and keeps the parts of people apart.

    brief in work → waiting for a second person → open → creator chosen → in work ⇄ waiting for acceptance → accepted → published → paid
    open → declined or expired, and from there back to a brief in work; cancelled from any state before acceptance
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from stories.models import Commission, CommissionPart

State = Commission.State
Part = CommissionPart.Part


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: from which states, and which part in the commission takes it; None for a part that the step does not give."""

    from_states: tuple[str, ...]
    part: str | None


BEFORE_ACCEPTANCE = (State.DRAFT, State.SUBMITTED, State.OPEN, State.CHOSEN, State.AGREED, State.DELIVERED)
FROM_ACCEPTANCE_ON = (State.ACCEPTED, State.PUBLISHED, State.PAID)
STEPS: dict[str, Step] = {
    "changed": Step((State.DRAFT, State.SUBMITTED), Part.ASKS),
    "submitted": Step((State.DRAFT,), Part.ASKS),
    "opened": Step((State.SUBMITTED,), None),  # by who accepts or pays: a second person in any case
    "applied": Step((State.OPEN,), None),
    "declined": Step((State.OPEN, State.CHOSEN), None),
    "chosen": Step((State.OPEN,), Part.ASKS),
    "signed_by_creator": Step((State.CHOSEN,), Part.MAKES),
    "signed": Step((State.CHOSEN,), Part.ASKS),
    "delivered": Step((State.AGREED,), Part.MAKES),
    "sent_back": Step((State.DELIVERED,), None),  # by whoever asked or accepts
    "accepted": Step((State.DELIVERED,), Part.ACCEPTS),
    "published": Step(FROM_ACCEPTANCE_ON, Part.ASKS),
    "taken_down": Step((State.PUBLISHED, State.PAID), Part.ASKS),
    "paid": Step((State.ACCEPTED, State.PUBLISHED, State.CANCELLED), Part.PAYS),
    "payment_taken_back": Step((State.ACCEPTED, State.PUBLISHED, State.PAID, State.CANCELLED), Part.PAYS),
    "rights_over": Step(FROM_ACCEPTANCE_ON, None),  # by the clock
    "extension_asked": Step(FROM_ACCEPTANCE_ON, Part.ASKS),
    "extension_withdrawn": Step(FROM_ACCEPTANCE_ON, Part.ASKS),
    "extension_agreed": Step(FROM_ACCEPTANCE_ON, Part.MAKES),
    "extension_declined": Step(FROM_ACCEPTANCE_ON, Part.MAKES),
    "cancelled": Step(BEFORE_ACCEPTANCE, Part.ASKS),
    "expired": Step((State.OPEN,), None),
    "reopened": Step((State.DECLINED, State.EXPIRED), Part.ASKS),
}
PERMISSIONS = {
    Part.ASKS: "stories.ask_commission",
    Part.ACCEPTS: "stories.accept_commission",
    Part.PAYS: "stories.pay_commission",
}
HOLDS = {
    Part.ASKS: gettext_lazy("You asked for this work, or chose its creator."),
    Part.ACCEPTS: gettext_lazy("You accepted this work."),
    Part.PAYS: gettext_lazy("You wrote down a payment for this work."),
    Part.MAKES: gettext_lazy("You do this work."),
}

NEEDED = {
    Part.ASKS: gettext_lazy("Nobody but you can ask for this work and publish it, and a part that is taken stays."),
    Part.ACCEPTS: gettext_lazy("Nobody but you can accept this work, and a part that is taken stays."),
    Part.PAYS: gettext_lazy("Nobody but you can pay for this work, and a part that is taken stays."),
}


def held(commission: Commission) -> Commission:
    """Return a commission as it stands, for this transaction alone."""
    return Commission.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=commission.pk)


def taken(step: str, commission: Commission, *, by: User | None, at: datetime) -> Commission:
    """
    Hold a commission for a step that `by` takes, in a transaction, and write down their part in it. Raise NotDone when the step is
    not there any more, or when they have another part.
    """
    rule, one = STEPS[step], held(commission)
    if one.state not in rule.from_states:
        raise NotDone(
            _("Not done: this commission is “%(state)s” now. Reload the page.") % {"state": one.get_state_display()}
        )
    if by is not None and rule.part is not None:
        take_part(one, rule.part, by=by, at=at)
    return one


def take_part(commission: Commission, part: str, *, by: User, at: datetime) -> None:
    """
    Write down that somebody has a part in a commission that is held. Raise NotDone for whoever has another one, and when nobody
    could take another part any more.
    """
    row, is_new = CommissionPart.objects.get_or_create(
        commission=commission, user=by, defaults={"part": part, "since": at}
    )
    if is_new and (needed := missed_in(commission, part, by=by)):
        raise NotDone(" ".join([_("Not done."), str(NEEDED[Part(needed)]), _("Ask a colleague to take this step.")]))
    if row.part != part:
        raise NotDone(
            " ".join(
                [
                    _("Not done."),
                    str(HOLDS[Part(row.part)]),
                    _("Asking, accepting and paying are three roles: ask a colleague."),
                ]
            )
        )


def note(
    verb: str, commission: Commission, *, by: User | None, at: datetime, digest: str = "", **detail: object
) -> None:
    """Store a commission that took a step, with one revision more, and write the step down. Public pages may show it once it was agreed."""
    commission.revision += 1
    commission.save()
    if commission.agreed_at is not None:
        page_changes.changed()
    trail.note(f"commission.{verb}", commission, by=by, at=at, digest=digest, state=commission.state, **detail)


def part_of(user: User, commission: Commission) -> str:
    """Return which part somebody has in a commission, "" for none; one query."""
    return commission.parts.filter(user=user).values_list("part", flat=True).first() or ""


def may_take(part: str, user: User, held_part: str) -> bool:
    """Return whether somebody with a permission and `held_part` in a commission may have a part in it."""
    return user.has_perm(PERMISSIONS[Part(part)]) and held_part in {"", part}


def missed_in(commission: Commission, part: str, *, by: User) -> str:
    """Return the part that nobody could take any more if `by` took another one, "" for none; a query or two for each that they may take."""
    others = [one for one in PERMISSIONS if one != part and by.has_perm(PERMISSIONS[one])]
    return next((one for one in others if not [user for user in who_can(one, commission) if user != by]), "")


def who_can(part: str, commission: Commission) -> list[User]:
    """Return the colleagues who may have a part in a commission: by role, and because they have no other part; one query or two."""
    others = CommissionPart.objects.filter(commission=commission).exclude(part=part)
    people: models.QuerySet[User] = User.objects.staff_with(PERMISSIONS[Part(part)], commission.campaign_id)
    return list(people.exclude(pk__in=others.values("user")))
