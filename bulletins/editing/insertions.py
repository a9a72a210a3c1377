"""Ready blocks of text from apps above, offered to whoever writes a bulletin."""

from collections.abc import Callable
from datetime import datetime

from bulletins.models import Bulletin

Blocks = Callable[[str], list[tuple[str, str]]]  # from a language's code to (name, Markdown)

SOURCES: list[Callable[..., Blocks]] = []  # each is called with the bulletin and the moment


def offered(bulletin: Bulletin, *, at: datetime) -> Blocks:
    """Return what gives all blocks for a language; the sources are asked once for all languages."""
    sources = [source(bulletin, at=at) for source in SOURCES]
    return lambda language: [block for source in sources for block in source(language)]
