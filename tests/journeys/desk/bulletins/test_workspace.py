"""Writing a bulletin in a real browser: it saves itself, two people lose no word, and everyone can use the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bulletin(live_site: str, campaign: Any, alma: Any) -> Any:
    from bulletins.models import Snippet
    from tests.support import builders

    Snippet.objects.create(campaign=campaign, name="Number", text={"fi": "Soita 116117."})
    return builders.build_bulletin(campaign, by=alma, variants=True)


@pytest.fixture
def second(browser: Any, live_site: str, veikko: Any) -> Iterator[Any]:
    """A page in another browser, where Veikko sits."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(veikko)
    context = browser.new_context(viewport={"width": 1280, "height": 844}, locale="en-GB")
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key or "", "url": live_site}]
    )
    yield context.new_page()
    context.close()


def field(page: Any, code: str, name: str) -> Any:
    """Return a field of an edition."""
    return page.locator(f"section[data-part='edition:{code}'] [data-field={name}]")


def compose(page: Any, live_site: str, bulletin: Any) -> Any:
    """Open the compose page and wait until its script has run."""
    page.goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/change/")
    page.locator(".md:not([hidden])").first.wait_for()
    page.locator("#parity table").wait_for(state="attached")
    return page


def test_what_is_typed_saves_itself(live_site, page, bulletin, alma, browse_as):
    page.set_viewport_size({"width": 1280, "height": 844})
    compose(browse_as(alma), live_site, bulletin)
    body = field(page, "fi", "body")

    body.press("Control+End")
    with page.expect_response("**/words/*/"):
        page.keyboard.insert_text(" Bussit kulkevat.")
    page.get_by_text("Saved ").first.wait_for()
    page_checks.reach(page.get_by_text("Swedish is 1 change behind."))
    page.get_by_role("tab", name="Preview").click()
    finnish = bulletin.editions.get(language="fi")
    assert finnish.body.endswith(" Bussit kulkevat.") and finnish.revision == 2

    # Formatting by key, and a ready phrase from the list; the preview shows it before anyone asks.
    body.press("Control+End")
    body.press("Control+b")
    body.press_sequentially("heti")
    assert body.input_value().endswith("**heti**")
    page.locator("section[data-part='edition:fi'] [data-inserts-open]").click()
    page.get_by_role("option", name="Number").click()
    assert "Soita 116117." in body.input_value()
    page.frame_locator("#preview-frame").get_by_text("Soita 116117.").wait_for()
    page.select_option("#preview-as", "portal")
    page.frame_locator("#preview-frame").locator(".masthead").wait_for()

    # Too long: it says so, saves the rest, and keeps what was typed.
    field(page, "fi", "title").fill("Uusi otsikko")
    with page.expect_response(lambda answer: "/words/" in answer.url and answer.status == 422):
        field(page, "fi", "subject").fill("x" * 61)
        page.keyboard.press("Control+s")
    page.get_by_text("1 character too long").first.wait_for()
    finnish.refresh_from_db()
    assert finnish.title == "Uusi otsikko" and finnish.subject != "x" * 61
    assert field(page, "fi", "subject").input_value() == "x" * 61

    # Taken back, nothing is wrong any more.
    field(page, "fi", "subject").fill(finnish.subject)
    expect(page.locator("#saved-state")).to_have_text("Nothing to save")
    expect(field(page, "fi", "subject")).to_have_attribute("aria-invalid", "false")
    expect(page.get_by_text("1 character too long")).to_have_count(0)


