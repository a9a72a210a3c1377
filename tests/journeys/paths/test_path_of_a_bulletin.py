"""One bulletin from an authority's text to a follower's screen, and its correction, in a real browser with real mail."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.login import code_mails
from bulletins.publication import due_bulletins
from influencers.models import Exposure
from tests.journeys import page_checks
from tests.journeys.page_checks import DESKTOP, PHONE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

FIRST = {
    "fi": ("Kirjastot avataan maanantaina", "Kirjastot avataan **maanantaina**.", "Kirjastot aukeavat maanantaina."),
    "sv": ("Biblioteken öppnar på måndag", "Biblioteken öppnar på **måndag**.", "Biblioteken är öppna från måndag."),
    "en": ("Libraries open on Monday", "Libraries open on **Monday**.", "Libraries are open from Monday."),
}
SECOND = {
    "fi": ("Kirjastot avataan tiistaina", "Kirjastot avataan **tiistaina**.", "Kirjastot aukeavat tiistaina."),
    "sv": ("Biblioteken öppnar på tisdag", "Biblioteken öppnar på **tisdag**.", "Biblioteken är öppna från tisdag."),
    "en": ("Libraries open on Tuesday", "Libraries open on **Tuesday**.", "Libraries are open from Tuesday."),
}
WHAT_CHANGED = {"fi": "Päivä oli väärä.", "sv": "Dagen var fel.", "en": "The day was wrong."}


@pytest.fixture
def people(live_site: str, page: Any, campaign: Any, minna: Any, oskar: Any) -> Any:
    """A campaign with an audience of readers in three languages and one influencer; nobody is logged in."""
    from django.core.cache import cache

    from tests.support import builders

    cache.clear()  # tries to log in are counted there
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_site)
    audience = builders.build_audience(campaign, size=3)
    return builders.build_influencer(campaign, audience=audience)


@pytest.fixture
def alma(roles: None) -> Any:
    """An editor who may also approve, so that only her own hand in the text stands in the way."""
    from django.contrib.auth.models import Group

    from tests.support.builders import build_user

    user = build_user("alma", "editor")
    user.groups.add(Group.objects.get(name="approver"))
    return user


def test_a_bulletin_from_its_input_to_its_correction(live_site, people, page, browse_as, smtp_sink, minna, alma, oskar):
    # A contributor sends in official text, by phone.
    as_somebody(page, browse_as, minna, width=PHONE)
    page.goto(f"{live_site}/fi/inputs/new/")
    page.fill("[name=title]", "Kirjastojen avaaminen")
    page.fill("[name=body]", "Kirjastot avataan 30. maaliskuuta.")
    page.fill("[name=sources-0-publisher]", "Ministeriö")
    page.fill("[name=sources-0-title]", "Päätös")
    page.fill("[name=sources-0-url]", "https://ministry.example.org/paatos")
    page_checks.follow(page.locator("main form button[type=submit]:visible").last)
    page.wait_for_url(re.compile(r"/fi/inputs/\d+/"))
    assert "Kirjastojen avaaminen" in page.inner_text("main")
    page.goto(f"{live_site}/fi/inputs/")
    for width in (page_checks.PHONE, page_checks.NARROW):
        assert page_checks.width_of(page, width) <= width
        title, state = (page.locator(f".tap > {one}").bounding_box() for one in ("a", ".status"))
        assert title["width"] > 200 and title["height"] >= 24 and state["y"] >= title["y"] + title["height"]

    # An editor starts a bulletin from it.
    as_somebody(page, browse_as, alma, width=DESKTOP)
    page.goto(f"{live_site}/desk/bulletins/messageinput/")
    page_checks.follow(page.get_by_role("link", name="Kirjastojen avaaminen").first)
    page_checks.follow(page.get_by_role("button", name="Start a bulletin from this"))
    page.wait_for_url("**/bulletin/*/change/")
    pk = int(re.search(r"/bulletin/(\d+)/change/", page.url)[1])
    number = 1

    # She writes it in three languages, gives it a key message, and lets it go out as soon as it is approved.
    write(page, FIRST)
    give_key_message(pk, alma, FIRST)
    go_at_once(pk, alma)
    settle(page)

    # Her own approval is refused, with and without a button for it.
    read = f"{live_site}/desk/bulletins/bulletin/{pk}/read/"
    submit(page)
    page.goto(read)
    assert "someone else must approve it" in " ".join(page.locator(".cb").all_inner_texts())
    assert page.locator("button[type=submit]", has_text="Approve").count() == 0
    approve_regardless(page)
    assert "Not approved. You edited or submitted this version, so someone else must approve it." in page.inner_text(
        "body"
    )

    # A second person reads all of it and approves it.
    approve(page, browse_as, oskar, read, FIRST)

    # The tick publishes and starts it; every mail goes out over SMTP, each in its reader's language.
    go_out()
    assert smtp_sink.duplicates == {}
    assert len(smtp_sink.caught) == 4
    assert_each_in_their_language(smtp_sink.caught, FIRST)

    # The influencer follows the mail, logs in with a code to the address that it was sent to, and is where she wanted to go.
    page.context.clear_cookies()
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto(link_to(f"/fi/portal/bulletins/{number}/", smtp_sink.to(people.user.email)[0]))
    slow_scripts: list[Any] = []  # it comes only after the code is typed
    page.route("**/whole_code*", lambda route: slow_scripts.append(route))
    page.click("main form button[type=submit]", no_wait_after=True)
    page.wait_for_selector("[name=code]")
    code_mails.send_waiting(at=timezone.now())  # as a worker does
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.insert_text(code_in(smtp_sink.to(people.user.email)[-1]))
    slow_scripts[0].continue_()  # six digits are sent by themselves
    page.wait_for_url(f"{live_site}/fi/portal/bulletins/{number}/")
    assert page.inner_text("h1") == FIRST["fi"][0]

    # She copies the key message, and reads the page in another language.
    button = page.locator(".stage [data-copy]").first
    button.click()
    page_checks.until(page, "document.querySelector('[data-live]').textContent")
    assert page.inner_text("[data-live]") == button.locator(".after").inner_text() == said_in("fi", "Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"{FIRST['fi'][2]}\n")
    page.click(".languages [lang=sv]")
    page.wait_for_url(f"{live_site}/sv/portal/bulletins/{number}/")
    assert page.inner_text("h1") == FIRST["sv"][0]

    # So does everyone, without logging in.
    page.context.clear_cookies()
    for code, (title, _body, words) in FIRST.items():
        page.goto(f"{live_site}/{code}/bulletins/{number}/")
        assert page.inner_text("h1") == title
        assert words in page.inner_text("main")
        assert page.locator(".changes").count() == 0

    # The day was wrong. The editor corrects it; until a second person has approved, readers see the first version.
    as_somebody(page, browse_as, alma, width=DESKTOP)
    page.goto(f"{live_site}/desk/bulletins/bulletin/{pk}/change/")
    page_checks.follow(page.get_by_role("link", name="Start a correction"))
    say(page, "what_changed", WHAT_CHANGED)
    say(page, "share_text", WHAT_CHANGED)
    page_checks.follow(page.get_by_role("button", name="Open the correction"))
    write(page, SECOND)
    give_key_message(pk, alma, SECOND)
    settle(page)
    submit(page)
    page.goto(f"{live_site}/en/bulletins/{number}/")
    assert page.inner_text("h1") == FIRST["en"][0]
    smtp_sink.empty()
    approve(page, browse_as, oskar, read, SECOND)
    go_out()

    # Everyone who got the first version gets the correction, in the same thread of mail.
    assert len(smtp_sink.caught) == 4
    assert smtp_sink.duplicates == {}
    assert_each_in_their_language(smtp_sink.caught, SECOND)
    assert_each_in_their_language(smtp_sink.caught, {code: (words,) for code, words in WHAT_CHANGED.items()})
    assert all(caught.message["In-Reply-To"] for caught in smtp_sink.caught)

    # The public page and the portal show what changed before anything else, and keep the first version readable. The
    # portal knows what she read, until she reads the new one.
    as_somebody(page, browse_as, people.user, width=PHONE)
    for place in ("bulletins", "portal/bulletins"):
        for code, (title, _body, words) in SECOND.items():
            page.goto(f"{live_site}/{code}/{place}/{number}/#changed")
            assert page.inner_text("h1") == title
            is_news = (place, code) == ("portal/bulletins", next(iter(SECOND)))
            heading = "What changed since you read this" if is_news else "What changed"
            assert page.locator("main .changes h2").first.inner_text() == said_in(code, heading)
            assert WHAT_CHANGED[code] in page.inner_text(".changes")
            assert words in (page.locator("main").text_content() or "")
            if is_news:
                page_checks.in_the_end(page, Exposure.objects.filter(version__number=2, way="read").exists)
    page.goto(f"{live_site}/en/bulletins/{number}/versions/1/")
    assert page.inner_text("h1") == FIRST["en"][0]
    assert "version 1" in page.inner_text("main .notice")


# --- At the desk ---------------------------------------------------------------------------------------------------


def as_somebody(page: Any, browse_as: Any, user: Any, *, width: int) -> None:
    """Sit `user` down in front of the browser, in a window of that width."""
    page.context.clear_cookies()
    page.set_viewport_size({"width": width, "height": 844})
    browse_as(user)


def write(page: Any, texts: dict[str, tuple[str, str, str]]) -> None:
    """Write title, subject and text of each edition on a bulletin's page, which saves them itself."""
    for code, (title, body, _words) in texts.items():
        form = page.locator(f"section[data-part='edition:{code}'] form[data-words]")
        with page.expect_response(saves("body")) as answer:
            for name, text in (("title", title), ("subject", title), ("body", body)):
                page_checks.reach(form.locator(f"[name={name}]")).fill(text)
            form.get_by_role("button", name="Save").click()
        assert answer.value.status == 200
        tick = form.locator("[name=is_current]")
        if tick.count():
            with page.expect_response(saves("is_current")):
                tick.check(force=True)  # the translation says the same as the original again
        page.locator("#saved-state", has_text="Saved").wait_for()


