"""What surveys keep of people: for how long, and what of one person. Answers are nobody's, so none can be found here."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule
from delivery.personal_data import recipients_of

from .models import Asked, FreeText, Survey


def asked_over(at: datetime) -> QuerySet[Asked]:
    """Return what was kept for long enough that its people can be asked again, of surveys that are closed."""
    over = Q(pk__in=())
    for weeks in Survey.objects.order_by().values_list("apart_weeks", flat=True).distinct():
        over |= Q(survey__apart_weeks=weeks, on__lte=(at - timedelta(weeks=weeks)).date())
    return Asked.objects.filter(over, survey__state=Survey.State.CLOSED)


def texts_over(at: datetime) -> QuerySet[FreeText]:
    """Return what was written to surveys that closed long ago."""
    return FreeText.objects.filter(survey__closed_at__lte=retention.rule("survey_texts").before(at))


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
)


def surveys(person: Person) -> Rows:
    """Return when someone was drawn."""
    return data_subjects.plain(Asked.objects.filter(recipient__in=recipients_of(person)), "survey__name", "on")


def forget(person: Person, by: User | None, at: datetime) -> None:
    """Forget that someone was drawn. An answer of theirs stays: nobody knows which it is."""
    Asked.objects.filter(recipient__in=recipients_of(person)).delete()


PARTS = (Part("surveys", gettext_lazy("Surveys that you were drawn for"), surveys, forget),)
