"""Entering the code: the proof that someone reads the address that they gave."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from campaigns.models import Campaign
from influencers.models import Application, Influencer

from . import enrolment, join_codes
from .applications import marks_of

SOURCE = "join form"


class NothingToConfirm(Exception):
    """In this browser nothing waits for a code: it was entered already, or forgotten after days."""


def confirm(
    campaign: Campaign,
    *,
    browser: str,
    code: str,
    place: str,
    at: datetime,
    account: User | None = None,
    signed: Mapping[str, Any] | None = None,
) -> Influencer:
    """
    Enrol whoever enters the right code, or the link beside it, in the browser that asked for it, and return their profile. A code
    works once, for ten minutes, and for five guesses. `place` is where it is entered. `account` is who is logged in: whose address it is needs no code. `signed` is
    what was signed beside the code, as forms.SigningForm writes it. Raise
    join_codes.NotConfirmed, NothingToConfirm, or enrolment.NotEnrolled.
    """
    held = Application.objects.filter(campaign=campaign, browser__in=marks_of(browser))
    application = held.select_related("campaign").first() if browser else None
    if application is None:
        raise NothingToConfirm
    if account is None or account.email != application.email:
        join_codes.check_code(application, code, place=place, at=at)
    with transaction.atomic():
        if not held.filter(pk=application.pk, code_hash=application.code_hash).delete()[0]:
            raise NothingToConfirm
        return enrolment.enrol(
            campaign,
            email=application.email,
            language=application.language,
            answers=application.answers | dict(signed or {}),
            source=SOURCE,
            at=at,
            account=account,
        )
