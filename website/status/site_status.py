"""All that the status page tells, put together; and the same as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.http.machine_responses import languages_of
from campaigns.http.machine_values import address, moment, spoken
from campaigns.models import Campaign
from delivery.reports import inbox_times
from delivery.reports.inbox_times import QueueTimes
from website.models import Incident

from . import email_delays, uptime

ENDED_WITHIN = timedelta(days=30)  # for so long an incident that is over stays on the page
MOST_INCIDENTS = 50
WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}


class State(models.TextChoices):
    """Whether all works: the first of these, from below, that is so."""

    WORKING = "working", _("Everything works.")
    SLOW = "slow", _("Emails take much longer than usual to arrive.")
    HELD_UP = "held_up", _("Emails are held up.")
    STOPPED = "stopped", _("Nothing is being sent at the moment. The website can be read.")
    INCIDENT = "incident", _("Something does not work: see the open incidents.")


@dataclass(frozen=True)
class SiteStatus:
    """
    What is said at `at`: incidents, the newest first, with their updates; times to inbox by window ("24h", "7d"); days, today
    last.
    """

    at: datetime
    state: State
    open: list[Incident]
    ended: list[Incident]
    times: dict[str, list[QueueTimes]]
    days: list[uptime.Day]

    @property
    def recorded(self) -> list[uptime.Day]:
        """The days of which something was recorded, the newest first."""
        return [day for day in reversed(self.days) if day.percent is not None]

    @property
    def last_day(self) -> list[QueueTimes]:
        """The times to inbox of the last 24 hours."""
        return self.times["24h"]

    @property
    def last_week(self) -> list[QueueTimes]:
        """The times to inbox of the last 7 days."""
        return self.times["7d"]

    @property
    def percent(self) -> float | None:
        """The share of all recorded time that the site worked."""
        working = sum(day.working for day in self.days)
        return uptime.percent_of(working, working + sum(day.not_working for day in self.days))


def site_status(campaign: Campaign, *, at: datetime) -> SiteStatus:
    """Return what the status page of a campaign says; seven queries, however much there is."""
    incidents = list(
        Incident.objects.shown(at=at, ended_within=ENDED_WITHIN)
        .filter(campaign=campaign)
        .prefetch_related("updates")[:MOST_INCIDENTS]
    )
    going_on = [one for one in incidents if one.is_open(at=at)]
    longest = max(WINDOWS.values())
    measured = inbox_times.measured_since(campaign, at - longest, at=at)
    state = State.WORKING
    if email_delays.is_slow(measured, at=at):
        state = State.SLOW
    if email_delays.is_held_up(campaign, at=at):
        state = State.HELD_UP
    if uptime.is_recorded(at=at) is False:
        state = State.STOPPED
    if going_on:
        state = State.INCIDENT
    return SiteStatus(
        at=at,
        state=state,
        open=going_on,
        ended=[one for one in incidents if one not in going_on],
        times={name: inbox_times.by_queue(measured, since=at - window) for name, window in WINDOWS.items()},
        days=uptime.days(campaign.zone, at=at),
    )


# --- For machines --------------------------------------------------------------------------------------


def as_plain(campaign: Campaign, status: SiteStatus) -> dict[str, Any]:
    """
    Return the same as plain data, as docs/using/api/status-json.md describes it: without the moment at which it was asked, so that
    it is the same until something changes. Needs the campaign's languages at hand.
    """
    codes = [row.code for row in languages_of(campaign)]
    return {
        "campaign": campaign.slug,
        "exercise": campaign.is_exercise,
        "time_zone": campaign.time_zone,
        "state": status.state,
        "urls": {code: address("website:status", language=code) for code in codes},
        "open_incidents": [incident_data(one, codes) for one in status.open],
        "ended_incidents": [incident_data(one, codes) for one in status.ended],
        "time_to_inbox": {
            name: {one.queue.value: times_data(one) for one in found} for name, found in status.times.items()
        },
        "uptime": {
            "percent": status.percent,
            "days": [
                {"date": day.date.isoformat(), "percent": day.percent, "seconds_not_working": day.not_working}
                for day in status.recorded
            ],
        },
    }


def incident_data(incident: Incident, codes: Sequence[str]) -> dict[str, Any]:
    """Return an incident with its updates, the newest first."""
    return {
        "id": incident.pk,
        "parts": incident.parts,
        "started_at": moment(incident.started_at),
        "ended_at": moment(incident.ended_at) if incident.ended_at else None,
        "title": spoken(incident.title, codes),
        "text": spoken(incident.text, codes),
        "updates": [{"at": moment(one.at), "text": spoken(one.text, codes)} for one in incident.updates.all()],
    }


def times_data(times: QueueTimes) -> dict[str, Any]:
    """Return how long the emails of an urgency took, in seconds."""
    return {
        "median": times.median,
        "percentile_95": times.slowest,
        "measured": times.measured,
        "missing": times.missing,
        "spam_folder": times.spam,
    }
