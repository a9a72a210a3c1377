"""Two commissions: one that creators can apply for, and one that an illustrator from elsewhere did and was paid for."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import User
from campaigns.models import Campaign
from demo.content_files.content import Content
from lib.text.numbers.money import read_amount
from lib.yaml_files import Item
from notifications.models import Notice
from stories.commissions import applications, briefs, drafts, payments
from stories.models import Commission, Creator

SIZE = (800, 1000)


def create(campaign: Campaign, content: Content, people: Sequence[User], *, at: datetime) -> None:
    """
    Write them, and take the one that is paid through every step, a week ago. `people` are the illustrator, and who asks, accepts
    and pays.
    """
    illustrator, asker, acceptor, payer = people
    creator = Creator.objects.create(
        campaign=campaign, user=illustrator, name=illustrator.name, invited_by=asker, added_at=at - timedelta(days=9)
    )
    for item in content.commissions:
        is_paid = "is_paid" in item.data
        then = at - timedelta(days=8) if is_paid else at - timedelta(hours=20)
        commission = briefs.write(campaign, said(item, campaign, at=then), by=asker, at=then)
        briefs.submit(commission, read=1, by=asker, at=then)
        briefs.open_to_creators(commission, read=2, part="accepts", by=acceptor, at=then)
        if is_paid:
            finish(commission, item, creator, asker=asker, acceptor=acceptor, payer=payer, at=then)
        told = Notice.objects.filter(kind__startswith="commission_", subject_id=commission.pk)
        (told if is_paid else told.filter(kind="commission_submitted")).delete()  # told long ago


@transaction.atomic
def finish(
    commission: Commission,
    item: Item,
    creator: Creator,
    *,
    asker: User,
    acceptor: User,
    payer: User,
    at: datetime,
) -> None:
    """Take a commission from open to paid, each step some hours after the one before."""
    spoken = commission.campaign.language_for(creator.user)
    hours = iter(range(5, 200, 11))

    def later() -> datetime:
        return at + timedelta(hours=next(hours))

    applications.apply(commission, creator, sentence=item.translated("sentence")[spoken], link="", at=later())
    applications.choose(commission, commission.applications.get(), by=asker, at=later())
    applications.sign_as_creator(
        commission, creator, digest=digest_of(commission), credit=item.text("credit"), in_ledger=True, at=later()
    )
    applications.sign(commission, digest=digest_of(commission), by=asker, at=later())
    picture = drafts.drawn([(drops(), item.translated("alt")[spoken])])
    drafts.deliver(commission, creator, note_text="", link="", files=picture, at=later())
    drafts.accept(commission, number=1, by=acceptor, at=later())
    drafts.publish(commission, by=asker, at=later())
    moment, day = later(), commission.campaign.local(at + timedelta(days=3)).date()
    payments.record(
        commission,
        amount=commission.fee,
        currency=commission.currency,
        reference="V-2026-0117",
        paid_on=day,
        by=payer,
        at=moment,
    )


def digest_of(commission: Commission) -> str:
    """Return the fingerprint of the agreement as it stands."""
    agreement = applications.agreement_of(commission)
    assert agreement is not None
    return agreement.digest


def said(item: Item, campaign: Campaign, *, at: datetime) -> dict[str, Any]:
    """Return what a brief says, as briefs takes it."""
    return {
        "title": item.translated("title"),
        "what": item.translated("what"),
        "formats": item.translated("formats"),
        "languages": [],
        "use": Commission.Use.CAMPAIGN,
        "term": Commission.Term.CAMPAIGN,
        "term_from": Commission.TermFrom.ACCEPTED,
        "territory": Commission.Territory.WORLD,
        "may_adapt": False,
        "rights_text": {},
        "fee": read_amount(item.text("fee")),
        "kill_fee": read_amount(item.text("kill_fee")),
        "currency": "EUR",
        "rounds": item.number("rounds"),
        "pay_days": 14,
        "is_open": True,
        "apply_until": None,
        "deadline": campaign.local(at + timedelta(days=item.number("days") or 1)).replace(
            hour=23, minute=59, second=59
        ),
    }


def drops() -> bytes:
    """Return a drawing of three drops of water as PNG."""
    picture = Image.new("RGB", SIZE, "#06303d")
    pen = ImageDraw.Draw(picture)
    for left, top, width, colour in (
        (130, 150, 300, "#9fd3e0"),
        (420, 380, 240, "#ffb43c"),
        (210, 600, 200, "#ffffff"),
    ):
        pen.ellipse((left, top + width // 2, left + width, top + width * 3 // 2), fill=colour)
        pen.polygon(
            [
                (left + width // 2, top - width // 3),
                (left + 8, top + width * 4 // 5),
                (left + width - 8, top + width * 4 // 5),
            ],
            fill=colour,
        )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
