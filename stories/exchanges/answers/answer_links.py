"""The links by which somebody answers an invitation, or says that a follow-up is done, without logging in."""

from django.core import signing

from delivery.links.signing import BadLink, LinkSigner
from lib.text.numbers.whole_numbers import whole_number
from stories.models import FollowUp, MeetingInvitation

ANSWER, DONE = "stories.meeting-answer-link", "stories.follow-up-link"


def token_of(invitation: MeetingInvitation) -> str:
    """Return what stands in the link of an invitation."""
    return LinkSigner(ANSWER).sign(str(invitation.pk))


def token_of_follow_up(row: FollowUp) -> str:
    """Return what stands in the link of a follow-up."""
    return LinkSigner(DONE).sign(str(row.pk))


def key_of(token: str, purpose: str) -> int:
    """Return the key of the row that a link is about. Raise BadLink for one that is not ours."""
    try:
        return whole_number(LinkSigner(purpose).unsign(token))
    except signing.BadSignature as fault:
        raise BadLink from fault
