"""
Putting an event of a drill in: by the same functions that people's pages call, so that inside it looks like anything else. The
caller's transaction holds the event, so that it is put in once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.intake import submissions
from bulletins.models import MessageInput, Urgency
from campaigns.drill_clock import DrillClock
from campaigns.models import Authority, Campaign
from factcheck.intake import claim_reports
from factcheck.models import Sighting
from influencers.inbox import harassment
from influencers.models import Harassment, Influencer
from preparedness.models import Drill, DrillEvent
from questions import intake
from questions.models import Question

from . import made_up_people, mail_relay, parts
from .scenario_files import (
    Correction,
    Event,
    FollowerQuestion,
    Outage,
    Rumour,
    Scenario,
    Submission,
    Texts,
    Threat,
)


class NotPutIn(Exception):
    """An event that nothing can come of here. The text says why; the drill goes on without it."""


@dataclass(frozen=True)
class Place:
    """Where an event is put in."""

    drill: Drill
    scenario: Scenario
    clock: DrillClock
    row: DrillEvent
    event: Event
    at: datetime

    @property
    def campaign(self) -> Campaign:
        """The exercise."""
        return self.drill.campaign

    def random(self, about: str) -> Random:
        """Return a draw that is the same each time this scenario is played."""
        return Random(f"{self.scenario.seed}:{self.event.key}:{about}")  # noqa: S311  (made-up people, no secret)

    def said(self, texts: Texts) -> str:
        """Return words in the language in which the campaign is written first."""
        return texts.get(self.campaign.default_language) or texts["en"]

    def influencer(self, but: models.Q | None = None) -> Influencer:
        """Return a made-up influencer, the same each time, of those outside `but`. Raise NotPutIn when the exercise has none."""
        people = made_up_people.influencers(self.campaign)
        if but is not None and (others := people.exclude(but)).exists():
            people = others
        count = people.count()
        if not count:
            raise NotPutIn(_("There is no made-up influencer in this exercise."))
        return people.select_related("recipient", "campaign", "liaison")[self.random("who").randrange(count)]


def put_in(place: Place) -> models.Model | None:
    """Put an event in and return what came of it. Raise NotPutIn, and what the product itself refuses."""
    what = place.event.what
    return WAYS[type(what)](place, what)  # type: ignore[arg-type]  # each way takes its own kind


def submit(place: Place, what: Submission) -> MessageInput:
    """Let the authority that leads the exercise, or another one, send in its word."""
    return send_in(place, what.title, what.body)


def correct(place: Place, what: Correction) -> MessageInput:
    """Let the authority send in what is right instead."""
    first = DrillEvent.objects.filter(drill=place.drill, key=what.of, done_at__isnull=False).first()
    earlier = MessageInput.objects.filter(pk=first.subject_id).select_related("authority").first() if first else None
    if earlier is None:
        raise NotPutIn(_("What it corrects was never put in."))
    return send_in(place, what.title, what.body, replaces=earlier)


def send_in(place: Place, title: Texts, body: Texts, replaces: MessageInput | None = None) -> MessageInput:
    """Send a submission in."""
    campaign = place.campaign
    authority = replaces.authority if replaces else campaign.authority or Authority.objects.order_by("pk").first()
    if authority is None:
        raise NotPutIn(_("There is no authority that could send it in."))
    return submissions.submit(
        campaign=campaign,
        authority=authority,
        by=None,
        at=place.at,
        title=place.said(title),
        body=place.said(body),
        language=campaign.default_language,
        urgency=Urgency.URGENT,
        replaces=replaces,
    )


def spread(place: Place, what: Rumour) -> models.Model:
    """Let somebody report a claim."""
    return claim_reports.report(
        place.campaign,
        text=place.said(what.text),
        via=Sighting.Via.PUBLIC,
        token=f"drill {place.drill.pk} {place.event.key}",
        at=place.at,
        language=place.campaign.default_language,
        platform=what.platform,
        reach=what.reach,
        seen_on=place.campaign.local(place.at).date(),
    )


def ask(place: Place, what: FollowerQuestion) -> models.Model:
    """Let an influencer pass followers' question on: of this drill, also where an earlier one asked the same today."""
    return intake.submit_question(
        place.campaign,
        place.said(what.text),
        language=place.campaign.default_language,
        via=Question.Via.PORTAL,
        relayed_by=place.influencer().recipient,
        at=place.at,
        times=what.times,
        since=place.drill.started_at,
    )


def threaten(place: Place, what: Threat) -> models.Model:
    """Let an influencer report harassment, one whose report from before nobody has still open."""
    still_open = Harassment.objects.filter(closed_at=None).values("influencer")
    who = place.influencer(models.Q(pk__in=still_open))
    return harassment.report(who, at=place.at, words=place.said(what.words), in_danger=what.in_danger)


def lose(place: Place, what: Outage) -> User | None:
    """Let an approver be out for a while. Raise NotPutIn where nobody else could approve."""
    drill = place.drill
    if parts.APPROVER in parts.parts_of(drill.made_up):
        gone = made_up_people.player(place.campaign, parts.APPROVER)
    else:
        people = list(User.objects.staff_with("bulletins.approve_bulletin"))
        if len(people) < 2:
            raise NotPutIn(_("Fewer than two people can approve, so nobody was let out."))
        gone = people[place.random("who").randrange(len(people))]
    drill.away = {**drill.away, str(gone.pk): place.clock.elapsed(place.at) + 60 * what.minutes}
    drill.save(update_fields=["away"])
    return gone


def kill_relay(place: Place, what: Outage) -> models.Model:
    """Let the exercise's mail relay take nothing for a while."""
    until = place.at + timedelta(seconds=60 * what.minutes / place.clock.speed)
    return mail_relay.kill(until=until, at=place.at)


def outage(place: Place, what: Outage) -> models.Model | None:
    """Take away an approver, or the mail relay."""
    return lose(place, what) if place.event.kind == "lost_approver" else kill_relay(place, what)


WAYS: dict[type, Callable[..., models.Model | None]] = {
    Submission: submit,
    Correction: correct,
    Rumour: spread,
    FollowerQuestion: ask,
    Threat: threaten,
    Outage: outage,
}
