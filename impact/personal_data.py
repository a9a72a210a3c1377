"""
What surveys and pretests keep of people: for how long, and what of one person. Answers to surveys are nobody's, so none can be found
here; answers to pretests are whose number they have, or nobody's.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule
from delivery.personal_data import recipients_of

from .models import Asked, FreeText, PretestAnswer, PretestSeat, Survey


def asked_over(at: datetime) -> QuerySet[Asked]:
    """Return what was kept for long enough that its people can be asked again, of surveys that are closed."""
    over = Q(pk__in=())
    for weeks in Survey.objects.order_by().values_list("apart_weeks", flat=True).distinct():
        over |= Q(survey__apart_weeks=weeks, on__lte=(at - timedelta(weeks=weeks)).date())
    return Asked.objects.filter(over, survey__state=Survey.State.CLOSED)


def texts_over(at: datetime) -> QuerySet[FreeText]:
    """Return what was written to surveys that closed long ago."""
    return FreeText.objects.filter(survey__closed_at__lte=retention.rule("survey_texts").before(at))


def seats_over(at: datetime) -> QuerySet[PretestSeat]:
    """Return whom drafts were shown to long ago."""
    return PretestSeat.objects.filter(pretest__shown_at__lte=retention.rule("pretests").before(at))


def pretest_answers_over(at: datetime) -> QuerySet[PretestAnswer]:
    """Return what was answered about drafts that were shown long ago."""
    return PretestAnswer.objects.filter(pretest__shown_at__lte=retention.rule("pretest_answers").before(at))


RULES = (
    Rule(
        "surveys",
        DataSubject.EVERYBODY,
        gettext_lazy("That you were drawn for a survey, and on which date"),
        gettext_lazy(
            "So that we don't ask you again too soon, and that you answer once. It says nothing about whether you answered, or what."
        ),
        Ground.TASK,
        gettext_lazy("Nobody. Staff see only how many were asked."),
        gettext_lazy("Until you can be asked again, usually seven weeks."),
        due=asked_over,
        forget=retention.deleting(asked_over),
        rests=DAILY,
    ),
    Rule(
        "survey_texts",
        DataSubject.EVERYBODY,
        gettext_lazy("What you write in a survey"),
        gettext_lazy(
            "To learn what was unclear. It is kept without a name, an address or a time, mixed with what others wrote."
        ),
        Ground.TASK,
        gettext_lazy("Editors, liaisons and administrators, once at least five people have written something."),
        gettext_lazy("%(days)s after the survey closed."),
        fixed=365,
        due=texts_over,
        forget=retention.deleting(texts_over),
        rests=DAILY,
    ),
    Rule(
        "pretest_answers",
        DataSubject.EVERYBODY,
        gettext_lazy("What you answer when we show you a draft"),
        gettext_lazy(
            "To make the text clearer before it goes out. If you came by a link for everybody, it is kept without a name or an address."
        ),
        Ground.TASK,
        gettext_lazy("Everybody who works on bulletins, under a number."),
        gettext_lazy("%(days)s after the draft was shown; then only how many answered what."),
        setting="PRETEST_DAYS",
        due=pretest_answers_over,
        forget=retention.deleting(pretest_answers_over),
        rests=DAILY,
    ),
    Rule(
        "pretests",
        DataSubject.INFLUENCERS,
        gettext_lazy("That we showed you a draft, and the number on it"),
        gettext_lazy("So that you answer once, are not asked again too soon, and a draft that gets out can be traced."),
        Ground.TASK,
        gettext_lazy("Staff who may see influencers."),
        gettext_lazy("%(days)s after the draft was shown."),
        setting="PRETEST_DAYS",
        due=seats_over,
        forget=retention.deleting(seats_over),
        rests=DAILY,
    ),
)


def surveys(person: Person) -> Rows:
    """Return when someone was drawn."""
    return data_subjects.plain(Asked.objects.filter(recipient__in=recipients_of(person)), "survey__name", "on")


def forget(person: Person, by: User | None, at: datetime) -> None:
    """Forget that someone was drawn. An answer of theirs stays: nobody knows which it is."""
    Asked.objects.filter(recipient__in=recipients_of(person)).delete()


def pretests(person: Person) -> Rows:
    """Return which drafts someone was shown, and what they answered."""
    return data_subjects.plain(
        PretestSeat.objects.filter(recipient__in=recipients_of(person)),
        "pretest",
        "number",
        "pretest__shown_at",
        "answer__language",
        "answer__asks",
        "answer__unclear",
        "answer__sentences",
        "answer__share",
        "answer__why",
        "answer__at",
    )


def forget_pretests(person: Person, by: User | None, at: datetime) -> None:
    """Forget which drafts someone was shown, and their answers; the counts stay."""
    PretestSeat.objects.filter(recipient__in=recipients_of(person)).delete()


PARTS = (
    Part("surveys", gettext_lazy("Surveys that you were drawn for"), surveys, forget),
    Part("pretests", gettext_lazy("Drafts that you were shown, and your answers"), pretests, forget_pretests),
)
