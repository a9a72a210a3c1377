"""A creator sees the card, chooses its shape and hands it to another app as a file, with its words."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.media import message_cards, moving_cards
from influencers.models import Exposure
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def version(campaign: Any, settings: Any, tmp_path: Any) -> Any:
    """A published bulletin whose cards are drawn."""
    settings.MEDIA_ROOT = tmp_path
    now = timezone.now()
    made = builders.build_published_version(campaign, approver=builders.second_person(), at=now, variants=True)
    list(message_cards.make_cards(made.bulletin, now))
    return made


def test_a_video_is_a_picture_until_it_is_played_and_is_shared_as_a_file(
    real_ffmpeg, version, campaign, browse_as, live_site
):
    now = timezone.now()
    specs = message_cards.specs_published(version, "en")
    [film] = moving_cards.films_of(specs)
    list(moving_cards.make_moving_card(version.bulletin, film, "7K2F9QTD", at=now))
    card = version.bulletin.moving_cards.get()
    elli = builders.build_influencer(campaign, "elli", language="en")
    page = browse_as(elli.user)
    page.set_viewport_size({"width": 360, "height": 800})
    page.add_init_script(page_checks.SHEET)
    loaded = []
    page.on("request", lambda asked: loaded.append(asked.url) if asked.url.endswith((".mp4", ".vtt")) else None)
    page.goto(f"{live_site}/en/portal/bulletins/{version.bulletin.number}/#files")
    film_on_page = page.locator(".film")
    expect(film_on_page.locator("img")).to_have_js_property("naturalWidth", 480)
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, 360) <= 360 and not loaded

    film_on_page.get_by_role("button", name="Share").click()
    page_checks.until(page, "Boolean(window.given)")
    given = page.evaluate("window.given")
    assert [(one["type"], one["size"]) for one in given["files"]] == [("video/mp4", card.size)]
    assert re.fullmatch(r"bulletin-1-v1-video-1-en\.mp4", given["files"][0]["name"])
    said = builders.TEXTS["en"]["key_message"]
    assert given["text"].splitlines()[0] == said and given["text"].endswith("/c/7K2F9QTD"), given["text"]
    assert Exposure.objects.filter(influencer=elli, way="downloaded", item="message:opening").exists()

    film_on_page.get_by_role("link", name="Play video 1").click()
    player = film_on_page.locator("video")
    expect(player).to_be_focused()
    expect(player).to_have_js_property("controls", True)
    expect(player).to_have_attribute("poster", card.poster_url)
    page_checks.until(page, "document.querySelector('.film video').textTracks.length === 1")
    assert page_checks.barriers(page) == []


def at_each_width(page: Any, width: int) -> Iterator[None]:
    """Let what is asked inside be asked on a desktop, and on a phone `width` wide, as which it stays; nothing bars anybody from either."""
    for one in (page_checks.DESKTOP, width):
        assert page_checks.too_wide(page, one) == []
        yield
        assert page_checks.barriers(page) == []


def test_a_card_is_seen_shaped_and_shared_as_a_file(version, campaign, browse_as, live_site):
    width = 360
    elli = builders.build_influencer(campaign, "elli", language="en")
    page = browse_as(elli.user)
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(page_checks.SHEET)
    for address in ("", f"bulletins/{version.bulletin.number}/"):
        page.goto(f"{live_site}/en/portal/{address}")
        picture = page.locator(".stage__pic img")
        expect(picture).to_have_js_property("naturalWidth", 480)
        for _width in at_each_width(page, width):
            expect(page.locator(".bar").get_by_role("button", name="I am being harassed")).to_be_in_viewport(ratio=1)
            expect(page.locator(".bar").get_by_role("button", name="Share")).to_be_in_viewport(ratio=1)
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
    share, given_again = page.locator(".bar").get_by_role("button", name="Share"), "Boolean(window.given)"
    page.evaluate("delete window.given")
    share.click()
    page_checks.until(page, given_again)
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
    page.evaluate("delete window.given")
    share.click()
    expect(page.locator("[data-own-said]")).to_be_in_viewport()
    expect(share).not_to_have_attribute("aria-busy", "true")
    assert page.evaluate("window.given") is None, "shared without the words that stand there"
    words.fill("It is about our yard.")
    share.click()
    page_checks.until(page, given_again)
    assert [one["name"] for one in page.evaluate("window.given.files")] == ["bulletin-1-v1-own-en.jpg"]
    words.fill("It is about our street.")
    make.click()
    expect(page.locator(".stage__own")).to_be_visible()
    expect(page.locator(".stage__own")).to_have_js_property("height", 1350)
    for _width in at_each_width(page, width):
        bottom, top = (page.locator(one).bounding_box() for one in (".stage__own", ".bar"))
        assert bottom["y"] + bottom["height"] <= top["y"], "the bar covers the picture"
    page.evaluate("delete window.given")
    share.click()
    page_checks.until(page, given_again)
    own = page.evaluate("window.given")
    assert [one["name"] for one in own["files"]] == ["bulletin-1-v1-own-en.jpg"] and own["text"] == given["text"]
    page.get_by_role("button", name="Take my words off").click()
    expect(page.locator(".stage__own")).to_be_hidden()
    page.evaluate("delete window.given")
    share.click()
    page_checks.until(page, given_again)
    assert [one["name"] for one in page.evaluate("window.given.files")] == [file["name"]], "without them, as was said"
    page.locator(".told").get_by_role("link", name="Tell us what you posted").click()
    expect(page.get_by_role("tab", name="More")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#posted")).to_be_in_viewport()

    # Without its picture nothing is shared before that is said; then the words are.
    page.get_by_role("tab", name="Today").click()
    page.evaluate("delete window.given")
    page.route("**/card/?*", lambda route: route.fulfill(status=404, body="gone"))
    page.locator(".bar").get_by_role("button", name="Share").click()
    expect(page.locator(".stage .told")).to_contain_text("the picture could not be loaded")
    assert page.evaluate("window.given") is None
    page.locator(".bar").get_by_role("button", name="Share").click()
    page_checks.until(page, "Boolean(window.given)")
    assert page.evaluate("window.given.files") == [] and page.evaluate("window.given.text") == given["text"]
    page.evaluate("() => { navigator.share = () => Promise.reject(new DOMException('no', 'DataError')) }")
    page.unroute("**/card/?*")
    page.locator(".bar").get_by_role("button", name="Share").click()
    expect(page.locator(".stage .told")).to_contain_text("Nothing was shared.")

    # On the other tabs each thing has a button of its own. A caption goes with the picture, and with what words never go without.
    page.add_init_script(page_checks.SHEET)
    page.reload()
    page.get_by_role("tab", name="Captions").click()
    expect(share).to_be_hidden()
    page.locator("#captions [data-share]").first.click()
    page_checks.until(page, given_again)
    caption = page.evaluate("window.given")
    assert len(caption["files"]) == 1 and re.search(
        r"\nValid .*\nSource: Ministry\n.*/en/bulletins/1/", caption["text"]
    ), caption

    # A picture opens large, with Share and Download there; Esc and Back bring the page back as it was.
    page.get_by_role("tab", name="Today").click()
    page.evaluate("delete window.given")
    small = page.locator(".stage__pic a")
    large = page.locator("dialog.large")
    for leave in (lambda: page.keyboard.press("Escape"), page.go_back):
        small.click()
        expect(large).to_be_visible()
        expect(large.locator("img")).to_have_js_property("naturalWidth", 1080)
        for _width in at_each_width(page, width):
            expect(large.get_by_role("button", name="Share")).to_be_in_viewport(ratio=1)
        leave()
        expect(large).to_be_hidden()
        expect(page.get_by_role("tab", name="Today")).to_have_attribute("aria-selected", "true")
    small.click()
    large.get_by_role("button", name="Share").click()
    page_checks.until(page, given_again)
    assert [one["name"] for one in page.evaluate("window.given.files")] == ["bulletin-1-v1-opening-1x1-en.jpg"]
    assert page.evaluate("window.given.text") == given["text"]
    large.get_by_role("button", name="Full size").click()
    assert large.locator("img").bounding_box()["width"] == 1080
    with page.expect_download() as taken:
        large.get_by_role("link", name="Download").click()
    assert taken.value.suggested_filename.endswith(".jpg")
    large.get_by_role("button", name="Close").click()

    page.locator("label", has_text="Plain").first.click()
    page.get_by_role("tab", name="Pictures and video").click()
    expect(page.locator("#cards img[src*='-plain-en-']")).to_have_count(3)
    expect(page.locator("#cards").get_by_role("button", name="Share").first).to_be_visible()
    page.goto(f"{live_site}/en/portal/")
    expect(page.locator(".stage__pic img[src*='-plain-en-']")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.locator(".shelf img")).to_have_count(5)
    assert page_checks.barriers(page) == []
    took = Exposure.objects.filter(influencer=elli, way="downloaded").values_list("item", flat=True)
    assert set(took) == {"message:opening", "variant:instagram"}


def test_what_was_written_and_chosen_is_there_again_offline_too_and_goes_at_logging_out(
    version, campaign, browse_as, live_site
):
    elli = builders.build_influencer(campaign, "elli", language="en")
    page = browse_as(elli.user)
    page.set_viewport_size({"width": 360, "height": 800})
    page.add_init_script(page_checks.SHEET)
    bulletin = f"{live_site}/en/portal/bulletins/{version.bulletin.number}/"
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('words '))"
    back = page.locator("#captions").get_by_text("What you wrote before has been restored.")
    page.goto(bulletin)
    page.get_by_role("tab", name="Captions").click()
    caption = page.locator("textarea[id$='-caption']").first
    ours = caption.input_value()
    caption.fill("Mine. 😀\nSecond line")
    page.get_by_role("tab", name="Today").click()
    page.locator("label", has_text="Quiet").click()
    page.get_by_text("Add words of your own").click()
    page.get_by_role("textbox", name="Your own words").fill("It is about our street.")
    page_checks.until(page, "caches.match(location.href.split('?')[0], { ignoreVary: true }).then(Boolean)")
    page_checks.until(page, "Boolean(navigator.serviceWorker.controller)")

    # A login that ended, and a page without a connection.
    session = [one for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.reload()
    page.wait_for_selector("html[data-forgotten]")
    page.context.add_cookies(session)
    page.goto(f"{bulletin}?theme=quiet&crop=9x16&tone=plain#captions")
    expect(caption).to_have_value("Mine. 😀\nSecond line")
    expect(back.first).to_be_visible()
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, 360) <= 360
    page.get_by_role("tab", name="Today").click()
    expect(page.get_by_role("textbox", name="Your own words")).to_have_value("It is about our street.")
    page_checks.until(
        page, "caches.match(document.querySelector('.bar [data-share-file]').dataset.shareFile).then(Boolean)"
    )
    page_checks.until(page, "caches.match(location.href.split('?')[0], { ignoreVary: true }).then(Boolean)")
    page_checks.until(
        page,
        "caches.open('portal-pictures').then((kept) => kept.keys()).then((all) => all.filter(({ url }) => /theme=\\w+/.test(url)).length >= 6)",
    )
    chosen = [one["value"] for one in page.context.cookies() if one["name"] == settings.CARD_COOKIE_NAME]
    assert chosen == ["quiet"], "what is only kept is not chosen"
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-saved]")).to_be_visible()
    expect(page.get_by_role("radio", name="Quiet")).to_be_checked()
    expect(page.locator(".stage__pic img")).to_have_js_property("naturalWidth", 480)
    page.locator(".bar").get_by_role("button", name="Share").click()
    expect(page.locator("[data-own-said]")).to_contain_text("You are offline, so the picture with your words")
    expect(page.locator("[data-own-said]")).to_be_in_viewport()
    assert page.evaluate("window.given") is None, "shared without the words that stand there"
    page.get_by_role("button", name="Take my words off").click()
    page.locator(".bar").get_by_role("button", name="Share").click()
    page_checks.until(page, "Boolean(window.given)")
    assert len(page.evaluate("window.given.files")) == 1, "the picture was kept with the page"
    page.locator("label", has_text="Bold").click()  # a look that was never opened was kept too
    expect(page.locator(".stage__pic img")).to_have_js_property("naturalWidth", 480)
    page.evaluate("delete window.given")
    page.locator(".bar").get_by_role("button", name="Share").click()
    page_checks.until(page, "window.given?.files?.length === 1")
    page.locator("label", has_text="Square").click()
    page.evaluate("delete window.given")
    page.locator(".bar").get_by_role("button", name="Share").click()
    expect(page.locator(".stage .told")).to_contain_text("Nothing was shared yet: the picture could not be loaded.")
    expect(page.locator(".stage .told")).to_contain_text("Check again before you post.")
    assert page.evaluate("window.given") is None
    page.context.set_offline(False)

    # Words for a text of ours that has changed since replace nothing: they wait beside it.
    page.goto(f"{live_site}/en/portal/")
    page.evaluate(
        """() => Object.keys(localStorage).filter((key) => key.endsWith("-caption")).forEach((key) =>
            localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), base: "As it was." })))"""
    )
    page.goto(f"{bulletin}#captions")
    page.locator("#captions").get_by_text("Our text may have changed since then").wait_for()
    expect(caption).to_have_value(ours)
    page.locator("#captions").get_by_role("button", name="Restore the text").click()
    expect(caption).to_have_value("Mine. 😀\nSecond line")

    # Another reader finds nothing of it, and logging out leaves nothing.
    page.goto(bulletin)
    assert page.evaluate(kept) != []
    browse_as(builders.build_influencer(campaign, "olli", language="en").user)
    page.goto(f"{live_site}/en/portal/")
    page_checks.until(page, f"!{kept}.length")
    page.goto(bulletin)
    page.get_by_role("tab", name="Captions").click()
    expect(caption).to_have_value(ours)
    caption.fill("Olli's.")
    page_checks.until(page, f"Boolean({kept}.length)")
    page.goto(f"{live_site}/en/account/logout/")
    page.wait_for_selector("html[data-forgotten]")
    assert page.evaluate(kept) == page.evaluate("Object.keys(sessionStorage)") == page.evaluate("caches.keys()") == []
