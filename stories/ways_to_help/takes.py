"""How long a way to help takes, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HALF_A_DAY, DAY = 240, 480
OFFERED = (5, 10, 15, 30, 60, 120, HALF_A_DAY, DAY)  # minutes that the form offers


def time_words(minutes: int) -> str:
    """Return a time in words, as a line begins with it: "10 minutes", "Half a day"."""
    if minutes == HALF_A_DAY:
        return _("Half a day")
    if minutes == DAY:
        return _("A day")
    if minutes < 60 or minutes % 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}


def takes_words(minutes: int, *, is_weekly: bool) -> str:
    """Return how long something takes, and that it is so each week."""
    words = time_words(minutes)
    return _("%(time)s every week") % {"time": words} if is_weekly else words
