"""What is known of someone who takes part, as the form names it, and their own corrections of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import rate_limit
from accounts.models import AuditEntry, User
from campaigns.models import Campaign, Region
from influencers.models import Influencer, PlatformAccount


class NotChanged(Exception):
    """A correction that is refused; nothing was stored. The message says why, `field` where in the form."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def known_details(influencer: Influencer) -> dict[str, Any]:
    """Return what is known of someone, as forms.describing names it, without what is empty; one query."""
    found: dict[str, Any] = {
        "name": influencer.name,
        "other_languages": influencer.other_languages,
        "interests": influencer.interests,
        "region": influencer.region.code if influencer.region else None,
        "municipality": influencer.municipality,
        "birth_decade": influencer.audience_birth_decade,
    }
    shares = {
        "ages": influencer.audience_ages,
        "genders": influencer.audience_genders,
        "languages": influencer.audience_languages,
    }
    found |= {f"{kind}_{group}": share for kind, groups in shares.items() for group, share in groups.items()}
    found |= {f"value_{key}": str(value) for key, value in influencer.values.items()}
    for account in influencer.accounts.order_by("pk"):
        found.setdefault(f"{account.platform}_handle", account.handle)
        found.setdefault(f"{account.platform}_followers", account.followers)
    return {name: value for name, value in found.items() if value not in (None, "")}


@transaction.atomic
def change(influencer: Influencer, told: Mapping[str, Any], *, at: datetime) -> None:
    """
    Write what someone says of themselves (`told`, as forms.describing writes it) in place of what was known. Raise
    NotChanged for an account of someone else in the campaign, and for a person who has left meanwhile.
    """
    one_at_a_time(influencer.campaign)
    held = Influencer.objects.select_for_update(of=("self",)).select_related("campaign", "recipient", "user")
    person = held.filter(pk=influencer.pk, state=Influencer.State.ACTIVE).first()
    if person is None or person.user is None:
        raise NotChanged(_("You have left, so nothing was changed."))
    refuse_others(person, told["accounts"])
    describe(person, told)
    person.save()
    write_accounts(person, told["accounts"], at=at)
    for named in (person.user, person.recipient):
        named.name = person.name
        named.save(update_fields=["name"])
    note("influencer.described", person, by=person.user, at=at)


def refuse_others(influencer: Influencer, accounts: list[dict[str, Any]]) -> None:
    """
    Raise NotChanged for the first account that is new here and belongs to someone else in the campaign; one query.
    """
    named = {(one["platform"], one["handle"]) for one in accounts}
    rows = PlatformAccount.objects.filter(
        influencer__campaign=influencer.campaign_id, handle__in=[handle for _platform, handle in named]
    ).values_list("influencer", "platform", "handle")
    found = [(owner, (platform, handle)) for owner, platform, handle in rows]
    mine = {account for owner, account in found if owner == influencer.pk}
    others = {account for _owner, account in found} & named - mine
    if others:
        platform, _handle = min(others)
        says = _("This account belongs to someone else who takes part. If it is yours, write to your contact person.")
        raise NotChanged(says, field=f"{platform}_handle")


def one_at_a_time(campaign: Campaign) -> None:
    """Wait until nobody else comes into a campaign, by a form or a file, until the end of the transaction."""
    rate_limit.one_at_a_time(f"influencers.enrol {campaign.pk}")


DESCRIBED = {  # what a form calls it: what the profile calls it
    "name": "name",
    "other_languages": "other_languages",
    "municipality": "municipality",
    "birth_decade": "audience_birth_decade",
    "ages": "audience_ages",
    "genders": "audience_genders",
    "languages": "audience_languages",
    "interests": "interests",
    "values": "values",
}


def describe(influencer: Influencer, answers: Mapping[str, Any]) -> None:
    """Write what someone filled in about themselves and their followers onto their profile; what was not asked stays."""
    for asked, kept in DESCRIBED.items():
        if asked in answers:
            setattr(influencer, kept, answers[asked])
    if "region" in answers:
        influencer.region = Region.objects.filter(code=answers["region"]).first() if answers["region"] else None


def write_accounts(
    influencer: Influencer, accounts: list[dict[str, Any]], *, at: datetime, are_all: bool = True
) -> None:
    """
    Write where someone publishes. What was known of a platform is replaced by what they say; an account that is not the
    platform's first one, for which the form has no place, stays. Followers who are as many as before keep the day on
    which they were counted. Unless `are_all`, other platforms and known numbers of followers stay too.
    """
    rows = list(influencer.accounts.order_by("pk"))
    known: dict[str, PlatformAccount] = {}
    for row in rows:
        known.setdefault(row.platform, row)
    said = {one["platform"]: one for one in accounts}
    asked = known if are_all else said
    gone = [
        row.pk
        for platform, row in known.items()
        if platform in asked and said.get(platform, {}).get("handle") != row.handle
    ]
    influencer.accounts.filter(pk__in=gone).delete()
    today = influencer.campaign.local(at).date()
    for platform, one in said.items():
        before = next((row for row in rows if (row.platform, row.handle) == (platform, one["handle"])), None)
        if before is None or not is_as_before(before, one["followers"], are_all=are_all):
            counted = {"followers": one["followers"], "counted_on": today if one["followers"] is not None else None}
            influencer.accounts.update_or_create(platform=platform, handle=one["handle"], defaults=counted)


def is_as_before(known: PlatformAccount, followers: int | None, *, are_all: bool) -> bool:
    """Return whether an account's number of followers stays: it is the same, or was not asked."""
    if followers is None:
        return not are_all
    return known.counted_on is not None and known.followers == followers


def note(verb: str, influencer: Influencer, *, by: User | None, at: datetime, **detail: Any) -> None:
    """Append an audit entry about a person."""
    entry(verb, influencer, by=by, at=at, **detail).save()


def entry(verb: str, influencer: Influencer, *, by: User | None, at: datetime, **detail: Any) -> AuditEntry:
    """Return an unsaved audit entry that names a person by reference: the log outlives a name."""
    return AuditEntry(
        at=at,
        actor=by,
        verb=verb,
        subject_type=influencer._meta.label_lower,
        subject_id=str(influencer.pk),
        subject=influencer.reference,
        detail=detail,
    )
