"""The desk's menu shows its words where there is room for them, and opens at every other width, also by keyboard."""

import pytest

from tests.journeys.page_checks import barriers, width_of

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def toggle(page):
    """Return the button that opens and shuts the menu."""
    return page.get_by_role("button", name="Toggle sidebar").locator("visible=true").first


def test_the_menu_opens_by_keyboard_and_stays_open(live_site, page, browse_as, alma, campaign):
    browse_as(alma)
    for width in (390, 1024):
        width_of(page, width)
        page.goto(f"{live_site}/desk/")
        menu = page.locator("#nav-sidebar")
        assert not menu.is_visible(), width

        toggle(page).focus()
        page.keyboard.press("Enter")
        link = menu.get_by_role("link", name="Bulletins")
        link.wait_for()
        page.evaluate(TWO_FRAMES)
        assert link.is_visible(), width


def test_the_menu_shows_its_words_at_1280_px_until_someone_shuts_it(live_site, page, browse_as, alma, campaign):
    browse_as(alma)
    width_of(page, 1280)
    page.goto(f"{live_site}/desk/bulletins/bulletin/")
    link = page.locator("#nav-sidebar").get_by_role("link", name="Bulletins")
    link.wait_for()
    assert page.locator("main").bounding_box()["x"] >= page.locator("#nav-sidebar").bounding_box()["width"]
    assert barriers(page) == []

    toggle(page).click()
    link.wait_for(state="hidden")
    page.reload()
    page.evaluate(TWO_FRAMES)
    assert not link.is_visible()
