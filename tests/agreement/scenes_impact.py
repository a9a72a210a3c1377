"""Scenes of what tells of a campaign's impact."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from accounts.models import User
from impact.insight_reports import report_steps
from tests.impact.insight_reports import scene as reports
from tests.support.builders import NOON

from . import scenes


def insight(stage: "scenes.Stage") -> "scenes.Scene":
    """A report of a week for everyone, in review."""
    reports.week(stage.campaign, NOON)
    row = reports.drafted(stage.campaign, by=stage.alma, at=NOON)
    reports.complete(row, by=stage.alma, at=NOON)
    report_steps.submit(row, by=stage.alma, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        report_steps.send_back(row, remark="Again", by=by, at=NOON)
        lead = row.words["en"]["lead"] + "." * is_changed
        report_steps.save_words(row, "en", {"lead": lead}, {}, by=by, at=NOON + timedelta(hours=1))
        row.refresh_from_db()
        if not is_changed:
            report_steps.submit(row, by=stage.alma, at=NOON)

    def submit(row: Any, by: User) -> None:
        report_steps.submit(row, by=by, at=NOON)

    own = {
        "approved": "the copy that readers get of what was agreed to",
        "number": "counted when it is agreed to",
        "withdrawn_at": "when it was taken back",
    }
    return scenes.Scene(report_steps.REPORT, row, save, own, submit)


SCENES: "dict[str, Callable[[scenes.Stage], scenes.Scene]]" = {"insight": insight}
