"""What the website does when a bulletin is published, inside the transaction that publishes it (publish.FOLLOWERS)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bulletins.models import PublishedEdition, Version

from .check_text import passages
from .digests import outdated_digests, publication_order
from .feeds import websub
from .search import index


def follow_late(edition: PublishedEdition, *, at: datetime) -> None:
    """Make one more language of a version findable (late_editions.FOLLOWERS)."""
    passages.write([edition])
    index.index_again(edition.version)
    transaction.on_commit(websub.wake, robust=True)


def follow(version: Version, editions: Sequence[PublishedEdition], *, at: datetime) -> None:
    """Note a version's place in the order, make it findable, and stop digests that say what it takes back."""
    publication_order.note_version(version)
    passages.write(editions)
    index.index_version(version, list(editions))
    if version.number > 1:
        outdated_digests.stop_outdated(at=at)
    transaction.on_commit(websub.wake, robust=True)
