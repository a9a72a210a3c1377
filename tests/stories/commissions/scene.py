"""Commissions to test with: creators, and paid work that took the real steps as far as a test wants."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from PIL import Image

from accounts.models import User
from campaigns.models import Campaign
from stories.commissions import applications, briefs, drafts, payments
from stories.models import Commission, Creator
from tests.support import builders
from tests.support.builders import editor, in_all, second_person


def payer() -> User:
    """Return an administrator who pays, the same one each time."""
    return User.objects.filter(email="payer@example.org").first() or builders.build_user("payer", "admin")


def build_creator(campaign: Campaign, name: str = "saga", *, at: datetime) -> Creator:
    """Return an illustrator from elsewhere with a login."""
    user = builders.build_user(name, "creator")
    return Creator.objects.create(campaign=campaign, user=user, name=user.name, added_at=at)


def content(*, at: datetime, **fields: Any) -> dict[str, Any]:
    """Return what a brief says: three illustrations for 1,800 euros in ten days, unless given otherwise."""
    told = {
        "title": in_all(en="Three illustrations"),
        "what": in_all(en="Water, boiling, five minutes."),
        "formats": in_all(en="PNG, 4:5"),
        "languages": ["fi"],
        "use": Commission.Use.CRISIS,
        "term": Commission.Term.ALWAYS,
        "term_from": Commission.TermFrom.ACCEPTED,
        "territory": Commission.Territory.WORLD,
        "may_adapt": True,
        "rights_text": {},
        "fee": Decimal("1800.00"),
        "kill_fee": Decimal("900.00"),
        "currency": "EUR",
        "rounds": 2,
        "pay_days": 14,
        "is_open": True,
        "apply_until": None,
        "deadline": at + timedelta(days=10),
    }
    return told | fields


def build_brief(campaign: Campaign, *, at: datetime, **fields: Any) -> Commission:
    """Return a brief in work."""
    return briefs.write(campaign, content(at=at, **fields), by=editor(), at=at)


def build_open(campaign: Campaign, *, at: datetime, **fields: Any) -> Commission:
    """Return a commission for which any creator can apply."""
    commission = build_brief(campaign, at=at, **fields)
    submit_and_open(commission, at=at)
    return fresh(commission)


def submit_and_open(commission: Commission, *, asked: Sequence[Creator] = (), at: datetime) -> None:
    """Submit a brief as it stands, and agree to it as who accepts."""
    briefs.submit(commission, asked=asked, read=fresh(commission).revision, by=editor(), at=at)
    briefs.open_to_creators(commission, read=fresh(commission).revision, part="accepts", by=second_person(), at=at)


def build_chosen(campaign: Campaign, creator: Creator, *, at: datetime, **fields: Any) -> Commission:
    """Return a commission whose creator is chosen and has not signed."""
    commission = build_open(campaign, at=at, **fields)
    applications.apply(commission, creator, sentence="With ink.", link="", at=at)
    applications.choose(commission, commission.applications.get(), by=editor(), at=at)
    return fresh(commission)


def build_agreed(campaign: Campaign, creator: Creator, *, at: datetime, **fields: Any) -> Commission:
    """Return a commission that both sides have signed; the creator is named, also on a ledger."""
    commission = build_chosen(campaign, creator, at=at, **fields)
    sign(commission, creator, at=at)
    applications.sign(commission, digest=digest_of(commission), by=editor(), at=at)
    return fresh(commission)


def build_delivered(campaign: Campaign, creator: Creator, *, at: datetime, **fields: Any) -> Commission:
    """Return a commission with a draft of one picture."""
    commission = build_agreed(campaign, creator, at=at, **fields)
    deliver(commission, creator, at=at)
    return fresh(commission)


def build_accepted(campaign: Campaign, creator: Creator, *, at: datetime, **fields: Any) -> Commission:
    """Return a commission whose work is accepted and not paid."""
    commission = build_delivered(campaign, creator, at=at, **fields)
    drafts.accept(commission, number=1, by=second_person(), at=at)
    return fresh(commission)


def build_published(campaign: Campaign, creator: Creator, *, at: datetime, **fields: Any) -> Commission:
    """Return a commission whose work everyone sees."""
    commission = build_accepted(campaign, creator, at=at, **fields)
    drafts.publish(commission, by=editor(), at=at)
    return fresh(commission)


def sign(
    commission: Commission, creator: Creator, *, credit: str = "Saga", in_ledger: bool = True, at: datetime
) -> None:
    """Sign as the creator what there is to sign."""
    applications.sign_as_creator(
        commission, creator, digest=digest_of(commission), credit=credit, in_ledger=in_ledger, at=at
    )


def digest_of(commission: Commission) -> str:
    """Return the fingerprint of the agreement as it stands."""
    agreement = applications.agreement_of(commission)
    assert agreement is not None
    return agreement.digest


def deliver(commission: Commission, creator: Creator, *, link: str = "", at: datetime) -> None:
    """Deliver a draft: a link, or one picture."""
    files = [] if link else drafts.drawn([(picture_bytes(), "A drop of water")])
    drafts.deliver(commission, creator, note_text="", link=link, files=files, at=at)


def pay(
    commission: Commission, amount: str = "1800.00", reference: str = "V-1", *, by: User | None = None, at: datetime
) -> None:
    """Write down a payment of today."""
    payments.record(
        commission,
        amount=Decimal(amount),
        currency="EUR",
        reference=reference,
        paid_on=commission.campaign.local(at).date(),
        by=by or payer(),
        at=at,
    )


def picture_bytes() -> bytes:
    """Return a small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 50), "teal").save(out, "PNG")
    return out.getvalue()


def fresh(commission: Commission) -> Commission:
    """Return a commission as it stands now."""
    return Commission.objects.select_related("campaign").get(pk=commission.pk)
