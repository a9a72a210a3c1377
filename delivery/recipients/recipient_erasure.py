"""Forgetting recipients. What stays is the code of the address, suppressed, so that nobody writes to it by accident."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.privacy import data_subjects, erasure, erasure_log
from delivery.links import unsubscribe
from delivery.models import (
    Audience,
    Consent,
    NewAddress,
    QuietHours,
    Recipient,
    SignUp,
    Subscription,
    Suppression,
    WhatsAppWindow,
)
from lib.mail_addresses import spellings


@transaction.atomic
def erase_reader(subscription: Subscription, *, at: datetime) -> bool:
    """
    Forget a subscriber who asks for it by the link in a mail, and return whether nothing is left of them: whoever takes
    part in something else keeps what that needs, and is erased there. Mail on its way stops within one window.
    """
    recipient = Recipient.objects.select_for_update().get(pk=subscription.recipient_id)
    person = data_subjects.Person.of(recipient.email)
    forget_subscriptions(recipient, at=at)
    if data_subjects.is_needed(person, apart_from="subscriptions"):
        return False
    erasure.erase(person, reason="asked", by=None, at=at)
    return True


def forget_subscriptions(recipient: Recipient, *, at: datetime) -> None:
    """Delete what a recipient subscribes to, with the yes to it and what waits to be confirmed; in a transaction."""
    for campaign in recipient.subscriptions.values_list("campaign", flat=True):
        unsubscribe.end_digests(recipient.pk, campaign, at=at)
    recipient.subscriptions.all().delete()
    recipient.memberships.filter(audience__kind=Audience.Kind.DIGEST).update(reason="", left_because="erased")
    recipient.consents.filter(purpose=Consent.Purpose.DIGEST).delete()
    forget_unconfirmed(recipient.email)


def forget_unconfirmed(address: str) -> None:
    """Delete what waits to be confirmed by an address."""
    if address:
        same = Q(email__in=spellings(address))
        SignUp.objects.filter(same).delete()
        NewAddress.objects.filter(same).delete()


def forget_address(recipient: Recipient, *, at: datetime) -> None:
    """Keep nothing of a recipient but the code of the address, suppressed, and the same of their other channels; in a transaction."""
    for other in recipient.other_addresses.exclude(state=Recipient.State.ERASED):
        forget_address(other, at=at)
    recipient.consents.all().delete()
    recipient.memberships.filter(left_at=None).update(left_at=at, left_because="erased")
    recipient.memberships.update(reason="")
    recipient.subscriptions.all().delete()
    recipient.choices.all().delete()
    recipient.snoozes.all().delete()
    recipient.newcomings.all().delete()
    recipient.channel_choices.all().delete()
    recipient.channel_proofs.all().delete()
    QuietHours.objects.filter(person=recipient).delete()
    WhatsAppWindow.objects.filter(recipient=recipient).delete()
    forget_unconfirmed(recipient.email)
    Recipient.objects.filter(pk=recipient.pk).update(
        state=Recipient.State.ERASED, email="", address="", user_hash="", name="", prefers_easy=False
    )
    suppress(recipient.address_hash, at=at)
    erasure_log.note(recipient.address_hash, at=at)


def suppress(code: str, *, at: datetime) -> None:
    """Have nothing sent to the address of a code any more, because its owner was erased; notes about it go."""
    Suppression.objects.filter(address_hash=code).update(note="")
    Suppression.objects.bulk_create(
        [Suppression(address_hash=code, reason=Suppression.Reason.ERASED, since=at)], ignore_conflicts=True
    )
