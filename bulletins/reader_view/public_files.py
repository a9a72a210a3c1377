"""Which stored files anyone may have."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from bulletins.media import message_cards, moving_cards, storage
from bulletins.models import Asset, Bulletin, Card, MovingCard, Package, Version

from .published_versions import versions_of


def asset_is_public(name: str, *, at: datetime) -> bool:
    """
    Return whether the stored file `name` belongs to a published, standing version: an asset, a rendition or
    subtitles of any of its versions, or a card, moving card or package of the newest one. A draft's file does not.
    """
    if name.startswith("cards/"):
        drawn = [storage.beside(name, suffix) for suffix in (".png", ".jpg")]  # its thumbnail goes with it
        card = Card.objects.filter(file__in=drawn).select_related("bulletin__campaign").first()
        return card is not None and message_cards.is_public(card, at=at)
    if name.startswith("moving/"):
        made = MovingCard.objects.filter(file=storage.beside(name, ".mp4")).select_related("bulletin__campaign").first()
        return made is not None and name in moving_cards.names_of(made) and moving_cards.is_public(made, at=at)
    key = storage.bulletin_of(name) or Asset.objects.filter(file=name).values_list("bulletin", flat=True).first()
    bulletin = Bulletin.objects.select_related("campaign").filter(pk=key).first() if key else None
    if bulletin is None:
        return False
    versions = versions_of(bulletin.campaign, bulletin.number, at=at)
    if not versions or versions[0].is_retracted:
        return False
    if any(name in storage.names_in(edition.content) for version in versions for edition in version.editions.all()):
        return True
    return packages_of(versions[0]).filter(file=name).exists()


def campaign_of(name: str) -> int | None:
    """Return the key of the campaign of the bulletin that a stored file belongs to, None for a file of none."""
    if name.startswith("cards/"):
        rows: QuerySet[Any] = Card.objects.filter(
            file__in=[storage.beside(name, suffix) for suffix in (".png", ".jpg")]
        )
    elif name.startswith("moving/"):
        rows = MovingCard.objects.filter(file=storage.beside(name, ".mp4"))
    elif key := storage.bulletin_of(name):
        return Bulletin.objects.filter(pk=key).values_list("campaign", flat=True).first()
    else:
        rows = Asset.objects.filter(file=name)
    return rows.values_list("bulletin__campaign", flat=True).first()


def packages_of(version: Version) -> QuerySet[Package]:
    """Return the packages of a published version, made from its frozen words."""
    return Package.objects.filter(bulletin=version.bulletin_id, version=version.number)
