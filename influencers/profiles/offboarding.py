"""
Leaving, and being forgotten. Who leaves gets no more mail and keeps what they did until LEFT_DAYS later; who is erased
leaves nothing but the code of their address, so that nobody writes to it again by accident.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Replace

from accounts.audit import trail
from accounts.models import User
from accounts.privacy import account_closure
from campaigns.models import CustomText
from delivery.models import Audience, Consent, MailChoice, Membership, Recipient, Snooze, Subscription
from delivery.recipients import recipient_erasure
from factcheck.models import Sighting
from influencers.models import Application, Attachment, CallNumber, Influencer, Invitation, UnmatchedMail
from lib.mail_addresses import spellings
from notifications.models import Notice
from questions.models import SameQuestion
from questions.personal_data import forget_credits

log = logging.getLogger(__name__)

State = Influencer.State
MOST_AT_ONCE = 500  # readers in one call; the next goes on


@transaction.atomic
def leave(influencer: Influencer, *, by: User | None, at: datetime) -> None:
    """
    End someone's part in their campaign: no more bulletins by mail, no portal, signature withdrawn, open invitations
    closed. What they did stays until it is forgotten. Twice changes nothing more.
    """
    held = Influencer.objects.select_for_update().get(pk=influencer.pk)
    if held.state in {State.LEFT, State.ERASED}:
        return
    mine = Membership.objects.filter(
        recipient=held.recipient_id,
        audience__campaign=held.campaign_id,
        audience__kind=Audience.Kind.INFLUENCERS,
        left_at=None,
    )
    mine.update(left_at=at, left_because="left")
    if not elsewhere(held):
        purposes = [Consent.Purpose.BULLETINS, Consent.Purpose.OPEN_TRACKING, Consent.Purpose.ANOTHER_CRISIS]
        Consent.objects.filter(recipient=held.recipient_id, purpose__in=purposes, withdrawn_at=None).update(
            withdrawn_at=at
        )
    held.signatures.filter(withdrawn_at=None).update(withdrawn_at=at)
    CallNumber.objects.filter(influencer=held).delete()
    Invitation.objects.filter(influencer=held, accepted_at=None, declined_at=None).update(declined_at=at)
    Influencer.objects.filter(pk=held.pk).update(state=State.LEFT, left_at=at)
    influencer.refresh_from_db()
    trail.note("influencer.left", influencer, by=by, at=at)


@transaction.atomic
def erase(influencer: Influencer, *, by: User | None, at: datetime) -> None:
    """
    Forget a person: name, address, profile, accounts, what they read, posted, asked and wrote, thanks, certificates. The row
    stays without anything that tells who it was. Unless they take part elsewhere, other campaigns that they left or never
    joined forget them too, and their address is kept as its code only, and suppressed; coming back needs a new double
    opt-in. Files go when the transaction is through.
    """
    leave(influencer, by=by, at=at)
    held = Influencer.objects.select_for_update().get(pk=influencer.pk)
    if held.state == State.ERASED:
        return
    forget(held, by=by, at=at)
    influencer.refresh_from_db()


def forget(influencer: Influencer, *, by: User | None, at: datetime) -> None:
    """Forget a person, as `erase` says, who takes no part in the campaign any more. In a transaction."""
    recipient = Recipient.objects.select_for_update().get(pk=influencer.recipient_id)
    people, stays = [influencer], elsewhere(influencer)
    if not stays:
        others = recipient.influencers.select_for_update().filter(state__in=[State.INVITED, State.LEFT])
        people += others.exclude(pk=influencer.pk).order_by("pk")
    users = {person.user for person in people if person.user}
    for person in people:
        forget_contributions(person, person.user, recipient)
        forget_profile(person)
        trail.note("influencer.erased", person, by=None if by in users else by, at=at)
    if not stays:
        recipient_erasure.forget_address(recipient, at=at)
        for user in users:
            account_closure.close_portal_login(user, by=None if by in users else by, at=at)


def forget_profile(influencer: Influencer) -> None:
    """Take everything about a person out of their profile, which stays as an empty row with its reference."""
    Influencer.objects.filter(pk=influencer.pk).update(
        state=State.ERASED,
        user=None,
        name="",
        other_languages=[],
        region=None,
        municipality="",
        sami_homeland=False,
        audience_birth_decade=None,
        audience_ages={},
        audience_genders={},
        audience_languages={},
        interests=[],
        values={},
        liaison=None,
        kept_out="",
        last_visit_at=None,
    )


@transaction.atomic
def erase_everywhere(recipient: Recipient, *, by: User | None, at: datetime) -> None:
    """Forget a person in every campaign, whatever they take part in; digests are ended first (delivery.recipients.recipient_erasure)."""
    people = list(recipient.influencers.select_for_update().exclude(state=State.ERASED).order_by("pk"))
    for person in people:
        leave(person, by=by, at=at)
    if people:
        forget(people[0], by=by, at=at)


def elsewhere(influencer: Influencer) -> bool:
    """
    Return whether someone takes part in another campaign, or gets a digest; two queries. An invitation that they did
    not answer is no part.
    """
    others = Influencer.objects.filter(recipient=influencer.recipient_id).exclude(pk=influencer.pk)
    if others.filter(state=State.ACTIVE).exists():
        return True
    return Subscription.objects.filter(recipient=influencer.recipient_id, left_at=None).exists()


def forget_contributions(influencer: Influencer, user: User | None, recipient: Recipient) -> None:
    """
    Delete what someone gave, did, wrote and got in a campaign. Questions stay without whoever brought them, memberships
    without reasons, and an invitation that was declined without its words, so that nobody invites them again.
    """
    campaign = influencer.campaign_id
    for file in Attachment.objects.filter(message__thread__influencer=influencer).exclude(file=""):
        remove_later(file.file.storage, file.file.name)
    addresses = Q(from_address__in=spellings(recipient.email)) if recipient.email else Q(pk__in=())
    UnmatchedMail.objects.filter(Q(sorted_into__influencer=influencer) | addresses).delete()
    related = (
        "accounts",
        "signatures",
        "exposures",
        "kit_uses",
        "recalls",
        "seen_requests",
        "posts",
        "choices",
        "hand_overs",
        "harassments",
    )
    for name in (*related, "thanks", "certificates", "lessons"):
        getattr(influencer, name).all().delete()
    in_words = set(influencer.invitations.exclude(agreement=None).values_list("agreement", flat=True))
    influencer.invitations.filter(declined_at=None).delete()
    influencer.invitations.update(agreement=None)
    forget_invitation_texts(in_words)
    recipient.memberships.filter(audience__campaign=campaign).update(reason="", left_because="")
    if hasattr(influencer, "thread"):
        influencer.thread.delete()
    forget_credits(recipient, campaign)
    SameQuestion.objects.filter(recipient=recipient, group__campaign=campaign).delete()
    MailChoice.objects.filter(recipient=recipient, campaign=campaign).delete()
    Snooze.objects.filter(recipient=recipient, topic__campaign=campaign).delete()
    if recipient.email:
        Application.objects.filter(email__in=spellings(recipient.email)).delete()
    forget_name(influencer)
    if user is not None:
        Sighting.objects.filter(reporter=user, claim__campaign=campaign).update(reporter=None)
        Notice.objects.filter(person=user, campaign=campaign).delete()


def forget_name(influencer: Influencer) -> None:
    """Put the reference in the place of a person's name, in what the team was told of them."""
    if influencer.name:
        named = Notice.objects.filter(campaign=influencer.campaign_id, text__contains=influencer.name)
        named.update(text=Replace(F("text"), Value(influencer.name), Value(influencer.reference)))


