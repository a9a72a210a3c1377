"""What a step of an agreement answers when it is not taken."""

from typing import Any


class Refused(Exception):
    """
    A step that was not taken; nothing changed. `reason` says what happened, `next_step` what to do now, both in the user's
    language and as whole sentences.
    """

    def __init__(self, reason: Any, next_step: Any = "") -> None:
        self.reason, self.next_step = str(reason), str(next_step)
        super().__init__(" ".join(filter(None, [self.reason, self.next_step])))


class Stale(Refused):
    """Refused because the content is not what was read: somebody has changed it, or has settled it meanwhile."""
