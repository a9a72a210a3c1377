"""The bell at the desk: a count, a page that works without a script, and what Today brings along."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bulletins import notices
from bulletins.models import MessageInput
from notifications import outbox
from notifications.models import Notice
from tests.support import builders

PAGE, TODAY = "admin:notifications", "admin:today"


def tell(campaign: Any, person: Any, *, noon: Any) -> Notice:
    """Tell someone that a submission came in."""
    about = builders.build_input(campaign, at=noon)
    return outbox.write(notices.INPUT_ARRIVED, [person], at=noon - timedelta(minutes=5), about=about)[0]


def test_every_page_has_the_bell_and_today_brings_the_new_one(
    campaign: Any, noon: Any, alma: Any, signed_in: Any
) -> None:
    client = signed_in(alma)
    for name in ("admin:index", "admin:bulletins_bulletin_changelist", PAGE):
        page = client.get(reverse(name)).content.decode()
        assert page.count('id="bell"') == 1 and "Notifications: nothing new" in page, name

    notice = tell(campaign, alma, noon=noon)
    part = client.get(reverse(TODAY)).content.decode()

    assert "Notifications: 1 new" in part and 'hx-swap-oob="true"' in part and f'data-newest="{notice.pk}"' in part
    assert 'hx-swap-oob="true"' not in client.get(reverse("admin:index")).content.decode()


def test_opening_one_marks_it_and_leads_to_its_page(campaign: Any, noon: Any, alma: Any, signed_in: Any) -> None:
    first, second = tell(campaign, alma, noon=noon), tell(campaign, alma, noon=noon)
    client = signed_in(alma)
    page = client.get(reverse(PAGE)).content.decode()
    assert page.count(">New<") == 2 and not Notice.objects.exclude(seen_at=None).exists()

    answer = client.post(reverse(PAGE), {"notice": first.pk})

    assert answer.url == reverse("admin:bulletins_messageinput_change", args=[first.subject_id])
    assert list(Notice.objects.filter(seen_at=None)) == [second]
    assert "Notifications: 1 new" in client.get(reverse("admin:index")).content.decode()

    assert client.post(reverse(PAGE)).url == reverse(PAGE)
    page = client.get(reverse(PAGE)).content.decode()
    assert "Notifications: nothing new" in page and ">New<" not in page and "Mark all as seen" not in page


def test_as_many_are_called_new_as_the_bell_counts(campaign: Any, noon: Any, alma: Any, signed_in: Any) -> None:
    tell(campaign, alma, noon=noon)
    old = tell(campaign, alma, noon=noon)
    Notice.objects.filter(pk=old.pk).update(at=noon - timedelta(days=8))  # for which nothing rings any more

    page = signed_in(alma).get(reverse(PAGE)).content.decode()

    assert page.count(">New<") == 1 and "Notifications: 1 new" in page


def test_what_is_gone_says_so_and_leads_back(campaign: Any, noon: Any, alma: Any, signed_in: Any) -> None:
    notice = tell(campaign, alma, noon=noon)
    MessageInput.objects.all().delete()

    answer = signed_in(alma).post(reverse(PAGE), {"notice": notice.pk}, follow=True)

    assert answer.redirect_chain == [(reverse(PAGE), 302)] and "no longer exists" in answer.content.decode()


@pytest.mark.parametrize("key", ["0", "x", "-1", "²", "9" * 30])
def test_nobody_marks_or_opens_what_was_told_to_another(
    key: str, campaign: Any, noon: Any, alma: Any, oskar: Any, signed_in: Any
) -> None:
    theirs = tell(campaign, oskar, noon=noon)
    client = signed_in(alma)

    assert client.post(reverse(PAGE), {"notice": theirs.pk}).status_code == 404
    assert client.post(reverse(PAGE), {"notice": key}).status_code == 404
    assert not Notice.objects.exclude(seen_at=None).exists()
    assert client.get(reverse(PAGE)).context["told"] == []


def test_the_page_costs_the_same_however_much_there_is(campaign: Any, noon: Any, alma: Any, signed_in: Any) -> None:
    client = signed_in(alma)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(PAGE))
        return len(captured)

    tell(campaign, alma, noon=noon)
    cost()
    few = cost()
    for _number in range(8):
        tell(campaign, alma, noon=noon)
    assert cost() == few
