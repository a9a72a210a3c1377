"""What spreads just now: narratives, and claims outside any, that were seen on many channels since yesterday."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, F, Sum, When

from campaigns.models import Campaign
from factcheck.models import Claim, Narrative, Sighting, Thresholds


@dataclass
class Rising:
    """
    A narrative, or a claim that is in none, and how far it went from the day `since` on: on which channels (platform
    and name, whatever their case), in how many sightings, and before how many people at least.
    """

    since: date
    narrative: Narrative | None = None
    claim: Claim | None = None
    seen_on: set[tuple[str, str]] = field(default_factory=set)
    sightings: int = 0
    reach: int = 0

    @property
    def channels(self) -> int:
        """The number of channels."""
        return len(self.seen_on)

    @property
    def subject(self) -> Narrative | Claim | None:
        """What rises."""
        return self.narrative or self.claim

    @property
    def platforms(self) -> list[str]:
        """The names of the platforms, in order."""
        names = dict(Sighting.Platform.choices)
        return sorted(str(names.get(platform, platform)) for platform in {platform for platform, _name in self.seen_on})


def rising(campaign: Campaign, *, at: datetime) -> list[Rising]:
    """
    Return what rises, the widest first; at most three queries, however much was seen.

    Sightings have a day and no hour, so "since yesterday" is what was seen from yesterday on, in the campaign's zone;
    what was seen earlier and reported only now does not count. A duplicate counts with its main claim; what someone
    set aside does not count.
    """
    today = campaign.local(at).date()
    since = today - timedelta(days=1)
    rows = (
        Sighting.objects.filter(claim__campaign=campaign, seen_on__range=(since, today))
        .exclude(claim__status=Claim.Status.SET_ASIDE)
        .with_main()
        .annotate(
            story=Case(
                When(claim__duplicate_of=None, then=F("claim__narrative")), default=F("claim__duplicate_of__narrative")
            ),
        )
        .order_by()
        .values_list("story", "main", "platform", "channel", "claim__campaign__thresholds__rising_channels")
        .annotate(Count("pk"), Sum("reach"))
    )
    found: dict[tuple[bool, int], Rising] = {}
    least = Thresholds().rising_channels
    for story, main, platform, channel, own, count, reach in rows:
        least = own or least
        one = found.setdefault((story is not None, story or main), Rising(since))
        one.seen_on.add((platform, channel.strip().casefold()))
        one.sightings += count
        one.reach += reach or 0
    widest = sorted(
        ((key, one) for key, one in found.items() if one.channels >= least),
        key=lambda pair: (-pair[1].channels, -pair[1].sightings, pair[0]),
    )
    return named(widest)


def named(widest: Iterable[tuple[tuple[bool, int], Rising]]) -> list[Rising]:
    """Return these with the narratives and claims that their keys are of; at most two queries."""
    kept = list(widest)
    narratives = Narrative.objects.in_bulk([pk for (is_story, pk), _one in kept if is_story])
    claims = Claim.objects.in_bulk([pk for (is_story, pk), _one in kept if not is_story])
    for (is_story, pk), one in kept:
        if is_story:
            one.narrative = narratives[pk]
        else:
            one.claim = claims[pk]
    return [one for _key, one in kept]
