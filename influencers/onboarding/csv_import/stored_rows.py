"""Rows stored as influencers who wait to be invited, or added to people who do."""

from datetime import date, datetime

from campaigns.models import Campaign
from delivery.models import Recipient
from influencers.models import ImportRun, Influencer, PlatformAccount
from influencers.onboarding.enrolment import next_references

from .row_parser import Row


def write(rows: list[Row], run: ImportRun, *, at: datetime) -> None:
    """Store new people: invited to nothing yet, and enrolled in nothing. Nine queries or so."""
    if not rows:
        return
    codes = [row.code for row in rows]
    known = {one.address_hash: one for one in Recipient.objects.filter(address_hash__in=codes)}
    fresh = [
        Recipient(
            email=row.email,
            address_hash=row.code,
            name=row.name,
            language=row.language,
            state=Recipient.State.UNCONFIRMED,
            created_at=at,
        )
        for row in rows
        if row.code not in known
    ]
    known |= {one.address_hash: one for one in Recipient.objects.bulk_create(fresh)}
    references = next_references(run.campaign, len(rows))
    people = Influencer.objects.bulk_create(
        Influencer(
            campaign=run.campaign,
            recipient=known[row.code],
            reference=reference,
            name=row.name,
            state=Influencer.State.INVITED,
            came_by=run,
            joined_at=at,
            **row.fields,
        )
        for row, reference in zip(rows, references, strict=True)
    )
    day = run.campaign.local(at).date()
    PlatformAccount.objects.bulk_create(
        account(person, one, followers, day)
        for row, person in zip(rows, people, strict=True)
        for one, followers in row.accounts.items()
    )


def add(rows: list[Row], campaign: Campaign, *, at: datetime) -> None:
    """Fill in what is missing of people who have not joined the campaign yet; they are held, so that nobody is erased meanwhile."""
    if not rows:
        return
    waiting = Influencer.objects.filter(
        campaign=campaign,
        recipient__address_hash__in={row.code for row in rows},
        state=Influencer.State.INVITED,
    )
    held = waiting.select_for_update(of=("self",)).select_related("recipient").prefetch_related("accounts")
    people = {one.recipient.address_hash: one for one in held.order_by("pk")}
    accounts = []
    day = campaign.local(at).date()
    for row in rows:
        person = people.get(row.code)
        if person is None:
            continue
        if not person.name:
            person.name = row.name
        for name, value in row.fields.items():
            if not getattr(person, name):
                setattr(person, name, value)
        have = {(one.platform, one.handle) for one in person.accounts.all()}
        accounts += [account(person, one, number, day) for one, number in row.accounts.items() if one not in have]
    Influencer.objects.bulk_update(people.values(), ["name", *FIELDS], batch_size=200)
    PlatformAccount.objects.bulk_create(accounts, ignore_conflicts=True)


FIELDS = (
    "other_languages",
    "region",
    "municipality",
    "sami_homeland",
    "audience_birth_decade",
    "audience_ages",
    "audience_genders",
    "interests",
    "values",
)


def account(person: Influencer, place: tuple[str, str], followers: int | None, day: date) -> PlatformAccount:
    """Return an account of a person, not saved."""
    platform, handle = place
    counted = day if followers is not None else None
    return PlatformAccount(influencer=person, platform=platform, handle=handle, followers=followers, counted_on=counted)
