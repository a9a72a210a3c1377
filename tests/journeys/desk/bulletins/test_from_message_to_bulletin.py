"""
The Uusimaa message of March 2020, from the ministry's phone to the readers' mail, and its correction: timed and filmed.

All of it is done in a real browser, on the texts of the demo campaign; a real SMTP server takes the mail. Bulletin 3 has
a wrong date in it, as it had then. Everyone has a phone: test_path_of_a_bulletin.py goes the whole way at a desk.
JOURNEY_FILM names a folder for a screenshot of each step.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bulletins.publication import due_bulletins
from tests.journeys import markup_rules, page_checks
from tests.journeys.page_checks import PHONE, barriers
from tests.journeys.paths.test_path_of_a_bulletin import saves

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.django_db(transaction=True),
]

LANGUAGES = ("fi", "sv", "en")
DAY = {  # the last day of the restrictions: as bulletin 3 had it, as the message input has it, and as it became
    "wrong": {"fi": "13. huhtikuuta", "sv": "den 13 april", "en": "13 April"},
    "right": {"fi": "19. huhtikuuta", "sv": "den 19 april", "en": "19 April"},
    "newer": {"fi": "15. huhtikuuta", "sv": "den 15 april", "en": "15 April"},
}
WHAT_CHANGED = {"fi": "15.4.2020", "sv": "15.4.2020", "en": "15 April 2020"}
HOME = {"fi": "Jokainen saa palata kotiin.", "sv": "Alla får åka hem.", "en": "Everyone may return home."}
FACTS = ("in-004-f1", "in-004-f3")


class Film:
    """
    Times each step, keeps a screenshot of what was seen when JOURNEY_FILM names a folder, and notes what would keep
    someone out.
    """

    def __init__(self, page: Any, name: str) -> None:
        self.page, self.name, self.shots = page, name, 0
        self.seconds: dict[str, float] = {}
        self.barriers: list[str] = []
        self.seen: set[Any] = set()
        self.looked = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, without the time that was spent on looking at it."""
        began, self.looked = time.monotonic(), 0.0
        yield
        self.seconds[name] = time.monotonic() - began - self.looked

    def look(self, name: str, inside: str = ".cb") -> None:
        """Take a picture of the page, and note what would keep someone out of the part `inside` names."""
        began = time.monotonic()
        self.page.locator(inside).first.wait_for()
        self.take(name)
        shapes = markup_rules.shapes_of(self.page.content())
        if not shapes <= self.seen:  # what would keep someone out depends on the shapes of a page, not on its words
            self.barriers += barriers(self.page, inside)
            self.seen |= shapes
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.barriers.append(f"{name}: {wide} pixels wider than the window")
        self.looked += time.monotonic() - began

    def take(self, name: str) -> None:
        """Take a picture of the page when JOURNEY_FILM names a folder."""
        self.shots += 1
        if folder := os.environ.get("JOURNEY_FILM"):
            place = Path(folder, self.name)
            place.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=place / f"{self.shots:02} {name}.png", full_page=True)

    def table(self) -> str:
        """Return seconds by step."""
        lines = [f"{seconds:7.1f}  {name}" for name, seconds in self.seconds.items()]
        return "\n".join([f"\n{self.name}, seconds:", *lines, f"{sum(self.seconds.values()):7.1f}  in all"])


@pytest.fixture(scope="module")
def texts() -> Any:
    """The demo campaign's texts."""
    from demo.content_files import reader

    return reader.read()


@pytest.fixture
def readers(live_site: str, campaign: Any, texts: Any, settings: Any, tmp_path: Path) -> Any:
    """Six people who read three languages, and the campaign's words; their addresses by language."""
    from django.core.cache import cache

    from delivery.models import Recipient
    from demo.exercise import loader
    from tests.support import builders

    cache.clear()  # tries to log in are counted there
    settings.MEDIA_ROOT = tmp_path
    loader.create_terms(campaign, texts)
    builders.build_audience(campaign, size=6)
    return {code: set(Recipient.objects.filter(language=code).values_list("email", flat=True)) for code in LANGUAGES}


