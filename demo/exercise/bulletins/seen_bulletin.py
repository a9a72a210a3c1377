"""
Who has seen the demo's urgent bulletin: it asked partners to say so, many did, and a liaison calls the others. Its correction asks since half
an hour ago, whatever the day of the correction, so that the steps, their clock and the call list are there to be tried.
"""

from datetime import datetime, timedelta

from accounts.models import User
from campaigns.models import Campaign
from influencers.escalation import call_list
from influencers.models import AskedPartner, Call, CallNumber, EscalationStep, SeenRequest

WAYS = ("mail", "mail", AskedPartner.PORTAL)
RESULTS = (Call.Result.REACHED, Call.Result.NO_ANSWER, Call.Result.REACHED)
NUMBERS = 12  # partners who gave a number; it is nobody's
CLOSEST = 1
BEGAN = timedelta(minutes=32)  # before the demo, so that the call list is open and one step is still to come
SEEN = 60  # partners who have said it: not enough, so that the steps go on


def write(campaign: Campaign, *, liaison: User, at: datetime) -> None:
    """Write what partners said to each version that asked, and the calls of a liaison about the newest."""
    requests = SeenRequest.objects.filter(campaign=campaign).select_related("campaign", "version__bulletin")
    for request in requests.order_by("began_at", "pk"):
        people = list(request.people.filter(tier=CLOSEST).order_by("pk"))
        if request.ended_at is None:
            begin_anew(request, at=at - BEGAN)
            give_numbers(request, people[:NUMBERS])
        say_seen(request, people[-SEEN:])
        if request.ended_at is None:
            follow(request, people[: len(RESULTS)], liaison)


def begin_anew(request: SeenRequest, *, at: datetime) -> None:
    """Have a request begin at another time than its version went out."""
    later = at - request.began_at
    request.people.update(asked_at=at)
    for step in request.steps.all():
        request.steps.filter(pk=step.pk).update(due_at=step.due_at + later)
    SeenRequest.objects.filter(pk=request.pk).update(began_at=at)
    request.began_at = at


def give_numbers(request: SeenRequest, people: list[AskedPartner]) -> None:
    """Have some partners give a number, for the night too: whenever the demo is started, there is somebody to call."""
    CallNumber.objects.bulk_create(
        CallNumber(
            influencer_id=one.influencer_id,
            number=f"+35850555{100 + place:04}",
            at_night=True,
            given_at=request.began_at - timedelta(days=3),
        )
        for place, one in enumerate(people)
    )


def say_seen(request: SeenRequest, people: list[AskedPartner]) -> None:
    """Have people say that they have seen it, quickly at first, then ever more slowly, until nobody asks any more."""
    said = []
    for place, one in enumerate(people):
        moment = request.began_at + timedelta(seconds=40 + place * place // 4 + 9 * place)
        if request.ended_at is None or moment < request.ended_at:
            one.seen_at, one.channel = moment, WAYS[place % len(WAYS)]
            said.append(one)
    AskedPartner.objects.bulk_update(said, ["seen_at", "channel"], batch_size=500)


def follow(request: SeenRequest, silent: list[AskedPartner], liaison: User) -> None:
    """Take the first step in its time, and call who has not said anything."""
    opened = request.began_at + timedelta(minutes=20)
    SeenRequest.objects.filter(pk=request.pk).update(calls_since=opened)
    request.calls_since = opened
    steps, kind, outcome = request.steps, EscalationStep.Kind, EscalationStep.Outcome
    steps.filter(kind=kind.CALLS).update(taken_at=opened, outcome=outcome.DONE, people=NUMBERS)
    for place, (one, result) in enumerate(zip(silent, RESULTS, strict=False), start=1):
        at = opened + timedelta(minutes=2 * place)
        call_list.take(one.pk, request, by=liaison, at=at)
        call_list.note_result(one.pk, result, request, by=liaison, at=at + timedelta(minutes=1))
