"""
Posting: the row is the queue, Celery only wakes it. Whoever takes a row holds it for LEASE and makes the network have what the row says;
a killed worker costs that long, and nothing is there twice, for every try has the same key.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from accounts.audit import trail
from accounts.models import User
from bulletins import notices
from bulletins.models import AuthorityPost
from bulletins.models.authority_posts import UNPLACED, digest_of
from lib import retries, task_queue
from notifications import outbox

from . import account_checks, network_accounts, pictures
from .networks.network import Draft, Means, NetworkClient, NetworkFault, Place

log = logging.getLogger(__name__)

State = AuthorityPost.State
LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 8
MOST_WOKEN = 40
TOO_OLD = timedelta(hours=6)  # after which nobody wants it posted without having been asked
CARD_WAIT = timedelta(minutes=2)  # for a card that is still being drawn
CARD_AGAIN = timedelta(seconds=10)

LATE = gettext_noop("It could not be posted for hours. Is it still to be posted?")
IN_DOUBT = gettext_noop("Nobody knows whether it was posted. Look at the account, then say so here.")
GAVE_UP = gettext_noop("It failed again and again.")


def want(post: AuthorityPost, *, at: datetime, **values: Any) -> None:
    """
    Say what is to stand there from now on, within a transaction. What never left and is not wanted any more is settled by that; of what
    nobody knows where it stands a person is told.
    """
    values |= {"error": "", "detail": ""}
    if post.is_unplaced:
        since = post.in_doubt_since or post.posted_at or at
        values |= {"state": State.UNKNOWN, "error": UNPLACED, "in_doubt_since": since}
    elif values.get("is_wanted") is False and not post.has_left:
        values |= {"state": State.DELETED, "deleted_at": at}
    else:
        values |= {"state": State.WAITING, "attempts": 0, "next_attempt_at": at}
    AuthorityPost.objects.filter(pk=post.pk).update(**values)
    if post.is_unplaced:
        row = AuthorityPost.objects.select_related("account__campaign", "version__bulletin").get(pk=post.pk)
        tell_stopped(row, at=at)


def doubt_waiting(*, at: datetime) -> int:
    """Say of what waits to be posted that it may be there: it comes from a back-up, and has perhaps been posted since. Return how many."""
    rows = AuthorityPost.objects.filter(state=State.WAITING, remote_id="", is_wanted=True)
    return rows.update(state=State.UNKNOWN, error=IN_DOUBT, in_doubt_since=at, lease_until=None)


def wake(pk: int, *, urgent: bool = False) -> None:
    """Ask a worker to take up a post. A broker that is away costs one tick."""
    try:
        task_queue.wake("bulletins.tasks.post", pk, queue="urgent" if urgent else "bulletin")
    except Exception:
        log.warning("Nobody could be woken for the post %s; the next tick tries again.", pk)


def wake_waiting(*, at: datetime) -> int:
    """Wake workers for the posts that wait and the accounts that are to be tried; return how many posts were asked for."""
    rows = AuthorityPost.objects.due(at=at).order_by("next_attempt_at", "pk")
    found = list(rows.values_list("pk", "version__urgency")[:MOST_WOKEN])
    for pk, urgency in found:
        wake(pk, urgent=urgency == "urgent")
    account_checks.wake_waiting(at=at)
    return len(found)


def run(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Make the network have what a post says, if nobody else is at it. Not for use in a transaction."""
    at = clock()
    doubt = AuthorityPost.objects.filter(pk=pk).values_list("in_doubt_since", flat=True).first()
    until = at + LEASE
    # The row's own fields are asked for once more: of two workers that meet, the second sees what the first wrote.
    free = AuthorityPost.objects.free(at=at).filter(pk=pk, in_doubt_since=doubt)
    won = free.filter(pk__in=AuthorityPost.objects.due(at=at).filter(pk=pk).values("pk"))
    if not won.update(lease_until=until, attempts=F("attempts") + 1, in_doubt_since=Coalesce("in_doubt_since", at)):
        return
    post = AuthorityPost.objects.select_related("account__campaign", "version__bulletin", "reply_to").get(pk=pk)
    client: NetworkClient | None = None
    try:
        if says := why_not(post, doubt, at=at):
            hold(post, says, "", until, doubt, at=at)
            return
        client = network_accounts.client_of(post.account, at=at)
        if wait_for_card(post, until, doubt, at=at):
            return
        place = work(post, client, doubt)
    except NetworkFault as fault:
        take_fault(post, fault, until, doubt, at=clock())
    except Exception:
        log.exception("The post %s went wrong.", pk)
        take_fault(post, NetworkFault(Means.MAYBE, GAVE_UP), until, doubt, at=clock())
    else:
        finish(post, place, until, at=clock())
    finally:
        if client:
            client.close()


def why_not(post: AuthorityPost, doubt: datetime | None, *, at: datetime) -> str:
    """Return why a person has to decide, "" where nobody has to: it is too old, or nobody could tell whether it is there already."""
    if post.remote_id:
        return ""
    remembers = network_accounts.remembers(post.account)
    if doubt and remembers and at - doubt > remembers:
        return IN_DOUBT
    return LATE if post.is_wanted and at - post.planned_at > TOO_OLD else ""


