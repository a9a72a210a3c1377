"""Questions, groups and answers that are ready, for the tests of what is asked."""

from datetime import datetime
from typing import Any

from questions import authority_requests, deadlines, intake, question_groups
from questions.answers import answer_workflow
from questions.models import Answer, Question, QuestionGroup
from tests.support import builders

LABEL = {"fi": "Ovatko kirjastot auki?", "sv": "Är biblioteken öppna?", "en": "Are the libraries open?"}
TEXT = {
    "fi": "Kirjastot ovat kiinni 13.4. asti.",
    "sv": "Biblioteken är stängda till 13.4.",
    "en": "Closed until 13.4.",
}
SOURCE = {"fi": "Ministeriö", "sv": "Ministeriet", "en": "Ministry"}
CHANGED = {"fi": "Päivä oli väärä.", "sv": "Dagen var fel.", "en": "The day was wrong."}
VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n{}\n"
SUBTITLES = {code: VTT.format(text) for code, text in TEXT.items()}


def question(campaign: Any, text: str, *, at: datetime, by: Any = None, **more: Any) -> Question:
    """Return a question that waits, relayed by a recipient or by nobody."""
    values: dict[str, Any] = {"language": "fi", "via": "portal"}
    return intake.submit_question(campaign, text, relayed_by=by, at=at, **values | more)


def group(campaign: Any, *, at: datetime, staff: Any, relayed_by: Any = None, **more: Any) -> QuestionGroup:
    """Return a group with one question."""
    one = question(campaign, "Onko kirjasto auki pääsiäisenä?", at=at, by=relayed_by, **more)
    return question_groups.start([one], LABEL, by=staff, at=at)


def asked(campaign: Any, authority: Any, *, at: datetime, staff: Any, **more: Any) -> QuestionGroup:
    """Return a group that was sent to an authority."""
    found = group(campaign, at=at, staff=staff, **more)
    authority_requests.send(found, authority, answer_by=deadlines.default_deadline(campaign, at=at), by=staff, at=at)
    return found


def written(found: QuestionGroup, *, by: Any, at: datetime, **fields: Any) -> Answer:
    """Return the answer of a group, written in every language."""
    answer = answer_workflow.begin(found, by=by, at=at)
    return answer_workflow.save(answer, by=by, at=at, **{"text": TEXT, "source_name": SOURCE} | fields)


def published(found: QuestionGroup, *, by: Any, approver: Any, at: datetime, **fields: Any) -> Answer:
    """Return the answer of a group, published."""
    answer = written(found, by=by, at=at, **fields)
    answer_workflow.submit(answer, by=by, at=at)
    answer_workflow.approve(answer, digest=answer.digest, by=approver, at=at)
    return answer


__all__ = ["LABEL", "TEXT", "asked", "builders", "group", "published", "question", "written"]
