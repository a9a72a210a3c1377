"""
Which rows someone reaches: the scopes of the table in permissions.py, put into conditions.

Whoever works in a campaign by roles that hold there alone (campaign_roles) reaches rows of that campaign only. The way
from a row to its campaign is the model's `of_campaign`, else its field `campaign`; models with neither are shared by all.

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

from . import campaign_roles, permissions
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
    scopes = set().union(*(permissions.scopes_of(user, one) for one in asked))
    return within(in_campaign_of(rows, user), scopes, user)


def in_campaign_of[Rows: models.QuerySet[Any]](rows: Rows, user: Any) -> Rows:
    """Return those of `rows` that are of the campaign in which a user has roles of its own: all of them for others."""
    here, way = campaign_roles.here_of(user), way_of(rows.model)
    if here is None or not way or is_of_site(rows.model, user):
        return rows
    return of_campaign(rows, here.campaign)


def is_of_site(model: type[models.Model], user: Any) -> bool:
    """Return whether a user sees the rows of a model for the whole site, some of which are of no campaign (`is_of_site`)."""
    if not getattr(model, "is_of_site", False):
        return False
    return permissions.is_held_for_site(user, f"{model._meta.app_label}.view_{model._meta.model_name}")


def of_campaign[Rows: models.QuerySet[Any]](rows: Rows, campaign: int) -> Rows:
    """Return those of `rows`, of a model that knows its campaign, that are of a campaign."""
    way = way_of(rows.model)
    if "__" not in way or not is_to_many(rows.model, way):
        return rows.filter(**{way: campaign})
    return rows.filter(pk__in=rows.model._base_manager.filter(**{way: campaign}).values("pk"))


def way_of(model: Any) -> str:
    """Return the way from a model's rows to their campaign, "" for what all campaigns share."""
    own = "campaign" if any(field.name == "campaign" for field in model._meta.fields) else ""
    return str(getattr(model, "of_campaign", own))


def is_to_many(model: Any, way: str) -> bool:
    """Return whether a row may lead to several campaigns."""
    for name in way.split("__")[:-1]:
        field = model._meta.get_field(name)
        if field.one_to_many or field.many_to_many:
            return True
        if not field.is_relation:
            return False
        model = field.related_model
    return False
