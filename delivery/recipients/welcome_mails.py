"""
Welcome mails: whoever has just come to an audience waits in a row, and a send takes a mail to all who wait, for a day at most.
What it says is written by others (influencers.onboarding.welcome_bulletins, website.digests.welcome_digests); that nobody gets
it twice, and nobody whom no mail may reach, is the ledger's.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from campaigns.models import Campaign
from delivery.message.headers import AUTOMATIC
from delivery.message.rendered_mail import RenderedMail
from delivery.models import Audience, Mailing, Message, Newcomer, Recipient, Send

LOST_AFTER = timedelta(days=1)  # a welcome that could not leave for so long is none any more
MOST_AT_ONCE = 5_000  # people in one send; the next tick goes on

# Of the members those only who wait for this send.
NEWCOMERS = """
  AND r.id IN (SELECT n.recipient_id FROM {newcomer} n WHERE n.send_id = %(send)s)
"""

type Write = Callable[[Audience, datetime], Mailing | None]


def note(audience: Audience, recipient: Recipient, *, at: datetime) -> None:
    """Have a welcome mail sent to someone who has just come. Once, however often they come before it has left."""
    Newcomer.objects.update_or_create(audience=audience, recipient=recipient, defaults={"at": at, "send": None})


def plan(kind: str, write: Write, *, at: datetime) -> list[Send]:
    """
    Plan a send for the newcomers of each audience of a kind who wait, and return them. `write` returns the mailing with the
    words of now, or None where there is nothing to say; then nobody waits any longer. Two at once plan each once.
    """
    forget_done(at=at)
    waiting = Newcomer.objects.filter(send=None, audience__kind=kind, audience__campaign__closed_at=None)
    audiences = Audience.objects.filter(pk__in=waiting.values("audience")).select_related("campaign").order_by("pk")
    planned = [plan_one(audience, write, at=at) for audience in audiences]
    return [send for send in planned if send is not None]


@transaction.atomic
def plan_one(audience: Audience, write: Write, *, at: datetime) -> Send | None:
    """Plan a send for those who wait in one audience; None when there are none."""
    waiting = Newcomer.objects.select_for_update().filter(send=None, audience=audience).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not keys:
        return None
    mailing = write(audience, at)
    if mailing is None:
        Newcomer.objects.filter(pk__in=keys).delete()
        return None
    send = Send.objects.create(
        mailing=mailing,
        audience=audience,
        slot_key=f"welcome-{keys[0]}-{at:%Y%m%dT%H%M%S%f}",
        slot_at=at,
        newcomers_only=True,
    )
    Newcomer.objects.filter(pk__in=keys).update(send=send)
    return send


def mailing_of(
    campaign: Campaign,
    mails: Mapping[str, RenderedMail],
    *,
    at: datetime,
    says: Iterable[int] = (),
    is_digest: bool = False,
) -> Mailing:
    """
    Return the mailing of a welcome that is said so, {language: mail}; the same words are one mailing. `says` are the keys of the
    mailings that it says something of, whose corrections go to whoever got it.
    """
    digest = hashlib.sha256(repr(sorted(mails.items())).encode()).hexdigest()
    mailing, is_new = Mailing.objects.get_or_create(
        campaign=campaign,
        key=f"welcome-{digest[:32]}",
        defaults={"queue": Mailing.Queue.BULLETIN, "is_digest": is_digest, "created_at": at},
    )
    if is_new:
        mailing.parts.set(says)
        messages = [mail.message(mailing, language, at=at) for language, mail in mails.items()]
        for message in messages:
            # No person wrote it, unlike a bulletin. What is a digest says so anyway (headers.bulk_headers).
            message.headers = {} if is_digest else {"Auto-Submitted": AUTOMATIC["Auto-Submitted"]}
        Message.objects.freeze(messages)
    return mailing


def take_over(before: Send, after: Send | None) -> None:
    """Let those who wait for a send wait for another one, or for the next welcome (None). In a transaction."""
    Newcomer.objects.filter(send=before).update(send=after)


def forget_done(*, at: datetime) -> int:
    """Delete the rows of whoever has been welcomed, or could not be, and return how many."""
    over = Q(send__finished_at__isnull=False) | Q(at__lte=at - LOST_AFTER)
    deleted: int = Newcomer.objects.filter(over).delete()[0]
    return deleted
