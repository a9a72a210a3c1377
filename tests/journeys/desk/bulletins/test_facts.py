"""A date that changed, in a real browser: from the published bulletin to the submitted correction."""

import os
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

BODY = {
    "fi": "Keitä vesi {fi} asti.\n\nNeuvonta vastaa klo 8–16.",
    "sv": "Koka vattnet till {sv}.\n\nRådgivningen svarar kl. 8–16.",
    "en": "Boil the water until {en}.\n\nAdvice answers from 8 a.m. to 4 p.m.",
}
MONTHS = {
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}


def written(day, code):
    month = MONTHS[code].split()[day.month - 1]
    return f"{day.day}. {month}" if code == "fi" else f"{day.day} {month}"


@pytest.fixture
def scene(live_site, browse_as, page):
    from bulletins.editing import drafts
    from bulletins.publication import publish
    from tests.support import builders

    now = timezone.now()
    campaign = builders.build_campaign()
    alma, oskar = builders.build_user("alma", "editor"), builders.build_user("oskar", "approver")
    builders.build_audience(campaign, size=6, cadence="day")
    bulletin = builders.build_bulletin(campaign, by=alma, at=now, variants=True)
    day = now.date() + timedelta(days=5)
    said = {code: written(day, code) for code in BODY}
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.body = BODY[edition.language].format(**said)
        drafts.save_edition(edition, by=alma, at=now)
        edition.variants.update(caption=BODY[edition.language].format(**said).partition("\n")[0])
    publish.publish(builders.approved(bulletin, by=alma, approver=oskar, at=now), at=now)
    browse_as(alma)
    return page, live_site, bulletin, day


