"""The lists of what is sent: by title, with progress, what waits for a person first."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from delivery.message.personal_fields import field
from delivery.models import Delivery, Message, Send
from tests.support import builders

LIST = "admin:delivery_send_changelist"


def words(answer: Any) -> str:
    """Return the page's text, with one space where lines break and no markup."""
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", answer.content.decode()))


@pytest.fixture
def sends(campaign: Any, noon: datetime) -> list[Send]:
    """A send under way, a planned one, and an older one that is held."""
    audience = builders.build_audience(campaign, size=3)
    going = builders.build_fanned_out_send(
        audience, mailing=builders.build_mailing(campaign, "bulletin-7-v1", queue="urgent"), at=noon
    )
    first = Delivery.objects.of(going).earliest("pk")
    Delivery.objects.filter(pk=first.pk).update(state="accepted", finished_at=noon)
    planned = builders.build_send(
        audience, builders.build_mailing(campaign, "bulletin-8-v1"), slot_at=noon + timedelta(hours=1)
    )
    held = builders.build_send(
        audience, builders.build_mailing(campaign, "bulletin-6-v1"), slot_at=noon - timedelta(1), state="held"
    )
    return [going, planned, held]


def test_sends_are_listed_by_title_with_progress_and_without_keys(
    sends: list[Send], oskar: Any, signed_in: Any
) -> None:
    answer = signed_in(oskar).get(reverse(LIST))

    page = words(answer)
    assert "bulletin-7-v1" not in page and "1 of 3 sent" in page
    assert page.count(Message.objects.filter(language="en")[0].subject) >= 3
    assert [row.pk for row in answer.context["cl"].result_list] == [sends[2].pk, sends[1].pk, sends[0].pk]


def test_sends_are_found_by_their_title(sends: list[Send], oskar: Any, signed_in: Any) -> None:
    desk, subject = signed_in(oskar), Message.objects.filter(language="fi")[0].subject

    assert len(desk.get(reverse(LIST), {"q": subject}).context["cl"].result_list) == 3
    assert not desk.get(reverse(LIST), {"q": "nothing of the kind"}).context["cl"].result_list


def test_the_lists_cost_the_same_however_many_sends(
    sends: list[Send], campaign: Any, oskar: Any, signed_in: Any, noon: datetime
) -> None:
    desk, audience = signed_in(oskar), builders.build_audience(campaign, "others", size=2)

    def costs() -> list[int]:
        found = []
        for name in ("send", "mailing", "message"):
            with CaptureQueriesContext(connection) as captured:
                desk.get(reverse(f"admin:delivery_{name}_changelist"))
            found.append(len(captured))
        return found

    costs()
    few = costs()
    for number in range(5):
        builders.build_fanned_out_send(audience, mailing=builders.build_mailing(campaign, f"more-{number}"), at=noon)

    assert costs() == few and max(few) <= 18


def test_a_message_is_shown_as_its_readers_see_it(campaign: Any, oskar: Any, signed_in: Any) -> None:
    link = field("unsubscribe_url")
    mailing = builders.build_mailing(
        campaign,
        html=f'<html><body><p>Hei {field("name")}</p><a href="{link}">Pois</a><script>bad()</script></body></html>',
        text=f"Hei {field('name')}\n\nPois: {link}\n",
    )
    message, desk = mailing.messages.get(language="fi"), signed_in(oskar)

    page = desk.get(reverse("admin:delivery_message_change", args=[message.pk]))
    frame = desk.get(reverse("admin:delivery_message_preview", args=[message.pk]))

    text = page.content.decode()
    assert message.subject in text and "Pois: (the recipient&#x27;s own link)" in text
    assert 'sandbox="allow-same-origin"' in text and mailing.key not in text
    assert "<p>Hei (the recipient&#x27;s name)</p>" in frame.content.decode()
    policy = frame.headers["Content-Security-Policy"]
    assert "sandbox allow-same-origin" in policy and "default-src 'none'" in policy and "script-src" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_only_those_who_may_see_messages_see_one(campaign: Any, minna: Any, signed_in: Any) -> None:
    message = builders.build_mailing(campaign).messages.first()

    answer = signed_in(minna).get(reverse("admin:delivery_message_preview", args=[message.pk]))

    assert answer.status_code in {302, 403}
