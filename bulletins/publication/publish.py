"""Publishing freezes: what was approved becomes a Version that pages show and Messages that are sent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from bulletins.editing import drafts, source_names
from bulletins.mail.bulletin_mail import RenderedMail, render_bulletin
from bulletins.media import downloads, jobs
from bulletins.models import Bulletin, Edition, Making, NotAllowed, Parts, PublishedEdition, Review, Urgency, Version
from bulletins.scheduling import roundups
from bulletins.scheduling.cadences import correction_slot
from campaigns import page_changes
from campaigns.translated_fields import in_language
from delivery.message.mime import TooLarge
from delivery.models import Audience, Mailing, Message, Send
from lib.text.markup import to_html

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
            jobs.ask(held, Making.Kind.PACKAGES, by=by, at=at)
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
    )
    editions = freeze_editions(parts, version, at=at)
    for follow in FOLLOWERS:
        follow(version, editions, at=at)
    if before:
        page_changes.taken_back()
        plan_correction(version, before=before.mailing, at=at)
    else:
        page_changes.changed()
        plan_first(parts, mailing, at=at)
    return version


def freeze_editions(parts: Parts, version: Version, *, at: datetime) -> list[PublishedEdition]:
    """Freeze every language for the pages and for the mail, and return what the pages show."""
    pages, messages = [], []
    for edition in parts.editions:
        page, words = print_edition(parts.bulletin, edition, at=at, parts=parts)
        page.version = version
        pages.append(page)
        mail = mail_of_edition(**words)
        message = Message(
            mailing=version.mailing,
            language=edition.language,
            reading_level=edition.reading_level,
            sender_name=mail.sender_name,
            subject=mail.subject,
            html=mail.html,
            text=mail.text,
            created_at=at,
        )
        messages.append(message)
    PublishedEdition.objects.bulk_create(pages)
    Message.objects.freeze(messages)
    return pages


def print_edition(
    bulletin: Bulletin, edition: Edition, *, at: datetime, parts: Parts | None = None
) -> tuple[PublishedEdition, dict[str, Any]]:
    """
    Return what readers would get of one language: the edition of the pages, unsaved and without its version, and the
    words of its mail (mailing.render_bulletin). Of a withdrawn bulletin no words remain to be repeated. What is in
    `parts` already is not read again.

    Previews show exactly this, so nobody approves anything else. Raise ValueError for a text that is too long.
    """
    parts = parts or Parts(bulletin)
    language = edition.language
    withdrawn = bulletin.kind == Bulletin.Kind.RETRACTION
    key_messages: list[dict[str, Any]] = [
        {
            "key": message.key,
            "text": in_language(message.text, language),
            "source_name": source_names.name_in(language, message.source_name, message.source_url),
            "source_url": in_language(message.source_url, language),
            "valid_until": message.valid_until,
        }
        for message in ([] if withdrawn else parts.key_messages)
    ]
    actions = [in_language(action.text, language) for action in ([] if withdrawn else parts.calls_to_action)]
    body = "" if withdrawn else edition.body
    content: dict[str, Any] = {
        "key_messages": [
            message | {"valid_until": message["valid_until"].isoformat() if message["valid_until"] else None}
            for message in key_messages
        ],
        "calls_to_action": actions,
        "hashtags": [] if withdrawn else edition.hashtags,
        "variants": [variant.content() for variant in ([] if withdrawn else edition.variants.all())],
        "assets": [] if withdrawn else downloads.assets_for(downloads.offered(parts), language),
        "claims": [claim.pk for claim in parts.claims],
        "regions": [region.key for region in parts.printed.regions],
    }
    published = PublishedEdition(
        language=language,
        reading_level=edition.reading_level,
        title=edition.title,
        lead=edition.preheader,
        html=to_html(body),
        body=body,
        content=content,
    )
    with override(language):
        page_url = settings.PUBLIC_URL + reverse("website:bulletin", args=[bulletin.number])
        portal_url = settings.PUBLIC_URL + reverse("influencers:bulletin", args=[bulletin.number])
        claims = [
            (in_language(fact.fact, language), settings.PUBLIC_URL + fact.get_absolute_url()) for fact in parts.facts
        ]
    words = {
        "printed": parts.printed,
        "language": language,
        "number": bulletin.number,
        "version": bulletin.version,
        "kind": bulletin.kind,
        "published_at": at,
        "title": edition.title,
        "subject": edition.subject,
        "preheader": edition.preheader,
        "body": body,
        "key_messages": key_messages,
        "calls_to_action": actions,
        "claims": claims,
        "what_changed": in_language(bulletin.what_changed, language),
        "share_text": in_language(bulletin.share_text, language),
        "page_url": page_url,
        "portal_url": portal_url,
        "contact": parts.printed.reply_to,
        "channels": [str(variant.get_platform_display()) for variant in edition.variants.all()],
        "has_assets": bool(content["assets"]),
    }
    return published, words


def mail_of_edition(*, language: str, **words: Any) -> RenderedMail:
    """Return the mail of an edition, or raise NotAllowed when it is too long for mail."""
    try:
        return render_bulletin(language=language, **words)
    except TooLarge as fault:
        raise NotAllowed(
            _("Not published (%(language)s): %(why)s Nothing was sent.") % {"language": language, "why": fault}
        ) from fault


def plan_first(parts: Parts, mailing: Mailing, *, at: datetime) -> None:
    """Plan a first version's sends: each audience in the slot that was approved."""
    slots = [(target, target.slot_at or at) for target in parts.targets]
    Send.objects.bulk_create(
        Send(
            mailing=mailing,
            audience=target.audience,
            slot_key=mailing.key,
            slot_at=slot,
            hold_after=slot + timedelta(minutes=target.grace_minutes),
        )
        for target, slot in slots
    )


