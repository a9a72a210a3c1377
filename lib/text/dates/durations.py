"""How long something took, how long ago it was, and how long it is until it comes, in words."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def duration(seconds: int) -> str:
    """Return a time in its largest two units: "48 s", "3 min 20 s", "2 h 5 min"."""
    minutes, left = divmod(seconds, 60)
    if minutes >= 60:
        return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": left}
    return _("%(seconds)d s") % {"seconds": left}


def span(moment: datetime, *, at: datetime) -> str:
    """Return how long it was from `moment` until `at`, in words: minutes, hours and minutes, then days."""
    minutes = max(1, int((at - moment).total_seconds() // 60))
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        return (
            _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
            if rest
            else _("%(n)d h") % {"n": hours}
        )
    return _("%(n)d d") % {"n": minutes // (24 * 60)}


def time_since(moment: datetime, *, at: datetime) -> str:
    """Return how long ago `moment` was at `at`, in the largest unit that fits."""
    seconds = max(0, int((at - moment).total_seconds()))
    for size, unit in ((86400, _("%(n)d d")), (3600, _("%(n)d h")), (60, _("%(n)d min"))):
        if seconds >= 2 * size or (size == 60 and seconds >= 60):
            return unit % {"n": seconds // size}
    return _("%(n)d s") % {"n": seconds}


def wait_until(moment: datetime, *, at: datetime) -> str:
    """Return how long it is from `at` until `moment`, in words: minutes, then hours, then days."""
    seconds = (moment - at).total_seconds()
    if seconds < 0:
        return _("due")
    minutes = int(seconds // 60)
    if seconds < 60:
        return ngettext("in %(n)d second", "in %(n)d seconds", int(seconds)) % {"n": int(seconds)}
    if minutes < 120:
        return ngettext("in %(n)d minute", "in %(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return ngettext("in %(n)d hour", "in %(n)d hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("in %(n)d day", "in %(n)d days", minutes // (24 * 60)) % {"n": minutes // (24 * 60)}
