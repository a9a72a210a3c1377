"""
Which rows someone reaches: the scopes of the table in permissions.py, put into conditions.

What a scope means for the rows of a model is said by the app that knows it, once, with `defines`; everything that shows,
searches, offers or changes rows asks `visible`. A scope that nobody gave a meaning for a model reaches none of its
rows.
"""

import operator
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from django.db import models

from accounts.models import User

from . import permissions
from .permissions import Scope

Meaning = Callable[[User], models.Q]

MEANINGS: dict[tuple[type[models.Model], Scope], Meaning] = {}


def defines(scope: Scope, model: type[models.Model]) -> Callable[[Meaning], Meaning]:
    """Say with the function below what a scope means for the rows of a model: it gets a user and returns a condition."""

    def keep(meaning: Meaning) -> Meaning:
        MEANINGS[model, scope] = meaning
        return meaning

    return keep


def within[Rows: models.QuerySet[Any]](rows: Rows, scopes: Iterable[Scope], user: Any) -> Rows:
    """Return those of `rows` that at least one of the scopes reaches for a user."""
    scopes = set(scopes)
    if Scope.ALL in scopes:
        return rows
    conditions = [MEANINGS[rows.model, one](user) for one in sorted(scopes) if (rows.model, one) in MEANINGS]
    return rows.filter(reduce(operator.or_, conditions)) if conditions else rows.none()


def visible[Rows: models.QuerySet[Any]](rows: Rows, user: Any) -> Rows:
    """Return those of `rows` that a user reaches who may see or change rows like them."""
    app, _dot, model = rows.model._meta.label_lower.partition(".")
    asked = (f"{app}.view_{model}", f"{app}.change_{model}")
    return within(rows, set().union(*(permissions.scopes_of(user, one) for one in asked)), user)
