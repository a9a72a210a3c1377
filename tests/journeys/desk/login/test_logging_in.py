"""
The first administrator: in by the link, an app and a passkey, recovery codes, the desk; an approval asks again after five
minutes and then goes on; "log out everywhere" ends the second browser. LOGIN_PICTURES names a folder for screenshots.
"""

import os
import re
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.utils import timezone
from playwright.sync_api import expect

from accounts.login import first_administrator
from accounts.models import Session, User
from accounts.sessions.store import SessionStore
from bulletins.models import Bulletin
from tests.accounts.login.login_proofs import shown_by
from tests.journeys.page_checks import DESKTOP, LANGUAGES, PHONE, follow, wrong_with
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("LOGIN_PICTURES")


def look(page: Any, name: str, wrong: list[str]) -> None:
    """Look at the open page in its own language, and keep pictures of it."""
    language = page.get_attribute("html", "lang")
    wrong += wrong_with(page, language)
    for width in (PHONE, DESKTOP) if PICTURES else ():
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=f"{PICTURES}/{name}-{language}-{width}.png", full_page=True)
    page.set_viewport_size({"width": PHONE, "height": 844})


def look_in_all(page: Any, path: str, name: str, wrong: list[str]) -> None:
    """Look at a page in every language."""
    for language in LANGUAGES:
        page.goto(re.sub(r"^(https?://[^/]+)/.*", r"\1", page.url) + f"/{language}{path}")
        look(page, name, wrong)


def let_time_pass(user: User) -> None:
    """Make every proof of someone six minutes older."""
    for row in Session.objects.filter(user=user):
        session = SessionStore(row.session_key)
        for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
            record["at"] -= 360
        session.modified = True
        session.save()


def with_device(page: Any) -> None:
    """Give the browser a device that keeps passkeys and unlocks them by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_the_first_administrators_way_in(campaign: Any, live_site: str, page: Any, browser: Any, oskar: User) -> None:
    wrong: list[str] = []
    with_device(page)
    builders.build_audience(campaign, size=1)
    bulletin = builders.build_bulletin_in_review(campaign, by=builders.build_user("alma", "editor"))
    token = first_administrator.make_administrator("root@example.org", name="Root", at=timezone.now())
    root = User.objects.get(email="root@example.org")
    root.groups.add(*oskar.groups.all())  # a small team: the administrator approves, too

    # In by the link, once; the desk waits for a second factor
    page.goto(f"{live_site}/en/account/first/{token}/")
    look(page, "first", wrong)
    page.locator("main button").click()
    expect(page).to_have_url(f"{live_site}/en/account/second-factor/")
    look_in_all(page, "/account/second-factor/", "second-factor-none", wrong)
    page.goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/read/")
    expect(page).to_have_url(f"{live_site}/en/account/second-factor/")

    # An app
    look_in_all(page, "/account/second-factor/app/", "app", wrong)
    key = page.locator(".key").inner_text()
    page.fill("[name=code]", "000000")
    follow(page.locator("main form.panel button"))
    expect(page.locator(".field__error")).to_be_visible()
    look(page, "app-wrong", wrong)
    page.fill("[name=code]", shown_by(key))
    page.locator("main form.panel button").click()
    expect(page).to_have_url(f"{live_site}/en/account/second-factor/recovery-codes/")
    look(page, "recovery-codes", wrong)
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    with page.expect_download() as saved:
        page.locator("[data-save]").click()
    assert saved.value.path().read_text().split() == codes

    # …and on to where they were going
    page.locator("main p > .btn").click()
    expect(page).to_have_url(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/read/")

    # A passkey
    look_in_all(page, "/account/second-factor/passkey/", "passkey", wrong)
    page.fill("[name=name]", "My phone")
    page.locator("#passkey").click()
    expect(page).to_have_url(f"{live_site}/en/account/second-factor/")
    expect(page.locator("main")).to_contain_text("My phone")
    look_in_all(page, "/account/second-factor/", "second-factor", wrong)

    # A second browser, in by mailed code's stand-in: the password, and the app
    root.refresh_from_db()
    root.set_password("correct horse battery staple")
    User.objects.filter(pk=root.pk).update(password=root.password)
    other = browser.new_context(locale="en-GB").new_page()
    for one in (other, page):
        one.context.clear_cookies()
    look_in_all(page, "/account/login/", "login", wrong)
    other.goto(f"{live_site}/desk/")
    other.fill("[name=login]", root.email)
    other.fill("[name=password]", "correct horse battery staple")
    follow(other.locator("main form.panel button"))
    look_in_all(other, "/account/login/second-factor/", "login-second-factor", wrong)
    other.fill("[name=code]", codes[0])
    other.locator("main form.panel button").click()
    expect(other).to_have_url(f"{live_site}/desk/")

    # The first one again, by the passkey alone
    page.goto(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/read/")
    page.locator("#passkey").click()
    expect(page).to_have_url(f"{live_site}/desk/bulletins/bulletin/{bulletin.pk}/read/")

    # Six minutes later an approval asks who it is, and then goes on by itself
    let_time_pass(root)
    page.get_by_role("button", name="Approve…").click()
    page.locator("#press-yes button[type=submit]").click()
    page.wait_for_url("**/account/again/**")
    look(page, "again-password", wrong)
    assert Bulletin.objects.get(pk=bulletin.pk).state == Bulletin.State.IN_REVIEW
    follow(page.locator("main a[href*='/again/passkey/']"))
    look(page, "again-passkey", wrong)
    page.locator("#passkey").click()
    page.wait_for_url(f"**/desk/bulletins/bulletin/{bulletin.pk}/read/")
    assert Bulletin.objects.get(pk=bulletin.pk).state == Bulletin.State.APPROVED
    for language in LANGUAGES:
        page.goto(f"{live_site}/{language}/account/again/code/")
        look(page, "again-code", wrong)

    # Out everywhere: the second browser is out at its next step
    page.goto(f"{live_site}/en/account/sessions/")
    follow(page.locator("form[action$='/sessions/end-all/'] button"))
    expect(page).not_to_have_url(re.compile("/sessions/$"))
    for one in (page, other):
        one.goto(f"{live_site}/desk/")
        assert "/account/login/" in one.url
    other.context.close()
    assert wrong == []
