"""Prompts and contributions to test with."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from accounts.models import User
from campaigns.models import Campaign
from stories.contributions import contribution_steps
from stories.models import Contribution, Prompt
from tests.support.builders import editor, in_all


def build_prompt(campaign: Campaign, *, at: datetime, slug: str = "afterwards", **fields: Any) -> Prompt:
    """Return a prompt that is open from an hour before `at` until ten days after it."""
    told = {
        "title": in_all(en="What will it look like afterwards?"),
        "about": in_all(en="Words or a picture."),
        "opens_at": at - timedelta(hours=1),
        "closes_at": at + timedelta(days=10),
    }
    return Prompt.objects.create(campaign=campaign, slug=slug, **told | fields)


def build_contribution(prompt: Prompt, *, at: datetime, **fields: Any) -> Contribution:
    """Return words that somebody sent."""
    told = {"text": "We meet outside.", "language": "en", "name": "", "email": "", "agreed_to": "Yes."} | fields
    return contribution_steps.send(prompt, told, None, token=uuid4().hex, at=at)


def shown(contribution: Contribution, *, at: datetime, by: User | None = None) -> Contribution:
    """Let a contribution be shown."""
    contribution_steps.decide(contribution, Contribution.State.SHOWN, by=by or editor(), at=at)
    return contribution