def test_words_outlive_a_page_that_never_came_to_save_them(live_site, page, bulletin, alma, browse_as):
    message, finnish = bulletin.key_messages.get(), bulletin.editions.get(language="fi")
    row, caption = f"#message-{message.pk}-text-en", "#variant-fi-instagram-caption"
    compose(browse_as(alma), live_site, bulletin)
    other = compose(page.context.new_page(), live_site, bulletin)
    # What it sends on leaving may outlive it until the line is back, so it dies without a word.
    page.evaluate(
        "for (const name of ['pagehide', 'visibilitychange']) addEventListener(name, (event) => event.stopImmediatePropagation(), true)"
    )
    page.context.set_offline(True)
    field(page, "fi", "body").fill("Ei saa kadota.")
    page.get_by_text("Not saved: the desk is not responding.").first.wait_for()
    for place in (row, caption):
        page_checks.reach(page.locator(place)).fill("Eikä tämä.")
    field(other, "fi", "title").fill("Toinen välilehti")
    assert other.locator(".kept-words").count() == 0, "a page that is open has its words itself"
    page.close()
    page.context.set_offline(False)

    # Another tab is offered the words, and saving its own takes none away.
    other.locator(".kept-words").first.wait_for()
    page_checks.in_the_end(other, lambda: bulletin.editions.filter(title="Toinen välilehti").exists())
    other.close()
    again = compose(page.context.new_page(), live_site, bulletin)
    again.set_viewport_size({"width": 1280, "height": 900})
    boxes = {place: again.locator(f".field:has(> {place}) .kept-words") for place in (row, caption)}
    box = again.locator("section[data-part='edition:fi'] .kept-words")
    expect(box.locator(".kept-words__words")).to_have_text("Ei saa kadota.")
    expect(again.locator("#saved-state")).to_have_text("Earlier text is not saved")
    assert box.bounding_box()["y"] + box.bounding_box()["height"] < 900
    page_checks.until(again, "document.getElementById('step-messages').classList.contains('step--unsaved')")
    assert page_checks.barriers(again, ".language .kept-words") == []

    # What is typed next is another text, and both are there when they meet.
    body = field(again, "fi", "body")
    body.press("Control+End")
    again.keyboard.insert_text(" Uusi sana.")
    page_checks.in_the_end(again, lambda: bulletin.editions.filter(body__endswith=" Uusi sana.").exists())
    with again.expect_response(lambda answer: "/words/" in answer.url and answer.status == 409):
        box.get_by_role("button", name="Restore the text").click()
    expect(again.locator(".clash-in [data-theirs]")).to_contain_text("Uusi sana.")
    with again.expect_response("**/settle/*/"):
        again.locator(".clash-in [data-take=mine]").click()
    for place in (row, caption):
        page_checks.reach(again.locator(place))
        boxes[place].get_by_role("button", name="Restore the text").click()
        expect(boxes[place]).to_have_count(0)
    page_checks.in_the_end(again, lambda: type(message).objects.filter(pk=message.pk, text__en="Eikä tämä.").exists())
    page_checks.in_the_end(again, lambda: finnish.variants.filter(caption="Eikä tämä.").exists())
    assert bulletin.editions.get(language="fi").body == "Ei saa kadota."
    page_checks.until(again, "!Object.keys(localStorage).some((key) => key.startsWith('words '))")


def test_two_browsers_lose_no_word(live_site, page, second, bulletin, alma, veikko, browse_as):
    page.set_viewport_size({"width": 1280, "height": 844})
    for one in (page, second):
        one.clock.install()
    finnish = bulletin.editions.get(language="fi")
    compose(browse_as(alma), live_site, bulletin)
    compose(second, live_site, bulletin)

    # One begins the text and the other ends it: there is nothing to choose, and both see both.
    for one, text in ((page, f"Almán alku.\n\n{finnish.body}"), (second, f"{finnish.body}\n\nVeikon loppu.")):
        with one.expect_response(lambda answer: "/words/" in answer.url and answer.status == 200):
            field(one, "fi", "body").fill(text)
            one.keyboard.press("Control+s")
    both = f"Almán alku.\n\n{finnish.body}\n\nVeikon loppu."
    expect(second.locator("#saved-state")).to_contain_text("Other people's changes are in it too.")
    expect(field(second, "fi", "body")).to_have_value(both)
    assert bulletin.editions.get(language="fi").body == both
    with page.expect_response("**/here/"):
        page.clock.fast_forward("00:10")
    expect(field(page, "fi", "body")).to_have_value(both)

    with page.expect_response("**/words/*/"):
        field(page, "fi", "body").fill("Almán teksti.")
        page.keyboard.press("Control+s")
    page.get_by_text("Saved ").first.wait_for()
    with second.expect_response(lambda answer: "/words/" in answer.url and answer.status == 409):
        field(second, "fi", "body").fill("Veikon teksti.")
        second.keyboard.press("Control+s")

    # Both texts are there; nothing of hers is gone.
    clash = second.locator(".clash-in")
    clash.wait_for()
    assert clash.locator("[data-theirs]").inner_text() == "Almán teksti."
    assert clash.locator("[data-mine]").inner_text() == "Veikon teksti."
    finnish = bulletin.editions.get(language="fi")
    assert finnish.body == "Almán teksti."
    assert page_checks.barriers(second, ".clash-in") == []
    with second.expect_response("**/settle/*/"):
        clash.get_by_role("button", name="Use mine").click()
    finnish.refresh_from_db()
    assert finnish.body == "Veikon teksti."
    assert bulletin.set_aside.get().settled_at

    # Hers follows by itself, because she has not touched it since; and she sees that he is here: both pages ask every 10 s.
    for one in (second, page):
        with one.expect_response("**/here/"):
            one.clock.fast_forward("00:10")
    page_checks.until(page, "document.querySelector('[data-field=body][lang=fi]').value === 'Veikon teksti.'")
    page.get_by_text("Veikko is here, in Finnish").wait_for()


