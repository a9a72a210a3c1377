"""The links in mails to subscribers that confirm an address. One works once, and for seven days."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from delivery.models import NewAddress, SignUp
from lib.text.languages.languages import site_language

from .signing import BadLink, LinkSigner

CONFIRM = "delivery.confirm"
LASTS = timedelta(days=7)
KINDS: dict[str, type[SignUp] | type[NewAddress]] = {"s": SignUp, "a": NewAddress}


class ExpiredLink(BadLink):
    """A link of ours that opens nothing any more. The text says why, and what to do."""


class EarlyLink(BadLink):
    """A link of ours that opens nothing at this moment. The text says when again."""


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """What a link confirms: a row of SignUp or NewAddress, and its secret."""

    model: type[SignUp] | type[NewAddress]
    pk: int
    secret: str


def confirm_url(row: SignUp | NewAddress, *, language: str, at: datetime) -> str:
    """Return the absolute address that confirms a row, for seven days from `at`."""
    kind = next(kind for kind, model in KINDS.items() if isinstance(row, model))
    until = int((at + LASTS).timestamp())
    token = LinkSigner(CONFIRM).sign(f"{kind}.{row.pk}.{row.secret}.{until}")
    with override(site_language(language)):
        return settings.PUBLIC_URL + reverse("subscriptions:confirm", args=[token])


def read_confirm(token: str, *, at: datetime) -> PendingConfirmation:
    """Return what a link confirms. Raise BadLink for what is not ours, and ExpiredLink for one that is too old."""
    try:
        kind, key, secret, until = LinkSigner(CONFIRM).unsign(token).split(".")
        waiting = PendingConfirmation(KINDS[kind], int(key), secret)
        lasts = datetime.fromtimestamp(int(until), UTC)
    except (BadSignature, ValueError, KeyError) as fault:
        raise BadLink(_("This link is incomplete. Open it from the email itself, or subscribe again.")) from fault
    if at > lasts:
        raise ExpiredLink(_("This link was valid for seven days and has expired. Subscribe again to get a new one."))
    return waiting
