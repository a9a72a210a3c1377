"""Publishing freezes: what was approved becomes a Version that pages show and Messages that are sent."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts
from bulletins.mail.printed_editions import mail_of_edition, print_edition
from bulletins.media import media_jobs
from bulletins.models import Bulletin, MediaJob, NotAllowed, Parts, PublishedEdition, Review, Urgency, Version
from bulletins.scheduling import roundups
from bulletins.scheduling.correction_slots import correction_slot
from campaigns.http import page_changes
from delivery.fanout import channel_wishes
from delivery.models import Audience, Channel, Mailing, Message, Send
from delivery.sending import dispatch

from . import channel_messages, closed_campaigns, replaced_messages

State = Bulletin.State


# Whoever keeps what was published (apps above) adds what it does inside the transaction that publishes: it is called with
# the version, its editions in every language, and the moment.
FOLLOWERS: list[Callable[..., None]] = []


def publish(bulletin: Bulletin, *, at: datetime, by: User | None = None) -> Version:
    """
    Publish an approved bulletin: freeze it, plan its sends, and stop what the version before has not sent yet.

    `by` is who pressed the button, None for the tick. Raise NotAllowed, with nothing published, when it isn't
    approved, when it changed since, or before its embargo ends; a change since the approval also voids that.
    """
    with transaction.atomic():
        rows = Bulletin.objects.select_for_update(of=("self",)).select_related("campaign__authority")
        held = rows.prefetch_related("campaign__languages", "topics").get(pk=bulletin.pk)
        if held.state != State.APPROVED or held.approved_by_id is None:
            raise NotAllowed(_("Not published: this bulletin has not been approved. Nothing was sent."))
        if held.campaign.published_at is None:
            raise NotAllowed(
                _(
                    "Not published: readers cannot see this campaign yet, so its links do not work. "
                    "Publish the campaign first."
                )
            )
        if closed_campaigns.stays(held):
            raise NotAllowed(_("Not published: this campaign is closed. Nothing was sent."))
        if held.embargo_until and at < held.embargo_until:
            raise NotAllowed(_("Not published: the embargo has not ended. Nothing was sent."))
        parts = Parts(held)
        changed = held.content_digest(parts) != held.digest
        if changed:
            drafts.void(held, by=by, at=at)
        else:
            version = freeze(parts, at=at)
            Review.objects.note(held, Review.Decision.PUBLISHED, digest=held.digest, by=by, at=at)
            trail.note("bulletin.published", held, by=by, at=at, digest=held.digest, version=held.version)
            state = State.WITHDRAWN if held.kind == Bulletin.Kind.RETRACTION else State.PUBLISHED
            Bulletin.objects.filter(pk=held.pk).update(state=state)
            media_jobs.enqueue(held, MediaJob.Kind.PACKAGES, by=by, at=at)
    bulletin.refresh_from_db()
    if changed:
        raise NotAllowed(
            _("Not published: the content changed after it was approved. Submit it again. Nothing was sent.")
        )
    return version


def freeze(parts: Parts, *, at: datetime) -> Version:
    """Write the version, its editions and messages, and its sends. Inside a transaction."""
    bulletin = parts.bulletin
    assert bulletin.approved_by_id is not None
    before = None
    if bulletin.version > 1:
        before = bulletin.versions.order_by("-number").select_related("mailing").first()
    mailing = Mailing.objects.create(
        campaign=bulletin.campaign,
        key=f"bulletin-{bulletin.number}-v{bulletin.version}",
        queue=Mailing.Queue.URGENT if bulletin.urgency == Urgency.URGENT else Mailing.Queue.BULLETIN,
        created_at=at,
        thread_id=(before.mailing.thread_id or before.mailing_id) if before else None,
        awaits=awaited_languages(parts),
    )
    mailing.topics.add(*bulletin.topics.all())
    version = Version.objects.create(
        bulletin=bulletin,
        number=bulletin.version,
        kind=bulletin.kind,
        what_changed=bulletin.what_changed,
        share_text=bulletin.share_text,
        urgency=bulletin.urgency,
        digest=bulletin.digest,
        printed=parts.printed.plain(),
        mailing=mailing,
        published_at=at,
        first_published_at=before.first_published_at if before else at,
        approved_by_id=bulletin.approved_by_id,
        next_word_at=None if bulletin.kind == Bulletin.Kind.RETRACTION else bulletin.next_word_at,
        asks_seen=bulletin.asks_for_seen,
        seen_plan=bulletin.seen_plan(),
    )
    editions = freeze_editions(parts, version, at=at)
    replaced_messages.follow(version, before, editions, at=at)
    for follow in FOLLOWERS:
        follow(version, editions, at=at)
    if before:
        page_changes.note_retraction()
        plan_correction(version, before=before.mailing, at=at)
    else:
        page_changes.changed()
        plan_first(parts, mailing, at=at)
    if mailing.queue == Mailing.Queue.URGENT:
        transaction.on_commit(dispatch.wake_urgent_planning, robust=True)
    return version


def awaited_languages(parts: Parts) -> list[str]:
    """Return the languages whose readers wait for theirs; nobody waits for what is urgent, or withdrawn."""
    bulletin = parts.bulletin
    hurries = bulletin.urgency == Urgency.URGENT or bulletin.kind == Bulletin.Kind.RETRACTION
    return [] if hurries else parts.left_out


def freeze_editions(parts: Parts, version: Version, *, at: datetime) -> list[PublishedEdition]:
    """Freeze every language for the pages and for the mail, and return what the pages show."""
    pages, messages = [], []
    for edition in parts.editions:
        page, words = print_edition(parts.bulletin, edition, at=at, parts=parts)
        page.version = version
        pages.append(page)
        mail, level = mail_of_edition(words), edition.reading_level
        messages.append(mail.message(version.mailing, edition.language, at=at, reading_level=level))
    PublishedEdition.objects.bulk_create(pages)
    Message.objects.freeze([*messages, *channel_messages.messages_of(parts, version.mailing, at=at)])
    return pages


def plan_first(parts: Parts, mailing: Mailing, *, at: datetime) -> None:
    """Plan a first version's sends: each audience in the slot that was approved, by each channel."""
    slots = [(target, target.slot_at or at) for target in parts.targets]
    sends = [
        Send(
            mailing=mailing,
            audience=target.audience,
            slot_key=mailing.key,
            slot_at=slot,
            hold_after=slot + timedelta(minutes=target.grace_minutes),
        )
        for target, slot in slots
    ]
    plan(sends, mailing)


