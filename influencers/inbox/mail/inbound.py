"""
Mail that came in: into whose conversation it goes. Nothing in a mail is ever obeyed, and nothing answers it.

It belongs to someone when it came to an address that we made for them, or answers a mail that only they got. Else its
sender's address is all there is, which anyone can write: then it is kept with them as not proven. What belongs to
nobody waits for a person to sort it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Mail
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.models import User
from bulletins.models import Version
from campaigns.models import Campaign
from delivery.message import verp
from delivery.models import Delivery
from influencers import notices
from influencers.inbox import thread_messages
from influencers.inbox.answerers import page_of
from influencers.models import Influencer, Thread, ThreadMessage, UnmatchedMail
from influencers.profiles.contact_person import may_answer
from notifications import outbox
from stories.exchanges.answers import meeting_answers
from stories.exchanges.answers import reply_addresses as meeting_addresses

from . import mail_attachments, mime_reader, quoted_text, reply_addresses

log = logging.getLogger(__name__)

Kind = ThreadMessage.Kind
Via = ThreadMessage.Via


class Unreadable(Exception):
    """What came is no mail. The text says so."""


class Fate(StrEnum):
    """What became of a mail."""

    MESSAGE = "message"
    AUTOMATIC = "automatic"
    ANSWER = "answer"
    UNMATCHED = "unmatched"
    NOTHING = "nothing"


class Held(StrEnum):
    """Why an answer by mail is kept as a note and not sent."""

    ELSEWHERE = gettext_noop("Your reply was not sent: it came from an address other than yours")
    FILES = gettext_noop("Your reply was not sent: a file was attached, and files cannot be forwarded")
    SIGNATURE = gettext_noop("Your reply was not sent: it contains your own address or telephone number")
    LONG = gettext_noop("Your reply was not sent: it is too long")
    LATE = gettext_noop("Your reply was not sent: someone replied before you")


@dataclass(frozen=True, slots=True)
class Tie:
    """Whose mail it is. `by` is what proves it, "" when only the address of its sender says so."""

    influencer: Influencer
    by: str = ""
    version: Version | None = None


def take_bytes(raw: bytes, *, at: datetime, to: Sequence[str] = ()) -> Fate:
    """Take a mail as it came (RFC 5322). Raise Unreadable for what is none. See `take`."""
    try:
        mail = message_from_bytes(raw)
    except Exception as fault:  # parts in each other, deeper than the library goes
        raise Unreadable("This mail cannot be read.") from fault
    if not mail.keys():
        raise Unreadable("This is no mail: it has no header.")
    return take(mail, at=at, to=to)


def take(mail: Mail, *, at: datetime, to: Sequence[str] = (), is_spam: bool = False) -> Fate:
    """
    Put a mail where it belongs, and tell what it was. Taking it again changes nothing more.

    `to` are the addresses in its envelope. Raise Unreadable when the library cannot read it.
    """
    try:
        letter = mime_reader.read(mail, to=to)
    except Exception as fault:  # whatever someone sent
        log.warning("A mail could not be read: %s", type(fault).__name__)
        raise Unreadable("This mail cannot be read.") from fault
    if letter.is_report:
        return Fate.NOTHING
    marked = next((mark for address in letter.to if (mark := reply_addresses.answer_of_address(address))), None)
    if marked is not None:
        return take_answer(letter, *marked, at=at)
    asked = next((key for address in letter.to if (key := meeting_addresses.invitation_of(address))), None)
    if asked is not None and meeting_answers.take_mail(asked, mail, at=at):
        return Fate.ANSWER
    tie = tie_of(letter)
    if tie is None:
        return Fate.NOTHING if letter.is_automatic or is_spam else take_unmatched(letter, at=at)
    return add_to_thread(letter, tie, at=at)


# --- Whose it is -----------------------------------------------------------------------------------


def tie_of(letter: mime_reader.Letter) -> Tie | None:
    """Return whose mail it is, or None."""
    for address in letter.to:
        key = reply_addresses.thread_of_address(address)
        thread = Thread.objects.select_related("influencer__recipient").filter(pk=key).first() if key else None
        if thread is not None:
            return belongs(thread.influencer, by=address)
    for mail_id in letter.answers:
        found = tie_by_message(mail_id) or tie_by_delivery(mail_id)
        if found is not None:
            return found
    return tie_by_sender(letter)


def belongs(influencer: Influencer, *, by: str, version: Version | None = None) -> Tie | None:
    """Return the tie to someone, None when they were erased."""
    return None if influencer.state == Influencer.State.ERASED else Tie(influencer, by, version)


def tie_by_message(mail_id: str) -> Tie | None:
    """Return whom one of our answers went to."""
    key = reply_addresses.message_of_id(mail_id)
    said = (
        ThreadMessage.objects.select_related("thread__influencer__recipient", "version").filter(pk=key) if key else None
    )
    found = said.first() if said is not None else None
    return belongs(found.thread.influencer, by=mail_id, version=found.version) if found else None


def tie_by_delivery(mail_id: str) -> Tie | None:
    """Return whom a bulletin's mail went to, and which version was in it; some providers name mails by themselves."""
    rows = Delivery.objects.select_related("mailing")
    key = verp.delivery_of_message_id(mail_id)
    if key is not None:
        row = rows.filter(pk=key).first()
    else:
        own = mail_id.strip("<>")
        same = list(rows.filter(provider_id__in={own, own.partition("@")[0], mail_id})[:2])
        row = same[0] if len(same) == 1 else None
    if row is None:
        return None
    people = Influencer.objects.select_related("recipient").filter(campaign=row.mailing.campaign_id)
    influencer = people.filter(recipient=row.recipient_id).first()
    if influencer is None:
        return None
    return belongs(influencer, by=mail_id, version=Version.objects.filter(mailing=row.mailing_id).first())


