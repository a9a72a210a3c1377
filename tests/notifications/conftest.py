"""A notification hook that listens."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.providers.http_recorder import Hearer, hearing


@pytest.fixture
def hook(settings: Any) -> Iterator[Hearer]:
    """A hook that the settings name."""
    with hearing("/hooks/a?b=c") as hook:
        settings.NOTIFY_URL, settings.NOTIFY_SECRET = hook.url, "a secret of twenty letters"
        yield hook
