"""Languages that are added in a test are forgotten after it."""

from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def refresh() -> Iterator[Callable[[], bool]]:
    """Return what a process does within seconds of a change: it learns of the languages and words that there are now."""
    from campaigns.site_languages import loading
    from lib.text import spoken_languages

    yield loading.refresh
    spoken_languages.install([])
    loading._known = None
