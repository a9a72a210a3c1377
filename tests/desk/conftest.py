"""A desk with something of everything on it. Models are imported late: this file is read before the settings are."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _still(desk_at_noon: None) -> None:
    """It is noon at the desk, and nothing is shared (test_shared_parts.py has it shared)."""


@pytest.fixture
def boss(roles: None) -> Any:
    """Someone who may do everything but approve their own words."""
    from accounts.models import User

    return User.objects.create_superuser("boss@example.org", name="Boss")


@pytest.fixture
def full_desk(campaign: Any, roles: None, noon: datetime) -> Callable[[int], None]:
    """Fill the desk with two of everything (a filter with one choice is not shown), and return what adds one more."""
    from .scene import fill

    fill(campaign, 1, noon=noon)
    fill(campaign, 2, noon=noon)
    return lambda number: fill(campaign, number, noon=noon)
