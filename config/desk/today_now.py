"""What stands under “Now” on Today and waits for somebody: urgent first, then overdue, then unassigned; of equals the oldest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from bulletins.assignment import assignable
from bulletins.models import Bulletin, MessageInput
from factcheck.models import Claim
from lib.text.dates.durations import span

SHOWN = 8  # of all that waits now; the rest stands under its own heading
Freed = dict[tuple[str, int], datetime]  # of (kind, key): when somebody left it for whoever is next
SOON = timedelta(hours=2)  # a bulletin that leaves sooner than this is read now


@dataclass(frozen=True)
class Waiting:
    """
    One thing that waits for somebody now. `marks` say why, with its age (`is_urgent` has a mark of its own); `since` is when
    it began to wait, if that is known; `source` is what it was made from. `step` is what the button says, and `take` the
    address to which whoever takes it posts.
    """

    source: Any
    kind: str
    title: str
    address: str
    step: str
    detail: str = ""
    language: str = ""
    marks: list[str] = field(default_factory=list)
    since: datetime | None = None
    is_urgent: bool = False
    is_overdue: bool = False
    is_unassigned: bool = False
    is_mine: bool = False
    take: str = ""
    needs: str = ""  # the permission to take it

    def rank(self, *, at: datetime) -> tuple[bool, bool, bool, datetime]:
        """Return what it is ordered by: smallest first."""
        return not self.is_urgent, not self.is_overdue, not self.is_unassigned, self.since or at


def in_order(waiting: Iterable[Waiting], *, at: datetime) -> list[Waiting]:
    """Return what waits now in the order in which somebody should turn to it, as much as is shown."""
    return sorted(waiting, key=lambda one: one.rank(at=at))[:SHOWN]


def of_today(context: dict[str, Any], *, by: User, at: datetime) -> list[Waiting]:
    """Return what of all that Today shows to somebody waits for them now, with what they may take; no query."""
    freed = context.get("freed", {})
    found = [
        *of_inputs(context.get("inputs", []), freed, at=at),
        *of_reviews(context.get("mine", []), context.get("to_sign", []), at=at),
        *of_bulletins(context.get("board", []), freed, at=at),
        *of_late_words(context.get("late_words", []), at=at),
        *of_questions(context.get("questions", []), at=at),
        *of_sends(context.get("live", {}), at=at),
        *of_claims(context.get("facts", {}).get("rising", []), freed, at=at),
        *of_harassment(context.get("talks", {}), at=at),
    ]
    return [one if not one.take or by.has_perm(one.needs) else replace(one, take="") for one in in_order(found, at=at)]


def to_take(kind: str, row: Any) -> dict[str, str]:
    """Return where to post to take what nobody has, and what that needs; nothing for what somebody has."""
    if row.taken_by is not None:
        return {}
    found = assignable.get(kind)
    return {"take": reverse("admin:assign", args=[row.pk, kind]), "needs": found.permission if found else ""}


def unassigned(since: datetime, *, at: datetime) -> str:
    """Return in words for how long nobody has had something."""
    return _("Unassigned for %(time)s") % {"time": span(since, at=at)}


def detail_of(one: MessageInput) -> str:
    """Return whose submission it is, and of which one it is an update, with the bulletins that were made of that."""
    return f"{one.authority}. {one.as_update()}" if one.replaces else str(one.authority)


def of_inputs(inputs: Iterable[tuple[MessageInput, str]], freed: Freed, *, at: datetime) -> Iterator[Waiting]:
    """Yield the submissions that are urgent or that nobody has."""
    for one, _since in inputs:
        is_free = one.taken_by is None
        if not is_free and one.urgency != "urgent":
            continue
        since = span(one.received_at, at=at)
        has_it = _("%(who)s has it") % {"who": one.taken_by}
        yield Waiting(
            one,
            _("Submission"),
            one.title,
            reverse("admin:bulletins_messageinput_change", args=[one.pk]),
            _("Open"),
            detail=detail_of(one),
            language=one.language,
            marks=[unassigned(freed.get(("input", one.pk), one.received_at), at=at)] if is_free else [since, has_it],
            since=one.received_at,
            is_urgent=one.urgency == "urgent",
            is_unassigned=is_free,
            **to_take("input", one),
        )


def of_reviews(mine: Iterable[Any], to_sign: Iterable[Any], *, at: datetime) -> Iterator[Waiting]:
    """Yield the bulletins that wait for this person's approval or sign-off and are urgent, or leave soon or should have."""
    steps = [(ticket, _("Approval"), _("Read and approve")) for ticket in mine]
    steps += [(ticket, _("Sign-off"), _("Read and sign off")) for ticket in to_sign]
    for ticket, kind, step in steps:
        bulletin = ticket.bulletin
        is_urgent = bulletin.urgency == "urgent"
        if not is_urgent and (ticket.slot is None or ticket.slot - at > SOON):
            continue
        is_overdue = ticket.slot is not None and ticket.slot < at
        marks = []
        if is_overdue:
            marks.append(_("Overdue by %(time)s") % {"time": span(ticket.slot, at=at)})
        elif ticket.slot:
            marks.append(_("Leaves %(wait)s") % {"wait": ticket.wait})
        if bulletin.submitted_at:
            marks.append(_("Submitted %(time)s ago") % {"time": span(bulletin.submitted_at, at=at)})
        yield Waiting(
            ticket,
            kind,
            f"{bulletin}: {ticket.title}",
            reverse("admin:bulletins_bulletin_read", args=[bulletin.pk]),
            step,
            marks=marks,
            since=bulletin.submitted_at,
            is_urgent=is_urgent,
            is_overdue=is_overdue,
            is_mine=True,
        )


