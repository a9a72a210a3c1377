"""Mail that comes in is read by a worker; in tests right after it came, unless they ask for something else."""

from typing import Any

import pytest
from django.utils import timezone

from influencers.inbox.mail import arrived_mail

FATES: list[str] = []


@pytest.fixture
def read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a worker read what comes in before the request is answered."""
    keep = arrived_mail.store

    def kept(*args: Any, **about: Any) -> Any:
        row = keep(*args, **about)
        FATES[:] = arrived_mail.work(at=timezone.now())
        return row

    monkeypatch.setattr(arrived_mail, "store", kept)


def as_read(answer: Any) -> Any:
    """Return an answer with what its mail was, once that is read, instead of "kept"."""
    if answer.status_code == 200 and answer.content == b"kept":
        answer.content = "".join(FATES).encode()
    return answer
