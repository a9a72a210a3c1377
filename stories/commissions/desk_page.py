"""What the desk's page of a commission shows: how far it is, the draft, what was agreed, who has which part, payments and the log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import AuditEntry, User
from lib.text.languages.languages import language_heading
from lib.text.numbers.money import money
from stories.models import Commission, Creator

from . import applications, briefs, disclosure, drafts, extensions, rights
from .commission_states import BEFORE_ACCEPTANCE, FROM_ACCEPTANCE_ON, Part, State, may_take, missed_in, part_of, who_can

LOG_SHOWN = 30
WAYMARKS = (
    ("opened", gettext_lazy("Brief"), State.OPEN),
    ("chosen", gettext_lazy("Chosen"), State.CHOSEN),
    ("signed", pgettext_lazy("fee", "Agreed"), State.AGREED),
    ("delivered", gettext_lazy("Draft"), State.DELIVERED),
    ("accepted", gettext_lazy("Accepted"), State.ACCEPTED),
    ("published", gettext_lazy("Published"), State.PUBLISHED),
    ("paid", gettext_lazy("Paid"), State.PAID),
)
# Which waymarks are behind a commission in a state.
BEHIND = {
    State.DRAFT: 0, State.SUBMITTED: 0, State.OPEN: 1, State.CHOSEN: 2, State.AGREED: 3, State.DELIVERED: 4, State.ACCEPTED: 5, State.PUBLISHED: 6, State.PAID: 7,
}  # fmt: skip
LOOKS = {
    State.PAID: "good",
    State.PUBLISHED: "good",
    State.CANCELLED: "bad",
    State.EXPIRED: "bad",
    State.DECLINED: "bad",
}


@dataclass(frozen=True, slots=True)
class Waymark:
    """A stage on the way: its name, whether it is over or the next, and a line about it."""

    name: str
    number: int
    is_done: bool
    is_next: bool
    line: str


def look_of(commission: Commission) -> str:
    """Return which look a commission's state has."""
    return LOOKS.get(State(commission.state), "current")


def log_of(commission: Commission) -> list[AuditEntry]:
    """Return what was written down of a commission, the latest first; one query."""
    rows = AuditEntry.objects.filter(
        subject_type="stories.commission", subject_id=str(commission.pk), verb__startswith="commission."
    )
    return list(rows.select_related("actor").order_by("-at", "-pk")[:LOG_SHOWN])


VERBS = {
    "written": gettext_lazy("brief written"),
    "changed": gettext_lazy("brief changed"),
    "submitted": gettext_lazy("brief submitted"),
    "opened": gettext_lazy("published to creators"),
    "reopened": gettext_lazy("back to a brief in work"),
    "applied": gettext_lazy("application received"),
    "declined": gettext_lazy("a creator declined"),
    "chosen": gettext_lazy("creator chosen"),
    "signed_by_creator": gettext_lazy("signed by the creator"),
    "signed": gettext_lazy("signed for the client"),
    "delivered": gettext_lazy("draft received"),
    "sent_back": gettext_lazy("feedback sent"),
    "accepted": gettext_lazy("work accepted"),
    "published": gettext_lazy("published"),
    "taken_down": gettext_lazy("taken down"),
    "rights_over": gettext_lazy("off the site: its time is over"),
    "extension_asked": gettext_lazy("asked for longer use"),
    "extension_withdrawn": gettext_lazy("longer use not asked for any more"),
    "extension_agreed": gettext_lazy("longer use agreed to by the creator"),
    "extension_declined": gettext_lazy("longer use declined by the creator"),
    "paid": gettext_lazy("payment written down"),
    "payment_taken_back": gettext_lazy("payment taken back"),
    "cancelled": gettext_lazy("cancelled"),
    "expired": gettext_lazy("expired"),
}