def saves(field: str) -> Callable[[Any], bool]:
    """Return what tells the answer to a page that saves this field of an edition, the last of those that changed."""
    return lambda answer: "/words/" in answer.url and field in parse_qs(answer.request.post_data or "")


def give_key_message(pk: int, who: Any, texts: dict[str, tuple[str, str, str]]) -> None:
    """Give the bulletin its one key message, in each language."""
    from django.utils import timezone

    from bulletins.editing import drafts
    from bulletins.models import Bulletin, KeyMessage

    bulletin = Bulletin.objects.get(pk=pk)
    KeyMessage.objects.update_or_create(
        bulletin=bulletin,
        key="opening",
        defaults={
            "text": {code: words for code, (_title, _body, words) in texts.items()},
            "source_url": dict.fromkeys(texts, "https://ministry.example.org/decision"),
        },
    )
    drafts.note_editor(bulletin, by=who, at=timezone.now())


def go_at_once(pk: int, who: Any) -> None:
    """Let the bulletin go to each of its audiences as soon as it is approved."""
    from django.utils import timezone

    from bulletins.editing import drafts
    from bulletins.models import Bulletin

    bulletin = Bulletin.objects.get(pk=pk)
    bulletin.targets.update(timing="at_once")
    drafts.note_editor(bulletin, by=who, at=timezone.now())


