"""How long choosing a hundred of 3,800 people takes, and what it covers against the 100 largest and a random 100."""

import random
import statistics
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

INFLUENCERS, SIZE = 3800, 100
DRAWS = 20
TIMES = 3
RULES = {"value_corrections": 4}
AT = datetime(2020, 4, 8, 9, tzinfo=UTC)
PLATFORMS = ("instagram", "tiktok", "youtube")


def choosing(influencers: int, picture: str = "") -> dict[str, Any]:
    """
    Choose a hundred of the demo's synthetic influencers for its targets, several times; `seconds` is the middle of the
    whole, from reading the database to the saved selection. With `picture`, draw the comparison there as SVG.
    """
    from influencers.selection import optimizer
    from influencers.selection.candidates import read
    from influencers.selection.coverage_cells import grid_of, targets_of
    from influencers.selection.exclusion_rules import Rules
    from influencers.selection.new_selection import choose, eligible_first

    campaign, audience, boss, followers = build(influencers)
    rules = Rules(values=RULES)
    took, made = [], []
    for number in range(TIMES):
        began = time.perf_counter()
        made.append(choose(campaign, name=f"Bench {number}", audience=audience, size=SIZE, rules=rules, by=boss, at=AT))
        took.append(time.perf_counter() - began)
    result = made[-1].result
    chosen = [set(one.choices.values_list("influencer__reference", flat=True)) for one in made]

    grid = grid_of(targets_of(campaign))
    people = eligible_first(read(campaign, grid, rules, audience=audience, at=AT), {})
    free = [person for person in people if not person.rule]
    problem = optimizer.Problem(grid.weights, [person.covers for person in free], SIZE)
    began = time.perf_counter()
    greedy = optimizer.greedy(problem)
    greedy_seconds = time.perf_counter() - began
    largest = sorted(range(len(free)), key=lambda number: (-followers[free[number].reference], free[number].reference))
    chance = random.Random(2020)  # noqa: S311 the same draws in every run; nothing secret
    draws = [chance.sample(range(len(free)), min(SIZE, len(free))) for _draw in range(DRAWS)]
    ways = {
        "chosen": {key: result[key] for key in ("covered", "twice")},
        "greedy": covered(problem, greedy),
        "largest": covered(problem, largest[:SIZE]),
        "random": mean([covered(problem, draw) for draw in draws]),
        "everyone": result["possible"],
    }
    figures = {
        "seconds": round(statistics.median(took), 2),
        "slowest_seconds": round(max(took), 2),
        "reading_seconds": round(result["seconds"]["reading"], 2),
        "greedy_seconds": round(greedy_seconds, 3),
        "within": max(took) < 5,
        "people": result["people"],
        "eligible": result["eligible"],
        "cells": len(grid.cells),
        "kinds": len(problem.alike),
        "method": result["method"],
        "solver_seconds": [round(one.result["seconds"].get("exact", 0.0), 2) for one in made],
        "proven_gap": round(result["gap"], 6),
        "greedy_below": round(1 - problem.value(greedy) / result["value"], 4),
        "greedy_gap_by_itself": round(optimizer.greedy_bound(problem, greedy) / problem.value(greedy) - 1, 4),
        "same_each_time": all(one == chosen[0] for one in chosen),
        "per_cent": {name: {key: round(100 * share, 1) for key, share in way.items()} for name, way in ways.items()},
    }
    if picture:
        Path(picture).write_text(drawn(figures["per_cent"], figures["eligible"]), encoding="utf-8")
    return figures


def covered(problem: Any, people: Iterable[int]) -> dict[str, float]:
    """Return what a set covers, once and twice."""
    from influencers.selection.explanation import shares_covered

    return shares_covered(problem.weights, problem.counts(people))


