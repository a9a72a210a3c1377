"""The calendar of a campaign: slots, bulletins, sends, and what ends, month by month."""

import calendar as months
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from bulletins.editing.edition_labels import title_of
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, Cadence, Edition, KeyMessage, PublishedEdition, Target
from bulletins.scheduling import cadences
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.models import Send

YEARS = range(2000, 2100)


@dataclass
class Entry:
    """One thing on a day: when, what kind of thing ("slot", "bulletin", "send", "embargo", "expires"), and where it is."""

    at: datetime
    kind: str
    says: str
    state: str = ""
    url: str = ""


@dataclass
class Day:
    """A local date with what is on it; `change` is that of the clocks."""

    day: date
    is_today: bool
    in_month: bool
    entries: list[Entry] = field(default_factory=list)
    change: cadences.ClockChange | None = None


class CalendarPage(Pane):
    """What goes out when, on one page per month."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The page, of this month and of any."""
        view = require_safe(self.calendar_view)
        return [("calendar/", view, "calendar"), ("calendar/<int:year>/<int:month>/", view, "month")]

    def calendar_view(self, request: HttpRequest, year: int | None = None, month: int | None = None) -> HttpResponse:
        """Show a month of the campaign."""
        self.must_see(request)
        campaign: Campaign | None = getattr(request, "campaign", None)
        now = timezone.now()
        today = campaign.local(now).date() if campaign else now.date()
        if year is None or month is None:
            year, month = today.year, today.month
        if year not in YEARS or not 1 <= month <= 12:
            raise Http404
        first = date(year, month, 1)
        context = {
            **self.frame(request, _("Calendar")),
            "first": first,
            "before": first - timedelta(days=1),
            "after": first + timedelta(days=32),
            "today": today,
            "has_campaign": campaign is not None,
            "zone": campaign.time_zone if campaign else "",
            "weeks": weeks_of(campaign, first, today=today, at=now) if campaign else [],
        }
        return TemplateResponse(request, "bulletins/scheduling/calendar.html", context)


def weeks_of(campaign: Campaign, first: date, *, today: date, at: datetime) -> list[list[Day]]:
    """Return the weeks of a month, Monday first, with what is on each day; the number of queries is constant."""
    dates = months.Calendar().monthdatescalendar(first.year, first.month)
    start, end = dates[0][0], dates[-1][-1]
    zone = campaign.zone
    begins = datetime.combine(start, time(0), tzinfo=zone)
    ends = datetime.combine(end + timedelta(days=1), time(0), tzinfo=zone)
    changes = {change.day: change for change in cadences.clock_changes(zone, start, end)}
    on: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries_of(campaign, begins, ends, at=at):
        on[entry.at.astimezone(zone).date()].append(entry)
    return [
        [
            Day(day, day == today, day.month == first.month, sorted(on[day], key=lambda one: one.at), changes.get(day))
            for day in week
        ]
        for week in dates
    ]


def entries_of(campaign: Campaign, begins: datetime, ends: datetime, *, at: datetime) -> list[Entry]:
    """Return everything between two moments: what was sent, what is planned, free slots to come, and what ends."""
    between = (begins, ends - timedelta(microseconds=1))
    taken: set[tuple[int, datetime]] = set()
    found: list[Entry] = []
    sends = Send.objects.filter(mailing__campaign=campaign, slot_at__range=between).select_related(
        "audience", "mailing"
    )
    shown = list(sends.order_by("slot_at"))
    titles = titles_of({send.mailing_id for send in shown})
    for send in shown:
        taken.add((send.audience_id, send.slot_at))
        says = f"{titles.get(send.mailing_id) or send.mailing} → {send.audience}"
        url = reverse("admin:delivery_send_change", args=[send.pk])
        found.append(Entry(send.slot_at, "send", says, str(send.get_state_display()), url))
    chosen = Q(slot_at__range=between) | Q(slot_at=None, at__range=between)
    targets = (
        Target.objects.filter(chosen, bulletin__campaign=campaign, bulletin__state__in=Bulletin.EDITABLE)
        .select_related("bulletin", "audience")
        .prefetch_related(Prefetch("bulletin__editions", Edition.objects.only("bulletin", "language", "title")))
    )
    together: dict[tuple[datetime, int], list[Target]] = defaultdict(list)
    for target in targets:
        moment = target.slot_at or target.at
        assert moment is not None
        taken.add((target.audience_id, moment))
        together[moment, target.bulletin_id].append(target)
    for (moment, key), goes_to in together.items():
        bulletin = goes_to[0].bulletin
        audiences = ", ".join(str(target.audience) for target in goes_to)
        says = f"{bulletin}: {title_of(bulletin) or _('no title yet')} → {audiences}"
        url = reverse("admin:bulletins_bulletin_change", args=[key])
        found.append(Entry(moment, "bulletin", says, str(bulletin.get_state_display()), url))
    found += free_slots(campaign, max(begins, at), ends, taken)
    for bulletin in Bulletin.objects.filter(campaign=campaign, embargo_until__range=between):
        assert bulletin.embargo_until is not None
        says = _("Embargo of bulletin %(bulletin)s ends") % {"bulletin": bulletin}
        url = reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
        found.append(Entry(bulletin.embargo_until, "embargo", says, "", url))
    return found + expiring(campaign, between)


def titles_of(mailings: set[int]) -> dict[int, str]:
    """Return what the bulletins of some mailings are called, in the reader's language where there is one; one query."""
    titles: dict[int, dict[str, str]] = defaultdict(dict)
    editions = PublishedEdition.objects.filter(version__mailing__in=mailings)
    for mailing, language, title in editions.values_list("version__mailing", "language", "title"):
        titles[mailing][language] = title
    return {mailing: in_language(found) for mailing, found in titles.items()}


def expiring(campaign: Campaign, between: tuple[datetime, datetime]) -> list[Entry]:
    """Return the key messages that cease to hold; one query."""
    messages = KeyMessage.objects.filter(bulletin__campaign=campaign, valid_until__range=between)
    return [
        Entry(
            message.valid_until,
            "expires",
            _("No longer valid: %(message)s (bulletin %(bulletin)s)")
            % {"message": in_language(message.text) or message.key, "bulletin": message.bulletin},
            "",
            reverse("admin:bulletins_bulletin_change", args=[message.bulletin_id]),
        )
        for message in messages.select_related("bulletin")
        if message.valid_until
    ]


def free_slots(
    campaign: Campaign, begins: datetime, ends: datetime, taken: Iterable[tuple[int, datetime]]
) -> list[Entry]:
    """Return the slots to come that nothing is planned for; one query."""
    if begins >= ends:
        return []
    full = set(taken)
    audiences = list(campaign.audiences.values_list("pk", flat=True))
    first, last = campaign.local(begins).date(), campaign.local(ends).date()
    found = []
    for cadence in cadences.in_force(audiences, first, last):
        if cadence.every == Cadence.Every.IMMEDIATE:
            continue
        for slot in cadence.next_slots(after=begins, count=31 + 11):
            if slot >= ends:
                break
            if (cadence.audience_id, slot) not in full:
                found.append(Entry(slot, "slot", str(cadence.audience), pgettext("slot", "free")))
    return found
