"""Showing a campaign to readers: a step of its own, so that nobody replaces the site by saving a form."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User

from .http import page_changes
from .models import Campaign

# Whoever knows what a campaign should have before readers see it (apps above) says here what it has not.
_tests: list[Callable[[Campaign, datetime], Iterable["Stop"]]] = []


class NotPublishable(Exception):
    """A refused publication. The text says why and what now, in the user's language."""


@dataclass(frozen=True)
class Stop:
    """
    What a campaign has not that it should have: a `key` for the audit log, what it `says` under its `title`, and the page that `mends`
    it with its `url`. In a crisis that cannot wait, a person may go on all the same.
    """

    key: str
    title: Any
    says: str
    mends: str = ""
    url: str = ""


def register_test(rule: Callable[[Campaign, datetime], Iterable[Stop]]) -> None:
    """Have a rule asked what stops a campaign before it is published."""
    _tests.append(rule)


def stops_of(campaign: Campaign, *, at: datetime) -> list[Stop]:
    """Return what stops a campaign from being published, unless somebody goes on all the same."""
    return [stop for rule in _tests for stop in rule(campaign, at)]


def shown_after(campaign: Campaign) -> Campaign | None:
    """Return the campaign that the site would show once `campaign` is published."""
    shown = Campaign.objects.current()
    return campaign if shown is None or shown.is_exercise or not campaign.is_exercise else shown


@transaction.atomic
def publish(campaign: Campaign, *, by: User, at: datetime, despite: Collection[str] = ()) -> None:
    """
    Publish a campaign: its addresses are answered from now on, for good, and the site shows it, unless it is an exercise beside a
    live campaign. `despite` has the keys of the stops that somebody has read and goes on with all the same. Raise NotPublishable, with
    nothing changed, when it is published or closed, has no language, or something else stops it.
    """
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.published_at is not None:
        raise NotPublishable(_("Not published: this campaign is already published. Nothing changed."))
    if held.closed_at is not None:
        raise NotPublishable(_("Not published: this campaign is closed. Nothing changed."))
    if not held.languages.exists():
        raise NotPublishable(_("Not published: it has no language yet, so there is nothing to read. Add one first."))
    stops = stops_of(held, at=at)
    if not {stop.key for stop in stops} <= set(despite):
        raise NotPublishable(
            _("Not published: this is still in the way. Fix it, or tick that you publish it all the same.")
        )
    before = Campaign.objects.current()
    held.published_at = at
    held.save(update_fields=["published_at"])
    page_changes.changed()
    noted: dict[str, Any] = {"despite": sorted(stop.key for stop in stops)} if stops else {}
    trail.note("campaign.published", held, by=by, at=at, instead_of=before.slug if before else None, **noted)
    campaign.refresh_from_db()


def publish_first(campaign: Campaign, *, by: User, at: datetime) -> bool:
    """
    Publish the first campaign of a site, which replaces nothing, as soon as it has a language and nothing stops it; return whether it
    was.
    """
    if Campaign.objects.published().exists() or campaign.closed_at is not None or not campaign.languages.exists():
        return False
    if stops_of(campaign, at=at):
        return False
    publish(campaign, by=by, at=at)
    return True
