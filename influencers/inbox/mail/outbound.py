"""
What is said leaves by mail: the team's words to the influencer, an influencer's to whoever has to answer. Whoever chose another channel for
answers is told there that one is in the portal.

A message is its own queue (delivery/single_mails).
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from campaigns.models import Campaign
from delivery.message import addresses
from delivery.message.headers import (
    AUTOMATIC,
    clean_subject,
    new_message_id,
    plain_mailbox,
    printable,
    sender_name,
)
from delivery.models import ProviderEvent, Suppression, Wanted
from delivery.sending import hints
from delivery.sending.hinted_mails import HintedMails
from delivery.single_mails.queue import TO_COLLEAGUES
from delivery.single_mails.worker import hand_over_due
from influencers import notices
from influencers.inbox.answerers import answerers_of, page_of
from influencers.models import Influencer, ThreadMessage
from influencers.profiles.contact_person import may_answer
from notifications import outbox

from . import mime_reader, reply_addresses

Kind = ThreadMessage.Kind
MOST_AT_ONCE = 200  # returned mails for one call; the next goes on


class ConversationMails(HintedMails[ThreadMessage]):
    """What is said in conversations."""

    name = "conversation"
    title = gettext_lazy("Messages of conversations")
    model = ThreadMessage

    def due(self) -> QuerySet[ThreadMessage]:
        """Return the messages that are due."""
        rows = ThreadMessage.objects.filter(
            kind__in=[Kind.FROM_US, Kind.FROM_THEM], sent_at=None, given_up_at=None, next_attempt_at__lte=self.at
        )
        about = "author", "version__bulletin", "thread__influencer__recipient", "thread__influencer__liaison"
        return rows.select_related("thread__influencer__campaign", *about).order_by("next_attempt_at", "pk")

    def campaign_of(self, row: ThreadMessage) -> Campaign:
        """Return the campaign of the conversation."""
        return row.thread.influencer.campaign

    def way_of(self, row: ThreadMessage) -> hints.Way | None:
        """Return by which channel an influencer is told that there is an answer."""
        is_hinted = row.kind == Kind.FROM_US and not row.attempts
        return way_of_answers(row.thread.influencer, at=self.at) if is_hinted else None

    def page_of(self, row: ThreadMessage) -> str:
        """Return the page of the conversation."""
        influencer = row.thread.influencer
        with override(influencer.campaign.language_for(influencer.recipient)):
            return settings.PUBLIC_URL + reverse("influencers:conversation")

    def heeded(self, row: ThreadMessage) -> Iterable[str]:
        """Return why an address is not written to: one of the team is asked to work."""
        return super().heeded(row) if row.kind == Kind.FROM_US else TO_COLLEAGUES

    def letters(self, row: ThreadMessage) -> list[mail.EmailMessage]:
        """Return its mails; none when there is nobody whom mail may go to."""
        return mails_of(row)


def send_due(*, at: datetime) -> int:
    """
    Mail what is due and return how many messages left: one has when anyone got it, so that nobody gets it twice because
    of a colleague. Not for use in a transaction.
    """
    return hand_over_due(ConversationMails, at=at)


def way_of_answers(influencer: Influencer, *, at: datetime) -> hints.Way | None:
    """Return by which channel an influencer is told that there is an answer, None where it comes by mail."""
    if influencer.state != Influencer.State.ACTIVE:
        return None
    return hints.way_to(influencer.recipient, Wanted.ANSWERS, campaign=influencer.campaign, at=at)


def note_returned(*, at: datetime) -> int:
    """Note which answers of the team came back, tell their authors, and return how many did. Two at once tell once."""
    returned = Q(provider=ProviderEvent.BY_MAIL, message_id__startswith=reply_addresses.RETURN_MARK)
    named = Q(message_id__startswith="<talk.") | Q(message_id__startswith="talk.")
    ours = returned | named & ~Q(provider=ProviderEvent.BY_MAIL)
    reports = ProviderEvent.objects.filter(ours, kind=ProviderEvent.Kind.BOUNCED, processed_at=None)
    told = 0
    for report in reports.order_by("received_at")[:MOST_AT_ONCE]:
        with transaction.atomic():
            if not ProviderEvent.objects.filter(pk=report.pk, processed_at=None).update(processed_at=at):
                continue
            by_mail = report.provider == ProviderEvent.BY_MAIL
            key = (reply_addresses.message_of_return_mark if by_mail else reply_addresses.message_of_id)(
                report.message_id
            )
            mine = ThreadMessage.objects.filter(pk=key, kind=Kind.FROM_US, given_up_at=None)
            if mine.update(given_up_at=at):
                notify_returned(ThreadMessage.objects.get(pk=key), at=at)
                told += 1
    return told


def notify_returned(message: ThreadMessage, *, at: datetime) -> None:
    """Tell the author of an answer, or whoever answers now, that its mail came back."""
    influencer = message.thread.influencer
    author = message.author
    people = [author] if author and may_answer(author, influencer.campaign_id) else answerers_of(influencer)
    path = page_of(message.thread)
    for language, some in influencer.campaign.by_language(people).items():
        with override(language):
            lines = [
                _("Your reply did not arrive: the email bounced"),
                _("Influencer: %(name)s") % {"name": influencer.name},
                _("They can read it only in the portal. Call them, or ask for another address."),
            ]
        outbox.write(notices.WAITING, some, campaign=influencer.campaign, text="\n".join(lines), path=path, at=at)


def mails_of(message: ThreadMessage) -> list[mail.EmailMessage]:
    """Return the mails that a message leaves in; none when there is nobody whom mail may go to."""
    if message.kind == Kind.FROM_US:
        return [to_influencer(message)] if may_get_mail(message.thread.influencer) else []
    return [to_team(message, person) for person in answerers_of(message.thread.influencer)]


def may_get_mail(influencer: Influencer) -> bool:
    """Return whether an influencer has an address that nothing speaks against."""
    recipient = influencer.recipient
    if not recipient.email or influencer.state == Influencer.State.ERASED:
        return False
    return not Suppression.objects.filter(address_hash=recipient.address_hash).exists()


def to_influencer(message: ThreadMessage) -> mail.EmailMessage:
    """
    Return what the team says as a mail, from the campaign's address under its author's first name. Their own address is
    nowhere in it.
    """
    thread, influencer = message.thread, message.thread.influencer
    campaign, recipient = influencer.campaign, influencer.recipient
    language = campaign.language_for(recipient)
    sender = addresses.own_address(campaign.sender_email)
    with override(language):
        signed = signature(message.author, campaign, recipient.language)
        earlier = answered(message)
        subject = reply_subject(earlier) or clean_subject(_("A message from %(who)s") % {"who": signed})
        context = {
            "text": message.text,
            "signed": signed,
            "address": settings.PUBLIC_URL + reverse("influencers:conversation"),
        }
        body = render_to_string("influencers/inbox/mail/to_influencer.txt", context)
        subject = campaign.marked(subject)
    headers = {
        "From": plain_mailbox(signed, sender),
        "Reply-To": reply_addresses.reply_address(thread.pk, replies=campaign.reply_to),
        "Message-ID": reply_addresses.message_id(message.pk, addresses.mail_domain(sender)),
        "Content-Language": language,
    }
    if earlier is not None and earlier.mail_id.startswith("<"):
        headers["In-Reply-To"] = earlier.mail_id
        tied = earlier.in_reply_to if earlier.in_reply_to.startswith("<") else ""
        headers["References"] = " ".join(name for name in (tied, earlier.mail_id) if name)
    bounces = reply_addresses.return_path(message.pk, bounces=addresses.bounce_address(sender))
    return mail.EmailMessage(subject, body, bounces, [recipient.email], headers=headers)


def answered(message: ThreadMessage) -> ThreadMessage | None:
    """Return the influencer's message that the team's one answers: the last before it."""
    before = message.thread.messages.filter(kind=Kind.FROM_THEM, pk__lt=message.pk)
    return before.order_by("-pk").first()


def reply_subject(earlier: ThreadMessage | None) -> str:
    """Return the subject of an answer to a mail, "" when it had none."""
    if earlier is None or not earlier.subject:
        return ""
    subject = clean_subject(earlier.subject)
    known = subject.lower().startswith(("re:", "vs:", "sv:"))
    return subject if known else f"Re: {subject}"


def signature(author: User | None, campaign: Campaign, language: str) -> str:
    """Return who a mail is from: "Liisa, Coronafacts"."""
    name = sender_name(campaign, language)
    first = printable(author.name.split()[0]) if author and author.name.split() else ""
    return ", ".join(part for part in (first, name) if part)


def to_team(message: ThreadMessage, person: User) -> mail.EmailMessage:
    """Return what an influencer said as a mail to one of the team, who can answer it by replying."""
    thread, influencer = message.thread, message.thread.influencer
    campaign = influencer.campaign
    language = campaign.language_for(person)
    with override(language):
        subject = _("%(name)s writes") % {"name": clean_subject(influencer.name)}
        context = {
            "message": message,
            "name": influencer.name,
            "own_language": influencer.recipient.language,
            "signed": signature(person, campaign, influencer.recipient.language),
            "is_unproven": is_unproven(message),
            "asks_to_leave": mime_reader.wants_no_mail(message.text),
            "files": message.attachments.count(),
            "address": settings.PUBLIC_URL + page_of(thread),
        }
        body = render_to_string("influencers/inbox/mail/to_team.txt", context)
        subject = campaign.marked(subject)
    headers = {
        **AUTOMATIC,
        "Content-Language": language,
        "Reply-To": reply_addresses.answer_address(thread.pk, person.pk, message.pk, replies=campaign.reply_to),
        "Message-ID": new_message_id(settings.DEFAULT_FROM_EMAIL),
    }
    return mail.EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email], headers=headers)


def is_unproven(message: ThreadMessage) -> bool:
    """Return whether only the address in a mail says who wrote it."""
    return message.via == ThreadMessage.Via.MAIL and message.kind == Kind.FROM_THEM and not message.in_reply_to
