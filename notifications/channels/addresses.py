"""
The addresses at which a colleague is told beside mail: each proven by a code that came there, or by what only its holder can do, and
left with one act. Who adds one hears of it by mail, and so does whoever had it before.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.login.codes import CODE_LASTS, new_code
from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Channel
from delivery.recipients import address_codes, other_holders
from delivery.recipients.address_codes import NotPossible
from delivery.recipients.address_forms import READERS, as_read
from delivery.transports.push.subscriptions import Subscription
from lib.text.languages.languages import site_language
from notifications import outbox
from notifications.models import StaffAddress, StaffProof
from notifications.notice_kinds import Kind, Matter

from . import outgoing_copies, wishes

# Whose addresses they are is told by mail whatever was chosen: it may be a thief who chose.
ADDRESS_CHANGED = Kind("address_changed", matter=Matter.NEWS, only_mail=True)
TAKEN_OVER = gettext_noop("This address of yours was proven by somebody else, so nothing comes there for you any more")
ADDED = gettext_noop("Notifications for you also go here now")
MOST_DEVICES = 10


def is_practised(channel: str) -> bool:
    """Return whether a channel is there for exercises only, so that its codes come to the mail catcher."""
    return channel not in settings.TRANSPORTS and channel in settings.EXERCISE_CHANNELS


def offered() -> list[Channel]:
    """Return the channels but mail by which colleagues can be told."""
    known: list[Channel] = [one for one in wishes.OFFERED[wishes.Reach.URGENT] if one != Channel.MAIL]
    there = [one for one in known if one in settings.TRANSPORTS]
    return there + [one for one in known if one in READERS and is_practised(one)]


def addresses_of(user: User) -> QuerySet[StaffAddress]:
    """Return somebody's addresses, the first first."""
    return StaffAddress.objects.filter(user=user).order_by("pk")


# --- Proving ---------------------------------------------------------------------------------------


def asker(user: User) -> str:
    """Return as whom the limits of codes know somebody."""
    return f"staff:{user.pk}"


def ask(user: User, channel: str, address: str, *, campaign: Campaign, at: datetime) -> None:
    """
    Send a code to an address. Raise NotPossible when it is theirs already, when too many codes were asked for, and when none could be
    sent. Not for use in a transaction.
    """
    practised = is_practised(channel)
    code_of_address = address_codes.code_of(channel, address)
    mine = addresses_of(user).filter(address_hash=code_of_address, is_practice=practised, broken_at=None)
    if mine.exists():
        raise NotPossible(_("You are told there already."))
    address_codes.count_request(asker(user), channel, address, at=at)
    code = new_code()
    digest = address_codes.digest_of(asker(user), code)
    fields = {"address": address, "user_hash": "", "digest": digest, "tries": 0, "asked_at": at}
    StaffProof.objects.update_or_create(user=user, channel=channel, defaults={**fields, "is_practice": practised})
    # Who has chosen no language reads the page in one, which is their browser's.
    language = site_language(user.language, get_language() or "", campaign.default_language)
    address_codes.send(code, channel, address, language=language, campaign=campaign, at=at, practised=practised)


def ask_for_link(user: User, *, at: datetime) -> str:
    """Return a token that, sent on Telegram within ten minutes, proves that a chat there is somebody's."""
    token = address_codes.new_token(asker(user), at=at)
    digest = address_codes.digest_of_token(token)
    fields = {"address": "", "digest": digest, "tries": 0, "asked_at": at, "is_practice": False}
    StaffProof.objects.update_or_create(user=user, channel=Channel.TELEGRAM, defaults=fields)
    return token


def waiting(user: User, *, at: datetime) -> QuerySet[StaffProof]:
    """Return the codes that somebody was sent and may still type."""
    return address_codes.usable(StaffProof.objects.filter(user=user), at=at)


def prove(user: User, channel: str, code: str, *, campaign: Campaign, at: datetime) -> StaffAddress:
    """Take the address to which a code came. Raise NotPossible for a wrong code."""
    proofs = StaffProof.objects.filter(user=user, channel=channel)
    proof = address_codes.guessed(proofs, asker(user), code, at=at)
    return take(user, channel, proof.address, is_practice=proof.is_practice, campaign=campaign, at=at)


def was_just_proven(user: User, channel: str, *, at: datetime) -> bool:
    """Return whether an address was proven while its code still held, and no other has been asked for: the code may come twice."""
    if StaffProof.objects.filter(user=user, channel=channel).exists():
        return False
    return addresses_of(user).filter(channel=channel, since__gt=at - CODE_LASTS).exists()


def prove_by_link(channel: str, token: str, address: str, at: datetime) -> str | None:
    """Take the chat from which a token of a colleague came; return their language, None for a token that is none of theirs."""
    proof = address_codes.of_token(StaffProof.objects.select_related("user"), channel, token, at=at)
    if proof is None or not (proof.user.is_active and proof.user.is_staff):
        return None
    campaign = Campaign.objects.order_by("-pk").first()
    take(proof.user, channel, address, is_practice=False, campaign=campaign, at=at)
    return proof.user.language or (campaign.language_for(proof.user) if campaign else settings.LANGUAGE_CODE)


