"""What Today shows: what waits, what goes out next, and how the current send is doing."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    When,
    prefetch_related_objects,
)
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import row_scopes
from accounts.models import HeldChange, User
from bulletins.approval import eligibility
from bulletins.assignment import assignable, assignments, shifts
from bulletins.editing.edition_labels import title_of
from bulletins.editing.translation.translation_status import Mark, editions_in_short, marks_of
from bulletins.models import Bulletin, LateEdition, MessageInput, Review, Version
from bulletins.publication import distribution
from bulletins.reader_view import next_words
from bulletins.scheduling import upcoming_sends
from campaigns import pending_work
from campaigns.models import Campaign, CustomText
from campaigns.pending_work import PendingWork
from campaigns.site_languages import words_page
from campaigns.site_languages.words import progress_of_all
from delivery.recipients.audience_sizes import HeadCount, count_audiences
from factcheck.models import Claim, ClaimVersion
from factcheck.spread import trending
from influencers.models import Harassment, Influencer, Thread
from influencers.recall import recall_progress
from lib.text.dates.durations import time_since, wait_until
from lib.text.languages.languages import language_heading, language_name
from questions import deadlines, intake, question_groups
from questions.models import Question, QuestionGroup

from . import today_now
from .health_signs import health
from .shared_parts import shared_part
from .today_sends import coming_of, live_send

ROWS = 6
ON_BOARD = 5  # bulletins of each stage
SENDS_SHOWN = 12
APPROVERS_SHOWN = 4
DAY = timedelta(hours=24)
Purpose = CustomText.Purpose
# On which page custom text are agreed to: that of the thing that they are about, or of all that wait.
AGREED_ON = {
    Purpose.CLAIM_ENDED: "admin:factcheck_claim_change",
    Purpose.ANSWER_WITHDRAWN: "admin:questions_answer_change",
    Purpose.QUESTION_DECLINED: "admin:questions_questiongroup_change",
    Purpose.INVITATION: "admin:influencers_invitation_waiting",
}


@dataclass
class Ticket:
    """
    A bulletin on the board: its title, how far each language is, and its first slot. `at_once`: it, or a part of it, leaves as
    soon as it is approved; `slot` is then when the rest does, None when there is no rest. One in review that this user cannot
    approve says why not, and who can; one that they can says how many it `goes` to first, and when, and how many get it `further` on.
    """

    bulletin: Bulletin
    title: str
    marks: list[Mark]
    slot: datetime | None
    wait: str = ""
    at_once: bool = False
    why_not: str = ""
    approvers: list[User] = field(default_factory=list)
    goes: str = ""
    further: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """One column of the board: its first bulletins, and how many it has in all."""

    name: str
    value: str
    count: int = 0
    tickets: list[Ticket] = field(default_factory=list)


def today_context(request: HttpRequest, *, anew: bool = True) -> dict[str, Any]:
    """
    Return all that Today shows to this user; a constant number of queries, however much there is. What is the same for all who
    may see it is made `anew`, or taken as it was seconds ago.
    """
    from influencers.onboarding import (
        admin,  # the desk's pages register themselves with the site that imports this module
    )

    campaign: Campaign | None = getattr(request, "campaign", None)
    user, now = request.user, timezone.now()
    assert isinstance(user, User)
    if campaign is None:
        return {"now": now, "has_campaign": False} | translations_of(user)
    prefetch_related_objects([campaign], "languages")
    languages = [language.code for language in campaign.languages.all()]
    sees_bulletins = user.has_perm("bulletins.view_bulletin")
    sees_sends = user.has_perm("delivery.view_send")

    def shared[Part](name: str, make: Callable[[], Part]) -> Part:
        return shared_part(f"today-{name}", campaign.pk, make, anew=anew)

    context: dict[str, Any] = {"now": now, "has_campaign": True, "desk_campaign": campaign, "codes": languages}
    context |= translations_of(user)
    if sees_bulletins:
        context |= bulletins_of(campaign, user, languages, at=now)
        context["late_words"] = shared("late-words", lambda: late_words_of(campaign, at=now))
    if user.has_perm("bulletins.view_messageinput"):
        context |= shared("inputs", lambda: inputs_of(campaign, at=now))
    if user.has_perm("questions.view_questiongroup"):
        context |= shared("questions", lambda: open_questions(campaign, at=now))
    if sees_sends:
        live, vitals = shared("sends", lambda: (live_send(campaign, at=now), health(campaign, at=now)))
        live = {**live, "may_control": user.has_perm("delivery.control_send")}
        signs = [
            one if not one.permission or user.has_perm(one.permission) else replace(one, address="") for one in vitals
        ]
        context |= {"shows_sends": True, "live": live, "vitals": signs}
    if user.has_perm("factcheck.view_claim"):
        context |= {"shows_facts": True, "facts": facts_of(campaign, user, at=now)}
        context["facts"]["rising"] = shared("rising", lambda: trending.rising(campaign, at=now)[:ROWS])
        parts = ("mine", "ready", "review_count", "open_count", "due", "rising")
        context["facts_to_show"] = any(context["facts"].get(part) for part in parts)
    if user.has_perm("influencers.view_recall"):
        context["recalls"] = shared("recalls", lambda: recall_progress.on_today(campaign, at=now))
    if user.has_perm("influencers.view_thread"):
        context |= {"talks": conversations_of(campaign, user)}
    context["yeses"] = pending_approvals(campaign, user, invitations=admin.may_agree(request), at=now)
    context |= shift_of(campaign, user)
    context["freed"] = shared("freed", lambda: shifts.freed_at(campaign))
    context["urgent_now"] = today_now.of_today(context, by=user, at=now)
    return context | apart_from(context["urgent_now"], context) | {"folded": folded(context)}


def translations_of(user: User) -> dict[str, Any]:
    """Return how far each added language is, for whoever translates the site's words and sees no bulletins; two queries."""
    if not user.has_perm(words_page.MAY) or user.has_perm("bulletins.view_bulletin"):
        return {}
    rows = progress_of_all()
    return {
        "translates": True,
        "to_translate": [(one, language_heading(one.code), of - done) for one, done, of in rows],
    }


