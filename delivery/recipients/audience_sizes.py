"""How many people an audience would reach now: what planners and approvers read before anything is sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from delivery.models import Audience, KeptCount, Membership, Recipient

LARGE = 5_000  # people from which on an audience is not counted by the pages that show it


@dataclass
class HeadCount:
    """People of one audience: in all, and by the language that they would get."""

    total: int = 0
    by_language: dict[str, int] = field(default_factory=dict)


def kept_name(audience: int) -> str:
    """Return by what name the heads of the audience of a key are kept."""
    return f"audience {audience}"


def count_audiences(audiences: Iterable[Audience], *, at: datetime) -> dict[int, HeadCount]:
    """
    Return {audience key: heads}: of large ones as they were counted last (kept_counts.py), of others at `at`; two queries,
    however many audiences.
    """
    chosen = {audience.pk: audience for audience in audiences}
    found: dict[int, HeadCount] = {}
    names = {kept_name(pk): pk for pk in chosen}
    for one in KeptCount.objects.filter(name__in=names):
        total, by_language = one.figures
        if total >= LARGE:
            found[names[one.name]] = HeadCount(total, by_language)
    return count_now([audience for pk, audience in chosen.items() if pk not in found], at=at) | found


def count_now(audiences: Iterable[Audience], *, at: datetime) -> dict[int, HeadCount]:
    """
    Return {audience key: heads} of the active members at `at`; one query, however many audiences.

    A reader of a language that the audience is not served in counts for its first language, as at fan-out.
    """
    chosen = {audience.pk: audience for audience in audiences}
    counts = (
        Membership.objects.open(at=at)
        .filter(audience__in=chosen.keys(), recipient__state=Recipient.State.ACTIVE)
        .values_list("audience_id", "recipient__language")
        .annotate(people=Count("pk"))
        .order_by("audience_id")
    )
    found = {pk: HeadCount(by_language=dict.fromkeys(audience.languages, 0)) for pk, audience in chosen.items()}
    for audience_id, language, people in counts:
        served = chosen[audience_id].languages
        code = language if language in served or not served else served[0]
        heads = found[audience_id]
        heads.total += people
        heads.by_language[code] = heads.by_language.get(code, 0) + people
    return found
