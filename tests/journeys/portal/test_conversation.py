"""An influencer with a phone writes, is answered, and tells with one tap that they are harassed; the liaison at the desk."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from influencers.inbox import harassment
from influencers.inbox.mail import outbound
from influencers.models import Harassment, Influencer, Thread, ThreadMessage
from tests.journeys.page_checks import wrong_with
from tests.support.builders import build_influencer

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def elli(live_site: str, campaign: Any, liisa: Any) -> Influencer:
    return build_influencer(campaign, "elli", language="en", liaison=liisa)


def test_a_question_an_answer_and_one_tap(
    campaign: Any, elli: Influencer, liisa: Any, browse_as: Any, live_site: str
) -> None:
    page = browse_as(elli.user)
    page.goto(f"{live_site}/en/portal/conversation/")
    page.get_by_label("Your message").fill("May a child come along?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sent. A person will reply")).to_be_visible()
    assert wrong_with(page, "en") == []

    desk = browse_as(liisa)
    desk.goto(f"{live_site}/desk/influencers/thread/")
    expect(desk.get_by_role("heading", name="Waiting for us")).to_be_visible()
    desk.get_by_role("link", name="Elli").click()
    desk.get_by_label("Your answer").fill("Yes, children are welcome.")
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.get_by_text("It will be emailed within a minute")).to_be_visible()
    assert outbound.send_due(at=timezone.now()) == 2

    page = browse_as(elli.user)
    page.goto(f"{live_site}/en/portal/conversation/")
    expect(page.get_by_text("Yes, children are welcome.")).to_be_visible()
    expect(page.get_by_role("button", name="I have read these")).to_be_hidden()
    assert ThreadMessage.objects.get(kind="from_us").seen_at

    page.get_by_role("button", name="I am being harassed").click()
    expect(page.get_by_text("The team was notified immediately")).to_be_visible()
    assert wrong_with(page, "en") == []
    harassment.take(Harassment.objects.get(), by=liisa, at=timezone.now())
    page.reload()
    expect(page.get_by_text("Liisa has had it since")).to_be_visible()
    page.get_by_role("button", name="Withdraw the report").click()
    expect(page.get_by_role("button", name="I am being harassed")).to_be_visible()
    assert harassment.harassed(elli, campaign).report is None
    assert Thread.objects.get().waiting_since is None
