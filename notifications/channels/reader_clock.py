"""Hours in what colleagues are told, by the clock that they chose."""

import re
from datetime import datetime, tzinfo

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign

from . import wishes

AN_HOUR = re.compile(r"(?<![\d.:])\d{1,2}[.:]\d{2}(?![\d.:]*\d)")  # 16.05 and 16:05, no date


def hour_for(person: User, moment: datetime, campaign: Campaign, *, at: datetime) -> str:
    """
    Return a moment by a person's clock, with its day where that is not the day of `at`; where the campaign's clock shows another hour, that
    follows with the name of its zone: "03:05 (04:05 Europe/Helsinki)". In the active language; one query.
    """
    own = wishes.of(person).zone(campaign)
    said = on_clock(moment, own, at=at)
    if moment.astimezone(own).utcoffset() == campaign.local(moment).utcoffset():
        return said
    return f"{said} ({on_clock(moment, campaign.zone, at=at)} {campaign.time_zone})"


def zone_note(person: User, campaign: Campaign, words: str, *, at: datetime) -> str:
    """
    Return a line that says by which clock the hours in `words` are, where the one that a person chose shows others at `at`; "" where it
    does not, and where there are none. In the active language; one query.
    """
    if not AN_HOUR.search(words) or wishes.of(person).zone(campaign).utcoffset(at) == campaign.zone.utcoffset(at):
        return ""
    return _("Hours here are those of %(zone)s.") % {"zone": campaign.time_zone}


def on_clock(moment: datetime, zone: tzinfo, *, at: datetime) -> str:
    """Return a moment on a clock, in short."""
    local = moment.astimezone(zone)
    if local.date() == at.astimezone(zone).date():
        return time_format(local, "TIME_FORMAT")
    return f"{time_format(local, 'TIME_FORMAT')}, {date_format(local, 'SHORT_DATE_FORMAT')}"
