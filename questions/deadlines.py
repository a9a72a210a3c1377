"""Information voids: groups of questions without an answer, who is to fill them by when, and what comes of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.access import row_scopes
from accounts.access.permissions import Scope
from accounts.audit import trail
from accounts.models import User
from bulletins.models import NotAllowed
from campaigns import custom_texts
from campaigns.models import Authority, Campaign, CustomText
from campaigns.translated_fields import in_language
from notifications import outbox
from notifications.models import Notice

from . import answer_workflow, notices
from .models import Answer, AnswerStep, Question, QuestionGroup

State = QuestionGroup.State
REMIND_BEFORE = timedelta(hours=24)
QUOTED = 3  # of the followers' own words in a mail
MOST_AT_ONCE = 100
QUESTION_DECLINED = CustomText.Purpose.QUESTION_DECLINED
DECLINED = gettext_noop("The authorities cannot answer this question.")


def default_deadline(campaign: Campaign, *, at: datetime) -> datetime:
    """Return by when an answer is wanted unless staff say otherwise: VOID_DAYS later at the same time of day."""
    return campaign.local(at) + timedelta(days=settings.VOID_DAYS)  # wall-clock time, also over a change of clocks


@transaction.atomic
def send(group: QuestionGroup, authority: Authority, *, answer_by: datetime, by: User, at: datetime) -> None:
    """
    Ask an authority to answer by a moment, and tell it. It can be sent to another one, or with another deadline, as
    long as nobody has answered; after a withdrawal the next version is begun. Raise NotAllowed, with nothing changed,
    otherwise, for a deadline that is over, and when another authority would read what is not published.
    """
    held = QuestionGroup.objects.select_for_update().select_related("campaign").get(pk=group.pk)
    if held.state not in {State.OPEN, State.ASKED}:
        raise NotAllowed(_("Not sent: this question is no longer waiting for an answer. Nothing changed."))
    if answer_by <= at:
        raise NotAllowed(_("Not sent: the deadline has already passed. Enter a later one."))
    answer = Answer.objects.filter(group=held).first()
    if answer is not None and answer.authority_id != authority.pk:
        answer_workflow.assign_authority(answer, authority, by=by, at=at)
    elif answer is not None and answer.state == Answer.State.WITHDRAWN:
        answer_workflow.correct(answer, by=by, at=at)
    is_news = held.state != State.ASKED or held.authority_id != authority.pk
    QuestionGroup.objects.filter(pk=held.pk).update(
        state=State.ASKED,
        authority=authority,
        answer_by=answer_by,
        asked_at=at if is_news else held.asked_at,
        asked_by=by,
        reminded_at=None,
    )
    group.refresh_from_db()
    trail.note("question_group.sent", group, by=by, at=at, authority=authority.slug, answer_by=answer_by.isoformat())
    if is_news:
        notify_authority(group, at=at)


@transaction.atomic
def decline(group: QuestionGroup, *, by: User, at: datetime) -> None:
    """
    Say that no answer will come, in a sentence of ours: people who asked read it. Custom text may follow
    (`propose_custom_text`). Raise NotAllowed, with nothing changed, when it does not wait.
    """
    waiting = QuestionGroup.objects.filter(pk=group.pk, state__in=[State.OPEN, State.ASKED])
    words = custom_texts.fixed(group.campaign, DECLINED)
    if not waiting.update(state=State.DECLINED, declined_why=words, declined_at=at):
        raise NotAllowed(_("Not declined: this question is no longer waiting for an answer. Nothing changed."))
    group.refresh_from_db()
    trail.note("question_group.declined", group, by=by, at=at)


@transaction.atomic
def propose_custom_text(group: QuestionGroup, words: Mapping[str, str], *, by: User, at: datetime) -> CustomText:
    """
    Write why no answer will come, {language: text}: people who asked read it once someone else has agreed. Raise
    NotAllowed when the question was not declined, and custom_texts.NotAgreed.
    """
    held = _lock_declined(group, _("Not saved: this text is for a question that will not be answered."))
    return custom_texts.propose(held.campaign, QUESTION_DECLINED, held.pk, words, by=by, at=at)


@transaction.atomic
def approve_custom_text(group: QuestionGroup, *, digest: str, by: User, at: datetime) -> None:
    """
    Say the words that wait, of which `by` has read exactly those of the fingerprint, and tell people who asked. Raise
    NotAllowed when the question waits for an answer again, and custom_texts.NotAgreed.
    """
    held = _lock_declined(group, _("Not approved: this question is waiting for an answer again. Nothing changed."))
    agreed = custom_texts.approve(waiting_custom_text(held), digest=digest, by=by, at=at)
    QuestionGroup.objects.filter(pk=held.pk).update(declined_why=agreed.words, declined_at=at)
    group.refresh_from_db()


def waiting_custom_text(group: QuestionGroup) -> CustomText | None:
    """Return the words about a declined question that wait for a second person; one query."""
    return custom_texts.waiting(QUESTION_DECLINED, group.pk)


def _lock_declined(group: QuestionGroup, refusal: str) -> QuestionGroup:
    """Return the group's row, locked. Raise NotAllowed unless it was declined."""
    held = QuestionGroup.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=group.pk)
    if held.state != State.DECLINED:
        raise NotAllowed(refusal)
    return held


