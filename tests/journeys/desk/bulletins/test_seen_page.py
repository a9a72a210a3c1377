"""The page of an urgent bulletin that asks to be seen, in a browser: it counts again under the eyes of whoever reads it."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from influencers.escalation import acknowledgement, admin
from tests.influencers.escalation.escalation_scene import ask, partner, tiers
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_names_that_were_folded_open_stay_so_when_it_is_counted_again(
    campaign, roles, live_site, browse_as, monkeypatch
):
    monkeypatch.setattr(admin, "EVERY_SECONDS", 1)
    close, _wide = tiers(campaign)
    people = [partner(campaign, f"p{number:02}", close) for number in range(12)]
    request = ask(campaign, close)
    page = browse_as(builders.build_user("sanni", "liaison"))
    page.goto(live_site + reverse("admin:influencers_seenrequest_change", args=[request.pk]))
    expect(page.get_by_text("P11")).to_be_hidden()
    page.locator("#more-waiting summary").click()
    page.get_by_role("heading", level=1).click()  # while something is used nothing is counted again

    acknowledgement.acknowledge(acknowledgement.asked(request, people[0]), at=timezone.now())

    expect(page.get_by_role("heading", name="1 of 12 have seen it")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("P11")).to_be_visible()
