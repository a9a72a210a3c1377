"""The signs of health on Today: of the sends of the last day, and of the processes beside them."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.models import Campaign
from delivery.models import ProviderEvent, Pulse, Send
from delivery.models.processes import RETENTION
from delivery.reports.ledger import Row
from delivery.reports.send_progress import current_kinds
from lib.text.dates.durations import time_since

TICK_LATE = timedelta(minutes=2)
DAY = timedelta(hours=24)


@dataclass
class HealthSign:
    """One sign of health: in order or to look at."""

    well: bool
    name: str
    detail: str
    value: str
    address: str = ""  # of the page where something can be done about it
    permission: str = ""  # to open that page, where not everybody who sees the sign may


def health(campaign: Campaign, *, at: datetime) -> list[HealthSign]:
    """Return the signs of health: of the sends of the last 24 hours, and of what works beside them; five queries."""
    return [*signs_of_sends(campaign, at=at), *signs_of_processes(at=at)]


def signs_of_sends(campaign: Campaign, *, at: datetime) -> list[HealthSign]:
    """Return the signs of health of the sends of the last 24 hours; three queries."""
    recent = Send.objects.filter(
        Q(fanned_out_at__gte=at - DAY) | Q(state__in=["sending", "paused", "held"]), mailing__campaign=campaign
    ).in_bulk()
    rows = {pk: Row() for pk in recent}
    total = Row()
    for pk, _language, state, _code, _receipt, people, *_others in current_kinds(recent.values(), at=at):
        rows[pk].add(state, people)
        total.add(state, people)
    doubtful = min((pk for pk, row in rows.items() if row.unknown), default=None)
    waiting = (recent[pk] for pk, row in rows.items() if row.to_go and recent[pk].state == Send.State.SENDING)
    oldest = min((send.slot_at for send in waiting), default=None)
    share = total.accepted / total.candidates if total.candidates else 1.0
    return [
        HealthSign(
            total.failed <= total.candidates * 0.02,
            _("Accepted by receiving servers"),
            _("%(accepted)s of %(all)s, %(failed)s failed")
            % {"accepted": total.accepted, "all": total.candidates, "failed": total.failed},
            f"{share:.1%}" if total.candidates else "–",
        ),
        HealthSign(not total.deferred, _("Deferred"), _("Will be tried again"), str(total.deferred)),
        HealthSign(
            not total.unknown,
            pgettext("ledger", "Unknown"),
            _("Handed over, no reply. Never sent again without your decision"),
            str(total.unknown),
            reverse("admin:delivery_send_change", args=[doubtful]) if doubtful else "",
        ),
        HealthSign(
            oldest is None or at - oldest < timedelta(minutes=15),
            _("Oldest waiting"),
            _("Since its slot, among sends in progress"),
            time_since(oldest, at=at) if oldest else _("none waiting"),
        ),
    ]


def signs_of_processes(*, at: datetime) -> list[HealthSign]:
    """Return the signs of health of what works beside the sends; two queries."""
    signs = {one.name: one for one in Pulse.objects.filter(name__in=["tick", RETENTION])}
    tick = signs.get("tick")
    late = max(json.loads(signs[RETENTION].detail or "{}").values(), default=0) if RETENTION in signs else 0
    beating = tick is not None and at - tick.at < TICK_LATE
    complaints = ProviderEvent.objects.for_a_person().count()
    return [
        HealthSign(
            beating,
            _("Last scheduler run"),
            _("It plans sends and starts the workers")
            if beating
            else _("Nothing is planned or sent without it. Start beat and a worker"),
            _("%(time)s ago") % {"time": time_since(tick.at, at=at)} if tick else _("never"),
            reverse("admin:delivery_hostprocess_changelist"),
            "delivery.view_hostprocess",
        ),
        HealthSign(
            not complaints,
            _("Complaints to decide"),
            _("They came by email, so an administrator decides whether to believe them"),
            str(complaints),
            reverse("admin:delivery_providerevent_changelist", query={"to_decide": "yes"}) if complaints else "",
        ),
        HealthSign(
            late < DAY.total_seconds(),
            _("Retention"),
            _("Deletes what has been kept long enough"),
            _("%(time)s behind") % {"time": time_since(at - timedelta(seconds=late), at=at)}
            if late
            else _("up to date"),
        ),
    ]
