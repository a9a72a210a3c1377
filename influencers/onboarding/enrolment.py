"""Giving someone whose address is proven their place: user, recipient, profile, audience, consents and signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from accounts.access import role_grants
from accounts.access.roles import Role
from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Audience, Consent, Membership, Recipient, Suppression, address_hash
from delivery.recipients import consents, suppression, welcome_mails
from influencers.code_of_ethics import signatures
from influencers.models import Application, CodeOfEthics, Influencer, Invitation
from influencers.profiles import preferences, profile, tiers
from influencers.profiles.form_options import CONSENT_TEXT

PREFIX = "infl-"
REASON = "joined"


class NotEnrolled(Exception):
    """Someone who cannot be enrolled. The message says why and what to do; nothing was stored."""


@transaction.atomic
def enrol(
    campaign: Campaign,
    *,
    email: str,
    language: str,
    answers: Mapping[str, Any],
    source: str,
    at: datetime,
    account: User | None = None,
) -> Influencer:
    """
    Enrol the owner of an address, who has proven it, with what they filled in (`answers`, as forms.joining writes them),
    and return their profile, active and with its user. Whoever was invited, had left or had been erased gets their
    profile back. `account` is who is logged in: an address that has an account is enrolled by nobody else, and nothing of the
    account changes but that it may enter the portal. Raise NotEnrolled.
    """
    profile.one_at_a_time(campaign)
    email = email.strip().lower()
    refuse_blocked(email)
    text = text_read(campaign, answers)
    user = user_of(email, account=account, name=answers["name"], language=language, at=at)
    recipient = recipient_of(email, name=answers["name"], language=language, at=at)
    influencer = profile_of(campaign, user, recipient, invitation=answers.get("invitation"), at=at)
    profile.describe(influencer, answers)
    influencer.save()
    profile.write_accounts(influencer, answers["accounts"], at=at, are_all=False)
    agree(recipient, answers, language=answers["read_in"], source=source, at=at)
    signatures.sign(influencer, text, answers["signature"]["points"], at=at)
    tiers.seat(influencer, language, at=at, reason=REASON)
    if pace := answers.get("pace"):
        preferences.set_pace(influencer, campaign, pace, at=at)
    welcome(influencer, at=at)
    Invitation.objects.filter(influencer=influencer, accepted_at=None, declined_at=None).update(accepted_at=at)
    Application.objects.filter(campaign=campaign, email=email).delete()
    profile.note("influencer.joined", influencer, by=user, at=at, source=source)
    return influencer


def welcome(influencer: Influencer, *, at: datetime) -> None:
    """Have a welcome mail sent to someone who has just joined, in the closest audience that they are in; none without one."""
    mine = Membership.objects.filter(
        Q(left_at=None) | Q(left_at__gt=at),
        recipient=influencer.recipient_id,
        audience__campaign=influencer.campaign_id,
        audience__kind=Audience.Kind.INFLUENCERS,
    )
    membership = mine.select_related("audience").order_by("audience__tier", "pk").first()
    if membership is not None:
        welcome_mails.note(membership.audience, influencer.recipient, at=at)


def next_references(campaign: Campaign, number: int = 1) -> list[str]:
    """Return the next free references of a campaign (infl-0042 …); one query. After `one_at_a_time` only."""
    known = Influencer.objects.filter(campaign=campaign, reference__startswith=PREFIX)
    known = known.filter(reference__regex=rf"^{PREFIX}[0-9]+$").annotate(length=Length("reference"))
    newest = known.order_by("-length", "-reference").values_list("reference", flat=True).first()
    first = int(newest.removeprefix(PREFIX)) + 1 if newest else 1
    return [f"{PREFIX}{count:04d}" for count in range(first, first + number)]


# --- Parts -----------------------------------------------------------------------------------------


def refuse_blocked(email: str) -> None:
    """Raise NotEnrolled for an address that staff have blocked; lift what a fresh double opt-in lifts."""
    suppressed = Suppression.objects.filter(address_hash=address_hash(email))
    if suppressed.filter(reason=Suppression.Reason.STAFF).exists():
        raise NotEnrolled(_("This address cannot be used to join. Write to us, and we will look into it."))
    suppressed.filter(reason__in=suppression.LIFTED).delete()


def text_read(campaign: Campaign, answers: Mapping[str, Any]) -> CodeOfEthics:
    """
    Return the code of ethics that someone ticked. Raise NotEnrolled when it is not there any more, or says something
    else.
    """
    text = CodeOfEthics.objects.filter(pk=answers["signature"]["text"], campaign=campaign).first()
    if text is None or signatures.fingerprint(text) != answers["signature"].get("sha256"):
        raise NotEnrolled(
            _(
                "The code of ethics has changed since you read it, so nothing was signed. Start again: "
                "fill in the form and tick each point."
            )
        )
    return text


def has_account(email: str) -> bool:
    """Return whether an address has an account; one query."""
    return User.objects.filter(email=email).exists()


def user_of(email: str, *, account: User | None, name: str, language: str, at: datetime) -> User:
    """
    Return the user of an address as an influencer: a new one, or `account`, whose it is. Raise NotEnrolled for staff, closed
    accounts, and accounts whose owner has not logged in.
    """
    user = User.objects.filter(email=email).first()
    if user and (user.is_staff or not user.is_active):
        raise NotEnrolled(
            _("This address belongs to another of our accounts. Join with a different address, or write to us.")
        )
    if user and user != account:
        raise NotEnrolled(
            _("This address already has an account with us. Log in with it, then fill in the form again.")
        )
    user = user or User.objects.create_user(email, name=name, language=language)
    role_grants.grant(user, Role.INFLUENCER, by=user, at=at)
    return user


def recipient_of(email: str, *, name: str, language: str, at: datetime) -> Recipient:
    """Return the recipient of an address, active; one that was erased is written anew."""
    recipient = Recipient.objects.filter(address_hash=address_hash(email)).first()
    recipient = recipient or Recipient(created_at=at)
    recipient.email, recipient.name, recipient.language = email, name, language
    recipient.state = Recipient.State.ACTIVE
    recipient.save()
    return recipient


def profile_of(
    campaign: Campaign, user: User, recipient: Recipient, *, invitation: int | None, at: datetime
) -> Influencer:
    """Return the profile of a person: the one that they have, the one that they were invited as, or a new one."""
    known = Influencer.objects.filter(campaign=campaign)
    mine = known.filter(Q(recipient=recipient) | Q(user=user)).order_by(F("user").asc(nulls_last=True)).first()
    invited = known.filter(invitations=invitation, state=Influencer.State.INVITED).first() if invitation else None
    found = mine or invited
    if found is None:
        found = Influencer(campaign=campaign, reference=next_references(campaign)[0])
    if found.state != Influencer.State.ACTIVE or found.pk is None:
        found.joined_at = at
    before = found.recipient if found.pk else None
    found.user, found.recipient = user, recipient
    found.state, found.left_at = Influencer.State.ACTIVE, None
    found.save()
    if before and before.pk != recipient.pk:
        forget_unused(before)
    return found


def forget_unused(recipient: Recipient) -> None:
    """Delete a recipient who never confirmed their address and whom nothing names any more."""
    if recipient.state == Recipient.State.UNCONFIRMED and not recipient.influencers.exists():
        recipient.delete()


def agree(recipient: Recipient, answers: Mapping[str, Any], *, language: str, source: str, at: datetime) -> None:
    """
    Write down what someone agreed to: what they said earlier ends, whatever it was. Only their yes to another crisis stands
    until they take it back: a box that is left empty says nothing.
    """
    given = {Consent.Purpose.BULLETINS: True, Consent.Purpose.OPEN_TRACKING: bool(answers.get("open_tracking"))}
    Consent.objects.filter(recipient=recipient, purpose__in=given, withdrawn_at=None).update(withdrawn_at=at)
    consents.record_consents(
        Consent(
            recipient=recipient,
            purpose=purpose,
            text_version=answers.get("consent_text", CONSENT_TEXT),
            language=language,
            source=source,
            given_at=datetime.fromisoformat(answers["given_at"]),
            confirmed_at=at,
        )
        for purpose, is_given in (given | {Consent.Purpose.ANOTHER_CRISIS: bool(answers.get("another_crisis"))}).items()
        if is_given
    )
