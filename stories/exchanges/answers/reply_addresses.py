"""The address to which a calendar program sends somebody's answer: marked, so that whoever writes there got it from a mail of ours."""

import re

from delivery.links.signing import marks
from delivery.message import addresses
from stories.models import MeetingInvitation

PURPOSE = "stories.meeting-answer"
WORD = "+rsvp-"
MARKED = re.compile(r"[^@+]*\+rsvp-([0-9]{1,19}\.[0-9a-f]{1,64})@[^@+]+", re.IGNORECASE)


def address_of(invitation: MeetingInvitation, *, replies: str) -> str:
    """Return the address for answers to an invitation: always the same. `replies` is the campaign's own address."""
    local, _at, domain = addresses.own_address(replies).rpartition("@")
    return f"{local}{WORD}{marks(PURPOSE).of(invitation.pk)}@{domain}"


def invitation_of(address: str) -> int | None:
    """Return the key of the invitation that an address answers, or None."""
    match = MARKED.fullmatch(address.strip().strip("<>"))
    numbers = marks(PURPOSE).numbers(match[1]) if match else None
    return numbers[0] if numbers else None
