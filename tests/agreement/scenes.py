"""
A scene of each kind: something that Alma wrote and that waits for a second person, and how the product's own steps save it anew.
Every registered kind has one; a kind without fails the suite.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.models import User
from agreement.kinds import Kind
from campaigns import custom_texts
from factcheck.verdicts import verdict_workflow
from impact.closing import results
from impact.surveys import survey_steps
from tests.impact.surveys import scene as surveys
from tests.support import builders
from tests.support.builders import NOON

HOUR = timedelta(hours=1)
WORDS = dict.fromkeys(builders.LANGUAGES, "A sentence")


@dataclass
class Stage:
    """A campaign, Alma who writes, and two colleagues who may do everything (so that nothing but the rule holds them back)."""

    campaign: Any
    alma: User
    bea: User
    cecilia: User


@dataclass
class Scene:
    """
    A row that Alma wrote and that waits. `save` saves it by the product's form or step, for somebody who has read it as it is, with a
    full stop more or unchanged. `unprinted` are columns of the row that reach no reader, by what they are instead.
    """

    kind: Kind[Any]
    row: Any
    save: Callable[[Any, User, bool], Any]
    unprinted: dict[str, str] = field(default_factory=dict)
    # Brings a row that was saved anew back to where a second person is wanted.
    submit: Callable[[Any, User], Any] = lambda row, by: None

    def fresh(self) -> Any:
        """Return the row as the database has it."""
        return self.kind.model._default_manager.get(pk=self.row.pk)


def with_stop(words: dict[str, str], is_changed: bool) -> dict[str, str]:
    """Return texts with a full stop more."""
    return {code: f"{text}." for code, text in words.items()} if is_changed else dict(words)


def survey(stage: Stage) -> Scene:
    """A survey of thirty subscribers."""
    builders.build_subscribers(30, builders.build_digest(stage.campaign))
    row = surveys.compose(stage.campaign, by=stage.alma, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        questions = [dict(one) for one in row.questions]
        questions[0]["text"] = with_stop(questions[0]["text"], is_changed)
        surveys.change(row, questions=questions, by=by, at=NOON + HOUR)

    own = {
        "name": "its name at the desk",
        "started_by": "who agreed",
        "started_at": "when they agreed",
        "closes_at": "follows from open_days when it is agreed to",
        "closed_at": "when it was over",
        "code": "drawn when it is agreed to",
        "seed": "drawn when it is agreed to",
        "last_mark": "drawn when it is agreed to",
        "drawn_among": "counted when it is agreed to",
        "drawn": "counted when it is agreed to",
        "answers": "counted when it is over",
    }
    return Scene(survey_steps.SURVEY, row, save, own)


def thanks(stage: Stage) -> Scene:
    """The text of the thanks at the end of a campaign."""
    stage.campaign.closed_at = NOON
    stage.campaign.save()
    row = results.gather(stage.campaign, by=stage.alma, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        seen = results.RESULTS.digest_of(row)
        results.write(stage.campaign, with_stop(row.words, is_changed), seen=seen, by=by, at=NOON + HOUR)

    own = {
        "figures": "numbers, opened by a step of their own",
        "gathered_at": "when they were counted",
        "lessons": "stay with the team",
        "lessons_by": "stay with the team",
        "lessons_at": "stay with the team",
        "thanked_by": "who sent it",
        "thanked_at": "when it was sent",
    }
    return Scene(results.RESULTS, row, save, own)


def custom_text(stage: Stage) -> Scene:
    """Words for the readers of a paused fact-check."""
    purpose = custom_texts.Purpose.CLAIM_ENDED
    row = custom_texts.propose(stage.campaign, purpose, 1, WORDS, by=stage.alma, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        custom_texts.propose(stage.campaign, purpose, 1, with_stop(row.words, is_changed), by=by, at=NOON + HOUR)

    return Scene(custom_texts.CUSTOM_TEXT, row, save, {"dropped_at": "when it was taken back"})


def fact_check(stage: Stage) -> Scene:
    """A verdict that is proposed."""
    row = builders.build_claim(stage.campaign, published=False)
    verdict_workflow.start_check(row, by=stage.alma, at=NOON)
    verdict_workflow.note_writer(row, by=stage.alma)
    verdict_workflow.propose(row, "false", by=stage.alma, at=NOON)

    def save(row: Any, by: User, is_changed: bool) -> None:
        if is_changed:  # as its page does when its form has changed something
            row.fact = with_stop(row.fact, is_changed)
            row.save(update_fields=["fact"])
            verdict_workflow.note_writer(row, by=by)
        verdict_workflow.void_if_changed(row, by=by, at=NOON + HOUR)

    def submit(row: Any, by: User) -> None:
        verdict_workflow.propose(row, "false", by=by, at=NOON + HOUR)

    own = dict.fromkeys(
        ("campaign", "narrative", "duplicate_of", "current_version", "taken_by", "paused_by"), "where it belongs"
    ) | {
        "keywords": "what it is found by at the desk",
        "adds_language": "how it was opened",
        "paused_at": "when it was paused",
        "created_at": "when it was reported",
        "checked_on": "the day on which it is confirmed",
    }
    return Scene(verdict_workflow.VERDICT, row, save, own, submit)


SCENES: dict[str, Callable[[Stage], Scene]] = {
    "survey": survey,
    "results": thanks,
    "custom_text": custom_text,
    "fact_check": fact_check,
}

from .scenes_impact import SCENES as OF_IMPACT  # noqa: E402 they need what stands above
from .scenes_stories import SCENES as OF_STORIES  # noqa: E402

SCENES |= OF_STORIES | OF_IMPACT
