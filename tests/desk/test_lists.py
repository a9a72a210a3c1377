"""No list of the desk costs more when there is more on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.forms import ModelChoiceField
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.desk_fields import with_blank_choice

FIXED = {"auth.Group", "campaigns.Campaign", "factcheck.Thresholds", "bulletins.SeenRule"}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def queries_of(client: Any, url: str, *, is_first: bool = True) -> int:
    """Return how many queries a page takes when what is cached is cached, which it is after the first time."""
    if is_first:
        client.get(url)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.slow
@pytest.mark.looks
def test_a_list_costs_the_same_however_long_it_is(full_desk: Callable[[int], None], boss: Any, signed_in: Any) -> None:
    client = signed_in(boss)

    def costs(*, is_first: bool) -> dict[str, int]:
        addresses = {
            model._meta.label: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for model in MODELS
        }
        return {label: queries_of(client, address, is_first=is_first) for label, address in addresses.items()}

    def lengths() -> dict[str, int]:
        return {model._meta.label: model._default_manager.count() for model in MODELS}

    few, before = costs(is_first=True), lengths()
    assert [label for label, length in before.items() if not length] == []

    full_desk(3)
    full_desk(4)

    assert {label for label, length in lengths().items() if length <= before[label]} <= FIXED
    assert costs(is_first=False) == few


@pytest.mark.slow
@pytest.mark.looks
def test_today_costs_the_same_however_much_waits(
    full_desk: Callable[[int], None],
    signed_in: Any,
    boss: Any,
    alma: Any,
    oskar: Any,
    fiona: Any,
    liisa: Any,
    root: Any,
) -> None:
    part = reverse("admin:today")
    clients = {user.name: signed_in(user) for user in (boss, alma, oskar, fiona, liisa, root)}
    few = {name: queries_of(client, part) for name, client in clients.items()}

    full_desk(3)
    full_desk(4)

    assert {name: queries_of(client, part) for name, client in clients.items()} == few
    assert max(few.values()) <= 71  # one of them for each kind of pending work (campaigns/pending_work.py)


@pytest.mark.looks
def test_a_field_reads_none_of_the_rows_it_chooses_from(boss: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        for empty in ("", "---------", None):
            with_blank_choice(ModelChoiceField(type(boss)._default_manager.all(), empty_label=empty))


def test_a_list_without_rows_says_whether_there_are_none_or_none_that_fit(boss: Any, signed_in: Any) -> None:
    client = signed_in(boss)
    address = reverse("admin:bulletins_snippet_changelist")

    empty, searched = (client.get(address, given).content.decode() for given in ({}, {"q": "nothing like it"}))

    assert "Nothing here yet" in empty and "Reset filters" not in empty
    assert "Nothing found" in searched and "Reset filters" in searched
