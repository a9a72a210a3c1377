"""A desk with something of everything on it. Models are imported late: this file is read before the settings are."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch, noon: datetime) -> None:
    """It is noon at the desk: its pages and the steps taken there ask the clock."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: noon)


@pytest.fixture(autouse=True)
def nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is the same for all viewers is made for each (test_shared_parts.py has it shared)."""
    from config.desk import shared_parts

    monkeypatch.setattr(shared_parts, "FRESH", 0)


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
