"""Whether people come: by a button on a page, or by their calendar program."""

from datetime import datetime
from email.message import Message as Mail

from django.db import transaction
from django.utils.translation import gettext as _

from stories.exchanges.meetings import meeting_steps
from stories.exchanges.refusals import NotDone
from stories.models import MeetingInvitation

from . import calendar_replies

Answer = MeetingInvitation.Answer
CHOICES = (Answer.YES, Answer.MAYBE, Answer.NO)


@transaction.atomic
def give(invitation: MeetingInvitation, answer: str, *, at: datetime) -> None:
    """Store somebody's answer; the last one counts. Raise NotDone when the meeting is over or off, or they are not invited any more."""
    if answer not in CHOICES:
        raise NotDone(_("Choose yes, maybe or no."))
    meeting = meeting_steps.held(invitation.meeting)
    if meeting.cancelled_at is not None:
        raise NotDone(_("This meeting is cancelled."))
    if meeting.ends_at <= at:
        raise NotDone(_("This meeting is over."))
    mine = MeetingInvitation.objects.filter(pk=invitation.pk, left_at=None)
    if not mine.update(answer=answer, answered_at=at):
        raise NotDone(_("You are no longer invited to this meeting."))


def take_mail(key: int, mail: Mail, *, at: datetime) -> bool:
    """
    Take the answer of a calendar program to an invitation, and return whether a mail brought one along. One to a time that has changed
    since counts for nothing: its sender was asked anew.
    """
    reply = calendar_replies.reply_in(mail)
    if reply is None:
        return False
    invitation = MeetingInvitation.objects.select_related("meeting").filter(pk=key).first()
    if invitation is None or invitation.meeting.uid != reply.uid or reply.sequence < invitation.asked_sequence:
        return True
    try:
        give(invitation, reply.answer, at=at)
    except NotDone:
        pass  # nobody waits for an answer to what a program sent
    return True
