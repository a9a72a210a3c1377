"""The pane in which a bulletin's audiences and times are chosen, in the campaign's own time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bulletins.editing import audience_choices
from bulletins.editor_panes import Pane, View
from bulletins.models import Bulletin, Cadence, NotAllowed, Target
from bulletins.models.cadences import wall_clock
from bulletins.scheduling import cadences as scheduling_cadences
from bulletins.scheduling import tier_stagger
from campaigns.models import Campaign
from delivery.models import Audience
from delivery.recipients.audience_sizes import HeadCount, count_audiences, count_once, count_shared

SLOT = "slot:"
LOOK_AHEAD = timedelta(days=400)


@dataclass
class Option:
    """One way to choose the time of an audience, as the select offers it."""

    value: str
    says: str


@dataclass
class Line:
    """One audience in the pane: who is in it, what is chosen, what can be, and what that means on the clock."""

    audience: Audience
    heads: HeadCount
    chosen: bool
    value: str
    options: list[Option]
    at: str = ""  # for an input of the type datetime-local
    moment: datetime | None = None
    stagger: int = 0  # minutes after the first
    not_offered: int = 0  # slots before the embargo ends
    shares: list[Bulletin] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class SchedulePane(Pane):
    """Audiences and times of a bulletin."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """The pane is loaded and saved at one address."""
        view = require_http_methods(["GET", "HEAD", "POST"])(self.schedule_view)
        return [("<int:pk>/schedule/", view, "schedule")]

    def schedule_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the choice, or save it: 409 when someone else chose meanwhile, 422 when it cannot be."""
        right = "bulletins.change_bulletin" if request.method == "POST" else "bulletins.view_bulletin"
        if not request.user.has_perm(right):
            raise PermissionDenied
        bulletin = get_object_or_404(Bulletin.objects.select_related("campaign"), pk=pk)
        now = timezone.now()
        refusal, status, headers = "", 200, {}
        if request.method == "POST":
            try:
                choices = choices_from(request.POST, bulletin)
                audience_choices.choose(bulletin, choices, seen=request.POST.get("seen", ""), by=request.user, at=now)
            except audience_choices.ChosenMeanwhile as clash:
                refusal, status = str(clash), 409
            except NotAllowed as why:
                refusal, status = str(why), 422
            else:
                headers["HX-Trigger"] = "saved"
                if not getattr(request, "htmx", False):
                    return HttpResponseRedirect(reverse("admin:bulletins_bulletin_change", args=[pk]))
            bulletin.refresh_from_db()
        sent = request.POST if status == 422 else None
        context = {
            **pane_of(bulletin, at=now, sent=sent),
            "refusal": refusal,
            "clash": status == 409,
            "mine": describe_choices(request.POST, bulletin) if status == 409 else [],
            "may_edit": request.user.has_perm("bulletins.change_bulletin") and bulletin.state in Bulletin.EDITABLE,
            "saved": "HX-Trigger" in headers,
        }
        return TemplateResponse(request, "bulletins/scheduling/_schedule.html", context, status=status, headers=headers)


def choices_from(data: Mapping[str, Any], bulletin: Bulletin) -> dict[int, audience_choices.Choice]:
    """Return {audience key: choice} of a sent form. A chosen slot and a chosen time are the same to the domain."""
    zone = bulletin.campaign.zone
    chosen = [key.removeprefix("to-") for key in data if key.startswith("to-")]
    audiences = {str(one.pk): one for one in Audience.objects.of_people().filter(campaign=bulletin.campaign)}
    choices: dict[int, audience_choices.Choice] = {}
    for pk in chosen:
        if pk not in audiences:
            raise NotAllowed(_("Not saved: this audience does not belong to this campaign. Nothing changed."))
        value = data.get(f"when-{pk}", Target.Timing.NEXT_SLOT)
        if value.startswith(SLOT):
            slot = parse_datetime(value.removeprefix(SLOT))
            # A slot is the cadence's own: what is added for later tiers is taken off beforehand.
            at = slot - tier_stagger.stagger(bulletin, audiences[pk]) if slot and slot.tzinfo else None
            choices[int(pk)] = audience_choices.Choice(Target.Timing.AT_TIME, at)
        elif value == Target.Timing.AT_TIME:
            try:
                naive = parse_datetime(data.get(f"at-{pk}", ""))
            except ValueError:
                naive = None
            at = wall_clock(naive.date(), naive.time(), zone) if naive and not naive.tzinfo else None
            choices[int(pk)] = audience_choices.Choice(Target.Timing.AT_TIME, at)
        else:
            choices[int(pk)] = audience_choices.Choice(value)
    return choices


