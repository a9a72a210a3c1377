"""The embedded broker: Celery over the file system, in a way that neither a full disk nor a process that stops breaks."""

import logging
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Shows messages to workers only once they are whole, and drops those that are not: a worker would die of each. A tick asks for the same again."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # kombu has two names for it
        """
        Put a message on a queue. Workers look for its name, so it gets it when all of it is written: kombu writes under the name itself, and a
        worker that looks meanwhile takes an empty file.
        """
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        whole, part = (Path(self.data_folder_out, one) for one in (name, f".{name}"))
        try:
            part.write_bytes(dumps(payload).encode())
            part.rename(whole)
        except OSError as fault:
            part.unlink(missing_ok=True)
            raise ChannelError(f"The message {whole} cannot be written.") from fault

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                log.warning("A message on queue %s was cut off and is dropped. Was the disk full?", queue)


class Transport(filesystem.Transport):
    """Celery's transport over the file system with that channel."""

    Channel = Channel
