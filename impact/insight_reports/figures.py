"""
What a report begins with: the claims, narratives and questions of a week that is over, and what was done. Counted once, as plain
data that JSON holds, and not again.

A number of sightings or askers below five is never in it, nor what would give one away: such a number is None, "fewer than five". What
nobody knows is None too, under a name that says so. `is_public` marks what anyone may read already.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from statistics import median
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, Sum

from bulletins.models import Bulletin, PublishedEdition, Version
from campaigns.models import Campaign, ReadingLevel
from factcheck.models import Claim, ClaimVersion, Narrative, Sighting
from impact.weeks import Week, up_to
from lib.statistics.small_groups import FEWEST, merged, shown
from questions.answers import published_answers
from questions.models import Answer, Question, QuestionGroup, SameQuestion

MOST_CLAIMS = 8
MOST_QUESTIONS = 10
WEEKS = 8  # in the charts
BEGAN = (ClaimVersion.Kind.ORIGINAL, ClaimVersion.Kind.CORRECTION)

type Figures = dict[str, Any]


def count(campaign: Campaign, week: Week, *, at: datetime) -> Figures:
    """Return the figures of a week as they are known at `at`; as many queries however much there is."""
    claims = claims_of(campaign, week, at=at)
    return {
        "sightings": sightings_of(campaign, week),
        "claims": claims[:MOST_CLAIMS],
        "other_claims": len(claims[MOST_CLAIMS:]),
        "narratives": narratives_of(campaign, claims),
        "questions": questions_of(campaign, week, at=at),
        "done": done_in(campaign, week, at=at),
    }


def at_least_five(number: int | None) -> int | None:
    """Return a number of people or sightings, None for one that is not told; zero is told."""
    return number if not number or number >= FEWEST else None


# --- Sightings and claims ---------------------------------------------------------------------------------


def sightings_of(campaign: Campaign, week: Week) -> Figures:
    """Return how often claims were seen: by week, by platform, and before how many people as far as known. Two queries."""
    seen = Sighting.objects.filter(claim__campaign=campaign).exclude(claim__status=Claim.Status.SET_ASIDE)
    weeks = up_to(week, WEEKS)
    by_week: Counter[Week] = Counter()
    days = seen.filter(seen_on__range=(weeks[0].first, week.last)).order_by().values_list("seen_on")
    for day, number in days.annotate(Count("pk")):
        by_week[Week.of(day)] += number
    rows = seen.filter(seen_on__range=(week.first, week.last)).order_by().values_list("platform")
    platforms, reach, known = {}, 0, 0
    for platform, number, people, with_reach in rows.annotate(Count("pk"), Sum("reach"), Count("reach")):
        platforms[platform] = number
        reach, known = reach + (people or 0), known + with_reach
    return {
        "weeks": {one.code: at_least_five(by_week[one]) for one in weeks if one.last >= campaign.starts_on},
        "all": at_least_five(by_week[week]),
        "platforms": groups_of(platforms),
        "reach": reach if known >= FEWEST else None,
        "reach_known": at_least_five(known),
    }


def groups_of(numbers: Mapping[str, int]) -> list[tuple[list[str], int]]:
    """Return groups with their numbers, the largest first; small ones are counted together, last."""
    alone, together = merged(numbers)
    found = [([name], numbers[name]) for name in sorted(alone, key=lambda name: (-numbers[name], name))]
    rest = sum(numbers[name] for name in together)
    return [*found, (sorted(together), rest)] if rest >= FEWEST else found


def claims_of(campaign: Campaign, week: Week, *, at: datetime) -> list[Figures]:
    """Return the claims that were seen in a week, those seen most first; four queries."""
    now, then = (seen_by_claim(campaign, one) for one in (week, week.before()))
    keys = sorted(now, key=lambda pk: (-now[pk]["seen"], pk))
    claims = Claim.objects.select_related("current_version").in_bulk(keys)
    firsts = dict(
        Sighting.objects.filter(claim__campaign=campaign)
        .with_main()
        .filter(main__in=keys)
        .order_by()
        .values_list("main")
        .annotate(Min("seen_on"))
    )
    cells = shown([now[pk]["seen"] for pk in keys])
    before = shown([then[pk]["seen"] if pk in then else 0 for pk in keys])
    return [
        claim_of(claims[pk], now[pk], cell, earlier, firsts[pk])
        for pk, cell, earlier in zip(keys, cells, before, strict=True)
    ]


def seen_by_claim(campaign: Campaign, week: Week) -> dict[int, Figures]:
    """Return {main claim: how often it was seen in a week, where, and before how many}; one query."""
    rows = (
        Sighting.objects.filter(claim__campaign=campaign, seen_on__range=(week.first, week.last))
        .exclude(claim__status=Claim.Status.SET_ASIDE)
        .with_main()
        .order_by()
        .values_list("main", "platform")
        .annotate(Count("pk"), Sum("reach"), Count("reach"))
    )
    found: dict[int, Figures] = defaultdict(lambda: {"seen": 0, "platforms": {}, "reach": 0, "known": 0})
    for main, platform, number, reach, known in rows:
        one = found[main]
        one["seen"] += number
        one["platforms"][platform] = number
        one["reach"] += reach or 0
        one["known"] += known
    return dict(found)


def claim_of(claim: Claim, now: Figures, seen: int | None, before: int | None, first: date) -> Figures:
    """Return what is told of one claim. The words of one that is published are those that were published."""
    version = claim.current_version
    is_public = version is not None and claim.paused_at is None and claim.status not in GONE
    words = version if is_public and version else claim
    return {
        "pk": claim.pk,
        "slug": claim.slug,
        "is_public": is_public,
        "text": words.text,
        "fact": words.fact if is_public else {},
        "verdict": words.verdict if is_public else "",
        "narrative": claim.narrative_id,
        "seen": seen,
        "before": before,
        "platforms": [names for names, _number in groups_of(now["platforms"])] if seen else [],
        "reach": now["reach"] if seen and now["known"] else None,
        "first": first.isoformat(),
    }


GONE = (Claim.Status.WITHDRAWN, Claim.Status.MERGED, Claim.Status.SET_ASIDE)


def narratives_of(campaign: Campaign, claims: Sequence[Figures]) -> list[Figures]:
    """Return the stories that the week's claims serve, with which of them; those of most claims first. One query."""
    found = []
    for narrative in Narrative.objects.filter(campaign=campaign).order_by("pk"):
        own = [one for one in claims if one["narrative"] == narrative.pk]
        if own:
            found.append(
                {
                    "pk": narrative.pk,
                    "name": narrative.name,
                    "need": narrative.need_behind,
                    "claims": [one["pk"] for one in own],
                }
            )
    return sorted(found, key=lambda one: (-len(one["claims"]), one["pk"]))


