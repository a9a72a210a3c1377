"""What became of a question, whoever asked it: the outcome, and the words in which they are told of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.translated_fields import in_language

from .models import Answer, AnswerVersion, Question, QuestionGroup

TOLD_FOR = timedelta(days=60)  # for as long after an answer someone whose question is grouped late is still told
NO_ANSWER = "#no-answer"  # how the path of a notice ends that says so
GroupState = QuestionGroup.State


class Outcome(StrEnum):
    """What became of a question."""

    WAITING = "waiting"
    WITH_AUTHORITY = "with_authority"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Mine:
    """A question that somebody brought, and what became of it. `group` is empty until it is grouped."""

    question: Question
    outcome: Outcome
    group: QuestionGroup | None
    version: AnswerVersion | None


def mine_of(question: Question, *, at: datetime) -> Mine:
    """Return a question with what became of it; needs the group's answer at hand."""
    group = question.group
    answer: Answer | None = getattr(group, "answer", None) if group else None
    version = answer.current_version if answer else None
    if question.set_aside_at:
        return Mine(question, Outcome.SET_ASIDE, None, None)
    if group is None:
        return Mine(question, Outcome.WAITING, None, None)
    if group.state == GroupState.DECLINED:
        return Mine(question, Outcome.DECLINED, group, None)
    if version is not None:
        known = {
            AnswerVersion.Kind.ORIGINAL: Outcome.ANSWERED,
            AnswerVersion.Kind.CORRECTION: Outcome.CORRECTED,
            AnswerVersion.Kind.WITHDRAWAL: Outcome.WITHDRAWN,
        }
        return Mine(question, known[AnswerVersion.Kind(version.kind)], group, version)
    asked = group.state == GroupState.ASKED
    return Mine(question, Outcome.WITH_AUTHORITY if asked else Outcome.WAITING, group, None)


def not_heard(rows: QuerySet[Any], heard: QuerySet[Any], *, at: datetime) -> QuerySet[Any]:
    """
    Return the rows, each with a `group`, of whose end their asker has not heard: `heard` are the notices to that person about the
    row's group.
    """
    published = heard.filter(at__gte=OuterRef("group__answer__current_version__published_at")).exclude(
        path__endswith=NO_ANSWER
    )
    refused = heard.filter(at__gte=OuterRef("group__declined_at"), path__endswith=NO_ANSWER)
    is_declined = Q(group__state=GroupState.DECLINED)
    # What another process's clock puts in the time to come waits until then: its notice would be older than itself.
    out = Q(
        group__answer__current_version__published_at__gt=at - TOLD_FOR,
        group__answer__current_version__published_at__lte=at,
    )
    # A version that only adds a language tells whoever has heard nothing new.
    says_more = Q(group__answer__current_version__adds_language=False) | ~Exists(
        heard.exclude(path__endswith=NO_ANSWER)
    )
    settled = ~is_declined & out & ~Exists(published) & says_more
    declined = is_declined & Q(group__declined_at__lte=at) & ~Exists(refused)
    return rows.filter(settled | declined)


def answer_text(version: AnswerVersion, *, brought: bool) -> str:
    """Return what someone who asked reads of a published version, in the active language."""
    kind = AnswerVersion.Kind(version.kind)
    question = in_language(version.question)
    if kind == AnswerVersion.Kind.WITHDRAWAL:
        return lines(
            _("An answer to your question has been withdrawn"),
            question,
            _("Reason: %(told)s") % {"told": in_language(version.what_changed)},
            _("Please don't share it any more."),
        )
    head = _("Your question is answered") if brought else _("A question that you wanted answered is answered")
    if kind == AnswerVersion.Kind.CORRECTION:
        head = _("An answer to your question has been corrected")
    changed = in_language(version.what_changed) if kind == AnswerVersion.Kind.CORRECTION else ""
    by = version.words.authority
    return lines(
        head,
        question,
        _("What changed: %(told)s") % {"told": changed} if changed else "",
        in_language(version.text),
        _("Answered by: %(authority)s.") % {"authority": in_language(by.name) if by else ""},
        _("Thank you for passing it on to us.") if brought else "",
    )


def declined_text(group: QuestionGroup, question: dict[str, str], *, was_answered: bool) -> str:
    """
    Return what someone who asked reads of a question that nobody will answer, in the active language. An answer that
    there was before has been withdrawn: perhaps nobody told them. `question` is their own, or the one that was
    answered.
    """
    return lines(
        _("Your question will not be answered"),
        in_language(question),
        _("Reason: %(told)s") % {"told": in_language(group.declined_why)},
        _("The earlier answer has been withdrawn: please don't share it.") if was_answered else "",
    )


def lines(*parts: str) -> str:
    """Return the parts that have words, a line each."""
    return "\n".join(part for part in parts if part)
