"""The compose page in steps, in a real browser: any order, by keyboard, and nothing that is typed or ticked is lost."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bulletins.models import Asset, Target
from tests.bulletins.media.test_assets import add
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

STEPS = ("write", "messages", "channels", "pictures", "recipients", "check")
TWICE = "[...document.querySelectorAll('[id]')].map((one) => one.id).filter((id, at, all) => all.indexOf(id) < at)"
SHOWN = "[...document.querySelectorAll('[data-step]')].filter((one) => !one.hidden).map((one) => one.id).join()"


@pytest.fixture
def bulletin(campaign: Any, alma: Any) -> Any:
    return builders.build_bulletin(campaign, by=alma, variants=True)


@pytest.fixture
def compose(browse_as: Callable[[Any], Any], live_site: str, alma: Any, bulletin: Any) -> Any:
    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 800})
    open_at(page, live_site, bulletin)
    return page


def open_at(page: Any, live_site: str, bulletin: Any, place: str = "") -> None:
    """Open the page, at a step or at a place in one."""
    page.goto("about:blank")
    page.goto(f"{live_site}{reverse('admin:bulletins_bulletin_change', args=[bulletin.pk])}{place}")
    for pane in ("#rows", "#variants", "#schedule", "#findings", "#approval", "#assets", "#about"):
        page.locator(pane).wait_for(state="attached")
    page_checks.settled(page)


def late(page: Any, pattern: str, seconds: float) -> None:
    """Have each answer to a post at these addresses come later, as over a bad connection."""

    def wait(route: Any) -> None:
        if route.request.method == "POST":
            time.sleep(seconds)
        route.continue_()

    page.route(pattern, wait)


def test_a_login_on_the_way_leads_back_to_the_step(compose, live_site, bulletin):
    compose.locator("#step-messages").click()
    here = f"{live_site}{reverse('admin:bulletins_bulletin_change', args=[bulletin.pk])}"
    for before, step in ((f"{live_site}/desk/", "write"), (f"{live_site}/en/account/login/", "messages")):
        compose.evaluate("sessionStorage.setItem(`editor step ${location.pathname}`, 'messages')")
        compose.goto("about:blank")
        compose.goto(here, referer=before)
        assert compose.evaluate(SHOWN) == step


def test_a_step_is_an_address_and_each_is_within_two_screens(compose, live_site, bulletin):
    assert compose.evaluate(SHOWN) == "write"
    for name in STEPS:
        compose.locator(f"#step-{name}").click()
        page_checks.until(compose, f"{SHOWN} === '{name}'")
        assert compose.evaluate("document.documentElement.scrollHeight") <= 1600
        expect(compose.locator("[aria-current=step]")).to_have_id(f"step-{name}")
        expect(compose.locator(".edit__bar")).to_be_in_viewport(ratio=1)
    assert compose.evaluate(TWICE) == []

    open_at(compose, live_site, bulletin, "#pictures")
    assert compose.evaluate(SHOWN) == "pictures"
    # Any place of the page is one too, also in a part that comes late, a language that isn't shown, or a fold.
    message = bulletin.key_messages.get()
    open_at(compose, live_site, bulletin, f"#message-{message.pk}-owner")
    expect(compose.locator(f"#message-{message.pk}-owner")).to_be_visible()
    swedish = bulletin.editions.get(language="sv")
    open_at(compose, live_site, bulletin, f"#f-{swedish.pk}-body")
    expect(compose.locator(f"#f-{swedish.pk}-body")).to_be_in_viewport()


def test_the_keyboard_leads_to_every_step_and_back(compose):
    for number, name in reversed(list(enumerate(STEPS, start=1))):
        compose.keyboard.press(f"Alt+{number}")
        assert compose.evaluate(f"{SHOWN} + document.activeElement.id + location.hash") == f"{name}{name}#{name}"
    compose.go_back()
    page_checks.until(compose, f"{SHOWN} === 'messages'")
    compose.locator("#step-check").press("Enter")
    page_checks.until(compose, f"{SHOWN} === 'check'")


def test_without_script_every_step_is_there(browser, live_site, alma, bulletin):
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(alma)
    context = browser.new_context(java_script_enabled=False)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key or "", "url": live_site}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"{live_site}{reverse('admin:bulletins_bulletin_change', args=[bulletin.pk])}")
    for code in ("fi", "sv", "en"):
        expect(page.locator(f"section[data-part='edition:{code}'] [name=body]")).to_be_visible()
    page.locator("section[data-part='edition:sv'] [name=title]").fill("Utan skript")
    page_checks.follow(page.locator("section[data-part='edition:sv'] button[type=submit]"))
    assert bulletin.editions.get(language="sv").title == "Utan skript"
    context.close()


def test_languages_stand_alone_or_side_by_side(compose, live_site, bulletin):
    boxes = compose.locator("section.language:visible")
    expect(boxes).to_have_count(1)
    compose.get_by_role("button", name="Swedish").first.click()
    expect(compose.locator("section[data-part='edition:sv']")).to_be_visible()
    compose.get_by_role("button", name="Two", exact=True).click()
    expect(boxes).to_have_count(2)
    compose.get_by_role("button", name="All", exact=True).click()
    expect(boxes).to_have_count(3)
    beside, texts = (compose.locator(one).bounding_box() for one in ("#preview-frame", ".trio"))
    assert beside and texts and beside["x"] >= texts["x"] + texts["width"] and beside["y"] < texts["y"] + 200
    assert compose.evaluate("document.documentElement.scrollWidth") <= 1280
    open_at(compose, live_site, bulletin)
    expect(boxes).to_have_count(3)
    compose.set_viewport_size({"width": 390, "height": 844})
    expect(boxes).to_have_count(1)


def test_what_is_wrong_in_a_step_is_told_by_the_bar_and_opened_by_it(compose, bulletin):
    english = bulletin.editions.get(language="en")
    title = page_checks.reach(compose.locator(f"#f-{english.pk}-title"))
    before = title.input_value()
    title.fill("")
    compose.keyboard.press("Control+s")
    compose.locator("#step-recipients").click()
    expect(compose.locator("#step-write")).to_contain_text("to fix")
    going = compose.locator("#next-step")
    expect(going).to_have_text("Fix next: English, title")
    going.click()
    expect(title).to_be_focused()
    title.fill("x" * 161)
    compose.locator("#step-messages").click()
    expect(compose.locator("#step-write")).to_contain_text("Not saved")
    expect(compose.locator("#saved-state")).to_contain_text("too long")
    compose.locator("#step-write").click()
    title.fill(before)
    expect(compose.locator("#saved-state")).to_contain_text("Saved ")
    expect(compose.locator("#step-write")).to_contain_text("Nothing to fix")
    expect(going).to_have_text("Check and submit")
    going.click()
    expect(compose.get_by_role("button", name="Submit for approval")).to_be_visible()
    assert page_checks.barriers(compose, ".edit__bar") == []


def test_on_a_phone_two_low_rows_stay_in_sight(compose, live_site, bulletin):
    compose.set_viewport_size({"width": 390, "height": 844})
    open_at(compose, live_site, bulletin)
    assert compose.locator("header").inner_text().count("Bulletins") == 1
    compose.evaluate("scrollTo(0, 900)")
    rows = [compose.locator(one).bounding_box() for one in (".edit__act", "#steps")]
    assert rows[0]["y"] == 0 and rows[1]["y"] + rows[1]["height"] <= 96
    for one in ("#saved-state", "#next-step", "#step-write"):
        expect(compose.locator(one)).to_be_in_viewport(ratio=1)
    assert page_checks.barriers(compose, "#compose") == []


def test_ctrl_s_saves_from_anywhere_whatever_is_unsaved(compose, bulletin):
    message = bulletin.key_messages.get()
    finnish = bulletin.editions.get(language="fi")
    compose.locator(f"#f-{finnish.pk}-title").fill("Heti talteen")
    compose.locator("#step-recipients").click()
    compose.locator("#id_about-urgency").select_option("urgent")
    expect(compose.locator("#saved-state")).to_have_text("Not saved yet")
    compose.locator("#step-messages").click()
    compose.locator(f"#message-{message.pk}-text-en").fill("Right away.")
    compose.keyboard.press("Control+s")
    expect(compose.locator("#saved-state")).to_contain_text("Saved ")
    page_checks.settled(compose)
    bulletin.refresh_from_db()
    message.refresh_from_db()
    assert bulletin.urgency == "urgent" and message.text["en"] == "Right away."
    assert bulletin.editions.get(language="fi").title == "Heti talteen"


def test_audiences_ticked_faster_than_they_are_saved_are_all_chosen(compose, live_site, campaign, bulletin):
    for number in range(6):
        builders.build_audience(campaign, f"more-{number}", size=1)
    open_at(compose, live_site, bulletin, "#recipients")
    late(compose, "**/schedule/", 0.4)
    ticks = compose.locator("#schedule input[type=checkbox]:not(:checked)")
    expect(ticks).to_have_count(6)
    ids = ticks.evaluate_all("all => all.map((one) => one.id)")
    for place in ids:
        compose.locator(f"#{place}").check()
        compose.wait_for_timeout(150)

    def chosen() -> set[str]:
        return {f"to-{pk}" for pk in Target.objects.filter(bulletin=bulletin).values_list("audience_id", flat=True)}

    page_checks.in_the_end(compose, lambda: set(ids) <= chosen() or None)
    page_checks.settled(compose)
    for place in ids:
        expect(compose.locator(f"#{place}")).to_be_checked()
    assert set(ids) <= chosen()
    expect(compose.locator("#saved-state")).to_contain_text("Saved ")


def test_who_is_told_next_is_offered_as_soon_as_the_audiences_are_saved(compose, live_site, campaign, bulletin):
    builders.build_audience(campaign, slug="partners", kind="influencers")
    Target.objects.filter(bulletin=bulletin).delete()
    type(bulletin).objects.filter(pk=bulletin.pk).update(urgency="urgent")
    open_at(compose, live_site, bulletin, "#recipients")
    offered = compose.locator("[name=about-seen_next] option")
    before = offered.count()

    compose.locator("#schedule input[type=checkbox]:not(:checked)").first.check()

    expect(offered).to_have_count(before - 1)
    compose.locator("[name=about-seen_next]").select_option(index=0)
    compose.locator("#at-seen_next select").focus()
    assert Target.objects.filter(bulletin=bulletin).count() == 1


def test_words_typed_while_the_rows_are_drawn_anew_stay(compose, bulletin):
    message = bulletin.key_messages.get()
    compose.locator("#step-messages").click()
    late(compose, "**/rows/message/add/", 1)
    box = compose.locator(f"#message-{message.pk}-text-en")
    compose.get_by_role("button", name="Add a key message").click()
    box.fill("Typed meanwhile.")
    page_checks.until(compose, "document.querySelectorAll('#rows [id^=message-].rowbox').length === 2")
    assert box.input_value() == "Typed meanwhile."
    page_checks.in_the_end(
        compose, lambda: bulletin.key_messages.get(pk=message.pk).text["en"] == "Typed meanwhile." or None
    )


def test_a_row_typed_on_while_it_is_saved_is_saved_again(compose, bulletin):
    message = bulletin.key_messages.get()
    compose.locator("#step-messages").click()
    late(compose, f"**/rows/message/{message.pk}/", 0.5)
    box = compose.locator(f"#message-{message.pk}-text-en")
    box.fill("One")
    for words in ("One two", "One two three", "One two three four"):
        box.blur()
        box.fill(words)
        compose.wait_for_timeout(150)
    box.blur()
    page_checks.in_the_end(
        compose, lambda: bulletin.key_messages.get(pk=message.pk).text["en"] == "One two three four" or None
    )
    page_checks.settled(compose)
    assert box.input_value() == "One two three four"
    expect(compose.locator("#saved-state")).to_contain_text("Saved ")


def test_words_about_one_file_stay_while_another_is_saved(compose, live_site, bulletin, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for _number in range(2):
        add(bulletin)
    open_at(compose, live_site, bulletin, "#pictures-files")
    first, second = Asset.objects.order_by("pk")
    for one in (first, second):
        page_checks.reach(compose.locator(f"#at-asset-{one.pk} form input[name=rights]"))
    compose.locator(f"#asset-{first.pk}-rights").fill("Photo: Alma")
    compose.locator(f"#asset-{second.pk}-rights").fill("Photo: Veikko")
    compose.locator(f"#at-asset-{second.pk}").get_by_role("button", name="Save this file").click()
    page_checks.in_the_end(compose, lambda: Asset.objects.get(pk=second.pk).rights or None)
    page_checks.settled(compose)
    assert compose.locator(f"#asset-{first.pk}-rights").input_value() == "Photo: Alma"
    expect(compose.locator("#saved-state")).to_have_text("Not saved yet")
