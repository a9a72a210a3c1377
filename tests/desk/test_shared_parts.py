"""What Today shows is made once for all who may see it, and reaches nobody else."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from bulletins.models import MessageInput
from config.desk import shared_parts
from config.desk.shared_parts import shared_part
from tests.support import builders

TODAY = "admin:today"


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are shared for a minute, and none is there yet."""
    cache.clear()
    monkeypatch.setattr(shared_parts, "FRESH", 60)


def test_a_second_viewer_costs_a_few_queries_and_sees_the_same(
    full_desk: Callable[[int], None], shared: None, boss: Any, root: Any, signed_in: Any
) -> None:
    first, second = signed_in(boss), signed_in(root)
    page = first.get(reverse(TODAY)).content.decode()
    second.get(reverse("account"))

    with CaptureQueriesContext(connection) as captured:
        seen = second.get(reverse(TODAY)).content.decode()

    assert "Delivery health" in page and "Delivery health" in seen
    ledger = [one["sql"] for one in captured if 'FROM "delivery_delivery"' in one["sql"]]
    assert ledger == []


def test_what_is_shared_is_shown_to_nobody_without_the_right_to_it(
    full_desk: Callable[[int], None], shared: None, boss: Any, alma: Any, fiona: Any, signed_in: Any
) -> None:
    everything = signed_in(boss).get(reverse(TODAY)).context
    for user in (alma, fiona):
        context = signed_in(user).get(reverse(TODAY)).context
        for right, part in (
            ("delivery.view_send", "vitals"),
            ("bulletins.view_messageinput", "inputs"),
            ("questions.view_questiongroup", "questions"),
            ("influencers.view_recall", "recalls"),
        ):
            assert part in everything
            assert (part in context) == user.has_perm(right), (user, part)
        assert ("live" in context and context["live"]["may_control"]) == user.has_perm("delivery.control_send")


@pytest.mark.both
def test_each_campaign_and_each_language_has_parts_of_its_own(shared: None) -> None:
    for key, language, made in ((1, "fi", "a"), (2, "fi", "b"), (1, "sv", "c")):
        with override(language):
            assert shared_part("test", key, lambda made=made: made) == made  # type: ignore[misc]
    with override("fi"):
        assert [shared_part("test", key, lambda: "not made") for key in (1, 2)] == ["a", "b"]


def test_the_page_itself_is_made_anew_and_its_part_within_seconds(
    campaign: Any, shared: None, boss: Any, signed_in: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(boss)
    assert "No submissions waiting" in client.get(reverse(TODAY)).content.decode()
    builders.build_input(campaign, authority=builders.build_authority(), at=noon, title="Schools open")

    assert "Schools open" not in client.get(reverse(TODAY)).content.decode()
    assert "Schools open" in client.get(reverse("admin:index")).content.decode()
    assert "Schools open" in client.get(reverse(TODAY)).content.decode()

    MessageInput.objects.all().delete()
    monkeypatch.setattr(shared_parts, "FRESH", 0)
    assert "Schools open" not in client.get(reverse(TODAY)).content.decode()


@pytest.mark.both
def test_one_caller_makes_what_is_old_while_others_get_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_parts, "FRESH", 0)
    made: list[str] = []
    begun, may_end = threading.Event(), threading.Event()

    def slowly() -> str:
        made.append("new")
        begun.set()
        assert may_end.wait(10)
        return "new"

    assert shared_part("slow", 1, lambda: "old") == "old"
    first = threading.Thread(target=shared_part, args=("slow", 1, slowly))
    first.start()
    assert begun.wait(10)
    assert [shared_part("slow", 1, slowly) for _viewer in range(3)] == ["old"] * 3
    may_end.set()
    first.join()

    assert made == ["new"]
    assert shared_part("slow", 1, lambda: "newest") == "newest"
