"""
Measured seed addresses get each send as its readers do: the same message, by the same way, spread over the length of the
send. They are no rows of the ledger, so that nobody counts inboxes of our own as people.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from delivery.links.seen_links import SeenLinks
from delivery.links.signing import NOBODY
from delivery.links.unsubscribe import UnsubscribeLinks
from delivery.message.addresses import Unaddressable
from delivery.message.mime import Compiled, Person
from delivery.message.web_version import ReadLinks
from delivery.models import Channel, Delivery, Message, SeedArrival, Send, Suppression, address_hash
from delivery.transports.failover import expected_mailer
from delivery.transports.transport import transport_for

LEFT = {Delivery.State.ACCEPTED, Delivery.State.UNKNOWN}  # what is unknown may have arrived, and shows whether it has


def mail_waiting(*, at: datetime) -> int:
    """Hand over what a worker left behind; return how many mails left."""
    waiting = SeedArrival.objects.to_hand_over().values("send")
    return sum(mail_due(pk, at=at) for pk in Send.objects.filter(pk__in=waiting).values_list("pk", flat=True))


def mail_due(send_id: int, *, at: datetime) -> int:
    """
    Hand over the mails to seed addresses whose place a send has come to; return how many left. One that did not is tried
    again. Not for use in a transaction.
    """
    send = Send.objects.select_related("mailing__campaign", "audience").get(pk=send_id)
    if not goes_on(send, at=at):
        return 0
    plan(send)
    due = list(SeedArrival.objects.to_hand_over().filter(send=send).select_related("seed").order_by("pk"))
    return hand_over(send, due, at=at) if due else 0


def goes_on(send: Send, *, at: datetime) -> bool:
    """Return whether mails of a send may leave for inboxes outside: never those of an exercise."""
    return (
        send.state in {Send.State.SENDING, Send.State.FINISHED}
        and send.channel == Channel.MAIL
        and not send.mailing.campaign.is_exercise
        and send.mailing.superseded_by_id is None
        and send.first_delivery is not None
        and (send.deadline is None or at <= send.deadline)
    )


def plan(send: Send) -> None:
    """Give each measured address that has agreed a place among the rows of a send. Twice changes nothing more."""
    seeds = [
        seed
        for seed in send.mailing.campaign.seeds.proven().filter(is_measured=True).order_by("pk")
        if not Suppression.objects.filter(address_hash=address_hash(seed.email)).exists()
    ]
    first, last = send.first_delivery or 0, send.last_delivery or 0
    SeedArrival.objects.bulk_create(
        [
            SeedArrival(send=send, seed=seed, after_row=first + (last - first) * place // len(seeds))
            for place, seed in enumerate(seeds)
        ],
        ignore_conflicts=True,
    )


def hand_over(send: Send, arrivals: Iterable[SeedArrival], *, at: datetime) -> int:
    """Hand over these mails, each in its seed's language where the send has it; return how many left."""
    messages = Message.objects.mailed().filter(mailing=send.mailing_id).order_by("pk")
    said = {one.language: one for one in messages}
    served = [code for code in send.audience.languages if code in said] or list(said)
    compiled: dict[str, Compiled] = {}
    transport = transport_for(expected_mailer(send.mailing.campaign))
    left = 0
    try:
        for arrival in arrivals:
            language = arrival.seed.language if arrival.seed.language in served else served[0]
            if language not in compiled:
                said[language].mailing = send.mailing
                compiled[language] = Compiled(said[language], at=at)
            mine = SeedArrival.objects.filter(pk=arrival.pk, handed_over_at=None)
            if not mine.update(handed_over_at=at, attempts=F("attempts") + 1):
                continue
            try:
                envelope = transport.prepare(compiled[language], reader(arrival, language))
                has_left = all(outcome.state in LEFT for outcome in transport.send([envelope]))
            except Unaddressable:
                has_left = False
            if not has_left:
                SeedArrival.objects.filter(pk=arrival.pk).update(handed_over_at=None)
            left += has_left
    finally:
        transport.close()
    return left


def reader(arrival: SeedArrival, language: str) -> Person:
    """Return the person that the mail is for: nobody, so that its links open nothing."""
    return Person(
        delivery_id=-arrival.pk,
        recipient_id=NOBODY,
        email=arrival.seed.email,
        name=arrival.seed.name,
        unsubscribe_url=UnsubscribeLinks(NOBODY, language).of(NOBODY),
        read_url=ReadLinks(NOBODY, language).of(NOBODY),
        seen_url=SeenLinks(NOBODY, language).of(NOBODY),
    )
