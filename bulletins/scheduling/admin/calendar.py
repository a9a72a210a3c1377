"""The calendar of a campaign: slots, bulletins, sends, and what ends, month by month."""

import calendar as months
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from textwrap import shorten
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from bulletins.editing.edition_labels import title_of
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, Cadence, Edition, KeyMessage, NotAllowed, PublishedEdition, Target
from bulletins.models.cadences import wall_clock
from bulletins.scheduling import cadences, calendar_moves
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.models import Mailing, Send

from .slots import LOOK_AHEAD, SLOT, day_and_time

YEARS = range(2000, 2100)
MORNING = time(9)
MOST_UNPLANNED = 30
WEEKS_AHEAD = 5  # with this one, where no month is asked for
LONGEST = 60  # characters of a key message on a day


@dataclass
class Entry:
    """One thing on a day: when, what kind of thing ("slot", "bulletin", "send", "embargo", "expires"), and where it is."""

    at: datetime
    kind: str
    says: str
    state: str = ""
    url: str = ""
    move: str = ""  # the address where it is moved to another time
    is_draft: bool = False  # moving it cancels nothing
    audiences: list[int] = field(default_factory=list)  # the keys of whose slot it is, or who gets it


@dataclass
class Day:
    """A local date with what is on it; `change` is that of the clocks. What is `around` the days that are asked for is shown on wide screens only."""

    day: date
    is_today: bool
    is_around: bool
    entries: list[Entry] = field(default_factory=list)
    change: cadences.ClockChange | None = None


@dataclass
class Unplanned:
    """A bulletin in the making that is on no day yet: what it is, why (`when`), and where it is given a time, if it may be."""

    says: str
    when: str
    state: str
    url: str
    move: str = ""
    is_draft: bool = False
    audiences: list[int] = field(default_factory=list)  # the keys of who gets it


class CalendarPage(Pane):
    """What goes out when, on one page per month."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The page, of this month and of any."""
        view = require_safe(self.calendar_view)
        move = require_http_methods(["GET", "HEAD", "POST"])(self.move_view)
        return [
            ("calendar/", view, "calendar"),
            ("calendar/<int:year>/<int:month>/", view, "month"),
            ("<int:pk>/move/", move, "move"),
        ]

    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """
        Ask to which time a bulletin is moved that leaves at `since`, or has no time yet (""), with `to` (a slot or a day) filled in; a
        POST moves it and goes to the month of its new time, or says why not: 422.
        """
        bulletin = self.to_write(request, pk)
        campaign, now = bulletin.campaign, timezone.now()
        given = request.GET.get("since", "")
        since = moment_of(given)
        if (given and since is None) or not (moving := calendar_moves.leaving(bulletin, since)):
            messages.error(request, _("It is no longer sent at that time. Look at the calendar again."))
            return redirect("admin:bulletins_bulletin_calendar")
        refusal, status = "", 200
        if request.method == "POST":
            to, is_slot = chosen_time(request.POST, campaign)
            try:
                calendar_moves.move(bulletin, since, to, is_slot=is_slot, by=request.user, at=now)
            except NotAllowed as why:
                refusal, status = str(why), 422
            else:
                assert to is not None
                local = campaign.local(to)
                says = _("Moved: bulletin %(bulletin)s is sent on %(time)s.")
                messages.success(request, says % {"bulletin": bulletin, "time": day_and_time(local)})
                return redirect("admin:bulletins_bulletin_month", local.year, local.month)
        context = {
            **self.frame(request, _("Move bulletin %(bulletin)s") % {"bulletin": bulletin}),
            "bulletin": bulletin,
            "bulletin_title": title_of(bulletin) or _("no title yet"),
            "since": day_and_time(campaign.local(since)) if since else "",
            "audiences": [str(target.audience) for target in moving],
            "slots": slots_to_move_to(bulletin, moving, at=now),
            **filled_in(request, campaign, since),
            "zone": campaign.time_zone,
            "refusal": refusal,
            **embargo_of(bulletin, request.GET.get("to", ""), at=now),
        }
        return TemplateResponse(request, "bulletins/scheduling/move.html", context, status=status)

    def calendar_view(self, request: HttpRequest, year: int | None = None, month: int | None = None) -> HttpResponse:
        """Show a month of the campaign, or the weeks that begin with this one."""
        self.must_see(request)
        campaign: Campaign | None = getattr(request, "campaign", None)
        now = timezone.now()
        today = campaign.local(now).date() if campaign else now.date()
        ahead = year is None or month is None
        if year is None or month is None:
            year, month = today.year, today.month
        if year not in YEARS or not 1 <= month <= 12:
            raise Http404
        first = date(year, month, 1)
        dates = weeks_ahead(today) if ahead else months.Calendar().monthdatescalendar(year, month)
        may_move = request.user.has_perm("bulletins.change_bulletin")
        context = {
            **self.frame(request, _("Calendar")),
            "first": first,
            "ahead": ahead,
            "before": first if ahead else first - timedelta(days=1),
            "after": first + timedelta(days=32),
            "today": today,
            "has_campaign": campaign is not None,
            "zone": campaign.time_zone if campaign else "",
            "weeks": weeks_of(campaign, dates, month=None if ahead else first, today=today, at=now, may_move=may_move)
            if campaign
            else [],
            "unplanned": unplanned(campaign, may_move=may_move) if campaign else [],
            "may_move": may_move,
        }
        return TemplateResponse(request, "bulletins/scheduling/calendar.html", context)


