"""What is kept of people who take courses: for how long, and what of one person."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule, rule
from stories.models import CourseAttempt

UNFINISHED = 365  # days without a step


def unfinished(at: datetime) -> QuerySet[CourseAttempt]:
    """Return the courses that somebody began and has not gone on with for a year."""
    before = rule("courses").before(at)
    return CourseAttempt.objects.filter(finished_at=None, moved_at__lte=before)


def forget_unfinished(at: datetime) -> int:
    """Forget some of them, and return how many."""
    due = list(unfinished(at).order_by("pk").values_list("pk", flat=True)[:500])
    CourseAttempt.objects.filter(pk__in=due).delete()
    return len(due)


RULES = (
    Rule(
        "courses",
        DataSubject.EVERYBODY,
        gettext_lazy("How far you are in courses, and what you answered"),
        gettext_lazy("So that you can go on where you stopped, on any device. Without a login nothing is kept."),
        Ground.CONSENT,
        gettext_lazy("Only you. The team sees how many people have finished, from five on."),
        gettext_lazy(
            "%(days)s after the last step in a course that you did not finish; what you finished until you are erased."
        ),
        fixed=UNFINISHED,
        due=unfinished,
        forget=forget_unfinished,
    ),
    Rule(
        "course_certificates",
        DataSubject.EVERYBODY,
        gettext_lazy("Certificates of courses, with the name that you chose to show"),
        gettext_lazy("So that anyone to whom you give the code can check it."),
        Ground.CONSENT,
        gettext_lazy("Anyone who has the code."),
        gettext_lazy("Until you take it back, which removes the name, or are erased, which removes all of it."),
    ),
)


def taken(person: Person) -> Rows:
    """Return the courses that someone has begun, with their certificates."""
    attempts = CourseAttempt.objects.filter(user__in=users_of(person))
    fields = ("version__course__slug", "version__number", "read", "answers", "begun_at", "moved_at", "finished_at")
    certificates = ("certificates__code", "certificates__name", "certificates__issued_at", "certificates__revoked_at")
    return data_subjects.plain(attempts, *fields, *certificates)


def forget_taken(person: Person, by: User | None, at: datetime) -> None:
    """Forget the courses of someone, and their certificates with them."""
    CourseAttempt.objects.filter(user__in=users_of(person)).delete()


PARTS = (Part("courses", gettext_lazy("Courses taken"), taken, forget_taken),)
