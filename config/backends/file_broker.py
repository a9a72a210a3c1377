"""The embedded broker: Celery over the file system, in a way that a full disk does not break."""

import logging
from typing import Any

from kombu.transport import filesystem

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Drops messages that could not be written whole; a worker would die of each. A tick asks for the same again."""

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                log.warning("A message on queue %s was cut off and is dropped. Was the disk full?", queue)


class Transport(filesystem.Transport):
    """Celery's transport over the file system with that channel."""

    Channel = Channel