def remove_later(storage: Storage, name: str | None) -> None:
    """Delete a file when the transaction is through; one that cannot be deleted is named in the log."""

    def remove() -> None:
        try:
            storage.delete(name or "")
        except OSError:
            log.exception("A file of somebody who was erased could not be deleted: %s", name)

    transaction.on_commit(remove, robust=True)


def former_over(at: datetime) -> QuerySet[Influencer]:
    """Return people who left more than LEFT_DAYS ago and are not erased yet."""
    return Influencer.objects.filter(state=State.LEFT, left_at__lte=at - timedelta(days=settings.LEFT_DAYS))


def forget_former(*, at: datetime) -> int:
    """Erase people who left more than LEFT_DAYS ago, and return how many; a fault with one does not keep the others."""
    erased = 0
    for influencer in former_over(at).order_by("left_at")[:100]:
        try:
            erase(influencer, by=None, at=at)
        except Exception:
            log.exception("Influencer %s was not erased; the next call tries again.", influencer.pk)
        else:
            erased += 1
    return erased


def readers_over(at: datetime) -> QuerySet[Recipient]:
    """
    Return people who left every digest more than LEFT_DAYS ago and have no other part in anything. All subscriptions
    are looked through for it.
    """
    before = at - timedelta(days=settings.LEFT_DAYS)
    lately = Subscription.objects.filter(Q(left_at=None) | Q(left_at__gt=before), recipient=OuterRef("pk"))
    part = Membership.objects.filter(recipient=OuterRef("pk"), left_at=None)
    gone = Recipient.objects.filter(
        ~Exists(lately),
        ~Exists(part),
        subscriptions__left_at__lte=before,
        influencers=None,
        state=Recipient.State.ACTIVE,
    )
    return gone.distinct()


def forget_readers(*, at: datetime) -> int:
    """Forget the addresses of such readers, and return how many."""
    keys = list(readers_over(at).values_list("pk", flat=True)[:MOST_AT_ONCE])
    for key in keys:
        with transaction.atomic():
            recipient_erasure.forget_address(Recipient.objects.select_for_update().get(pk=key), at=at)
    return len(keys)


def forget_invitation_texts(keys: set[int]) -> None:
    """Take away what staff wrote in invitations, as it may name people, where no mail waits to leave with it any more."""
    waits = Invitation.objects.filter(agreement=OuterRef("pk"), sent_at=None, given_up_at=None, declined_at=None)
    CustomText.objects.filter(~Exists(waits), pk__in=keys).update(words={})
