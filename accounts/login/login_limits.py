"""
How often someone may try to get in: codes asked for, codes and passwords guessed. Counted in the database by
accounts.rate_limit, so it holds for all processes together, at the same moment, and while Redis is away.

An address counts whether we know it or not: what is refused tells nothing about it. What strangers try is counted by
the place from which they try it, so it stops them and not the owner; all strangers together have a ceiling, which
bounds what can be guessed. Behind one place may be a mobile network or a whole event, so its own ceiling is high: it
bounds what a machine there may ask of us, not what it may guess. A browser in which the owner has logged in before
(accounts.sessions.trusted_devices) is counted apart, and no stranger gets at its share.
"""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts import rate_limit
from accounts.models import User
from accounts.sessions import trusted_devices

HOUR, QUARTER, DAY = 3600, 900, 86_400
# What someone reads who tried too often: after so long whatever counts now does no more.
REFUSALS = {
    QUARTER: gettext_lazy("Too many attempts. Wait 15 minutes, then start again."),
    HOUR: gettext_lazy("Too many attempts. Wait an hour, then start again."),
    DAY: gettext_lazy(
        "Too many attempts. Wait a day, then start again, or use a browser in which you have logged in before."
    ),
}


@dataclass(frozen=True)
class Limit:
    """So many times (`most`) in so many `seconds`, counted under the name `bucket`."""

    bucket: str
    most: int
    seconds: int

    def allow(self, key: str, *, at: datetime | None = None) -> bool:
        """Return whether `key` may do it once more; if so, it is counted. `at` is now."""
        return rate_limit.allow(self.bucket, key, most=self.most, seconds=self.seconds, at=at)

    def give_back(self, key: str) -> None:
        """Count one less."""
        rate_limit.refund(self.bucket, key)


Counted = list[tuple[Limit, str]]


@dataclass(frozen=True)
class AttemptLimits:
    """
    How often one way in may be tried for one owner by a browser that they have logged in with (None: nobody is known
    yet); and by strangers: from one place for one owner, from one place for anyone (None: without a limit of its own),
    and for one owner from wherever.
    """

    by_device: Limit | None
    from_place_for_owner: Limit
    from_place: Limit | None
    for_owner: Limit

    def counts(self, request: HttpRequest, address: str) -> Counted:
        """Return what a try for the account of `address` is counted by."""
        owner = address.strip().lower()
        device = trusted_devices.known_browser(request, owner) if self.by_device else ""
        if self.by_device and device:
            return [(self.by_device, f"{device} {owner}")]
        return self.counts_of_strangers(rate_limit.client_address(request), owner)

    def counts_of_strangers(self, place: str, owner: str) -> Counted:
        """Return what a stranger's try is counted by. The ceiling is last: what a place may not do does not count there."""
        of_place = [(self.from_place, place)] if self.from_place else []
        return [*of_place, (self.from_place_for_owner, f"{place} {owner}"), (self.for_owner, owner)]


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
# Joining makes an account, so nobody is known there.
JOINING = AttemptLimits(
    by_device=None,
    from_place_for_owner=Limit("join-code-from", 5, HOUR),
    from_place=Limit("join-from", 300, HOUR),
    for_owner=Limit("join-code", 50, HOUR),
)
# A code works for ten minutes; what is counted of it outlasts it.
GUESSES_OF_CODE = Limit("login code guess", 10, QUARTER)
USES_OF_CODE = Limit("login code used", 1, QUARTER)
# Who is logged in and proves it again: counted apart, so that what strangers try stops nobody's work.
AGAIN_BY_PASSWORD = Limit("password again", 10, QUARTER)
AGAIN_BY_FACTOR = Limit("second-factor again", 10, QUARTER)
AGAIN_BY_CODE = Limit("login code again", 5, HOUR)


def may_ask_for_code(request: HttpRequest, address: str) -> bool:
    """Return whether one more code may be sent to an address, asked for with this browser from this place."""
    return allow(CODES.counts(request, address))


def may_try_password(request: HttpRequest, address: str) -> bool:
    """Return whether one more password may be tried for an address, with this browser from this place."""
    return allow(PASSWORDS.counts(request, address))


def note_right_password(request: HttpRequest, address: str) -> None:
    """Count one try less: the password was right."""
    refund(PASSWORDS.counts(request, address))


def exceeded_factor_limit(request: HttpRequest, user: User) -> Limit | None:
    """Return the limit by which no more codes of the second factor may be tried now, None when one more may."""
    return exceeded_limit(counts_of_factor(request, user))


def note_right_factor(request: HttpRequest, user: User) -> None:
    """Count one try less: the code was right."""
    refund(counts_of_factor(request, user))


def counts_of_factor(request: HttpRequest, user: User) -> Counted:
    """Return what a try is counted by; by the person alone once their session has passed a second factor."""
    is_in = request.user == user and any(one["method"] == "mfa" for one in get_authentication_records(request, user))
    return [(AGAIN_BY_FACTOR, str(user.pk))] if is_in else FACTORS.counts(request, user.email)


def allow(counts: Counted, *, at: datetime | None = None) -> bool:
    """Return whether all limits allow it. What one of them refuses does not count for the others."""
    return exceeded_limit(counts, at=at) is None


def exceeded_limit(counts: Counted, *, at: datetime | None = None) -> Limit | None:
    """Return the limit that does not allow it; None when all do, and then it is counted by each."""
    for number, (limit, key) in enumerate(counts):
        if not limit.allow(key, at=at):
            refund(counts[:number])
            return limit
    return None


def refund(counts: Counted) -> None:
    """Count one less of each."""
    for limit, key in counts:
        limit.give_back(key)
