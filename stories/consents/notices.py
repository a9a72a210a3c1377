"""What whoever looks at stories is told of consents (notifications.notice_kinds)."""

from django.utils.translation import gettext_noop

from notifications.notice_kinds import Kind
from stories.models import Story


class StoryKind(Kind):
    """A kind about stories."""

    model = Story

    def named(self, subject: Story) -> str:
        """Return its title."""
        return str(subject)


CONSENT_GONE = StoryKind("story_consent_gone", gettext_noop("Somebody took a consent back: a published story is off"))

KINDS = (CONSENT_GONE,)
