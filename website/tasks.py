"""Thin tasks. A lost one costs half a minute."""

from celery import shared_task

from lib import clock

from .feeds import websub


@shared_task
def notify_hub() -> None:
    """Tell the WebSub hub that the feeds have changed, right after they did."""
    websub.notify_hub(at=clock.now())
