"""
Several bulletins for one audience in one slot become one mail: which, when, and what of it stays after a correction.

docs/developing/decisions/content/0014-roundups.md says the rules. A roundup is a mailing with parts; delivery sees to it that nobody gets
a part twice, whether in a roundup or on its own.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.audit import trail
from bulletins.mail.roundup_mail import condensed
from bulletins.models import Bulletin, Urgency, Version
from bulletins.reader_view import published_versions
from campaigns.models import Campaign, ReadingLevel
from delivery.models import Channel, Mailing, Message, Send
from delivery.recipients import welcome_mails

from .correction_slots import correction_slot

log = logging.getLogger(__name__)

LONGEST_KEY = 80  # characters, as Mailing.key


def may_join(version: Version) -> bool:
    """Return whether a version may be part of a roundup. What is urgent, and a retraction, goes on its own."""
    return version.urgency != Urgency.URGENT and version.kind != Bulletin.Kind.RETRACTION


def waiting(*, at: datetime) -> QuerySet[Send]:
    """
    Return the sends of single bulletins whose slot has come and which may leave together.

    A correction is among them only where it stands in the place of an original that nobody of its audience was sent.
    """
    told = Send.objects.filter(
        audience=OuterRef("audience"),
        mailing__version__bulletin=OuterRef("mailing__version__bulletin"),
        mailing__version__number__lt=OuterRef("mailing__version__number"),
        fanned_out_at__isnull=False,
    )
    return (
        Send.objects.filter(
            ~Exists(told),
            state=Send.State.PLANNED,
            slot_at__lte=at,
            exposed_only=False,
            newcomers_only=False,
            pace="",
            channel=Channel.MAIL,
            mailing__superseded_by=None,
            mailing__version__isnull=False,
        )
        .exclude(mailing__version__urgency=Urgency.URGENT)
        .exclude(mailing__version__kind=Bulletin.Kind.RETRACTION)
    )


def meeting(*, at: datetime) -> QuerySet[Send]:
    """Return those of the waiting sends that are not the only one of their audience and slot."""
    ready = waiting(at=at)
    others = ready.filter(audience=OuterRef("audience"), slot_at=OuterRef("slot_at")).exclude(pk=OuterRef("pk"))
    return ready.filter(Exists(others))


def round_up(campaign: Campaign, *, at: datetime) -> list[Send]:
    """
    Put the single sends of a campaign that meet in one slot into roundups, one for each audience; return their sends.

    What cannot be made into one mail (it would be too long) leaves one by one. Inside a transaction that holds the
    campaign.
    """
    met = meeting(at=at).filter(mailing__campaign=campaign)
    mailings = set(met.values_list("mailing", flat=True))
    if not mailings:
        return []
    lock_mailings(mailings)
    sends = met.select_for_update(of=("self",)).select_related("mailing__version__bulletin", "audience")
    planned = []
    in_order = sends.order_by("audience", "slot_at", "pk")
    for (audience, _slot), group in groupby(in_order, lambda one: (one.audience, one.slot_at)):
        singles = list(group)
        if len(singles) < 2:
            continue
        roundup = made([send.mailing for send in singles], campaign, at=at)
        # What a roundup of the same passed over comes back here in single sends, and leaves so.
        if roundup is None or Send.objects.filter(mailing=roundup, audience=audience).exists():
            continue
        late = [send.hold_after for send in singles if send.hold_after]
        planned.append(
            Send.objects.create(
                mailing=roundup,
                audience=audience,
                slot_key=roundup.key,
                slot_at=singles[0].slot_at,
                hold_after=min(late, default=None),
            )
        )
        Send.objects.filter(pk__in=[send.pk for send in singles]).delete()
        bulletins = [send.mailing.version.bulletin.number for send in singles]
        trail.note("roundup.planned", planned[-1], by=None, at=at, bulletins=bulletins)
    return planned


def lock_mailings(mailings: Iterable[int]) -> None:
    """Hold mailings for this transaction, always before their sends and in one order, as a fan-out does."""
    list(Mailing.objects.select_for_update().filter(pk__in=list(mailings)).order_by("pk").values_list("pk"))


def made(
    parts: Sequence[Mailing], campaign: Campaign, *, at: datetime, thread: Mailing | None = None
) -> Mailing | None:
    """Return the roundup of some bulletins' mailings, frozen, the urgent first; None when it would be too long."""
    versions = sorted(
        Version.objects.filter(mailing__in=parts)
        .select_related("bulletin", "mailing")
        .prefetch_related("editions", "mailing__topics"),
        key=lambda version: (version.urgency != Urgency.ELEVATED, version.bulletin.number),
    )
    key = "-".join(["roundup", *(f"{version.bulletin.number}v{version.number}" for version in versions)])
    if len(key) > LONGEST_KEY:
        key = f"{key[: LONGEST_KEY - 17]}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    existing = Mailing.objects.filter(campaign=campaign, key=key).first()
    if existing is not None:
        return existing
    try:
        mails = {language: condensed(versions, campaign, language, at=at) for language in languages_of(versions)}
    except ValueError as fault:
        log.warning("Bulletins %s leave one by one: %s", key, fault)
        return None
    easy = {}
    for language in sorted(set().union(*map(published_versions.languages_in_easy, versions))):
        with suppress(ValueError):  # too long: readers of easy language get the other one
            easy[language] = condensed(versions, campaign, language, at=at, level=ReadingLevel.EASY)
    with transaction.atomic():
        roundup = Mailing.objects.create(
            campaign=campaign,
            key=key,
            queue=Mailing.Queue.BULLETIN,
            created_at=at,
            thread_id=(thread.thread_id or thread.pk) if thread else None,
        )
        roundup.parts.set([version.mailing_id for version in versions])
        roundup.topics.set(topics_of(versions))
        levels = {ReadingLevel.STANDARD: mails, ReadingLevel.EASY: easy}
        Message.objects.freeze(
            [
                mail.message(roundup, language, at=at, reading_level=level)
                for level, written in levels.items()
                for language, mail in written.items()
            ]
        )
    return roundup


