"""Mails in the true shape of the programs that write them, and what they answer."""

from pathlib import Path
from typing import Any

from delivery.message import verp
from delivery.models import Delivery
from influencers.models import Influencer, Thread
from tests.support import builders

MAILS = Path(__file__).parent / "mails"
REPLIES = "answers@example.org"


def mail(name: str, *, answers: str, to: str = REPLIES, sender: str = "ines@example.org") -> bytes:
    """Return one of the mails, filled in."""
    raw = (MAILS / f"{name}.eml").read_bytes()
    filled = {"{answers}": answers, "{to}": to, "{from}": sender}
    for what, value in filled.items():
        raw = raw.replace(what.encode(), value.encode())
    return raw


def words_of(sent: Any) -> str:
    """Return all that a mail says as its reader sees it: on the wire it may be encoded."""
    return "\n".join([sent.subject, sent.body, *sent.to, *(str(value) for value in sent.message().values())])


def got_bulletin(campaign: Any, influencer: Influencer) -> Delivery:
    """Send an influencer a bulletin, and return the row of its mail."""
    audience = builders.build_audience(campaign, "open", size=0)
    builders.join(audience, [influencer.recipient])
    version = builders.build_published_version(campaign, audiences=[audience])
    send = builders.build_send(audience, version.mailing)
    return builders.build_delivery(send, influencer.recipient, state=Delivery.State.ACCEPTED)


def message_id(row: Delivery) -> str:
    """Return the Message-ID of a bulletin's mail."""
    return verp.message_id(row.pk, "example.org")


def thread_of(influencer: Influencer) -> Thread:
    """Return someone's conversation as it is stored now."""
    return Thread.objects.get(influencer=influencer)
