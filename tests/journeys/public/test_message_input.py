"""A contributor with a phone: writes, loses the tab, comes back, sends, is asked, answers."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

PASTE = """([html, plain]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", plain);
  document.querySelector("[name=body]").focus();
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
RICH = "<h2>Kirjastot</h2><p style='color: red'>Kirjastot <b>avataan</b>\n maanantaina.</p><ul><li>Lainaa</li><li>Palauta</li></ul><style>p{}</style>"


def test_from_a_pasted_text_to_an_answered_question(
    campaign, minna, alma, authority, live_site, page, browse_as, settings, tmp_path
):
    from bulletins.intake import submissions
    from bulletins.models import MessageInput

    settings.MEDIA_ROOT = tmp_path
    builders.build_topic(campaign)
    builders.build_region()
    browse_as(minna)
    with page_checks.watching(page) as faults:
        page.goto(f"{live_site}/en/inputs/new/")
        page.fill("[name=title]", "Kirjastot avataan")
        page.evaluate(PASTE, [RICH, "flat"])
        assert page.input_value("[name=body]") == ("Kirjastot\n\nKirjastot avataan maanantaina.\n\n- Lainaa\n- Palauta")
        page.check("[name=urgency][value=urgent]")
        for number in range(1, 4):
            page.click("[data-rows=sources] [data-add]")
            assert page.locator(f"[name=sources-{number}-publisher]").evaluate(
                "node => node === document.activeElement"
            )
        for name, text in (("publisher", "Ministry"), ("title", "Decision"), ("url", "https://ministry.example.org/")):
            page.fill(f"[name=sources-3-{name}]", text)
        page.click("[data-rows=facts] [data-add]")
        page.fill("[name=facts-1-text]", "Avataan maanantaina.")
        page.select_option("[name=facts-1-source]", "4")
        assert page_checks.wrong_with(page, "en") == []

        # The tab is closed, and opened again.
        page.goto("about:blank")
        page.goto(f"{live_site}/en/inputs/new/")
        expect(page.locator("[data-draft-back]")).to_be_visible()
        assert page.input_value("[name=title]") == "Kirjastot avataan"
        assert page.input_value("[name=sources-3-url]") == "https://ministry.example.org/"
        assert page.input_value("[name=facts-1-source]") == "4"
        assert page.is_checked("[name=urgency][value=urgent]")
        assert page_checks.wrong_with(page, "en") == []

        # A file that is not taken is named; the rest stays.
        bad = {"name": "plan.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
        page.set_input_files("[name=attachments]", bad)
        page_checks.follow(page.locator("[data-send]"))
        page.wait_for_selector("main [role=alert]")
        assert "plan.exe" in page.inner_text("main")
        assert page.input_value("[name=sources-3-url]") == "https://ministry.example.org/"
        assert page_checks.wrong_with(page, "en") == []
        page.set_input_files("[name=attachments]", bad | {"name": "plan.pdf", "buffer": b"%PDF-1.7"})
        page.focus("[name=title]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/sent/")
        assert page_checks.wrong_with(page, "en") == []

    row = MessageInput.objects.get()
    assert (row.urgency, row.sources.count(), row.attachments.get().name) == ("urgent", 1, "plan.pdf")
    assert row.facts.get().source == row.sources.get()
    page.goto(f"{live_site}/en/inputs/new/")
    assert page.input_value("[name=title]") == "" and not page.locator("[data-draft-back]").is_visible()

    submissions.return_with_question(row, by=alma, at=row.received_at, question="Which hour?")
    page.goto(f"{live_site}/en/inputs/{row.pk}/")
    assert "Which hour?" in page.inner_text("main") and page_checks.wrong_with(page, "en") == []
    page.fill("[name=answer]", "Nine.")
    page_checks.follow(page.locator("text=Send the answer"))
    page.wait_for_selector("text=The question was answered")
    row.refresh_from_db()
    assert (row.state, row.answer) == ("new", "Nine.")
    assert faults == []


def test_without_script_rows_are_added_and_enter_still_sends(
    campaign, minna, authority, live_site, browser, settings, tmp_path
):
    from django.test import Client

    from bulletins.models import MessageInput

    settings.MEDIA_ROOT = tmp_path
    client = Client()
    client.force_login(minna)
    context: Any = browser.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 800}, locale="en-GB"
    )
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.session.session_key, "url": live_site}])
    page = context.new_page()
    page.goto(f"{live_site}/en/inputs/new/")
    page.fill("[name=title]", "Kirjastot avataan")
    page.fill("[name=body]", "Maanantaina.")
    page_checks.follow(page.locator("text=Add a source"))
    assert page.input_value("[name=title]") == "Kirjastot avataan"
    page.fill("[name=sources-1-publisher]", "Ministry")
    page.fill("[name=sources-1-title]", "Decision")
    page.fill("[name=sources-1-url]", "https://ministry.example.org/")
    page.press("[name=sources-1-url]", "Enter")
    page.wait_for_url("**/sent/")
    context.close()
    assert MessageInput.objects.get().sources.count() == 1