def shift_of(campaign: Campaign, user: User) -> dict[str, Any]:
    """Return what somebody has, and the shifts that they can take over; nine queries at most."""
    if not any(kind.is_done_by(user) for kind in assignable.registered()):
        return {}
    held = list(assignments.held_by(user, campaign))
    return {
        "works_in_shifts": True,
        "held": held[:ROWS],
        "held_count": len(held),
        "handovers": list(shifts.waiting_for(user, campaign)[:ROWS]),
    }


def apart_from(now: list[today_now.Waiting], context: dict[str, Any]) -> dict[str, Any]:
    """Return what stands under its own heading because it is not among what waits `now`."""
    shown = {id(one.source) for one in now}
    later = {
        "mine_later": [one for one in context.get("mine", []) if id(one) not in shown],
        "to_sign_later": [one for one in context.get("to_sign", []) if id(one) not in shown],
        "inputs_later": [row for row in context.get("inputs", []) if id(row[0]) not in shown],
    }
    beside = (
        *later.values(),
        *(context.get("others"), context.get("asked_back"), context["yeses"]),
        context.get("talks", {}).get("waiting"),
        context.get("mine_count", 0) > len(context.get("mine", [])),
        context.get("inputs_count", 0) > len(context.get("inputs", [])),
    )
    questions = [row for row in context.get("questions", []) if id(row[0]) not in shown]
    return later | {"questions_later": questions, "stands_beside": any(beside)}


