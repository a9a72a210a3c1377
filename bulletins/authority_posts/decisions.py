"""What a person decides of a post that stopped, or of which nobody knows where it stands: that it is tried again, is there, or is not."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.audit import trail
from accounts.models import User
from bulletins.models import AuthorityPost, Network, NotAllowed
from bulletins.models.authority_posts import digest_of

from . import account_checks, jobs, network_accounts
from .networks.network import Means, NetworkFault, Place

State = AuthorityPost.State
OF_ANOTHER_POST = gettext_noop("This is the address of another post that is listed here.")


@transaction.atomic
def try_again(post: AuthorityPost, *, by: User, at: datetime) -> None:
    """Have a post tried again: whoever says so has looked whether it is there. Raise NotAllowed for one that did not stop."""
    row = locked(post)
    if row.state not in AuthorityPost.FOR_A_PERSON:
        raise nothing_to_decide()
    values: dict[str, Any] = {"state": State.WAITING, "attempts": 0, "next_attempt_at": at, "error": "", "detail": ""}
    if not row.remote_id and row.is_wanted:
        values |= {"planned_at": at, "in_doubt_since": None, "key": network_accounts.new_key(row.account, at)}
    AuthorityPost.objects.filter(pk=row.pk).update(**values)
    note("tried_again", row, by=by, at=at)
    transaction.on_commit(lambda: jobs.wake(row.pk), robust=True)


def asks_where(post: AuthorityPost) -> bool:
    """Return whether who says that a post is there has to say where: in an exercise nothing stands anywhere."""
    return not post.remote_id and not post.campaign.is_exercise


def say_there(post: AuthorityPost, address: str, *, by: User, at: datetime) -> None:
    """
    Say that a post is there: at `address`, unless that is known already, and then as its words are now. From then on it is edited,
    answered and deleted like any other. Raise NotAllowed for one of which nothing is to be decided, NetworkFault for an address that
    is none of this account's posts. Not for use in a transaction.
    """
    place = None if post.remote_id else place_at(post, address, at=at)
    keep_there(post, place, by=by, at=at)


def place_at(post: AuthorityPost, address: str, *, at: datetime) -> Place:
    """Return where a post stands, by the address that somebody typed. Raise NetworkFault."""
    try:
        client = network_accounts.client_of(post.account, at=at)
        try:
            return client.find(address, post.key)
        finally:
            client.close()
    except NetworkFault as fault:
        if fault.means is Means.ACCOUNT:
            account_checks.refuse(post.account, fault, at=at)
        raise


@transaction.atomic
def keep_there(post: AuthorityPost, place: Place | None, *, by: User, at: datetime) -> None:
    """Keep that a post is there, and its place if it had none. Where earlier words may stand, it is edited; not on Bluesky, which cannot."""
    row = locked(post)
    says_it = True
    if not row.remote_id:
        if place is None:
            raise nothing_to_decide()
        if is_taken(row, place):
            raise NetworkFault(Means.POST, OF_ANOTHER_POST)
        row.remote_id, row.url, row.cid = place.remote_id, place.url, place.cid
        has_moved_on = row.in_doubt_since is not None and row.version.published_at > row.in_doubt_since
        says_it = not has_moved_on or row.account.network == Network.BLUESKY
    row.said = digest_of(row.words) if says_it else ""
    row.in_doubt_since, row.lease_until, row.attempts, row.error, row.detail = None, None, 0, "", ""
    row.posted_at, row.next_attempt_at = row.posted_at or at, at
    row.state = State.POSTED if row.is_settled else State.WAITING
    row.save()
    note("settled", row, by=by, at=at)
    if row.state == State.WAITING:
        transaction.on_commit(lambda: jobs.wake(row.pk), robust=True)
    jobs.wake_replies(row)


def is_taken(row: AuthorityPost, place: Place) -> bool:
    """Return whether another post is known to stand in a place. One account may be entered in several campaigns."""
    same = {"account__network": row.account.network, "account__server": row.account.server}
    return AuthorityPost.objects.filter(remote_id=place.remote_id, **same).exclude(pk=row.pk).exists()


@transaction.atomic
def say_gone(post: AuthorityPost, *, by: User, at: datetime) -> None:
    """Say that a post is not there, and not needed. Replies to it that never left go with it. Raise NotAllowed as say_there does."""
    row = locked(post)
    note("gone", row, by=by, at=at)
    row.is_wanted, row.state, row.deleted_at = False, State.DELETED, at
    row.remote_id, row.url, row.cid, row.said, row.error, row.detail = "", "", "", "", "", ""
    row.in_doubt_since, row.lease_until = None, None
    row.save()
    for reply in row.replies.standing():
        if not reply.has_left:
            jobs.want(reply, is_wanted=False, at=at)


def locked(post: AuthorityPost) -> AuthorityPost:
    """Return a post of which a person has something to decide, held. Raise NotAllowed for any other."""
    rows = AuthorityPost.objects.select_for_update(of=("self",)).select_related("account", "version__bulletin")
    row = rows.get(pk=post.pk)
    if not row.needs_person:
        raise nothing_to_decide()
    return row


def nothing_to_decide() -> NotAllowed:
    """Return the refusal where somebody else was faster."""
    return NotAllowed(_("Nothing to decide: this post is not stopped any more. Nothing changed."))


def note(verb: str, row: AuthorityPost, *, by: User, at: datetime) -> None:
    """Note in the audit log what a person decided, with the fingerprint of the words and their address."""
    said = {"digest": digest_of(row.words), "version": str(row.version), "language": row.language, "url": row.url}
    trail.note(f"authoritypost.{verb}", row, by=by, at=at, **said)