def of_bulletins(board: Iterable[Any], freed: Freed, *, at: datetime) -> Iterator[Waiting]:
    """Yield the drafts on the board that nobody has."""
    for ticket in (ticket for stage in board for ticket in stage.tickets):
        bulletin = ticket.bulletin
        if bulletin.state == Bulletin.State.DRAFT and bulletin.taken_by is None:
            yield Waiting(
                ticket,
                _("Bulletin"),
                f"{bulletin}: {ticket.title or _('no title yet')}",
                reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]),
                _("Open"),
                marks=[unassigned(freed.get(("bulletin", bulletin.pk), bulletin.created_at), at=at)],
                since=bulletin.created_at,
                is_urgent=bulletin.urgency == "urgent",
                is_unassigned=True,
                **to_take("bulletin", bulletin),
            )


def of_late_words(late: Iterable[Any], *, at: datetime) -> Iterator[Waiting]:
    """Yield the bulletins that promised more by now, after which nothing has come."""
    for version, title in late:
        bulletin = version.bulletin
        yield Waiting(
            version,
            _("Bulletin"),
            f"{bulletin}: {title}",
            reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]),
            _("Open"),
            detail=_("Readers were told that more comes."),
            marks=[_("Overdue by %(time)s") % {"time": span(version.next_word_at, at=at)}, *who_has(bulletin)],
            since=version.next_word_at,
            is_urgent=bulletin.urgency == "urgent",
            is_overdue=True,
            is_unassigned=bulletin.taken_by is None,
        )


def of_questions(questions: Iterable[tuple[Any, str, bool]], *, at: datetime) -> Iterator[Waiting]:
    """Yield the questions whose deadline has passed."""
    for group, _since, is_late in questions:
        if is_late:
            asked = ngettext("asked once", "asked %(n)d times", group.asked) % {"n": group.asked}
            yield Waiting(
                group,
                pgettext("heading", "Question"),
                str(group),
                reverse("admin:questions_questiongroup_change", args=[group.pk]),
                _("Open"),
                detail=f"{group.authority}, {asked}" if group.authority else asked,
                marks=[_("Overdue by %(time)s") % {"time": span(group.answer_by, at=at)}, *who_has(group)],
                since=group.answer_by,
                is_overdue=True,
                is_unassigned=group.taken_by is None,
                **to_take("question", group),
            )


def who_has(row: Any) -> list[str]:
    """Return in words who has something, or that nobody has."""
    return [_("%(who)s has it") % {"who": row.taken_by}] if row.taken_by else [pgettext("mark", "Unassigned")]


def of_sends(live: dict[str, Any], *, at: datetime) -> Iterator[Waiting]:
    """Yield the sends that stand still until somebody decides."""
    for send in live.get("moving", []):
        if send.state in {"paused", "held"}:
            yield Waiting(
                send,
                pgettext("heading", "Send"),
                live["title"],
                reverse("admin:delivery_send_change", args=[send.pk]),
                _("Open"),
                detail=send.whom,
                marks=[
                    send.get_state_display().capitalize(),
                    _("Overdue by %(time)s") % {"time": span(send.slot_at, at=at)},
                ],
                since=send.slot_at,
                is_overdue=True,
            )


def of_claims(rising: Iterable[Any], freed: Freed, *, at: datetime) -> Iterator[Waiting]:
    """Yield the claims that spread while nobody checks them."""
    for one in rising:
        claim = one.claim
        if claim is None or one.narrative is not None or claim.status != Claim.Status.OPEN:
            continue
        seen = ngettext("seen on %(n)d channel since yesterday", "seen on %(n)d channels since yesterday", one.channels)
        yield Waiting(
            one,
            _("Claim"),
            str(claim),
            reverse("admin:factcheck_claim_change", args=[claim.pk]),
            _("Open"),
            detail=seen % {"n": one.channels},
            marks=[unassigned(freed.get(("claim", claim.pk), claim.created_at), at=at)],
            since=claim.created_at,
            is_unassigned=True,
        )


def of_harassment(talks: dict[str, Any], *, at: datetime) -> Iterator[Waiting]:
    """Yield the reports of harassment that are open, as one."""
    if count := talks.get("harassed"):
        says = ngettext("%(n)d harassment report is open.", "%(n)d harassment reports are open.", count)
        since = talks["harassed_since"]
        yield Waiting(
            None,
            _("Influencers"),
            says % {"n": count},
            reverse("admin:influencers_harassment_changelist", query={"closed_at__isempty": "1"}),
            _("Open"),
            marks=[_("Oldest %(time)s ago") % {"time": span(since, at=at)}],
            since=since,
            is_urgent=True,
        )
