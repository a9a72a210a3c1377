"""No list of the desk costs more when there is more on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

FIXED = {"auth.Group", "campaigns.Campaign", "factcheck.Thresholds"}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def queries_of(client: Any, url: str) -> int:
    """Return how many queries a page takes the second time, when what is cached is cached."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_costs_the_same_however_long_it_is(
    model: Any, full_desk: Callable[[int], None], boss: Any, signed_in: Any
) -> None:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    client = signed_in(boss)
    few, cost = model._default_manager.count(), queries_of(client, url)
    assert few, f"there is no {model._meta.label} to list"

    full_desk(3)
    full_desk(4)

    assert model._meta.label in FIXED or model._default_manager.count() > few
    assert queries_of(client, url) == cost


@pytest.mark.parametrize("who", ["boss", "alma", "oskar", "fiona", "liisa", "root"])
def test_today_costs_the_same_however_much_waits(
    who: str, full_desk: Callable[[int], None], signed_in: Any, request: pytest.FixtureRequest
) -> None:
    client = signed_in(request.getfixturevalue(who))
    part = reverse("admin:today")
    cost = queries_of(client, part)

    full_desk(3)
    full_desk(4)

    assert queries_of(client, part) == cost
    assert cost <= 40


def test_every_page_of_every_row_opens(full_desk: Callable[[int], None], boss: Any, signed_in: Any) -> None:
    client = signed_in(boss)
    for model in MODELS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        for row in model._default_manager.all()[:2]:
            answer = client.get(reverse(name, args=[row.pk]), follow=True)  # an edition's page is its bulletin's
            assert answer.status_code == 200, f"{model._meta.label} {row.pk}"
