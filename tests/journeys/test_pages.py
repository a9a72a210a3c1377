"""Every page in every language in a real browser: nothing breaks, nothing scrolls sideways, nobody is shut out."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys import looking

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LANGUAGES = looking.drawn_as("fi", "sv", "en")
STATUS_OF = {"nowhere/": 404}


@pytest.fixture
def site(live_site: str) -> Any:
    """Something of everything, published before now."""
    from django.core.cache import cache
    from django.utils import timezone

    from tests.journeys.scene import fill

    cache.clear()  # tries to log in are counted there
    return fill(timezone.now() - timedelta(minutes=5))


def look_at(page: Any, live_site: str, language: str, paths: Iterable[str]) -> list[str]:
    """Open each path under the language's prefix; return all that is wrong."""
    wrong = []
    with looking.watching(page) as faults:
        for path in paths:
            answer = page.goto(f"{live_site}{path if path.startswith('/') else f'/{language}/{path}'}")
            if answer.status != STATUS_OF.get(path, 200):
                wrong.append(f"{page.url}: answered {answer.status}")
            wrong += looking.wrong_with(page, language)
    return wrong + faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_for_everyone(language, site, live_site, page):
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
        site.leave[language],
        "nowhere/",
    ]
    assert look_at(page, live_site, language, paths) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_portal(language, site, live_site, page, browse_as):
    browse_as(site.influencer.user)
    paths = [
        "portal/",
        f"portal/bulletins/{site.plain}/",
        f"portal/bulletins/{site.corrected}/",
        f"portal/bulletins/{site.withdrawn}/",
        "portal/pledge/",
        "portal/handbook/",
        "account/logout/",
    ]
    assert look_at(page, live_site, language, paths) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_contributors(language, site, live_site, page, browse_as):
    browse_as(site.contributor)
    own = f"inputs/{site.sent_in.pk}/"
    paths = ["inputs/", "inputs/new/", own, f"{own}sent/", f"inputs/{site.asked_back.pk}/"]
    wrong = look_at(page, live_site, language, paths)

    with looking.watching(page) as faults:
        page.goto(f"{live_site}/{language}/inputs/new/")
        page.fill("[name=sources-0-url]", "no address")
        page.click("main form [data-send]")
        page.wait_for_selector("main [role=alert]")
        wrong += looking.wrong_with(page, language)
    assert wrong + faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_doors(language, site, live_site, page, smtp_sink):
    wrong = look_at(page, live_site, language, ["account/login/", "account/inactive/", "account/login/code/"])
    with looking.watching(page) as faults:
        page.fill("[name=email]", site.influencer.user.email)
        page.click("main form button[type=submit]")
        page.wait_for_selector("[name=code]")
        wrong += looking.wrong_with(page, language)
        page.fill("[name=code]", "WRONG1")
        page.click("main form button[type=submit]")
        page.wait_for_selector("[name=code][aria-invalid=true]")
        wrong += looking.wrong_with(page, language)
    assert wrong + faults == []


def test_who_has_no_place_in_the_portal_reads_why(site, live_site, page, browse_as):
    browse_as(site.contributor)
    with looking.watching(page) as faults:
        assert page.goto(f"{live_site}/en/portal/").status == 403
        assert looking.wrong_with(page, "en") + faults == []


def test_in_the_dark(site, live_site, page, browse_as):
    """The other colours: contrast is theirs, the rest was seen by day."""
    browse_as(site.influencer.user)
    page.emulate_media(color_scheme="dark")
    paths = ["", f"bulletins/{site.corrected}/", f"facts/{site.claim}/", f"portal/bulletins/{site.plain}/", "portal/"]
    wrong = []
    for path in [*paths, f"bulletins/{site.withdrawn}/", "account/logout/"]:
        page.goto(f"{live_site}/en/{path}")
        wrong += looking.barriers(page)
    assert wrong == []


# --- The desk ------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(live_site: str, page: Any, browse_as: Any, request: pytest.FixtureRequest) -> Any:
    """The desk, with two of everything on it, open to somebody who may do all of it."""
    from django.utils import timezone

    from accounts.models import User
    from tests.builders import build_campaign
    from tests.desk.scene import fill

    campaign = build_campaign()
    for number in (1, 2):
        fill(campaign, number, noon=timezone.now())
    page.set_viewport_size({"width": 1400, "height": 900})
    return browse_as(User.objects.create_superuser("boss@example.org", name="Boss"))


def desk_pages() -> list[str]:
    """Return the paths of the desk's pages that people work on."""
    from bulletins.models import Bulletin
    from delivery.models import Send

    in_review = Bulletin.objects.filter(state=Bulletin.State.IN_REVIEW).earliest("pk")
    return [
        "",
        "bulletins/bulletin/",
        f"bulletins/bulletin/{in_review.pk}/change/",
        f"bulletins/bulletin/{in_review.pk}/read/",
        "bulletins/messageinput/",
        "delivery/send/",
        f"delivery/send/{Send.objects.earliest('pk').pk}/change/",
    ]


@pytest.mark.parametrize("language", looking.drawn_as("en", "fi"))
def test_the_desk(language, desk, live_site, record_property):
    desk.context.add_cookies([{"name": "django_language", "value": language, "url": live_site}])
    ours, frame = [], []
    with looking.watching(desk) as faults:
        for path in desk_pages():
            assert desk.goto(f"{live_site}/desk/{path}").status == 200
            desk.wait_for_load_state("networkidle")
            assert desk.get_attribute("html", "lang") == language
            assert desk.locator(".exercise").first.is_visible()
            if language == "en":
                found = looking.barriers(desk)
                ours += [one for one in found if in_our_region(desk, one)]
                frame += [one for one in found if not in_our_region(desk, one)]
    record_property("barriers of the frame", "\n".join(frame))
    assert ours + faults == []


def in_our_region(page: Any, barrier: str) -> bool:
    """Tell whether a barrier is in what we draw ourselves (.cb, the band of the exercise), not in Unfold's frame."""
    target = re.search(r"\) (.*?): <", barrier)
    return bool(target) and bool(
        page.evaluate("(at) => !!document.querySelector(at)?.closest('.cb, .exercise')", target[1])
    )
