"""
People who exist in drills only. Their addresses end in .invalid, which no mail reaches (RFC 2606), and nobody can log in as
one of them: so nothing that a real person did or did not do is ever written under a name of theirs.
"""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db.models import Q, QuerySet
from django.utils.translation import override, pgettext

from accounts.models import MADE_UP, User
from campaigns.models import Campaign
from delivery.models import Audience, Consent, Membership, Recipient
from delivery.models.recipients import address_hash
from influencers.models import Influencer, PlatformAccount

from . import parts

# Where nobody has a mailbox: made-up people of demos and of drills.
NOWHERE = ("@example.org", "@example.com", "@example.net", MADE_UP)
DOMAIN = f"drill{MADE_UP}"
MOST = 2000
PLATFORMS = ("tiktok", "instagram", "youtube")


def player(campaign: Campaign, part: str, number: int = 1) -> User:
    """Return who plays a part that is made up: an account that can do nothing by itself."""
    with override(campaign.default_language):
        names = {
            parts.EDITOR: pgettext("made-up person", "Drill: editor"),
            parts.TRANSLATOR: pgettext("made-up person", "Drill: translator"),
            parts.APPROVER: pgettext("made-up person", "Drill: approver"),
            parts.FACT_CHECKER: pgettext("made-up person", "Drill: fact-checker"),
            parts.SECOND_CHECKER: pgettext("made-up person", "Drill: second fact-checker"),
            parts.LIAISON: pgettext("made-up person", "Drill: liaison"),
            parts.AUTHORITY: pgettext("made-up person", "Drill: authority"),
        }
    found, _new = User.objects.get_or_create(
        email=f"{part.replace('_', '-')}-{number}@{DOMAIN}",
        defaults={
            "name": f"{names[part]} {number}",
            "language": campaign.default_language,
            "is_active": False,
            "password": make_password(None),
        },
    )
    return found


def influencers(campaign: Campaign) -> QuerySet[Influencer]:
    """Return the influencers of an exercise whose address is nobody's: who acts for them says nothing of a real person."""
    nowhere = Q()
    for ending in NOWHERE:
        nowhere |= Q(recipient__email__iendswith=ending)
    return Influencer.objects.filter(nowhere, campaign=campaign, state=Influencer.State.ACTIVE).order_by("pk")


def recipients(campaign: Campaign, *, at: datetime) -> int:
    """Return how many people a bulletin to all audiences of an exercise reaches, each once; one query."""
    open_ = Membership.objects.open(at=at).filter(audience__campaign=campaign, recipient__state=Recipient.State.ACTIVE)
    return open_.values("recipient").distinct().count()


def add_influencers(campaign: Campaign, number: int, *, at: datetime) -> int:
    """
    Add made-up influencers to the widest audience of an exercise until there are `number`; return how many came. Their
    languages are the campaign's in turn. The number of queries does not grow.
    """
    have = influencers(campaign).count()
    audience = (
        Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS).order_by("-tier", "-pk").first()
    )
    missing = min(number, MOST) - have
    if missing <= 0 or audience is None:
        return 0
    start = Influencer.objects.filter(campaign=campaign).count() + 1
    recipients = add_recipients(campaign, audience, range(start, start + missing), at=at)
    unusable = make_password(None)
    users = User.objects.bulk_create(
        User(email=one.email, name=one.name, language=one.language, password=unusable) for one in recipients
    )
    people = Influencer.objects.bulk_create(
        Influencer(
            campaign=campaign,
            user=user,
            recipient=one,
            reference=f"drill-{start + n:04}",
            name=one.name,
            joined_at=at,
        )
        for n, (one, user) in enumerate(zip(recipients, users, strict=True))
    )
    PlatformAccount.objects.bulk_create(
        PlatformAccount(
            influencer=one,
            platform=PLATFORMS[n % len(PLATFORMS)],
            handle=f"drill{campaign.pk}.{start + n:04}",
            followers=1000 + 7919 * n % 60_000,  # small and large lists in turn
            counted_on=campaign.local(at).date(),
        )
        for n, one in enumerate(people)
    )
    return missing


def add_recipients(campaign: Campaign, audience: Audience, numbers: range, *, at: datetime) -> list[Recipient]:
    """Add made-up recipients, in the campaign's languages in turn, to an audience whose mail they agree to; return them."""
    languages = campaign.language_codes()
    with override(campaign.default_language):
        name = pgettext("made-up person", "Drill: influencer")
    addresses = {number: f"influencer-{campaign.pk}-{number}@{DOMAIN}" for number in numbers}
    recipients = Recipient.objects.bulk_create(
        Recipient(
            email=address,
            address_hash=address_hash(address),
            name=f"{name} {number}",
            language=languages[number % len(languages)],
            created_at=at,
        )
        for number, address in addresses.items()
    )
    Consent.objects.bulk_create(
        Consent(
            recipient=one,
            purpose=Consent.Purpose.BULLETINS,
            text_version="drill",
            language=one.language,
            source="drill",
            given_at=at,
            confirmed_at=at,
        )
        for one in recipients
    )
    Membership.objects.bulk_create(Membership(audience=audience, recipient=one, joined_at=at) for one in recipients)
    return recipients
