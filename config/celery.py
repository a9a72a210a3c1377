"""The Celery application. Rows are the queue; a lost message costs one tick, never a mail."""

import os
import sys
from contextlib import suppress
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, celeryd_init, setup_logging, task_postrun, task_prerun, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from lib import task_queue


class OpenTask(Task):
    """A task that does nothing while the site is closed after a restore (operations/backups/restore.py)."""

    abstract = True
    Request = "config.task_expiry:Request"

    def apply_async(self, *args: Any, expires: Any = None, **options: Any) -> Any:
        """Ask for the task; when it expires is told by the time that all hosts agree on."""
        if expires is not None:
            options["expires"] = task_queue.expiry(expires)
        return super().apply_async(*args, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do the task's work, unless a person has to look first. Rows are the queue, so nothing is lost."""
        from operations.backups.restore import is_closed

        return None if is_closed() else super().__call__(*args, **kwargs)


app = Celery("bulletins", task_cls=OpenTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**kwargs: Any) -> None:
    """Let workers log as settings.LOGGING says."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)


@celeryd_init.connect
def limit_statements(**kwargs: Any) -> None:
    """Let no statement of a worker keep others waiting without end."""
    from .backends.database_limits import limit_worker

    limit_worker()


@task_prerun.connect
def drop_broken_connections(**kwargs: Any) -> None:
    """Begin each task with a database connection that works: the server may have been restarted since the last one."""
    from django.db import close_old_connections

    close_old_connections()


@task_prerun.connect
def speak_languages(**kwargs: Any) -> None:
    """Begin each task with the languages that people added, and their words, as they are by now."""
    from campaigns.site_languages import process_languages

    process_languages.keep_fresh()


@task_prerun.connect
def note_task(task: Task, args: Any = (), **kwargs: Any) -> None:
    """Say in every line of a task which one it is, and about which rows: arguments that are keys."""
    from operations.logs.formatters import DOING

    DOING.set({"task": task.name, "keys": [value for value in args or () if isinstance(value, int)]})


@task_postrun.connect
def note_its_end(**kwargs: Any) -> None:
    """A task is over."""
    from operations.logs.formatters import DOING

    DOING.set({})


@worker_ready.connect
def report_ready(sender: Any, **kwargs: Any) -> None:
    """Tell the supervisor, whatever the level of logging, that this worker takes tasks; and everybody, that it is there."""
    print("worker ready", file=sys.__stdout__, flush=True)
    name = sender.hostname.partition("@")[0]
    show_life(f"worker-{name}", queues=sorted(app.amqp.queues.consume_from), processes=sender.pool.num_processes)


@beat_init.connect
def report_beat(**kwargs: Any) -> None:
    """Show that this timetable is there."""
    show_life("beat")


def show_life(name: str, **fields: Any) -> None:
    """Show this process alive until it ends."""
    from operations.hosts.signs_of_life import SignsOfLife

    SignsOfLife(name, **fields).begin()


@task_prerun.connect
def keep_time(**kwargs: Any) -> None:
    """Go by the database's time, whatever this machine's clock says."""
    from django.db import DatabaseError

    from lib import clock

    with suppress(DatabaseError):  # the task will say so
        clock.keep_right()