def work(post: AuthorityPost, client: NetworkClient, doubt: datetime | None) -> Place | None:
    """Make the network have what the post says, and return where it stands, None where nothing does. Raise NetworkFault."""
    place = Place(post.remote_id, post.url, post.cid) if post.remote_id else None
    if not post.is_wanted:
        if place is None and doubt and network_accounts.remembers(post.account):
            place = client.post(draft_of(post))  # what perhaps is there: the key gives its name, and it goes at once
        client.delete(place, post.key)
        return None
    draft = draft_of(post)
    return client.edit(place, draft) if place else client.post(draft)


def draft_of(post: AuthorityPost) -> Draft:
    """Return what is to stand there."""
    answers = post.reply_to
    assert post.in_doubt_since is not None
    return Draft(
        words=post.words,
        language=post.language,
        key=post.key,
        at=post.in_doubt_since,
        picture=pictures.drawn(post) if post.is_wanted else None,
        reply_to=Place(answers.remote_id, answers.url, answers.cid) if answers and answers.remote_id else None,
    )


def wait_for_card(post: AuthorityPost, until: datetime, doubt: datetime | None, *, at: datetime) -> bool:
    """Put a post off while the card that goes with it is still being drawn, for a while; return whether it was."""
    if not post.is_wanted or not post.picture or doubt or at - post.planned_at > CARD_WAIT or pictures.drawn(post):
        return False
    held = AuthorityPost.objects.filter(pk=post.pk, lease_until=until)
    held.update(lease_until=None, attempts=0, next_attempt_at=at + CARD_AGAIN, in_doubt_since=None)
    return True


@transaction.atomic
def finish(post: AuthorityPost, place: Place | None, until: datetime, *, at: datetime) -> None:
    """Note what the network has now. What was wanted otherwise meanwhile is done in the next round."""
    row = AuthorityPost.objects.select_for_update(of=("self",)).filter(pk=post.pk, lease_until=until).first()
    if row is None:
        return
    was_there = bool(row.remote_id)
    row.remote_id, row.url, row.cid = (place.remote_id, place.url, place.cid) if place else ("", "", "")
    row.said = digest_of(post.words) if place else ""
    row.in_doubt_since, row.lease_until, row.attempts, row.error, row.detail = None, None, 0, "", ""
    row.next_attempt_at = at
    if place and not was_there:
        row.posted_at = at
    if not place:
        row.deleted_at = at
    if row.is_settled:
        row.state = State.POSTED if place else State.DELETED
    row.save()
    verb = "deleted" if not place else "edited" if was_there else "posted"
    trail.note(
        f"authoritypost.{verb}",
        row,
        by=None,
        at=at,
        digest=digest_of(post.words),
        version=str(post.version),
        language=post.language,
        url=post.url if not place else place.url,
    )
    if row.state == State.WAITING:
        transaction.on_commit(lambda: wake(row.pk), robust=True)
    wake_replies(row)


def wake_replies(row: AuthorityPost) -> None:
    """Have workers woken, after the transaction, for the replies that waited for a post."""
    for reply in row.replies.filter(state=State.WAITING).values_list("pk", flat=True):
        transaction.on_commit(lambda pk=reply: wake(pk), robust=True)


@transaction.atomic
def take_fault(
    post: AuthorityPost, fault: NetworkFault, until: datetime, doubt: datetime | None, *, at: datetime
) -> None:
    """Note why it is not done: it is tried again, or stops until a person has seen to it."""
    held = AuthorityPost.objects.filter(pk=post.pk, lease_until=until)
    since = post.in_doubt_since if fault.means is Means.MAYBE else doubt
    if fault.means is Means.ACCOUNT:
        # It waits for the account, and counts no try.
        if held.update(lease_until=None, attempts=0, in_doubt_since=since, next_attempt_at=at):
            account_checks.refuse(post.account, fault, at=at)
        return
    if fault.means in {Means.POST, Means.GONE}:
        hold(post, fault.says, fault.words, until, doubt, at=at)
    elif post.attempts >= MOST_ATTEMPTS:
        hold(post, GAVE_UP, fault.words or fault.says, until, since, at=at)
    else:
        again = at + timedelta(seconds=fault.wait) if fault.wait else retries.next_attempt(post.attempts - 1, at=at)
        tries = max(0, post.attempts - 1) if fault.wait else post.attempts
        told = {"error": fault.says, "detail": fault.words}
        held.update(lease_until=None, in_doubt_since=since, next_attempt_at=again, attempts=tries, **told)


@transaction.atomic
def hold(post: AuthorityPost, says: str, detail: str, until: datetime, since: datetime | None, *, at: datetime) -> None:
    """Stop a post until a person has seen to it, and tell those who may."""
    state = State.UNKNOWN if says == IN_DOUBT else State.STOPPED
    held = AuthorityPost.objects.filter(pk=post.pk, lease_until=until)
    if not held.update(state=state, error=says, detail=detail[:200], lease_until=None, in_doubt_since=since):
        return
    tell_stopped(post, at=at)


def tell_stopped(post: AuthorityPost, *, at: datetime) -> None:
    """Tell those who may see to it that a post waits for a person, within a transaction."""
    trail.note("authoritypost.stopped", post, by=None, at=at, version=str(post.version), language=post.language)
    staff = User.objects.staff_with("bulletins.change_authoritypost", post.campaign.pk)
    outbox.write(notices.POST_STOPPED, staff, about=post, hook=True, at=at)
