"""The way of a survey: composed by one person, started by another, closed by its time or before it."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Audience
from impact.models import Asked, Survey
from lib.text.languages.languages import language_heading

from . import answers, people_drawn, tickets

Way, Group = Survey.Way, Survey.Group


class NotDone(Exception):
    """A step that was not taken. The text says why and what to do; nothing changed."""


@transaction.atomic
def compose(
    campaign: Campaign,
    survey: Survey | None,
    *,
    name: str,
    way: str,
    group: str,
    audience: Audience | None,
    size: int,
    apart_weeks: int,
    open_days: int,
    questions: Sequence[Mapping[str, Any]],
    by: User,
    at: datetime,
) -> Survey:
    """Store a survey that is being composed. Raise NotDone for one that has started, or without a question in each language."""
    if survey is not None:
        survey = Survey.objects.select_for_update().get(pk=survey.pk)
        if survey.state != Survey.State.DRAFT:
            raise NotDone(_("Not saved: the survey has started, so its questions stay as they are."))
    refuse_unspoken(campaign, questions)
    survey = survey or Survey(campaign=campaign)
    survey.name, survey.way, survey.open_days = name, way, open_days
    survey.group = Group.FOLLOWERS if way == Way.PUBLIC else group
    survey.audience = None if way == Way.PUBLIC else audience
    survey.size, survey.apart_weeks = size, apart_weeks
    survey.questions = [dict(question) for question in questions]
    survey.composed_by, survey.composed_at = by, at
    survey.save()
    trail.note("survey.composed", survey, by=by, at=at, digest=fingerprint(survey))
    return survey


def refuse_unspoken(campaign: Campaign, questions: Sequence[Mapping[str, Any]]) -> None:
    """Raise NotDone unless there is a question, and each has its words in every language of a campaign."""
    if not questions:
        raise NotDone(_("Not saved: choose at least one question."))
    for language in campaign.languages.all():
        if not all(question["text"].get(language.code, "").strip() for question in questions):
            raise NotDone(
                _("Not saved: people are asked in their own language. Write every question in %(language)s too.")
                % {"language": language_heading(language.code)}
            )


def fingerprint(survey: Survey) -> str:
    """Return the SHA-256 (hex) of all that a second person starts."""
    names = ("campaign_id", "way", "group", "audience_id", "size", "apart_weeks", "open_days", "questions")
    content = [getattr(survey, name) for name in names]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def start(survey: Survey, *, digest: str, by: User, at: datetime) -> Survey:
    """
    Start, as a second person, exactly the survey whose fingerprint `by` has read: draw people and make their tickets, or open the
    link. Raise NotDone for whoever changed it last, for another survey than was read, and where too few could be drawn.
    """
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if held.state != Survey.State.DRAFT:
        raise NotDone(_("Not started: it has started already. Reload the page."))
    if held.composed_by_id == by.pk:
        raise NotDone(_("Not started: whoever changed the survey last cannot start it. Ask a colleague."))
    if digest != fingerprint(held):
        raise NotDone(_("Not started: the survey has changed since you read it. Read it again."))
    campaign = held.campaign
    if campaign.closed_at is not None or campaign.published_at is None:
        raise NotDone(_("Not started: surveys are for a campaign that is published and has not ended."))
    held.state, held.started_by, held.started_at = Survey.State.OPEN, by, at
    held.closes_at = at + timedelta(days=held.open_days)
    if held.is_public:
        held.code = secrets.token_hex(6)
        held.save()
    else:
        draw_people(held, at=at)
    trail.note(
        "survey.started", held, by=by, at=at, digest=digest, seed=held.seed, drawn=held.drawn, among=held.drawn_among
    )
    return held


def draw_people(survey: Survey, *, at: datetime) -> None:
    """Draw people, write that they are asked, and make as many tickets as they are; neither says anything of the other."""
    keys = people_drawn.draw(survey, at=at)
    if len(keys) < people_drawn.LEAST:
        raise NotDone(
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
    """Close a survey before its time: nobody is mailed any more, links end, and what was answered is counted. Raise NotDone."""
    if not answers.close(survey, by=by, at=at):
        raise NotDone(_("Not closed: it is not open. Reload the page."))
