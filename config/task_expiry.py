"""When a task that nobody took says nothing new any more: by the time that all hosts agree on, not by a host's own clock."""

from typing import Any

from celery.worker import request
from celery.worker.state import revoked

from lib import clock


class Request(request.Request):
    """A task that has come to a worker."""

    def maybe_expire(self) -> Any:
        """Return True, and revoke it, when it came too late."""
        if self.expires and clock.now() > self.expires:
            revoked.add(self.id)
            return True
        return None
