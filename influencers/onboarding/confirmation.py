"""Entering the code: the proof that someone reads the address that they gave."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign
from influencers.models import Application, Influencer

from . import enrolment
from .applications import CODE_LASTS, is_code_of, marks_of

MOST_GUESSES = 10
SOURCE = "join form"


class NotConfirmed(Exception):
    """A code that did not open anything. The message says why and what to do. `is_over`: only a new code helps."""

    is_over = False


class CodeExpired(NotConfirmed):
    """The code works no more, whatever is entered."""

    is_over = True


class NothingToConfirm(Exception):
    """In this browser nothing waits for a code: it was entered already, or forgotten after days."""


def confirm(campaign: Campaign, *, browser: str, code: str, at: datetime, account: User | None = None) -> Influencer:
    """
    Enrol whoever enters the right code in the browser that asked for it, and return their profile. A code works once, for
    ten minutes, and for ten guesses. `account` is who is logged in: whose address it is needs no code. Raise NotConfirmed,
    NothingToConfirm, or enrolment.NotEnrolled.
    """
    held = Application.objects.filter(campaign=campaign, browser__in=marks_of(browser))
    application = held.select_related("campaign").first() if browser else None
    if application is None:
        raise NothingToConfirm
    if account is None or account.email != application.email:
        check_code(application, code, at=at)
    with transaction.atomic():
        if not held.filter(pk=application.pk, code_hash=application.code_hash).delete()[0]:
            raise NothingToConfirm
        return enrolment.enrol(
            campaign,
            email=application.email,
            language=application.language,
            answers=application.answers,
            source=SOURCE,
            at=at,
            account=account,
        )


def check_code(application: Application, code: str, *, at: datetime) -> None:
    """Count a guess, and raise NotConfirmed unless it is right."""
    if at - application.code_sent_at > CODE_LASTS:
        raise CodeExpired(_("This code has expired: codes work for ten minutes. Request a new one below."))
    held = Application.objects.filter(pk=application.pk)
    if not held.filter(guesses__lt=MOST_GUESSES).update(guesses=F("guesses") + 1):
        raise CodeExpired(_("That was the tenth attempt, so this code no longer works. Request a new one below."))
    if not is_code_of(application, code):
        left = MOST_GUESSES - application.guesses - 1
        if left <= 0:
            raise CodeExpired(_("That was the tenth attempt, so this code no longer works. Request a new one below."))
        raise NotConfirmed(
            ngettext(
                "Wrong code. Check it letter by letter; you have %(count)d attempt left.",
                "Wrong code. Check it letter by letter; you have %(count)d attempts left.",
                left,
            )
            % {"count": left}
        )
