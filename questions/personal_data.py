"""What is kept of people who bring questions: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule
from campaigns.http import page_changes
from delivery.models import Recipient
from delivery.personal_data import recipients_of

from .models import AnswerVersion, Question, SameQuestion

# --- For how long ----------------------------------------------------------------------------------


def questions_over(at: datetime) -> QuerySet[Any]:
    """
    Return the questions of which nobody needs to know any more who brought them. Whoever is named by one stays known, so
    that the name can be taken off.
    """
    old = Question.objects.filter(asked_at__lte=retention.rule("askers").before(at), credit="")
    return old.exclude(relayed_by=None, asked_by=None)


def same_questions_over(at: datetime) -> QuerySet[Any]:
    """Return the taps of people who wanted to know the same, long ago."""
    return SameQuestion.objects.filter(at__lte=retention.rule("same_questions").before(at))


def forget_askers(at: datetime) -> int:
    """Forget who brought old questions. The questions stay."""
    keys = list(questions_over(at).order_by("pk").values_list("pk", flat=True)[: retention.MOST_AT_ONCE])
    return Question.objects.filter(pk__in=keys).update(relayed_by=None, asked_by=None)


RULES = (
    Rule(
        "askers",
        DataSubject.INFLUENCERS,
        gettext_lazy("That you passed on a question"),
        gettext_lazy("To give you the answer first. Your name is shown with it only if you allow it."),
        Ground.TASK,
        gettext_lazy("Editors and liaisons."),
        gettext_lazy("%(days)s after you asked. The question stays, without your name."),
        setting="QUESTION_DAYS",
        due=questions_over,
        forget=forget_askers,
        rests=DAILY,
    ),
    Rule(
        "same_questions",
        DataSubject.INFLUENCERS,
        gettext_lazy("That you want to know the same as someone else"),
        gettext_lazy("To give you the answer first, and to know how many people are asking."),
        Ground.TASK,
        gettext_lazy("Only the number is shown."),
        gettext_lazy("%(days)s after you told us."),
        setting="QUESTION_DAYS",
        due=same_questions_over,
        forget=retention.deleting(same_questions_over),
        rests=DAILY,
    ),
)


# --- Of one person ---------------------------------------------------------------------------------


def questions(person: Person) -> Rows:
    """Return the questions that someone brought."""
    rows = Question.objects.filter(Q(relayed_by__in=recipients_of(person)) | Q(asked_by__in=users_of(person)))
    return data_subjects.plain(
        rows, "text", "language", "channel", "times", "via", "may_credit", "credit", "asked_at", "campaign__slug"
    )


def forget_questions(person: Person, by: User | None, at: datetime) -> None:
    """Forget that someone brought questions, also where a published answer thanks them for it."""
    Question.objects.filter(asked_by__in=users_of(person)).update(asked_by=None)
    for recipient in recipients_of(person):
        for campaign in set(recipient.questions.values_list("campaign", flat=True)):
            forget_credits(recipient, campaign)
        SameQuestion.objects.filter(recipient=recipient).delete()


def forget_credits(recipient: Recipient, campaign: int) -> None:
    """Take a person's name off the questions that they brought, also where a published answer thanks them for it."""
    mine = Question.objects.filter(relayed_by=recipient, campaign=campaign)
    names = set(mine.exclude(credit="").values_list("credit", flat=True))
    groups = list(mine.exclude(credit="").values_list("group", flat=True))
    mine.update(relayed_by=None, credit="", may_credit=False)
    for version in AnswerVersion.objects.filter(answer__group__in=groups):
        kept = [name for name in version.credits if name not in names]
        if kept != version.credits:
            AnswerVersion.objects.filter(pk=version.pk).update(credits=kept)
            page_changes.note_retraction()


PARTS = (Part("questions", gettext_lazy("Questions passed on"), questions, forget_questions),)
