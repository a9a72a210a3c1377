"""
By which channels a colleague is told of what: what is urgent or broken goes by mail and by each channel that they chose for it; what
else waits for them by the channels that they chose, by mail where none of these works; news by mail, or only at the desk.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from django.conf import settings

from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Channel
from notifications.models import NoticeWishes, StaffAddress
from notifications.notice_kinds import Kind, Matter

URGENT = "urgent"  # as apps call what is urgent (Kind.urgency)


class Reach(StrEnum):
    """How near a notice comes: the fields of NoticeWishes."""

    URGENT = "urgent"
    WAITS = "waits"
    NEWS = "news"


RINGS = (Channel.MAIL, Channel.PUSH, Channel.SMS, Channel.TELEGRAM, Channel.WHATSAPP)
# What may be chosen for each: nothing that is only news rings.
OFFERED = {
    Reach.URGENT: RINGS,
    Reach.WAITS: RINGS,
    Reach.NEWS: (Channel.MAIL,),
}


@dataclass(frozen=True)
class Ways:
    """How one colleague is told of one thing: by mail or not, at which addresses, from when on."""

    by_mail: bool
    addresses: list[StaffAddress] = field(default_factory=list)
    at: datetime | None = None


def reach_of(kind: Kind, subject: Any) -> Reach:
    """Return how near a notice of a kind about a subject comes."""
    if kind.matter == Matter.BROKEN or kind.comes_first:
        return Reach.URGENT
    if kind.matter == Matter.NEWS:
        return Reach.NEWS
    return Reach.URGENT if subject is not None and kind.urgency(subject) == URGENT else Reach.WAITS


def wishes_of(people: Iterable[User]) -> dict[int, NoticeWishes]:
    """Return what those of some people chose who chose anything, with their addresses at hand; two queries at most."""
    rows = NoticeWishes.objects.filter(user__in=[one.pk for one in people if one.is_staff and one.is_active])
    return {row.user_id: row for row in rows.select_related("user").prefetch_related("user__notice_addresses")}


def is_there(address: StaffAddress, campaign: Campaign) -> bool:
    """Return whether something of a campaign may go to an address. All of an exercise comes to the mail catcher."""
    if address.broken_at is not None:
        return False
    return campaign.is_exercise or (not address.is_practice and address.channel in settings.TRANSPORTS)


def ways(wishes: NoticeWishes | None, reach: Reach, *, campaign: Campaign, at: datetime) -> Ways:
    """Return how somebody with these wishes is told of something that happened at `at`."""
    if wishes is None:
        return Ways(by_mail=True)
    chosen: list[str] = getattr(wishes, reach)
    if reach == Reach.NEWS:
        return Ways(by_mail=Channel.MAIL in chosen)
    there = [one for one in wishes.user.notice_addresses.all() if one.channel in chosen and is_there(one, campaign)]
    by_mail = reach == Reach.URGENT or Channel.MAIL in chosen or not there
    quiet = None if reach == Reach.URGENT else wishes.quiet_until(at, campaign)
    return Ways(by_mail, there, quiet or at)


def save(user: User, chosen: dict[Reach, Collection[str]]) -> None:
    """Keep by which channels somebody wants what. What is urgent goes by mail always."""
    fields: dict[str, Any] = {
        reach.value: [one.value for one in OFFERED[reach] if one in chosen.get(reach, ())] for reach in Reach
    }
    if Channel.MAIL not in fields[Reach.URGENT]:
        fields[Reach.URGENT.value].insert(0, Channel.MAIL.value)
    NoticeWishes.objects.update_or_create(user=user, defaults=fields)


def keep_quiet(user: User, begins: time | None, ends: time | None, *, time_zone: str) -> None:
    """Keep between which times of day only what is urgent rings, and by which clock; None for at any time."""
    wishes = of(user)
    wishes.quiet_begins, wishes.quiet_ends, wishes.time_zone = begins, ends, time_zone
    wishes.save()


def of(user: User) -> NoticeWishes:
    """Return somebody's wishes, by mail for everything where they have none yet (not stored)."""
    mail = [Channel.MAIL.value]
    found = NoticeWishes.objects.filter(user=user).first()
    return found or NoticeWishes(user=user, urgent=mail, waits=mail, news=mail)


def want_urgent(user: User, channel: str) -> None:
    """Have what is urgent come by a channel too of which somebody has just proven their first address."""
    wishes = of(user)
    if channel not in wishes.urgent:
        wishes.urgent = [*wishes.urgent, channel]
        wishes.save()
