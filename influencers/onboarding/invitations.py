"""
Asking people whom staff know to join. `invite` writes rows, which are their queue (delivery/single_mails). Custom text, and more people than one
person may ask alone, wait for a second person (campaigns/custom_texts.py). Whoever has the link in the mail has
proven the address that it went to. Who declines is erased, and of the address only its HMAC is kept, so that no file
brings it back; it stays for another campaign that they take part in, and for a digest.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.signing import BadSignature
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts import rate_limit
from accounts.models import AuditEntry, User
from agreement.refusals import Refused
from campaigns import custom_texts
from campaigns.models import Campaign, CustomText
from campaigns.translated_fields import in_language
from delivery.links.signing import MARK_DIGITS, LinkSigner, mark_of
from delivery.message import addresses
from delivery.message.headers import AUTOMATIC, clean_subject, from_campaign
from delivery.models import Suppression
from delivery.single_mails.queue import Queue
from delivery.single_mails.worker import hand_over_due
from influencers.models import Influencer, Invitation
from influencers.profiles import offboarding
from influencers.profiles.profile import entry, note

from .applications import text_of

PURPOSE = "influencers.invitation"
LINK_LASTS = timedelta(days=60)
MOST_WORDS = 2_000
# What mail programs make a link of: a scheme, an address, a host name. Each alternative takes a bounded run.
LINK = re.compile(
    r"[a-z][a-z0-9+.-]{0,15}:/|\b(?:mailto|tel|sms|data|javascript):|www\.|[^\s@]{1,64}@[^\s@]"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|(?<!\w)(?!t\.ex\b)[^\W_](?:[\w-]{0,62}[^\W_])?[.\u3002\uff0e\uff61](?:[^\W\d_]{2,24}|xn--[a-z0-9-]{1,60})(?!\w)",
    re.IGNORECASE,
)
MOST_OF_A_NAME = 40  # characters of a name that is printed


class NotInvited(Exception):
    """An invitation that cannot be written. The message says why; nothing was stored."""


class DeadLink(Exception):
    """A link that opens nothing: not ours, cut, too old, used or declined. The message says so."""


@transaction.atomic
def invite(influencers: Iterable[Influencer], *, by: User, at: datetime, words: str = "") -> list[Invitation]:
    """
    Write an invitation to each of some people and return the rows. With `words` of one's own, or with more people than
    `by` may ask alone in a day (INVITATIONS_ALONE), they wait for a second person's yes (`approve`).

    Left out are people who are in or have left, who were invited and have not answered, and whose address may not be
    written to. Raise NotInvited for words that are too long, or that bring a link of their own.
    """
    words = words.replace("\r\n", "\n").strip()
    check_custom_text(words)
    waiting = Invitation.objects.filter(influencer=OuterRef("pk"), given_up_at=None).filter(
        Q(sent_at=None) | Q(at__gt=at - LINK_LASTS) | Q(accepted_at__isnull=False) | Q(declined_at__isnull=False)
    )
    blocked = Suppression.objects.filter(address_hash=OuterRef("recipient__address_hash"))
    wanted = Influencer.objects.filter(
        ~Exists(waiting), ~Exists(blocked), pk__in=[one.pk for one in influencers], state=Influencer.State.INVITED
    ).exclude(recipient__email="")
    people = list(wanted.select_related("campaign").order_by("pk"))
    # A link that nobody opened in its time makes room for the next.
    Invitation.objects.filter(influencer__in=people, accepted_at=None, declined_at=None, given_up_at=None).update(
        given_up_at=at
    )
    agreements = {}
    if words or not may_invite_alone(len(people), by=by, at=at):
        for campaign in {person.campaign_id: person.campaign for person in people}.values():
            reach = sum(person.campaign_id == campaign.pk for person in people)
            told = {campaign.default_language: words}
            agreements[campaign.pk] = custom_texts.propose(
                campaign, custom_texts.Purpose.INVITATION, None, told, reach=reach, by=by, at=at
            )
    rows = Invitation.objects.bulk_create(
        [
            Invitation(
                influencer=person, by=by, agreement=agreements.get(person.campaign_id), at=at, next_attempt_at=at
            )
            for person in people
        ]
    )
    AuditEntry.objects.bulk_create([entry("influencer.invited", person, by=by, at=at) for person in people])
    return rows


def check_custom_text(words: str) -> None:
    """Raise NotInvited for words that are too long, or that bring a link or an address."""
    if len(words) > MOST_WORDS:
        raise NotInvited(
            _("The custom text has %(count)d characters; the limit is %(most)d. Shorten it.")
            % {"count": len(words), "most": MOST_WORDS}
        )
    if found := LINK.search(words):
        raise NotInvited(
            _(
                "The custom text contains a link or an address: “%(link)s”. Remove it. The email "
                "already has the links it needs."
            )
            % {"link": found[0]}
        )


def printable(name: str) -> str:
    """Return a name as a mail prints it, "" for what is rather a text or brings a link: one person alone writes names."""
    name = " ".join(name.split())
    return "" if len(name) > MOST_OF_A_NAME or LINK.search(name) else name


def may_invite_alone(number: int, *, by: User, at: datetime) -> bool:
    """
    Return whether someone may invite so many more people without a second person: INVITATIONS_ALONE in 24 hours. Two
    requests at once are counted one after the other. Inside a transaction.
    """
    rate_limit.one_at_a_time(f"invitations by {by.pk}")
    lately = Invitation.objects.filter(by=by, agreement=None, at__gt=at - timedelta(hours=24)).count()
    return lately + number <= settings.INVITATIONS_ALONE


def waiting(campaign: Campaign) -> QuerySet[CustomText]:
    """Return the invitations of a campaign that wait for a second person, with who wrote them."""
    rows = CustomText.objects.filter(
        campaign=campaign, purpose=custom_texts.Purpose.INVITATION, agreed_at=None, dropped_at=None
    )
    return rows.select_related("proposed_by").order_by("proposed_at", "pk")


def approve(row: CustomText, *, digest: str, by: User, at: datetime) -> None:
    """
    Let invitations go that someone else wrote, in exactly the words that `by` has read. Raise Refused.
    """
    custom_texts.approve(row, digest=digest, by=by, at=at)


@transaction.atomic
def drop(row: CustomText, *, by: User, at: datetime) -> None:
    """Send none of the invitations that wait; the people can be invited anew. Raise Refused if none wait."""
    if not custom_texts.drop(row, by=by, at=at):
        raise Refused(_("Nothing was withdrawn: these invitations are no longer waiting."))
    row.invitations.filter(sent_at=None, given_up_at=None).update(given_up_at=at)
    offboarding.forget_invitation_texts({row.pk})


class InvitationMails(Queue[Invitation]):
    """The mails that invite people to join."""

    name = "invitation"
    title = gettext_lazy("Invitations of influencers")
    model = Invitation

    def due(self) -> QuerySet[Invitation]:
        """Return the invitations that are due, those for a second person once they have been agreed to."""
        open_ones = Invitation.objects.filter(sent_at=None, given_up_at=None, declined_at=None)
        agreed = Q(agreement=None) | Q(agreement__agreed_at__isnull=False)
        rows = open_ones.filter(agreed, next_attempt_at__lte=self.at).order_by("next_attempt_at", "pk")
        return rows.select_related("influencer__recipient", "influencer__campaign", "by", "agreement")

    def may_leave(self, row: Invitation) -> bool:
        """Return whether the person may still be invited: nothing may have changed since staff wrote the invitation."""
        return row.influencer.state == Influencer.State.INVITED and bool(row.influencer.recipient.email)

    def letters(self, row: Invitation) -> list[mail.EmailMessage]:
        """Return its one mail."""
        return [letter(row)]


def send_due(*, at: datetime) -> int:
    """Mail the invitations that are due and return how many left. Not for use in a transaction."""
    return hand_over_due(InvitationMails, at=at)


def read(token: str, *, at: datetime) -> Invitation:
    """Return the invitation of a link that still opens the form. Raise DeadLink."""
    invitation = named_by(token)
    if invitation.influencer.state != Influencer.State.INVITED or invitation.accepted_at or invitation.declined_at:
        raise DeadLink(_("This invitation has already been answered."))
    if at - invitation.at > LINK_LASTS:
        raise DeadLink(_("This invitation is more than 60 days old, so its link no longer works."))
    return invitation


def known_details(invitation: Invitation) -> dict[str, Any]:
    """Return what staff know of someone whom they invited, as the form names it; one query."""
    person, recipient = invitation.influencer, invitation.influencer.recipient
    known = {"name": person.name, "email": recipient.email, "language": recipient.language}
    if account := person.accounts.order_by("pk").first():
        known |= {"platform": account.platform, "handle": account.handle}
    return {name: value for name, value in known.items() if value}


@transaction.atomic
def decline(token: str, *, at: datetime) -> None:
    """
    Never invite someone to the campaign again, and erase what it knows of them. Unless they take part in another one,
    or get a digest, of their address only its HMAC stays. Twice changes nothing more. Raise DeadLink for a link that is
    not ours, or whose owner has joined since.
    """
    invitation = named_by(token)
    if invitation.declined_at:
        return
    person = Influencer.objects.select_for_update().get(pk=invitation.influencer_id)
    if person.state != Influencer.State.INVITED:
        raise DeadLink(_("You have joined since. Log in and leave in the settings, or write to us."))
    person.invitations.filter(declined_at=None).update(declined_at=at)
    note("influencer.declined", person, by=None, at=at)
    offboarding.forget(person, by=None, at=at)


# --- Parts -----------------------------------------------------------------------------------------


def named_by(token: str) -> Invitation:
    """
    Return the invitation that a link names. Raise DeadLink when the link is not ours, or the person has another address now
    than the one that it was sent to.
    """
    try:
        number, mark = LinkSigner(PURPOSE).unsign(token).split(".")
        key = int(number)
    except (BadSignature, ValueError) as fault:
        raise DeadLink(_("This link is incomplete. Open it from the email itself, or reply to the email.")) from fault
    rows = Invitation.objects.select_related("influencer__recipient", "influencer__campaign", "influencer__region")
    found = rows.filter(pk=key).first()
    if found is None:
        raise DeadLink(_("This invitation is more than 60 days old, so its link no longer works."))
    # Who declined was erased: their code stays, so their link still says what they did.
    if mark != found.influencer.recipient.address_hash[:MARK_DIGITS]:
        raise DeadLink(_("This invitation went to a different address from the one we have now. Reply to the email."))
    return found


def token_of(invitation: Invitation) -> str:
    """Return what stands in the links of an invitation: it, and the mark of the address that it is sent to."""
    return LinkSigner(PURPOSE).sign(f"{invitation.pk}.{mark_of(invitation.influencer.recipient.email)}")


def letter(invitation: Invitation) -> mail.EmailMessage:
    """Return the mail of an invitation, in the language of who gets it."""
    person = invitation.influencer
    campaign = person.campaign
    language = campaign.language_for(person.recipient)
    with override(language):
        text, token = text_of(campaign, language), token_of(invitation)
        subject = clean_subject(_("Join us: %(campaign)s") % {"campaign": text.name if text else ""})
        subject = campaign.marked(subject)
        context = {
            "invitation": invitation,
            "words": in_language(invitation.words, language),
            "campaign_text": text,
            "name": printable(person.name),
            "sender": printable(invitation.by.get_full_name() if invitation.by else "") or campaign.liaison_name,
            "link": settings.PUBLIC_URL + reverse("joining:invited", args=[token]),
            "decline": settings.PUBLIC_URL + reverse("joining:declined", args=[token]),
        }
        body = render_to_string("influencers/onboarding/mail/invitation.txt", context)
    headers = AUTOMATIC | {"Content-Language": language} | from_campaign(campaign, language)
    sender = addresses.bounce_address(campaign.sender_email)
    return mail.EmailMessage(subject, body, sender, [person.recipient.email], headers=headers)