def allow_device(user: User, to: Subscription, *, campaign: Campaign | None, at: datetime) -> StaffAddress:
    """Take a device on which somebody has just allowed notifications. Raise NotPossible when there are too many."""
    mine = addresses_of(user).filter(channel=Channel.PUSH, broken_at=None)
    code = address_codes.code_of(Channel.PUSH, to.address)
    if known := mine.filter(address_hash=code).first():
        return known
    if mine.count() >= MOST_DEVICES:
        raise NotPossible(_("Not added: you have ten devices. Remove one that you no longer use."))
    return take(user, Channel.PUSH, to.address, is_practice=False, campaign=campaign, at=at)


@transaction.atomic
def take(
    user: User, channel: str, address: str, *, is_practice: bool, campaign: Campaign | None, at: datetime
) -> StaffAddress:
    """
    Store an address that somebody has just proven: what is urgent comes there from now on, more if they choose it. Whoever had it before
    has it no more; both are told by mail.
    """
    User.objects.select_for_update().get(pk=user.pk)
    code = address_codes.code_of(channel, address)
    proofs = StaffProof.objects.filter(user=user, channel=channel, address=address)
    known = set(proofs.values_list("user_hash", flat=True))
    for old in StaffAddress.objects.select_for_update().filter(address_hash=code, is_practice=is_practice):
        known.add(old.user_hash)  # the code that came there has just told who has it
        free(old, at=at)
        if old.user_id != user.pk:
            tell(
                old.user,
                TAKEN_OVER,
                old,
                campaign,
                at=at,
            )
    made = StaffAddress.objects.create(
        user=user,
        channel=channel,
        address=address,
        address_hash=code,
        user_hash=max(known, default=""),
        is_practice=is_practice,
        since=at,
    )
    StaffProof.objects.filter(user=user, channel=channel).delete()
    wishes.want_urgent(user, channel)
    trail.note("notice_address.added", made, by=user, at=at, channel=str(channel))
    tell(user, ADDED, made, campaign, at=at)
    return made


def tell(user: User, line: str, address: StaffAddress, campaign: Campaign | None, *, at: datetime) -> None:
    """Tell somebody by mail of a change of their addresses."""
    if campaign is None:
        return
    with override(campaign.language_for(user)):
        where = f"{address} {as_read(address.channel, address.address)}".strip()
        text = f"{_(line)}: {where}\n{_('Was it not you? Remove it, log out everywhere, and tell an administrator.')}"
        outbox.write(ADDRESS_CHANGED, [user], campaign=campaign, text=text, path=reverse("admin:told"), at=at)


# --- Leaving ---------------------------------------------------------------------------------------


@transaction.atomic
def leave(user: User, key: int, *, at: datetime) -> bool:
    """Stop everything that goes to an address of somebody's and forget it; return whether there was such a one."""
    return bool(free_all(addresses_of(user).select_for_update().filter(pk=key), by=user, at=at))


@transaction.atomic
def leave_everything(user: User, by: User | None, at: datetime) -> int:
    """Forget all addresses of somebody's: a phone is lost. Return how many that were."""
    StaffProof.objects.filter(user=user).delete()
    return free_all(addresses_of(user).select_for_update(), by=by, at=at)


@transaction.atomic
def leave_there(channel: str, address: str, wrote_at: datetime, at: datetime) -> bool:
    """
    Let an address go from which somebody wrote that they want nothing more; return whether it was a colleague's. What was written before
    they proved it counts for nothing: it comes again.
    """
    code = address_codes.code_of(channel, address)
    # A provider may tell the time in whole seconds.
    since = wrote_at.replace(microsecond=0) + timedelta(seconds=1)
    rows = StaffAddress.objects.select_for_update().filter(address_hash=code, since__lt=since)
    return bool(free_all(rows, by=None, at=at))


def free_all(rows: Iterable[StaffAddress], *, by: User | None, at: datetime) -> int:
    """Let addresses go and write it down; return how many."""
    count = 0
    for address in rows:
        trail.note("notice_address.left", address, by=by, at=at, channel=address.channel)
        free(address, at=at)
        count += 1
    return count


def free(address: StaffAddress, *, at: datetime) -> None:
    """Let an address go, in a transaction; what waited for it comes by mail."""
    outgoing_copies.mail_instead(address, at=at)
    StaffAddress.objects.filter(pk=address.pk).delete()


# --- Who has them ----------------------------------------------------------------------------------


def learn(channel: str, users: Mapping[str, str]) -> None:
    """Keep of addresses the code of the id by which their channel knows who has them."""
    for model in (StaffAddress, StaffProof):
        rows = model._default_manager.filter(channel=channel, address__in=users)
        for row in rows:
            if row.user_hash != users[row.address]:
                rows.filter(pk=row.pk).update(user_hash=users[row.address])


def addresses_known_by(channel: str, user_hash: str) -> list[str]:
    """Return the addresses of whom a channel names by its id alone."""
    rows = StaffAddress.objects.filter(channel=channel, user_hash=user_hash, is_practice=False)
    return list(rows.values_list("address", flat=True))


HOLDERS = other_holders.Holders(link=prove_by_link, leave=leave_there, learn=learn, addresses_of=addresses_known_by)
