"""Staff are warned before they are logged out, and what they have written waits until they are back."""

import os
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.login import first_administrator
from accounts.models import Session, User
from accounts.sessions import activity, expiry, store
from bulletins.models import Snippet
from tests.journeys.page_checks import barriers, in_the_end, settled, until, watching, width_of, wrong_with
from tests.support.builders import build_bulletin

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

SHOTS = os.environ.get("SHOTS")
MINUTE = 60_000
SOON = {"en": "2 minutes", "fi": "2 minuutin", "sv": "2 minuter"}


def used(user: User, *, minutes_ago: float) -> None:
    """Let someone's session have been used last so long ago."""
    row = Session.objects.get(user=user)
    session = store.SessionStore(row.session_key)
    session[expiry.SEEN] = session[expiry.BEGAN] = timezone.now().timestamp() - minutes_ago * 60
    session.save()


def log_in(context: Any, user: User, live_site: str) -> None:
    """Begin a session for somebody in a browser's context, beside what it has open."""
    client = Client()
    client.force_login(user)
    key = client.session.session_key or ""
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_site}])


def seen(user: User) -> float:
    """Return how many seconds ago someone's session was used."""
    row = Session.objects.get(user=user)
    return timezone.now().timestamp() - store.SessionStore(row.session_key)[expiry.SEEN]


def test_what_was_written_outlives_the_session(
    live_site: str, page: Any, browse_as: Any, root: Any, campaign: Any
) -> None:
    browse_as(root)
    page.goto(f"{live_site}/en/account/")  # what the answer to a login does: the session knows since when it is
    page.clock.install()
    page.goto(f"{live_site}/desk/bulletins/snippet/add/")
    field = page.locator("form#snippet_form textarea, form#snippet_form input[type=text]").first
    field.fill("Written with care")
    banner = page.locator(".session")
    assert not banner.is_visible()

    # Nothing done for a while: a warning, and a button that goes on.
    used(root, minutes_ago=28.5)
    page.clock.fast_forward(28.5 * MINUTE)
    banner.wait_for()
    until(page, "document.querySelector('.session [role=alert]').textContent.includes('2 minutes')")
    assert banner.locator("[aria-live=assertive]").count() == 1
    page.get_by_role("button", name="Stay logged in").click()
    banner.wait_for(state="hidden")
    in_the_end(page, lambda: seen(root) < 60)

    # Typing is doing something.
    used(root, minutes_ago=20)
    page.clock.fast_forward(2 * MINUTE)
    field.press("End")
    in_the_end(page, lambda: seen(root) < 60)
    page.wait_for_load_state("networkidle")  # the page has heard it too

    # The session ends. The page stays as it is, and sends nothing.
    Session.objects.all().delete()
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    page.clock.fast_forward(31 * MINUTE)
    until(page, "document.querySelector('.session [role=alert]').textContent.includes('You have been logged out')")
    here = page.url
    page.locator("[name=_save]").first.click()
    until(page, "document.activeElement.matches('.session a')")  # it was asked, and leads to the login
    assert page.url == here and field.input_value() == "Written with care"
    assert not Snippet.objects.exists()

    # Logged in again on another page: the form goes on where it was.
    client = Client()
    client.force_login(root)
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key or "", "url": live_site}]
    )
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    until(page, "document.querySelector('.session [role=alert]').textContent.includes('logged in again')")
    with page.expect_response(lambda answer: answer.request.method == "POST" and "snippet/add" in answer.url) as sent:
        page.locator("[name=_save]").first.click()
    assert sent.value.status in {200, 302}, "neither the token nor the session was refused"


def test_a_text_that_saves_itself_goes_on_after_a_login_on_another_page_that_it_did_not_notice(
    live_site: str, browser: Any, alma: Any, campaign: Any
) -> None:
    bulletin = build_bulletin(campaign, by=alma)
    context = browser.new_context()  # not `page`: the preview is turned away here, which its console calls a fault
    page = context.new_page()
    log_in(context, alma, live_site)
    page.goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/change/")
    settled(page)

    # Out everywhere, and in again: the session is another one, and so is the token that forms need.
    activity.end_all(alma)
    context.clear_cookies()
    log_in(context, alma, live_site)
    page.locator("[data-field=title]").first.fill("Written meanwhile")
    in_the_end(page, lambda: bulletin.editions.filter(title="Written meanwhile").exists())
    page.frame_locator("#preview-frame").get_by_text("Written meanwhile").first.wait_for()
    context.close()


def test_the_pages_of_the_account_are_open_to_everyone(
    live_site: str, page: Any, browse_as: Any, alma: Any, campaign: Any
) -> None:
    other = Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604")
    other.force_login(alma)
    other.get("/en/account/")
    browse_as(alma)
    page.clock.install()
    token = first_administrator.make_administrator("boss@example.org", at=timezone.now())
    wrong: list[str] = []
    with watching(page) as faults:
        for language in ("en", "fi", "sv"):
            for path in ("", "sessions/", "password/", f"first/{token}/", "first/none/"):
                page.goto(f"{live_site}/{language}/account/{path}")
                wrong += wrong_with(page, language)
                picture(page, f"{path.strip('/').replace(token, 'link').replace('/', '-') or 'account'}-{language}")
            page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_site}])
            page.goto(f"{live_site}/desk/")
            here = Session.objects.filter(user=alma).exclude(device__contains="iPhone").get()
            session = store.SessionStore(here.session_key)
            session[expiry.SEEN] = timezone.now().timestamp() - 28.5 * 60
            session.save()
            page.clock.fast_forward(28.5 * MINUTE)
            page.locator(".session").wait_for()
            until(page, "document.querySelector('.session [role=alert]').textContent.length > 20")
            said = page.locator(".session [role=alert]").inner_text()
            if SOON[language] not in said:
                wrong.append(f"{language}: {said}")
            wrong += barriers(page, ".session")
            picture(page, f"warning-{language}")
    assert wrong + faults == []


def picture(page: Any, name: str) -> None:
    """Keep a picture at both widths in the folder SHOTS, if there is one."""
    for width in (390, 1280) if SHOTS else ():
        width_of(page, width)
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page="warning" not in name)


def test_what_was_changed_while_logged_out_is_saved_after_the_next_login(
    live_site: str, browser: Any, alma: Any, campaign: Any
) -> None:
    """A key message, which saves itself, and details, which a button saves; the bar never says that they are saved before."""

    bulletin = build_bulletin(campaign, by=alma)
    message = bulletin.key_messages.get()
    context = browser.new_context()
    page = context.new_page()
    log_in(context, alma, live_site)
    page.goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/change/#messages")
    page.locator(f"#message-{message.pk}-text-en").wait_for()
    page.locator("#about").wait_for(state="attached")
    settled(page)

    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator(f"#message-{message.pk}-text-en").fill("Written meanwhile.")
    until(page, "document.querySelector('#saved-state').textContent.includes('log in again')")
    page.locator("#step-recipients").click()
    page.locator("#id_about-urgency").select_option("urgent")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(300)
    assert "log in again" in page.locator("#saved-state").inner_text()
    message.refresh_from_db()
    assert message.text["en"] != "Written meanwhile."

    log_in(context, alma, live_site)
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # they come back from the other page
    in_the_end(page, lambda: type(message).objects.filter(pk=message.pk, text__en="Written meanwhile.").exists())
    page.keyboard.press("Control+s")
    until(page, "document.querySelector('#saved-state').textContent.startsWith('Saved ')")
    in_the_end(page, lambda: type(bulletin).objects.filter(pk=bulletin.pk, urgency="urgent").exists())
    context.close()