def topics_of(versions: Iterable[Version]) -> set[Any]:
    """Return the topics of several versions together; none when one of them has none, so that nobody snoozes it."""
    each = [set(version.mailing.topics.all()) for version in versions]
    return set().union(*each) if all(each) else set()


def languages_of(versions: Iterable[Version]) -> list[str]:
    """Return the languages that any of the versions is in, those of the first one first."""
    return list(dict.fromkeys(edition.language for version in versions for edition in version.editions.all()))


def lock_open_sends(mailing: Mailing) -> list[Send]:
    """Return the sends of roundups with `mailing` that have not ended, held for this transaction."""
    open_states = [Send.State.PLANNED, Send.State.SENDING, Send.State.PAUSED, Send.State.HELD]
    roundups = mailing.roundups.filter(superseded_by=None).values("pk")
    sends = Send.objects.select_for_update(of=("self",)).filter(mailing__in=roundups, state__in=open_states)
    return list(sends.select_related("audience").order_by("pk"))


def replace(before: Mailing, version: Version, sends: Iterable[Send], *, at: datetime) -> None:
    """
    Make the roundups with `before` anew, with its next version or (when that goes on its own) without it; stop the
    old ones, and plan the new ones for whoever has not got the old ones. `sends` are those of `lock_open_sends`.

    What has not begun keeps its slot; what is under way goes on at once; what a person holds stays held; nothing is
    planned where the roundup has ended. Inside a transaction.
    """
    joins = may_join(version)
    roundups = before.roundups.filter(superseded_by=None).order_by("pk")
    for roundup in roundups.select_related("campaign").prefetch_related("parts"):
        stay = [part for part in roundup.parts.all() if part.pk != before.pk]
        parts = [*stay, version.mailing] if joins else stay
        newer = made(parts, roundup.campaign, at=at, thread=roundup) if len(parts) > 1 else None
        following = [newer] if newer else parts
        Mailing.objects.filter(pk=roundup.pk).update(superseded_by=(following or [version.mailing])[0])
        for send in sends:
            if send.mailing_id == roundup.pk:
                instead = following or [version.mailing] if send.newcomers_only else following
                plan_instead(send, roundup, instead, at=at)


def plan_instead(send: Send, roundup: Mailing, following: Sequence[Mailing], *, at: datetime) -> None:
    """Plan what follows a roundup's send that has not ended, and cancel the send when it has not begun."""
    began = send.fanned_out_at is not None
    if not began:
        Send.objects.filter(pk=send.pk).update(state=Send.State.CANCELLED, finished_at=at)
    if send.newcomers_only and not began:
        welcome_mails.take_over(send, None)  # the next welcome says what holds now
        return
    held = send.state == Send.State.HELD
    for mailing in following:
        instead = Send.objects.create(
            mailing=mailing,
            audience=send.audience,
            slot_key=f"{mailing.key}-after-{send.slot_key if send.newcomers_only else roundup.pk}",
            slot_at=correction_slot(send.audience, at=at) if began else send.slot_at,
            hold_after=None if began else send.hold_after,
            deadline=send.deadline,
            pace=send.pace,
            since=send.since,
            state=Send.State.HELD if held else Send.State.PLANNED,
            reason=send.reason if held else "",
            newcomers_only=send.newcomers_only,
        )
        if send.newcomers_only:
            welcome_mails.take_over(send, instead)
