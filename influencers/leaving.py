"""
Leaving, and being forgotten. Who leaves gets no more mail and keeps what they did until LEFT_DAYS later; who is erased
leaves nothing but the code of their address, so that nobody writes to it again by accident.
"""

import logging
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import get_random_string

from accounts import audit
from accounts.models import User
from accounts.roles import STAFF, Role
from bulletins.models import AnswerVersion, Notice, Question, SameQuestion
from delivery.models import Audience, Consent, MailChoice, Membership, Recipient, Snooze, Suppression
from factcheck.models import Sighting

from .models import Application, Attachment, Influencer, Invitation, StrayMail

log = logging.getLogger(__name__)

State = Influencer.State


@transaction.atomic
def leave(influencer: Influencer, *, by: User | None, at: datetime) -> None:
    """
    End somebody's part in their campaign: no more bulletins by mail, no portal, pledge withdrawn, open invitations closed.
    What they did stays until it is forgotten. Twice changes nothing more.
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
        purposes = [Consent.Purpose.BULLETINS, Consent.Purpose.OPEN_TRACKING]
        Consent.objects.filter(recipient=held.recipient_id, purpose__in=purposes, withdrawn_at=None).update(
            withdrawn_at=at
        )
    held.pledges.filter(withdrawn_at=None).update(withdrawn_at=at)
    Invitation.objects.filter(influencer=held, accepted_at=None, declined_at=None).update(declined_at=at)
    Influencer.objects.filter(pk=held.pk).update(state=State.LEFT, left_at=at)
    influencer.refresh_from_db()
    audit.note("influencer.left", influencer, by=by, at=at)


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
        forget_words(person, person.user, recipient)
        forget_profile(person)
        audit.note("influencer.erased", person, by=None if by in users else by, at=at)
    if not stays:
        forget_address(recipient, at=at)
        for user in users:
            forget_user(user)


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


def elsewhere(influencer: Influencer) -> bool:
    """
    Tell whether somebody takes part in another campaign, or gets a digest; two queries. An invitation that they did not
    answer is no part.
    """
    others = Influencer.objects.filter(recipient=influencer.recipient_id).exclude(pk=influencer.pk)
    if others.filter(state=State.ACTIVE).exists():
        return True
    digests = Membership.objects.filter(recipient=influencer.recipient_id, audience__kind=Audience.Kind.DIGEST)
    return digests.filter(left_at=None).exists()


def forget_words(influencer: Influencer, user: User | None, recipient: Recipient) -> None:
    """
    Delete what somebody gave, did, wrote and got in a campaign. Questions stay without whoever brought them, memberships
    without reasons, and an invitation that was declined without its words, so that nobody invites them again.
    """
    campaign = influencer.campaign_id
    for file in Attachment.objects.filter(message__thread__influencer=influencer).exclude(file=""):
        remove_later(file.file.storage, file.file.name)
    StrayMail.objects.filter(
        Q(sorted_into__influencer=influencer) | (Q(from_address__iexact=recipient.email) & ~Q(from_address=""))
    ).delete()
    related = (
        "accounts",
        "pledges",
        "exposures",
        "kit_uses",
        "recalls",
        "posts",
        "choices",
        "hand_overs",
        "harassments",
    )
    for name in (*related, "thanks", "certificates", "lessons"):
        getattr(influencer, name).all().delete()
    influencer.invitations.filter(declined_at=None).delete()
    influencer.invitations.update(words="")
    recipient.memberships.filter(audience__campaign=campaign).update(reason="", left_because="")
    if hasattr(influencer, "thread"):
        influencer.thread.delete()
    forget_credits(recipient, campaign)
    SameQuestion.objects.filter(recipient=recipient, group__campaign=campaign).delete()
    MailChoice.objects.filter(recipient=recipient, campaign=campaign).delete()
    Snooze.objects.filter(recipient=recipient, topic__campaign=campaign).delete()
    if recipient.email:
        Application.objects.filter(email__iexact=recipient.email).delete()
    if user is not None:
        Sighting.objects.filter(reporter=user, claim__campaign=campaign).update(reporter=None)
        Notice.objects.filter(person=user, campaign=campaign).delete()


def forget_credits(recipient: Recipient, campaign: int) -> None:
    """Take a person's name off the questions that they brought, also where a published answer thanks them for it."""
    mine = Question.objects.filter(relayed_by=recipient, campaign=campaign)
    names = set(mine.exclude(credit="").values_list("credit", flat=True))
    groups = list(mine.exclude(credit="").values_list("group", flat=True))
    mine.update(relayed_by=None, credit="", may_credit=False)
    for version in AnswerVersion.objects.filter(answer__group__in=groups):
        kept = [name for name in version.credits if name not in names]
        if kept != version.credits:
            AnswerVersion.objects.filter(pk=version.pk).update(credits=kept)


def forget_address(recipient: Recipient, *, at: datetime) -> None:
    """Keep nothing of a recipient but the code of the address, suppressed."""
    recipient.consents.all().delete()
    recipient.memberships.filter(left_at=None).update(left_at=at, left_because="erased")
    Suppression.objects.bulk_create(
        [Suppression(address_hash=recipient.address_hash, reason=Suppression.Reason.ERASED, since=at)],
        ignore_conflicts=True,
    )
    Recipient.objects.filter(pk=recipient.pk).update(state=Recipient.State.ERASED, email="", name="")


def forget_user(user: User) -> None:
    """Close a login that was for the portal only, and keep nothing that tells whose it was."""
    others = user.groups.exclude(name=Role.INFLUENCER)
    if user.is_staff or user.is_superuser or others.filter(name__in=[*STAFF, Role.CONTRIBUTOR]).exists():
        return
    EmailAddress.objects.filter(user=user).delete()
    user.groups.clear()
    user.email, user.name, user.is_active = f"erased-{get_random_string(12).lower()}@erased.invalid", "", False
    user.set_unusable_password()
    user.save()


def remove_later(storage: Storage, name: str | None) -> None:
    """Delete a file when the transaction is through; one that cannot be deleted is named in the log."""

    def remove() -> None:
        try:
            storage.delete(name or "")
        except OSError:
            log.exception("A file of somebody who was erased could not be deleted: %s", name)

    transaction.on_commit(remove, robust=True)


def forget_left(*, at: datetime) -> int:
    """Erase those who left more than LEFT_DAYS ago, and return how many; a fault with one does not keep the others."""
    gone = Influencer.objects.filter(state=State.LEFT, left_at__lte=at - timedelta(days=settings.LEFT_DAYS))
    erased = 0
    for influencer in gone.order_by("left_at")[:100]:
        try:
            erase(influencer, by=None, at=at)
        except Exception:
            log.exception("Influencer %s was not erased; the next call tries again.", influencer.pk)
        else:
            erased += 1
    return erased
