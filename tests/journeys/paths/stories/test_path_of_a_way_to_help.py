"""A way to help, from a partner organisation's phone over the desk to everybody, until it is over: in a browser, in three languages."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from stories.models import Offer, OfferVersion
from tests.journeys import page_checks
from tests.stories.ways_to_help.scene import build_keeper, build_partner

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
TITLES = {"fi": "Soita naapurille", "sv": "Ring en granne", "en": "Ring a neighbour"}


def test_a_way_to_help_is_written_checked_done_and_over(campaign, oskar, browse_as, browser, live_site):
    keeper = build_keeper(build_partner(campaign))
    page = browse_as(keeper)
    page.set_viewport_size(PHONE)
    page.goto(f"{live_site}/fi/help/own/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Omat tavat auttaa")
    page.get_by_role("link", name="Tarjoa tapa auttaa").click()
    for code, title in TITLES.items():
        page.locator(f"[name=title_{code}]").fill(title)
        page.locator(f"[name=does_{code}]").fill(f"? ({code})")
    page.locator("[name=minutes]").select_option("10")
    page.locator("[name=from_home]").check()
    page.locator("[name=last_day]").fill((campaign.local(timezone.now()).date() + timedelta(days=1)).isoformat())
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, 390) <= 390
    page.get_by_role("button", name="Lähetä tarkastettavaksi").click()
    for language, title in TITLES.items():
        page.goto(f"{live_site}/{language}/help/own/")
        expect(page.get_by_role("heading", level=1)).to_have_text(page_checks.said(language, "Your ways to help"))
        expect(page.get_by_text(title)).to_be_visible()
    offer = Offer.objects.get()

    anyone = browser.new_page(viewport=PHONE)
    anyone.goto(f"{live_site}/sv/help/")
    expect(anyone.get_by_text("Ring en granne")).to_have_count(0)

    desk = browse_as(oskar)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.goto(f"{live_site}/desk/")
    desk.get_by_role("link", name="A way to help needs your check: Ring a neighbour.").click()
    assert page_checks.barriers(desk) == []
    desk.get_by_role("button", name="Checked: publish").click()
    expect(desk.get_by_text("published").first).to_be_visible()

    for language, title in TITLES.items():
        anyone.goto(f"{live_site}/{language}/help/?time=10&where=home")
        assert page_checks.width_of(anyone, 390) <= 390
        anyone.get_by_role("link", name=title).click()
        page_checks.follow(anyone.get_by_role("button", name=page_checks.said(language, "I did it")))
    assert page_checks.barriers(anyone) == []
    offer.refresh_from_db()
    assert offer.done == 2  # of the three: from one address no more are counted in a day

    OfferVersion.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    for language, title in TITLES.items():
        answer = anyone.goto(f"{live_site}/{language}/help/{offer.pk}/")
        assert answer is not None and answer.status == 410
        expect(anyone.get_by_role("heading", name=page_checks.said(language, "This is over"))).to_be_visible()
        anyone.goto(f"{live_site}/{language}/help/")
        expect(anyone.get_by_text(title)).to_have_count(0)
    desk.goto(f"{live_site}/desk/stories/offer/")
    expect(desk.get_by_text("over", exact=True)).to_be_visible()
