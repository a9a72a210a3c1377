"""
How a chat room comes to get word: staff add it, a code is sent there, and whoever reads the code in the room tells them. It gets
what is urgent, and corrections of what it got; each bulletin where that is wanted. It is left with one act, and its secret is
forgotten with that.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, override

from accounts.audit import trail
from accounts.login.codes import MOST_GUESSES, new_code, normalized
from accounts.models import User
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from delivery.models import (
    Audience,
    Channel,
    ChannelChoice,
    Consent,
    ConsentText,
    Membership,
    Purpose,
    Recipient,
    Room,
    Suppression,
    Wanted,
)
from delivery.recipients import channel_addresses, suppression
from delivery.throttle import token_bucket
from delivery.transports import one_message
from delivery.transports.rooms.places import Place
from lib.text.languages.languages import site_language

Ended = Room.Ended

SLUG = "chat-rooms"
CODE_WORKS = timedelta(days=1)  # somebody has to read it there, and tell
NOT_PROVEN_FOR = timedelta(days=7)  # until its secret is forgotten
CLOSED_FOR = timedelta(days=30)  # a campaign, until its rooms are left
TO_ONE, BY_ALL = 5, 60  # codes an hour
HOUR = 3600.0
AT_MOST = 100  # rooms in one look

# What an organisation agrees to whose people gave us the room and the code in it; the version changes whenever the words do.
CONSENT_TEXT = "room-2026-12"
CONSENT = gettext_lazy(
    "Our newsroom or organisation gave the address of this room, so that urgent bulletins and corrections come into it. It can have "
    "that stopped at any time, and so can whoever removes the webhook."
)
TOO_MANY = gettext_lazy("Too many wrong codes were typed. Have another one sent.")
EVERYBODY = gettext_noop("Chat rooms of newsrooms and partner organisations")

# What apps above do, in the same transaction, when a room has ended by itself.
ENDINGS: list[Callable[..., None]] = []


class NotDone(Exception):
    """A refused step. The text says why and what now, in the user's language."""


def add(
    campaign: Campaign, place: Place, *, organisation: str, service: str, language: str, wants_bulletins: bool,
    by: User, at: datetime,
) -> Room:  # fmt: skip
    """Store a room that has yet to be proven. Raise NotDone for one that is there already."""
    room = Room(
        campaign=campaign,
        organisation=organisation,
        service=service,
        language=language,
        wants_bulletins=wants_bulletins,
        host=place.host,
        address=place.address_in(campaign.pk),
        secret=place.locked(),
        added_at=at,
        added_by=by,
    )
    try:
        with transaction.atomic():
            room.save()
            trail.note("room.added", room, by=by, at=at, service=service, host=place.host)
    except IntegrityError as fault:
        raise NotDone(_("Not added: this room is here already.")) from fault
    return room


def ask(room: Room, *, at: datetime) -> None:
    """
    Send a code into a room, and remember it. Raise NotDone when too many were sent, and when it did not get there: the text says
    what its service answered. Not for use in a transaction.
    """
    if room.ended_at or room.recipient_id:
        raise NotDone(_("No code was sent: this room is proven or has ended."))
    for name, most in ((f"room-code:{room.address}", TO_ONE), ("room-code:all", BY_ALL)):
        if not token_bucket.take(name, 1, rate=most / HOUR, burst=most, at=at):
            raise NotDone(_("No code was sent: too many were asked for. Try again in an hour."))
    code = new_code()
    Room.objects.filter(pk=room.pk).update(digest=digest_of(room, code), tries=0, asked_at=at)
    with override(site_language(room.language)):
        words = _(
            "%(code)s is the code by which this room gets urgent bulletins of %(campaign)s. Tell it to the person who asked you. Did "
            "nobody ask you? Do nothing."
        )
        text = words % {"code": code, "campaign": PrintedWords.of(room.campaign).in_language(room.language).name}
    outcome = one_message.hand_over(
        Channel.ROOM, room.address, one_message.Words(text), Purpose.CODE, campaign=room.campaign, at=at
    )
    if outcome.state not in one_message.LEFT:
        says = " ".join(
            part for part in (outcome.code.split(" ")[0], _(outcome.detail) if outcome.detail else "") if part
        )
        raise NotDone(_("The code did not get there: %(answer)s") % {"answer": says or "–"})


def digest_of(room: Room, code: str) -> str:
    """Return what is kept of a code."""
    return hmac.new(
        f"{settings.SECRET_KEY}:room-code".encode(), f"{room.pk}:{normalized(code)}".encode(), sha256
    ).hexdigest()


def prove(room: Room, code: str, *, by: User, at: datetime) -> None:
    """Take a room of which somebody knows the code that came into it. Raise NotDone for a wrong one."""
    # A try is taken before the code is compared, so that guesses made at the same moment are counted too.
    waiting = Room.objects.filter(
        pk=room.pk, recipient=None, ended_at=None, asked_at__gt=at - CODE_WORKS, tries__lt=MOST_GUESSES
    )
    if not waiting.exclude(digest="").update(tries=F("tries") + 1):
        room.refresh_from_db()
        if room.tries >= MOST_GUESSES:
            raise NotDone(TOO_MANY)
        raise NotDone(_("This code has expired. Have another one sent."))
    room.refresh_from_db()
    if not hmac.compare_digest(room.digest, digest_of(room, code)):
        if room.tries >= MOST_GUESSES:
            raise NotDone(TOO_MANY)
        raise NotDone(_("That is not the code. Look at the newest message in the room, and type all six digits."))
    with transaction.atomic():
        held = Room.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=room.pk)
        if held.recipient_id is None and held.ended_at is None:
            held.recipient = recipient_of(held, at=at)
            held.proven_at, held.digest = at, ""
            held.save(update_fields=["recipient", "proven_at", "digest"])
            trail.note("room.proven", held, by=by, at=at)
    room.refresh_from_db()