def folded(context: dict[str, Any]) -> list[str]:
    """Return for each part of Today that has nothing in it what is said instead, all of it on one line."""
    facts, signs = context.get("facts", {}), context.get("vitals", [])
    nothing_to_check = facts.get("checks") and not (facts["mine"] or facts["ready"] or facts["review_count"])
    empty = [
        (not (context.get("mine") or context.get("to_sign") or context["yeses"]), "mine", _("Nothing to approve")),
        (not (context.get("inputs") or context.get("asked_back")), "inputs", _("No submissions waiting")),
        (
            not context.get("questions_count") and not context.get("questions_to_group"),
            "questions",
            _("No unanswered questions"),
        ),
        (not context.get("coming"), "coming", _("No sends planned")),
        (not context.get("live", {}).get("sends"), "live", _("Nothing sent yet in this campaign")),
        (nothing_to_check, "facts", _("No verdict to confirm or publish")),
        (nothing_to_check and not facts["open_count"], "facts", _("No open reports")),
        (not facts.get("rising"), "facts", _("No narrative is rising")),
        (all(one.well for one in signs), "vitals", _("Delivery is in order")),
    ]
    return [words for is_so, part, words in empty if is_so and part in context]


def late_words_of(campaign: Campaign, *, at: datetime) -> list[tuple[Version, str]]:
    """Return the versions that promised more by now, after which nothing has come, with their titles; two queries at most."""
    late = next_words.late(at=at, campaign=campaign).select_related("bulletin__taken_by")
    rows = list(late.prefetch_related(Prefetch("bulletin__editions", editions_in_short().queryset))[:ROWS])
    return [(one, title_of(one.bulletin)) for one in rows]