def plan(sends: list[Send], mailing: Mailing) -> None:
    """Store these sends of mail, beside each one by every other channel in which the mailing has words, and one into chat rooms."""
    others = channel_wishes.others_of(mailing)
    beside = [
        *channel_messages.sends_beside(sends, others),
        *channel_messages.send_to_rooms(sends, mailing, others),
    ]
    Send.objects.bulk_create([*sends, *beside])


def plan_correction(version: Version, *, before: Mailing, at: datetime) -> None:
    """
    Stop the version before at once, and plan the new one, a moment later, for people whom an earlier version reached or
    may have.

    An audience that was still waiting for the old version, or in the middle of it, gets the new one instead,
    everyone in it: at its slot, or at once; where the old one was part of a roundup, in a roundup made anew. Nobody
    is notified of a withdrawn bulletin that they never got. It follows every channel by which an earlier version went.
    """
    mailing = version.mailing
    earlier_ids = mailing.earlier_ids()
    roundups.lock_mailings(earlier_ids)
    Mailing.objects.filter(pk=before.pk).update(superseded_by=mailing)
    standing = roundups.lock_open_sends(before)
    in_roundups = {send.audience_id for send in standing if not send.newcomers_only}
    joins = roundups.may_join(version)
    # What stands in for a send says nothing about where the others stand.
    earlier = Send.objects.filter(mailing__in=earlier_ids, pace="", instead_of=None).annotate(
        alone=Q(mailing__version__isnull=False)
    )
    sends: dict[tuple[Audience, str], list[Any]] = {}
    for send in earlier.select_related("audience").order_by("pk"):
        sends.setdefault((send.audience, send.channel), []).append(send)
    said = {Channel.MAIL.value, *channel_wishes.others_of(mailing)}
    for (audience, channel), ones in sends.items():
        begun, under_way = stop_before(ones, at=at)
        in_roundup = channel == Channel.MAIL and audience.pk in in_roundups
        everybody = not joins if in_roundup else under_way
        everybody = everybody and version.kind != Bulletin.Kind.RETRACTION
        if (everybody or begun) and channel in said:
            Send.objects.create(
                mailing=mailing,
                audience=audience,
                channel=channel,
                slot_key=channel_messages.slot_key(mailing.key, channel),
                slot_at=correction_slot(audience, at=at) if begun else max(at, *(send.slot_at for send in ones)),
                exposed_only=not everybody,
            )
    plan_awaited(mailing, before, dict.fromkeys(audience for audience, _channel in sends), at=at)
    roundups.replace(before, version, standing, at=at)  # after it, so that a new roundup passes over who was notified


def plan_awaited(mailing: Mailing, before: Mailing, audiences: Iterable[Audience], *, at: datetime) -> None:
    """Plan a new version for readers who waited for the one before in their language, where it has that now."""
    has = (
        set(Message.objects.mailed().filter(mailing=mailing).values_list("language", flat=True))
        if before.awaits
        else set()
    )
    had = set(Message.objects.mailed().filter(mailing=before).values_list("language", flat=True)) if has else set()
    for code in before.awaits:
        if code in has and code not in had:
            plan_language(mailing, audiences, code, at=at)


def plan_language(mailing: Mailing, audiences: Iterable[Audience], code: str, *, at: datetime) -> None:
    """Plan what follows in a language, at once, for the readers of it in each audience who have nothing of it."""
    sends = [
        Send(mailing=mailing, audience=audience, slot_key=f"{mailing.key}-{code}", slot_at=at, language=code)
        for audience in audiences
        if code in audience.languages and audience.kind != Audience.Kind.ROOMS
    ]
    plan(sends, mailing)


def stop_before(sends: list[Any], *, at: datetime) -> tuple[bool, bool]:
    """Cancel the newest of an audience's sends of earlier versions if it still waits, and return where they stand."""
    standing = standing_of(sends)
    newest = newest_alone(sends)
    if newest is not None and newest.waits():
        Send.objects.filter(pk=newest.pk).update(state=Send.State.CANCELLED, finished_at=at)
    return standing


def standing_of(sends: list[Any]) -> tuple[bool, bool]:
    """
    Return of an audience's sends of earlier versions, the oldest first, whether any has begun, and whether the newest was
    still to come or in the middle of it. Each tells whether it goes `alone`.
    """
    newest = newest_alone(sends)
    if newest is None:
        return any(send.fanned_out_at for send in sends), False
    if newest.waits():
        return any(send.fanned_out_at for send in sends), True
    return True, newest.state in {Send.State.SENDING, Send.State.PAUSED}


def newest_alone(sends: list[Any]) -> Any:
    """Return the newest of these sends that goes alone, or None."""
    return next((send for send in reversed(sends) if send.alone), None)
