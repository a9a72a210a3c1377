"""The desk under its policy, in a real browser: nothing inline runs, nothing is refused aloud, and everything works."""

import pytest
from django.urls import reverse
from django.utils.csp import build_policy

from bulletins.models import Bulletin
from config.desk.site import DESK_CSP
from factcheck.models import Claim
from tests.desk import scene
from tests.journeys.page_checks import follow, until, watching
from tests.support.builders import NOON

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

LISTS = (
    *("bulletins_bulletin", "bulletins_messageinput", "factcheck_claim", "delivery_send", "delivery_recipient"),
    *(
        "influencers_influencer",
        "campaigns_campaign",
        "accounts_user",
        "accounts_auditentry",
        "questions_questiongroup",
    ),
)


def test_the_policy_of_the_desk_lets_nothing_inline_run():
    policy = build_policy(DESK_CSP)
    assert "script-src 'self' 'unsafe-eval';" in policy and "style-src 'self';" in policy
    assert "default-src 'none';" in policy and "script-src-attr 'none';" in policy


def test_the_desk_works_under_its_policy(live_site, page, browse_as, root, oskar, campaign):
    scene.fill(campaign, 1, noon=NOON)
    root.is_superuser = True
    root.save()
    browse_as(root)
    page.set_viewport_size({"width": 1280, "height": 900})

    def go(address: str) -> None:
        page.goto(f"{live_site}{address}")
        until(page, "() => !document.querySelector('html').hasAttribute('x-cloak')")

    with watching(page) as faults:
        go("/desk/")
        assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--color-primary-600')")
        assert page.locator("style").count() == 0
        page.locator("#nav-sidebar").get_by_role("link", name="Bulletins").wait_for()

        for name in LISTS:
            go(reverse(f"admin:{name}_changelist"))
            first = page.locator("#result_list tbody a").first
            if first.count():
                follow(first)
        go(reverse("admin:bulletins_bulletin_changelist"))
        page.locator(".filter-open-button").first.click()
        follow(page.locator("#changelist-filter").get_by_role("link", name="review").first)
        assert "state" in page.url

        bulletin = Bulletin.objects.filter(state="draft")[0]
        go(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
        for form in ("mail", "portal", "text"):
            go(reverse("admin:bulletins_bulletin_preview", args=[bulletin.pk]) + f"?as={form}")
        go(reverse("admin:bulletins_bulletin_calendar"))
        go(reverse("admin:factcheck_claim_change", args=[Claim.objects.all()[0].pk]))
        waiting = Bulletin.objects.filter(state="in_review")[0]
        go(reverse("admin:bulletins_bulletin_change", args=[waiting.pk]))

        page.emulate_media(color_scheme="light")
        go("/desk/")
        page.evaluate("document.documentElement._x_dataStack[0].switchTheme('dark')")
        until(page, "() => document.documentElement.classList.contains('dark')")
    # A preview is a page without a picture of its own, so that the browser asks for one that is not there.
    assert [fault for fault in faults if "favicon.ico" not in fault] == []