def look(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def wrong_at_each_width(page, width):
    """Return what is wrong with the open page on a phone and on a desktop; it is `width` wide again then."""
    wrong = []
    for one in sorted({page_checks.PHONE, page_checks.DESKTOP}, key=lambda one: one == width):
        wrong += page_checks.too_wide(page, one) + page_checks.barriers(page, ".cb")
    return wrong


# One of the two ways goes on a phone, the other on a desktop; what they come to is looked at in both.


def test_a_changed_date_is_a_submitted_correction_after_six_clicks(scene):
    from bulletins.models import Bulletin

    page, site, bulletin, day = scene
    width = page_checks.DESKTOP
    began = time.monotonic()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{site}/desk/bulletins/bulletin/{bulletin.pk}/change/")
    page_checks.settled(page)
    look(page, f"facts-pane-{width}")
    clicks = 0

    def click(place):
        nonlocal clicks
        place.click()
        clicks += 1

    pane = page.locator(".facts-pane")
    row = pane.locator(".factlist > li").filter(has_text=f"{day.day} {MONTHS['en'].split()[day.month - 1]}").first
    click(row.locator("summary"))
    click(row.get_by_role("link", name="Change this fact"))
    later = day + timedelta(days=2)
    page.get_by_label("New value").fill(written(later, "en"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="places, as they will read")).to_be_visible()
    look(page, f"fact-change-{width}")
    assert wrong_at_each_width(page, width) == []
    click(page.get_by_role("button", name="Open a correction with"))
    page_checks.settled(page)
    look(page, f"fact-changed-{width}")
    click(page.get_by_role("button", name="Submit for approval"))
    page_checks.settled(page)

    now = Bulletin.objects.get(pk=bulletin.pk)
    assert (now.state, now.kind) == ("in_review", "correction")
    texts = [edition.body for edition in now.editions.all()]
    assert all(written(later, edition.language) in edition.body for edition in now.editions.all()), texts
    assert clicks <= 6 and time.monotonic() - began < 60


def test_a_weekday_alone_a_source_and_a_number_that_becomes_one_are_seen_before_they_change(scene):
    page, site, bulletin, day = scene
    width = page_checks.PHONE
    name = f"{day:%A}"
    draft = draft_with(
        bulletin,
        f"On {name} we take samples. At most ten people may come.\n\nSource: Nokia, {written(day, 'en')}\n\n{PRICES}",
    )
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{site}/desk/bulletins/bulletin/{draft.pk}/facts/")
    look(page, f"facts-{width}")
    assert wrong_at_each_width(page, width) == []

    narrow = page.get_by_role("search", name="Narrow the list of facts")
    narrow.get_by_label("Kind").select_option(label="amounts of money")
    expect(page.locator(".factlist > li:visible")).to_have_count(12)
    narrow.get_by_label("Words").fill("no 27")
    expect(narrow.get_by_role("status")).to_contain_text("0 of")
    narrow.get_by_label("Words").fill("27")
    expect(page.locator(".factlist > li:visible")).to_have_count(1)
    look(page, f"facts-narrowed-{width}")
    narrow.get_by_label("Words").fill("")
    narrow.get_by_label("Kind").select_option("")

    later = day + timedelta(days=2)
    row = page.locator(".factlist > li").filter(has_text=f"{day.day} {MONTHS['en'].split()[day.month - 1]}").first
    row.locator("summary").click()
    row.get_by_role("link", name="Change this fact").click()
    page.get_by_label("New value").fill(written(later, "en"))
    page.keyboard.press("Enter")
    place = page.locator(".fact__changes > li").filter(has_text="English, text")
    ticks = place.get_by_role("checkbox")
    expect(ticks).to_have_count(3)
    assert [ticks.nth(number).is_checked() for number in range(3)] == [True, True, False]
    expect(place).to_contain_text("It stands in a source.")
    look(page, f"fact-mentions-{width}")
    assert wrong_at_each_width(page, width) == []
    for narrow in (width, page_checks.NARROW):
        page_checks.width_of(page, narrow)
        assert page_checks.covered(page) == [], "what a key leads to is not under the presses below"
    page_checks.width_of(page, width)
    page.get_by_role("button", name="Change it to").click()
    page_checks.settled(page)
    body = draft.editions.get(language="en").body
    assert f"On {later:%A} we" in body and f"Source: Nokia, {written(day, 'en')}" in body

    page.goto(f"{site}/desk/bulletins/bulletin/{draft.pk}/facts/change/?fact=number:10&to=1")
    expect(page.get_by_text("may not fit it any more")).to_be_visible()
    expect(page.locator(".fact__changes textarea:visible")).to_have_count(1)
    look(page, f"fact-agreement-{width}")


PRICES = f"Bottles cost {', '.join(f'{euros} euros' for euros in range(20, 32))}."


def draft_with(bulletin, more):
    """Return a draft whose English text says what the published one says, and more."""
    from bulletins.editing import drafts
    from tests.support import builders

    alma, now = builders.editor(), timezone.now()
    made = builders.build_bulletin(bulletin.campaign, by=alma, at=now)
    for edition in made.editions.all():
        edition.body = bulletin.editions.get(language=edition.language).body
        if edition.language == "en":
            edition.body += f"\n\n{more}"
        drafts.save_edition(edition, by=alma, at=now)
    return made


TOLD = {
    "fi": "Keitä vesi {fi} klo {hour} asti.\n\nKysy numerosta {phone}.",
    "sv": "Koka vattnet till {sv} kl. {hour}.\n\nFråga på numret {phone}.",
    "en": "Boil the water until {hour}:00 on {en}.\n\nAsk on {phone}.",
}


def told(code, day, hour, phone):
    return TOLD[code].format(**{code: written(day, code)}, hour=hour, phone=phone)


@pytest.fixture
def updated(live_site, browse_as, page):
    """A bulletin that was made of a submission and published, and an update of that: another day, hour and phone number."""
    from bulletins.editing import drafts
    from bulletins.intake import submissions
    from bulletins.publication import publish
    from tests.support import builders

    now = timezone.now()
    campaign = builders.build_campaign()
    alma, oskar = builders.build_user("alma", "editor"), builders.build_user("oskar", "approver")
    builders.build_audience(campaign, size=6, cadence="day")
    day = now.date() + timedelta(days=5)
    first = builders.build_input(
        campaign, at=now, language="en", title="Boil the water", body=told("en", day, 18, "03 565 8000")
    )
    bulletin = builders.build_bulletin(campaign, by=alma, at=now, inputs=[first])
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.body = told(edition.language, day, 18, "03 565 8000")
        drafts.save_edition(edition, by=alma, at=now)
    publish.publish(builders.approved(bulletin, by=alma, approver=oskar, at=now), at=now)
    newer = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=now, title="Boil the water longer",
        body=told("en", day + timedelta(days=2), 20, "03 565 8111"), language="en", urgency="urgent", replaces=first,
    )  # fmt: skip
    browse_as(alma)
    return page, live_site, bulletin, newer


