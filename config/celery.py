"""The Celery application. Rows are the queue; a lost message costs one tick, never a mail."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_prerun, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("bulletins")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**kwargs: Any) -> None:
    """Let workers log as settings.LOGGING says."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)


@task_prerun.connect
def drop_broken_connections(**kwargs: Any) -> None:
    """Begin each task with a database connection that works: the server may have been restarted since the last one."""
    from django.db import close_old_connections

    close_old_connections()


@worker_ready.connect
def say_ready(**kwargs: Any) -> None:
    """Tell the supervisor, whatever the level of logging, that this worker takes tasks."""
    print("worker ready", file=sys.__stdout__, flush=True)