def recipient_of(room: Room, *, at: datetime) -> Recipient:
    """Make a room an address that messages go to, with what its organisation agreed to; in a transaction."""
    made = Recipient(
        channel=Channel.ROOM, address=room.address, name=room.organisation, language=room.language, created_at=at
    )
    made.save()
    Suppression.objects.filter(address_hash=made.address_hash, reason__in=suppression.LIFTED).delete()
    purpose = Consent.Purpose.BULLETINS
    Consent.objects.create(
        recipient=made, purpose=purpose, text_version=CONSENT_TEXT, language=room.language, source="desk", given_at=at,
        confirmed_at=at,
    )  # fmt: skip
    with override(site_language(room.language)):
        ConsentText.objects.get_or_create(
            purpose=purpose,
            version=CONSENT_TEXT,
            language=room.language,
            defaults={"words": str(CONSENT), "first_at": at},
        )
    Membership.objects.create(audience=audience_of(room.campaign), recipient=made, joined_at=at, reason="room")
    choose(made, wants_bulletins=room.wants_bulletins, at=at)
    return made


def audience_of(campaign: Campaign) -> Audience:
    """Return what the rooms of a campaign are an audience of, made with the first of them."""
    codes = campaign.language_codes()
    names = {}
    for code in codes:
        with override(site_language(code)):
            names[code] = _(EVERYBODY)
    return Audience.objects.get_or_create(
        campaign=campaign, kind=Audience.Kind.ROOMS, defaults={"slug": SLUG, "name": names, "languages": codes}
    )[0]


def choose(recipient: Recipient, *, wants_bulletins: bool, at: datetime) -> None:
    """Have every bulletin go to a room from now on, or only what is urgent."""
    wanted = [Wanted.URGENT, *([Wanted.BULLETINS] if wants_bulletins else [])]
    recipient.channel_choices.exclude(wants__in=wanted).delete()
    rows = [ChannelChoice(recipient=recipient, wants=one, since=at) for one in wanted]
    ChannelChoice.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def change_wishes(room: Room, *, wants_bulletins: bool, by: User, at: datetime) -> None:
    """Have every bulletin go to a room, or only what is urgent. Raise NotDone where nothing goes there any more."""
    held = Room.objects.select_for_update().get(pk=room.pk)
    if held.ended_at:
        raise NotDone(_("Not saved: nothing goes to this room any more."))
    Room.objects.filter(pk=held.pk).update(wants_bulletins=wants_bulletins)
    if held.recipient:
        choose(held.recipient, wants_bulletins=wants_bulletins, at=at)
    trail.note("room.changed", held, by=by, at=at, bulletins=wants_bulletins)


def leave(room: Room, *, by: User, at: datetime) -> None:
    """Send nothing more to a room, and forget what opens it. Raise NotDone where that was done before."""
    if not end(room.pk, Ended.LEFT, by=by, at=at):
        raise NotDone(_("Nothing goes to this room any more."))


@transaction.atomic
def end(key: int, why: Ended, *, by: User | None, at: datetime) -> bool:
    """End a room, and tell staff where nobody did it by hand; return whether this call did."""
    rooms = Room.objects.select_for_update(of=("self",)).select_related("recipient", "campaign")
    held = rooms.filter(pk=key, ended_at=None).first()
    if held is None:
        return False
    held.secret, held.digest, held.ended_at, held.ended_because = "", "", at, why
    held.save(update_fields=["secret", "digest", "ended_at", "ended_because"])
    if held.recipient:
        held.recipient.memberships.filter(left_at=None).update(left_at=at, left_because="left")
        channel_addresses.free(held.recipient, at=at)
    trail.note("room.ended", held, by=by, at=at, why=why.value)
    if why == Ended.GONE:
        for follow in ENDINGS:
            follow(held, at=at)
    return True


def settle(*, at: datetime) -> int:
    """
    End the rooms whose service said that they are gone, those that nobody proved, and those of campaigns that have been over for
    long; return how many. One query where rooms are set up, none where they are not.
    """
    if "room" not in {*settings.TRANSPORTS, *settings.EXERCISE_CHANNELS}:
        return 0
    works = Recipient.objects.wanting_bulletins().values("pk")
    over = Q(campaign__closed_at__lte=at - CLOSED_FOR)
    never = Q(recipient=None, added_at__lte=at - NOT_PROVEN_FOR)
    gone = Q(recipient__isnull=False) & ~Q(recipient__in=works)
    found = Room.objects.filter(over | never | gone, ended_at=None).order_by("pk")
    rows = found.values_list("pk", "recipient", "campaign__closed_at")[:AT_MOST]
    return sum(
        end(
            pk,
            Ended.CLOSED if closed and closed <= at - CLOSED_FOR else Ended.GONE if recipient else Ended.NEVER_PROVEN,
            by=None,
            at=at,
        )
        for pk, recipient, closed in rows
    )
