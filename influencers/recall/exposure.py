"""
Who saw or took which version of a bulletin. Only what a recall needs: one row for each way, version, thing and
language, however often; no addresses, devices or words. What nobody did for EXPOSURE_DAYS is forgotten.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from bulletins.models import PublishedEdition, Version
from campaigns.models import Campaign, ReadingLevel
from influencers import notices
from influencers.models import Exposure, Influencer, KitUse, RecallNotice
from notifications.models import Notice

from . import recall_plan

PAGE, CORRECTION = "", "correction"
SAY_SEVERAL = ("variant:", "package:")  # nobody knows which of the key messages they say
MOST_AT_ONCE = 40  # things in one request: more than a page has to copy
BETWEEN_VISITS = timedelta(days=1)


class VersionState(Enum):
    """What may be done with something of a version: it holds, was replaced by a newer version, or has expired."""

    HOLDS = "holds"
    CHANGED = "changed"
    EXPIRED = "expired"


def use(
    influencer: Influencer,
    campaign: Campaign,
    number: int,
    *,
    version: int,
    way: str,
    items: Collection[str] = (PAGE,),
    language: str,
    done: bool = False,
    at: datetime,
) -> VersionState | None:
    """
    Say whether an influencer may copy or download (`way`, one of Exposure.Way) things of a version of bulletin
    `number`, and note it if so; what was read, or is already `done` without a connection, is noted in any case, and of
    an older version its recall hears of it. Return None for what was never published. Six queries at most for what holds.
    """
    used = (
        Version.objects.published(at=at)
        .filter(bulletin__campaign=campaign, bulletin__number=number, number=version)
        .annotate(newest=Max("bulletin__versions__number", filter=Q(bulletin__versions__published_at__lte=at)))
        .first()
    )
    editions = PublishedEdition.objects.filter(version=used, language=language, reading_level=ReadingLevel.STANDARD)
    edition = editions.defer("html", "body").first()
    if used is None or edition is None or not set(items) <= items_of(edition) or len(items) > MOST_AT_ONCE:
        return None
    standing = VersionState.HOLDS
    if used.number != used.newest:
        standing = VersionState.CHANGED
    elif way != Exposure.Way.READ and has_expired(edition, items, at=at):
        standing = VersionState.EXPIRED
    if done or way == Exposure.Way.READ or standing == VersionState.HOLDS:
        note_all(influencer, used, way=way, items=items, language=language, at=at)
        if standing == VersionState.CHANGED:
            recall_plan.join(influencer, used, at=at)
    visited(influencer, at=at)
    return standing


def note(influencer: Influencer, version: Version, *, way: str, item: str = PAGE, language: str, at: datetime) -> None:
    """
    Note that an influencer did something with a version; `item` as in the docstring of Exposure. However often and by
    however many at once, it is one row, which knows the first time and the last.
    """
    note_all(influencer, version, way=way, items=[item], language=language, at=at)


def note_all(
    influencer: Influencer, version: Version, *, way: str, items: Iterable[str], language: str, at: datetime
) -> None:
    """Note the same of several things at once; two queries."""
    items = list(dict.fromkeys(items))
    place: dict[str, Any] = {"influencer": influencer, "version": version, "way": way, "language": language}
    Exposure.objects.bulk_create(
        [Exposure(**place, item=item, first_at=at, last_at=at) for item in items], ignore_conflicts=True
    )
    Exposure.objects.filter(**place, item__in=items, last_at__lt=at).update(last_at=at)


def visited(influencer: Influencer, *, at: datetime) -> None:
    """Note that an influencer is in the portal, once a day."""
    last = influencer.last_visit_at
    if last is None or at - last >= BETWEEN_VISITS:
        Influencer.objects.filter(pk=influencer.pk).update(last_visit_at=at)
        influencer.last_visit_at = at


def over(*, at: datetime) -> QuerySet[Exposure]:
    """Return what nobody did for EXPOSURE_DAYS before `at`, of bulletins."""
    return Exposure.objects.filter(last_at__lt=at - timedelta(days=settings.EXPOSURE_DAYS))


def forget(*, at: datetime) -> int:
    """
    Delete what nobody did for EXPOSURE_DAYS before `at`, of bulletins and of kits, and who heard of the recalls planned
    before that, with their mails. Return how many rows went.
    """
    limit = at - timedelta(days=settings.EXPOSURE_DAYS)
    kits = KitUse.objects.filter(
        Q(copied_at=None) | Q(copied_at__lt=limit),
        Q(downloaded_at=None) | Q(downloaded_at__lt=limit),
        opened_at__lt=limit,
    )
    heard = RecallNotice.objects.filter(recall__planned_at__lt=limit)
    rows = [over(at=at), kits, heard]
    gone = sum(each.delete()[0] for each in rows)
    needed = RecallNotice.objects.exclude(notice=None).values("notice")
    mails = Notice.objects.filter(kind__in=[notices.RECALL.key, notices.RECALL_AGAIN.key], at__lt=limit).exclude(
        pk__in=needed
    )
    return gone + mails.delete()[0]


def items_of(edition: PublishedEdition) -> set[str]:
    """Return all that can be read, copied or downloaded of an edition, as Exposure.item says it."""
    content = edition.content
    found = {PAGE, CORRECTION}
    found |= {f"message:{one.get('key', '')}" for one in content.get("key_messages", [])}
    found |= {f"variant:{one.get('platform', '')}" for one in content.get("variants", [])}
    found |= {f"package:{one.get('platform', '')}" for one in content.get("variants", [])}
    return found | {f"asset:{one.get('id', '')}" for one in content.get("assets", [])}


def has_expired(edition: PublishedEdition, items: Iterable[str], *, at: datetime) -> bool:
    """
    Return whether something among `items` no longer holds: a key message after its time, a platform's words and ZIP
    when any is over, for they may say it too, and everything else when all are. A correction can always be passed on.
    """
    untils = {f"message:{one.get('key', '')}": edition.end_of(one) for one in edition.content.get("key_messages", [])}
    over = {item for item, until in untils.items() if until is not None and until <= at}
    all_over = bool(untils) and len(over) == len(untils)

    def is_over(item: str) -> bool:
        if item in untils:
            return item in over
        return bool(over) if item.startswith(SAY_SEVERAL) else all_over

    return any(is_over(item) for item in items if item not in {PAGE, CORRECTION})
