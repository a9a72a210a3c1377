"""
Where a claim is loud: the silence gate. To name a falsehood teaches it to people who never met it, so it is named only
where it was seen often enough. Thresholds say how often that is, and staff can change them.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Sum

from factcheck.models import Claim, Sighting, Thresholds

# A platform and a main language: where people meet a claim.
Channel = tuple[str, str]


def loud_for(claims: Iterable[int], thresholds: Thresholds, *, at: datetime) -> dict[int, set[Channel]]:
    """Return {key of a claim: the channels on which it is loud at `at`} for main claims by their keys; one query."""
    loud: dict[int, set[Channel]] = {key: set() for key in claims}
    today = thresholds.campaign.local(at).date()
    counted = (
        Sighting.objects.filter(seen_on__gte=today - timedelta(days=thresholds.within_days), seen_on__lte=today)
        .of_any(loud)
        .with_main()
        .order_by()
        .values("platform", "language", "main")
        .annotate(times=Count("pk"), people=Sum("reach"))
    )
    times: dict[tuple[int, Channel], int] = defaultdict(int)
    people: dict[tuple[int, Channel], int] = defaultdict(int)
    for row in counted if loud else ():
        place = row["main"], (row["platform"], main_language(row["language"]))
        times[place] += row["times"]
        people[place] += row["people"] or 0
    for (key, channel), seen in times.items():
        if seen >= thresholds.least_sightings or people[key, channel] >= thresholds.least_reach:
            loud.setdefault(key, set()).add(channel)
    return loud


def names_falsehood(verdict: str) -> bool:
    """Return whether to repeat a claim with this verdict may teach something that does not hold: all but a true one."""
    return verdict != Claim.Verdict.TRUE


def main_language(code: str) -> str:
    """Return a language code without its region: Swedish in Finland is Swedish."""
    return code.partition("-")[0].lower()
