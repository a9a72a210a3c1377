"""
The influencers who come along: those who agreed to another crisis, with their accounts, in the open network of the new campaign.
Who was in close contact is proposed for it anew. Two thousand cost as many statements as two.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Audience, Membership
from influencers.models import CodeOfEthics, Influencer, PlatformAccount, Signature
from influencers.profiles import tiers

from . import copies, influencer_groups

CLOSE = 1  # the tier of close contact


def bring(
    campaign: Campaign,
    earlier: Campaign,
    *,
    audiences: Mapping[int, Audience],
    texts: Mapping[int, CodeOfEthics],
    by: User,
    at: datetime,
) -> int:
    """
    Copy the profiles of those who agreed, and seat them; return how many came. `audiences` and `texts` say which copy is of
    which audience and code of ethics: a signature stands under the same text only. In a transaction.
    """
    people = list(influencer_groups.agreed(earlier).order_by("pk"))
    made = Influencer.objects.bulk_create(
        copies.again(
            person,
            campaign_id=campaign.pk,
            joined_at=at,
            left_at=None,
            last_visit_at=None,
            came_by_id=None,
        )
        for person in people
    )
    came = {person.pk: copy for person, copy in zip(people, made, strict=True)}
    of_people = Q(influencer__in=influencer_groups.agreed(earlier).values("pk"))
    PlatformAccount.objects.bulk_create(
        copies.again(one, influencer_id=came[one.influencer_id].pk)
        for one in PlatformAccount.objects.filter(of_people).order_by("pk")
    )
    signatures = Signature.objects.filter(of_people, text__in=texts, withdrawn_at=None).order_by("pk")
    Signature.objects.bulk_create(
        copies.again(one, influencer_id=came[one.influencer_id].pk, text_id=texts[one.text_id].pk) for one in signatures
    )
    seat(campaign, list(came.values()), earlier=earlier, audiences=audiences, by=by, at=at)
    return len(made)


def seat(
    campaign: Campaign,
    people: list[Influencer],
    *,
    earlier: Campaign,
    audiences: Mapping[int, Audience],
    by: User,
    at: datetime,
) -> None:
    """
    Let each person into the tier that they had, the open network instead of close contact or of none, however many are in
    it: its largest size gives way. Where there is close contact only, it is for people who have signed.
    """
    own = list(Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS, tier__isnull=False))
    held = Membership.objects.open(at=at).filter(
        audience__in=[pk for pk, copy in audiences.items() if copy.tier not in {None, CLOSE}],
        recipient__in=influencer_groups.agreed(earlier).values("recipient"),
    )
    before = dict(held.order_by("audience__tier").values_list("recipient", "audience"))
    languages = dict(influencer_groups.agreed(earlier).values_list("recipient", "recipient__language"))
    signed = tiers.have_signed(people) if all(one.tier == CLOSE for one in own) else set()
    open_to = {code: tiers.open_network(campaign, code) for code in set(languages.values())}
    places: dict[Audience, list[Influencer]] = {}
    for person in people:
        old = before.get(person.recipient_id)
        to = audiences[old] if old else open_to[languages[person.recipient_id]]
        if to is not None and (to.tier != CLOSE or person.pk in signed):
            places.setdefault(to, []).append(person)
    for audience, those in places.items():
        if audience.tier != CLOSE and audience.max_size and len(those) > audience.max_size:
            Audience.objects.filter(pk=audience.pk).update(max_size=len(those))
    tiers.rearrange(places, by=by, at=at, reason=f"from {earlier.slug}")