# --- Questions --------------------------------------------------------------------------------------------


def questions_of(campaign: Campaign, week: Week, *, at: datetime) -> Figures:
    """
    Return what was asked: by week, and by group of the same meaning where at least five people asked; the groups of fewer are
    only counted. A group that nobody has answered at `at` is a void. Five queries.
    """
    weeks = up_to(week, WEEKS)
    since, until = weeks[0].begins(campaign.zone), week.ends(campaign.zone)
    asked = Question.objects.filter(campaign=campaign, asked_at__gte=since, asked_at__lt=until, set_aside_at=None)
    by_week: Counter[Week] = Counter()
    by_group: Counter[int | None] = Counter()
    languages: dict[int | None, Counter[str]] = defaultdict(Counter)
    rows: list[tuple[int | None, datetime, int, str]] = [
        *asked.order_by().values_list("group", "asked_at", "times", "language"),
        *(
            (group, moment, 1, "")
            for group, moment in SameQuestion.objects.filter(
                group__campaign=campaign, at__gte=since, at__lt=until
            ).values_list("group", "at")
        ),
    ]
    for group, moment, people, language in rows:
        one = Week.of(campaign.local(moment).date())
        by_week[one] += people
        if one == week:
            by_group[group] += people
            languages[group][language] += people
    in_group = {key: people for key, people in by_group.items() if key is not None}
    alone, together = merged(in_group)
    groups = QuestionGroup.objects.select_related("authority").in_bulk(alone)
    answers = {
        answer.group_id: answer for answer in published_answers.answers_of(campaign, at=at).filter(group__in=alone)
    }
    most = sorted(alone, key=lambda pk: (-in_group[pk], pk))
    return {
        "weeks": {one.code: at_least_five(by_week[one]) for one in weeks if one.last >= campaign.starts_on},
        "all": at_least_five(by_week[week]),
        "rows": [question_of(groups[pk], in_group[pk], answers.get(pk)) for pk in most[:MOST_QUESTIONS]],
        "other_groups": len(together) + len(most[MOST_QUESTIONS:]),
    }


