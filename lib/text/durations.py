"""How long something took, in words."""

from django.utils.translation import gettext as _


def duration(seconds: int) -> str:
    """Return a time in its largest two units: "48 s", "3 min 20 s", "2 h 5 min"."""
    minutes, left = divmod(seconds, 60)
    if minutes >= 60:
        return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": left}
    return _("%(seconds)d s") % {"seconds": left}