def mean(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each figure."""
    return {key: statistics.fmean(row[key] for row in rows) for key in rows[0]}


def build(influencers: int) -> tuple[Any, Any, Any, dict[str, int]]:
    """Store the demo's targets and so many of its people; return campaign, tier, who chooses, and follower counts."""
    from accounts.models import User
    from benchmarks.mail.send import analyse
    from campaigns.models import Region
    from delivery.models import Audience, Consent, Recipient, address_hash
    from demo.content_files import reader
    from demo.exercise.participants import synthetic_people
    from demo.exercise.participants.people import CONSENT_TEXT
    from influencers.models import CodeOfEthics, CoverageTarget, Influencer, PlatformAccount, Signature
    from tests.support.builders import build_campaign

    campaign = build_campaign("choosing")
    boss = User.objects.create_superuser("boss@example.org", name="Boss")
    audience = Audience.objects.create(
        campaign=campaign, slug="partners", tier=1, max_size=SIZE, languages=["fi", "sv", "en"]
    )
    regions = {
        code: Region.objects.get_or_create(code=code, defaults={"name": {"en": code}})[0]
        for code in synthetic_people.REGIONS
    }
    CoverageTarget.objects.bulk_create(
        CoverageTarget(campaign=campaign, dimension=item.text("dimension"), key=str(key), share=share)
        for item in reader.read().campaign.items("coverage_targets")
        for key, share in item.data["shares"].items()
    )
    rows = synthetic_people.generate(influencers)
    users = User.objects.bulk_create(User(email=row["email"], name=row["name"]) for row in rows)
    recipients = Recipient.objects.bulk_create(
        Recipient(email=row["email"], address_hash=address_hash(row["email"]), language=row["language"]) for row in rows
    )
    Consent.objects.bulk_create(
        Consent(
            recipient=reader,
            purpose=Consent.Purpose.BULLETINS,
            text_version=CONSENT_TEXT,
            language=reader.language,
            source="bench",
            given_at=AT,
            confirmed_at=AT,
        )
        for reader in recipients
    )
    people = Influencer.objects.bulk_create(
        Influencer(
            campaign=campaign,
            user=user,
            recipient=reader,
            reference=row["id"],
            name=row["name"],
            region=regions[row["region"]],
            audience_birth_decade=row["audience_birth_decade"],
            audience_ages={group: row[f"audience_{group}_pct"] for group in synthetic_people.AGE_GROUPS},
            interests=row["topics"].split(";"),
            values={key: value for key, value in row.items() if key.startswith("value_")},
            joined_at=AT - timedelta(days=20),
        )
        for row, user, reader in zip(rows, users, recipients, strict=True)
    )
    text = CodeOfEthics.objects.create(campaign=campaign, language="fi", title="Code", points=1, body="1. Check.")
    Signature.objects.bulk_create(
        Signature(influencer=person, text=text, signed_at=AT - timedelta(days=10))
        for person, row in zip(people, rows, strict=True)
        if row["code_signed_on"]
    )
    PlatformAccount.objects.bulk_create(
        PlatformAccount(
            influencer=person,
            platform=platform,
            handle=row[f"{platform}_handle"],
            followers=row[f"{platform}_followers"],
            counted_on=date(2020, 4, 1),
        )
        for person, row in zip(people, rows, strict=True)
        for platform in PLATFORMS
        if row[f"{platform}_handle"]
    )
    analyse()
    return (
        campaign,
        audience,
        boss,
        {row["id"]: sum(row[f"{platform}_followers"] or 0 for platform in PLATFORMS) for row in rows},
    )


# --- The picture ------------------------------------------------------------------------------------------------------

WIDTH, LEFT, BAR, STEP, TOP = 720, 210, 18, 46, 64
LABELS = (
    ("chosen", "100 chosen by what they add"),
    ("largest", "the 100 with most followers"),
    ("random", f"100 at random (mean of {DRAWS})"),
)


def drawn(ways: dict[str, dict[str, float]], eligible: int) -> str:
    """Return the comparison as an SVG picture: how much of the people to reach each way covers, once and twice."""
    scale = (WIDTH - LEFT - 70) / 100
    limit = LEFT + ways["everyone"]["covered"] * scale
    height = TOP + STEP * len(LABELS) + 40
    says = "; ".join(f"{label}: {ways[key]['covered']:g} %, twice {ways[key]['twice']:g} %" for key, label in LABELS)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            'role="img" aria-labelledby="t d" font-family="system-ui, sans-serif" font-size="14">'
        ),
        '<title id="t">Which part of the people to reach a hundred influencers cover</title>',
        f'<desc id="d">{says}. All {eligible:,} who can be chosen: {ways["everyone"]["covered"]:g} %.</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="16" y="26" font-size="16" font-weight="700" fill="#14212b">Covered of the people to reach, per cent</text>',
        f'<rect x="{LEFT}" y="38" width="12" height="12" fill="#0b5c7a"/><text x="{LEFT + 18}" y="49" fill="#14212b">twice</text>',
        (
            f'<rect x="{LEFT + 80}" y="38" width="12" height="12" fill="#8ec3d6"/>'
            f'<text x="{LEFT + 98}" y="49" fill="#14212b">once</text>'
        ),
    ]
    for place, (key, label) in enumerate(LABELS):
        y = TOP + STEP * place
        once, twice = ways[key]["covered"] * scale, ways[key]["twice"] * scale
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 24}" text-anchor="end" fill="#14212b">{label}</text>',
            f'<rect x="{LEFT}" y="{y + 8}" width="{once:.1f}" height="{BAR + 4}" fill="#8ec3d6"/>',
            f'<rect x="{LEFT}" y="{y + 8}" width="{twice:.1f}" height="{BAR + 4}" fill="#0b5c7a"/>',
            f'<text x="{LEFT + once + 8:.1f}" y="{y + 24}" font-weight="700" fill="#14212b">{ways[key]["covered"]:g}</text>',
        ]
    bottom = TOP + STEP * len(LABELS)
    parts += [
        (
            f'<line x1="{limit:.1f}" y1="{TOP}" x2="{limit:.1f}" y2="{bottom}" stroke="#9a3b26" stroke-width="2" '
            'stroke-dasharray="5 4"/>'
        ),
        (
            f'<text x="{limit:.1f}" y="{bottom + 20}" text-anchor="middle" fill="#9a3b26">all {eligible:,} who can be chosen: '
            f"{ways['everyone']['covered']:g}</text>"
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
