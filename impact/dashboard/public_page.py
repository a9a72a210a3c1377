"""
What a campaign's public page of results shows: the last week that is over, of what was chosen, and only what is fit for everybody. Never
what is open, what became of messages in posts, what anybody wrote, or a number of fewer than FEWEST people. No words and no number reach
it by one person alone (agreed_state.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import Campaign
from impact.charts.week_charts import WeekChart
from impact.measures import queries
from impact.models import Measure, ResultsPage, Unit
from impact.weeks import Week, up_to
from lib.statistics.small_groups import FEWEST

from . import agreed_state, opinions, said
from .agreed_state import Waiting
from .opinions import Opinion
from .said import Said
from .week_page import SHOWN

OF_PEOPLE = (Unit.PEOPLE, Unit.POSTS)  # units whose small numbers might tell of somebody
MOST_MEASURES = queries.MOST_MULTIPLES
OWN = gettext_lazy("Some of it is by you: you took a value or wrote a word of it. Somebody else has to agree to it.")


class NotOpened(Exception):
    """A page that was not opened, or shows nothing newer; its words say why."""


@dataclass(frozen=True, slots=True)
class PublicWeek:
    """The week as everybody sees it."""

    week: Week
    said: list[Said]
    charts: list[WeekChart]
    opinions: list[Opinion]

    @property
    def in_short(self) -> str:
        """What was said, in a sentence."""
        return said.in_short(self.said)


def open_page(campaign: Campaign) -> ResultsPage | None:
    """Return the page of a campaign that anybody can read, None where there is none; one query."""
    return ResultsPage.objects.filter(campaign=campaign, closed_at=None).first()


def public_week(page: ResultsPage, campaign: Campaign, *, now: datetime) -> PublicWeek:
    """
    Return the last week that is over as everybody sees it, of a campaign that is closed the last whole one before that; the number of
    queries does not grow.
    """
    today = campaign.local(min(now, campaign.closed_at or now)).date()
    week = Week.of(today).before()
    weeks = up_to(week, SHOWN)
    measures = agreed_state.as_agreed(page, shown_measures(page, campaign))
    values = agreed_state.week_values(measures, weeks, at=agreed_state.agreed_at(page)) if measures else {}
    notes = agreed_state.notes_in(page, weeks) if measures else {}
    charts = [
        queries.chart_of(
            one, values[one.pk], weeks, now=Week.of(today), notes=notes, begins=Week.of(campaign.starts_on)
        )
        for one in measures
        if values[one.pk] and not tells_of_few(one, values[one.pk].values())
    ]
    language = get_language() or campaign.default_language
    asked = opinions.opinions_by(campaign, at=week.ends(campaign.zone)) if page.has_opinions else []
    return PublicWeek(week, said.said_publicly(campaign, week, language=language, now=now), charts, asked)


def shown_measures(page: ResultsPage, campaign: Campaign) -> list[Measure]:
    """Return the measures that were chosen for a page and go on; one query."""
    return list(Measure.objects.taken().filter(campaign=campaign, key__in=page.measures)[:MOST_MEASURES])


def waiting_for(page: ResultsPage, measures: list[Measure], *, by: User, at: datetime) -> Waiting:
    """Return what everybody would see beside what they see, of the weeks that the page shows and the one that goes on."""
    weeks = up_to(Week.of(page.campaign.local(min(at, page.campaign.closed_at or at)).date()), SHOWN + 1)
    return agreed_state.waiting(page, measures, weeks, by=by, at=at)


def tells_of_few(measure: Measure, values: Iterable[Decimal]) -> bool:
    """Return whether one of some values is about so few people that it might tell of somebody."""
    return measure.unit in OF_PEOPLE and any(0 < value < FEWEST for value in values)


@transaction.atomic
def open_for_all(
    campaign: Campaign, *, measures: list[str], has_opinions: bool, typed: str, by: User, at: datetime
) -> ResultsPage:
    """Make results public, or change which are. Raise NotOpened unless the campaign's short name was `typed`, and something is chosen."""
    if typed.strip() != campaign.slug:
        raise NotOpened(_("Write %(name)s to confirm that everybody may read it.") % {"name": campaign.slug})
    chosen = list(Measure.objects.taken().filter(campaign=campaign, key__in=measures)[:MOST_MEASURES])
    before = ResultsPage.objects.filter(campaign=campaign).first() or ResultsPage(campaign=campaign, opened_at=at)
    if waiting_for(before, chosen, by=by, at=at).is_own:
        raise NotOpened(str(OWN))
    page, _is_new = ResultsPage.objects.update_or_create(
        campaign=campaign,
        defaults={
            "measures": [one.key for one in chosen],
            "has_opinions": has_opinions,
            "opened_by": by,
            "opened_at": at,
            "closed_at": None,
            "agreed_by": by,
            "agreed_at": at,
            "agreed": agreed_state.state_of(campaign, chosen),
        },
    )
    page_changes.changed()
    trail.note("results_page.opened", page, by=by, at=at, measures=page.measures, opinions=has_opinions)
    return page


@transaction.atomic
def show_newer(campaign: Campaign, *, digest: str, by: User, at: datetime) -> None:
    """Show everybody the values and words that were added since somebody last agreed. Raise NotOpened unless they are those of `digest`, by others."""
    page = ResultsPage.objects.select_for_update(of=("self",)).filter(campaign=campaign, closed_at=None).first()
    if page is None:
        raise NotOpened(_("The page is closed."))
    measures = shown_measures(page, campaign)
    found = waiting_for(page, measures, by=by, at=at)
    if found.digest != digest:
        raise NotOpened(_("Something was added meanwhile. Look at it again."))
    if found.is_own:
        raise NotOpened(str(OWN))
    page.agreed_by, page.agreed_at = by, at
    page.agreed = agreed_state.state_of(campaign, measures)
    page.save(update_fields=["agreed_by", "agreed_at", "agreed"])
    page_changes.changed()
    trail.note("results_page.agreed", page, by=by, at=at, digest=digest, changes=len(found.rows))


@transaction.atomic
def close(campaign: Campaign, *, by: User, at: datetime) -> bool:
    """Take the page down; return whether it was there."""
    page = ResultsPage.objects.select_for_update().filter(campaign=campaign, closed_at=None).first()
    if page is None:
        return False
    page.closed_at = at
    page.save(update_fields=["closed_at"])
    page_changes.note_retraction()
    trail.note("results_page.closed", page, by=by, at=at)
    return True