def test_the_uusimaa_message(live_site, readers, texts, page, browse_as, smtp_sink, minna, alma, oskar):
    film = Film(page, "on a phone")
    message = next(one for one in texts.inputs if one.reference == "in-004")
    bulletin = next(one for one in texts.bulletins if one.number == 3)
    title = message.item.text("title")

    with film.step("the ministry sends its message, by phone"):
        sit_down(page, browse_as, minna)
        page.goto(f"{live_site}/fi/inputs/new/")
        send_in(page, message)
        film.look("the ministry writes", "main")
        page.click("[data-send]")
        page.wait_for_url("**/sent/")
    film.look("the ministry has sent it", "main")

    with film.step("an editor starts a bulletin from it"):
        sit_down(page, browse_as, alma)
        page.goto(f"{live_site}/desk/")
        waiting = page.locator("#h-urgent").locator("xpath=ancestor::section")
        assert "Urgent" in waiting.inner_text() and title in waiting.inner_text()
        film.look("the editor's today")
        page_checks.follow(waiting.get_by_role("link", name=re.compile("^Open")).first)
        film.look("the submission")
        page_checks.follow(page.get_by_role("button", name="Start a bulletin from this"))
        page.wait_for_url("**/bulletin/*/change/")
        address = page.url
        wait_for_compose(page)
    film.look("the bulletin is started")

    # What is planted: the wrong date in every language, a word that is not used, a caption that no platform takes.
    with film.step("she writes it in Finnish"):
        write(page, "fi", bulletin.editions["fi"])
    with film.step("she translates it to Swedish"):
        write(page, "sv", bulletin.editions["sv"])
    with film.step("she translates it to English"):
        write(page, "en", bulletin.editions["en"], preheader="The lockdown: you may go home. How to say it calmly.")
    expect(page.locator("#parity .mark--behind, .language .mark--behind")).to_have_count(0)
    film.take("written in three languages")

    with film.step("she gives the key messages their words and sources"):
        rows = page.locator("#rows form[aria-label^='Key message']")
        expect(rows).to_have_count(len(FACTS))
        for place, fact in enumerate(FACTS):
            words_of = {
                code: next(one for one in bulletin.editions[code].key_messages if one.text("fact") == fact)
                for code in LANGUAGES
            }
            save(page, *words_of_row(rows.nth(place), words_of))
    film.take("key messages")

    with film.step("she starts the variants from the edition"):
        page.locator("#step-channels").click()
        for code, name in (("fi", "Finnish"), ("sv", "Swedish"), ("en", "English")):
            page.get_by_role("button", name=re.compile(f"Start from the edition *: Instagram, {name}")).click()
            page_checks.until(page, f"document.querySelector('#variant-{code}-instagram-caption').value")
        caption = page.locator("#variant-en-instagram-caption")
        short = caption.input_value()
        assert bulletin.editions["en"].title in short
        save(page, (caption, bulletin.editions["en"].body))
    film.take("variants")

    with film.step("the findings show what is wrong, and she mends it"):
        pane = page.locator("#findings")
        finding = pane.locator("[data-finding]")
        for what in (
            "The text says “13. huhtikuuta”; the submission says",
            "“lockdown” is not used",
            "Instagram",
            "None is listed",
        ):
            finding.filter(has_text=what).first.wait_for(state="attached")
        page.locator("#step-check").click()
        expect(page.get_by_role("button", name="Submit")).to_have_attribute("aria-disabled", "true")
        film.look("findings", "#findings")
        mend(page, "“lockdown” is not used", "lockdown", "restrictions")
        for code in LANGUAGES:
            mend(page, f"The text says “{DAY['wrong'][code]}", DAY["wrong"][code], DAY["right"][code])
        page.locator("#step-check").click()
        finding.filter(has_text="Instagram allows").first.get_by_role("link", name="Show me").click()
        page_checks.until(page, "document.activeElement.id === 'variant-en-instagram-caption'")
        save(page, (caption, short.replace(DAY["wrong"]["en"], DAY["right"]["en"])))
        page_checks.reach(page.locator("#rows-actions > div > button")).click()
        call = page.locator("#rows form[aria-label='Call to action 1']")
        call.wait_for()
        words = {code: next(iter(bulletin.editions[code].calls_to_action.values())) for code in LANGUAGES}
        save(page, *((call.locator(f"[name=text-{code}]"), text) for code, text in words.items()))
        for name in ("Swedish", "English"):  # they followed the Finnish date
            says_it_now(page, name)
        page.locator("#step-check").click()
        pane.get_by_text("No problems found.").wait_for()
    film.take("nothing stands in the way")
    assert all(DAY["wrong"][code] not in stored(code, address) for code in LANGUAGES)

    with film.step("she makes the message cards"):
        page_checks.settled(page)
        page.locator("#step-pictures").click()
        page.get_by_role("button", name="Make the cards").click()
        page.locator("#cards-say .status--current").wait_for()
        make_what_was_asked_for()
        page.get_by_text("Every card is up to date.").wait_for()
        expect(page.locator("#cards .cards__pic")).to_have_count(len(FACTS) * len(LANGUAGES))
    film.look("cards", "#cards")

    with film.step("she submits it"):
        page.reload()
        wait_for_compose(page)
        page.locator("#step-check").click()
        page_checks.follow(page.get_by_role("button", name="Submit and notify approvers"))
        page.get_by_text("Submitted. Someone who did not write it").wait_for()
    page.locator("#step-check").click()
    film.look("submitted", "#approval")

    with film.step("somebody else reads and approves it, by phone"):
        approve(page, browse_as, oskar, live_site, film, DAY["right"])
        page.get_by_text("Approved and published.").wait_for()
    film.look("approved")

    with film.step("it goes out"):
        go_out()
    assert smtp_sink.duplicates == {}
    everyone = set().union(*readers.values())
    first = [one for one in smtp_sink.caught if one.recipient in everyone]
    in_their_language(first, readers, {code: (DAY["right"][code], HOME[code]) for code in LANGUAGES})
    message_ids = {one.recipient: one.message["Message-ID"] for one in first}

    # Someone joins after it went out: the correction is not for them. Then the restrictions end early.
    late_comers()
    with film.step("the date changes: she starts a correction"):
        sit_down(page, browse_as, alma)
        page.goto(address)
        page_checks.follow(page.get_by_role("link", name="Start a correction"))
        page.fill("[name=was]", "2020-04-19")
        page.fill("[name=is_now]", "2020-04-15")
        page_checks.follow(page.get_by_role("button", name="Fill in the text"))
        page.locator("#h-mail").wait_for()
        assert all(WHAT_CHANGED[code] in page.input_value(f"[name=what_changed__{code}]") for code in LANGUAGES)
        film.look("what changed")
        page_checks.follow(page.get_by_role("button", name="Open the correction"))
        page.get_by_text("The correction is open.").wait_for()
        wait_for_compose(page)
    film.take("the correction is open")

    with film.step("she changes it in three languages"):
        for code in LANGUAGES:
            body = field(page, code, "body").input_value()
            fill_edition(page, code, {"body": body.replace(DAY["right"][code], DAY["newer"][code])})
        boxes = [
            (box, box.input_value().replace(DAY["right"][code], DAY["newer"][code]))
            for code in LANGUAGES
            for box in page.locator(f"#rows [name=text-{code}], #variant-{code}-instagram-caption").all()
            if DAY["right"][code] in box.input_value()
        ]
        save(page, *boxes)
        page.locator("#step-check").click()
        page.locator("#findings").get_by_text("No problems found.").wait_for()
        film.look("corrected", "#findings")
        page.reload()
        wait_for_compose(page)
        page.locator("#step-check").click()
        page_checks.follow(page.get_by_role("button", name="Submit and notify approvers"))
        page.get_by_text("Submitted. Someone who did not write it").wait_for()

    smtp_sink.empty()
    with film.step("somebody else approves the correction, by phone"):
        approve(page, browse_as, oskar, live_site, film, DAY["newer"])
        page.get_by_text("Approved and published.").wait_for()
    with film.step("the correction goes out"):
        go_out()
    assert smtp_sink.duplicates == {}
    second = [one for one in smtp_sink.caught if "@example.net" in one.recipient]
    assert {one.recipient for one in second} == set(message_ids)
    in_their_language(second, readers, {code: (DAY["newer"][code],) for code in LANGUAGES})
    for one in second:
        assert one.message["In-Reply-To"] == message_ids[one.recipient]

    for code in LANGUAGES:
        page.goto(f"{live_site}/{code}/bulletins/1/")
        assert WHAT_CHANGED[code] in page.inner_text(".changes")
    film.look("what readers see", "main")
    print(film.table())
    assert film.barriers == []


