"""Waking workers. Rows are the queue; a task only says that there is something to do, so losing one costs a tick."""

from datetime import datetime, timedelta

from celery import current_app

from lib import clock

WAKE_SECONDS = 60  # what no worker took by then is forgotten: the tick asks again


def wake(task: str, *args: object, queue: str, expires: float | None = WAKE_SECONDS) -> None:
    """
    Ask a worker of `queue` to run the task of this name ("delivery.tasks.deliver").

    By its name, so that no module needs to import tasks. Raise OperationalError or OSError while the broker is away.
    """
    current_app.send_task(task, args, queue=queue, expires=expiry(expires), retry=False, ignore_result=True)


def expiry(expires: float | datetime | None) -> datetime | None:
    """Return the moment in so many seconds, by the time that all hosts agree on; a moment as it is."""
    return clock.now() + timedelta(seconds=expires) if isinstance(expires, int | float) else expires
