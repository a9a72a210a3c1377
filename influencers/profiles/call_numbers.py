"""The number on which somebody may be called about what is urgent. They give it themselves, and take it back at any time."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from delivery.transports.sms import numbers
from influencers.models import CallNumber, Influencer

from .preferences import NotPossible


def number_of(typed: str) -> str:
    """Return a telephone number as it is kept and rung: E.164. Raise NotPossible."""
    try:
        return numbers.read_for_calls(typed)
    except numbers.NotANumber as fault:
        raise NotPossible(_("Not saved: %(why)s") % {"why": fault}) from fault


@transaction.atomic
def give(influencer: Influencer, typed: str, *, at_night: bool, at: datetime) -> None:
    """Keep the number on which somebody may be called; "" takes it back. Raise NotPossible, with nothing changed."""
    if not typed.strip():
        CallNumber.objects.filter(influencer=influencer).delete()
        return
    values = {"number": number_of(typed), "at_night": at_night, "given_at": at}
    CallNumber.objects.update_or_create(influencer=influencer, defaults=values)


def known(influencer: Influencer) -> dict[str, Any]:
    """Return what somebody gave, as their form has it; one query."""
    mine = CallNumber.objects.filter(influencer=influencer).values("number", "at_night").first()
    return dict(mine) if mine else {}
