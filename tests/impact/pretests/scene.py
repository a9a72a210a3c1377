"""Pretests to test with."""

import re
from datetime import datetime
from typing import Any

from django.core import mail

from accounts.models import User
from bulletins.models import Bulletin
from impact.models import Pretest, PretestSeat
from impact.pretests import answers, pretest_mails, pretest_steps

SAYS = answers.Answer(asks="To bring the books back", unclear="", sentences=[], share="yes", why="")


def show(draft: Bulletin, *, by: User, at: datetime, **fields: Any) -> Pretest:
    """Show a draft, to whoever has the link unless told, for an hour."""
    given: dict[str, Any] = {"way": "link", "size": 3, "hours": 1, "digest": draft.content_digest()}
    return pretest_steps.show(draft, **given | fields, by=by, at=at)


def mailed_paths(*, at: datetime) -> dict[str, str]:
    """Let the mails leave, and return the path of the link in each, by address."""
    before = len(mail.outbox)
    pretest_mails.ask_due(at=at)
    found = {}
    for message in mail.outbox[before:]:
        link = re.search(r"/\w\w/pretests/[0-9a-f-]+/", str(message.body))
        assert link
        found[message.to[0]] = link[0]
    return found


def answer(
    pretest: Pretest, seat: PretestSeat | None = None, *, at: datetime, language: str = "fi", **says: Any
) -> None:
    """Answer a pretest."""
    given = {name: getattr(SAYS, name) for name in ("asks", "unclear", "sentences", "share", "why")}
    answers.take(pretest, seat, answers.Answer(**given | says), language=language, at=at)
