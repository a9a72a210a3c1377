"""What this app keeps of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule

from .models import Sighting


def reporters_over(at: datetime) -> QuerySet[Any]:
    """Return the sightings of which nobody needs to know any more who told of them."""
    return Sighting.objects.filter(created_at__lte=retention.rule("reporters").before(at)).exclude(reporter=None)


def forget_reporters(at: datetime) -> int:
    """Forget who told of old sightings; these stay."""
    keys = list(reporters_over(at).order_by("pk").values_list("pk", flat=True)[: retention.MOST_AT_ONCE])
    return Sighting.objects.filter(pk__in=keys).update(reporter=None)


RULES = (
    Rule(
        "reporters",
        DataSubject.INFLUENCERS,
        gettext_lazy("That you reported a claim, when you were logged in"),
        gettext_lazy("To tell you what was found."),
        Ground.TASK,
        gettext_lazy("Fact-checkers."),
        gettext_lazy("%(days)s after the report. What you reported stays, without your name."),
        setting="REPORTER_DAYS",
        due=reporters_over,
        forget=forget_reporters,
        rests=DAILY,
    ),
    Rule(
        "reports",
        DataSubject.READERS,
        gettext_lazy("A claim that you report: where you saw it, and your note and picture"),
        gettext_lazy("To find out whether it is true. We don't ask who you are. Text that you check is not kept."),
        Ground.TASK,
        gettext_lazy("Fact-checkers and editors."),
        gettext_lazy("For as long as the fact-check is kept."),
    ),
)


def reports(person: Person) -> Rows:
    """Return the claims that someone reported or put in."""
    rows = Sighting.objects.filter(reporter__in=users_of(person))
    fields = (
        "claim__slug",
        "claim__text",
        "platform",
        "channel",
        "url",
        "reach",
        "seen_on",
        "language",
        "note",
        "created_at",
    )
    return data_subjects.plain(rows, *fields)


def forget_reports(person: Person, by: User | None, at: datetime) -> None:
    """Forget that someone reported claims; the reports stay."""
    Sighting.objects.filter(reporter__in=users_of(person)).update(reporter=None)


PARTS = (Part("reports", gettext_lazy("Claims that were reported"), reports, forget_reports),)
