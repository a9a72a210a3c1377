"""An influencer with a phone: copying what holds and only that, sharing, and reading again without a connection."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from influencers.models import Exposure, Influencer, Interest, ThreadMessage, ValuesQuestion
from tests.influencers.portal.test_portal import publish, words
from tests.journeys.page_checks import follow, in_the_end, until, wrong_with
from tests.support.builders import build_influencer

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def elli(live_site: str, campaign: Any) -> Influencer:
    return build_influencer(campaign, "elli", language="en")


def content(text: str = "Open until 13 April.", **more: Any) -> dict[str, Any]:
    """Return the content of a version: one message that holds for a while, and one for the time being."""
    soon = timezone.now() + timedelta(days=1)
    return {
        "key_messages": [words("a", text), words("b", "Book a time.", soon)],
        "variants": [{"platform": "instagram", "caption": text, "hashtags": ["#open"]}],
    } | more


def noted(page: Any, count: int) -> list[tuple[int, str, str]]:
    """Return what is noted, as soon as there are `count` rows."""
    rows = Exposure.objects.order_by("pk").values_list("version__number", "way", "item")
    in_the_end(page, lambda: rows.count() >= count)
    return list(rows)


def told_by(answer: Any) -> str:
    """Return what the page told the server to get this answer."""
    return answer.request.post_data or ""


def in_clipboard(page: Any) -> str:
    """Return what the clipboard holds."""
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_what_is_copied_is_noted_and_what_changed_or_expired_meanwhile_is_not_copied(
    campaign, elli, browse_as, live_site
):
    publish(campaign, **content())
    page = browse_as(elli.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shared = "(what) => { window.shared = what; return Promise.resolve(); }"
    page.add_init_script(f"navigator.share = {shared}; navigator.canShare = () => true;")
    address = f"{live_site}/en/portal/bulletins/1/"

    page.goto(address)
    assert noted(page, 1) == [(1, "read", "")]
    assert wrong_with(page, "en") == []
    page.get_by_role("button", name="Copy all key messages").click()
    expect(page.locator("[data-live]")).to_have_text("Copied")
    said = re.split(r"\n(?:Valid .*\n)(?:Source: .*\n)?https?:.*/en/bulletins/1/\n*", in_clipboard(page))
    assert said == ["Open until 13 April.", "Book a time.", ""], (
        "until when, who says so and where to look it up go along"
    )
    assert noted(page, 3)[1:] == [(1, "copied", "message:a"), (1, "copied", "message:b")]
    page.locator(".bar").get_by_role("button", name="Share").click()
    until(page, "Boolean(window.shared)")
    shared_text = page.evaluate("window.shared.text").split("\n")
    assert shared_text[0] == "Open until 13 April." and shared_text[-1].endswith("/en/bulletins/1/")
    expect(page.locator(".told")).to_contain_text("Tell us what you posted")

    # The second message's time runs out while the page is open.
    page.clock.install()
    page.clock.fast_forward("25:00:00")
    page.get_by_role("button", name="Copy key message 2").press("Enter")
    told = page.locator(".told")
    expect(told).to_contain_text("This is no longer correct. Nothing was copied, shared or downloaded.")
    expect(page.locator(".say.is-over")).to_have_count(1)
    # What it stands in no longer holds either.
    page.get_by_role("tab", name="Captions").click()
    page.get_by_role("button", name=re.compile("Copy text and hashtags")).press("Enter")
    expect(page.locator("#instagram + .told, #instagram .told")).to_contain_text("This is no longer correct.")
    assert in_clipboard(page).startswith("Open until")

    # A correction is published while the page is open.
    publish(campaign, version=2, kind="correction", **content("Open until 19 April."))
    page.evaluate("navigator.clipboard.writeText('before')")
    page.get_by_role("tab", name="Today").click()
    page.locator(".stage").get_by_role("button", name="Copy the words").click()
    expect(told).to_contain_text("This has changed. Nothing was copied, shared or downloaded.")
    assert in_clipboard(page) == "before"
    told.get_by_role("link", name="Open the newest version").click()
    expect(page.get_by_role("heading", name="What changed since you read this")).to_be_visible()
    expect(page.locator("ins").last).to_contain_text("19 April.")
    assert "variant:instagram" not in {item for _version, _way, item in noted(page, 4)}


def test_what_was_copied_while_the_server_was_away_is_told_later_and_what_fails_again_is_kept(
    campaign, elli, browse_as, live_site
):
    publish(campaign, **content())
    page = browse_as(elli.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_site}/en/portal/bulletins/1/")
    noted(page, 1)
    waiting = "JSON.parse(localStorage.getItem('portal-uses') || '[]').length"

    page.context.route("**/used/", lambda route: route.fulfill(status=503))
    for number, button in ((1, "Copy the words"), (2, "Copy key message 2")):
        page.locator("#today").get_by_role("button", name=button).click()
        expect(page.locator(".told")).to_contain_text("we cannot check whether this is still correct")
        until(page, f"{waiting} === {number}")
    with page.expect_response(lambda answer: answer.url.endswith("/used/") and "way=read" in told_by(answer)):
        page.reload()  # what waits is told first
    assert page.evaluate(waiting) == 2
    assert len(noted(page, 1)) == 1

    page.context.unroute("**/used/")
    page.reload()
    assert noted(page, 3)[1:] == [(1, "copied", "message:a"), (1, "copied", "message:b")]
    until(page, f"{waiting} === 0")


def test_who_is_logged_out_copies_nothing_and_reads_why(campaign, elli, browse_as, live_site):
    publish(campaign, **content())
    page = browse_as(elli.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_site}/en/portal/bulletins/1/")
    noted(page, 1)
    page.evaluate("navigator.clipboard.writeText('before')")

    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator(".stage").get_by_role("button", name="Copy the words").click()

    expect(page.locator(".told")).to_contain_text("Nothing was copied, shared or downloaded. You may be logged out.")
    assert in_clipboard(page) == "before"
    assert page.evaluate("localStorage.getItem('portal-uses')") is None, "nothing was taken"
    page.locator(".told").get_by_role("link", name="Reload the page").click()
    expect(page).to_have_url(re.compile("/account/"))


def test_words_are_shared_as_they_are_copied_and_at_the_second_press_when_the_first_was_too_long_ago(
    campaign, elli, browse_as, live_site
):
    publish(campaign, **content("Open until 13 April.\n\nBook a time."))
    page = browse_as(elli.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(
        "window.tried = []; navigator.canShare = () => true;"
        "navigator.share = (what) => { window.tried.push(what.text); return window.tried.length > 1"
        " ? Promise.resolve() : Promise.reject(new DOMException('Too late.', 'NotAllowedError')); };"
    )
    asked: list[str] = []
    page.on("request", lambda request: request.url.endswith("/used/") and asked.append(request.post_data or ""))
    page.goto(f"{live_site}/en/portal/bulletins/1/")
    noted(page, 1)
    page.get_by_role("tab", name="Captions").click()
    share = page.locator("#instagram").get_by_role("button", name="Share")

    page.locator("#instagram").get_by_role("button", name="Copy text and hashtags").click()
    expect(page.locator("[data-live]")).to_have_text("Copied")
    share.click()
    expect(page.locator(".told")).to_contain_text("It is ready now. Press again to share it.")
    before = len(asked)
    share.click()
    until(page, "window.tried.length === 2")

    assert page.evaluate("window.tried[1]") == in_clipboard(page)
    assert in_clipboard(page).startswith("Open until 13 April.\n\nBook a time.\nValid ")
    assert in_clipboard(page).endswith("/en/bulletins/1/\n\n#open")
    assert len(asked) == before, "it was asked at the first press"


def test_what_is_not_kept_has_a_page_of_its_own_that_leads_to_what_is(campaign, elli, browse_as, live_site):
    publish(campaign, **content())
    publish(campaign, 2)
    page = browse_as(elli.user)
    portal = f"{live_site}/en/portal/"
    for path in ("bulletins/1/", "bulletins/2/", "handbook/"):
        page.goto(portal + path)
        until(page, "caches.match(location.href, { ignoreVary: true }).then(Boolean)")
    until(page, f"caches.match('{portal}offline/', {{ ignoreVary: true }}).then(Boolean)")

    page.context.set_offline(True)
    page.goto(f"{portal}questions/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Not saved on this device")
    kept = page.locator("[data-kept] li:visible")
    expect(kept).to_have_text(["The handbook", "Bulletin 2", "Bulletin 1"])
    expect(page.get_by_role("link", name="Call 112")).to_have_attribute("href", "tel:112")
    assert page.evaluate("getComputedStyle(document.querySelector('.masthead, .top')).display") == "block"
    assert wrong_with(page, "en") == []
    page.get_by_role("link", name="Bulletin 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("title en v1")

    page.goto(f"{portal}questions/")
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My questions")


def test_a_form_that_cannot_be_sent_says_so_and_its_text_is_still_there(campaign, elli, browse_as, live_site):
    page = browse_as(elli.user)
    page.goto(f"{live_site}/en/portal/")
    until(page, "Boolean(navigator.serviceWorker.controller)")
    page.goto(f"{live_site}/en/portal/conversation/")
    until(page, f"caches.match('{live_site}/en/portal/offline/', {{ ignoreVary: true }}).then(Boolean)")
    text = page.get_by_label("Your message")
    text.fill("Is the library open?")

    # The device knows that there is no connection: nothing is even tried.
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-is-unsent]")).to_contain_text("Nothing was sent. Your text is still here.")
    expect(text).to_have_value("Is the library open?")

    # It does not know, and tries.
    page.evaluate("document.querySelector('form[data-draft]').submit()")
    expect(page.get_by_role("heading", level=1)).to_contain_text("There is no connection")
    expect(page.get_by_text("Nothing was sent. Go back: your text is still there.")).to_be_visible()
    expect(page.get_by_role("link", name="Try again")).to_be_hidden()
    page.context.set_offline(False)
    page.go_back()
    expect(text).to_have_value("Is the library open?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status").first).to_contain_text("Sent.")
    expect(text).to_have_value("")
    page.goto(f"{live_site}/en/portal/conversation/")
    expect(text).to_have_value("")
    assert ThreadMessage.objects.get().text == "Is the library open?"


def test_what_was_typed_when_the_login_had_ended_is_there_after_the_next_and_goes_at_logging_out(
    campaign, elli, browse_as, live_site
):
    page = browse_as(elli.user)
    page.goto(f"{live_site}/en/portal/conversation/")
    text = page.get_by_label("Your message")
    text.fill("Is the library open?")
    session = [one for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)

    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("You were logged out before this was sent.")
    page.wait_for_selector("html[data-forgotten]")
    page.context.add_cookies(session)
    page.goto(f"{live_site}/en/portal/conversation/?unsent=1")
    expect(page.get_by_role("alert")).to_contain_text("Please send it again.")
    expect(text).to_have_value("Is the library open?")
    assert wrong_with(page, "en") == []

    other = Client()
    other.force_login(build_influencer(campaign, "olli").user)
    theirs = {"name": settings.SESSION_COOKIE_NAME, "value": other.session.session_key or "", "url": live_site}
    page.context.add_cookies([theirs])
    page.reload()
    expect(text).to_have_value("")

    page.context.add_cookies(session)
    page.goto(f"{live_site}/en/account/logout/")
    page.wait_for_selector("html[data-forgotten]")
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_pages_are_read_again_offline_and_wiped_for_the_next_person(campaign, elli, browse_as, live_site):
    publish(campaign, **content())
    publish(campaign, 2)
    page = browse_as(elli.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bulletin = f"{live_site}/en/portal/bulletins/1/"
    band = page.locator("[data-saved]")
    kept = "caches.keys().then((names) => names.filter((name) => name.startsWith('portal-pages-')).length)"

    page.goto(bulletin)
    expect(band).to_be_hidden()
    until(page, "caches.match(location.href, { ignoreVary: true }).then(Boolean)")
    until(page, "Boolean(navigator.serviceWorker.controller)")
    page.context.set_offline(True)
    page.goto(bulletin)
    expect(page.get_by_role("heading", level=1)).to_have_text("title en v1")
    expect(band).to_contain_text("You are offline. This copy was saved on your device", use_inner_text=True)
    assert page.evaluate("getComputedStyle(document.querySelector('.masthead')).backgroundColor") != "rgba(0, 0, 0, 0)"

    page.locator(".stage").get_by_role("button", name="Copy the words").click()
    expect(page.locator(".told")).to_contain_text("we cannot check whether this is still correct")
    until(page, "navigator.clipboard.readText().then((text) => text.startsWith('Open until 13 April.\\nValid '))")
    page.goto(f"{live_site}/en/portal/bulletins/2/")  # it was never opened
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not saved on this device")

    page.context.set_offline(False)
    page.goto(bulletin)
    assert (1, "copied", "message:a") in noted(page, 2), "it is told as soon as there is a connection"
    assert page.evaluate(kept) == 1

    # Another person logs in on this phone.
    other = Client()
    other.force_login(build_influencer(campaign, "olli").user)
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": other.session.session_key or "", "url": live_site}]
    )
    page.goto(f"{live_site}/en/portal/")
    until(page, "caches.match(location.href, { ignoreVary: true }).then(Boolean)")
    assert page.evaluate(kept) == 1
    assert not page.evaluate(f"caches.match({bulletin!r}, {{ ignoreVary: true }}).then(Boolean)")

    # They log out.
    page.goto(f"{live_site}/en/account/logout/")
    page.wait_for_selector("html[data-forgotten]")
    assert page.evaluate("caches.keys()") == []
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_"):
        page.goto(f"{live_site}/en/portal/")
    page.context.set_offline(False)


def test_somebody_corrects_their_details_on_a_phone(campaign, elli, browse_as, live_site):
    elli.accounts.create(platform="instagram", handle="elli.e", followers=1000)
    Interest.objects.create(campaign=campaign, slug="food", name={"en": "food"})
    ValuesQuestion.objects.create(campaign=campaign, key="sources", text={"en": "I check sources."})
    page = browse_as(elli.user)
    page.goto(f"{live_site}/en/portal/settings/")
    follow(page.get_by_role("link", name="See and change your details"))
    assert wrong_with(page, "en") == []

    page.get_by_label("Region").select_option(label="Abroad, or I would rather not say")
    page.get_by_label("Followers on Instagram").fill("many")
    page.get_by_label("Municipality").fill("Tallinn")
    page.get_by_role("button", name="Save your details").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    assert wrong_with(page, "en") == []
    expect(page.get_by_label("Municipality")).to_have_value("Tallinn")
    page.get_by_label("Followers on Instagram").fill("2k")
    page.get_by_role("button", name="Save your details").click()

    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    assert elli.accounts.get().followers == 2000
