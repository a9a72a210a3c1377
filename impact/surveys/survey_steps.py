"""The way of a survey: composed by one person, started by another, closed by its time or before it."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from agreement.digests import old_digest_of
from agreement.kinds import Columns, Kind, register
from agreement.refusals import Refused
from agreement.steps import agree, begin, write
from campaigns.models import Campaign
from delivery.models import Audience
from impact.models import Asked, Survey
from lib.text.languages.languages import language_heading

from . import answers, people_drawn, tickets

Way, Group = Survey.Way, Survey.Group


class SurveyAgreement(Kind[Survey]):
    """Surveys: whoever may start surveys and wrote none of it reads it and starts it, whereby people are drawn."""

    name = "survey"
    covers = ("survey",)
    model = Survey
    agree_permission = "impact.start_survey"
    columns = Columns(
        edited_by="composed_by", edited_at="composed_at", agreed_by="started_by", agreed_at="started_at", remark=""
    )
    waiting, agreed = "draft", "open"
    verbs: ClassVar = {"written": "survey.composed", "agreed": "survey.started"}
    refusals: ClassVar = Kind.refusals | {"agreed": gettext_lazy("Not started.")}

    def content_of(self, row: Survey) -> dict[str, Any]:
        """Return what people are asked, who is drawn, and for how long."""
        names = ("campaign_id", "way", "group", "audience_id", "size", "apart_weeks", "open_days", "questions")
        return {name: getattr(row, name) for name in names}

    def old_digest(self, row: Survey) -> str:
        """Return the digest of 1.6.1, of the values without their names."""
        return old_digest_of(list(self.content_of(row).values()))

    def faults(self, row: Survey, *, at: datetime) -> Iterator[str]:
        """Yield why it cannot be started now."""
        campaign = row.campaign
        if campaign.closed_at is not None or campaign.published_at is None:
            yield _("Surveys are for a campaign that is published and has not ended.")

    def why_not_writable(self, row: Survey) -> str:
        """A survey that has started asks what it asked."""
        return "" if self.is_open(row) else _("The survey has started, so its questions stay as they are.")

    def noted(self, row: Survey) -> dict[str, Any]:
        """Return how the draw can be repeated."""
        return {"seed": row.seed, "drawn": row.drawn, "among": row.drawn_among} if row.seed else {}

    def on_agreed(self, row: Survey, *, by: User, at: datetime) -> None:
        """Draw people and make their tickets, or open the link."""
        row.closes_at = at + timedelta(days=row.open_days)
        if row.is_public:
            row.code = secrets.token_hex(6)
        else:
            draw_people(row, at=at)


SURVEY = register(SurveyAgreement())


@dataclass(frozen=True)
class Composed:
    """What the form of a survey says. `questions` is as in `Survey`."""

    name: str
    way: str
    group: str
    audience: Audience | None
    size: int
    apart_weeks: int
    open_days: int
    questions: Sequence[Mapping[str, Any]]

    def fill(self, survey: Survey) -> None:
        """Put it into a survey."""
        survey.name, survey.way, survey.open_days = self.name, self.way, self.open_days
        survey.group = Group.FOLLOWERS if self.way == Way.PUBLIC else self.group
        survey.audience = None if self.way == Way.PUBLIC else self.audience
        survey.size, survey.apart_weeks = self.size, self.apart_weeks
        survey.questions = [dict(question) for question in self.questions]


def compose(campaign: Campaign, composed: Composed, *, by: User, at: datetime) -> Survey:
    """Store a new survey. Raise Refused for one without a question in each language."""
    refuse_unspoken(campaign, composed.questions)
    survey = Survey(campaign=campaign)
    composed.fill(survey)
    return begin(SURVEY, survey, by=by, at=at)


def change(survey: Survey, composed: Composed, *, seen: str, by: User, at: datetime) -> bool:
    """Change a survey that has not started; return whether it asks something else now. Raise Refused, or Stale by `seen`."""
    refuse_unspoken(survey.campaign, composed.questions)
    return write(SURVEY, survey, composed.fill, seen=seen, by=by, at=at)[1]


def start(survey: Survey, *, digest: str, by: User, at: datetime) -> Survey:
    """Start, as a second person, exactly the survey whose digest `by` has read. Raise Refused, also where too few could be drawn."""
    return agree(SURVEY, survey, seen=digest, by=by, at=at)


def refuse_unspoken(campaign: Campaign, questions: Sequence[Mapping[str, Any]]) -> None:
    """Raise Refused unless there is a question, and each has its words in every language of a campaign."""
    if not questions:
        raise Refused(_("Not saved."), _("Choose at least one question."))
    for language in campaign.languages.all():
        if not all(question["text"].get(language.code, "").strip() for question in questions):
            raise Refused(
                _("Not saved: people are asked in their own language. Write every question in %(language)s too.")
                % {"language": language_heading(language.code)}
            )


def draw_people(survey: Survey, *, at: datetime) -> None:
    """Draw people, write that they are asked, and make as many tickets as they are; neither says anything of the other."""
    keys = people_drawn.draw(survey, at=at)
    if len(keys) < people_drawn.LEAST:
        raise Refused(
            _(
                "Not started: %(n)d people could be asked now, and it takes at least %(least)d, so that no answer tells of one "
                "person. Choose a larger group, or wait until those who were asked lately can be asked again."
            )
            % {"n": len(keys), "least": people_drawn.LEAST}
        )
    survey.save()
    today = survey.campaign.local(at).date()
    Asked.objects.bulk_create(Asked(survey=survey, recipient_id=key, on=today) for key in keys)
    tickets.make(survey, len(keys))


def stop(survey: Survey, *, by: User, at: datetime) -> None:
    """Close a survey before its time: nobody is mailed any more, links end, and what was answered is counted. Raise Refused."""
    if not answers.close(survey, by=by, at=at):
        raise Refused(_("Not closed: it is not open. Reload the page."))