def question_of(group: QuestionGroup, asked: int, answer: Answer | None) -> Figures:
    """Return what is told of one question: never in whose words, never by whom."""
    version = answer.current_version if answer else None
    return {
        "pk": group.pk,
        "slug": group.slug,
        "label": version.question if version else group.label,
        "asked": asked,
        "state": "answered" if version else "declined" if group.state == group.State.DECLINED else "void",
        "answered_at": version.published_at.isoformat() if version else None,
        "authority": group.authority.name if group.authority else {},
        "answer_by": group.answer_by.isoformat() if group.answer_by and not version else None,
    }


# --- What was done ----------------------------------------------------------------------------------------


def done_in(campaign: Campaign, week: Week, *, at: datetime) -> Figures:
    """Return what was published in a week, and is public at `at`: bulletins, fact-checks and answers, and how fast. Seven queries."""
    during = Q(published_at__gte=week.begins(campaign.zone), published_at__lt=min(week.ends(campaign.zone), at))
    checks = checks_in(campaign, during)
    answers = answers_in(campaign, during, at=at)
    return {
        "bulletins": bulletins_in(campaign, during, at=at),
        "checks": checks,
        "answers": answers,
        "check_hours": middle(one["hours"] for one in checks),
        "answer_hours": middle(one["hours"] for one in answers),
    }


def middle(numbers: Iterable[float | None]) -> float | None:
    """Return the median of what is known, None where nothing is."""
    known = [number for number in numbers if number is not None]
    return round(median(known), 1) if known else None


def bulletins_in(campaign: Campaign, during: Q, *, at: datetime) -> list[Figures]:
    """Return the bulletins that were published, corrected or withdrawn; one that waits for its hour is not among them."""
    editions = PublishedEdition.objects.filter(reading_level=ReadingLevel.STANDARD).only("version", "language", "title")
    out = Version.objects.published(at=at).filter(bulletin__campaign=campaign)
    withdrawn = set(out.filter(kind=Bulletin.Kind.RETRACTION).values_list("bulletin", flat=True))
    found = out.filter(during).select_related("bulletin").prefetch_related(Prefetch("editions", editions))
    return [
        {
            "pk": one.bulletin_id,
            "number": one.bulletin.number,
            "kind": one.kind,
            "title": {} if one.is_retracted else {edition.language: edition.title for edition in one.editions.all()},
            "at": one.published_at.isoformat(),
        }
        for one in found.order_by("published_at", "pk")
        if one.is_retracted or one.bulletin_id not in withdrawn
    ]


def checks_in(campaign: Campaign, during: Q) -> list[Figures]:
    """Return the fact-checks that were published or corrected and still stand, with the hours since the claim was reported."""
    versions = ClaimVersion.objects.in_force().filter(
        during, claim__campaign=campaign, kind__in=BEGAN, adds_language=False
    )
    return [
        {
            "pk": one.claim_id,
            "slug": one.claim.slug,
            "kind": one.kind,
            "fact": one.fact,
            "verdict": one.verdict,
            "at": one.published_at.isoformat(),
            "hours": hours(one.claim.created_at, one.published_at) if one.number == 1 else None,
        }
        for one in versions.select_related("claim").order_by("published_at", "pk")
    ]


def answers_in(campaign: Campaign, during: Q, *, at: datetime) -> list[Figures]:
    """Return the answers that were given and anyone may read, with the hours since the question was first asked."""
    given = Q(**{f"current_version__{name}": value for name, value in during.children})  # type: ignore[misc]  # pairs
    answers = (
        published_answers.answers_of(campaign, at=at).filter(given).order_by("current_version__published_at", "pk")
    )
    asked = dict(
        Question.objects.filter(campaign=campaign, group__answer__in=answers)
        .order_by()
        .values_list("group")
        .annotate(Min("asked_at"))
    )
    found = []
    for answer in answers:
        version = answer.current_version
        assert version is not None
        first = asked.get(answer.group_id)
        found.append(
            {
                "pk": answer.pk,
                "slug": answer.group.slug,
                "question": version.question,
                "kind": version.kind,
                "at": version.published_at.isoformat(),
                "hours": hours(first, version.published_at) if first and version.number == 1 else None,
            }
        )
    return found


def hours(begun: datetime, done: datetime) -> float | None:
    """Return the hours between two moments, None where the later one comes first."""
    return round((done - begun).total_seconds() / 3600, 1) if done >= begun else None
