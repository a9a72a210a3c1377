"""A reader looks for something in the archive, in a real browser and without any script of ours."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.journeys import page_checks
from tests.support import builders
from website.search import index

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.mark.sqlite
def test_a_reader_finds_a_bulletin_and_a_fact_and_is_helped_when_there_is_nothing(live_site, page: Any):
    at = timezone.now() - timedelta(minutes=5)
    campaign = builders.build_campaign()
    builders.build_bulletins(2, campaign, at=at)
    builders.build_claim(campaign, at=at, fact=builders.in_all(fi="Kirjastossa saa käydä terveenä.", en="You may go."))
    index.index_waiting(at=timezone.now())

    with page_checks.watching(page) as faults:
        page.goto(f"{live_site}/fi/bulletins/")
        page.get_by_role("searchbox").fill("kirjastoissa")
        page.keyboard.press("Enter")
        page.wait_for_url("**/fi/bulletins/?q=kirjastoissa")
        assert page.locator("mark").first.inner_text() == "Kirjastot"
        assert page.locator("ol.rows > li").count() == 3
        wrong = page_checks.wrong_with(page, "fi") + page_checks.barriers(page)

        for words in ("olematonta", "x"):
            page.get_by_role("searchbox").fill(words)
            page.keyboard.press("Enter")
            page.wait_for_url(f"**/fi/bulletins/?q={words}")
            assert page.get_by_role("searchbox").input_value() == words
            wrong += page_checks.wrong_with(page, "fi") + page_checks.barriers(page)

        page.goto(f"{live_site}/fi/bulletins/?q=kirjastoissa")
        page.locator("ol.rows a").first.click()
        page.wait_for_url("**/fi/bulletins/2/")
    assert wrong + faults == []
