"""Every page in every language in a real browser: nothing breaks, nothing scrolls sideways, nobody is shut out."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

STATUS_OF = {"nowhere/": 404}


@pytest.fixture
def site(live_site: str) -> Any:
    """Something of everything, published before now."""
    from django.core.cache import cache
    from django.utils import timezone

    from tests.journeys.scene import fill

    cache.clear()  # tries to log in are counted there
    return fill(timezone.now() - timedelta(minutes=5))


def look_at(page: Any, live_site: str, paths: Iterable[str], *, thoroughly: bool = False) -> list[str]:
    """Open each path in every language and return all that is wrong."""
    wrong = []
    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            for path in paths:
                answer = page.goto(f"{live_site}/{language}/{path}")
                if answer.status != STATUS_OF.get(path, 200):
                    wrong.append(f"{page.url}: answered {answer.status}")
                wrong += page_checks.wrong_with(page, language, thoroughly=thoroughly)
    return wrong + faults


def test_the_pages_for_everyone(site, live_site, page):
    paths = [
        "",
        "bulletins/",
        f"bulletins/{site.plain}/",
        f"bulletins/{site.corrected}/",
        f"bulletins/{site.corrected}/versions/1/",
        f"bulletins/{site.withdrawn}/",
        "facts/",
        f"facts/{site.claim}/",
        "answers/",
        "answers/open/",
        site.leave["en"].removeprefix("/en/"),
        "nowhere/",
        *("help/", "feeds/", "about/", "about/corrections/", "about/accessibility/", "about/privacy/"),
    ]
    assert look_at(page, live_site, paths, thoroughly=True) == []

    # The change word by word opens by keyboard.
    page.goto(f"{live_site}/en/bulletins/{site.corrected}/versions/1/")
    summary = page.locator("main details > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main details[open] dl").first).to_be_visible()
    assert page_checks.barriers(page) == []


def test_the_portal(site, live_site, page, browse_as):
    browse_as(site.influencer.user)
    paths = [
        "portal/",
        f"portal/bulletins/{site.plain}/",
        f"portal/bulletins/{site.corrected}/",
        f"portal/bulletins/{site.withdrawn}/",
        "portal/code-of-ethics/",
        "portal/handbook/",
        "account/logout/",
    ]
    assert look_at(page, live_site, paths, thoroughly=True) == []


def test_the_pages_of_contributors(site, live_site, page, browse_as):
    browse_as(site.contributor)
    own = f"inputs/{site.sent_in.pk}/"
    paths = ["inputs/", "inputs/new/", own, f"{own}sent/", f"inputs/{site.asked_back.pk}/"]
    wrong = look_at(page, live_site, paths)

    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            page.goto(f"{live_site}/{language}/inputs/new/")
            page.fill("[name=sources-0-url]", "no address")
            page_checks.follow(page.locator("main form [data-send]"))
            page.wait_for_selector("main [role=alert]")
            wrong += page_checks.wrong_with(page, language)
    assert wrong + faults == []


def test_the_doors(campaign, ines, live_site, page, smtp_sink):
    from django.core.cache import cache

    wrong = look_at(page, live_site, ["account/login/", "account/inactive/", "account/login/code/"])
    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            cache.clear()  # tries to log in are counted there
            page.context.clear_cookies()
            page.goto(f"{live_site}/{language}/account/login/code/")
            page.fill("[name=email]", ines.email)
            page_checks.follow(page.locator("main form button[type=submit]").first)
            page.wait_for_selector("[name=code]")
            wrong += page_checks.wrong_with(page, language)
            page.fill("[name=code]", "WRONG1")
            page_checks.follow(page.locator("main form button[type=submit]").first)
            page.wait_for_selector("[name=code][aria-invalid=true]")
            wrong += page_checks.wrong_with(page, language)
    assert wrong + faults == []


def test_who_has_no_place_in_the_portal_reads_why(campaign, minna, live_site, page, browse_as):
    browse_as(minna)
    with page_checks.watching(page) as faults:
        assert page.goto(f"{live_site}/en/portal/").status == 403
        assert page_checks.wrong_with(page, "en") + faults == []
