"""Showing a campaign to readers: a step of its own, so that nobody replaces the site by saving a form."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User

from .http import page_changes
from .models import Campaign


class NotPublishable(Exception):
    """A refused publication. The text says why and what now, in the user's language."""


def shown_after(campaign: Campaign) -> Campaign | None:
    """Return the campaign that the site would show once `campaign` is published."""
    shown = Campaign.objects.current()
    return campaign if shown is None or shown.is_exercise or not campaign.is_exercise else shown


@transaction.atomic
def publish(campaign: Campaign, *, by: User, at: datetime) -> None:
    """
    Publish a campaign: its addresses are answered from now on, for good, and the site shows it, unless it is an exercise beside a
    live campaign. Raise NotPublishable, with nothing changed, when it is published or closed, or has no language.
    """
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.published_at is not None:
        raise NotPublishable(_("Not published: this campaign is already published. Nothing changed."))
    if held.closed_at is not None:
        raise NotPublishable(_("Not published: this campaign is closed. Nothing changed."))
    if not held.languages.exists():
        raise NotPublishable(_("Not published: it has no language yet, so there is nothing to read. Add one first."))
    before = Campaign.objects.current()
    held.published_at = at
    held.save(update_fields=["published_at"])
    page_changes.changed()
    trail.note("campaign.published", held, by=by, at=at, instead_of=before.slug if before else None)
    campaign.refresh_from_db()


def publish_first(campaign: Campaign, *, by: User, at: datetime) -> bool:
    """
    Publish the first campaign of a site, which replaces nothing, as soon as it has a language; return whether it was.
    """
    if Campaign.objects.published().exists() or campaign.closed_at is not None or not campaign.languages.exists():
        return False
    publish(campaign, by=by, at=at)
    return True
