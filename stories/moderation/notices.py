"""What people are told of stories (notifications.notice_kinds)."""

from django.utils.translation import gettext_noop

from notifications.notice_kinds import Kind, Matter
from stories.models import Story


class StoryKind(Kind):
    """A kind about stories."""

    model = Story

    def named(self, subject: Story) -> str:
        """Return its title."""
        return str(subject)


STORY_WAITS = StoryKind("story_waits", gettext_noop("A story needs your check"))
STORY_WORDS = StoryKind("story_words", gettext_noop("The words of a story need your check"))
STORY_RETURNED = StoryKind("story_returned", gettext_noop("Your story was sent back"))
STORY_REFUSED = StoryKind("story_refused", gettext_noop("Your story is not published"), matter=Matter.NEWS)
STORY_PUBLISHED = StoryKind("story_published", gettext_noop("Your story is published"), matter=Matter.NEWS)
STORY_WITHDRAWN = StoryKind("story_withdrawn", gettext_noop("Your story was withdrawn"), matter=Matter.NEWS)
# To whoever took it along.
STORY_GONE = StoryKind(
    "story_gone", gettext_noop("A story that you took along may no longer be shown"), comes_first=True
)

KINDS = (
    *(STORY_WAITS, STORY_WORDS, STORY_RETURNED, STORY_REFUSED, STORY_PUBLISHED, STORY_WITHDRAWN),
    STORY_GONE,
)
