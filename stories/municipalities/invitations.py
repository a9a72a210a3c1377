"""
Asking people of municipalities to send stories, as influencers are asked to join: `invite` writes a row, `send_due` mails it. The link in the
mail names the row and is bound to its address. Following it accepts nothing: whoever does proves the address by a code, as everyone
who logs in, and then takes the invitation up by a button.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.signing import BadSignature
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.access import role_grants
from accounts.access.roles import Role
from accounts.audit import trail
from accounts.models import User
from campaigns.translated_fields import in_language
from delivery.links.signing import LinkSigner, mark_of
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import Suppression, address_hash
from delivery.single_mails.queue import Queue
from delivery.single_mails.worker import hand_over_due
from stories.models import Municipality, MunicipalityInvitation, MunicipalityMember

PURPOSE = "stories.municipality_invitation"
LINK_LASTS = timedelta(days=60)
MOST_OPEN = 10  # invitations of one municipality that wait for their owners


class NotInvited(Exception):
    """An invitation that cannot be written. The text says why; nothing was stored."""


class DeadLink(Exception):
    """A link that opens nothing: not ours, cut, too old, used or withdrawn, or of a campaign that has ended. The text says so."""


def open_ones(*, at: datetime) -> QuerySet[MunicipalityInvitation]:
    """Return the invitations that may still be taken up."""
    return MunicipalityInvitation.objects.filter(
        accepted_at=None, withdrawn_at=None, given_up_at=None, at__gt=at - LINK_LASTS
    )


@transaction.atomic
def invite(municipality: Municipality, email: str, *, language: str, by: User, at: datetime) -> MunicipalityInvitation:
    """Write an invitation, to be mailed at once. Raise NotInvited."""
    if municipality.campaign.closed_at is not None:
        raise NotInvited(_("Not invited: the campaign has ended."))
    email = email.strip().lower()
    rows = MunicipalityInvitation.objects.filter(municipality=municipality)
    if MunicipalityMember.objects.filter(municipality=municipality, user__email=email).exists():
        raise NotInvited(_("Not invited: this person sends stories for this municipality already."))
    if User.objects.filter(email=email, is_staff=True).exists():
        raise NotInvited(_("Not invited: this is a colleague’s address. Whoever checks stories can’t send them."))
    if Suppression.objects.filter(address_hash=address_hash(email)).exists():
        raise NotInvited(_("Not invited: no mail may be sent to this address."))
    # What nobody took up in its time makes room for the next.
    rows.filter(email=email, accepted_at=None, at__lte=at - LINK_LASTS).update(given_up_at=at)
    if open_ones(at=at).filter(municipality=municipality).count() >= MOST_OPEN:
        raise NotInvited(_("Not invited: %(n)d invitations are open already. Withdraw one first.") % {"n": MOST_OPEN})
    try:
        with transaction.atomic():
            row = rows.create(
                municipality=municipality, email=email, language=language, by=by, at=at, next_attempt_at=at
            )
    except IntegrityError as fault:
        raise NotInvited(_("Not invited: this address has an invitation that is open.")) from fault
    trail.note("municipality.invited", municipality, by=by, at=at, invitation=row.pk)
    return row


@transaction.atomic
def withdraw(invitation: MunicipalityInvitation, *, by: User, at: datetime) -> None:
    """Let the link of an invitation open nothing any more. Raise NotInvited when it was taken up."""
    rows = MunicipalityInvitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not rows.update(withdrawn_at=at):
        raise NotInvited(_("Not withdrawn: it was taken up or withdrawn already. Reload the page."))
    trail.note("municipality.invitation_withdrawn", invitation.municipality, by=by, at=at, invitation=invitation.pk)


@transaction.atomic
def remove(member: MunicipalityMember, *, by: User, at: datetime) -> None:
    """Let somebody send stories for a municipality no more; whoever sends for none loses the role. What they sent stays."""
    user = member.user
    trail.note("municipality.member_removed", member.municipality, by=by, at=at, user=user.pk)
    member.delete()
    if not user.municipalities.exists():
        with role_grants.changing(user, by=by, at=at):
            user.groups.remove(*user.groups.filter(name=Role.MUNICIPALITY))


# --- The link ----------------------------------------------------------------------------------------


def token_of(invitation: MunicipalityInvitation) -> str:
    """Return what stands in the link: the invitation, and the mark of its address."""
    return LinkSigner(PURPOSE).sign(f"{invitation.pk}.{mark_of(invitation.email)}")


def named_by(token: str) -> MunicipalityInvitation:
    """Return the invitation that a link names. Raise DeadLink for a link that is not ours."""
    try:
        number, mark = LinkSigner(PURPOSE).unsign(token).split(".")
        key = int(number)
    except (BadSignature, ValueError) as fault:
        raise DeadLink(_("This link is incomplete. Open it from the email itself, or reply to the email.")) from fault
    rows = MunicipalityInvitation.objects.select_related("municipality__campaign", "by")
    found = rows.filter(pk=key).first()
    if found is None or mark != mark_of(found.email):
        raise DeadLink(_("This invitation is no longer there. Ask whoever invited you for a new one."))
    return found


def read(token: str, *, at: datetime) -> MunicipalityInvitation:
    """Return the invitation of a link that may still be taken up. Raise DeadLink."""
    found = named_by(token)
    if found.withdrawn_at:
        raise DeadLink(_("This invitation was withdrawn. Ask whoever invited you."))
    if found.accepted_at:
        raise DeadLink(_("This invitation was taken up already. Log in with your address instead."))
    if found.municipality.campaign.closed_at is not None:
        raise DeadLink(_("The campaign has ended, so no stories are taken any more."))
    if at - found.at > LINK_LASTS:
        raise DeadLink(_("This invitation is more than 60 days old, so its link no longer works."))
    return found


def address_of(token: str) -> str:
    """Return the address that a link was sent to, "" when it is none of ours: whoever comes by it need not type it."""
    try:
        return named_by(token).email
    except DeadLink:
        return ""


def account_for(invitation: MunicipalityInvitation) -> User:
    """
    Return the account of whoever is invited; a new one may do nothing yet. Raise DeadLink for a closed account, and for a
    colleague's: whoever checks stories sends none.
    """
    user = User.objects.filter(email=invitation.email).first()
    if user and (user.is_staff or not user.is_active):
        raise DeadLink(
            _("This address belongs to another of our accounts. Reply to the email, and we will look into it.")
        )
    return user or User.objects.create_user(invitation.email, language=invitation.language)


@transaction.atomic
def accept(token: str, *, by: User, at: datetime) -> MunicipalityMember:
    """
    Let `by`, who has logged in by the address of an invitation, send stories from now on. Raise DeadLink for anybody else, and when
    it may not be taken up any more; of two at once one is told so.
    """
    invitation = read(token, at=at)
    if by.email != invitation.email or by.is_staff:
        raise DeadLink(_("This invitation went to another address. Log out, and open it again."))
    taken = MunicipalityInvitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not taken.update(accepted_at=at):
        raise DeadLink(_("This invitation was taken up already. Log in with your address instead."))
    member, _created = MunicipalityMember.objects.get_or_create(
        municipality=invitation.municipality, user=by, defaults={"joined_at": at}
    )
    trail.note("municipality.joined", invitation.municipality, by=by, at=at, invitation=invitation.pk)
    trail.note("user.invited", by, by=invitation.by, at=at)
    if not by.groups.filter(name=Role.MUNICIPALITY).exists():
        # What one administrator alone may not give waits, by whichever way they give it.
        gives = invitation.by if role_grants.administrators().filter(pk=invitation.by_id).exists() else by
        role_grants.grant(by, Role.MUNICIPALITY, by=gives, at=at)
    return member


# --- The mails ---------------------------------------------------------------------------------------


class MunicipalityInvitationMails(Queue[MunicipalityInvitation]):
    """The mails that invite people of municipalities."""

    name = "municipality_invitation"
    title = gettext_lazy("Invitations of municipalities")
    model = MunicipalityInvitation
    still = {"withdrawn_at": None, "accepted_at": None}

    def due(self) -> QuerySet[MunicipalityInvitation]:
        """Return the invitations that are due, but for those of campaigns that have ended."""
        rows = MunicipalityInvitation.objects.filter(
            sent_at=None,
            given_up_at=None,
            next_attempt_at__lte=self.at,
            municipality__campaign__closed_at=None,
            **self.still,
        )
        return rows.select_related("municipality__campaign", "by").order_by("next_attempt_at", "pk")

    def letters(self, row: MunicipalityInvitation) -> list[mail.EmailMessage]:
        """Return its one mail."""
        return [letter(row)]


def send_due(*, at: datetime) -> int:
    """Mail the invitations that are due and return how many left. Not for use in a transaction."""
    return hand_over_due(MunicipalityInvitationMails, at=at)


def letter(invitation: MunicipalityInvitation) -> mail.EmailMessage:
    """Return the mail of an invitation, in its language."""
    municipality, campaign = invitation.municipality, invitation.municipality.campaign
    language = campaign.language_for(invitation)
    with override(language):
        name = in_language(municipality.name, language)
        context: dict[str, Any] = {
            "municipality": name,
            "campaign_text": next((row for row in campaign.languages.all() if row.code == language), None),
            "sender": (invitation.by.get_full_name() if invitation.by else "") or campaign.liaison_name,
            "link": settings.PUBLIC_URL + reverse("municipality:join", args=[token_of(invitation)]),
        }
        subject = campaign.marked(clean_subject(_("Send a story from %(municipality)s") % {"municipality": name}))
        body = render_to_string("stories/municipalities/mail/invitation.txt", context)
    headers = AUTOMATIC | {"Content-Language": language} | from_campaign(campaign, language)
    return mail.EmailMessage(
        subject, body, addresses.bounce_address(campaign.sender_email), [invitation.email], headers=headers
    )
