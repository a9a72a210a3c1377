"""Surveys to test with: people who can be drawn, a survey that runs, and people who answer."""

import re
from datetime import datetime
from typing import Any

from django.core import mail
from django.db import transaction

from accounts.models import User
from campaigns.models import Campaign
from impact.models import Survey
from impact.surveys import answers, question_bank, survey_mails, survey_steps, tickets
from tests.support.builders import build_digest, build_subscribers

WORDS = ("informed", "necessary", "unclear")


def compose(campaign: Campaign, *, by: User, at: datetime, **fields: Any) -> Survey:
    """Return a survey of subscribers that is being composed, with three questions of the bank."""
    bank = question_bank.bank()
    given: dict[str, Any] = {
        "name": "Week 19",
        "way": "drawn",
        "group": "subscribers",
        "audience": None,
        "size": 30,
        "apart_weeks": 7,
        "open_days": 7,
        "questions": [question_bank.question_of(key, bank[key]["text"]) for key in WORDS],
    }
    return survey_steps.compose(campaign, survey_steps.Composed(**given | fields), by=by, at=at)


def change(survey: Survey, *, by: User, at: datetime, seen: str = "", **fields: Any) -> bool:
    """Change some of what a survey says, for who has read it as it is now; return whether it says something else."""
    names = ("name", "way", "group", "audience", "size", "apart_weeks", "open_days", "questions")
    given = {name: getattr(survey, name) for name in names} | fields
    seen = seen or survey_steps.SURVEY.digest_of(survey)
    is_changed = survey_steps.change(survey, survey_steps.Composed(**given), seen=seen, by=by, at=at)
    survey.refresh_from_db()
    return is_changed


def start(survey: Survey, *, by: User, at: datetime) -> Survey:
    """Start a survey as a second person."""
    return survey_steps.start(survey, digest=survey_steps.SURVEY.digest_of(survey), by=by, at=at)


def running(
    campaign: Campaign,
    *,
    alma: User,
    oskar: User,
    at: datetime,
    people: int = 40,
    language: Any = ("fi", "sv", "en"),
    **fields: Any,
) -> Survey:
    """Return a survey that runs, of subscribers who are there for it."""
    if not fields.get("way") and not campaign.audiences.filter(kind="digest").exists():
        build_subscribers(people, build_digest(campaign), language=language)
    return start(compose(campaign, by=alma, at=at, **fields), by=oskar, at=at)


def mailed_tokens(*, at: datetime) -> list[tuple[str, str]]:
    """Let the mails leave, and return the address and the token of each."""
    before = len(mail.outbox)
    survey_mails.ask_due(at=at)
    found = []
    for message in mail.outbox[before:]:
        token = re.search(r"/surveys/([0-9a-f-]+)/", str(message.body))
        assert token
        found.append((message.to[0], token[1]))
    return found


def answer(
    survey: Survey, token: str, *, at: datetime, places: tuple[int, int] = (0, 1), text: str = "", language: str = "fi"
) -> None:
    """Answer a survey of two statements and a text."""
    answers.take(survey, [*places, text], language=language, token=token, at=at)


def tokens_of(survey: Survey) -> list[str]:
    """Return all tokens that nobody has yet, out of the hat."""
    found = []
    with transaction.atomic():
        while token := tickets.hand_out(survey):
            found.append(token)
    return found
