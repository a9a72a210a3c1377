"""Writing a text by keyboard alone, in a real browser: what is put in, taken back, shown beside it, and brought in as a picture."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bulletins.models import Asset, Snippet
from tests.bulletins.media.test_assets import png
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

PASTE_FILE = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], name));
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: files, bubbles: true, cancelable: true}));
}"""
WATCH_STATE = """
  const state = document.getElementById("saved-state");
  window.said = [];
  new MutationObserver(() => said.push(state.textContent)).observe(state, {childList: true});
"""
HERE = "document.getElementById('preview-frame').contentDocument.querySelector('[data-here]')?.textContent.trim()"


def test_a_text_is_written_undone_and_illustrated_by_keyboard(
    browse_as: Callable[[Any], Any], live_site: str, alma: Any, campaign: Any
) -> None:
    Snippet.objects.create(campaign=campaign, name="Number", text={"fi": "Soita 116117."})
    bulletin = builders.build_bulletin(campaign, by=alma, variants=True)
    finnish = bulletin.editions.get(language="fi")
    before = finnish.body
    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 844})
    page.goto(f"{live_site}{reverse('admin:bulletins_bulletin_change', args=[bulletin.pk])}")
    page.locator("#parity table").wait_for(state="attached")
    field = page.locator(f"#f-{finnish.pk}-body")
    text = page.get_by_role("textbox", name=re.compile("Markdown.*Finnish"))
    expect(text).to_have_class("cm-content cm-lineWrapping")
    keys = page.keyboard

    # A slash offers; what is not meant for the list goes into the text.
    text.focus()
    keys.press("Control+End")
    keys.type(" Bussit ja /")
    find = page.get_by_role("combobox", name="Fact, ready phrase or answer")
    expect(find).to_be_focused()
    keys.type(" tai raitiovaunut.\n\n/")
    expect(field).to_have_value(f"{before} Bussit ja / tai raitiovaunut.\n\n/")
    expect(find).to_be_focused()
    keys.type("num")
    expect(page.locator("#inserts [aria-selected=true]")).to_contain_text("Number")
    assert page_checks.barriers(page, "#inserts") == []
    keys.press("Enter")
    put_in = f"{before} Bussit ja / tai raitiovaunut.\n\nSoita 116117."
    expect(field).to_have_value(put_in)
    expect(text).to_be_focused()

    # Taken back, it says what was typed.
    keys.press("Control+z")
    expect(field).to_have_value(put_in.replace("Soita 116117.", "/num"))
    keys.press("Control+y")
    expect(field).to_have_value(put_in)

    # The preview follows the caret.
    page_checks.until(page, f"{HERE} === 'Soita 116117.'")
    keys.press("Control+Home")
    page_checks.until(page, f"{HERE} && {HERE} !== 'Soita 116117.'")
    assert page_checks.barriers(page, "#write") == []

    # Translations that fell behind are current again when everything is taken back.
    page_checks.until(page, "document.getElementById('parity').textContent.includes('Swedish is 1 change behind.')")
    keys.press("Control+z")
    for _time in range(20):
        if field.input_value() != before:
            keys.press("Control+z")
    expect(field).to_have_value(before)
    page_checks.until(page, "!document.getElementById('parity').textContent.includes('change behind')")
    finnish.refresh_from_db()
    assert finnish.body == before and bulletin.editions.get(language="sv").behind(finnish) == 0

    # A picture: refused aloud, then taken, described once.
    page.evaluate(PASTE_FILE, ["list.txt.png", base64.b64encode(b"no picture").decode()])
    expect(page.get_by_role("textbox", name="Alt text, Finnish")).to_be_focused()
    keys.type("Vesipiste kirjaston edessä")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("#dropped [role=alert]")).to_contain_text("Not uploaded")
    assert page_checks.barriers(page, "#dropped") == []
    keys.press("Escape")
    expect(text).to_be_focused()
    assert not Asset.objects.exists()
    page.evaluate(WATCH_STATE)  # a text that is saved next says so in its place
    page.evaluate(PASTE_FILE, ["piste.png", base64.b64encode(png()).decode()])
    keys.type("Vesipiste kirjaston edessä")
    for _time in range(3):
        keys.press("Tab")
    keys.type("Kaupunki")
    keys.press("Enter")
    expect(page.locator("#dropped")).to_be_hidden()
    page_checks.until(page, "said.includes('The file is in Pictures.')")
    asset = bulletin.assets.get()
    assert asset.alt_text == {"fi": "Vesipiste kirjaston edessä"} and asset.rights == "Kaupunki"
    page_checks.until(page, "document.getElementById('assets').textContent.includes('To translate:')")

    # Whoever goes elsewhere with the list open takes nothing along.
    text.focus()
    keys.press("Control+End")
    keys.type(" /hen")
    page.locator(f"#f-{finnish.pk}-title").click()
    expect(field).to_have_value(f"{before} /hen")
    expect(page.locator(f"#f-{finnish.pk}-title")).to_be_focused()

    # The plain field does the same, also for whoever presses Enter before the list has come.
    page.get_by_role("button", name="Plain field").locator("visible=true").focus()
    keys.press("Enter")
    expect(text).to_have_js_property("tagName", "TEXTAREA")
    text.fill(before)
    text.focus()
    keys.press("Control+End")
    held = []  # the list comes only after Enter
    page.route("**/insertions/**", lambda route: held.append(route))
    page.evaluate("document.dispatchEvent(new Event('saved'))")
    with page.expect_request("**/insertions/**"):
        keys.type("\n/num")
    keys.press("Enter")
    expect(find).to_be_focused()
    held[0].continue_()
    page.unroute("**/insertions/**")
    expect(field).to_have_value(f"{before}\nSoita 116117.")

    text.focus()
    keys.press("Control+End")
    keys.type(" /hen")
    page.locator(f"#f-{finnish.pk}-title").click()
    expect(field).to_have_value(f"{before}\nSoita 116117. /hen")
