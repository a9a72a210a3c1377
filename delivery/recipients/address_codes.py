"""
How an address of a channel is shown to be somebody's: a code is sent there and typed here, or a token comes from there. Whoever they
are to us (an influencer, a colleague), the same limits and guesses apply. A code is short and lives ten minutes; who guesses wrong
five times asks for another.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.login.codes import CODE_LASTS, MOST_GUESSES, normalized
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from delivery.models import Purpose, address_hash
from delivery.models.channels import Proof
from delivery.models.recipients import address_form
from delivery.throttle import token_bucket
from delivery.transports import one_message

# Codes that may be asked for: by one person an hour, to one address a day, and by everybody of a kind together an hour. A text
# message costs money, and to send them to expensive numbers is a fraud.
BY_ONE, TO_ONE, BY_ALL = 3, 5, 200
BY_ONE_LINK, LONGEST_TOKEN = 20, 100
HOUR, DAY = timedelta(hours=1).total_seconds(), timedelta(days=1).total_seconds()

SomeProof = TypeVar("SomeProof", bound=Proof)


class NotPossible(Exception):
    """A refused step. The text says why and what now, in the user's language."""


def code_of(channel: str, address: str) -> str:
    """Return the code by which an address of a channel is known again."""
    return address_hash(address_form(channel, address))


def count_request(asker: str, channel: str, address: str, *, at: datetime) -> None:
    """
    Count that `asker` ("person:12", "staff:4") has a code sent to an address. Raise NotPossible when too many were asked for. The
    limits of one kind of askers are no other's, so that strangers cannot use up those of colleagues.
    """
    kind = "" if asker.startswith("person:") else f"{asker.partition(':')[0]}:"
    for name, most, seconds in (
        (f"channel-code:{asker}", BY_ONE, HOUR),
        (f"channel-code:{kind}address:{code_of(channel, address)}", TO_ONE, DAY),
        (f"channel-code:{kind}all", BY_ALL, HOUR),
    ):
        if not token_bucket.take(name, 1, rate=most / seconds, burst=most, at=at):
            raise NotPossible(_("No code was sent: too many were asked for. Try again in an hour."))


def send(
    code: str, channel: str, address: str, *, language: str, campaign: Campaign, at: datetime, practised: bool
) -> None:
    """
    Send a code to an address, in a language; when `practised`, to the mail catcher. Raise NotPossible when none could be sent. Not
    for use in a transaction.
    """
    with override(language):
        words = _(
            "%(code)s is your code for %(campaign)s. It works for ten minutes. Did you not ask for it? Do nothing."
        )
        text = words % {"code": code, "campaign": PrintedWords.of(campaign).in_language(language).name}
    # Whose address it is already, is not told apart from here: a code there proves who holds it now.
    said = one_message.Words(text, language=language, code=code)
    if not one_message.send(channel, address, said, Purpose.CODE, campaign=campaign, at=at, practised=practised):
        raise NotPossible(_("No code could be sent there just now. Look whether it is right, or try again later."))


def new_token(asker: str, *, at: datetime) -> str:
    """Return a token that proves an address when it comes from there. Raise NotPossible when too many were asked for."""
    if not token_bucket.take(f"channel-link:{asker}", 1, rate=BY_ONE_LINK / HOUR, burst=BY_ONE_LINK, at=at):
        raise NotPossible(_("No link was made: too many were asked for. Try again in an hour."))
    return secrets.token_urlsafe(24)


def digest_of_token(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(f"channel-link:{token[:LONGEST_TOKEN]}".encode()).hexdigest()


def digest_of(whose: str, code: str) -> str:
    """Return what is kept of a code that was sent for somebody, by a name of theirs that nobody else has."""
    key = f"{settings.SECRET_KEY}:channel-code".encode()
    return hmac.new(key, f"{whose}:{normalized(code)}".encode(), sha256).hexdigest()


def usable(proofs: "QuerySet[SomeProof]", *, at: datetime) -> "QuerySet[SomeProof]":
    """Return those whose code may still be typed."""
    return proofs.filter(asked_at__gt=at - CODE_LASTS, tries__lt=MOST_GUESSES)


def of_token(proofs: "QuerySet[SomeProof]", channel: str, token: str, *, at: datetime) -> SomeProof | None:
    """Return the one whose token came by a channel, None for a token that is old, used or not ours."""
    return proofs.filter(channel=channel, digest=digest_of_token(token), asked_at__gt=at - CODE_LASTS).first()


def guessed(proofs: "QuerySet[SomeProof]", whose: str, code: str, *, at: datetime) -> SomeProof:
    """Return the one of somebody's (one at most) whose code this is. Raise NotPossible for a wrong code, or after too many."""
    # A try is taken before the code is compared, so that guesses made at the same moment are counted too.
    proof = proofs.first() if usable(proofs, at=at).update(tries=F("tries") + 1) else None
    if proof is None:
        raise NotPossible(_("This code has expired. Have another one sent."))
    if not hmac.compare_digest(proof.digest, digest_of(whose, code)):
        if proof.tries >= MOST_GUESSES:
            raise NotPossible(_("Too many wrong codes were typed. Have another one sent."))
        raise NotPossible(_("That is not the code. Look at the newest message, and type all six digits."))
    return proof
