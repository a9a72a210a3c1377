"""Closing a campaign from its page: once, by somebody who has read what goes on and what does not begin any more."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns import closing
from campaigns.http import page_changes
from campaigns.models import Campaign


class NotDone(Exception):
    """A step that was not taken. The text says why; nothing changed."""


def told_ahead(campaign: Campaign) -> tuple[list[str], str]:
    """Return what goes on, and what does not begin any more, once a campaign is closed, and the mark of exactly that."""
    said = closing.told(campaign)
    return said, hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


@transaction.atomic
def close(campaign: Campaign, *, knows: str, by: User, at: datetime) -> None:
    """
    Close a campaign for somebody who `knows` what told_ahead() says. Raise NotDone where it is closed, where nobody ever had it, and
    where something else would go on than was read.
    """
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.closed_at is not None:
        raise NotDone(_("Not closed: it has been closed already. Reload the page."))
    if held.drill:
        raise NotDone(_("Not closed: a drill is running in it. End the drill first."))
    if knows != told_ahead(held)[1]:
        raise NotDone(_("Not closed: what is still going on has changed since you read it. Read it again."))
    Campaign.objects.filter(pk=held.pk).update(closed_at=at)
    campaign.closed_at = at
    page_changes.changed()
    trail.note("campaign.closed", held, by=by, at=at)
