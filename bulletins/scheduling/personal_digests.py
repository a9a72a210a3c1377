"""
Mail for people who want it gathered: once a day or once a week, what their audience got meanwhile, in one mail.

It is an ordinary send with a pace (delivery.fanout.fanout keeps to it), so that the ledger, corrections and leaving
work as for all mail, and nobody gets a bulletin twice. What went into a gathered send is not gathered again; what came
late is.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.audit import trail
from bulletins.models import Version
from bulletins.models.cadences import wall_clock
from campaigns.models import Campaign
from delivery.models import Audience, MailChoice, Mailing, Send

from . import roundups

AT = time(9)  # in the campaign's zone
MONDAY = 0
GRACE = timedelta(hours=12)  # later than this, a person looks at it first
Pace = MailChoice.Pace
DAYS = {Pace.DAY: 1, Pace.WEEK: 7}


def last_slot(campaign: Campaign, pace: str, *, at: datetime) -> datetime:
    """Return the latest slot of a pace at or before `at`: nine in the morning, of the week's first day for "week"."""
    local = campaign.local(at)
    day = local.date()
    if pace == Pace.WEEK:
        day -= timedelta(days=(day.weekday() - MONDAY) % 7)
    slot = wall_clock(day, AT, campaign.zone)
    return slot if slot <= at else wall_clock(day - timedelta(days=DAYS[Pace(pace)]), AT, campaign.zone)


def next_slot(campaign: Campaign, pace: str, *, at: datetime) -> datetime:
    """Return the first slot of a pace after `at`."""
    day = campaign.local(last_slot(campaign, pace, at=at)).date() + timedelta(days=DAYS[Pace(pace)])
    return wall_clock(day, AT, campaign.zone)


def plan_due(*, at: datetime) -> list[Send]:
    """Plan the gathered sends whose slot has come, each once; return them. Two at once are harmless."""
    planned: list[Send] = []
    choices = MailChoice.objects.filter(Q(pace__in=DAYS) | Q(pace_before__in=DAYS), campaign__closed_at=None)
    for campaign in Campaign.objects.filter(pk__in=choices.values("campaign")):
        audiences = list(Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS).order_by("pk"))
        for pace in DAYS:
            slot = last_slot(campaign, pace, at=at)
            for audience in audiences:
                audience.campaign = campaign
                send = plan_digest(audience, pace, slot=slot, at=at)
                planned += [send] if send else []
    return planned


@transaction.atomic
def plan_digest(audience: Audience, pace: str, *, slot: datetime, at: datetime) -> Send | None:
    """Plan one audience's gathered send for a slot; None when there is nothing to say or it is planned already."""
    key = f"gathered-{pace}-{slot:%Y%m%dT%H%M}"
    before = Send.objects.filter(audience=audience, pace=pace).order_by("-slot_at").first()
    if before is not None and before.slot_at >= slot:
        return None
    campaign = Campaign.objects.select_for_update().get(pk=audience.campaign_id)
    if Send.objects.filter(audience=audience, slot_key=key).exists():
        return None
    since = before.slot_at if before is not None else slot - timedelta(days=DAYS[Pace(pace)])
    versions = list(waiting(audience, pace, since=since, slot=slot))
    if not versions:
        return None
    mailings = [version.mailing for version in versions]
    roundups.lock_mailings(mailing.pk for mailing in mailings)
    together = roundups.made(mailings, campaign, at=at) if len(mailings) > 1 else mailings[0]
    sends = [
        Send.objects.create(
            mailing=mailing,
            audience=audience,
            slot_key=key if number == 0 else f"{key}-{number}",
            slot_at=slot,
            hold_after=slot + GRACE,
            pace=pace,
            since=since,
        )
        # What is too long for one mail leaves in several.
        for number, mailing in enumerate([together] if together else mailings)
    ]
    numbers = [version.bulletin.number for version in versions]
    trail.note("gathered.planned", sends[0], by=None, at=at, bulletins=numbers, pace=pace)
    return sends[0]


def waiting(audience: Audience, pace: str, *, since: datetime, slot: datetime) -> Iterable[Version]:
    """
    Return what an audience got since its last gathered mail and what no such mail has said: the version of each
    bulletin that stands, unless it was urgent (everyone got that) or withdrawn; the oldest first.
    """
    went = Send.objects.filter(
        Q(mailing=OuterRef("mailing")) | Q(mailing__parts=OuterRef("mailing")),
        audience=audience,
        pace="",
        newcomers_only=False,
        fanned_out_at__gt=since,
        fanned_out_at__lte=slot,
    )
    said = Send.objects.filter(
        Q(mailing=OuterRef("mailing")) | Q(mailing__parts=OuterRef("mailing")), audience=audience, pace=pace
    )
    versions = Version.objects.filter(Exists(went), ~Exists(said), mailing__superseded_by=None)
    chosen = versions.filter(bulletin__campaign=audience.campaign_id).exclude(kind="retraction")
    return chosen.exclude(mailing__queue=Mailing.Queue.URGENT).select_related("mailing", "bulletin").order_by("pk")
