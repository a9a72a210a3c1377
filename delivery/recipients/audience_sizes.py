"""How many people an audience would reach now: what planners and approvers read before anything is sent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from delivery.models import Audience, KeptCount, Membership, Recipient

LARGE = 5_000  # people from which on an audience is not counted by the pages that show it

COMPARED = 20_000  # people of all audiences together up to which pages look who is in several of them


@dataclass
class HeadCount:
    """People of one audience: in all, and by the language that they would get."""

    total: int = 0
    by_language: dict[str, int] = field(default_factory=dict)


@dataclass
class Shared:
    """
    Who is in several audiences: how many people of a language are in exactly these, by (audience keys, language). Nobody looked
    in audiences that are not among the `compared`.
    """

    compared: frozenset[int] = frozenset()
    people: Counter[tuple[frozenset[int], str]] = field(default_factory=Counter)


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
        code = served_language(chosen[audience_id], language)
        heads = found[audience_id]
        heads.total += people
        heads.by_language[code] = heads.by_language.get(code, 0) + people
    return found


def count_shared(heads: Mapping[int, HeadCount], *, at: datetime) -> Shared:
    """
    Return who is in several of the audiences that were counted: the smallest ones are compared, as many as together have no more
    than COMPARED people. One query, or none; larger ones would be walked through each time that somebody looks at a page.
    """
    compared, total = [], 0
    for pk, one in sorted(heads.items(), key=lambda item: item[1].total):
        total += one.total
        if one.total >= LARGE or total > COMPARED:
            break
        compared.append(pk)
    if len(compared) < 2:
        return Shared(frozenset(compared))
    members = Membership.objects.open(at=at).filter(audience__in=compared, recipient__state=Recipient.State.ACTIVE)
    several = members.values("recipient").annotate(audiences=Count("audience", distinct=True)).filter(audiences__gt=1)
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    rows = members.filter(recipient__in=several.values("recipient"))
    for recipient, language, audience in rows.values_list("recipient_id", "recipient__language", "audience_id"):
        found[recipient, language].add(audience)
    people = Counter((frozenset(audiences), language) for (_pk, language), audiences in found.items())
    return Shared(frozenset(compared), people)


def served_language(audience: Audience, language: str) -> str:
    """Return the language in which an audience gives its mail to readers of a language: its first where it is not served in theirs."""
    served = audience.languages
    return language if language in served or not served else served[0]


def count_once(audiences: Iterable[Audience], heads: Mapping[int, HeadCount], shared: Shared) -> dict[int, HeadCount]:
    """
    Return the heads of audiences in the order in which mail leaves to them, with each person only in the first: nobody gets
    the same twice. No query.
    """
    order = {audience.pk: audience for audience in audiences}
    found = {pk: HeadCount(heads[pk].total, dict(heads[pk].by_language)) for pk in order}
    for (among, language), people in shared.people.items():
        codes = [(pk, served_language(audience, language)) for pk, audience in order.items() if pk in among]
        for pk, code in [one for one in codes if one[1] in found[one[0]].by_language][1:]:
            found[pk].total -= people
            found[pk].by_language[code] -= people
    return found


def are_compared(heads: Mapping[int, HeadCount], shared: Shared) -> bool:
    """Return whether it is known who of these people is in several of their audiences."""
    return sum(1 for one in heads.values() if one.total) < 2 or all(
        pk in shared.compared for pk, one in heads.items() if one.total
    )
