"""Whether the site works just now, for the record that the status page shows."""

from datetime import datetime

from delivery.models import HostProcess
from website.status import uptime

from . import health

WEB = "web"  # as signs_of_life calls web servers


def record(*, at: datetime) -> None:
    """Record whether the site works, on each tick."""
    uptime.record(works=works(at=at), at=at)


def works(*, at: datetime) -> bool:
    """Return whether a web server is there and nothing keeps the site from its work, as /health/ready says; three queries."""
    return HostProcess.objects.alive(at=at).filter(name=WEB).exists() and not health.not_ready()