def plan_correction(version: Version, *, before: Mailing, at: datetime) -> None:
    """
    Stop the version before at once, and plan the new one, a moment later, for those whom an earlier version reached or may have.

    An audience that was still waiting for the old version, or in the middle of it, gets the new one instead,
    everybody in it: at its slot, or at once; where the old one was part of a roundup, in a roundup made anew. Nobody
    is told of a withdrawn bulletin that they never got.
    """
    mailing = version.mailing
    earlier_ids = mailing.earlier_ids()
    roundups.hold(earlier_ids)
    Mailing.objects.filter(pk=before.pk).update(superseded_by=mailing)
    standing = roundups.standing(before)
    in_roundups = {send.audience_id for send in standing}
    joins = roundups.may_join(version)
    earlier = Send.objects.filter(mailing__in=earlier_ids, pace="").annotate(alone=Q(mailing__version__isnull=False))
    sends: dict[Audience, list[Any]] = {}
    for send in earlier.select_related("audience").order_by("pk"):
        sends.setdefault(send.audience, []).append(send)
    for audience, ones in sends.items():
        newest = next((send for send in reversed(ones) if send.alone), None)
        waiting = newest is not None and newest.waits()
        if newest and waiting:
            Send.objects.filter(pk=newest.pk).update(state=Send.State.CANCELLED, finished_at=at)
        begun = [send for send in ones if send.fanned_out_at or (send is newest and not waiting)]
        under_way = waiting or (newest is not None and newest.state in {Send.State.SENDING, Send.State.PAUSED})
        everybody = not joins if audience.pk in in_roundups else under_way
        everybody = everybody and version.kind != Bulletin.Kind.RETRACTION
        if everybody or begun:
            Send.objects.create(
                mailing=mailing,
                audience=audience,
                slot_key=mailing.key,
                slot_at=correction_slot(audience, at=at) if begun else max(at, *(send.slot_at for send in ones)),
                exposed_only=not everybody,
            )
    roundups.replace(before, version, standing, at=at)  # after it, so that a new roundup passes over who was told
