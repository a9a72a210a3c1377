"""Key messages and variants on the compose page, in a real browser: saved while typing, by keyboard, at any width."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.editing import key_messages
from bulletins.editing.conflicts import token
from bulletins.models import SetAside, Variant
from campaigns.models import GlossaryTerm, PlatformLimit
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bulletin(campaign: Any, alma: Any) -> Any:
    for platform, field, most, unit in (
        ("instagram", "caption", 60, "code_points"),
        ("x", "post", 280, "x_weighted"),
        ("threads", "post", 500, "utf8_emoji"),
        ("threads", "links", 5, "items"),
    ):
        PlatformLimit.objects.create(
            platform=platform, field=field, limit=most, counted_in=unit, seen_on=timezone.localdate(), source="its help"
        )
    GlossaryTerm.objects.create(campaign=campaign, term={"fi": "kirjasto", "sv": "boksal", "en": "library"})
    return builders.build_bulletin(campaign, by=alma, variants=True)


@pytest.fixture
def compose(browse_as: Callable[[Any], Any], live_site: str, alma: Any, bulletin: Any) -> Any:
    page = browse_as(alma)
    page.goto(f"{live_site}{reverse('admin:bulletins_bulletin_change', args=[bulletin.pk])}")
    for part in ("#rows .rowbox", "#variants [role=tablist]", "#terms h3"):
        page.wait_for_selector(part, state="attached")
    page.locator("#step-messages").click()
    return page


def test_words_save_themselves_and_a_clash_keeps_both(compose, bulletin, veikko):
    message = bulletin.key_messages.get()
    box = compose.locator(f"#message-{message.pk}-text-fi")
    box.fill("Uudet sanat.")
    compose.locator(f"#message-{message.pk}-state .status--good").wait_for()
    message.refresh_from_db()
    assert message.text["fi"] == "Uudet sanat."

    read = {"text-fi": token("Uudet sanat.")}
    key_messages.save_message(message, {"text-fi": "Veikolta."}, read=read, by=veikko, at=timezone.now())
    box.fill("Almalta.")
    box.blur()
    clash = compose.locator(f"#at-message-{message.pk}-fi .clash")
    clash.wait_for()
    assert "Veikolta." in clash.inner_text()
    assert page_checks.barriers(compose, "#rows") == []
    message.refresh_from_db()
    assert message.text["fi"] == "Veikolta." and SetAside.objects.get(settled_at=None).text == "Almalta."

    # Another field goes on saving itself, and what is being chosen from stays as it is edited.
    clash.get_by_role("textbox").fill("Meiltä.")
    with compose.expect_response("**/rows/**"):
        compose.locator(f"#message-{message.pk}-text-sv").fill("Av oss.")
        compose.locator(f"#message-{message.pk}-text-sv").blur()
    compose.locator(f"#message-{message.pk}-state .status--good").wait_for()
    assert clash.get_by_role("textbox").input_value() == "Meiltä."
    clash.get_by_role("button", name="Use mine").click()
    clash.wait_for(state="detached")
    message.refresh_from_db()
    assert message.text["fi"] == "Meiltä." and message.text["sv"] == "Av oss."
    assert compose.locator(f"#message-{message.pk}-text-fi").input_value() == "Meiltä."
    assert not SetAside.objects.filter(settled_at=None).exists()


def test_two_in_one_message_are_put_together_line_by_line(compose, bulletin, veikko):
    message = bulletin.key_messages.get()
    box = compose.locator(f"#message-{message.pk}-text-fi")
    good = compose.locator(f"#message-{message.pk}-state .status--good")
    box.fill("Yksi.\nKaksi.")
    good.wait_for()
    read = {"text-fi": token("Yksi.\nKaksi.")}
    message.refresh_from_db()
    key_messages.save_message(message, {"text-fi": "Yksi!\nKaksi."}, read=read, by=veikko, at=timezone.now())
    box.fill("Yksi.\nKaksi.\nKolme.")
    box.blur()
    expect(box).to_have_value("Yksi!\nKaksi.\nKolme.")
    expect(compose.locator(f"#at-message-{message.pk}-fi .said")).to_have_text("Other people's changes are in it too.")
    message.refresh_from_db()
    assert message.text["fi"] == "Yksi!\nKaksi.\nKolme." and not SetAside.objects.exists()

    # Written on from there, it is no clash with anybody.
    box.fill("Yksi!\nKolme.")
    with compose.expect_response("**/rows/**"):
        box.blur()
    expect(good).to_be_visible()
    expect(compose.locator(f"#at-message-{message.pk}-fi .said")).to_have_text("")
    message.refresh_from_db()
    assert message.text["fi"] == "Yksi!\nKolme."


def test_a_row_is_added_after_what_was_typed_is_saved(compose, bulletin):
    message = bulletin.key_messages.get()
    compose.locator(f"#message-{message.pk}-text-en").fill("Typed just before.")
    compose.get_by_role("button", name="Add a key message").click()
    page_checks.until(compose, "document.querySelectorAll('#rows [id^=message-].rowbox').length === 2")
    message.refresh_from_db()
    assert message.text["en"] == "Typed just before."
    assert compose.locator(f"#message-{message.pk}-text-en").input_value() == "Typed just before."

    compose.get_by_role("button", name=re.compile("Remove *: Key message 1")).click()
    compose.locator("#rows .removed .item").wait_for()
    assert bulletin.key_messages.count() == 1
    compose.get_by_role("button", name="Restore it").click()
    page_checks.until(compose, "document.querySelectorAll('#rows [id^=message-].rowbox').length === 2")
    assert bulletin.key_messages.filter(key=message.key).get().text["en"] == "Typed just before."


def test_the_tabs_are_walked_by_keyboard_and_count_what_is_too_long(compose):
    compose.locator("#step-channels").click()
    tabs = compose.locator("#variants [role=tab]")
    expect(tabs).to_have_count(7)
    expect(tabs.first).to_be_visible()  # its step may still open, and what is hidden takes no focus
    page_checks.settled(compose)
    tabs.first.focus()
    walked = []
    for key in ("ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
        compose.keyboard.press(key)
        walked.append(compose.evaluate("document.activeElement.textContent"))
    assert walked == ["TikTok", "Snapchat", "Instagram", "Snapchat", "Instagram"]

    caption = compose.locator("#variant-fi-instagram-caption")
    caption.fill("å" * 61)
    expect(compose.locator("#variant-fi-instagram-caption-count")).to_contain_text("61 / 60 characters, too long")
    expect(caption).to_have_attribute("aria-invalid", "true")
    page_checks.until(
        compose, "document.querySelector('#variants-instagram-tab').textContent === 'Instagram: 1 too long'"
    )
    caption.blur()
    compose.locator("#variant-fi-instagram-state .status--good").wait_for()
    assert Variant.objects.get(platform="instagram", edition__language="fi").caption == "å" * 61


def test_a_variant_starts_from_the_edition_and_asks_before_it_replaces(compose):
    compose.locator("#step-channels").click()
    compose.get_by_role("tab", name="X", exact=True).click()
    compose.get_by_role("button", name=re.compile("Start from the edition *: X, Swedish")).click()
    page_checks.until(compose, "document.querySelector('#variant-sv-x-caption').value.startsWith('Biblioteken')")
    compose.get_by_role("button", name=re.compile("Fill in what is empty *: X, Swedish")).click()
    compose.get_by_role("button", name="Replace it").wait_for()
    assert page_checks.barriers(compose, "#variants") == []


def test_all_channels_are_started_with_one_press_and_what_is_there_stays(compose, bulletin):
    compose.locator("#step-channels").click()
    caption = compose.locator("#variant-fi-instagram-caption")
    caption.fill("Oma teksti.")
    compose.get_by_role("button", name="Start all channels in all languages").click()
    expect(compose.locator("#variants [role=status]").first).to_contain_text("started from the bulletin")
    assert caption.input_value() == "Oma teksti."
    assert compose.locator("#variant-sv-x-caption").input_value().startswith("Biblioteken")
    assert Variant.objects.filter(edition__bulletin=bulletin).count() == 3 * 7
    expect(compose.locator("#variants-start-all")).to_be_focused()


def test_everyone_can_use_the_panes_at_any_width(compose):
    for pane in ("#rows", "#variants", "#terms"):
        page_checks.reach(compose.locator(pane))
        for width in (page_checks.NARROW, page_checks.PHONE, page_checks.DESKTOP):
            assert page_checks.width_of(compose, width) <= width
            assert compose.locator(pane).evaluate("one => one.scrollWidth - one.clientWidth") == 0
        assert page_checks.barriers(compose, pane) == []
        compose.evaluate("document.documentElement.classList.add('dark')")
        assert page_checks.barriers(compose, pane, rules=page_checks.CONTRAST) == []
        compose.evaluate("document.documentElement.classList.remove('dark')")
