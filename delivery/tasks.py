"""Thin tasks: they get keys, make one domain call, and may be lost or run twice."""

from celery import shared_task

from lib import clock

from .seeds import seed_mails
from .sending import dispatch, sweeper, worker
from .single_mails import queue
from .single_mails import worker as single_mails
from .subscriptions import subscription_mails


@shared_task
def deliver(send_id: int) -> None:
    """
    Hand over what is ready of a send, or of one that needs it more, then make room and ask to go on. What a process that died
    had in hand is looked after before: only its own machine has its journal.
    """
    sweeper.take_over(at=clock.now())
    send = dispatch.neediest(send_id, at=clock.now())
    if send is None:
        return
    if worker.work(send.pk).more:
        dispatch.wake(send)
    seed_mails.mail_due(send.pk, at=clock.now())


@shared_task
def hand_over_single_mails(kind: str) -> None:
    """Hand over what is due of a kind of single mail; of one that only a newer version knows, nothing."""
    if kind in queue.KINDS:
        single_mails.hand_over_due(queue.KINDS[kind], at=clock.now())


@shared_task
def write_to_subscribers() -> None:
    """Write the mails to people who have just asked for the digests."""
    subscription_mails.write_due(at=clock.now())
