"""Languages that are added in a test are forgotten after it."""

from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def refresh() -> Iterator[Callable[[], bool]]:
    """Return what a process does within seconds of a change: it learns of the languages and words that there are now."""
    from campaigns.site_languages import process_languages
    from lib.text.languages import spoken_languages

    yield process_languages.refresh
    spoken_languages.install([])
    process_languages._known = None
