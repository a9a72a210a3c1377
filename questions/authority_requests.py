"""Asking authorities: a question is sent to one of them, or it is said that no answer will come."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
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

from . import notices
from .answers import answer_workflow
from .models import Answer, Question, QuestionGroup

State = QuestionGroup.State
QUOTED = 3  # of the followers' own words in a mail
QUESTION_DECLINED = CustomText.Purpose.QUESTION_DECLINED
DECLINED = gettext_noop("The authorities cannot answer this question.")


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
    NotAllowed when the question was not declined, and Refused.
    """
    held = _lock_declined(group, _("Not saved: this text is for a question that will not be answered."))
    return custom_texts.propose(held.campaign, QUESTION_DECLINED, held.pk, words, by=by, at=at)


@transaction.atomic
def approve_custom_text(group: QuestionGroup, *, digest: str, by: User, at: datetime) -> None:
    """
    Say the words that wait, of which `by` has read exactly those of the fingerprint, and tell people who asked. Raise
    NotAllowed when the question waits for an answer again, and Refused.
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


def of_contributor(user: User, campaign: Campaign) -> QuerySet[QuestionGroup]:
    """Return the groups that were sent to an authority of a contributor, those that wait with the nearest deadline first."""
    sent = row_scopes.within(QuestionGroup.objects.filter(campaign=campaign), {Scope.AUTHORITY}, user)
    waits = Case(When(state=State.ASKED, then=Value(0)), default=Value(1))
    related = sent.select_related("authority", "answer__current_version")
    return related.annotate(waits=waits).order_by("waits", F("answer_by").asc(nulls_last=True), "-pk")
