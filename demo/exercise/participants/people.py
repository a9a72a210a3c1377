"""The demo's people: staff, 3,800 influencers in their audiences, and subscribers of the digests."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.access.roles import STAFF, Role
from accounts.models import User
from bulletins.models import Platform
from campaigns.models import Authority, AuthorityMember, Campaign, Region
from delivery.models import (
    Audience,
    AudienceSize,
    Consent,
    ConsentText,
    Membership,
    Recipient,
    Subscription,
    address_hash,
)
from delivery.recipients import consents
from delivery.subscriptions import topic_sets
from demo.content_files.content import Content
from demo.exercise.demo_dates import Calendar
from influencers.models import CodeOfEthics, Influencer, PlatformAccount, Signature
from website.digests import publication_order
from website.models import Publication

from .synthetic_people import AGE_GROUPS, Row, generate

INFLUENCERS = 3800
# Printed by the demo for whoever tries it. The demo listens on this machine only and holds nobody's data.
PASSWORD = "this-is-an-exercise"  # noqa: S105
AGREED, AGREED_OF = 3, 5  # of how many influencers how many agreed to another crisis
CONTRIBUTOR_OF = "prime-ministers-office"
CONSENT_TEXT = "2020-03"
# (address, name, role): one of each role, and a second one where the rules ask for two people.
STAFF_AND_CONTRIBUTORS = [
    ("contributor@example.org", "Konsta Testinen", Role.CONTRIBUTOR),
    ("partner@example.org", "Naapuri Auttavainen", Role.PARTNER),
    ("municipality@example.org", "Kunta Keinonen", Role.MUNICIPALITY),
    ("creator@example.org", "Saga Kuvitusesimerkki", Role.CREATOR),
    ("editor@example.org", "Alma Esimerkki", Role.EDITOR),
    ("editor2@example.org", "Emil Provlund", Role.EDITOR),
    ("fact-checker@example.org", "Frida Testberg", Role.FACT_CHECKER),
    ("fact-checker2@example.org", "Oskari Mallikas", Role.FACT_CHECKER),
    ("approver@example.org", "Helena Harjoitusmaa", Role.APPROVER),
    ("approver2@example.org", "Anders Övningsholm", Role.APPROVER),
    ("liaison@example.org", "Liisa Esimerkki", Role.LIAISON),
    ("translator@example.org", "Tuomas Tulkkila", Role.TRANSLATOR),
    ("finance@example.org", "Pirjo Näytteinen", Role.FINANCE),
    ("admin@example.org", "Aarne Näytelä", Role.ADMIN),
]
DIGESTS = ("digest-at-once", "digest-urgent", "digest-daily", "digest-weekly", "digest-monthly")
# What subscribers chose, in turn: everything (()), or topics by their short names.
TOPIC_CHOICES: tuple[tuple[str, ...], ...] = (
    (),
    (),
    ("rules", "travel"),
    ("masks", "distance", "hygiene"),
    ("school", "family"),
    (),
    ("older-people",),
    ("rules",),
    ("masks", "app"),
    ("mental-health", "helping"),
)
SUBSCRIBER_LANGUAGES = ("fi", "fi", "fi", "fi", "sv", "fi", "fi", "sv", "fi", "en")


@dataclass
class Seat:
    """An influencer of the demo: the made-up row, the audiences, and since when."""

    row: Row
    audiences: list[str]
    joined_at: datetime
    signed_at: datetime | None


def create_staff() -> dict[str, User]:
    """Create everyone who works in the desk, and the contributor of the demo; return them by address."""
    password = make_password(PASSWORD)  # once: hashing is slow on purpose
    groups = {group.name: group for group in Group.objects.all()}
    users = User.objects.bulk_create(
        User(
            email=email, name=name, is_staff=role in STAFF, password=password if role in STAFF else make_password(None)
        )
        for email, name, role in STAFF_AND_CONTRIBUTORS
    )
    User.groups.through.objects.bulk_create(
        User.groups.through(user=user, group=groups[role.value])
        for user, (_, _, role) in zip(users, STAFF_AND_CONTRIBUTORS, strict=True)
    )
    by_address = {user.email: user for user in users}
    return by_address


def create_contributors(by_address: dict[str, User]) -> dict[str, User]:
    """Give every authority a contributor; return them by the authority's short name."""
    members = {}
    password = by_address["contributor@example.org"].password
    group = Group.objects.get(name=Role.CONTRIBUTOR.value)
    for authority in Authority.objects.all():
        if authority.slug == CONTRIBUTOR_OF:
            user = by_address["contributor@example.org"]
        else:
            user = User.objects.create(email=authority.contact, name=authority.name["en"], password=password)
            user.groups.add(group)
        AuthorityMember.objects.create(authority=authority, user=user)
        members[authority.slug] = user
    return members


