"""Information voids: by when questions are to be answered, and who is reminded or told when they are not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from notifications import outbox
from notifications.models import Notice

from . import authority_requests, notices
from .answers import answer_workflow
from .models import Answer, AnswerStep, QuestionGroup

State = QuestionGroup.State
REMIND_BEFORE = timedelta(hours=24)
MOST_AT_ONCE = 100


def default_deadline(campaign: Campaign, *, at: datetime) -> datetime:
    """Return by when an answer is wanted unless staff say otherwise: VOID_DAYS later at the same time of day."""
    return campaign.local(at) + timedelta(days=settings.VOID_DAYS)  # wall-clock time, also over a change of clocks


def remind(*, at: datetime) -> int:
    """
    Remind each authority once before its deadline, or the desk when it has the authority's answer already, and tell
    staff once when one has passed. Return how many that were. Two at once remind once.
    """
    done = 0
    due = QuestionGroup.objects.filter(state=State.ASKED, reminded_at=None, answer_by__gt=at)
    due = due.filter(answer_by__lte=at + REMIND_BEFORE).exclude(answer__state=Answer.State.IN_REVIEW)
    for group in due.select_related("campaign", "authority")[:MOST_AT_ONCE]:
        done += remind_authority(group, at=at)
    late = QuestionGroup.objects.filter(
        ~Exists(overdue_notices(OuterRef("pk"), OuterRef("answer_by"))), state=State.ASKED, answer_by__lte=at
    )
    for key in list(late.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        done += notify_overdue(key, at=at)
    return done


def overdue_notices(group: Any, answer_by: Any) -> QuerySet[Notice]:
    """Return the notices by which staff were told that the deadline `answer_by` of a group has passed."""
    return Notice.objects.about(notices.QUESTION_WAITS, group).filter(person__is_staff=True, at__gte=answer_by)


@transaction.atomic
def remind_authority(group: QuestionGroup, *, at: datetime) -> int:
    """
    Remind an authority, or the desk when it has the answer, unless the question came less than half of its time ago;
    return whether it was done.
    """
    if group.asked_at and group.answer_by and at - group.asked_at < (group.answer_by - group.asked_at) / 2:
        return 0
    if not QuestionGroup.objects.filter(pk=group.pk, reminded_at=None, state=State.ASKED).update(reminded_at=at):
        return 0
    if is_at_desk(group):
        notify_staff(group, _at_desk, "questions.change_answer", at=at)
    else:
        authority_requests.notify_authority(group, at=at, again=True)
    return 1


def is_at_desk(group: QuestionGroup) -> bool:
    """Return whether an authority has handed over its answer since it was asked; one query."""
    steps = AnswerStep.objects.filter(answer__group=group, words=answer_workflow.HANDED_OVER)
    return group.asked_at is not None and steps.filter(at__gte=group.asked_at).exists()


@transaction.atomic
def notify_overdue(key: int, *, at: datetime) -> int:
    """Tell staff that a deadline has passed, once; return whether it was done."""
    rows = QuestionGroup.objects.select_for_update(of=("self",))
    group = rows.select_related("campaign", "authority").get(pk=key)
    if group.state != State.ASKED or overdue_notices(group.pk, group.answer_by).exists():
        return 0
    notify_staff(group, _late, "questions.change_questiongroup", at=at)
    return 1


def notify_staff(group: QuestionGroup, words: Callable[[QuestionGroup], str], permission: str, *, at: datetime) -> None:
    """Tell people who hold a permission something about a group."""
    path = reverse("admin:questions_questiongroup_change", args=[group.pk])
    people = User.objects.staff_with(permission, group.campaign_id)
    for language, some in group.campaign.by_language(people).items():
        with override(language):
            text = words(group)
        outbox.write(notices.QUESTION_WAITS, some, about=group, text=text, path=path, at=at)


def _at_desk(group: QuestionGroup) -> str:
    """Return what staff read of an answer that waits for them, before its deadline, in the active language."""
    return "\n".join(
        [
            _("An answer has to be completed, and its deadline is near"),
            in_language(group.label),
            _("%(authority)s has submitted its answer. It is due %(until)s.") % _deadline_fields(group),
        ]
    )


def _late(group: QuestionGroup) -> str:
    """Return what staff read of a deadline that has passed, in the active language."""
    said = (
        _("%(authority)s has submitted its answer. It was due %(until)s.")
        if is_at_desk(group)
        else _("%(authority)s was to answer by %(until)s.")
    )
    head = _("A question is unanswered and its deadline has passed")
    return "\n".join([head, in_language(group.label), said % _deadline_fields(group)])


def _deadline_fields(group: QuestionGroup) -> dict[str, str]:
    """Return who is to answer and by when, in the active language."""
    assert group.answer_by is not None
    return {
        "authority": in_language(group.authority.name) if group.authority else "",
        "until": date_format(group.campaign.local(group.answer_by), "DATETIME_FORMAT"),
    }


def is_late(group: QuestionGroup, *, at: datetime) -> bool:
    """Return whether a group waits for an answer that is overdue."""
    return group.state in {State.OPEN, State.ASKED} and group.answer_by is not None and group.answer_by <= at


def late(at: datetime) -> Q:
    """Return the condition for groups that wait for an answer that is overdue."""
    return Q(state__in=[State.OPEN, State.ASKED], answer_by__lte=at)
