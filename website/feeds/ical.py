"""
When bulletins and digests come, as iCalendar (RFC 5545). It is made of cadences alone: whether there is a bulletin for a
slot, and what it says, is nobody's business before it is published.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import AuditEntry
from bulletins.models import Cadence
from bulletins.scheduling.cadences import clock_changes
from campaigns.http.machine_values import address, name_of
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.models import Audience
from lib.text.dates.calendar_lines import as_file, escaped

from .items import marked

DAYS = 30
SHAPE = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment at which something regularly comes. `key` names it for good, `since` is when its cadence began."""

    at: datetime
    key: str
    title: str
    about: str
    since: date


def coming(campaign: Campaign, *, language: str, at: datetime) -> list[Slot]:
    """
    Return the slots from the beginning of today, in the campaign's zone, for DAYS days, the earliest first: those of
    digests, and the regular ones of bulletins, at which audiences meet. Two queries.
    """
    first = datetime.combine(campaign.local(at).date(), time(0), tzinfo=campaign.zone)
    last = datetime.combine(first.date() + timedelta(days=DAYS), time(0), tzinfo=campaign.zone)
    cadences = Cadence.objects.filter(audience__campaign=campaign, only_urgency="").exclude(
        every=Cadence.Every.IMMEDIATE
    )
    found: dict[tuple[str, datetime], Slot] = {}
    with override(language):
        for cadence in cadences.select_related("audience").order_by("pk"):
            audience = cadence.audience
            audience.campaign = campaign  # so that its zone costs no query
            is_digest = audience.kind == Audience.Kind.DIGEST
            key = f"digest-{audience.pk}" if is_digest else "bulletin"
            title = in_language(audience.name, language) if is_digest else _("Regular bulletin time")
            about = (
                in_language(audience.description, language)
                if is_digest
                else _("If there is news, a bulletin is sent at this time. Urgent bulletins are sent immediately.")
            )
            for moment in slots_between(cadence, first, last):
                slot = Slot(moment, key, marked(title, campaign), about, cadence.starts_on)
                found.setdefault((key, moment), slot)
    return sorted(found.values(), key=lambda slot: (slot.at, slot.key))


def slots_between(cadence: Cadence, first: datetime, last: datetime) -> Iterator[datetime]:
    """Give the slots of a cadence from `first` on, before `last`."""
    for slot in cadence.next_slots(after=first, count=DAYS + 1):
        if slot >= last:
            return
        yield slot


def changed_at(campaign: Campaign, *, at: datetime) -> datetime:
    """Return when the calendar last changed: today at midnight, or with a cadence since; one query."""
    midnight = datetime.combine(campaign.local(at).date(), time(0), tzinfo=campaign.zone)
    paced = AuditEntry.objects.filter(subject_type=Cadence._meta.label_lower, at__lte=at).aggregate(last=Max("at"))
    return max([midnight, *([paced["last"]] if paced["last"] else [])])


def calendar(campaign: Campaign, slots: list[Slot], *, language: str, at: datetime) -> str:
    """Return slots as a calendar in a language."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    with override(language):
        name = f"{_('Upcoming bulletins')}. {name_of(campaign, language)}"
        home = address("home", language=language)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{host}//crisis-bulletins//{language.upper()}",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
        *zone(campaign.time_zone, campaign.local(at).date()),
    ]
    for slot in slots:
        local = campaign.local(slot.at)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{slot.key}-{local:{SHAPE}}-{campaign.slug}@{host}",
            f"DTSTAMP:{slot.since:%Y%m%d}T000000Z",
            f"DTSTART;TZID={campaign.time_zone}:{local:{SHAPE}}",
            "DURATION:PT15M",
            f"SUMMARY:{escaped(slot.title)}",
            *([f"DESCRIPTION:{escaped(slot.about)}"] if slot.about else []),
            f"URL:{home}",
            "STATUS:TENTATIVE",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return as_file(lines)


# --- Parts -----------------------------------------------------------------------------------------


def zone(name: str, today: date) -> list[str]:
    """Return a time zone as it is from the day before `today` for as long as slots are named."""
    tz = ZoneInfo(name)
    first = datetime.combine(today - timedelta(days=1), time(0), tzinfo=tz)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *observance(first, first)]
    for change in clock_changes(tz, first.date(), today + timedelta(days=DAYS + 1)):
        before = datetime.combine(change.day, time(0), tzinfo=tz)
        lines += observance(before, moment_of(before))
    return [*lines, "END:VTIMEZONE"]


def moment_of(midnight: datetime) -> datetime:
    """Return the first minute of the new time on the day, beginning at `midnight`, on which the clocks change."""
    start = midnight.astimezone(UTC)
    minutes = range(1, 26 * 60)
    changes = (start + timedelta(minutes=minute) for minute in minutes)
    return next(
        local for one in changes if (local := one.astimezone(midnight.tzinfo)).utcoffset() != midnight.utcoffset()
    )


def observance(before: datetime, start: datetime) -> list[str]:
    """Return from when a time is used: `start` in it, and `before` in the one that it follows."""
    kind = "DAYLIGHT" if start.dst() else "STANDARD"
    offset = before.utcoffset() or timedelta(0)
    local = (start.astimezone(UTC) + offset).replace(tzinfo=None)
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{local:{SHAPE}}",
        f"TZOFFSETFROM:{before:%z}",
        f"TZOFFSETTO:{start:%z}",
        f"TZNAME:{start:%Z}",
        f"END:{kind}",
    ]
