"""Whoever deletes rows by hand may take away what a page stands on. The portal says less then; it does not break."""

import itertools
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from influencers.recall import recall_plan
from tests.influencers.recall.recall_scene import LATER, correct, does, person, posts, publish

KEPT = {"accounts_user", "django_session", "campaigns_campaign", "influencers_influencer"}  # without these nobody is in
TOGETHER = ("bulletins_bulletin", "bulletins_version", "bulletins_publishededition", "bulletins_card")
PAGES = ("/en/portal/", "/en/portal/bulletins/1/", "/en/portal/bulletins/", "/en/portal/posts/")


def tables_read(client: Client, path: str) -> set[str]:
    """Return the tables that a page reads."""
    found: set[str] = set()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        found.update(re.findall(r'(?:FROM|JOIN) "(\w+)"', sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        assert client.get(path).status_code == 200
    return found - KEPT


def without(*tables: str) -> None:
    """Delete all rows of some tables as somebody at a console does, whatever hangs on them or forbids it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')


@pytest.mark.sqlite
@pytest.mark.django_db
def test_the_portal_survives_that_rows_are_gone(campaign, roles, signed_in):
    elli = person(campaign, "elli", instagram=900)
    first = publish(campaign)
    does(elli, first)
    post = posts(elli, first)
    correct(first)
    recall_plan.plan_due(at=LATER)
    pages = (*PAGES, f"/en/portal/posts/{post.pk}/", f"/en/portal/recalls/{elli.recalls.get().recall_id}/")
    broken = []
    for path in pages:
        read = tables_read(signed_in(elli.user), path)
        for gone in [*((table,) for table in sorted(read)), *itertools.combinations(TOGETHER, 2)]:
            with transaction.atomic():
                client = signed_in(elli.user)
                client.raise_request_exception = False
                without(*gone)
                if (status := client.get(path).status_code) >= 500:
                    broken.append((path, gone, status))
                transaction.set_rollback(True)
    assert broken == []
