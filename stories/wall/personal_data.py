"""What is kept of people who took a story along."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule
from stories.models import StoryTake

RULES = (
    Rule(
        "story_takes",
        DataSubject.INFLUENCERS,
        gettext_lazy("Which stories you took along"),
        gettext_lazy("So that you hear at once if one may not be shown any more."),
        Ground.TASK,
        gettext_lazy("Nobody; the system writes to you by it."),
        gettext_lazy("As long as the story is kept, or until you are erased."),
    ),
)


def takes(person: Person) -> Rows:
    """Return the stories that someone took along."""
    rows = StoryTake.objects.filter(user__in=users_of(person)).order_by("opened_at")
    return data_subjects.plain(rows, "story__key", "opened_at", "told_at")


def forget_takes(person: Person, by: User | None, at: datetime) -> None:
    """Forget what someone took along."""
    StoryTake.objects.filter(user__in=users_of(person)).delete()


PARTS = (Part("story_takes", gettext_lazy("Stories taken along"), takes, forget_takes),)