def assign(content: Content, calendar: Calendar) -> list[Seat]:
    """
    Return every influencer with audiences and dates, in the order of their references.

    The hundred partners are in the network too. The network had its first size when bulletin 1 went out and
    its largest size today. International readers are people who read English, then people who also do. Everyone
    else gets one of the digests.
    """
    sizes = {audience.text("slug"): audience for audience in content.campaign.items("audiences")}
    first = {slug: audience.items("sizes")[0].number("size") or 0 for slug, audience in sizes.items()}
    network_size = sizes["network"].number("max_size") or 0
    partners, international, network, rest = divided(
        generate(INFLUENCERS), network_size=network_size, international_size=first["international"]
    )
    start = calendar.moment(content.bulletins[0].published_at)
    before, hour = start - timedelta(days=4), timedelta(hours=1)
    early = first["network"]
    seats = seated(network[:early], "network", calendar.spread(before, start - hour, early), calendar)
    seats += seated(
        network[early:], "network", calendar.spread(start + hour, calendar.at - hour, len(network) - early), calendar
    )
    for seat in seats[: len(partners)]:
        seat.audiences.insert(0, "partners")
    grown = min(start + timedelta(days=15), calendar.at - hour)
    seats += seated(international, "international", calendar.spread(start + hour, grown, len(international)), calendar)
    wanted, placed = sum(first[slug] for slug in DIGESTS), 0
    rest = shuffled(rest)
    for slug in DIGESTS:
        share = len(rest) - placed if slug == DIGESTS[-1] else round(len(rest) * first[slug] / wanted)
        seats += seated(
            rest[placed : placed + share], slug, calendar.spread(start + hour, calendar.at - hour, share), calendar
        )
        placed += share
    return sorted(seats, key=lambda seat: seat.row["id"])


def divided(
    rows: list[Row], *, network_size: int, international_size: int
) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """Return the partners, the international readers, the network with the partners in it, and everyone else."""
    order = sorted(rows, key=lambda row: (row["joined_on"], row["id"]))
    partners = [row for row in order if row["tier"] == 1]
    wider = [row for row in order if row["tier"] != 1]
    english = [row for row in wider if row["language"] == "en"]
    also_english = [row for row in wider if row["language"] != "en" and "en" in row["other_languages"].split(";")]
    international = (english + also_english)[:international_size]
    taken = {row["id"] for row in partners + international}
    others = [row for row in order if row["id"] not in taken]
    places = network_size - len(partners)
    return partners, international, partners + others[:places], others[places:]


def seated(rows: list[Row], audience: str, moments: list[datetime], calendar: Calendar) -> list[Seat]:
    """Return the rows as members of an audience; whoever signed the code of ethics did so as long after joining as in 2020."""
    seats = []
    for row, joined_at in zip(rows, moments, strict=True):
        signed_at = None
        if row["code_signed_on"]:
            waited = date.fromisoformat(row["code_signed_on"]) - date.fromisoformat(row["joined_on"])
            signed_at = min(joined_at + waited, calendar.at - timedelta(minutes=30))
        seats.append(Seat(row, [audience], joined_at, signed_at))
    return seats


