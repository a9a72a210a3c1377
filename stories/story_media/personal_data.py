"""What is kept of people seen and heard in stories: their videos, pictures and words, and for how long after they were taken away."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.privacy import retention
from accounts.privacy.retention import DataSubject, Ground, Rule
from stories.models import Story, StoryFile, StorySubtitles

from . import files

KEPT = 7  # days after a story was withdrawn or refused: its sender may have to be told what was in it
State = Story.State


def taken_away(at: datetime) -> QuerySet[Story]:
    """Return the stories that were withdrawn or refused long enough ago for nothing of theirs to be kept."""
    return Story.objects.taken_away(before=at - timedelta(days=KEPT))


def files_over(at: datetime) -> QuerySet[StoryFile]:
    """Return the files of stories that were taken away, and, where the operator wants that, what was sent of those that are shown."""
    over: Any = Q(story__in=taken_away(at).values("pk"))
    if settings.STORY_ORIGINAL_DAYS:
        shown_since = at - timedelta(days=settings.STORY_ORIGINAL_DAYS)
        made = StoryFile.objects.filter(
            story=OuterRef("story"), role=StoryFile.Role.WEB, made_at__gte=OuterRef("made_at")
        )
        over |= Q(
            role=StoryFile.Role.ORIGINAL, story__state=State.PUBLISHED, story__published_at__lte=shown_since
        ) & Exists(made)
    return StoryFile.objects.filter(over)


def forget_files(at: datetime) -> int:
    """Delete some of these files, with their rows."""
    return files.remove(files_over(at).order_by("pk")[:50])


def words_over(at: datetime) -> QuerySet[StorySubtitles]:
    """Return the subtitles of stories that were taken away."""
    return StorySubtitles.objects.filter(story__in=taken_away(at).values("pk"))


RULES = (
    Rule(
        "story_videos",
        DataSubject.EVERYBODY,
        gettext_lazy("Video and pictures of a municipality’s story in which you are seen"),
        gettext_lazy(
            "To show how municipalities cope. What was sent is never shown to anyone outside the desk, and what is shown says nothing of phone and place."
        ),
        Ground.CONSENT,
        gettext_lazy("Everyone, as long as the story is shown; the bulletin desk."),
        gettext_lazy(
            "As long as the story is shown. They are gone for everyone at once when it is withdrawn, and deleted %(days)s later."
        ),
        fixed=KEPT,
        due=files_over,
        forget=forget_files,
    ),
    Rule(
        "story_subtitles",
        DataSubject.EVERYBODY,
        gettext_lazy("What you say in a municipality’s story, as subtitles"),
        gettext_lazy("So that people who do not hear it, or speak another language, understand it; a law asks for it."),
        Ground.DUTY,
        gettext_lazy("Everyone, as long as the story is shown; the bulletin desk."),
        gettext_lazy(
            "As long as the story is shown. They are gone for everyone at once when it is withdrawn, and deleted %(days)s later."
        ),
        fixed=KEPT,
        due=words_over,
        forget=retention.deleting(words_over),
    ),
)