def tie_by_sender(letter: mime_reader.Letter) -> Tie | None:
    """Return who has the address that the mail says it is from: of several campaigns, the one it was written to."""
    if not letter.from_address:
        return None
    people = Influencer.objects.select_related("recipient", "campaign").filter(
        recipient__email=letter.from_address, state=Influencer.State.ACTIVE
    )
    found = list(people.order_by("-joined_at", "-pk")[:20])
    written_to = {address.lower() for address in letter.to}
    fits = [one for one in found if one.campaign.reply_to.lower() in written_to]
    return Tie((fits or found)[0]) if found else None


# --- What becomes of it ----------------------------------------------------------------------------


def add_to_thread(letter: mime_reader.Letter, tie: Tie, *, at: datetime) -> Fate:
    """Keep a mail in someone's conversation, once. An empty one is kept too, but nobody waits for an answer to it."""
    is_automatic = letter.is_automatic or mime_reader.has_nothing_to_answer(letter)
    fate = Fate.AUTOMATIC if is_automatic else Fate.MESSAGE
    thread = thread_messages.thread_of(tie.influencer)
    if ThreadMessage.objects.filter(thread=thread, mail_id=letter.mail_id).exists():
        return fate
    recipient, campaign = tie.influencer.recipient, tie.influencer.campaign
    with override(campaign.language_for(recipient)):  # they read what was refused or cut
        text, folded = mime_reader.stored_text(letter)
        files = [] if is_automatic else mail_attachments.examine_files(letter.parts)
    own = recipient.email
    try:
        with transaction.atomic():
            message = ThreadMessage.objects.create(
                thread=thread,
                kind=Kind.AUTOMATIC if is_automatic else Kind.FROM_THEM,
                via=Via.MAIL,
                subject=letter.subject,
                text=text,
                folded=folded,
                version=tie.version,
                mail_id=letter.mail_id,
                in_reply_to=tie.by[:250],
                from_address="" if letter.from_address == own else letter.from_address,
                at=at,
                next_attempt_at=None if is_automatic else at,
            )
            if not is_automatic:
                thread_messages.arrived(thread, at=at)
            mail_attachments.store_files(message, files)
    except IntegrityError:  # the same mail, at the same moment
        if not ThreadMessage.objects.filter(thread=thread, mail_id=letter.mail_id).exists():
            raise
    return fate


