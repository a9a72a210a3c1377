"""
How often somebody may try to get in: codes asked for, codes and passwords guessed. Counted in the database by
accounts.limiting, so it holds for all processes together, at the same moment, and while Redis is away.

An address counts whether we know it or not: what is refused tells nothing about it.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from . import limiting


@dataclass(frozen=True)
class Limit:
    """So many times (`most`) in so many `seconds`, counted under the name `bucket`."""

    bucket: str
    most: int
    seconds: int

    def allow(self, key: str) -> bool:
        """Tell whether `key` may do it once more; if so, it is counted."""
        return limiting.allow(self.bucket, key, most=self.most, seconds=self.seconds)

    def give_back(self, key: str) -> None:
        """Count one less."""
        limiting.give_back(self.bucket, key)


HOUR, QUARTER = 3600, 900
CODES_OF_ADDRESS = Limit("login code address", 5, HOUR)
CODES_FROM_PLACE = Limit("login code place", 20, HOUR)
# A code works for ten minutes; what is counted of it outlasts it.
GUESSES_OF_CODE = Limit("login code guess", 10, QUARTER)
USES_OF_CODE = Limit("login code used", 1, QUARTER)
PASSWORDS_OF_ADDRESS = Limit("password address", 10, QUARTER)
PASSWORDS_FROM_PLACE = Limit("password place", 50, QUARTER)
# Who is logged in and proves it again: counted apart, so that a stranger who tries passwords stops nobody's work.
AGAIN_OF_PERSON = Limit("password again", 10, QUARTER)
GUESSES_OF_FACTOR = Limit("second-factor", 10, QUARTER)


def may_ask_for_code(request: HttpRequest, address: str) -> bool:
    """Tell whether one more code may be sent to an address, asked for from where the request comes from."""
    return both(CODES_FROM_PLACE, limiting.place_of(request), CODES_OF_ADDRESS, address.strip().lower())


def may_try_password(request: HttpRequest, address: str) -> bool:
    """Tell whether one more password may be tried for an address, from where the request comes from."""
    return both(PASSWORDS_FROM_PLACE, limiting.place_of(request), PASSWORDS_OF_ADDRESS, address.strip().lower())


def was_right_password(request: HttpRequest, address: str) -> None:
    """Count one try less: the password was right."""
    PASSWORDS_FROM_PLACE.give_back(limiting.place_of(request))
    PASSWORDS_OF_ADDRESS.give_back(address.strip().lower())


def both(first: Limit, key: str, second: Limit, other_key: str) -> bool:
    """Tell whether both limits allow it. What the second one refuses does not count for the first one."""
    if not first.allow(key):
        return False
    if second.allow(other_key):
        return True
    first.give_back(key)
    return False
