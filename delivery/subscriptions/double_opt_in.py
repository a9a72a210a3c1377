"""Confirming: whoever opens the link in a mail and agrees has shown that the address is theirs."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from delivery.links import confirmation_links
from delivery.models import (
    Audience,
    Consent,
    Delivery,
    NewAddress,
    Recipient,
    SignUp,
    Subscription,
    Suppression,
    address_hash,
)
from delivery.recipients import consents, suppression, welcome_mails

from . import subscription_choices
from .signup import wake

Reason = Suppression.Reason
NEW_ADDRESS = "new address"


def read(token: str, *, at: datetime) -> SignUp | NewAddress:
    """
    Return what a link confirms; nothing changes. Raise signing.BadLink for a link that is not ours, and confirmation_links.ExpiredLink
    for one that was used, is too old, or whose campaign has ended.
    """
    return waiting(confirmation_links.read_confirm(token, at=at), lock=False)


@transaction.atomic
def confirm(token: str, *, upto: int, at: datetime) -> Subscription:
    """
    Subscribe whoever has a link, or move their subscription to the address that it was sent to, and return the
    subscription. A new subscriber is served with what is published after number `upto`. A link works once. Raise as `read`,
    and confirmation_links.EarlyLink while a digest is being handed over to the address before.
    """
    link = confirmation_links.read_confirm(token, at=at)
    if link.model is NewAddress:  # before its row, as whoever asks for another address does
        Subscription.objects.select_for_update(of=("self",)).filter(new_address=link.pk).first()
    row = waiting(link, lock=True)
    if isinstance(row, SignUp):
        done = subscribe(row, upto=upto, at=at)
        row.delete()
        return done
    before = row.subscription.recipient.email
    done = move(row, at=at)
    notify_old_address(row, before, at=at)
    return done


# --- Parts -----------------------------------------------------------------------------------------


def waiting(link: confirmation_links.PendingConfirmation, *, lock: bool) -> SignUp | NewAddress:
    """Return the row that a link names, locked if told so. Raise confirmation_links.ExpiredLink."""
    rows = link.model._default_manager.all()
    rows = rows.select_for_update(of=("self",)) if lock else rows
    related = ("campaign", "audience", "topics__campaign") if link.model is SignUp else ("subscription__campaign",)
    row = rows.select_related(*related).filter(pk=link.pk, secret=link.secret).first()
    if row is None:
        raise confirmation_links.ExpiredLink(
            _(
                "This link has already been used, or a newer email has replaced it. If you get the "
                "digest, there is nothing to do."
            )
        )
    if campaign_of(row).closed_at is not None:
        raise confirmation_links.ExpiredLink(_("This campaign has ended and sends no more digests."))
    if isinstance(row, NewAddress) and row.moved_at is not None:
        raise confirmation_links.ExpiredLink(_("This link has already been used: the digest goes to the new address."))
    if isinstance(row, NewAddress) and row.subscription.left_at is not None:
        raise confirmation_links.ExpiredLink(
            _("You have unsubscribed from the digest since. Subscribe again to come back.")
        )
    if is_blocked(row.email):
        raise confirmation_links.ExpiredLink(_("This address gets no email from us. If it should, write to us."))
    return row


def campaign_of(row: SignUp | NewAddress) -> Campaign:
    """Return the campaign of what waits to be confirmed."""
    return row.campaign if isinstance(row, SignUp) else row.subscription.campaign


def is_blocked(email: str) -> bool:
    """Return whether staff have blocked an address; one query."""
    return Suppression.objects.filter(address_hash=address_hash(email), reason=Reason.STAFF).exists()


def subscribe(row: SignUp, *, upto: int, at: datetime) -> Subscription:
    """Begin a subscription, or change the one that the address has, as was asked for."""
    recipient = recipient_of(row.email, language=row.language, at=at)
    subscription = Subscription.objects.select_for_update().filter(recipient=recipient, campaign=row.campaign).first()
    if subscription is None or subscription.left_at is not None:
        subscription = begin(subscription, recipient, row, upto=upto, at=at)
    else:
        subscription_choices.resume(subscription, at=at)
        subscription_choices.choose(
            subscription, audience=row.audience, topics=row.topics.topic_ids, language=row.language, at=at
        )
    agree(recipient, row, at=at)
    return Subscription.objects.select_related("recipient", "campaign").get(pk=subscription.pk)


def begin(left: Subscription | None, recipient: Recipient, row: SignUp, *, upto: int, at: datetime) -> Subscription:
    """Begin a subscription; whoever comes back begins anew in the row that they left."""
    subscription = left or Subscription(recipient=recipient, campaign=row.campaign)
    subscription.audience, subscription.language = row.audience, row.language
    subscription.topics = subscription.told_topics = row.topics
    subscription.since = subscription.cursor = upto
    subscription.cursor_before = subscription.mailing = None
    subscription.subscribed_at = subscription.considered_at = at  # no slot that is over is theirs
    subscription.paused_until = subscription.left_at = None
    subscription.save()
    subscription_choices.stop_delivery(subscription, because="changed", at=at)
    subscription_choices.allow_delivery(subscription, reason="subscribed", at=at)
    welcome_mails.note(subscription.audience, recipient, at=at)
    return subscription


def recipient_of(email: str, *, language: str, at: datetime) -> Recipient:
    """Return the recipient of an address that is proven, active and not suppressed."""
    code = address_hash(email)
    Suppression.objects.filter(address_hash=code, reason__in=suppression.LIFTED).delete()
    fields = {"email": email, "language": language, "created_at": at}
    recipient, is_new = Recipient.objects.get_or_create(address_hash=code, defaults=fields)
    if not is_new and (recipient.state != Recipient.State.ACTIVE or not recipient.email):
        recipient.email, recipient.state = email, Recipient.State.ACTIVE
        recipient.save(update_fields=["email", "state", "address_hash"])
    return recipient


def agree(recipient: Recipient, row: SignUp, *, at: datetime) -> None:
    """Write down what someone agreed to, and when."""
    consents.record_consents(
        [
            Consent(
                recipient=recipient,
                purpose=Consent.Purpose.DIGEST,
                text_version=row.text_version,
                language=row.read_in or row.language,
                source=row.source,
                given_at=row.asked_at,
                confirmed_at=at,
            )
        ]
    )


# --- Another address -------------------------------------------------------------------------------


def move(row: NewAddress, *, at: datetime) -> Subscription:
    """
    Let a subscription go to another address. A recipient whose it is alone gets the address, so that their mail on the way
    goes there as well; where the old address has other mail from us, or the new one is known to us, the subscription
    moves. One that the new address has already stays as it is, and the old one ends.
    """
    subscription = subscription_choices.lock_subscription(row.subscription)
    old = subscription.recipient
    known = Recipient.objects.filter(address_hash=address_hash(row.email)).exists()
    if not known and is_only_subscriber(old, subscription):
        Suppression.objects.filter(address_hash=address_hash(row.email), reason__in=suppression.LIFTED).delete()
        consent = current_consent(old)
        old.take_address(row.email, at=at)
        carry_consent(consent, old, old, at=at)
        return subscription
    new = recipient_of(row.email, language=subscription.language, at=at)
    consent = current_consent(old)
    theirs = Subscription.objects.select_for_update().filter(recipient=new, campaign=subscription.campaign_id).first()
    if theirs is not None and theirs.left_at is None:
        subscription_choices.end_subscription(subscription, at=at)
        return Subscription.objects.select_related("recipient", "campaign").get(pk=theirs.pk)
    if theirs is not None:
        theirs.delete()
    hold_back_digest(subscription, at=at)
    subscription_choices.stop_delivery(subscription, because=NEW_ADDRESS, at=at)
    subscription.recipient = new
    subscription.save(update_fields=["recipient", "cursor", "cursor_before", "mailing"])
    if subscription.paused_until is None:
        subscription_choices.allow_delivery(subscription, reason=NEW_ADDRESS, at=at)
    carry_consent(consent, old, new, at=at)
    return subscription


def notify_old_address(row: NewAddress, email: str, *, at: datetime) -> None:
    """Let a mail be written to the address that a subscription had before; a worker does it."""
    row.email, row.secret, row.moved_at, row.asked_at, row.mail_due_at, row.mailed_at = email, "", at, at, at, None
    row.save(update_fields=["email", "secret", "moved_at", "asked_at", "mail_due_at", "mailed_at"])
    transaction.on_commit(wake, robust=True)


def is_only_subscriber(recipient: Recipient, subscription: Subscription) -> bool:
    """Return whether all that a recipient gets from us is this subscription; three queries."""
    elsewhere = Subscription.objects.filter(recipient=recipient).exclude(pk=subscription.pk)
    others = recipient.memberships.exclude(audience__kind=Audience.Kind.DIGEST)
    consents = recipient.consents.exclude(purpose=Consent.Purpose.DIGEST)
    return not (elsewhere.exists() or others.exists() or consents.exists())


def hold_back_digest(subscription: Subscription, *, at: datetime) -> None:
    """
    Hold back the digest that is on the way to the old address; the new one gets what it said in its next one. Raise
    confirmation_links.EarlyLink while it is being handed over.
    """
    rows = Delivery.objects.filter(mailing=subscription.mailing_id, recipient=subscription.recipient_id)
    rows = rows.select_for_update()
    row = rows.first() if subscription.mailing_id else None
    if row is None:
        return
    if row.state == Delivery.State.HANDING_OFF:
        raise confirmation_links.EarlyLink(
            _("A digest is being sent to the old address, so the change has to wait. Try again in a minute.")
        )
    if row.state not in Delivery.TO_GO:
        return
    rows.update(state=Delivery.State.SUPPRESSED, finished_at=at, lease=None, next_attempt_at=None)
    if subscription.cursor_before is not None and not row.possible_duplicate:
        subscription.cursor = subscription.cursor_before
        subscription.cursor_before = subscription.mailing = None


def current_consent(recipient: Recipient) -> Consent | None:
    """Return the consent to the digest that stands for the address that a recipient has; one query."""
    return Consent.objects.in_force(Consent.Purpose.DIGEST).filter(recipient=recipient).first()


def carry_consent(consent: Consent | None, old: Recipient, new: Recipient, *, at: datetime) -> None:
    """
    Let the consent to the digest go with the address: it is written down anew, confirmed by the click from there. The old
    recipient keeps one that another campaign's digest needs.
    """
    if consent is None:
        return
    if old == new or not Subscription.objects.filter(recipient=old, left_at=None).exists():
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=at)
    if current_consent(new) is None:
        consents.record_consents(
            [
                Consent(
                    recipient=new,
                    purpose=consent.purpose,
                    text_version=consent.text_version,
                    language=consent.language,
                    source=NEW_ADDRESS,
                    given_at=consent.given_at,
                    confirmed_at=at,
                )
            ]
        )
