"""Mails from someone unknown: a person says whose they are, or that nobody needs them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from influencers.inbox.thread_messages import NotSaid, arrived, thread_of
from influencers.models import Influencer, StrayMail, ThreadMessage


@transaction.atomic
def sort(stray: StrayMail, influencer: Influencer, *, by: User, at: datetime) -> ThreadMessage:
    """
    Put a mail into an influencer's conversation, where it waits since it arrived. Raise NotSaid when someone has sorted
    it already, or they were erased.
    """
    if influencer.state == Influencer.State.ERASED:
        raise NotSaid(_("Not sorted: this influencer was erased."))
    thread = thread_of(influencer)
    mine = StrayMail.objects.filter(pk=stray.pk, sorted_at=None)
    if not mine.update(sorted_into=thread, sorted_by=by, sorted_at=at):
        raise NotSaid(_("Not sorted: someone has already sorted this email."))
    message, _new = ThreadMessage.objects.get_or_create(
        thread=thread,
        mail_id=stray.mail_id,
        defaults={
            "kind": ThreadMessage.Kind.FROM_THEM,
            "via": ThreadMessage.Via.MAIL,
            "subject": stray.subject,
            "text": stray.text,
            "folded": stray.folded,
            "from_address": "" if stray.from_address == influencer.recipient.email else stray.from_address,
            "at": stray.at,
            "next_attempt_at": at,
        },
    )
    arrived(thread, at=stray.at)
    trail.note("straymail.sorted", stray, by=by, at=at, into=influencer.reference)
    return message


@transaction.atomic
def set_aside(stray: StrayMail, *, by: User, at: datetime) -> None:
    """Say that nobody needs a mail. Raise NotSaid when someone has sorted it already."""
    if not StrayMail.objects.filter(pk=stray.pk, sorted_at=None).update(sorted_by=by, sorted_at=at):
        raise NotSaid(_("Not set aside: someone has already sorted this email."))
    trail.note("straymail.set_aside", stray, by=by, at=at)
