"""
The night of Nokia, in a browser: boil the water, from the authority's phone to the correction of a date that changed, and of all that
an update of the authority changes and adds.

Everything that somebody presses is counted, and every box that somebody fills in. The texts are pasted, as from a translator's
mail. NIGHT_FILM names a folder for a picture of each moment.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks import environment, programs

PEOPLE = 2_100
LETTERS = 20_000
KEYS = "the water is boiled"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
TEXTS = {
    "fi": (
        "Keitä vesi Nokian keskustassa",
        (
            "Keitä vesi ennen kuin juot sitä tai teet siitä ruokaa. Kiehuta vähintään **5 minuuttia**.\n\n"
            "Kehotus koskee Nokian keskustaa ja on voimassa **{day}** asti.\n\n"
            "- Puhdasta vettä saa Nokian torilta klo 7–22.\n- Neuvonta vastaa numerossa 03 565 2000."
        ),
    ),
    "sv": (
        "Koka vattnet i Nokia centrum",
        (
            "Koka vattnet innan du dricker det eller lagar mat av det. Låt det koka i minst **5 minuter**.\n\n"
            "Uppmaningen gäller Nokia centrum till **{day}**.\n\n"
            "- Rent vatten finns på Nokia torg kl. 7–22.\n- Rådgivningen svarar på 03 565 2000."
        ),
    ),
    "en": (
        "Boil the water in central Nokia",
        (
            "Boil the water before you drink it or cook with it. Let it boil for at least **5 minutes**.\n\n"
            "This applies to central Nokia until **{day}**.\n\n"
            "- Clean water is given out at Nokia market square from 7 a.m. to 10 p.m.\n- Advice: 03 565 2000."
        ),
    ),
}
KEY_MESSAGE = "Keitä vesi vähintään 5 minuuttia."
KEY_MESSAGES = {"sv": "Koka vattnet i minst 5 minuter.", "en": "Boil the water for at least 5 minutes."}
NEW = {"fi": "Tuokaa omat astiat.", "sv": "Ta med egna kärl.", "en": "Bring your own containers."}
MONTHS = {
    "fi": "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}


class Hand:
    """Somebody's hand on mouse, screen or keyboard: does what is asked, and counts."""

    def __init__(self, browser: Any, site: str, session: str, window: dict[str, int]) -> None:
        from django.conf import settings

        self.clicks = self.fields = 0
        context = browser.new_context(viewport=window, locale="en-GB", has_touch=window == PHONE)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
        context.set_default_timeout(30_000)
        self.page = context.new_page()
        self.site = site

    def open(self, path: str) -> None:
        """Open a page, from a mail or a bookmark."""
        self.page.goto(self.site + path)
        self.settle()

    def press(self, place: Any, *, leads_on: bool = False) -> None:
        """Press something once; wait for the next page if it `leads_on`."""
        self.clicks += 1
        if leads_on:
            with self.page.expect_navigation():
                place.click()
        else:
            place.click()
        self.settle()

    def fill(self, place: Any, words: str) -> None:
        """Fill in, or paste into, a box."""
        self.fields += 1
        place.fill(words)

    def settle(self) -> None:
        """Wait until the page and the parts that it fetches are there."""
        from tests.journeys import page_checks

        page_checks.settled(self.page)

    def look(self, name: str) -> None:
        """Keep a picture."""
        if film := os.environ.get("NIGHT_FILM"):
            self.page.screenshot(path=Path(film) / f"{name}.png", full_page=True)