@transaction.atomic
def reopen(group: QuestionGroup, *, by: User, at: datetime) -> None:
    """Let a declined group wait for an answer again."""
    declined = QuestionGroup.objects.filter(pk=group.pk, state=State.DECLINED)
    if not declined.update(state=State.OPEN, declined_why={}, declined_at=None, reminded_at=None):
        raise NotAllowed(_("Not reopened: it was not declined. Nothing changed."))
    custom_texts.drop(waiting_custom_text(group), by=by, at=at)
    group.refresh_from_db()
    trail.note("question_group.reopened", group, by=by, at=at)


# --- Telling -----------------------------------------------------------------------------------------


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
        ~Exists(notify_overdue_askers(OuterRef("pk"), OuterRef("answer_by"))), state=State.ASKED, answer_by__lte=at
    )
    for key in list(late.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        done += notify_overdue(key, at=at)
    return done


def notify_overdue_askers(group: Any, answer_by: Any) -> QuerySet[Notice]:
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
        notify_authority(group, at=at, again=True)
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
    if group.state != State.ASKED or notify_overdue_askers(group.pk, group.answer_by).exists():
        return 0
    notify_staff(group, _late, "questions.change_questiongroup", at=at)
    return 1


def notify_authority(group: QuestionGroup, *, at: datetime, again: bool = False) -> None:
    """Tell an authority's contributors that a question waits; its contact address when there are none."""
    authority = group.authority
    assert authority is not None
    people: list[User | None] = list(
        User.objects.filter(authority_memberships__authority=authority, is_active=True).distinct()
    )
    if not people and authority.contact:
        people = [None]
    quoted = list(Question.objects.filter(group=group).order_by("-times", "pk").values_list("text", flat=True)[:QUOTED])
    for language, some in group.campaign.by_language(people).items():
        with override(language):
            text = _request_text(group, quoted, again=again, has_page=some != [None])
            path = reverse("questions:to_answer", args=[group.pk]) if some != [None] else reverse("website:answers")
        outbox.write(notices.QUESTION_WAITS, some, about=group, text=text, path=path[:200], at=at)


def notify_staff(group: QuestionGroup, words: Callable[[QuestionGroup], str], permission: str, *, at: datetime) -> None:
    """Tell people who hold a permission something about a group."""
    path = reverse("admin:questions_questiongroup_change", args=[group.pk])
    people = User.objects.staff_with(permission)
    for language, some in group.campaign.by_language(people).items():
        with override(language):
            text = words(group)
        outbox.write(notices.QUESTION_WAITS, some, about=group, text=text, path=path, at=at)


def _request_text(group: QuestionGroup, quoted: list[str], *, again: bool, has_page: bool) -> str:
    """Return what an authority reads, in the active language: never who asked."""
    head = (
        _("A question from the public still needs your answer")
        if again
        else _("A question from the public needs your answer")
    )
    lines = [head, in_language(group.label)]
    if group.answer_by:
        until = date_format(group.campaign.local(group.answer_by), "DATETIME_FORMAT")
        lines.append(_("Please answer by %(until)s.") % {"until": until})
    lines += [f"– {' '.join(text.split())[:300]}" for text in quoted]
    if not has_page:
        lines.append(_("Write your answer to %(address)s.") % {"address": group.campaign.reply_to})
    return "\n".join(lines)


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


def of_contributor(user: User, campaign: Campaign) -> QuerySet[QuestionGroup]:
    """Return the groups that were sent to an authority of a contributor, those that wait with the nearest deadline first."""
    sent = row_scopes.within(QuestionGroup.objects.filter(campaign=campaign), {Scope.AUTHORITY}, user)
    waits = Case(When(state=State.ASKED, then=Value(0)), default=Value(1))
    related = sent.select_related("authority", "answer__standing")
    return related.annotate(waits=waits).order_by("waits", F("answer_by").asc(nulls_last=True), "-pk")
