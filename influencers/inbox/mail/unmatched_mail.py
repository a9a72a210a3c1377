"""Mails from someone unknown: a person says whose they are, or that nobody needs them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from influencers.inbox.thread_messages import MessageRefused, arrived, thread_of
from influencers.models import Influencer, ThreadMessage, UnmatchedMail


@transaction.atomic
def sort(unmatched: UnmatchedMail, influencer: Influencer, *, by: User, at: datetime) -> ThreadMessage:
    """
    Put a mail into an influencer's conversation, where it waits since it arrived. Raise MessageRefused when someone has sorted
    it already, or they were erased.
    """
    if influencer.state == Influencer.State.ERASED:
        raise MessageRefused(_("Not sorted: this influencer was erased."))
    thread = thread_of(influencer)
    mine = UnmatchedMail.objects.filter(pk=unmatched.pk, sorted_at=None)
    if not mine.update(sorted_into=thread, sorted_by=by, sorted_at=at):
        raise MessageRefused(_("Not sorted: someone has already sorted this email."))
    message, _new = ThreadMessage.objects.get_or_create(
        thread=thread,
        mail_id=unmatched.mail_id,
        defaults={
            "kind": ThreadMessage.Kind.FROM_THEM,
            "via": ThreadMessage.Via.MAIL,
            "subject": unmatched.subject,
            "text": unmatched.text,
            "folded": unmatched.folded,
            "from_address": "" if unmatched.from_address == influencer.recipient.email else unmatched.from_address,
            "at": unmatched.at,
            "next_attempt_at": at,
        },
    )
    arrived(thread, at=unmatched.at)
    trail.note("unmatchedmail.sorted", unmatched, by=by, at=at, into=influencer.reference)
    return message


@transaction.atomic
def set_aside(unmatched: UnmatchedMail, *, by: User, at: datetime) -> None:
    """Say that nobody needs a mail. Raise MessageRefused when someone has sorted it already."""
    if not UnmatchedMail.objects.filter(pk=unmatched.pk, sorted_at=None).update(sorted_by=by, sorted_at=at):
        raise MessageRefused(_("Not set aside: someone has already sorted this email."))
    trail.note("unmatchedmail.set_aside", unmatched, by=by, at=at)
