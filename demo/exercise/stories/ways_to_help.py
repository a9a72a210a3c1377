"""Ten ways to help of three organisations: nine that were checked, and one that waits for a check."""

from datetime import datetime, time, timedelta
from typing import Any

from accounts.models import User
from campaigns.models import Campaign, Region
from demo.content_files.content import Content
from lib.yaml_files import Item
from notifications.models import Notice
from stories.models import Offer, Partner, PartnerMember
from stories.ways_to_help import offer_steps

KEPT = "neighbours"  # the organisation that the demo's person of a partner organisation keeps


def create(campaign: Campaign, content: Content, *, keeper: User, writer: User, checker: User, at: datetime) -> None:
    """Write them, have them checked by a second person, and let some people have done them."""
    partners = {}
    for item in content.organisations:
        partner = Partner.objects.create(campaign=campaign, name=item.translated("name"), url=item.url("url"))
        partners[item.text("key")] = partner
    PartnerMember.objects.create(partner=partners[KEPT], user=keeper)
    for item in content.ways_to_help:
        by = keeper if item.text("behind") == KEPT else writer
        offer = offer_steps.write(campaign, partners[item.text("behind")], said(campaign, item, at=at), by=by, at=at)
        offer_steps.submit(offer, by=by, at=at)
        version = offer_steps.in_work(offer)
        if "is_waiting" in item.data or version is None:
            continue
        offer_steps.check(offer, digest=version.digest, by=checker, at=at)
        Notice.objects.filter(kind__startswith="offer_", subject_id=offer.pk).delete()  # told long ago
        Offer.objects.filter(pk=offer.pk).update(done=item.data.get("done", 0))


def said(campaign: Campaign, item: Item, *, at: datetime) -> dict[str, Any]:
    """Return what a way to help says, as offer_steps takes it."""
    last = campaign.local(at).date() + timedelta(days=item.number("days") or 1)
    return {
        "title": item.translated("title"),
        "does": item.translated("does"),
        "place": item.translated("place") if "place" in item.data else {},
        "region": Region.objects.get(code=item.text("region")) if "region" in item.data else None,
        "from_home": bool(item.data.get("home")),
        "from_age": item.data.get("from_age"),
        "languages": item.texts("languages") if "languages" in item.data else [],
        "minutes": item.number("minutes"),
        "is_weekly": bool(item.data.get("weekly")),
        "url": item.url("url") if "url" in item.data else "",
        "topic": campaign.topics.get(slug=item.text("topic")),
        "valid_from": None,
        "valid_until": datetime.combine(last, time(23, 59, 59), tzinfo=campaign.zone),
    }
