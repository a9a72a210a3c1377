"""What an approval has set going: what readers have, what is leaving now, and what waits until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from bulletins.approval import eligibility
from bulletins.editing.edition_labels import title_of
from bulletins.models import Bulletin, Version
from bulletins.publication.distribution import Distribution, grouped
from delivery.models import Channel, Send
from delivery.reports.ledger import Row
from delivery.reports.send_progress import progress_of

State = Bulletin.State
DONE, NOW, WAITS, STOPPED = "done", "now", "waits", "stopped"


@dataclass(frozen=True)
class Outcome:
    """One thing that an approval set going: how far it is, what it is, what is to say of it, and where it is seen."""

    state: str
    what: str
    says: str
    address: str = ""

    @property
    def state_in_words(self) -> str:
        """How far it is, in a word."""
        return {DONE: _("Done"), NOW: _("Now"), WAITS: _("Later"), STOPPED: _("Stopped")}[self.state]


def outcomes_of(bulletin: Bulletin, plan: Distribution, *, at: datetime) -> list[Outcome]:
    """Return what an approved or published version has set going, what is done first; six queries at most."""
    if bulletin.state == State.APPROVED:
        return coming(bulletin, plan, at=at)
    if bulletin.state not in {State.PUBLISHED, State.WITHDRAWN}:
        return []
    version = bulletin.versions.order_by("-number").first()
    return [] if version is None else [pages_of(bulletin, version), *mails_of(bulletin, version, at=at)]


def coming(bulletin: Bulletin, plan: Distribution, *, at: datetime) -> list[Outcome]:
    """Return what happens with a version that is approved and not published yet."""
    first = plan.first.due_at(at) if plan.first else at
    says = _("Being published now, within half a minute.") if first <= at else when_of(bulletin, first)
    found = [Outcome(NOW if first <= at else WAITS, _("Portal and public page"), says)]
    for one in plan.departures:
        people = ngettext("%(n)s person by email", "%(n)s people by email", one.people) % {"n": grouped(one.people)}
        moment = one.due_at(at)
        if moment <= at:
            found.append(Outcome(NOW, people, _("Leaving within half a minute. What has left cannot be called back.")))
        else:
            says = _("%(moment)s. It can still be stopped: any edit, or sending it back, cancels this approval.")
            found.append(Outcome(WAITS, people, says % {"moment": when_of(bulletin, moment)}))
    return found


def pages_of(bulletin: Bulletin, version: Version) -> Outcome:
    """Return what readers see."""
    says = _("Published %(moment)s.") % {"moment": when_of(bulletin, version.published_at)}
    if version.is_retracted:
        says = _("The text was removed %(moment)s.") % {"moment": when_of(bulletin, version.published_at)}
    return Outcome(DONE, _("Portal and public page"), says, bulletin.get_absolute_url())


def mails_of(bulletin: Bulletin, version: Version, *, at: datetime) -> list[Outcome]:
    """Return how each send that carries a version is doing, alone or in a roundup; the earliest first."""
    carries = Q(mailing=version.mailing_id) | Q(mailing__parts=version.mailing_id)
    sends = list(Send.objects.chosen().filter(carries).select_related("audience").distinct().order_by("slot_at", "pk"))
    seen: dict[tuple[int, str, bool], Row] = {}
    for line in progress_of(sends, at=at).ledger.rows if sends else ():
        if line.audience is not None:
            row = seen.setdefault((line.audience.pk, line.channel, line.instead), Row())
            for name in ("candidates", "accepted", "failed", "unknown", "suppressed", "to_go"):
                setattr(row, name, getattr(row, name) + getattr(line, name))
    keys = [(send, (send.audience_id, send.channel, send.instead_of_id is not None)) for send in sends]
    return [mail_of(bulletin, send, seen.get(key, Row()), at=at) for send, key in keys]


def mail_of(bulletin: Bulletin, send: Send, row: Row, *, at: datetime) -> Outcome:
    """Return how one send is doing."""
    numbers = {"n": grouped(row.accepted), "of": grouped(row.candidates)}
    what = (
        _("Email to %(audience)s") % {"audience": send.audience}
        if send.channel == Channel.MAIL and not send.instead_of_id
        else _("To %(whom)s") % {"whom": send.whom}
    )
    address = reverse("admin:delivery_send_change", args=[send.pk])
    if send.state == Send.State.PLANNED:
        if send.slot_at <= at:
            return Outcome(NOW, what, _("Starting within half a minute."), address)
        says = _("%(moment)s. It can still be stopped.") % {"moment": when_of(bulletin, send.slot_at)}
        return Outcome(WAITS, what, says, address)
    if send.state == Send.State.SENDING:
        says = _("Leaving now: %(n)s of %(of)s so far. What has left cannot be called back, only corrected.")
        return Outcome(NOW, what, says % numbers, address)
    if send.state == Send.State.FINISHED:
        return Outcome(DONE, what, _("Sent to %(n)s of %(of)s.") % numbers, address)
    says = _("%(state)s: %(n)s of %(of)s have left.")
    return Outcome(STOPPED, what, says % {**numbers, "state": send.get_state_display().capitalize()}, address)


def when_of(bulletin: Bulletin, moment: datetime) -> str:
    """Return a moment in the campaign's zone, as the active language writes it."""
    return date_format(bulletin.campaign.local(moment), "DATETIME_FORMAT")


def waiting_for(user: User, bulletin: Bulletin) -> list[dict[str, Any]]:
    """Return what else in the campaign waits for a user's approval; five queries."""
    if not user.has_perm("bulletins.approve_bulletin"):
        return []
    others = Bulletin.objects.filter(campaign=bulletin.campaign_id, state=State.IN_REVIEW).exclude(pk=bulletin.pk)
    rows = list(others.prefetch_related("editions").order_by("number"))
    who = eligibility.of_each(rows) if rows else {}
    return [{"bulletin": one, "title": title_of(one)} for one in rows if not who[one.pk].why_no_approval(user)]
