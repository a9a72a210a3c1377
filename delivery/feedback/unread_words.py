"""What somebody is told who writes to a number or bot of ours, where nobody reads: where to write instead, and how to get no more."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from delivery.models import Recipient, address_hash
from delivery.models.recipients import address_form
from delivery.throttle import token_bucket

ANSWERS_A_DAY = 2  # a machine at the other end must not talk with ours
DAY = timedelta(days=1).total_seconds()


def answer_to(address: Recipient, *, at: datetime) -> str:
    """Return what to say to whoever wrote from an address, in its person's language; "" when they were told today."""
    if address.person is None or not may_answer(f"{address.channel}-answers:{address.pk}", at=at):
        return ""
    with override(address.person.language):
        return _(
            "Nobody reads messages here. Write to us in your portal: %(link)s To get no more messages, answer STOP."
        ) % {"link": settings.PUBLIC_URL + reverse("influencers:conversation")}


def answer_to_stranger(channel: str, address: str, *, at: datetime) -> str:
    """Return what to say in the active language to whoever begins to talk from where nothing of ours goes; "" when they were told today."""
    if not may_answer(f"{channel}-strangers:{address_hash(address_form(channel, address))}", at=at):
        return ""
    return _("Nothing comes here yet. Log in, open “How word reaches you”, and press the link there: %(link)s") % {
        "link": settings.PUBLIC_URL + reverse("influencers:channels")
    }


def may_answer(name: str, *, at: datetime) -> bool:
    """Return whether somebody may get an answer today."""
    return bool(token_bucket.take(name, 1, rate=ANSWERS_A_DAY / DAY, burst=ANSWERS_A_DAY, at=at))