# --- At the ministry --------------------------------------------------------------------------------------------


def send_in(page: Any, message: Any) -> None:
    """Fill in the form with a message input of the demo, its times moved so that it came in today."""
    from django.utils import timezone

    item = message.item
    days = (timezone.localdate() - item.moment("received_at").date()).days
    until = f"{item.moment('valid_until') + timedelta(days=days):%Y-%m-%dT%H:%M}"
    page.fill("[name=title]", item.text("title"))
    page.fill("[name=body]", message.body)
    page.check(f"[name=urgency][value={item.text('urgency')}]")
    page.fill("[name=valid_until]", until)
    numbers = {source.text("id"): number for number, source in enumerate(message.sources)}
    for number, source in enumerate(message.sources):
        if not page.locator(f"[name=sources-{number}-url]").count():
            page.click("[data-rows=sources] [data-add]")
        for name in ("publisher", "title", "url"):
            page.fill(f"[name=sources-{number}-{name}]", source.text(name))
    for number, fact in enumerate(one for one in message.facts if one.text("id") in FACTS):
        if not page.locator(f"[name=facts-{number}-text]").count():
            page.click("[data-rows=facts] [data-add]")
        page.fill(f"[name=facts-{number}-text]", fact.text("text"))
        page.select_option(f"[name=facts-{number}-source]", str(numbers[fact.text("source")] + 1))
        page.fill(f"[name=facts-{number}-valid_until]", until)


