"""The desk's whole way by keyboard alone: from a submission to submitted, approved, and a changed fact corrected. No mouse is there."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, expect

from benchmarks.pages.night import KEY_MESSAGE, KEY_MESSAGES, TEXTS, written
from bulletins.models import Bulletin
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]

# What has the focus: whether it is one of these places or in one, its name, and what keeps somebody from seeing it.
FOCUSED = """(places) => {
  const one = document.activeElement;
  if (!one || one === document.body) return {here: false, name: "nothing", unseen: ""};
  const here = places.some((place) => place.contains(one));
  const name = (one.getAttribute("aria-label") || one.textContent || one.name || one.id || one.className || one.tagName).replace(/\\s+/g, " ").trim().slice(0, 60);
  const frame = one.tagName === "IFRAME";
  const {left, top, right, bottom, width, height} = one.getBoundingClientRect();
  const style = getComputedStyle(one), inner = one.closest(".cm-editor") && getComputedStyle(one.closest(".cm-editor"));
  const ring = (look) => look && ((look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== "none");
  if (!width || !height || bottom <= 0 || top >= innerHeight || right <= 0 || left >= innerWidth) return {here, name, unseen: "out of sight"};
  if (!frame && !ring(style) && !ring(inner) && !ring(getComputedStyle(one.parentElement)) && !ring(one.nextElementSibling && getComputedStyle(one.nextElementSibling)))
    return {here, name, unseen: "no ring"};
  const at = document.elementFromPoint(Math.max(left, 0) + Math.min(width, 24) / 2, Math.min(Math.max(top, 0) + Math.min(height, 24) / 2, innerHeight - 1));
  const seen = !at || one.contains(at) || at.contains(one) || at.closest("label")?.contains(one) || at.closest("label")?.control === one;
  return {here, name, unseen: seen ? "" : `behind ${at.id || at.className || at.tagName}`};
}"""


class Keyboard:
    """Somebody's keys. Whatever gets the focus on the way has to be seen; `unseen` says what was not."""

    def __init__(self, page: Any) -> None:
        self.page, self.keys, self.unseen, self.presses = page, page.keyboard, set(), 0

    def press(self, key: str) -> None:
        self.keys.press(key)
        self.presses += 1

    def go_to(self, place: Locator, *, most: int = 90) -> None:
        """Press Tab until a place has the focus."""
        way = []
        for _press in range(most):
            self.press("Tab")
            here = place.evaluate_all(FOCUSED)
            way.append(here["name"])
            if here["unseen"]:
                self.unseen.add(f"{here['name']}: {here['unseen']}")
            if here["here"]:
                return
        raise AssertionError(f"{place} is not reached: {way[-25:]}")

    def enter(self, place: Locator, *, leads_on: bool = False, **how: Any) -> None:
        """Go to a place and press Enter there; wait for the page that it leads to."""
        self.go_to(place, **how)
        if leads_on:
            with self.page.expect_navigation():
                self.press("Enter")
            page_checks.settled(self.page)
        else:
            self.press("Enter")

    def write(self, place: Locator, words: str, **how: Any) -> None:
        """Go to a field and write into it, over what stands there."""
        self.go_to(place, **how)
        self.press("Control+a")
        self.keys.insert_text(words)


def test_from_a_submission_to_its_correction_by_keyboard_alone(browse_as, live_site, campaign, alma, oskar):
    now = timezone.now()
    day = now.date() + timedelta(days=4)
    builders.build_audience(campaign, size=6)
    title, body = TEXTS["fi"]
    builders.build_input(
        campaign,
        at=now,
        title=title,
        body=body.format(day=written(day, "fi")).replace("**", ""),
        urgency="urgent",
        facts=[{"text": KEY_MESSAGE}],
    )
    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 800})
    person = Keyboard(page)

    # From Today to a bulletin in the making.
    page.goto(f"{live_site}/desk/")
    page_checks.settled(page)
    person.enter(page.get_by_role("link", name="Skip to content"), most=1)
    person.enter(page.get_by_role("link", name="Open").first, leads_on=True)
    person.enter(page.get_by_role("button", name="Start a bulletin from this"), leads_on=True)

    # Three languages, key messages, channels; each step by its shortcut, with the focus in it.
    for code, name in (("sv", "Swedish"), ("en", "English")):
        person.press("Alt+1")
        person.enter(page.locator("#views").get_by_role("button", name=name))
        part = page.locator(f"section[data-part='edition:{code}']")
        title, body = TEXTS[code]
        person.write(part.locator("[name=title]"), title)
        person.write(part.locator("[name=subject]"), title)
        person.write(part.locator(".cm-content"), body.format(day=written(day, code)))
        expect(part.locator("[name=body]")).to_have_value(body.format(day=written(day, code)))
    person.press("Alt+2")
    row = page.locator("#rows form[aria-label='Key message 1']")
    for code, words in KEY_MESSAGES.items():
        person.write(row.locator(f"[name=text-{code}]"), words)
    person.press("Alt+3")
    start = page.get_by_role("button", name="Start all channels in all languages")
    person.enter(start)
    expect(page.locator("#variants [role=status]").first).to_contain_text("started from the bulletin")
    expect(start).to_be_focused()

    # Checked and submitted.
    person.press("Alt+6")
    submit = page.get_by_role("button", name="Submit and notify approvers")
    page.locator("#findings").get_by_text("No problems found.").or_(page.locator("#findings .stops")).first.wait_for()
    person.enter(submit, leads_on=True)
    bulletin = Bulletin.objects.get()
    assert bulletin.state == "in_review"

    # Approved by somebody else: a dialog that takes the focus, gives it back on Escape, and does what it says.
    browse_as(oskar)
    page.goto(f"{live_site}{reverse('admin:bulletins_bulletin_read', args=[bulletin.pk])}")
    page_checks.settled(page)
    approve = page.get_by_role("button", name="Approve…")
    person.enter(approve, most=200)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    person.press("Escape")
    expect(dialog).to_be_hidden()
    expect(approve).to_be_focused()
    person.press("Enter")
    person.enter(page.locator("#press-yes button[type=submit]"), leads_on=True, most=9)
    bulletin.refresh_from_db()
    assert bulletin.state == "published"

    # The date changes: as one fact, and as a submitted correction.
    browse_as(alma)
    page.goto(f"{live_site}{reverse('admin:bulletins_bulletin_change', args=[bulletin.pk])}")
    page_checks.settled(page)
    fact = page.locator(".facts-pane .factlist > li").filter(has_text=written(day, "en")).first
    person.enter(fact.locator("summary"), most=120)
    person.enter(fact.get_by_role("link", name="Change this fact"), leads_on=True, most=5)
    value = page.get_by_label("New value")
    if not value.evaluate("(one) => one === document.activeElement"):
        person.go_to(value)
    person.press("Control+a")
    page.keyboard.insert_text(written(day + timedelta(days=2), "en"))
    with page.expect_navigation():
        person.press("Enter")
    page_checks.settled(page)
    person.write(page.get_by_label("Where does the new value come from?"), "Nokian kaupunki, puhelimessa klo 2.40")
    person.enter(page.get_by_role("button", name="Open a correction with"), leads_on=True)
    person.enter(page.get_by_role("button", name="Submit and notify approvers"), leads_on=True, most=150)

    bulletin.refresh_from_db()
    assert (bulletin.state, bulletin.kind) == ("in_review", "correction")
    assert all(written(day + timedelta(days=2), one.language) in one.body for one in bulletin.editions.all())
    assert sorted(person.unseen) == [] and person.presses < 900
