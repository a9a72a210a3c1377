"""A creator sees the card, chooses its shape and hands it to another app as a file, with its words."""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.media import message_cards
from influencers.models import Exposure
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

# What a phone's share sheet is given: the file's name, kind and size, and the words.
SHEET = """
navigator.canShare = () => true;
navigator.share = async ({ files = [], text }) => {
  window.given = { text, files: files.map(({ name, type, size }) => ({ name, type, size })) };
};
"""


@pytest.fixture
def version(campaign: Any, settings: Any, tmp_path: Any) -> Any:
    """A published bulletin whose cards are drawn."""
    settings.MEDIA_ROOT = tmp_path
    now = timezone.now()
    made = builders.build_published_version(campaign, approver=builders.second_person(), at=now, variants=True)
    list(message_cards.make_cards(made.bulletin, now))
    return made


@pytest.mark.parametrize("width", [360, page_checks.DESKTOP])
def test_a_card_is_seen_shaped_and_shared_as_a_file(width, version, campaign, browse_as, live_site):
    elli = builders.build_influencer(campaign, "elli", language="en")
    page = browse_as(elli.user)
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(SHEET)
    for address in ("", f"bulletins/{version.bulletin.number}/"):
        page.goto(f"{live_site}/en/portal/{address}")
        picture = page.locator(".stage__pic img")
        expect(picture).to_have_js_property("naturalWidth", 480)
        expect(page.locator(".bar").get_by_role("button", name="I am being harassed")).to_be_in_viewport(ratio=1)
        assert page_checks.width_of(page, width) <= width and page_checks.barriers(page) == []
        rows = page.evaluate("new Set([...document.querySelectorAll('.menu a')].map((one) => one.offsetTop)).size")
        assert rows == 1

    page.locator(".bar").get_by_role("button", name="Share").click()
    page_checks.until(page, "Boolean(window.given)")
    story = message_cards.published_cards(version, language="en", at=timezone.now())["opening"][0]
    given = page.evaluate("window.given")
    assert [(one["type"], one["size"]) for one in given["files"]] == [("image/png", story.size)]
    assert re.fullmatch(r"bulletin-1-v1-.*9x16-en\.png", given["files"][0]["name"])
    assert given["text"].splitlines()[0] == builders.TEXTS["en"]["key_message"]
    assert "Source: Ministry" in given["text"] and given["text"].endswith(f"/c/{story.code}")

    page.locator("label", has_text="Quiet").click()
    page.locator("label", has_text="Square").click()
    quiet = version.bulletin.cards.get(language="en", theme="quiet", ratio="1x1")
    expect(picture).to_have_js_property("naturalHeight", 480)
    page.evaluate("delete window.given")
    page.locator(".stage .stage__share").click()
    page_checks.until(page, "Boolean(window.given)")
    [file] = page.evaluate("window.given.files")
    assert (file["size"], file["type"]) == (quiet.size, "image/jpeg") and file["name"].endswith("-quiet-1x1.jpg")
    assert page_checks.barriers(page) == []

    # Own words stand outside the card, and what they may not hold is said beside them.
    page.get_by_text("Add words of your own").click()
    expect(page.get_by_text("so the picture will be 4:5")).to_be_visible()
    words, make = (
        page.get_by_role("textbox", name="Your own words"),
        page.get_by_role("button", name="Make the picture"),
    )
    words.fill("<b>Official</b>")
    make.click()
    expect(page.locator("[data-own-said]")).to_have_text("Write plain words: no <, > or code.")
    words.fill("It is about our street.")
    make.click()
    expect(page.locator(".own canvas")).to_have_js_property("height", 1350)
    page.evaluate("delete window.given")
    page.get_by_role("button", name="Share the picture with your words").click()
    page_checks.until(page, "Boolean(window.given)")
    assert [one["type"] for one in page.evaluate("window.given.files")] == ["image/jpeg"]
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, width) <= width
    page.locator(".stage .stage__share").click()
    page.locator(".told").get_by_role("link", name="Tell us what you posted").click()
    expect(page.get_by_role("tab", name="More")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#posted")).to_be_in_viewport()

    # A picture that cannot be had is not shared as something else: its words are.
    page.get_by_role("tab", name="Today").click()
    page.evaluate("delete window.given")
    page.route("**/card/?*", lambda route: route.fulfill(status=404, body="gone"))
    page.locator(".bar").get_by_role("button", name="Share").click()
    page_checks.until(page, "Boolean(window.given)")
    assert page.evaluate("window.given.files") == [] and page.evaluate("window.given.text") == given["text"]
    page.evaluate("() => { navigator.share = () => Promise.reject(new DOMException('no', 'DataError')) }")
    page.locator(".bar").get_by_role("button", name="Share").click()
    expect(page.locator(".bar .told")).to_contain_text("Nothing was shared.")
    page.unroute("**/card/?*")

    page.get_by_role("tab", name="Pictures and video").click()
    page.reload()
    expect(page.locator(".shelf img")).to_have_count(5)
    assert page_checks.barriers(page) == []
    took = Exposure.objects.filter(influencer=elli, way="downloaded").values_list("item", flat=True)
    assert set(took) == {"message:opening"}