def test_an_update_of_date_hour_and_phone_is_a_submitted_correction_after_six_clicks(updated):
    from bulletins.models import Bulletin

    page, site, bulletin, newer = updated
    width = page_checks.PHONE
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{site}/desk/")
    page_checks.settled(page)
    expect(page.get_by_text(f"used in bulletin {bulletin.number}.")).to_be_visible()
    look(page, f"update-today-{width}")
    clicks = 0

    def click(place):
        nonlocal clicks
        page_checks.follow(place)
        clicks += 1

    click(page.get_by_role("link", name=newer.title).first)
    look(page, f"update-{width}")
    assert page_checks.width_of(page, width) <= width and page_checks.barriers(page, ".cb") == []
    click(page.get_by_role("link", name=f"Propose it in bulletin {bulletin.number}"))
    look(page, f"update-date-{width}")
    # What the foot of the page covers is no target there. The key End would still be scrolling when axe looks.
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    assert page_checks.width_of(page, width) <= width and page_checks.barriers(page, ".cb") == []
    assert page.locator(".fact__changes .tick > input").first.bounding_box()["width"] >= 24
    click(page.get_by_role("button", name="Open a correction with"))
    look(page, f"update-hour-{width}")
    click(page.get_by_role("button", name="Change it to"))
    expect(page.get_by_role("button", name="Change it to 03 565 8111")).to_be_visible()
    click(page.get_by_role("button", name="Change it to"))
    page_checks.settled(page)
    look(page, f"update-check-{width}")
    click(page.get_by_role("button", name="Submit and notify approvers"))

    now = Bulletin.objects.get(pk=bulletin.pk)
    assert (now.state, now.kind) == ("in_review", "correction")
    assert {one.language: one.body for one in now.editions.all()} == {
        code: told(code, now.created_at.date() + timedelta(days=7), 20, "03 565 8111") for code in TOLD
    }
    assert all("18" not in text.rpartition(":")[2] and "03 565 8111" in text for text in now.what_changed.values())
    assert clicks == 6


def test_what_is_new_in_an_update_goes_where_the_caret_was_and_among_the_key_messages(live_site, browse_as, page):
    from bulletins.editing import drafts
    from bulletins.intake import submissions
    from tests.support import builders

    now = timezone.now()
    campaign, alma = builders.build_campaign(), builders.build_user("alma", "editor")
    first = builders.build_input(campaign, at=now, language="fi", title="Vesi", body="Keitä vesi.")
    bulletin = builders.build_bulletin(campaign, by=alma, at=now, inputs=[first])
    finnish = bulletin.editions.get(language="fi")
    finnish.body = "Keitä vesi. Kiitos."
    drafts.save_edition(finnish, by=alma, at=now)
    newer = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=now, title="Vesi", body="Keitä vesi.",
        language="fi", replaces=first, facts=[{"text": "Kaivot ovat turvallisia."}, {"text": "Vettä jaetaan torilla."}],
    )  # fmt: skip
    browse_as(alma)
    page.set_viewport_size({"width": page_checks.PHONE, "height": 844})
    page.goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/facts/new/?update={newer.pk}")
    look(page, "update-new-390")
    assert (
        page_checks.width_of(page, page_checks.PHONE) <= page_checks.PHONE and page_checks.barriers(page, ".cb") == []
    )
    page.set_viewport_size({"width": page_checks.DESKTOP, "height": 844})
    look(page, "update-new-1280")
    page.goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/change/")
    page.locator(".md:not([hidden])").first.wait_for()
    page.get_by_role("tab", name="Facts").click()
    new = page.locator(".fact__new")
    expect(new).to_contain_text("Kaivot ovat turvallisia.")
    look(page, "facts-new-1280")
    assert page_checks.barriers(page, ".facts-pane") == []

    text = page.get_by_role("textbox", name="Text (Markdown)").locator("visible=true").first
    text.focus()
    page.keyboard.press("Control+Home")
    for _word in "Keitä", "vesi.":
        page.keyboard.press("Control+ArrowRight")
    page.keyboard.type(" ")
    new.get_by_role("button", name="Insert at the caret").first.click()
    expect(page.locator(f"#f-{finnish.pk}-body")).to_have_value(
        re.compile(r"Keitä vesi\.? ?Kaivot ovat turvallisia\..*Kiitos")
    )
    expect(new).not_to_contain_text("Kaivot ovat", timeout=20_000)

    page_checks.follow(new.get_by_role("button", name="Add as a key message"))
    expect(page.get_by_text("Added as the last key message")).to_be_visible()
    expect(page.locator("#rows-messages form").last.locator("textarea").first).to_be_visible()
    assert bulletin.key_messages.last().text == {"fi": "Vettä jaetaan torilla."}
