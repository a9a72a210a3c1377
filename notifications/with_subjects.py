"""Notices with what they are about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from . import notice_kinds
from .models import Notice


def with_subjects(notices: Iterable[Notice]) -> Iterator[tuple[Notice, Any]]:
    """
    Yield each notice with what it is about, None where that is nothing; a query for each kind. One whose subject is gone is
    deleted: there is nothing to tell.
    """
    keys: dict[str, set[int | None]] = defaultdict(set)
    for notice in notices:
        keys[notice.kind].add(notice.subject_id)
    found = {kind: notice_kinds.get(kind).subjects(some) for kind, some in keys.items()}
    for notice in notices:
        subject = found[notice.kind].get(notice.subject_id)
        if subject is None and notice_kinds.get(notice.kind).model:
            notice.delete()
        else:
            yield notice, subject