# --- At the desk ------------------------------------------------------------------------------------------------


def sit_down(page: Any, browse_as: Any, user: Any) -> None:
    """Give `user` the phone."""
    page.goto("about:blank")
    page.context.clear_cookies()
    page.set_viewport_size({"width": PHONE, "height": 844})
    browse_as(user)


def wait_for_compose(page: Any) -> None:
    """Wait until the page and all of its panes are there."""
    page.locator(".md:not([hidden])").first.wait_for(state="attached")
    page_checks.settled(page)
    for pane in ("#parity table", "#rows", "#variants [role=tablist]", "#cards", "#findings", "#schedule", "#approval"):
        page.locator(pane).first.wait_for(state="attached")


def field(page: Any, code: str, name: str) -> Any:
    """Return a field of an edition."""
    return page.locator(f"section[data-part='edition:{code}'] [data-field={name}]")


def write(page: Any, code: str, edition: Any, **other: str) -> None:
    """Paste an edition; the page saves it by itself."""
    values = {name: other.get(name, getattr(edition, name)) for name in ("title", "subject", "preheader", "body")}
    fill_edition(page, code, values)
    assert {name: field(page, code, name).input_value() for name in values} == values


def fill_edition(page: Any, code: str, values: dict[str, str]) -> None:
    """Fill in fields of an edition, say that a translation is up to date, and wait until the page has saved it."""
    tick = page.locator(f"section[data-part='edition:{code}'] [name=is_current]")
    with page.expect_response(saves("is_current" if tick.count() else list(values)[-1])) as answer:
        for name, value in values.items():
            place = page_checks.reach(field(page, code, name))
            place.focus()  # leaving a title fills an empty subject
            place.fill(value)
        if tick.count():
            tick.click()  # the page takes it off again once it is saved
    assert answer.value.status == 200, answer.value.text()
    page.locator("#saved-state", has_text="Saved").wait_for()


def save(page: Any, *words: tuple[Any, str]) -> None:
    """Fill in fields that save themselves, and wait until all of them have."""
    for box, text in words:
        page_checks.reach(box).fill(text)
    words[-1][0].blur()
    page_checks.until(page, "!document.querySelector('.status--waits')")
    page_checks.settled(page)


def words_of_row(row: Any, items: dict[str, Any]) -> list[tuple[Any, str]]:
    """Return a key message's fields, with the words and the source's address for each language."""
    words = []
    for code, item in items.items():
        words.append((row.locator(f"[name=text-{code}]"), item.text("text")))
        words.append((row.locator(f"[name=source_url-{code}]"), item.text("source")))
        if code != "fi":  # the Finnish one came with the fact
            words.append((row.locator(f"[name=source_name-{code}]"), {"sv": "Statsrådet", "en": "Government"}[code]))
    return words


