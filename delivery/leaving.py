"""One click and out: signed links that need no row, survive a new SECRET_KEY and open nothing else."""

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from .models import Audience, Consent, Mailing, Membership

SALT = "delivery.unsubscribe"


class BadLink(Exception):
    """A link that we did not sign, or that was cut. The text says so in the user's language."""


def unsubscribe_url(recipient_id: int, mailing_id: int, language: str) -> str:
    """Return the absolute address that takes this recipient off what this mailing is one of."""
    return UnsubscribeLinks(mailing_id, language).of(recipient_id)


class UnsubscribeLinks:
    """The unsubscribe links of one mailing in one language; the path is looked up once for all recipients."""

    def __init__(self, mailing_id: int, language: str) -> None:
        self._signer = signing.Signer(salt=SALT)
        self._mailing_id = mailing_id
        with override(language):
            path = reverse("delivery:unsubscribe", args=["TOKEN"])
        self._before, _token, self._after = f"{settings.PUBLIC_URL}{path}".partition("TOKEN")

    def of(self, recipient_id: int) -> str:
        """Return the absolute address for one recipient."""
        return f"{self._before}{self._signer.sign(f'{recipient_id}.{self._mailing_id}')}{self._after}"


def read(token: str) -> tuple[int, Mailing]:
    """Return the recipient's key and the mailing of a link. Raise BadLink when it isn't one of ours."""
    try:
        recipient_id, mailing_id = signing.Signer(salt=SALT).unsign(token).split(".")
        return int(recipient_id), Mailing.objects.select_related("campaign").get(pk=mailing_id)
    except (signing.BadSignature, ValueError, Mailing.DoesNotExist) as fault:
        raise BadLink(_("This link is not complete. Open it from the mail itself, or reply to the mail.")) from fault


@transaction.atomic
def leave(token: str, *, at: datetime) -> Mailing:
    """
    Take the recipient off the campaign's bulletins, or its digests when the link came from a digest.

    Return the mailing that the link came from. Doing it twice changes nothing more. Takes effect on mail that
    is being sent within one window. Raise BadLink.
    """
    recipient_id, mailing = read(token)
    digest = mailing.queue == Mailing.Queue.DIGEST
    Membership.objects.filter(
        recipient=recipient_id,
        audience__campaign=mailing.campaign_id,
        audience__kind=Audience.Kind.DIGEST if digest else Audience.Kind.INFLUENCERS,
        left_at=None,
    ).update(left_at=at, reason="unsubscribed")
    Consent.objects.filter(
        recipient=recipient_id,
        purpose=Consent.Purpose.DIGEST if digest else Consent.Purpose.BULLETINS,
        withdrawn_at=None,
    ).update(withdrawn_at=at)
    return mailing
