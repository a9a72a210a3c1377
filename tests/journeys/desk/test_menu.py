"""The desk's menu opens at every width, also by keyboard."""

import pytest

from tests.journeys.page_checks import width_of

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_the_menu_opens_by_keyboard_and_stays_open(live_site, page, browse_as, alma, campaign):
    browse_as(alma)
    for width in (390, 1024, 1280):
        width_of(page, width)
        page.goto(f"{live_site}/desk/")
        menu = page.locator("#nav-sidebar")
        assert not menu.is_visible(), width

        page.get_by_role("button", name="Toggle sidebar").locator("visible=true").first.focus()
        page.keyboard.press("Enter")
        link = menu.get_by_role("link", name="Bulletins")
        link.wait_for()
        # At one width the frame closed it again, in its next breath.
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert link.is_visible(), width
