"""What is open in a campaign, and would end with it at once: surveys that take answers, and drafts that are tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign
from impact.models import Pretest, Survey
from impact.pretests import pretest_steps
from impact.surveys.survey_results import answers_so_far
from lib.statistics.small_groups import FEWEST
from lib.text.numbers.whole_numbers import grouped


@dataclass(frozen=True, slots=True)
class Open:
    """A survey or a pretest that is open until a time; `answers` is None where they cannot be
    counted before it closes. Those of a survey are counted in fives."""

    mark: str
    name: str
    until: datetime
    days_left: int
    answers: int | None
    is_survey: bool

    @property
    def is_of_few(self) -> bool:
        """Whether a survey, closed now, has too few answers for anything to be kept."""
        return self.is_survey and self.answers is not None and self.answers < FEWEST


def open_in(campaign: Campaign, *, at: datetime) -> list[Open]:
    """Return what is open in a campaign, and nothing of one that is closed; its queries grow with what is open."""
    if campaign.closed_at is not None:
        return []
    surveys = Survey.objects.taking_answers(at=at).filter(campaign=campaign).order_by("closes_at", "pk")
    pretests = Pretest.objects.running(at=at).filter(bulletin__campaign=campaign)
    pretests = pretests.select_related("bulletin__campaign").order_by("expires_at", "pk")

    def days_to(end: datetime) -> int:
        return (campaign.local(end).date() - campaign.local(at).date()).days

    found = [
        Open(f"survey {one.pk}", one.name, one.closes_at, days_to(one.closes_at), answers_so_far(one), is_survey=True)
        for one in surveys
        if one.closes_at is not None
    ]
    return found + [
        Open(f"pretest {one.pk}", named(one), one.expires_at, 0, one.answered, is_survey=False)
        for one in pretests
        if pretest_steps.is_open(one, at=at)
    ]


def named(pretest: Pretest) -> str:
    """Return what a pretest is called."""
    return _("Pretest of bulletin %(bulletin)s") % {"bulletin": pretest.bulletin}


def told(campaign: Campaign) -> Iterator[str]:
    """Yield how many surveys end with a campaign; one query."""
    if many := Survey.objects.filter(campaign=campaign, state=Survey.State.OPEN).count():
        yield ngettext(
            "%(n)s open survey ends at once: its answers are counted, and nobody can answer it any more.",
            "%(n)s open surveys end at once: their answers are counted, and nobody can answer them any more.",
            many,
        ) % {"n": grouped(many)}
