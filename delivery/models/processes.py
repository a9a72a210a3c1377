"""Signs of life of our processes, on each host and of each kind."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

SILENT = timedelta(seconds=45)  # three signs of life that did not come
BUSY = timedelta(minutes=10)
RETENTION = "retention"  # its detail: {kind: seconds for which the oldest row should have been gone}
LANE = "lane "  # and the queue: the sign of life of its workers


class HostProcessQuerySet(models.QuerySet["HostProcess"]):
    """Questions about many processes."""

    def alive(self, *, at: datetime) -> Self:
        """Return those that have shown themselves lately."""
        return self.filter(seen_at__gt=at - SILENT)

    def serving(self, queue: str, *, at: datetime) -> int:
        """
        Return how many worker processes serve a queue, 0 where none has shown itself yet; one query. Those that are silent for some
        minutes count: their machine may be busy.
        """
        workers = self.filter(seen_at__gt=at - BUSY).exclude(queues="").values_list("queues", "processes")
        return sum(number for queues, number in workers if queue in queues.split(","))


class HostProcess(models.Model):
    """
    A web server, worker or timetable on one host: `name` as ./run serve calls it, with `processes` of its own, and for a worker
    the queues that it serves. It ends with its process; one that died stays, silent, for a day.

    `clock_ahead` says by how many seconds the host's clock is ahead of the database's. `marks` are {setting: mark} of those
    settings that all hosts must share: equal marks mean equal values, and no value can be read from a mark.
    """

    host = models.CharField(_("host"), max_length=80)
    name = models.CharField(_("process"), max_length=60)
    queues = models.CharField(_("queues"), max_length=200, blank=True)
    processes = models.PositiveSmallIntegerField(_("processes"), default=1)
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("last heartbeat"))
    clock_ahead = models.FloatField(_("clock ahead"), default=0)
    release = models.CharField(_("version"), max_length=120)
    marks = models.JSONField(default=dict, editable=False)

    objects = HostProcessQuerySet.as_manager()

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        ordering = ["host", "name"]
        constraints = [models.UniqueConstraint(fields=["host", "name"], name="one_row_per_process_of_a_host")]

    def __str__(self) -> str:
        return f"{self.host}: {self.name}"

    def is_silent(self, *, at: datetime) -> bool:
        """Return whether it has not shown itself for so long that it has probably died."""
        return self.seen_at <= at - SILENT


class Pulse(models.Model):
    """When one of our processes last did its work: the tick, a worker. Doctor and the desk read it."""

    name = models.CharField(_("process"), max_length=60, unique=True)
    at = models.DateTimeField(_("last heartbeat"))
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name}: {self.at}"

    @classmethod
    def beat(cls, name: str, *, at: Any, detail: str = "") -> None:
        """Record that the process `name` worked at `at`; one statement."""
        Pulse.objects.bulk_create(
            [Pulse(name=name, at=at, detail=detail)],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at", "detail"],
        )