def create_influencers(
    campaign: Campaign, content: Content, calendar: Calendar, audiences: dict[str, Audience], liaison: User
) -> None:
    """Create every influencer with user, recipient, consent, memberships, accounts and signature."""
    seats = assign(content, calendar)
    unusable = make_password(None)
    users = User.objects.bulk_create(
        User(
            email=seat.row["email"],
            name=seat.row["name"],
            language=seat.row["language"],
            password=unusable,
            date_joined=seat.joined_at,
        )
        for seat in seats
    )
    portal = Group.objects.get(name=Role.INFLUENCER.value)
    User.groups.through.objects.bulk_create(User.groups.through(user=user, group=portal) for user in users)
    recipients = Recipient.objects.bulk_create(
        recipient(seat.row["email"], seat.row["name"], seat.row["language"], seat.joined_at) for seat in seats
    )
    regions = {region.code: region for region in Region.objects.all()}
    influencers = Influencer.objects.bulk_create(
        profile(
            seat,
            campaign=campaign,
            user=user,
            recipient=reader,
            region=regions[seat.row["region"]],
            liaison=liaison if seat.row["tier"] == 1 else None,
        )
        for seat, user, reader in zip(seats, users, recipients, strict=True)
    )
    create_accounts(seats, influencers)
    texts = {text.language: text for text in CodeOfEthics.objects.filter(campaign=campaign)}
    Signature.objects.bulk_create(
        Signature(influencer=influencer, text=texts[seat.row["language"]], signed_at=seat.signed_at)
        for seat, influencer in zip(seats, influencers, strict=True)
        if seat.signed_at
    )
    Membership.objects.bulk_create(
        Membership(audience=audiences[slug], recipient=reader, joined_at=seat.joined_at)
        for seat, reader in zip(seats, recipients, strict=True)
        for slug in seat.audiences
    )
    record_consents(seats, recipients)


def record_consents(seats: list[Seat], recipients: list[Recipient]) -> None:
    """Write down what influencers agreed to: bulletins or digests, and most of them another crisis."""
    Consent.objects.bulk_create(
        consent(reader, "digest" if seat.audiences[0] in DIGESTS else "bulletins", seat.joined_at, "joining form")
        for seat, reader in zip(seats, recipients, strict=True)
    )
    Consent.objects.bulk_create(
        consent(reader, Consent.Purpose.ANOTHER_CRISIS, seat.joined_at, "joining form")
        for number, (seat, reader) in enumerate(zip(seats, recipients, strict=True))
        if number % AGREED_OF < AGREED
    )


def profile(seat: Seat, **of: Any) -> Influencer:
    """Return an influencer of a row, not saved."""
    row = seat.row
    return Influencer(
        reference=row["id"],
        name=row["name"],
        other_languages=split(row["other_languages"]),
        municipality=row["municipality"],
        sami_homeland=row["sami_homeland"] == "yes",
        audience_birth_decade=row["audience_birth_decade"],
        audience_ages={group: row[f"audience_{group}_pct"] for group in AGE_GROUPS},
        audience_genders={gender: row[f"audience_{gender}_pct"] for gender in ("women", "men", "other")},
        interests=split(row["topics"]),
        values={key: value for key, value in row.items() if key.startswith("value_")},
        joined_at=seat.joined_at,
        **of,
    )


def create_accounts(seats: list[Seat], influencers: list[Influencer]) -> None:
    """Create the accounts of influencers, each with its followers on the day on which they joined."""
    PlatformAccount.objects.bulk_create(
        PlatformAccount(
            influencer=influencer,
            platform=platform,
            handle=seat.row[f"{platform}_handle"],
            followers=seat.row[f"{platform}_followers"],
            counted_on=seat.joined_at.date(),
        )
        for seat, influencer in zip(seats, influencers, strict=True)
        for platform in (Platform.INSTAGRAM, Platform.TIKTOK, Platform.YOUTUBE)
        if seat.row[f"{platform}_handle"]
    )