def says_it_now(page: Any, name: str) -> None:
    """Say that a language follows, when the table is not about to be drawn anew."""
    button = page.locator("#parity").get_by_text(f"{name} says it now")
    page_checks.settled(page)
    page_checks.reach(button).click()
    button.wait_for(state="detached")


def mend(page: Any, says: str, wrong: str, right: str) -> None:
    """Follow each finding that says so to its field and put the right words there."""
    pane = page.locator("#findings")
    while (finding := pane.locator(".stops[data-finding]", has_text=re.compile(re.escape(says)))).count():
        left = finding.count()
        page.locator("#step-check").click()
        finding.first.get_by_role("link", name="Show me").click()
        page_checks.until(page, "words => getSelection().toString() === words", wrong)
        with page.expect_response(lambda answer: answer.url.rstrip("/").endswith("findings")):
            page.keyboard.insert_text(right)  # in the place of what the link has chosen
            if page.evaluate("Boolean(textField.fieldOf(document.activeElement)?.dataset.field)"):
                page.keyboard.press("Control+s")
            else:
                page.locator(":focus").blur()
        page_checks.until(
            page,
            "([says, left]) => [...document.querySelectorAll('#findings .stops[data-finding]')]"
            ".filter((one) => one.textContent.includes(says)).length < left",
            [says, left],
        )


def stored(code: str, address: str) -> str:
    """Return all that the bulletin says in a language, as it is stored."""
    from bulletins.models import Bulletin

    bulletin = Bulletin.objects.get(pk=int(address.rstrip("/").split("/")[-2]))
    edition = bulletin.editions.get(language=code)
    words = [edition.title, edition.body, *(one.caption for one in edition.variants.all())]
    return "\n".join([*words, *(one.text.get(code, "") for one in bulletin.key_messages.all())])


def make_what_was_asked_for() -> None:
    """Do what the worker for heavy work does, in this process; no videos, which take long and have tests of their own."""
    from django.utils import timezone

    from bulletins.media import makers
    from bulletins.models import MediaJob

    for row in MediaJob.objects.filter(state=MediaJob.State.QUEUED).exclude(kind=MediaJob.Kind.MOVING):
        makers.run(row.pk, clock=timezone.now)


def approve(page: Any, browse_as: Any, who: Any, site: str, film: Film, days: dict[str, str]) -> None:
    """Find what waits on the desk's front page, read it in every language and agree, on a phone."""
    sit_down(page, browse_as, who)
    page.goto(f"{site}/desk/")
    film.look("what waits for a yes")
    page_checks.follow(page.locator(".cb").get_by_role("link", name=re.compile("Read")).first)
    yes = page.locator("#press-yes button[type=submit]")
    shown = page.inner_text(".cb.read")
    assert all(day in shown for day in days.values())
    film.look("reading before a yes")
    page.get_by_role("button", name="Approve…").click()
    page_checks.follow(yes)


# --- The mail ---------------------------------------------------------------------------------------------------


def go_out() -> None:
    """Do what a tick and its workers do, in this process."""
    from django.utils import timezone

    from delivery.sending import dispatch, sweeper, worker

    due_bulletins.publish_due(at=timezone.now())
    for send in dispatch.start_due_sends(at=timezone.now()):
        worker.work(send.pk)
    sweeper.sweep(at=timezone.now())  # closes what everyone has got


def late_comers() -> None:
    """Let two people join the audience now."""
    from django.utils import timezone

    from delivery.models import Audience
    from tests.support import builders

    people = builders.build_recipients(2, prefix="late-")
    builders.join(Audience.objects.get(), people, at=timezone.now())


def in_their_language(caught: list[Any], readers: dict[str, set[str]], words: dict[str, tuple[str, ...]]) -> None:
    """See that everyone got one mail, in their language and in no other."""
    assert sorted(one.recipient for one in caught) == sorted(set().union(*readers.values()))
    for one in caught:
        language = next(code for code, addresses in readers.items() if one.recipient in addresses)
        assert one.message["Content-Language"] == language
        for kind in ("plain", "html"):
            text = re.sub(
                r"</?span[^>]*>", "", one.message.get_body((kind,)).get_content()
            )  # around what does not break
            text = " ".join(text.split())
            assert all(word in text for word in words[language]), (one.recipient, kind)
            others = [word for code, some in words.items() if code != language for word in some]
            assert not any(word in text for word in others), (one.recipient, kind)
