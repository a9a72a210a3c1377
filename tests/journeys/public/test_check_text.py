"""Someone checks a text that they got, in a real browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bulletins.models import KeyMessage
from bulletins.publication import corrections
from factcheck.matching.similar_claims import index
from tests.journeys import page_checks
from tests.support import builders
from tests.support.builders import in_all

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

SAYS = {
    "fi": "Kirjastot avataan {}. huhtikuuta kello 9.",
    "sv": "Biblioteken öppnar den {} april kl. 9.",
    "en": "Libraries open on {} April at 9.",
}


def say(bulletin: Any, day: int) -> None:
    """Let the key message name a day."""
    texts = {code: text.format(day) for code, text in SAYS.items()}
    KeyMessage.objects.filter(bulletin=bulletin).update(text=texts)


@pytest.fixture
def corrected(live_site: str, campaign: Any) -> Any:
    """A bulletin whose date was corrected, one that was withdrawn, and a checked claim."""
    now = timezone.now()
    bulletin = builders.build_bulletin(campaign)
    say(bulletin, 13)
    builders.published(bulletin, at=now - timedelta(days=2))
    changed = in_all(en="The date was wrong. It should say: 20 April.")
    corrections.start_correction(bulletin, by=builders.editor(), at=now, what_changed=changed, share_text=changed)
    say(bulletin, 20)
    index(builders.build_claim(campaign, text=in_all(en="Garlic cures the coronavirus in days")))
    return builders.published(bulletin, at=now - timedelta(days=1))


def check(page: Any, text: str) -> None:
    """Paste a text, press the button, and wait for the answer."""
    page.locator("textarea").fill(text)
    page_checks.follow(page.locator("main form button[type=submit]").first)
    page.wait_for_selector("#h-found, .notice--bad")


def test_an_old_text_is_checked_and_the_new_one_copied_from_the_answer(corrected, live_site, page):
    wrong = []
    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            page.goto(f"{live_site}/{language}/check/")
            wrong += page_checks.wrong_with(page, language)
            old = SAYS[language].format(13)
            check(page, f"{old}\nGarlic cures the coronavirus in days!")
            wrong += page_checks.wrong_with(page, language)
            new = page.locator(".match--superseded .say__words").inner_text()
            assert page.locator("textarea").input_value().startswith(old)

            check(page, new)
            assert page.locator(".match--current").count() == 1, page.url
            assert page.locator(".match--superseded").count() == 0, page.url
            wrong += page_checks.wrong_with(page, language)

            check(page, SAYS[language].format(25))
            assert page.locator(".match--altered").count() == 1, page.url
            wrong += page_checks.wrong_with(page, language)

            check(page, "The moon landed on our town hall yesterday")
            wrong += page_checks.wrong_with(page, language)

            check(page, "")
            wrong += page_checks.wrong_with(page, language)
    assert wrong + faults == []


def test_whoever_reads_the_front_page_finds_the_way_to_it(corrected, live_site, page):
    page.goto(f"{live_site}/en/")

    page.locator("footer").get_by_role("link", name="Check a text").click()

    page.wait_for_url(f"{live_site}/en/check/")
    assert page.get_by_role("heading", name="Check a text").is_visible()