def moment_of(text: str) -> datetime | None:
    """Return the aware moment that a text says, or None."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def chosen_time(data: Mapping[str, str], campaign: Campaign) -> tuple[datetime | None, bool]:
    """Return the moment that a sent form names, None for none, and whether it is a slot."""
    when = data.get("when", "")
    if when.startswith(SLOT):
        return moment_of(when.removeprefix(SLOT)), True
    try:
        naive = parse_datetime(data.get("at", ""))
    except ValueError:
        naive = None
    return (wall_clock(naive.date(), naive.time(), campaign.zone) if naive and not naive.tzinfo else None), False


def filled_in(request: HttpRequest, campaign: Campaign, since: datetime | None) -> dict[str, str]:
    """
    Return what the form has chosen already: what was sent, else the slot or the day (at the same hour, in the morning for what had none)
    onto which it was dropped.
    """
    if request.method == "POST":
        return {"when": request.POST.get("when", ""), "typed": request.POST.get("at", "")}
    local, to = campaign.local(since) if since else None, request.GET.get("to", "")
    try:
        day = parse_date(to) or (local and local.date())
    except ValueError:
        day = local and local.date()
    typed = f"{day:%Y-%m-%d}T{local or MORNING:%H:%M}" if day else ""
    return {"when": f"{SLOT}{to}" if moment_of(to) else "", "typed": typed}


def embargo_of(bulletin: Bulletin, to: str, *, at: datetime) -> dict[str, Any]:
    """Return when a bulletin's embargo ends, if it is not over, and whether it was dropped on a slot or a day before that."""
    if not bulletin.embargo_until or bulletin.embargo_until <= at:
        return {}
    ends = bulletin.campaign.local(bulletin.embargo_until)
    try:
        day = None if moment_of(to) else parse_date(to)
    except ValueError:
        day = None
    moment = moment_of(to)
    is_early = moment < ends if moment else bool(day and day < ends.date())
    return {"embargo_ends": day_and_time(ends), "is_before_embargo": is_early}


def slots_to_move_to(bulletin: Bulletin, moving: Sequence[Target], *, at: datetime) -> list[tuple[str, str]]:
    """Return the slots of these audiences to come, (what the form sends, what it says), the earliest first; one query."""
    campaign = bulletin.campaign
    earliest = max(at, bulletin.embargo_until) if bulletin.embargo_until else at
    first = campaign.local(earliest).date()
    names = {target.audience_id: str(target.audience) for target in moving}
    found: dict[datetime, list[str]] = defaultdict(list)
    of_audience: dict[int, list[Cadence]] = defaultdict(list)
    for cadence in cadences.in_force(list(names), first, first + LOOK_AHEAD):
        of_audience[cadence.audience_id].append(cadence)
    for audience, theirs in of_audience.items():
        for slot, cadence in cadences.next_slots(theirs, after=earliest, urgency=bulletin.urgency):
            if cadence.every != Cadence.Every.IMMEDIATE:
                found[slot].append(names[audience])
    return [
        (f"{SLOT}{slot.isoformat()}", f"{day_and_time(campaign.local(slot))}: {', '.join(whose)}")
        for slot, whose in sorted(found.items())
    ]