def log_lines(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Return the log as people read it: when, what, who, and the fingerprint."""
    return [
        {
            "at": one.at,
            "what": VERBS.get(one.verb.partition(".")[2], one.verb),
            "who": one.actor if one.actor and one.actor.is_staff else None,
            "digest": one.digest[:8],
            "amount": amount_of(one.detail),
        }
        for one in entries
    ]


def amount_of(detail: dict[str, Any]) -> str:
    """Return the amount of a payment as the log has it ("1234.50", "EUR"), as the reader writes it; "" for none."""
    amount, currency = str(detail.get("amount", "")), str(detail.get("currency", ""))
    try:
        return money(Decimal(amount), currency) if amount and currency else amount
    except InvalidOperation:
        return f"{amount} {currency}"


def waymarks(commission: Commission, log: Iterable[AuditEntry]) -> list[Waymark]:
    """Return how far a commission is; the line of a stage that is over says when it was."""
    latest: dict[str, str] = {}
    for entry in log:
        latest.setdefault(
            entry.verb.partition(".")[2], date_format(commission.campaign.local(entry.at), "SHORT_DATE_FORMAT")
        )
    state = State(commission.state)
    has_ended = state in {State.DECLINED, State.EXPIRED, State.CANCELLED}
    behind = BEHIND.get(state, 0)
    if has_ended:
        behind = sum(1 for _verb, _name, mark in WAYMARKS if mark_is_behind(commission, mark))
    found = []
    for number, (verb, name, _mark) in enumerate(WAYMARKS, 1):
        is_done = number <= behind
        line = latest.get(verb, "") if is_done else ""
        found.append(Waymark(str(name), number, is_done, number == behind + 1 and not has_ended, line))
    return found


def mark_is_behind(commission: Commission, mark: str) -> bool:
    """Return whether a commission that ended had come so far."""
    return {
        State.OPEN: commission.opened_at,
        State.CHOSEN: commission.agreed_at,
        State.AGREED: commission.agreed_at,
    }.get(State(mark)) is not None


@dataclass(frozen=True, slots=True)
class PartShown:
    """A part in a commission: what it is called, who has it, who can, whether the reader may, and whether nobody but the reader can."""

    part: str
    name: str
    people: list[User]
    can: list[User]
    is_mine: bool
    may: bool
    needs_me: bool


def parts_of(commission: Commission, user: User) -> list[PartShown]:
    """Return the three parts; eight queries at most, however many people there are."""
    rows = list(commission.parts.select_related("user").order_by("pk"))
    mine = next((row.part for row in rows if row.user_id == user.pk), "")
    found = []
    for part in (Part.ASKS, Part.ACCEPTS, Part.PAYS):
        people = [row.user for row in rows if row.part == part]
        can = [] if people and part == Part.ASKS else who_can(part, commission)
        may, needs_me = may_take(part, user, mine), can == [user] and mine == ""
        found.append(PartShown(part, part.label.capitalize(), people, can, mine == part, may, needs_me))
    return found


def shown(commission: Commission, user: User, *, at: datetime) -> dict[str, Any]:
    """Return what the page shows of a commission to a colleague; a constant number of queries."""
    log = log_of(commission)
    parts = parts_of(commission, user)
    asks, accepts, pays = parts
    every = list(commission.drafts.prefetch_related("files").select_related("feedback_by"))
    agreement = applications.agreement_of(commission)
    asked_longer = list(extensions.extensions_of(commission)) if commission.state in FROM_ACCEPTANCE_ON else []
    is_brief, is_open = commission.state in {State.DRAFT, State.SUBMITTED}, commission.state == State.OPEN
    return {
        "commission": commission,
        "look": look_of(commission),
        "marks": waymarks(commission, log),
        "log": log_lines(log),
        "parts": parts,
        "asks": asks,
        "accepts": accepts,
        "pays": pays,
        "draft": every[-1] if every else None,
        "earlier": every[:-1],
        "rounds_left": max(0, commission.rounds - sum(1 for one in every if one.feedback)),
        "lines": agreement.content["lines"] if agreement else applications.lines_of(commission),
        "agreement": agreement,
        "applications": list(applications_of(commission)),
        "payments": list(commission.payments.select_related("by", "taken_back_by")),
        "faults": list(briefs.faults(commission, at=at)) if is_brief else [],
        "creators": list(creators_to_ask(commission)) if commission.state == State.DRAFT and asks.may else [],
        "may_choose": is_open and asks.may,
        "owed_now": drafts.owed_if_cancelled(commission, at=at),
        "labels": disclosure.table(commission.campaign.language_codes()),
        "label_heads": [language_heading(code) for code in commission.campaign.language_codes()],
        "is_late": commission.state == State.AGREED and commission.deadline <= at,
        "in_use": rights.in_words(commission, at=at) if commission.state in FROM_ACCEPTANCE_ON else "",
        "may_be_used": commission.may_be_used(at=at),
        "extensions": asked_longer,
        "longer": [(str(one), rights.LONGER[one]) for one in extensions.OFFERED],
        "steps": steps_shown(commission, parts, waits=any(one.waits for one in asked_longer), at=at),
    }


# What whoever asks can do in which state, besides cancelling and publishing.
OF_ASKER: dict[str, set[str]] = {
    State.DRAFT: {"edit", "submit"},
    State.SUBMITTED: {"edit"},
    State.CHOSEN: {"sign"},
    State.DELIVERED: {"feedback"},
    State.DECLINED: {"reopen"},
    State.EXPIRED: {"reopen"},
}


def steps_shown(commission: Commission, parts: list[PartShown], *, waits: bool, at: datetime) -> set[str]:
    """Return the names of the steps that the page offers to its reader; `waits` is whether the creator is asked for longer use."""
    asks, accepts, pays = parts
    found = {*steps_of_asker(commission, waits=waits, at=at)} if asks.may else set()
    if accepts.may and not pays.needs_me and commission.state == State.DELIVERED:
        found |= {"accept", "feedback"}
    if pays.may and commission.left > 0:
        found.add("pay")
    if commission.state == State.SUBMITTED and not asks.is_mine and any(one.may for one in (accepts, pays)):
        found.add("open")
    return found


def steps_of_asker(commission: Commission, *, waits: bool, at: datetime) -> set[str]:
    """Return the names of the steps that whoever asks can take now."""
    found = {*OF_ASKER.get(commission.state, ())}
    if commission.state in BEFORE_ACCEPTANCE:
        found.add("cancel")
    elif commission.published_at is not None:
        found.add("take_down")
    elif commission.owed and commission.state != State.CANCELLED and commission.may_be_used(at=at):
        found.add("publish")
    if commission.state in FROM_ACCEPTANCE_ON and rights.has_begun_to_end(commission):
        found.add("withdraw_extension" if waits else "ask_extension")
    return found


def applications_of(commission: Commission) -> Any:
    """Return who applied or was asked, in the order in which they came; one query."""
    return commission.applications.select_related("creator__user").order_by("at", "pk")


def creators_to_ask(commission: Commission) -> Any:
    """Return the creators of the campaign who can be asked, by name; one query."""
    return Creator.objects.filter(campaign=commission.campaign, user__is_active=True).exclude(name="")[:200]


def possible_part(commission: Commission, user: User, parts: Iterable[Part]) -> str:
    """
    Return as what somebody takes a step that two parts may take: the part they have, else the first that they may have, and with which
    somebody else can still take the other; "" for none.
    """
    held_part = part_of(user, commission)
    may = [part for part in parts if may_take(part, user, held_part)]
    if held_part or len(may) < 2:
        return next(iter(may), "")
    return next((part for part in may if not missed_in(commission, part, by=user)), may[0])
