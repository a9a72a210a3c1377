"""The number on which somebody may be called about what is urgent. They give it themselves, and take it back at any time."""

import re
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from influencers.models import CallNumber, Influencer

from .preferences import NotPossible

_BETWEEN = re.compile(r"[\s().\-/\u00a0\u2010-\u2015\u202f]")
_NUMBER = re.compile(r"\+?[0-9]{5,15}")


def number_of(typed: str) -> str:
    """Return a telephone number as it is kept: digits, with a "+" before those of another country. Raise NotPossible."""
    number = _BETWEEN.sub("", typed.strip()[:60])
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if not _NUMBER.fullmatch(number):
        raise NotPossible(_("Not saved: this is no telephone number. Type it like +358 50 123 4567."))
    return number


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
