"""
Tickets: each lets one person answer once, and nobody can tell whose it is.

All tickets of a survey are made in one transaction, as hashes of random tokens; the tokens are in its hat (sealed_boxes.py) until
somebody is handed one. Then a token is in a mail that leaves at once, or in the address of a page, and nowhere here.
"""

import hashlib
import secrets

from accounts.crypto.keyed_hashes import mark, marks
from impact.models import SealedBox, Survey, Ticket

from . import sealed_boxes

SALT = "impact.surveys.tickets"
SIGNED = 16  # characters of the signature in a token
LONGEST = 64


def make(survey: Survey, count: int) -> None:
    """Make the tickets of a survey, and fill its hat."""
    tokens = [new_token(survey) for _ in range(count)]
    # By their hashes, which are as good as shuffled: the order of the rows says nothing of the order in the hat.
    hashes = sorted(hash_of(token) for token in tokens)
    Ticket.objects.bulk_create(Ticket(token_hash=each, survey=survey) for each in hashes)
    sealed_boxes.fill(survey, SealedBox.Kind.HAT, tokens)


def hand_out(survey: Survey) -> str | None:
    """Take a token out of the hat for one person; None when it is empty. Whoever asks writes down that they have one."""
    return sealed_boxes.take(survey, SealedBox.Kind.HAT)


def take_back(survey: Survey, token: str) -> None:
    """Put a token back that certainly reached nobody."""
    sealed_boxes.put(survey, SealedBox.Kind.HAT, token)


def new_token(survey: Survey) -> str:
    """Return a random token that says which survey it is of, signed: one of ours is known also when its ticket is gone."""
    said = f"{survey.pk}-{secrets.token_hex(12)}"
    return f"{said}-{mark(SALT, said)[:SIGNED]}"


def survey_of(token: str) -> Survey | None:
    """Return the survey of a token of ours, whether its ticket was used or not; None for any other."""
    said, _dash, signature = token.rpartition("-")
    if len(token) > LONGEST or not any(secrets.compare_digest(each[:SIGNED], signature) for each in marks(SALT, said)):
        return None
    return Survey.objects.select_related("campaign").filter(pk=int(said.partition("-")[0])).first()


def hash_of(token: str) -> str:
    """Return what is kept of a token: its SHA-256 (hex). It has 96 random bits, so nobody finds it from that."""
    return hashlib.sha256(token.encode()).hexdigest()


def holds(token: str) -> bool:
    """Return whether a token can still be used."""
    return Ticket.objects.filter(token_hash=hash_of(token)).exists()


def use(token: str) -> bool:
    """Use a token up; return whether it could be: of two at once one can."""
    return bool(Ticket.objects.filter(token_hash=hash_of(token)).delete()[0])
