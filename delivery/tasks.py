"""Thin tasks: they get keys, make one domain call, and may be lost or run twice."""

from celery import shared_task

from . import dispatching, windows
from .models import Send


@shared_task
def deliver(send_id: int) -> None:
    """Hand over what is ready of a send for some seconds, then make room and ask to go on."""
    if windows.work(send_id).more:
        dispatching.wake(Send.objects.select_related("mailing").get(pk=send_id))
