"""
How often someone may try to get in: codes asked for, codes and passwords guessed. Counted in the database by
accounts.rate_limit, so it holds for all processes together, at the same moment, and while Redis is away.

An address counts whether we know it or not: what is refused tells nothing about it. What strangers try is counted by
the place from which they try it, so it stops them and not the owner; all strangers together have a ceiling, which
bounds what can be guessed. Behind one place may be a mobile network or a whole event, so its own ceiling is high: it
bounds what a machine there may ask of us, not what it may guess. A browser in which the owner has logged in before
(accounts.sessions.known_browsers) is counted apart, and no stranger gets at its share.
"""

from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts import rate_limit
from accounts.models import User
from accounts.rate_limit import Counted, Limit, StrangerLimits
from accounts.sessions import known_browsers

from . import codes

HOUR, QUARTER, DAY = 3600, 900, 86_400
# What someone reads who tried too often: after so long whatever counts now does no more.
REFUSALS = {
    QUARTER: gettext_lazy("Too many attempts. Wait 15 minutes, then start again."),
    HOUR: gettext_lazy("Too many attempts. Wait an hour, then start again."),
    DAY: gettext_lazy(
        "Too many attempts. Wait a day, then start again, or use a browser in which you have logged in before."
    ),
}


@dataclass(frozen=True, kw_only=True)
class AttemptLimits(StrangerLimits):
    """How often one way in may be tried for one owner: by strangers, and by a browser that the owner has logged in with."""

    by_device: Limit

    def counts(self, request: HttpRequest, address: str) -> Counted:
        """Return what a try for the account of `address` is counted by."""
        owner = address.strip().lower()
        if device := known_browsers.known_browser(request, owner):
            return [(self.by_device, f"{device} {owner}")]
        return self.counts_of_strangers(rate_limit.client_address(request), owner)


CODES = AttemptLimits(
    by_device=Limit("login code device", 5, HOUR),
    from_place_for_owner=Limit("login code place address", 5, HOUR),
    from_place=Limit("login code place", 300, HOUR),
    for_owner=Limit("login code address", 50, HOUR),
)
PASSWORDS = AttemptLimits(
    by_device=Limit("password device", 10, QUARTER),
    from_place_for_owner=Limit("password place address", 10, QUARTER),
    from_place=Limit("password place", 500, QUARTER),
    for_owner=Limit("password address", 50, QUARTER),
)
# Whoever comes here has the first factor already. An app's code has six digits, of which three are good at a time, so the
# ceiling is that of a day.
FACTORS = AttemptLimits(
    by_device=Limit("second-factor device", 10, QUARTER),
    from_place_for_owner=Limit("second-factor place", 10, QUARTER),
    from_place=None,
    for_owner=Limit("second-factor", 100, DAY),
)
# Codes by mail have six digits. Wrong ones are counted for their owner over all codes, and over all owners: where these limits
# are reached, the link in the mail still lets its owner in, and no stranger has that.
CODE_GUESSES = AttemptLimits(
    by_device=Limit("code guess device", 20, DAY),
    from_place_for_owner=Limit("code guess place address", 10, HOUR),
    from_place=Limit("code guess place", 100, HOUR),
    for_owner=Limit("code guess address", 20, DAY),
)
CODE_GUESSES_OF_ALL = Limit("code guess of all", 300, DAY)
# A code works for ten minutes; what is counted of it outlasts it.
GUESSES_OF_CODE = Limit("login code guess", codes.MOST_GUESSES, QUARTER)
# In the session that asked: once, and once more when a browser sends the same form twice (accounts.sessions.store).
USES_OF_CODE = Limit("login code used", 2, QUARTER)
# Who is logged in and proves it again: counted apart, so that what strangers try stops nobody's work.
AGAIN_BY_PASSWORD = Limit("password again", 10, QUARTER)
AGAIN_BY_FACTOR = Limit("second-factor again", 10, QUARTER)
AGAIN_BY_CODE = Limit("login code again", 5, HOUR)
AGAIN_GUESSES = Limit("login code again guess", 20, DAY)


def may_ask_for_code(request: HttpRequest, address: str) -> bool:
    """Return whether one more code may be sent to an address, asked for with this browser from this place."""
    return rate_limit.allow_all(CODES.counts(request, address))


def may_guess_code(request: HttpRequest, owner: str) -> bool:
    """Return whether one more code that was mailed to an address may be tried, with this browser from this place."""
    return rate_limit.allow_all(counts_of_guess(request, owner))


def note_right_code(request: HttpRequest, owner: str) -> None:
    """Count one try less: the code was right."""
    rate_limit.refund_all(counts_of_guess(request, owner))


def counts_of_guess(request: HttpRequest, owner: str) -> Counted:
    """Return what a try of a mailed code is counted by; those of strangers also all together."""
    if known_browsers.known_browser(request, owner):
        return CODE_GUESSES.counts(request, owner)
    return counts_of_strangers_guess(rate_limit.client_address(request), owner)


def counts_of_strangers_guess(place: str, owner: str) -> Counted:
    """Return what a stranger's try of a mailed code is counted by, for logging in as for joining."""
    return [*CODE_GUESSES.counts_of_strangers(place, owner), (CODE_GUESSES_OF_ALL, "everyone")]


def may_try_password(request: HttpRequest, address: str) -> bool:
    """Return whether one more password may be tried for an address, with this browser from this place."""
    return rate_limit.allow_all(PASSWORDS.counts(request, address))


def note_right_password(request: HttpRequest, address: str) -> None:
    """Count one try less: the password was right."""
    rate_limit.refund_all(PASSWORDS.counts(request, address))


def exceeded_factor_limit(request: HttpRequest, user: User) -> Limit | None:
    """Return the limit by which no more codes of the second factor may be tried now, None when one more may."""
    return rate_limit.exceeded_limit(counts_of_factor(request, user))


def note_right_factor(request: HttpRequest, user: User) -> None:
    """Count one try less: the code was right."""
    rate_limit.refund_all(counts_of_factor(request, user))


def counts_of_factor(request: HttpRequest, user: User) -> Counted:
    """Return what a try is counted by; by the person alone once their session has passed a second factor."""
    is_in = request.user == user and any(one["method"] == "mfa" for one in get_authentication_records(request, user))
    return [(AGAIN_BY_FACTOR, str(user.pk))] if is_in else FACTORS.counts(request, user.email)