def night() -> dict[str, Any]:
    """
    Walk the night as contributor, editor and approver; return what was pressed, filled in and waited for.

    `clicks` and `fields` are from Today with the submission on it to "submitted", in three languages and for three platforms;
    `correction_clicks` and `correction_s` from the published bulletin to the submitted correction of its date;
    `update_clicks`, `update_fields` and `update_s` from Today with an update on it, of a date, two hours, a telephone number and with a sentence
    that is new, to the submitted correction; `approval_taps` from the page that the approver's mail leads to. Nobody has to prove again who they are.
    """
    from django.conf import settings
    from django.utils import timezone
    from playwright.sync_api import sync_playwright

    from operations import process_supervisor
    from tests.support import system_parts

    from .portal import FLAGS

    programs.ensure("Chromium", "fonts")
    sessions, long = build()
    port = process_supervisor.free_port(8800)
    origin = f"http://localhost:{port}"
    ways = {"SECOND_FACTOR": "false", "PUBLIC_URL": origin}
    with environment.web_server(port, settings.WEB_PROCESSES, **ways), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=system_parts.chromium_program(), args=FLAGS)

        def sits_down(name: str, window: dict[str, int]) -> Hand:
            return Hand(chromium, origin, sessions[name], window)

        found, path = walk(sits_down, timezone.localdate() + timedelta(days=4))
        weight = weigh(sits_down("alma", DESKTOP), path)
        keys = press_keys(sits_down("alma", DESKTOP), long)
        chromium.close()
    return {**found, "editor_kb": weight, "first_key_ms": keys[0], "worst_key_ms": max(keys)}


def walk(sits_down: Callable[[str, dict[str, int]], Hand], day: date) -> tuple[dict[str, Any], str]:
    """Let the people of the night do their parts; return what was counted, and the bulletin's address."""
    with timed() as contributing:
        contributor = sits_down("minna", PHONE)
        send_in(contributor, day)
    with timed() as composing:
        editor = sits_down("alma", DESKTOP)
        path = compose(editor, day)
    with timed() as approving:
        approver = sits_down("oskar", PHONE)
        approve(approver, path)
    with timed() as correcting:
        corrector = sits_down("alma", DESKTOP)
        correct(corrector, path, day)
    approve(sits_down("oskar", PHONE), path)
    send_update(sits_down("minna", PHONE), day)
    with timed() as updating:
        updater = sits_down("alma", DESKTOP)
        correct_by_update(updater)
    return {
        "contributor_clicks": contributor.clicks,
        "contributor_fields": contributor.fields,
        "contributor_s": contributing(),
        "clicks": editor.clicks,
        "fields": editor.fields,
        "editor_s": composing(),
        "approval_taps": approver.clicks,
        "approval_s": approving(),
        "correction_clicks": corrector.clicks,
        "correction_fields": corrector.fields,
        "correction_s": correcting(),
        "update_clicks": updater.clicks,
        "update_fields": updater.fields,
        "update_s": updating(),
    }, path


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Give a function that says how many seconds the block took."""
    began = time.monotonic()
    ended: list[float] = []
    yield lambda: round(ended[0] - began, 1)
    ended.append(time.monotonic())


def build() -> tuple[dict[str, str], str]:
    """
    Make a campaign with readers in three languages, the people of the night, and a draft of 20,000 letters; return people's
    sessions by name, and the draft's address.
    """
    from django.core.management import call_command
    from django.urls import reverse

    from accounts.access import permissions
    from campaigns.models import AuthorityMember
    from tests.support import builders

    call_command("collectstatic", interactive=False, verbosity=0)
    permissions.sync()
    campaign = builders.build_campaign()
    builders.build_audience(campaign, size=PEOPLE)
    people = {
        "minna": builders.build_user("minna", "contributor"),
        "alma": builders.build_user("alma", "editor"),
        "oskar": builders.build_user("oskar", "approver"),
    }
    AuthorityMember.objects.create(authority=builders.build_authority(), user=people["minna"])
    edition = builders.build_bulletin(campaign, by=people["alma"]).editions.get(language="fi")
    paragraph = TEXTS["fi"][1] + "\n\n"
    edition.body = paragraph * (LETTERS // len(paragraph) + 1)
    edition.save()
    path = reverse("admin:bulletins_bulletin_change", args=[edition.bulletin_id])
    return {name: session_of(user) for name, user in people.items()}, path


def session_of(user: Any) -> str:
    """Return the key of the session of somebody who has just logged in with a second factor."""
    from django.test import Client

    from tests.accounts.login import login_proofs

    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    login_proofs.prove(client, user, "code", "totp", minutes_ago=0)
    return client.session.session_key or ""


def written(day: date, code: str) -> str:
    """Return a day of the month as a text of that language says it."""
    month = MONTHS[code].split()[day.month - 1]
    return f"{day.day}. {month}kuuta" if code == "fi" else f"{day.day} {month}"


# --- What each of them does ----------------------------------------------------------------------------------------


def send_in(hand: Hand, day: date) -> None:
    """The ministry's officer sends the message in, from a phone."""
    page = hand.page
    hand.open("/fi/inputs/new/")
    title, body = TEXTS["fi"]
    hand.fill(page.locator("[name=title]"), title)
    hand.fill(page.locator("[name=body]"), body.format(day=written(day, "fi")).replace("**", ""))
    hand.press(page.locator("label:has([name=urgency][value=urgent])"))
    for name, words in (
        ("publisher", "Nokian kaupunki"),
        ("title", "Keittokehotus"),
        ("url", "https://example.org/vesi"),
    ):
        hand.fill(page.locator(f"[name=sources-0-{name}]"), words)
    hand.fill(page.locator("[name=facts-0-text]"), KEY_MESSAGE)
    hand.look("1 the message")
    hand.press(page.locator("[data-send]"), leads_on=True)