def weeks_ahead(today: date) -> list[list[date]]:
    """Return the days of this week and of the weeks after it, Monday first."""
    monday = today - timedelta(days=today.weekday())
    return [[monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(WEEKS_AHEAD)]


def weeks_of(
    campaign: Campaign,
    dates: list[list[date]],
    *,
    month: date | None,
    today: date,
    at: datetime,
    may_move: bool = False,
) -> list[list[Day]]:
    """
    Return weeks with what is on each day; the number of queries is constant. Around the days of a `month` stand those of others; without
    one, days that are past stand around those to come.
    """
    start, end = dates[0][0], dates[-1][-1]
    zone = campaign.zone
    begins = datetime.combine(start, time(0), tzinfo=zone)
    ends = datetime.combine(end + timedelta(days=1), time(0), tzinfo=zone)
    changes = {change.day: change for change in cadences.clock_changes(zone, start, end)}
    on: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries_of(campaign, begins, ends, at=at, may_move=may_move):
        on[entry.at.astimezone(zone).date()].append(entry)
    return [
        [
            Day(
                day,
                day == today,
                day.month != month.month if month else day < today,
                sorted(on[day], key=lambda one: one.at),
                changes.get(day),
            )
            for day in week
        ]
        for week in dates
    ]


def entries_of(
    campaign: Campaign, begins: datetime, ends: datetime, *, at: datetime, may_move: bool = False
) -> list[Entry]:
    """Return everything between two moments: what was sent, what is planned, free slots to come, and what ends."""
    between = (begins, ends - timedelta(microseconds=1))
    taken: set[tuple[int, datetime]] = set()
    found: list[Entry] = []
    sends = Send.objects.chosen().filter(mailing__campaign=campaign, slot_at__range=between)
    sends = sends.select_related("audience", "mailing")
    shown = list(sends.order_by("slot_at", "pk"))
    taken |= {(send.audience_id, send.slot_at) for send in shown}
    found += sent(shown, campaign)
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
    found += [planned(goes_to, moment, may_move and moment > at) for (moment, _key), goes_to in together.items()]
    found += free_slots(campaign, max(begins, at), ends, taken)
    for bulletin in Bulletin.objects.filter(campaign=campaign, embargo_until__range=between):
        assert bulletin.embargo_until is not None
        says = _("Embargo of bulletin %(bulletin)s ends") % {"bulletin": bulletin}
        url = reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
        found.append(Entry(bulletin.embargo_until, "embargo", says, "", url))
    return found + expiring(campaign, between)


def sent(sends: Iterable[Send], campaign: Campaign) -> list[Entry]:
    """Return one entry for each bulletin, roundup or digest and day, however many audiences got it; two queries."""
    together: dict[tuple[date, str, int], list[Send]] = defaultdict(list)
    for send in sends:
        what = ("digest", send.audience_id) if send.mailing.is_digest else ("mailing", send.mailing_id)
        together[campaign.local(send.slot_at).date(), *what].append(send)
    titles = titles_of({send.mailing_id for send in sends if not send.mailing.is_digest})
    found = []
    for group in together.values():
        first = group[0]
        whom = ", ".join(dict.fromkeys(str(send.audience) for send in group))
        says = _("Digest") if first.mailing.is_digest else titles.get(first.mailing_id) or str(first.mailing)
        states = ", ".join(dict.fromkeys(str(send.get_state_display()) for send in group))
        url = reverse("admin:delivery_send_change", args=[first.pk])
        found.append(Entry(first.slot_at, "send", f"{says} → {whom}", states, url))
    return found


def planned(goes_to: list[Target], moment: datetime, may_move: bool) -> Entry:
    """Return a bulletin with all that get it at a moment; a later version is for whoever got the first, and is not moved."""
    bulletin = goes_to[0].bulletin
    audiences = ", ".join(str(target.audience) for target in goes_to)
    says = f"{bulletin}: {title_of(bulletin) or _('no title yet')} → {audiences}"
    url = reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    entry = Entry(moment, "bulletin", says, str(bulletin.get_state_display()), url)
    if may_move and bulletin.version == 1:
        query = {"since": moment.isoformat()}
        entry.move = reverse("admin:bulletins_bulletin_move", args=[bulletin.pk], query=query)
        entry.audiences = [target.audience_id for target in goes_to]
        entry.is_draft = bulletin.state == Bulletin.State.DRAFT
    return entry


def unplanned(campaign: Campaign, *, may_move: bool) -> list[Unplanned]:
    """Return the newest bulletins in the making of which an audience has no time yet, or that have none; three queries."""
    theirs = Target.objects.filter(bulletin=OuterRef("pk"))
    rows = (
        Bulletin.objects.filter(campaign=campaign, state__in=Bulletin.EDITABLE)
        .filter(~Exists(theirs) | Exists(theirs.filter(slot_at=None, at=None)))
        .prefetch_related(
            Prefetch("editions", Edition.objects.only("bulletin", "language", "title")),
            Prefetch("targets", Target.objects.filter(slot_at=None, at=None).select_related("audience").order_by("pk")),
        )
    )
    return [without_time(bulletin, may_move) for bulletin in rows[:MOST_UNPLANNED]]


def without_time(bulletin: Bulletin, may_move: bool) -> Unplanned:
    """Return a bulletin whose `targets` at hand have no time yet; a later version is for whoever got the first, and is not moved."""
    targets = list(bulletin.targets.all())
    timings = dict.fromkeys(str(target.get_timing_display()) for target in targets)
    when = ", ".join(timings) or str(
        _("no recipients yet") if bulletin.version == 1 else _("as soon as it is approved")
    )
    says = f"{bulletin}: {title_of(bulletin) or _('no title yet')}"
    if targets:
        says += f" → {', '.join(str(target.audience) for target in targets)}"
    url = reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]) + "#pane-schedule"
    found = Unplanned(says, when, str(bulletin.get_state_display()), url)
    if may_move and targets and bulletin.version == 1:
        found.move = reverse("admin:bulletins_bulletin_move", args=[bulletin.pk], query={"since": ""})
        found.audiences = [target.audience_id for target in targets]
        found.is_draft = bulletin.state == Bulletin.State.DRAFT
    return found