def say(page: Any, name: str, texts: dict[str, str]) -> None:
    """Fill in a field that has a box for each language."""
    for code, text in texts.items():
        page.fill(f"[name={name}__{code}]", text)


def settle(page: Any) -> None:
    """Open the page as it stands now, and see that nothing stands in the way any more."""
    page.reload()
    page.locator("#findings").wait_for(state="attached")
    assert page.locator("#findings .stops").all_inner_texts() == []


def submit(page: Any) -> None:
    """Submit a bulletin for approval from its page."""
    page.locator("#step-check").click()
    page_checks.follow(page.get_by_role("button", name="Submit for approval"))
    page.get_by_text("Submitted. Someone who did not write it").wait_for()


def approve_regardless(page: Any) -> None:
    """Send the approval that the page has no button for: what it says is the digest that everyone can read."""
    from bulletins.models import Bulletin

    page.evaluate(
        """(digest) => {
            const form = document.querySelector("form[action$='/send_back/']")
            form.action = form.action.replace("send_back", "approve")
            form.insertAdjacentHTML("beforeend", '<input type="hidden" name="digest">')
            form.digest.value = digest
            form.noValidate = true
            form.requestSubmit()
        }""",
        Bulletin.objects.get().digest,
    )
    page.get_by_text("Not approved").wait_for()


def approve(page: Any, browse_as: Any, who: Any, address: str, texts: dict[str, tuple[str, str, str]]) -> None:
    """Read a bulletin in every language as someone else and approve it."""
    as_somebody(page, browse_as, who, width=DESKTOP)
    page.goto(address)
    shown = " ".join(page.locator(".cb").all_inner_texts())
    for title, body, words in texts.values():
        for text in (title, body.replace("**", ""), words):
            assert text in shown
    page.get_by_role("button", name="Approve…").click()
    page.locator("#press-yes button[type=submit]").click()
    page.get_by_text("Approved. What happens now stands below.").wait_for()


# --- The mail ------------------------------------------------------------------------------------------------------


def go_out() -> None:
    """Do what a tick and its workers do, in this process."""
    from django.utils import timezone

    from delivery.sending import dispatch, worker

    assert len(due_bulletins.publish_due(at=timezone.now())) == 1
    for send in dispatch.start_due_sends(at=timezone.now()):
        worker.work(send.pk)


def assert_each_in_their_language(caught: list[Any], texts: dict[str, tuple[str, ...]]) -> None:
    """See that each mail is in its reader's language and says the words of that language, and of no other."""
    from delivery.models import Recipient

    languages = dict(Recipient.objects.values_list("email", "language"))
    assert set(languages.values()) == set(texts)
    for one in caught:
        message, language = one.message, languages[one.recipient]
        assert message["Content-Language"] == language
        for kind in ("plain", "html"):
            text = " ".join(message.get_body((kind,)).get_content().split())
            for code, words in texts.items():
                assert all((plain(word) in text) == (code == language) for word in words), (one.recipient, kind, code)


def plain(word: str) -> str:
    """Return the first words of a text, without marks that mail shows in its own way."""
    return word.partition(" **")[0]


def link_to(path: str, message: Any) -> str:
    """Return the first link in a mail that leads to `path`."""
    links = re.findall(r'href="([^"]+)"', message.get_body(("html",)).get_content())
    return next(link for link in links if link.partition("?")[0].endswith(path))


def code_in(message: Any) -> str:
    """Return the code in a mail for logging in."""
    found = re.search(r"^ {4}(\S+)\s*$", message.get_content(), re.M)
    assert found, message.get_content()
    return found[1]


def said_in(language: str, text: str) -> str:
    """Return what the site says for `text` in a language."""
    from django.utils import translation

    with translation.override(language):
        return translation.gettext(text)