def compose(hand: Hand, day: date) -> str:
    """The editor makes a bulletin of it and submits it; return its address."""
    page = hand.page
    hand.open("/desk/")
    hand.look("2 today")
    hand.press(page.get_by_role("link", name="Open").first, leads_on=True)
    hand.press(page.get_by_role("button", name="Start a bulletin from this"), leads_on=True)
    hand.look("3 started")
    for code, name in (("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")):
        part = page.locator(f"section[data-part='edition:{code}']")
        if not part.is_visible():
            hand.press(page.get_by_role("button", name=name).first)
        title, body = TEXTS[code]
        hand.fill(part.locator("[name=title]"), title)
        hand.fill(part.locator("[name=body]"), body.format(day=written(day, code)))
        if not part.locator("[name=subject]").input_value():
            hand.fill(part.locator("[name=subject]"), title)
    hand.look("4 written")
    hand.press(page.locator("#step-messages"))
    row = page.locator("#rows form[aria-label='Key message 1']")
    for code, words in KEY_MESSAGES.items():
        hand.fill(row.locator(f"[name=text-{code}]"), words)
    hand.look("5 key messages")
    hand.press(page.locator("#step-channels"))
    hand.press(page.get_by_role("button", name="Start all channels in all languages"))
    hand.look("6 channels")
    hand.press(page.locator("#step-check"))
    submit = page.get_by_role("button", name="Submit and notify approvers")
    page.locator("#findings").get_by_text("No problems found.").or_(page.locator("#findings .stops")).first.wait_for()
    hand.look("7 checked")
    hand.press(submit, leads_on=True)
    hand.look("8 submitted")
    return page.url.removeprefix(hand.site).partition("#")[0]


def approve(hand: Hand, path: str) -> None:
    """The approver opens what their mail links to, on a phone, and approves it."""
    hand.open(path.replace("/change/", "/read/"))
    hand.look("9 to approve")
    hand.press(hand.page.get_by_role("button", name="Approve…"))
    hand.look("10 last question")
    hand.press(hand.page.locator("#press-yes button[type=submit]"), leads_on=True)
    hand.look("11 approved")


