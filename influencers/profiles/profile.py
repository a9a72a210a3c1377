"""What is known of someone who takes part, as the form names it, and their own corrections of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from influencers.models import Influencer, PlatformAccount
from influencers.onboarding import enrolment


class NotChanged(Exception):
    """A correction that is refused; nothing was stored. The message says why, `field` where in the form."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def known(influencer: Influencer) -> dict[str, Any]:
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
    enrolment.one_at_a_time(influencer.campaign)
    held = Influencer.objects.select_for_update(of=("self",)).select_related("campaign", "recipient", "user")
    person = held.filter(pk=influencer.pk, state=Influencer.State.ACTIVE).first()
    if person is None or person.user is None:
        raise NotChanged(_("You have left, so nothing was changed."))
    refuse_others(person, told["accounts"])
    enrolment.describe(person, told)
    person.save()
    enrolment.write_accounts(person, told["accounts"], at=at)
    for named in (person.user, person.recipient):
        named.name = person.name
        named.save(update_fields=["name"])
    enrolment.note("influencer.described", person, by=person.user, at=at)


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
