"""An influencer with a phone takes a kit, hears that it changed, and reports what goes round."""

from typing import Any

import pytest
from playwright.sync_api import expect

from factcheck.models import Claim
from influencers.models import Influencer, KitUse
from influencers.recall import fact_check_notices
from tests.influencers.kits.kits_scene import build_fact, build_limits, correct, make_loud, publishes_on, withdraw
from tests.journeys.page_checks import SHEET, follow, in_the_end, until, wrong_with
from tests.support.builders import NOON, build_influencer

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
SAID = "Garlic cures the virus."


@pytest.fixture
def elli(live_site: str, campaign: Any) -> Influencer:
    build_limits()
    return publishes_on(build_influencer(campaign, "elli", language="en"), "tiktok", "x")


def noted(page: Any, **what: Any) -> KitUse:
    """Return the use that the page notes, as soon as it has."""
    return in_the_end(page, KitUse.objects.filter(**what).first)


def test_an_influencer_copies_the_words_and_hears_that_they_changed(campaign, elli, browse_as, live_site):
    claim = build_fact(campaign)
    make_loud(claim, language="en")
    fact_check_notices.forward_steps(at=NOON)
    page = browse_as(elli.user)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(SHEET)

    page.goto(f"{live_site}/en/portal/")
    page.goto(f"{live_site}/en/portal/facts/")
    assert wrong_with(page, "en") == []
    page.get_by_role("link", name="Ready-made text and picture").click()
    expect(page.get_by_role("tab").first).to_have_text("TikTok")
    assert wrong_with(page, "en") == []
    page.get_by_role("tab", name="X", exact=True).click()
    page.locator("#x").get_by_role("button", name="Copy the text").click()
    expect(page.locator("[data-live]")).to_have_text("Copied")
    assert noted(page, platform="", copied_at=None).opened_at, "opening it is noted too"
    use = noted(page, platform="x", copied_at__isnull=False)
    assert use.version == claim.current_version and use.named
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Rest and water help the body.") and "#harjoitus" in copied

    # Its picture is in sight, and handed on as a file with the fact, until when it holds, its source and its check address.
    expect(page.locator(".stage__pic img")).to_have_js_property("naturalWidth", 480)
    page.locator("label", has_text="Square").click()
    page.locator(".stage__share").click()
    until(page, "Boolean(window.given)")
    given = page.evaluate("window.given")
    assert [one["name"] for one in given["files"]] == ["plant-en-1x1.png"]
    lines = given["text"].splitlines()
    assert lines[0].startswith("Rest and water help") and SAID not in given["text"]
    assert lines[1].startswith("Valid ") and lines[2].startswith("Source") and "/c/" in lines[-1]
    noted(page, platform="", downloaded_at__isnull=False)

    # Without a connection it is copied, with a warning, and noted as soon as there is one.
    page.context.set_offline(True)
    page.get_by_role("tab", name="TikTok").click()
    page.locator("#tiktok").get_by_role("button", name="Copy the text").click()
    expect(page.locator(".told")).to_contain_text("we cannot check whether this is still correct")
    page.context.set_offline(False)
    page.reload()
    noted(page, platform="tiktok", copied_at__isnull=False)
    expect(page.get_by_text("You use this. We will write to you if it changes.")).to_be_visible()

    correct(claim)
    page.evaluate("navigator.clipboard.writeText('before')")
    page.get_by_role("tab", name="X", exact=True).click()
    page.locator("#x").get_by_role("button", name="Copy the text").click()
    expect(page.locator(".told")).to_contain_text(
        "This fact-check has just changed. Nothing was copied, shared or downloaded."
    )
    assert page.evaluate("navigator.clipboard.readText()") == "before"
    downloads: list[Any] = []
    page.on("download", lambda one: downloads.append(one))
    page.locator("#pictures a[download]").first.click()
    expect(page.locator(".told")).to_be_focused()  # that nothing was taken is said anew
    assert downloads == []
    assert KitUse.objects.filter(downloaded_at__isnull=False).count() == 1, "the one that was shared before"

    page.goto(f"{live_site}/en/portal/")
    expect(page.get_by_role("heading", name="Facts you have used have changed")).to_be_visible()
    assert wrong_with(page, "en") == []
    page.locator(".kit-changed a").click()
    expect(page.get_by_role("heading", name="What changed since you read this")).to_be_visible()
    assert wrong_with(page, "en") == []
    noted(page, version__number=2)
    page.goto(f"{live_site}/en/portal/")
    expect(page.get_by_role("heading", name="Facts you have used have changed")).to_have_count(0)

    withdraw(claim)
    page.goto(f"{live_site}/en/portal/facts/plant/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This fact-check is withdrawn. Stop sharing it.")
    assert wrong_with(page, "en") == []


def test_without_script_the_words_can_be_read_and_the_use_told(campaign, elli, browser, live_site, signed_in, settings):
    build_fact(campaign)
    session = signed_in(elli.user).session.session_key
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_site}])
    page = context.new_page()

    page.goto(f"{live_site}/en/portal/facts/plant/")
    expect(page.get_by_label("Caption").first).to_be_visible()
    page.get_by_role("button", name="I'll use this").click()

    expect(page.get_by_text("You use this. We will write to you if it changes.")).to_be_visible()
    assert KitUse.objects.get().influencer == elli
    context.close()


def test_an_influencer_reports_what_goes_round(campaign, elli, browse_as, live_site):
    page = browse_as(elli.user)

    page.goto(f"{live_site}/en/portal/")
    follow(page.locator("main").get_by_role("link", name="Report a claim"))
    assert wrong_with(page, "en") == []
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Nothing was sent yet.")).to_be_visible()
    assert wrong_with(page, "en") == []
    page.get_by_label("The claim", exact=True).fill("Onions cure it.")
    page.get_by_role("button", name="Send the report").click()

    expect(page.get_by_text("Thank you, we have your report.")).to_be_visible()
    expect(page.get_by_text("Waiting to be checked")).to_be_visible()
    assert wrong_with(page, "en") == []
    assert Claim.objects.get().sightings.get().reporter == elli.user
