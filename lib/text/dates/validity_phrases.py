"""Until when something holds, as people say it."""

from datetime import date, datetime, time, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

LAST_MINUTE = time(23, 59)


def end_of(day: date, zone: tzinfo) -> datetime:
    """Return the last moment of a day in a zone: what is valid until a day is valid on it."""
    return datetime.combine(day, LAST_MINUTE.replace(second=59), tzinfo=zone)


def describe_end(local: datetime) -> str:
    """Return the end of a validity, in the zone of its readers, in the active language: the last minute of a day is that day."""
    return date_format(local, "SHORT_DATE_FORMAT" if local.time() >= LAST_MINUTE else "SHORT_DATETIME_FORMAT")


def valid_until(moment: datetime | None, zone: tzinfo) -> str:
    """Return until when something holds in a zone, in the active language; None is without an end."""
    if moment is None:
        return _("Valid until further notice")
    return _("Valid until %(until)s") % {"until": describe_end(moment.astimezone(zone))}
