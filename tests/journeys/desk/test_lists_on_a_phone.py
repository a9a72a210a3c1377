"""The desk's lists on a phone: nothing has to be pushed sideways, and what is urgent, and how far it is, is seen."""

import pytest
from django.urls import reverse

from tests.desk import scene
from tests.journeys.page_checks import NARROW, PHONE, barriers, misdirected, too_wide, width_of
from tests.support.builders import NOON

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LISTS = {
    "bulletins_messageinput": ["urgent", "new"],
    "bulletins_bulletin": ["in review"],
    "delivery_send": ["bulletin", "sending"],
    "influencers_influencer": ["active"],
    "accounts_user": [],
}
CUT_OFF = """() => [...document.querySelectorAll("#result_list td, #result_list th")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.textContent.trim())"""


def test_lists_can_be_used_on_a_phone(live_site, page, browse_as, root, campaign):
    scene.fill(campaign, 1, noon=NOON)
    scene.fill(campaign, 2, noon=NOON)
    root.is_superuser = True
    root.save()
    browse_as(root)
    wrong = []
    for name, labels in LISTS.items():
        page.goto(live_site + reverse(f"admin:{name}_changelist"))
        for width in (PHONE, NARROW):
            width_of(page, width)
            rows = page.locator("#result_list")
            for label in labels:
                assert rows.get_by_text(label, exact=True).first.is_visible(), f"{name} at {width}: {label}"
            wrong += [f"{name} at {width}: {one!r} is cut off" for one in page.evaluate(CUT_OFF)]
            wrong += barriers(page) + misdirected(page) + too_wide(page, width)
    assert wrong == []
