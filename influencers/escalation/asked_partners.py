"""Whom an urgent version asks to say that they have seen it. Written down when it is published, in the same transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bulletins.models import PublishedEdition, Target, Version
from bulletins.models.seen_rules import have_partners, sends_further
from delivery.models import Audience, Membership, Send
from influencers.models import AskedPartner, EscalationStep, Influencer, SeenRequest

from .rules import Rules

NO_TIER = 1_000  # after every tier that there is


def follow(version: Version, editions: Iterable[PublishedEdition], *, at: datetime) -> None:
    """End what the version before asked, and ask the partners of one that does (publish.FOLLOWERS)."""
    if version.number > 1:
        end_earlier(version, at=at)
    if version.asks_seen:
        begin(version, at=at)


def end_earlier(version: Version, *, at: datetime) -> None:
    """Ask nobody any more to have seen what a newer version replaces, or takes back."""
    why = SeenRequest.End.WITHDRAWN if version.is_retracted else SeenRequest.End.CORRECTED
    earlier = SeenRequest.objects.filter(version__bulletin=version.bulletin_id, version__number__lt=version.number)
    earlier.filter(ended_at=None).update(ended_at=at, ended=why)


def begin(version: Version, *, at: datetime) -> SeenRequest:
    """
    Ask the partners in the audiences that were approved, each from the slot of theirs on; a constant number of queries. It is over at
    once where there are none, and it goes to no further group or to one without partners.
    """
    campaign = version.bulletin.campaign
    slots = slots_of(version, at=at)
    began_at = min(slots.values(), default=at)
    request = SeenRequest.objects.create(campaign=campaign, version=version, plan=version.seen_plan, began_at=began_at)
    asked = add_audiences(request, slots, at=at)
    plan_steps(request)
    rules = Rules.of(request.plan)
    further = Audience.objects.filter(pk=rules.next_audience, campaign=campaign)
    if not asked and not (sends_further(rules.steps, rules.next_audience) and have_partners(further, at=at)):
        request.ended_at, request.ended = at, SeenRequest.End.NOBODY
        request.save(update_fields=["ended_at", "ended"])
    return request


def slots_of(version: Version, *, at: datetime) -> dict[Audience, datetime]:
    """
    Return from when on each audience of influencers is asked: from its slot, or, of a later version, at once those whom
    earlier ones went to. One query.
    """
    if version.number == 1:
        targets = Target.objects.filter(bulletin=version.bulletin_id, audience__kind=Audience.Kind.INFLUENCERS)
        return {one.audience: max(one.slot_at or at, at) for one in targets.select_related("audience")}
    sends = Send.objects.filter(
        mailing__in=version.mailing.earlier_ids(), audience__kind=Audience.Kind.INFLUENCERS
    ).select_related("audience")
    return {send.audience: at for send in sends}


def add_audiences(request: SeenRequest, slots: dict[Audience, datetime], *, at: datetime) -> int:
    """
    Ask the people of audiences who take part, in the closest tier of theirs; return how many were added. Whoever is asked already
    stays as they are. Three queries at most, however many they are.
    """
    by_key = {audience.pk: audience for audience in slots}
    members = Membership.objects.open(at=at).filter(
        audience__in=by_key,
        recipient__influencers__campaign=request.campaign_id,
        recipient__influencers__state=Influencer.State.ACTIVE,
    )
    rows: dict[int, AskedPartner] = {}
    for influencer, key in members.values_list("recipient__influencers", "audience").order_by("pk"):
        tier, asked_at = by_key[key].tier, slots[by_key[key]]
        known = rows.get(influencer)
        if known is None or (tier or NO_TIER, asked_at) < (known.tier or NO_TIER, known.asked_at):
            rows[influencer] = AskedPartner(request=request, influencer_id=influencer, tier=tier, asked_at=asked_at)
    known_ones = set(request.people.filter(influencer__in=rows).values_list("influencer", flat=True))
    added = [row for key, row in rows.items() if key not in known_ones]
    AskedPartner.objects.bulk_create(added, batch_size=500, ignore_conflicts=True)
    return len(added)


def plan_steps(request: SeenRequest) -> None:
    """
    Write down the steps of a request that has just begun. What would begin at night follows when the night is over, each step as long
    after the one before as the rule says: nobody is passed over because all of them are due at the same moment.
    """
    rules, moment, so_far = Rules.of(request.plan), request.began_at, 0
    steps = []
    planned = [
        step for step in rules.steps if step[0] != EscalationStep.Kind.CHANNEL
    ]  # of a rule of before 1.6: nothing is left to do
    for position, (kind, minutes) in enumerate(planned, start=1):
        moment = rules.out_of_night(moment + timedelta(minutes=max(minutes - so_far, 0)), request.campaign.zone)
        so_far = max(minutes, so_far)
        steps.append(EscalationStep(request=request, position=position, kind=kind, due_at=moment))
    EscalationStep.objects.bulk_create(steps)
