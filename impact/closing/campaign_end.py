"""Closing a campaign from its page: once, by somebody who has read what goes on and what does not begin any more."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns import closing
from campaigns.http import page_changes
from campaigns.models import Campaign

from . import open_surveys


class NotDone(Exception):
    """A step that was not taken. The text says why; nothing changed."""


@dataclass(frozen=True, slots=True)
class Told:
    """
    What goes on and what does not begin any more once a campaign is closed, in sentences, what is open and ends at once, and the
    mark of exactly that.
    """

    said: list[str]
    ending: list[open_surveys.Open]
    mark: str


def told_ahead(campaign: Campaign, *, at: datetime) -> Told:
    """Return what somebody is told who closes a campaign. How many have answered meanwhile does not change its mark."""
    said, ending = closing.told(campaign), open_surveys.open_in(campaign, at=at)
    known = "\n".join([*said, *(one.mark for one in ending)])
    return Told(said, ending, hashlib.sha256(known.encode()).hexdigest()[:16])


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
    if knows != told_ahead(held, at=at).mark:
        raise NotDone(_("Not closed: what is still going on has changed since you read it. Read it again."))
    Campaign.objects.filter(pk=held.pk).update(closed_at=at)
    campaign.closed_at = at
    page_changes.changed()
    trail.note("campaign.closed", held, by=by, at=at)
