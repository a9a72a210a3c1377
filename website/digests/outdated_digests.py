"""
Digests whose words are wrong before they have left, and readers whom a digest did not leave to.

A digest that says what has been corrected since is stopped, and settled when nothing of it is in the air any more: the
cursors of people whom it did not leave to go back, and their slot is planned once more, with the right words. People
who have it get the correction in their next digest, first.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext_noop

from delivery.models import Delivery, Send
from delivery.subscriptions import cursors
from website.models import Digest, DigestItem, DigestRun, Publication

from . import digest_runs

OUTDATED = gettext_noop(
    "Stopped: something in it has been corrected or withdrawn. Subscribers who did not get it will get another."
)
UNDER_WAY = (Send.State.PLANNED, Send.State.SENDING, Send.State.PAUSED, Send.State.HELD)


def stop_outdated(*, at: datetime) -> list[Digest]:
    """
    Stop the digests that say what has been corrected or withdrawn since, within one window, and return them. One query
    while none is under way.
    """
    sends = Send.objects.filter(mailing=OuterRef("mailing"), state__in=UNDER_WAY)
    open_ones = {digest.pk: digest for digest in Digest.objects.filter(Exists(sends)).select_related("run")}
    if not open_ones:
        return []
    served = min(digest.run.upto for digest in open_ones.values())
    newer = Publication.objects.filter(Q(number=None) | Q(number__gt=served))
    # What has no number yet is newer than all that is said.
    changed: dict[tuple[int, str], float] = {}
    for campaign, about, number in newer.values_list("campaign", "about", "number"):
        key = (campaign, about)
        changed[key] = max(changed.get(key, 0), float("inf") if number is None else number)
    if not changed:
        return []
    items = DigestItem.objects.filter(digest__in=open_ones, publication__about__in={about for _c, about in changed})
    said = items.values_list("digest", "publication__campaign", "publication__about")
    wrong = {
        digest: open_ones[digest]
        for digest, campaign, about in said
        if changed.get((campaign, about), 0) > open_ones[digest].run.upto
    }
    for digest in wrong.values():
        stop(digest, at=at)
    return list(wrong.values())


@transaction.atomic
def stop(digest: Digest, *, at: datetime) -> None:
    """Let nothing more of a digest leave: what waits is superseded, what is in the air still ends."""
    sends = Send.objects.filter(mailing=digest.mailing_id, state__in=UNDER_WAY)
    stopped = list(sends.select_for_update())
    sends.filter(pk__in=[send.pk for send in stopped]).update(state=Send.State.CANCELLED, reason=OUTDATED)
    waiting = Delivery.objects.of(*stopped).filter(state__in=[Delivery.State.QUEUED, Delivery.State.DEFERRED])
    waiting.update(state=Delivery.State.SUPERSEDED, finished_at=at, next_attempt_at=None)


def reconcile(*, at: datetime) -> list[DigestRun]:
    """
    Settle the digests' sends that are over: give back the cursors of people whom they did not leave to, and plan the
    slot once more where someone waits in it. Return the new runs. Two at once are harmless.
    """
    over = Send.objects.filter(mailing__digest__isnull=False, finished_at__isnull=False, settled_at=None)
    waiting = {
        send.audience_id: send.audience
        for send in over.select_related("audience__campaign", "mailing__digest__run").order_by("pk")
        if reconcile_send(send, at=at)
    }
    runs = [digest_runs.plan_again(audience, at=at) for audience in waiting.values()]
    return [run for run in runs if run]


@transaction.atomic
def reconcile_send(send: Send, *, at: datetime) -> bool:
    """
    Settle a digest's send. Return whether someone may wait for the slot to be planned once more: whom it did not leave
    to, or for whom a slot went by while it was in the air.
    """
    returned = cursors.rewind(send, once_more=send.reason == OUTDATED, at=at)
    if not send.fanned_out_at:
        if send.reason not in {OUTDATED, digest_runs.ROLLED_ON}:
            cursors.skip(send, at=at)  # a person has cancelled it: the next slot says it
        return send.reason == OUTDATED
    latest = DigestRun.objects.filter(audience=send.audience_id).aggregate(slot=Max("slot_at"))["slot"]
    return bool(returned) or latest > send.mailing.digest.run.slot_at
