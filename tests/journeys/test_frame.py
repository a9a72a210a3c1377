"""The desk's menu opens at every width, also by keyboard."""

import pytest

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [390, 1024, 1280])
def test_the_menu_opens_by_keyboard_and_stays_open(live_site, page, browse_as, alma, campaign, width):
    browse_as(alma)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{live_site}/desk/")
    menu = page.locator("#nav-sidebar")
    assert not menu.is_visible()

    page.get_by_role("button", name="Toggle sidebar").locator("visible=true").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)  # at one width the frame closed it again

    assert menu.get_by_role("link", name="Bulletins").is_visible()