def titles_of(mailings: set[int]) -> dict[int, str]:
    """Return what some mailings are called, "number: title" in the reader's language, or "Roundup of bulletins …"; two queries."""
    titles: dict[int, dict[str, str]] = defaultdict(dict)
    numbers: dict[int, str] = {}
    editions = PublishedEdition.objects.filter(version__mailing__in=mailings)
    columns = ("version__mailing", "version__bulletin__number", "version__number", "language", "title")
    for mailing, number, version, language, title in editions.values_list(*columns):
        titles[mailing][language], numbers[mailing] = title, f"{number}, v{version}" if version > 1 else f"{number}"
    named = {mailing: f"{numbers[mailing]}: {in_language(found)}" for mailing, found in titles.items()}
    parts: dict[int, list[int]] = defaultdict(list)
    gathered = Mailing.objects.filter(pk__in=mailings, parts__version__isnull=False)
    for mailing, number in gathered.values_list("pk", "parts__version__bulletin__number"):
        parts[mailing].append(number)
    return named | {
        mailing: _("Roundup of bulletins %(numbers)s") % {"numbers": ", ".join(map(str, sorted(found)))}
        for mailing, found in parts.items()
    }


def expiring(campaign: Campaign, between: tuple[datetime, datetime]) -> list[Entry]:
    """Return the key messages that cease to hold, those of one bulletin and day in one entry; one query."""
    messages = KeyMessage.objects.filter(bulletin__campaign=campaign, valid_until__range=between)
    together: dict[tuple[date, int], list[KeyMessage]] = defaultdict(list)
    for message in messages.select_related("bulletin").order_by("valid_until", "position", "pk"):
        assert message.valid_until is not None
        together[campaign.local(message.valid_until).date(), message.bulletin_id].append(message)
    return [ending(group) for group in together.values()]


def ending(group: list[KeyMessage]) -> Entry:
    """Return that key messages of a bulletin cease to hold: by their words where it is one, else by how many they are."""
    first = group[0]
    assert first.valid_until is not None
    if len(group) == 1:
        about = {
            "message": shorten(in_language(first.text), LONGEST, placeholder="…") or _("not written yet"),
            "bulletin": first.bulletin,
        }
        says = _("No longer valid: %(message)s (bulletin %(bulletin)s)") % about
    else:
        says = ngettext(
            "No longer valid: %(n)d key message of bulletin %(bulletin)s",
            "No longer valid: %(n)d key messages of bulletin %(bulletin)s",
            len(group),
        ) % {"n": len(group), "bulletin": first.bulletin}
    url = reverse("admin:bulletins_bulletin_change", args=[first.bulletin_id])
    return Entry(first.valid_until, "expires", says, "", url)


def free_slots(
    campaign: Campaign, begins: datetime, ends: datetime, taken: Iterable[tuple[int, datetime]]
) -> list[Entry]:
    """Return the slots to come that nothing is planned for; one query."""
    if begins >= ends:
        return []
    full = set(taken)
    audiences = list(campaign.audiences.of_people().values_list("pk", flat=True))
    first, last = campaign.local(begins).date(), campaign.local(ends).date()
    found = []
    for cadence in cadences.in_force(audiences, first, last):
        if cadence.every == Cadence.Every.IMMEDIATE:
            continue
        for slot in cadence.next_slots(after=begins, count=31 + 11):
            if slot >= ends:
                break
            if (cadence.audience_id, slot) not in full:
                entry = Entry(slot, "slot", str(cadence.audience), pgettext("slot", "free"))
                entry.audiences = [cadence.audience_id]
                found.append(entry)
    return found
