"""Why something with a meeting was not done."""


class NotDone(Exception):
    """A step that was refused; nothing was changed. The text says why, and what to do, in the user's language."""
