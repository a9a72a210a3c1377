"""
The codes of joining, and the links beside them: how long one works, how many someone may request, and how often one may be
guessed. The rules are those of logging in (accounts.login).
"""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import rate_limit
from accounts.crypto import keyed_hashes
from accounts.login import codes, login_limits, login_links
from accounts.rate_limit import Limit, StrangerLimits
from influencers.models import Application

HOUR = 3600
# Joining makes an account, so everyone is a stranger.
LIMITS = StrangerLimits(
    from_place_for_owner=Limit("join-code-from", 5, HOUR),
    from_place=Limit("join-from", 300, HOUR),
    for_owner=Limit("join-code", 50, HOUR),
)
CODE = "influencers.onboarding.code"  # what the hashes of codes are made for
LINK = "influencers.onboarding.link"


class TooManyCodes(Exception):
    """No more codes for now. The message says when again; nothing was sent."""


class NotConfirmed(Exception):
    """A code that did not open anything. The message says why and what to do. `is_over`: only a new code helps."""

    is_over = False


class CodeExpired(NotConfirmed):
    """The code works no more, whatever is entered."""

    is_over = True


def count_code(email: str, *, place: str, at: datetime) -> None:
    """Count a code for an address and from a place. Raise TooManyCodes when that is too many in an hour."""
    if not rate_limit.allow_all(LIMITS.counts_of_strangers(place, email), at=at):
        raise TooManyCodes(_("Many codes were requested within an hour, so none was sent now. Try again in an hour."))


def check_code(application: Application, code: str, *, place: str, at: datetime) -> None:
    """Count a guess from a place, and raise NotConfirmed unless it is right. The link does as well, and needs no guessing."""
    if at - application.code_sent_at > codes.CODE_LASTS:
        raise CodeExpired(_("This code has expired: codes work for ten minutes. Request a new one below."))
    if is_link_of(application, login_links.token_in(code)):
        return
    held = Application.objects.filter(pk=application.pk)
    counts = login_limits.counts_of_strangers_guess(place, application.email)
    if not rate_limit.allow_all(counts, at=at):
        raise NotConfirmed(get_adapter().error_messages["only_by_link"])
    if not held.filter(guesses__lt=codes.MOST_GUESSES).update(guesses=F("guesses") + 1):
        raise CodeExpired(_("That was the fifth attempt, so this code no longer works. Request a new one below."))
    if not is_code_of(application, code):
        left = codes.MOST_GUESSES - application.guesses - 1
        if left <= 0:
            raise CodeExpired(_("That was the fifth attempt, so this code no longer works. Request a new one below."))
        raise NotConfirmed(
            ngettext(
                "Wrong code. Check the newest email; you have %(count)d attempt left.",
                "Wrong code. Check the newest email; you have %(count)d attempts left.",
                left,
            )
            % {"count": left}
        )
    rate_limit.refund_all(counts)


def hash_of(application: Application, code: str) -> str:
    """Return the HMAC-SHA256 (hex) of a code for one application."""
    return keyed_hashes.mark(CODE, code_with_application(application, code))


def is_code_of(application: Application, code: str) -> bool:
    """Return whether this is the code that was sent for an application."""
    return keyed_hashes.is_mark_of(application.code_hash, CODE, code_with_application(application, code))


def hash_of_link(application: Application, token: str) -> str:
    """Return the HMAC-SHA256 (hex) of a link's token for one application."""
    return keyed_hashes.mark(LINK, f"{application.pk} {token}")


def is_link_of(application: Application, token: str) -> bool:
    """Return whether this is the link that was sent for an application."""
    kept = application.link_hash if token else ""
    return bool(kept) and keyed_hashes.is_mark_of(kept, LINK, f"{application.pk} {token}")


def code_with_application(application: Application, code: str) -> str:
    """Return what is marked of a code: it is this application's only, however it is typed."""
    return f"{application.pk} {codes.normalized(code)}"
