"""The portal of a campaign that has ended is read: it offers no form whose sending it refuses, and loses nothing that was typed."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import User
from campaigns.models import Campaign
from influencers.access.portal_access import AFTER_THE_END
from questions.models import Question
from tests.support import builders

from . import questions_scene

FORM = re.compile(r'<form[^>]*method="post"[^>]*>')


@pytest.fixture
def client(campaign: Campaign, ines: User, liisa: User, noon: datetime, signed_in: Any) -> Client:
    """Return the browser of somebody whose campaign is over, in which a question waits for its answer."""
    builders.build_published_version(campaign, at=noon)
    group = questions_scene.group(campaign, at=noon, staff=liisa)
    type(group).objects.filter(pk=group.pk).update(answer_by=noon + timedelta(days=3650))
    Campaign.objects.filter(pk=campaign.pk).update(closed_at=noon)
    return signed_in(ines)


def test_no_form_is_offered_whose_sending_is_refused(client: Client, noon: datetime) -> None:
    names = ("home", "questions", "posts", "reports", "ask", "report", "post_new", "code_of_ethics", "facts")
    pages = [*(reverse(f"influencers:{name}") for name in names), reverse("influencers:bulletin", args=[1])]
    for page in pages:
        answer = client.get(page)
        html = answer.content.decode()
        assert answer.status_code == 200, page
        for form in FORM.findall(html):
            action = re.search(r'action="([^"]+)"', form)
            name = resolve(action[1] if action else page).view_name
            if " hidden " not in form and name.startswith("influencers:"):
                assert name.removeprefix("influencers:").startswith(AFTER_THE_END), (page, name)
        assert "The answer is due" not in html, page
        for form in {reverse(f"influencers:{name}") for name in ("ask", "report", "post_new")} - {page}:
            assert f'href="{form}"' not in html, (page, form)


def test_what_was_typed_before_the_end_comes_back(client: Client) -> None:
    refused = client.post(reverse("influencers:ask"), {"text": "Saako <uida>?", "language": "fi", "times": "7"})
    assert refused.status_code == 403 and not Question.objects.filter(text__contains="uida").exists()
    assert "Saako &lt;uida&gt;?" in refused.content.decode()
