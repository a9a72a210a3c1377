"""Who could be chosen, and what is known of whom they reach. What is not known counts as not reached."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from campaigns.models import Campaign
from delivery.models import Audience, Consent, MailChoice, Membership, Recipient, Suppression
from influencers.models import Harassment, Influencer, PlatformAccount, Signature

from .coverage_cells import REAL_SHARE, Grid
from .exclusion_rules import Rules

FIELDS = (
    "pk",
    "reference",
    "name",
    "state",
    "kept_out",
    "recipient__language",
    "region__code",
    "audience_birth_decade",
    "audience_ages",
    "audience_languages",
    "interests",
    "values",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who could be chosen: the cells that they cover, and the rule that keeps them out, if one does."""

    pk: int
    reference: str
    name: str
    covers: tuple[int, ...] = ()
    rule: str = ""
    is_in: bool = False
    goodwill: float = 0.0
    is_harassed: bool = False
    unknown: tuple[str, ...] = field(default=())


def read(
    campaign: Campaign,
    grid: Grid,
    rules: Rules,
    *,
    audience: Audience,
    left_out: Iterable[int] = (),
    at: datetime,
) -> list[Person]:
    """Return everyone who ever joined or was invited and was not erased, by reference. Two queries, whatever the size."""
    away = set(left_out)
    year = campaign.local(at).year
    people = []
    for row in rows_of(campaign, audience, with_followers=rules.followers > 0, at=at):
        ages = ages_of(row["audience_ages"], row["audience_birth_decade"], grid.shares["age"], year)
        region = row["region__code"] or ""
        topics = [topic for topic in row["interests"] if isinstance(topic, str)]
        known = {"age": bool(row["audience_ages"] or row["audience_birth_decade"]), "region": region, "topic": topics}
        answers = [answer for answer in row["values"].values() if isinstance(answer, int)]
        people.append(
            Person(
                pk=row["pk"],
                reference=row["reference"],
                name=row["name"],
                covers=grid.covered_by(ages, languages_of(row), region, topics),
                rule="left_out" if row["pk"] in away and not hard(row) else rule_of(row, rules),
                is_in=row["is_in"],
                goodwill=sum(answers) / len(answers) if answers else 0.0,
                is_harassed=row["is_harassed"],
                unknown=tuple(name for name, value in known.items() if grid.shares[name] and not value),
            )
        )
    return people


def rows_of(campaign: Campaign, audience: Audience, *, with_followers: bool, at: datetime) -> list[dict[str, Any]]:
    """Return what the database knows of the people of a campaign."""
    mine = {"recipient": OuterRef("recipient")}
    people = Influencer.objects.filter(campaign=campaign).exclude(state=Influencer.State.ERASED)
    consents = Consent.objects.filter(
        **mine, purpose=Consent.Purpose.BULLETINS, withdrawn_at=None, confirmed_at__isnull=False
    )
    suppressed = Suppression.objects.filter(address_hash=OuterRef("recipient__address_hash"))
    reaches = Exists(consents) & ~Exists(suppressed) & Q(recipient__state=Recipient.State.ACTIVE)
    people = people.annotate(
        has_mail=reaches,
        has_signed=Exists(Signature.objects.filter(influencer=OuterRef("pk"), withdrawn_at=None)),
        has_break=Exists(MailChoice.objects.filter(**mine, campaign=campaign, break_until__gt=at)),
        is_harassed=Exists(Harassment.objects.filter(influencer=OuterRef("pk"), closed_at=None)),
        is_in=Exists(Membership.objects.filter(**mine, audience=audience).open(at=at)),
    )
    rows = list(
        people.order_by("reference").values(*FIELDS, "has_mail", "has_signed", "has_break", "is_harassed", "is_in")
    )
    if with_followers:
        counted = PlatformAccount.objects.filter(influencer__campaign=campaign).values_list("influencer")
        followers = dict(counted.annotate(total=Coalesce(Sum("followers"), 0)).order_by())
        for row in rows:
            row["followers"] = followers.get(row["pk"], 0)
    return rows


def hard(row: Mapping[str, Any]) -> str:
    """Return the rule that keeps someone out whatever staff chose about their participation and safety, or ""."""
    if row["state"] != Influencer.State.ACTIVE:
        return "state"
    return "kept_out" if row["kept_out"] else ""


def rule_of(row: Mapping[str, Any], rules: Rules) -> str:
    """Return the first rule that keeps someone out, or ""."""
    if found := hard(row):
        return found
    if not row["has_mail"]:
        return "mail"
    if not row["has_signed"]:
        return "signature"
    if row["has_break"]:
        return "break"
    if row["is_harassed"] and rules.leave_harassed:
        return "harassed"
    answers = [row["values"].get(key) for key in rules.values]
    if any(
        isinstance(answer, int) and answer < least for answer, least in zip(answers, rules.values.values(), strict=True)
    ):
        return "values"
    if not all(isinstance(answer, int) for answer in answers):
        return "values_unknown"
    return "followers" if rules.followers and row["followers"] < rules.followers else ""


def languages_of(row: Mapping[str, Any]) -> set[str]:
    """Return the languages that someone reaches people in: their own, and those of a real share of their followers."""
    shares = row["audience_languages"]
    return {row["recipient__language"], *(code for code, share in shares.items() if real(share))}


def ages_of(shares: Mapping[str, Any], decade: int | None, groups: Iterable[str], year: int) -> set[str]:
    """
    Return the age groups that a real share of someone's followers belongs to. Where only the decade is known in which
    most of them were born, the groups at least half of whose years lie in it.
    """
    if shares:
        return {group.replace("-", "_").replace("–", "_") for group, share in shares.items() if real(share)}
    if decade is None:
        return set()
    youngest, oldest = year - decade - 9, year - decade
    return {group for group in groups if half_within(group, youngest, oldest)}


def half_within(group: str, youngest: int, oldest: int) -> bool:
    """Return whether at least half of the years of an age group ("18_24", "45_plus") lie between two ages."""
    first, _under, last = group.partition("_")
    if not first.isdigit():
        return False
    if not last.isdigit():  # open to the top
        return youngest >= int(first)
    years = range(int(first), int(last) + 1)
    return 2 * sum(youngest <= age <= oldest for age in years) >= len(years)


def real(share: Any) -> bool:
    """Return whether a share in per cent is large enough to count."""
    return isinstance(share, int | float) and share >= REAL_SHARE
