"""Publishing what was approved and whose moment has come. One tick does it; two at once are harmless."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from bulletins import notices
from bulletins.models import Bulletin, NotAllowed, Urgency
from bulletins.scheduling import roundups
from campaigns.models import Campaign
from notifications import outbox
from notifications.models import Notice

from . import publish

log = logging.getLogger(__name__)


def publish_due(*, at: datetime) -> list[Bulletin]:
    """
    Publish every approved bulletin whose first slot has come, which plans its sends, the urgent ones first, and put
    those that meet in one slot of an audience into roundups; return the bulletins.

    One that cannot be published is noted in the log, told to staff once, and does not stand in the way of the others.
    """
    published = publish_urgent(at=at)
    due = Bulletin.objects.due(at=at).filter(campaign=OuterRef("pk"))
    met = roundups.meeting(at=at).filter(mailing__campaign=OuterRef("pk"))
    for campaign in Campaign.objects.filter(Exists(due) | Exists(met)).order_by("pk"):
        try:
            published += publish_due_of(campaign, at=at)
        except Exception:
            log.exception("What is due in campaign %s could not be planned.", campaign)
    return published


def publish_urgent(*, at: datetime) -> list[Bulletin]:
    """Publish the urgent bulletins that are due. They are part of no roundup, and so wait for nothing else."""
    due = Bulletin.objects.due(at=at).filter(urgency=Urgency.URGENT)
    return [bulletin for bulletin in due if publish_one(bulletin, at=at)]


@transaction.atomic
def publish_due_of(campaign: Campaign, *, at: datetime) -> list[Bulletin]:
    """Plan what is due in a campaign, all at once: nobody starts a send before it is known what leaves with it."""
    # Not for a change of its key: whoever plans something else in it refers to it meanwhile.
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    due = Bulletin.objects.due(at=at).filter(campaign=campaign)
    published = [bulletin for bulletin in due if publish_one(bulletin, at=at)]
    try:
        with transaction.atomic():
            roundups.round_up(campaign, at=at)
    except Exception:
        log.exception("No roundups could be made in campaign %s; the bulletins leave one by one.", campaign)
    return published


def publish_one(bulletin: Bulletin, *, at: datetime) -> bool:
    """Publish a bulletin that is due; return whether this call did."""
    try:
        publish.publish(bulletin, at=at)
    except NotAllowed as refusal:
        bulletin.refresh_from_db(fields=["state"])
        if bulletin.state in {Bulletin.State.PUBLISHED, Bulletin.State.WITHDRAWN}:
            return False  # someone else just has
        log.warning("Bulletin %s was due and is not published: %s", bulletin, refusal)
        notify_not_published(bulletin, str(refusal), at=at)
    except Exception:
        log.exception("Bulletin %s was due and could not be published.", bulletin)
        notify_not_published(bulletin, "", at=at)
    else:
        return True
    return False


def notify_not_published(bulletin: Bulletin, why: str, *, at: datetime) -> None:
    """Tell staff that a due bulletin is not published: once for each approval, however often it is tried."""
    told = Notice.objects.about(notices.NOT_PUBLISHED, bulletin.pk)
    if told.filter(at__gte=bulletin.approved_at or at).exists():
        return
    staff = User.objects.staff_with("bulletins.publish_bulletin", bulletin.campaign_id)
    outbox.write(notices.NOT_PUBLISHED, staff, about=bulletin, text=why, hook=True, at=at)
