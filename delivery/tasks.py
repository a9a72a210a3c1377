"""Thin tasks: they get keys, make one domain call, and may be lost or run twice."""

from celery import shared_task

from . import windows
from .models import Delivery, Send


@shared_task
def deliver(send_id: int) -> None:
    """Hand over what is ready of a send for some seconds, then make room and ask to go on."""
    windows.work(send_id)
    send = Send.objects.select_related("mailing").get(pk=send_id)
    if send.state == Send.State.SENDING and send.deliveries.filter(state=Delivery.State.QUEUED).exists():
        deliver.apply_async((send_id,), queue=send.mailing.queue)