def inputs_of(campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """Return the submissions that wait, and those that wait for their authority; four queries."""
    waiting = MessageInput.objects.waiting().filter(campaign=campaign)
    most_urgent = Case(When(urgency="urgent", then=0), default=1)
    in_order = waiting.order_by(most_urgent, F("taken_by").asc(nulls_first=True), "received_at")
    inputs = list(
        in_order.select_related("authority", "taken_by", "replaces").prefetch_related("replaces__bulletins")[:ROWS]
    )
    asked_back = MessageInput.objects.filter(campaign=campaign, state=MessageInput.State.RETURNED)
    return {
        "shows_inputs": True,
        "inputs": [(one, time_since(one.received_at, at=at)) for one in inputs],
        "inputs_count": waiting.count(),
        "asked_back": list(asked_back.select_related("authority", "taken_by").order_by("received_at")[:ROWS]),
    }


def pending_approvals(campaign: Campaign, user: User, *, invitations: bool, at: datetime) -> list[PendingWork]:
    """
    Return what besides bulletins waits for a second person and may have this user's yes: editions that follow in a further
    language, custom text, invitations and changes of accounts that someone else asked for, in three queries at most; and what other apps
    say.
    """
    found = late_editions_of(campaign, user) if user.has_perm("bulletins.approve_bulletin") else []
    may = {
        Purpose.CLAIM_ENDED: user.has_perm("factcheck.change_claim"),
        Purpose.ANSWER_WITHDRAWN: user.has_perm("questions.approve_answer"),
        Purpose.QUESTION_DECLINED: user.has_perm("questions.approve_answer"),
        Purpose.INVITATION: invitations,
    }
    purposes = [purpose for purpose, is_so in may.items() if is_so]
    if purposes:
        waiting = CustomText.objects.filter(campaign=campaign, purpose__in=purposes, agreed_at=None, dropped_at=None)
        rows = waiting.exclude(proposed_by=user).order_by("purpose").values_list("purpose")
        for purpose, count, first in rows.annotate(Count("pk"), Min("subject_id")):
            address = reverse(AGREED_ON[Purpose(purpose)], args=[first] if first else [])
            found.append(PendingWork(describe_pending(purpose, count), address))
    if user.has_perm("accounts.change_heldchange"):
        held = row_scopes.visible(HeldChange.objects.all(), user).exclude(asked_by=user).exclude(user=user).count()
        if held:
            says = ngettext("%(n)d account change needs approval.", "%(n)d account changes need approval.", held)
            found.append(PendingWork(says % {"n": held}, reverse("admin:accounts_heldchange_changelist")))
    return found + pending_work.waiting_for(campaign, user, at=at)


def late_editions_of(campaign: Campaign, user: User) -> list[PendingWork]:
    """Return the editions of published bulletins that follow in a further language, wait for approval, and are not this user's."""
    waiting = LateEdition.objects.filter(version__bulletin__campaign=campaign, state=LateEdition.State.IN_REVIEW)
    rows = waiting.order_by("changed_at").values_list(
        "version__bulletin", "version__bulletin__number", "language", "written_by"
    )
    return [
        PendingWork(
            _("Bulletin %(number)d in one more language needs approval: %(language)s.")
            % {"number": number, "language": language_name(language)},
            reverse("admin:bulletins_bulletin_later", args=[key, language]),
        )
        for key, number, language, written_by in rows[:ROWS]
        if user.pk not in written_by
    ]


def describe_pending(purpose: str, count: int) -> str:
    """Return how many custom text of a purpose wait for a second person."""
    says = {
        Purpose.CLAIM_ENDED: ngettext(
            "Custom text about %(n)d fact-check needs approval.",
            "Custom texts about %(n)d fact-checks need approval.",
            count,
        ),
        Purpose.ANSWER_WITHDRAWN: ngettext(
            "Custom text about %(n)d withdrawn answer needs approval.",
            "Custom texts about %(n)d withdrawn answers need approval.",
            count,
        ),
        Purpose.QUESTION_DECLINED: ngettext(
            "Custom text about %(n)d declined question needs approval.",
            "Custom texts about %(n)d declined questions need approval.",
            count,
        ),
        Purpose.INVITATION: ngettext(
            "%(n)d batch of invitations needs approval.", "%(n)d batches of invitations need approval.", count
        ),
    }
    return says[Purpose(purpose)] % {"n": count}


def conversations_of(campaign: Campaign, user: User) -> dict[str, Any]:
    """Return how many influencers wait for a reply, how many reports of harassment are open and since when; at most two queries."""
    waiting = Thread.objects.filter(influencer__campaign=campaign, waiting_since__isnull=False)
    harassed = Harassment.objects.filter(influencer__campaign=campaign, closed_at=None)
    reports = harassed.aggregate(n=Count("pk"), since=Min("at")) if user.has_perm("influencers.view_harassment") else {}
    return {
        "waiting": waiting.exclude(influencer__state=Influencer.State.ERASED).count(),
        "harassed": reports.get("n", 0),
        "harassed_since": reports.get("since"),
    }


def facts_of(campaign: Campaign, user: User, *, at: datetime) -> dict[str, Any]:
    """Return for fact-checkers what waits for them; at most five queries."""
    if not user.has_perm("factcheck.change_claim"):
        return {}
    claims, status = Claim.objects.filter(campaign=campaign), Claim.Status
    mine = Q(status=status.PROPOSED) & ~Q(proposed_by=user.pk)
    is_open, ready = Q(status=status.OPEN), Q(status=status.CONFIRMED)
    counts = claims.aggregate(
        mine=Count("pk", filter=mine),
        open=Count("pk", filter=is_open),
        ready=Count("pk", filter=ready),
        review=Count("pk", filter=Q(status=status.IN_REVIEW)),
        since=Min("created_at", filter=is_open),
    )
    today = campaign.local(at).date()
    due = claims.published().filter(
        Q(current_version__check_again_by__lt=today) | Q(current_version__valid_until__range=(at - DAY, at + DAY))
    )
    return {
        "checks": True,
        "mine": list(claims.filter(mine).select_related("proposed_by").order_by("created_at", "pk")[:ROWS]),
        "mine_count": counts["mine"],
        "ready": list(claims.filter(ready).select_related("confirmed_by").order_by("checked_on", "pk")[:ROWS]),
        "ready_count": counts["ready"],
        "review_count": counts["review"],
        "open_count": counts["open"],
        "open_since": time_since(counts["since"], at=at) if counts["since"] else "",
        "due": [(one, ends_soon(one.current_version, at=at)) for one in due.select_related("current_version")[:ROWS]],
    }


def ends_soon(version: ClaimVersion | None, *, at: datetime) -> bool:
    """Return whether a fact-check held only until about now: a day more, or a day less."""
    return version is not None and version.valid_until is not None and abs(version.valid_until - at) <= DAY


def open_questions(campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """
    Return the groups of questions without an answer, those whose deadline is nearest first, each with how long ago it was
    first asked and whether it is late; and how many there are, are late, and wait to be grouped. Three queries.
    """
    groups = QuestionGroup.objects.filter(campaign=campaign).voids()
    since = groups.annotate(since=Min("questions__asked_at")).filter(pk=OuterRef("pk")).order_by().values("since")
    asked = (
        intake.counted(groups)
        .annotate(since=Subquery(since))
        .order_by(F("answer_by").asc(nulls_last=True), "-asked", "pk")
    )
    counts = groups.order_by().aggregate(all=Count("pk"), late=Count("pk", filter=deadlines.late(at)))
    return {
        "shows_questions": True,
        "questions": [
            (one, time_since(one.since, at=at) if one.since else "", deadlines.is_late(one, at=at))
            for one in asked.select_related("authority", "taken_by")[:ROWS]
        ],
        "questions_count": counts["all"],
        "questions_late": counts["late"],
        "questions_to_group": Question.objects.filter(question_groups.WAITS, campaign=campaign).count(),
    }


def voided(campaign: Campaign) -> list[Review]:
    """Return for each draft whose review or approval an edit has voided when and by whom, the latest first; one query."""
    later = Review.objects.filter(bulletin=OuterRef("bulletin"), pk__gt=OuterRef("pk")).exclude(
        decision=Review.Decision.EDITED
    )
    steps = Review.objects.filter(
        ~Exists(later),
        decision=Review.Decision.VOIDED,
        bulletin__campaign=campaign,
        bulletin__state=Bulletin.State.DRAFT,
    )
    return list(steps.select_related("bulletin", "by")[:ROWS])


@dataclass(frozen=True)
class Turns:
    """Bulletins in review, by their keys: those that the user may approve, all others, and those that they may sign off."""

    who: dict[int, eligibility.Eligibility]
    mine: list[int]
    others: list[int]
    to_sign: list[int]


def turns_of(waiting: list[Bulletin], user: User) -> Turns:
    """Return whose turn bulletins in review are."""
    may_approve = user.has_perm("bulletins.approve_bulletin")
    signs = user.has_perm("bulletins.sign_off_bulletin")
    who = eligibility.of_each(waiting)
    mine = [pk for pk in who if may_approve and not who[pk].why_no_approval(user)]
    others = [pk for pk in who if pk not in mine]
    to_sign = [pk for pk in who if signs and not who[pk].sign_offs and not who[pk].why_no_sign_off(user)]
    return Turns(who, mine, others, to_sign)


def bulletins_of(campaign: Campaign, user: User, languages: list[str], *, at: datetime) -> dict[str, Any]:
    """Return what waits for the user's approval, the board and the sends to come."""
    rows = Bulletin.objects.filter(campaign=campaign).with_first_slot(at=at)
    in_order = rows.order_by("-at_once", F("slot").asc(nulls_first=True), "number")
    making = list(
        in_order.filter(state__in=Bulletin.EDITABLE).only(
            "campaign", "state", "version", "kind", "digest", "submitted_by"
        )
    )
    done = list(rows.exclude(state__in=Bulletin.EDITABLE).order_by("-number")[:ON_BOARD].values_list("pk", "state"))
    turns = turns_of([one for one in making if one.state == Bulletin.State.IN_REVIEW], user)
    mine, others, to_sign = turns.mine[:ROWS], turns.others[:ROWS], turns.to_sign[:ROWS]
    on_board = first_of_each([(one.pk, one.state) for one in making], ON_BOARD) + [pk for pk, _stage in done]
    planned = list(upcoming_sends.upcoming(campaign, at=at))[:SENDS_SHOWN]
    shown = {*on_board, *mine, *others, *to_sign, *(one.bulletin.pk for one in planned if one.bulletin)}
    found = (
        rows.filter(pk__in=shown)
        .select_related("campaign", "taken_by")
        .prefetch_related(editions_in_short(), "targets__audience")
    )
    tickets = {one.pk: ticket_of(one, languages, at=at) for one in found}
    heads = count_recipients([tickets[pk] for pk in {*mine, *to_sign}], planned, turns.mine, at=at)
    may_approve = user.has_perm("bulletins.approve_bulletin")
    for pk in others:
        tickets[pk].why_not = turns.who[pk].why_no_approval(user) if may_approve else ""
        tickets[pk].approvers = turns.who[pk].approvers()[:APPROVERS_SHOWN]
    counts = dict(Bulletin.objects.filter(campaign=campaign).values_list("state").annotate(Count("pk")).order_by())
    return {
        "shows_bulletins": True,
        "mine": [tickets[pk] for pk in mine],
        "mine_count": len(turns.mine),
        "others": [tickets[pk] for pk in others],
        "others_count": len(turns.others),
        "to_sign": [tickets[pk] for pk in to_sign],
        "voided": voided(campaign),
        "may_approve": may_approve,
        "board": board([tickets[pk] for pk in on_board], counts),
        "coming": coming_of(planned, tickets, heads, at=at),
    }


def count_recipients(
    tickets: list[Ticket], planned: list[upcoming_sends.Planned], mine: Collection[int], *, at: datetime
) -> dict[int, HeadCount]:
    """
    Return how many each audience of these bulletins and sends has, and note on each ticket whom it goes to, and when. The user
    may approve those whose keys are `mine`.
    """
    audiences = {one.audience.pk: one.audience for one in planned}
    audiences |= {target.audience_id: target.audience for one in tickets for target in one.bulletin.targets.all()}
    heads = count_audiences(audiences.values(), at=at)
    plans = distribution.distributions_of([ticket.bulletin for ticket in tickets], at=at, heads=heads)
    for ticket in tickets:
        plan = plans[ticket.bulletin.pk]
        by_reader = ticket.bulletin.pk in mine
        ticket.goes, ticket.further = plan.headline(by_reader=by_reader), plan.further(by_reader=by_reader)
    return heads


def ticket_of(bulletin: Bulletin, languages: Iterable[str], *, at: datetime) -> Ticket:
    """Return a bulletin as the board shows it; no query."""
    slot, at_once = bulletin.slot, bulletin.at_once  # type: ignore[attr-defined]  # with_first_slot
    waits = slot is not None and bulletin.state in Bulletin.EDITABLE
    wait = wait_until(slot, at=at) if waits else ""
    marks = marks_of(bulletin, languages)
    return Ticket(bulletin, title_of(bulletin), marks, slot if waits else None, wait, at_once=at_once)


def first_of_each(rows: Iterable[tuple[int, str]], most: int) -> list[int]:
    """Return the keys of the first `most` rows (key, stage) of each stage, in their order."""
    seen: dict[str, int] = {}
    first = []
    for pk, stage in rows:
        seen[stage] = seen.get(stage, 0) + 1
        if seen[stage] <= most:
            first.append(pk)
    return first


def board(tickets: list[Ticket], counts: dict[str, int]) -> list[Stage]:
    """Return the tickets by stage, in the order in which a bulletin passes through them, and how many each has."""
    state = Bulletin.State
    stages = {value: Stage(str(value.label).capitalize(), value, counts.get(value, 0)) for value in state}
    for ticket in tickets:
        stages[state(ticket.bulletin.state)].tickets.append(ticket)
    return [stage for value, stage in stages.items() if stage.tickets or value in Bulletin.EDITABLE]