def take_unmatched(letter: mime_reader.Letter, *, at: datetime) -> Fate:
    """Keep a mail that belongs to nobody, once, for a person to sort. Of its files only the names are kept."""
    names = [mail_attachments.name_of(part) for part in letter.parts[: mail_attachments.MOST]]
    text, folded = mime_reader.stored_text(letter)
    lines = [folded, _("Files that were not kept: %(names)s") % {"names": ", ".join(names)} if names else ""]
    written_to = {address.lower() for address in letter.to}
    campaigns = Campaign.objects.filter(reply_to__in=written_to).order_by("closed_at", "-starts_on")
    UnmatchedMail.objects.bulk_create(
        [
            UnmatchedMail(
                campaign=campaigns.filter(closed_at=None).first() or campaigns.first(),
                from_name=letter.from_name,
                from_address=letter.from_address,
                subject=letter.subject,
                text=text,
                folded="\n\n".join(line for line in lines if line),
                mail_id=letter.mail_id[:250],
                at=at,
            )
        ],
        ignore_conflicts=True,
    )
    return Fate.UNMATCHED


def take_answer(letter: mime_reader.Letter, thread_id: int, user_id: int, seen: int, *, at: datetime) -> Fate:
    """
    Take what one of the team answered by mail. Only the address that they alone got, and their own as the sender's,
    make it theirs. What cannot be sent as it is, or came after someone else's, is kept as a note, and they are
    notified.
    """
    thread = Thread.objects.select_related("influencer__campaign").filter(pk=thread_id).first()
    by = User.objects.filter(pk=user_id).first()
    if thread is None or by is None or letter.is_automatic or thread.influencer.state == Influencer.State.ERASED:
        return Fate.NOTHING
    files = mime_reader.enclosed(letter)
    if not may_answer(by, thread.influencer.campaign_id) or not (letter.has_new_words or files):
        log.warning("An answer by mail was not taken: it is empty or its sender may not answer. Thread %s", thread_id)
        return Fate.NOTHING
    if ThreadMessage.objects.filter(thread=thread, mail_id=letter.mail_id).exists():
        return Fate.ANSWER
    text = quoted_text.without_address(letter.text, name=by.name, address=by.email.lower())
    if letter.from_address != by.email.lower():
        add_as_note(letter, thread, by, Held.ELSEWHERE, at=at)
    elif files:
        add_as_note(letter, thread, by, Held.FILES, at=at)
    elif text is None:
        add_as_note(letter, thread, by, Held.SIGNATURE, at=at)
    elif len(text) > thread_messages.LONGEST:
        add_as_note(letter, thread, by, Held.LONG, at=at)
    else:
        try:
            thread_messages.answer(thread, text, by=by, at=at, seen=seen, via=Via.MAIL, mail_id=letter.mail_id)
        except thread_messages.AnsweredMeanwhile:
            add_as_note(letter, thread, by, Held.LATE, at=at)
    return Fate.ANSWER


@transaction.atomic
def add_as_note(letter: mime_reader.Letter, thread: Thread, by: User, why: Held, *, at: datetime) -> None:
    """
    Keep an answer as a note, with its files, and tell whoever it is from, at the address that we know, that it was not
    sent. What came from another address is nobody's.
    """
    is_theirs = why != Held.ELSEWHERE
    campaign = thread.influencer.campaign
    with override(campaign.language_for(by)):
        words, _folded = mime_reader.stored_text(letter)
    note = ThreadMessage.objects.create(
        thread=thread,
        kind=Kind.NOTE,
        via=Via.MAIL,
        author=by if is_theirs else None,
        from_address="" if is_theirs else letter.from_address,
        text=words,
        mail_id=letter.mail_id,
        at=at,
    )
    with override(campaign.language_for(by)):
        next_step = (
            _(
                "Your text is kept as a note in the conversation. Read the other reply, and send yours "
                "if it is still needed."
            )
            if why == Held.LATE
            else _(
                "Your text is kept as a note in the conversation. Reply there, or correct the text and send it again."
            )
        )
        text = f"{_(why.value)}\n{next_step}"
        outbox.write(notices.WAITING, [by], campaign=campaign, text=text, path=page_of(thread), at=at)
        mail_attachments.store_files(note, mail_attachments.examine_files(mime_reader.enclosed(letter)))
