"""
Whom a liaison calls about an urgent bulletin: who has not seen it and gave a number. Somebody takes a call before they get the number, so two
never call the same person; what came of it is one of three results, which its caller may change for a while.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.models import PublishedEdition
from influencers.models import AskedPartner, Call, SeenRequest

from .rules import Rules

Result = Call.Result
HELD_FOR = timedelta(minutes=15)  # a call that somebody took and said nothing of is free again
MAY_CHANGE = timedelta(minutes=10)
AGAIN_AFTER = {Result.NO_ANSWER: timedelta(minutes=15), Result.LATER: timedelta(minutes=30)}
MOST_TIMES = 3  # without an answer, then nobody rings any more
MOST_SHOWN = 60


class NotCalled(Exception):
    """A refused step of a call. The text says why and what now, in the user's language."""


@dataclass(frozen=True, slots=True)
class Row:
    """A call to make. `number` is there for whoever has taken it; `taken_by` is somebody else."""

    person: AskedPartner
    number: str
    taken_by: User | None
    is_mine: bool
    times: int
    is_in_region: bool


def with_number(request: SeenRequest, *, at: datetime, anytime: bool = False) -> QuerySet[AskedPartner]:
    """
    Return those who may be called at a moment: unseen, with a number, and at night only if that was approved and they allow it; with
    `anytime`, whether by day or night.
    """
    rules = Rules.of(request.plan)
    people = request.people.reached(at=at).unseen().filter(influencer__call_number__isnull=False)
    if not anytime and rules.is_night(at, request.campaign.zone):
        people = people.filter(influencer__call_number__at_night=True) if rules.at_night else people.none()
    return people


def waiting(request: SeenRequest, *, at: datetime) -> QuerySet[AskedPartner]:
    """Return the calls to make at a moment, those without too many attempts, once the list is open."""
    if request.calls_since is None or request.ended_at is not None:
        return AskedPartner.objects.none()
    free = Q(call_again_at=None) | Q(call_again_at__lte=at)
    return with_tries(with_number(request, at=at).filter(free)).filter(times__lt=MOST_TIMES)


def with_tries(people: QuerySet[AskedPartner]) -> QuerySet[AskedPartner]:
    """Annotate people with how many `times` they were called without an answer."""
    return people.annotate(times=Count("calls", filter=Q(calls__result=Result.NO_ANSWER)))


def calls_of(request: SeenRequest, user: User, *, at: datetime) -> list[Row]:
    """
    Return the calls to make, in their order: the caller's own, who speaks to people in the bulletin's regions, the closest tier, whoever was
    called least. Never by followers. A call that the caller is at stays until they have noted what came of it, also when it need not be made
    any more. Two queries.
    """
    if request.calls_since is None:
        return []
    regions: set[str] = set()
    for codes in PublishedEdition.objects.filter(version=request.version_id).values_list("content__regions", flat=True):
        regions |= set(codes or ())
    of_the_caller = Q(taken_by=user, taken_at__gt=at - HELD_FOR, influencer__call_number__isnull=False)
    rows = with_tries(
        request.people.filter(of_the_caller | Q(pk__in=waiting(request, at=at).values("pk")))
    ).select_related("influencer__call_number", "influencer__region", "influencer__recipient", "taken_by")
    rows = rows.order_by(F("tier").asc(nulls_last=True), "times", "pk")
    found = []
    for person in rows[: MOST_SHOWN * 4]:
        held = person.taken_by if is_held(person, at=at) else None
        mine = held is not None and held.pk == user.pk
        region = person.influencer.region
        found.append(
            Row(
                person=person,
                number=person.influencer.call_number.number if mine else "",
                taken_by=None if mine else held,
                is_mine=mine,
                times=person.times,  # type: ignore[attr-defined]  # annotated
                is_in_region=bool(region and region.code in regions),
            )
        )
    found.sort(key=lambda row: (not row.is_mine, not row.is_in_region))
    return found[:MOST_SHOWN]


def is_held(person: AskedPartner, *, at: datetime) -> bool:
    """Return whether somebody has taken the call and is not too long over it."""
    return person.taken_by_id is not None and person.taken_at is not None and person.taken_at > at - HELD_FOR


@transaction.atomic
def take(key: int, request: SeenRequest, *, by: User, at: datetime) -> None:
    """
    Take a call, and see its number; of two at once, one is told so. Raise NotCalled when somebody else has it, and when there is
    nobody to call any more.
    """
    if not waiting(request, at=at).filter(pk=key).exists():
        raise NotCalled(_("Not taken: this person need not be called any more, or not now."))
    free = Q(taken_by=None) | Q(taken_at__lte=at - HELD_FOR) | Q(taken_by=by)
    won = AskedPartner.objects.filter(free, pk=key, seen_at=None).update(taken_by=by, taken_at=at)
    if not won:
        raise NotCalled(_("Not taken: somebody else is calling this person."))
    trail.note("call.taken", AskedPartner.objects.get(pk=key), by=by, at=at)


@transaction.atomic
def note_result(key: int, result: str, request: SeenRequest, *, by: User, at: datetime) -> Call:
    """
    Note what came of a call that `by` has taken, or change what they noted less than ten minutes ago. Twice changes nothing more.
    Return the call. Raise NotCalled for no result, and for somebody else's call.
    """
    if result not in Result.values:
        raise NotCalled(_("Not saved: choose what came of the call."))
    person = AskedPartner.objects.select_for_update().filter(pk=key, request=request).first()
    if person is None:
        raise NotCalled(_("Not saved: this person is not asked any more."))
    last = person.calls.filter(by=by, at__gt=at - MAY_CHANGE).order_by("-at", "-pk").first()
    is_mine = person.taken_by_id == by.pk
    if not is_mine and last is None:
        raise NotCalled(
            _("Not saved: take the call first. A result can be changed for ten minutes, by whoever noted it.")
        )
    if last is not None and not is_mine:
        take_back(person, last)
        Call.objects.filter(pk=last.pk).update(result=result)
        call, call.result = last, result
    else:
        call = Call.objects.create(person=person, by=by, at=at, result=result)
    apply(person, Result(result), at=at)
    trail.note("call.noted", person, by=by, at=at, result=result)
    return call


def take_back(person: AskedPartner, call: Call) -> None:
    """Undo what a result did, not saved: what somebody said by another way stays."""
    if call.result == Result.REACHED and person.channel == AskedPartner.CALL:
        person.seen_at, person.channel = None, ""
    person.call_again_at = None


def apply(person: AskedPartner, result: Result, *, at: datetime) -> None:
    """Do what a result means, and give the call back."""
    person.taken_by = person.taken_at = None
    if result == Result.REACHED:
        if person.seen_at is None:
            person.seen_at, person.channel = at, AskedPartner.CALL
    else:
        person.call_again_at = at + AGAIN_AFTER[result]
    person.save(update_fields=["taken_by", "taken_at", "call_again_at", "seen_at", "channel"])


def changeable(request: SeenRequest, user: User, *, at: datetime) -> list[Call]:
    """Return the results that somebody may still change, the latest of each person first; one query."""
    rows = Call.objects.filter(person__request=request, by=user, at__gt=at - MAY_CHANGE)
    newest: dict[int, Call] = {}
    for call in rows.select_related("person__influencer").order_by("-at", "-pk"):
        newest.setdefault(call.person_id, call)
    return list(newest.values())
