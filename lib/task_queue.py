"""Waking workers. Rows are the queue; a task only says that there is something to do, so losing one costs a tick."""

from celery import current_app

WAKE_SECONDS = 60  # what no worker took by then is forgotten: the tick asks again


def wake(task: str, *args: object, queue: str, expires: float | None = WAKE_SECONDS) -> None:
    """
    Ask a worker of `queue` to run the task of this name ("delivery.tasks.deliver").

    By its name, so that no module needs to import tasks. Raise OperationalError or OSError while the broker is away.
    """
    current_app.send_task(task, args, queue=queue, expires=expires, retry=False, ignore_result=True)