def describe_choices(data: Mapping[str, Any], bulletin: Bulletin) -> list[str]:
    """Return in words what was chosen and refused, so that it can be chosen again."""
    said = []
    audiences = {str(one.pk): one for one in Audience.objects.of_people().filter(campaign=bulletin.campaign)}
    labels = dict(Target.Timing.choices)
    for key in data:
        audience = audiences.get(key.removeprefix("to-")) if key.startswith("to-") else None
        if audience is None:
            continue
        value = data.get(f"when-{audience.pk}", "")
        moment = parse_datetime(value.removeprefix(SLOT)) if value.startswith(SLOT) else None
        when = (
            date_format(bulletin.campaign.local(moment), "SHORT_DATETIME_FORMAT")
            if moment
            else data.get(f"at-{audience.pk}") or str(labels.get(value, ""))
        )
        said.append(f"{audience}: {when}")
    return said


def pane_of(bulletin: Bulletin, *, at: datetime, sent: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what the pane shows; the number of queries does not depend on how much there is."""
    campaign = bulletin.campaign
    audiences = list(campaign.audiences.of_people())
    targets = {target.audience_id: target for target in bulletin.targets.all()}
    heads = count_audiences(audiences, at=at)
    earliest = max(at, bulletin.embargo_until) if bulletin.embargo_until else at
    cadences: dict[int, list[Cadence]] = {}
    today = campaign.local(at).date()
    for cadence in scheduling_cadences.in_force([one.pk for one in audiences], today, today + LOOK_AHEAD):
        cadences.setdefault(cadence.audience_id, []).append(cadence)
    lines = [
        line_of(
            bulletin, audience, targets.get(audience.pk), cadences.get(audience.pk, []), heads[audience.pk],
            earliest=earliest, at=at, sent=sent,
        )
        for audience in audiences
    ]  # fmt: skip
    share_slots(bulletin, lines)
    last = max((line.moment for line in lines if line.chosen and line.moment), default=None)
    changes = scheduling_cadences.clock_changes(campaign.zone, today, campaign.local(last).date()) if last else []
    return {
        "bulletin": bulletin,
        "lines": lines,
        "seen": audience_choices.token_of(targets.values()),
        "now": at,
        "zone": campaign.time_zone,
        "embargo": bulletin.embargo_until if bulletin.embargo_until and bulletin.embargo_until > at else None,
        "clock_changes": changes,
        "people": people_in([one for one, line in zip(audiences, lines, strict=True) if line.chosen], heads, at=at),
        "is_later_version": bulletin.version > 1,
    }


def people_in(audiences: Iterable[Audience], heads: Mapping[int, HeadCount], *, at: datetime) -> int:
    """Return how many people audiences have together, each counted once; one query, or none."""
    chosen = list(audiences)
    shared = count_shared({one.pk: heads[one.pk] for one in chosen}, at=at)
    return sum(one.total for one in count_once(chosen, heads, shared).values())


def line_of(
    bulletin: Bulletin,
    audience: Audience,
    target: Target | None,
    cadences: Iterable[Cadence],
    heads: HeadCount,
    *,
    earliest: datetime,
    at: datetime,
    sent: Mapping[str, Any] | None,
) -> Line:
    """Return an audience with what can be chosen and what is; no query."""
    turn = tier_stagger.stagger(bulletin, audience)
    slots = scheduling_cadences.next_slots(cadences, after=earliest, urgency=bulletin.urgency)
    missed = [
        slot
        for slot, _one in scheduling_cadences.next_slots(cadences, after=at, urgency=bulletin.urgency)
        if slot < earliest
    ]
    planned = [slot for slot, cadence in slots if cadence.every != Cadence.Every.IMMEDIATE]
    line = Line(
        audience,
        heads,
        target is not None,
        Target.Timing.NEXT_SLOT.value if slots else Target.Timing.AT_ONCE.value,
        options_of(bulletin.campaign, slots, planned),
        stagger=int(turn.total_seconds() // 60),
        not_offered=len(missed),
    )
    if target is not None:
        next_slot = slots[0][0] if slots else None
        fill_chosen(line, target, turn, next_slot, planned, earliest=earliest if earliest > at else None)
    if sent is not None:
        line.chosen = f"to-{audience.pk}" in sent
        line.value = sent.get(f"when-{audience.pk}", line.value)
        line.at = sent.get(f"at-{audience.pk}", line.at)
    of_slot = next((cadence for slot, cadence in slots if slot == line.moment), None)
    line.notes = notes_of(line, of_slot)
    return line


def options_of(
    campaign: Campaign, slots: Sequence[tuple[datetime, Cadence]], planned: Iterable[datetime]
) -> list[Option]:
    """Return the times that can be chosen; `planned` are those of `slots` that do not come at once."""
    options = [Option(Target.Timing.AT_ONCE, _("as soon as it is approved"))]
    if slots:
        first = date_format(campaign.local(slots[0][0]), "SHORT_DATETIME_FORMAT")
        options.append(Option(Target.Timing.NEXT_SLOT, _("in the next slot: %(time)s") % {"time": first}))
    options += [
        Option(f"{SLOT}{slot.isoformat()}", _("slot on %(time)s") % {"time": day_and_time(campaign.local(slot))})
        for slot in planned
    ]
    return [*options, Option(Target.Timing.AT_TIME, _("at a time I choose"))]


def fill_chosen(
    line: Line,
    target: Target,
    turn: timedelta,
    next_slot: datetime | None,
    planned: Iterable[datetime],
    *,
    earliest: datetime | None,
) -> None:
    """Put what is chosen into a line; `earliest` is None when it may go now."""
    line.value = target.timing
    if target.timing == Target.Timing.NEXT_SLOT:
        line.moment = target.slot_at or next_slot
        if next_slot is None:
            line.options.insert(1, Option(target.timing, _("in the next slot, but none is scheduled")))
    elif target.timing == Target.Timing.AT_TIME and target.at:
        line.moment = target.at + turn
        line.at = f"{target.bulletin.campaign.local(target.at):%Y-%m-%dT%H:%M}"
        line.value = next((f"{SLOT}{slot.isoformat()}" for slot in planned if slot == line.moment), line.value)
    elif earliest is not None:
        line.moment = earliest + turn


def notes_of(line: Line, cadence: Cadence | None) -> list[str]:
    """Return what is to be known of a line's time; `cadence` is that of its slot."""
    notes = []
    if line.moment and cadence and (why := cadence.explain(line.moment)):
        notes.append(why)
    if line.not_offered:
        notes.append(
            ngettext(
                "%(n)d slot before the embargo ends is not offered.",
                "%(n)d slots before the embargo ends are not offered.",
                line.not_offered,
            )
            % {"n": line.not_offered}
        )
    if line.stagger and not line.value.startswith((SLOT, Target.Timing.NEXT_SLOT)):
        notes.append(
            ngettext(
                "%(audience)s gets it %(n)d minute after the first.",
                "%(audience)s gets it %(n)d minutes after the first.",
                line.stagger,
            )
            % {"audience": line.audience, "n": line.stagger}
        )
    return notes


def day_and_time(local: datetime) -> str:
    """Return a local moment with its weekday, as the user's language writes it."""
    return f"{date_format(local, 'D')} {date_format(local, 'SHORT_DATETIME_FORMAT')}"


def share_slots(bulletin: Bulletin, lines: list[Line]) -> None:
    """Note on each line which other bulletins leave in the same slot: they become one roundup. One query."""
    moments = {line.moment for line in lines if line.chosen and line.moment}
    others = (
        Target.objects.filter(
            audience__in=[line.audience.pk for line in lines if line.chosen],
            slot_at__in=moments,
            bulletin__state__in=Bulletin.REVIEWED,
            bulletin__version=1,
        )
        .exclude(bulletin=bulletin)
        .select_related("bulletin")
        .order_by("bulletin__number")
    )
    by_slot: dict[tuple[int, datetime | None], list[Bulletin]] = {}
    for target in others:
        by_slot.setdefault((target.audience_id, target.slot_at), []).append(target.bulletin)
    for line in lines:
        line.shares = by_slot.get((line.audience.pk, line.moment), []) if line.chosen else []