def create_subscribers(content: Content, calendar: Calendar, audiences: dict[str, Audience]) -> int:
    """Fill the digest audiences up to the sizes in campaign.yaml with readers who are no influencers; return how many."""
    start = calendar.moment(content.bulletins[0].published_at)
    missing: list[str] = []
    for audience in content.campaign.items("audiences"):
        slug = audience.text("slug")
        if slug in DIGESTS:
            wanted = audience.items("sizes")[0].number("size") or 0
            missing += [slug] * (wanted - Membership.objects.filter(audience=audiences[slug]).count())
    moments = calendar.spread(start + timedelta(hours=1), calendar.at - timedelta(hours=1), len(missing))
    missing = shuffled(missing)  # so that each of them grew day by day
    readers = Recipient.objects.bulk_create(
        recipient(f"reader.{n:04}@example.net", "", SUBSCRIBER_LANGUAGES[n % len(SUBSCRIBER_LANGUAGES)], moment)
        for n, moment in enumerate(moments, start=1)
    )
    Membership.objects.bulk_create(
        Membership(audience=audiences[slug], recipient=reader, joined_at=reader.created_at)
        for slug, reader in zip(missing, readers, strict=True)
    )
    Consent.objects.bulk_create(consent(reader, "digest", reader.created_at, "subscription form") for reader in readers)
    record_consent_texts(at=start)
    return len(readers)


def record_consent_texts(*, at: datetime) -> None:
    """Write down the words that the demo's people agreed to, in each language in which one did."""
    said = Consent.objects.order_by().values_list("purpose", "text_version", "language").distinct()
    ConsentText.objects.bulk_create(
        ConsentText(
            purpose=purpose,
            version=version,
            language=language,
            words=consents.text_in(purpose, language),
            first_at=at,
        )
        for purpose, version, language in said
    )


def create_subscriptions(campaign: Campaign, *, at: datetime) -> None:
    """
    Give everyone in a digest audience their subscription. All that was published before the demo began has been told to
    people who were there by then, so the first digest is of what happens in the demo.
    """
    publication_order.note_waiting(at=at)
    last = publication_order.give_numbers(campaign)
    published = list(Publication.objects.filter(campaign=campaign).order_by("number").values_list("at", flat=True))
    keys = {topic.slug: topic.pk for topic in campaign.topics.all()}
    choices = [topic_sets.choice_of(campaign, [keys[slug] for slug in slugs]) for slugs in TOPIC_CHOICES]
    seats = Membership.objects.open(at=at).filter(audience__campaign=campaign, audience__kind=Audience.Kind.DIGEST)
    Subscription.objects.bulk_create(
        Subscription(
            recipient=seat.recipient,
            campaign=campaign,
            audience_id=seat.audience_id,
            topics=choices[n % len(choices)],
            told_topics=choices[n % len(choices)],
            language=seat.recipient.language,
            since=sum(moment <= seat.joined_at for moment in published),
            cursor=last,
            considered_at=at,
            subscribed_at=seat.joined_at,
        )
        for n, seat in enumerate(seats.select_related("recipient").order_by("pk"))
    )


def count_audiences(audiences: dict[str, Audience], calendar: Calendar, moments: list[datetime]) -> None:
    """Write how many people each audience really had at each of the moments."""
    AudienceSize.objects.bulk_create(
        AudienceSize(
            audience=audience,
            date=calendar.local_day(moment),
            basis="counted",
            size=Membership.objects.filter(audience=audience).open(at=moment).count(),
        )
        for audience in audiences.values()
        for moment in moments
    )


def recipient(email: str, name: str, language: str, since: datetime) -> Recipient:
    """Return an unsaved recipient with its address code, which bulk_create does not set."""
    email = email.lower()
    return Recipient(email=email, address_hash=address_hash(email), name=name, language=language, created_at=since)


def consent(reader: Recipient, purpose: str, at: datetime, source: str) -> Consent:
    """Return an unsaved consent, confirmed a few minutes after it was given."""
    return Consent(
        recipient=reader,
        purpose=purpose,
        text_version=CONSENT_TEXT,
        language=reader.language,
        source=source,
        given_at=at,
        confirmed_at=at + timedelta(minutes=4),
    )


def shuffled[T](values: list[T]) -> list[T]:
    """Return the values in another order, the same at every load."""
    return random.Random(2020).sample(values, len(values))  # noqa: S311  (made-up people, no secret)


def split(joined: str) -> list[str]:
    """Return the parts of a list that is joined with semicolons."""
    return [part for part in joined.split(";") if part]
