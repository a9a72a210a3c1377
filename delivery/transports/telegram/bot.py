"""
The interface of Telegram's bots (core.telegram.org/bots/api, 9.x): one call is one POST of JSON, answered by an object with
`ok`, `result`, and for a refusal `error_code`, `description` and `parameters`.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from lib.http.kept_connections import KeptConnections

MOST_SECONDS = 14.0
LONGEST = 4096  # UTF-16 units of a message


@dataclass(frozen=True, slots=True)
class Said:
    """What the interface answered: HTTP status, and the object; {} for anything else, a page of HTML for one."""

    status: int
    answer: dict[str, Any]

    @property
    def is_done(self) -> bool:
        """Whether it did what was asked."""
        return self.answer.get("ok") is True

    @property
    def result(self) -> dict[str, Any]:
        """The object that it answered with, {} where it is none."""
        found = self.answer.get("result")
        return found if isinstance(found, dict) else {}

    @property
    def words(self) -> str:
        """Its own words for a refusal."""
        return str(self.answer.get("description", ""))[:200]

    @property
    def retry_after(self) -> float | None:
        """The seconds that it wants to be left alone."""
        parameters = self.answer.get("parameters")
        asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
        return float(asked) if isinstance(asked, int | float) and not isinstance(asked, bool) else None


class Bot:
    """One connection to the interface, kept open. For one thread."""

    def __init__(self) -> None:
        self._connections = KeptConnections()

    def call(self, method: str, **parameters: Any) -> Said:
        """Call a method. Raise ReplyLost when nobody knows whether it was done, another FetchFault when it was not."""
        url = f"{settings.TELEGRAM_URL}/bot{settings.TELEGRAM_TOKEN}/{method}"
        headers = {"Content-Type": "application/json"}
        answer = self._connections.post(url, json.dumps(parameters).encode(), headers, most_seconds=MOST_SECONDS)
        return Said(answer.status, object_of(answer.content))

    def close(self) -> None:
        """Let the connection go."""
        self._connections.close()


def object_of(content: bytes) -> dict[str, Any]:
    """Return the object that an answer or an update is, {} for anything else."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