@pytest.mark.parametrize(
    ("choice", "bar", "kept"),
    [("theirs", "Nothing to save", "Almán teksti."), ("both", "Saved ", "Almán teksti.\n\n{or} Veikon teksti.")],
)
def test_after_a_choice_between_two_texts_the_bar_says_how_it_stands(
    choice, bar, kept, live_site, page, second, bulletin, alma, browse_as
):
    compose(browse_as(alma), live_site, bulletin)
    compose(second, live_site, bulletin)
    for one, text in ((page, "Almán teksti."), (second, "Veikon teksti.")):
        with one.expect_response("**/words/*/"):
            field(one, "fi", "body").fill(text)
            one.keyboard.press("Control+s")
    page_checks.until(second, "document.querySelector('#saved-state').textContent.includes('choose one')")

    with second.expect_response("**/settle/*/"):
        second.locator(f".clash-in [data-take={choice}]").click()

    page_checks.until(second, f"document.querySelector('#saved-state').textContent.startsWith('{bar}')")
    assert bulletin.editions.get(language="fi").body == kept

    # Ctrl+Z takes back what was typed here, and never her words.
    if choice == "both":
        second.locator(".cm-content[lang=fi]").focus()
        for _time in range(3):
            second.keyboard.press("Control+z")
        with second.expect_response("**/words/*/"):
            second.keyboard.press("Control+s")
        assert "Almán teksti." in bulletin.editions.get(language="fi").body


def test_a_review_is_voided_by_an_edit_and_not_by_looking(live_site, page, campaign, alma, browse_as):
    from tests.support import builders

    bulletin = builders.build_bulletin_in_review(campaign, by=alma)
    browse_as(alma).goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/change/")
    assert field(page, "fi", "body").get_attribute("readonly") is not None

    page.get_by_role("link", name="Edit (takes it out of review)").click()
    page.locator(".md:not([hidden])").first.wait_for()
    bulletin.refresh_from_db()
    assert bulletin.state == "in_review"
    with page.expect_response("**/words/*/"):
        field(page, "fi", "title").fill("Kirjastot avataan tiistaina")
        page.keyboard.press("Control+s")

    page.get_by_text("its review has been cancelled").first.wait_for()
    bulletin.refresh_from_db()
    assert bulletin.state == "draft"


def test_everybody_can_use_the_page(live_site, page, bulletin, alma, browse_as, noon):
    from bulletins.editing import drafts

    finnish = bulletin.editions.get(language="fi")
    finnish.body += "\n\nMyös bussit."
    drafts.save_edition(finnish, by=alma, at=noon)
    with page_checks.watching(page) as faults:
        compose(browse_as(alma), live_site, bulletin)
        page.locator(".history summary").first.click()
        page.get_by_role("button", name="Restore 1").wait_for()
        page_checks.settled(page)
        for step in page.locator(".step").all():
            step.click()
            for width in (page_checks.DESKTOP, page_checks.NARROW):
                assert page_checks.width_of(page, width) <= width
            assert page_checks.barriers(page, "#compose") == []
    assert faults == []