def correct(hand: Hand, path: str, day: date) -> None:
    """The date changes: the editor changes the fact, which opens the correction, and submits it."""
    page = hand.page
    hand.open(path)
    hand.look("12 published")
    row = page.locator(".facts-pane .factlist > li").filter(has_text=written(day, "en")).first
    if not row.is_visible():
        hand.press(page.get_by_role("tab", name="Facts"))
    hand.press(row.locator("summary"))
    hand.press(row.get_by_role("link", name="Change this fact"), leads_on=True)
    hand.fill(page.get_by_label("New value"), written(day + timedelta(days=2), "en"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="places, as they will read").wait_for()
    hand.fill(page.get_by_label("Where does the new value come from?"), "Nokian kaupunki, puhelimessa klo 2.40")
    hand.look("13 as it will read")
    hand.press(page.get_by_role("button", name="Open a correction with"), leads_on=True)
    hand.look("14 correction")
    hand.press(page.get_by_role("button", name="Submit and notify approvers"), leads_on=True)
    hand.look("15 submitted")


def send_update(hand: Hand, day: date) -> None:
    """The officer sends an update: another day, other hours, another number, and a sentence that is new."""
    page = hand.page
    hand.open("/fi/inputs/")
    hand.press(page.locator("main a", has_text=TEXTS["fi"][0]).first, leads_on=True)
    hand.press(page.locator("a[href*='update=']").first, leads_on=True)
    body = TEXTS["fi"][1].format(day=written(day + timedelta(days=4), "fi")).replace("**", "")
    for was, now in (("klo 7–22", "klo 8–20"), ("03 565 2000", "03 565 2111")):
        assert was in body
        body = body.replace(was, now)
    hand.fill(page.locator("[name=body]"), f"{body} {NEW['fi']}")
    hand.look("16 the update")
    hand.press(page.locator("[data-send]"), leads_on=True)


def correct_by_update(hand: Hand) -> None:
    """The editor goes through what the update changes, words what is new, and submits the correction."""
    page = hand.page
    hand.open("/desk/")
    hand.look("17 today")
    hand.press(page.get_by_role("link", name="Open").first, leads_on=True)
    hand.look("18 the update at the desk")
    hand.press(page.get_by_role("link", name="Propose it in bulletin").first, leads_on=True)
    for number in range(1, 20):
        hand.look(f"19.{number} a change")
        press = page.locator(".fact__foot button[type=submit]")
        if not press.count():
            break
        hand.press(press, leads_on=True)
    for code in ("sv", "en"):
        hand.fill(
            page.locator(f".fact__news textarea[lang={code}]" if code != "en" else ".fact__news textarea:not([lang])"),
            NEW[code],
        )
    hand.look("20 what is new")
    hand.press(page.get_by_role("button", name="Put it at the end of each text"), leads_on=True)
    hand.look("21 checked")
    hand.press(page.get_by_role("button", name="Submit and notify approvers"), leads_on=True)
    hand.look("22 submitted")


# --- The editor's page ---------------------------------------------------------------------------------------------

KEYS_SEEN = """
window.keys = [];
new PerformanceObserver((list) =>
  list.getEntries().forEach((one) => one.name === "keydown" && window.keys.push(one.duration))
).observe({ type: "event", durationThreshold: 16, buffered: true });
"""


def weigh(hand: Hand, path: str) -> float:
    """Return how many kB the editor's page loads, with everything that belongs to it, by a browser that has never seen it."""
    loaded: list[float] = []
    line = hand.page.context.new_cdp_session(hand.page)
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda one: loaded.append(one["encodedDataLength"]))
    hand.open(path)
    hand.page.wait_for_timeout(2000)
    return round(sum(loaded) / 1000, 1)


def press_keys(hand: Hand, path: str) -> list[float]:
    """Return the ms from a key to what it paints in a text of 20,000 letters, of each key in turn; less than 16 is 16."""
    page = hand.page
    page.add_init_script(KEYS_SEEN)
    hand.open(path)
    page.locator(
        "section[data-part='edition:fi'] .cm-content, section[data-part='edition:fi'] textarea[name=body]"
    ).first.click()
    page.wait_for_timeout(2000)
    for letter in KEYS:
        page.keyboard.press(letter)
        page.wait_for_timeout(150)
    slow = page.evaluate("window.keys")
    return [*slow, *[16.0] * (len(KEYS) - len(slow))]
