"""
The links that open a draft: one for each influencer, or one for all (number 0). A link is signed and kept nowhere; what it opens, and for
how long, the rows say.
"""

import secrets

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.crypto.keyed_hashes import mark, marks
from impact.models import Pretest, PretestSeat

SALT = "impact.pretests.links"
SIGNED = 24  # characters of the signature: 96 bits
LONGEST = 64
FOR_ALL = 0


def token_of(pretest: Pretest, number: int = FOR_ALL) -> str:
    """Return what opens a pretest for the person of a number, or for all."""
    said = f"{pretest.pk}-{number}"
    return f"{said}-{mark(SALT, said)[:SIGNED]}"


def address_of(pretest: Pretest, number: int = FOR_ALL, *, language: str) -> str:
    """Return the whole address, in a language of the site."""
    with override(language):
        return settings.PUBLIC_URL + reverse("pretests:answer", args=[token_of(pretest, number)])


def find(token: str) -> tuple[Pretest, PretestSeat | None] | None:
    """Return the pretest that a token opens, with the person whose it is, or None for whoever has the link; None for any other token."""
    said, _dash, signature = token.rpartition("-")
    if len(token) > LONGEST or not any(secrets.compare_digest(each[:SIGNED], signature) for each in marks(SALT, said)):
        return None
    key, number = map(int, said.split("-"))
    pretest = Pretest.objects.select_related("bulletin__campaign").filter(pk=key).first()
    if pretest is None or pretest.is_by_link != (number == FOR_ALL):
        return None
    if pretest.is_by_link:
        return pretest, None
    seat = pretest.seats.select_related("recipient").filter(number=number).first()
    return (pretest, seat) if seat else None
