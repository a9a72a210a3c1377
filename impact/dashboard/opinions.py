"""What people think: of each group that was asked, the newest survey's shares with their intervals."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from campaigns.models import Campaign
from impact.models import Survey
from impact.surveys import result_lines, survey_results
from impact.surveys.survey_results import Result
from lib.statistics.small_groups import FEWEST

MOST_SURVEYS = 4
FRESH = timedelta(weeks=26)  # an older answer says nothing of this week


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one group said, with each statement as it is drawn."""

    survey: Survey
    group: str
    on: date
    results: list[Result]
    rows: list[result_lines.Row]

    @property
    def shown_group(self) -> str:
        """The group, with what has to be known of it where nothing else says so."""
        return (
            _("%(group)s (by a link, no random sample)") % {"group": self.group}
            if self.survey.is_public
            else self.group
        )


def opinions_by(campaign: Campaign, *, at: datetime) -> list[Opinion]:
    """
    Return of each group the newest survey that had closed by `at` and had answers enough, those whose people were drawn first; four
    queries.
    """
    rows = Survey.objects.filter(
        campaign=campaign, state=Survey.State.CLOSED, closed_at__lte=at, closed_at__gt=at - FRESH, answers__gte=FEWEST
    )
    newest: dict[tuple[str, str, int | None], Survey] = {}
    for one in rows.select_related("audience").order_by("-closed_at", "-pk"):
        newest.setdefault(survey_results.asked_of(one), one)
    surveys = sorted(newest.values(), key=lambda one: one.is_public)[:MOST_SURVEYS]
    results = survey_results.results_of_all(surveys)
    return [
        Opinion(
            one,
            str(one.audience or one.get_group_display()).capitalize(),
            campaign.local(one.closed_at).date(),
            results[one.pk],
            result_lines.rows_of(results[one.pk]),
        )
        for one in surveys
        if one.closed_at and results[one.pk]
    ]


def in_short(opinions: list[Opinion]) -> str:
    """Return what was found where people were drawn, in a sentence: what clearly changed, else the first statement."""
    drawn = [one for one in opinions if not one.survey.is_public]
    for one in drawn:
        for row in one.rows:
            if row.is_clear:
                return _("%(group)s: “%(statement)s” %(change)s") % {
                    "group": one.group,
                    "statement": row.words,
                    "change": row.change,
                }
    if not opinions:
        return _("Nobody has been asked lately.")
    if not drawn:
        return _("Only those who wanted were asked, by a link. That says nothing of all.")
    first = drawn[0]
    told = {"group": first.group, "share": row_share(first), "statement": first.rows[0].words}
    return _("%(group)s: %(share)s agree that “%(statement)s”") % told


def row_share(opinion: Opinion) -> str:
    """Return the share of an opinion's first statement, in words."""
    return result_lines.percent(opinion.results[0].agreed.seen)
