"""Hours in what colleagues are told, by the clock that they chose."""

from datetime import datetime, tzinfo

from django.utils.formats import date_format, time_format

from accounts.models import User
from campaigns.models import Campaign

from . import wishes


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


def on_clock(moment: datetime, zone: tzinfo, *, at: datetime) -> str:
    """Return a moment on a clock, in short."""
    local = moment.astimezone(zone)
    if local.date() == at.astimezone(zone).date():
        return time_format(local, "TIME_FORMAT")
    return f"{time_format(local, 'TIME_FORMAT')}, {date_format(local, 'SHORT_DATE_FORMAT')}"
