"""The list of people who log in: staff first, authorities and the network apart, everyone when one searches."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support import builders

LIST = "admin:accounts_user_changelist"


@pytest.fixture
def people(roles: None) -> None:
    """One of each kind."""
    builders.build_user("edith", "editor")
    builders.build_user("minna", "contributor")
    builders.build_user("ines", "influencer")


def names(answer: Any) -> list[str]:
    """Return who is on the page."""
    assert answer.status_code == 200
    return [row.name for row in answer.context["cl"].result_list]


def test_people_are_split_into_staff_authorities_and_network(people: None, boss: Any, signed_in: Any) -> None:
    desk = signed_in(boss)

    assert names(desk.get(reverse(LIST))) == ["Boss", "Edith"]
    assert names(desk.get(reverse(LIST), {"part": "authorities"})) == ["Minna"]
    assert names(desk.get(reverse(LIST), {"part": "network"})) == ["Ines"]
    assert names(desk.get(reverse(LIST), {"part": "all"})) == ["Boss", "Edith", "Ines", "Minna"]
    assert names(desk.get(reverse(LIST), {"part": "nonsense"})) == ["Boss", "Edith"]


def test_a_search_and_a_role_look_among_everyone(people: None, boss: Any, signed_in: Any) -> None:
    desk, role = signed_in(boss), Group.objects.get(name="influencer")

    assert names(desk.get(reverse(LIST), {"q": "ines"})) == ["Ines"]
    assert names(desk.get(reverse(LIST), {"groups__id__exact": role.pk})) == ["Ines"]


def test_roles_and_state_are_words(people: None, boss: Any, signed_in: Any) -> None:
    page = signed_in(boss).get(reverse(LIST)).content.decode()

    assert "editor" in page and "full access" in page and "can log in" in page


def test_the_list_costs_the_same_however_many_people(people: None, boss: Any, signed_in: Any) -> None:
    desk = signed_in(boss)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.get(reverse(LIST))
        return len(captured)

    cost()
    few = cost()
    for number in range(5):
        builders.build_user(f"editor-{number}", "editor")

    assert cost() == few <= 15
