"""Making the first administrator from the server."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access.roles import Role
from accounts.login import first_administrator
from accounts.models import AuditEntry, EntryLink, User
from tests.support.builders import build_user

pytestmark = pytest.mark.django_db


def made(capsys: Any, *more: str) -> str:
    """Run the command and return the path of the link that it prints."""
    call_command("first_admin", "--email", "Boss@example.org", *more)
    found = re.search(r"^https?://[^/]+(/\S+)$", capsys.readouterr().out, re.MULTILINE)
    assert found
    return found[1]


def with_factor(user: User) -> None:
    """Give someone a second factor."""
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})


def test_the_link_shows_a_page_and_its_button_logs_in_once(capsys: Any) -> None:
    path = made(capsys, "--name", "Bea Boss")
    boss = User.objects.get()
    assert (boss.email, boss.name, boss.is_staff, boss.has_usable_password()) == (
        "boss@example.org",
        "Bea Boss",
        True,
        False,
    )
    assert boss.groups.filter(name=Role.ADMIN).exists() and not boss.is_superuser
    client = Client()

    for _ in range(3):  # a scanner looks, too
        assert "boss@example.org" in client.get(path).content.decode()
    assert "_auth_user_id" not in client.session
    answer = client.post(path)

    assert answer.status_code == 302 and client.session["_auth_user_id"] == str(boss.pk)
    assert Client().post(path).status_code == Client().get(path).status_code == 404
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", "actor"))
    assert verbs == [("user.roles_changed", None), ("user.first_admin_made", None), ("user.logged_in", boss.pk)]


def test_setting_up_the_second_factor_comes_next(capsys: Any) -> None:
    client = Client()
    answer = client.post(made(capsys), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("mfa_index")


def test_only_a_hash_of_the_link_is_kept_and_it_ends_after_an_hour(capsys: Any) -> None:
    path = made(capsys)
    token = path.rstrip("/").rsplit("/", 1)[-1]
    assert token not in str(EntryLink.objects.values().get())

    later = timezone.now() + timedelta(minutes=60)
    assert first_administrator.find(token, at=later) is None and first_administrator.use_link(token, at=later) is None
    assert first_administrator.forget_old(at=later) == 1


def test_a_second_link_ends_the_first(capsys: Any) -> None:
    first, second = made(capsys), made(capsys)

    assert Client().post(first).status_code == 404
    assert Client().post(second).status_code == 302


def test_it_refuses_while_an_administrator_with_a_second_factor_is_there(capsys: Any, root: User) -> None:
    with_factor(root)
    with pytest.raises(CommandError, match="--again"):
        made(capsys)

    assert not User.objects.filter(email="boss@example.org").exists() and not EntryLink.objects.exists()


def test_one_without_a_second_factor_or_closed_or_not_an_administrator_is_no_obstacle(
    capsys: Any, root: User, alma: User
) -> None:
    closed = build_user("closed", "admin", is_active=False)
    for user in (closed, alma):
        with_factor(user)

    assert Client().get(made(capsys)).status_code == 200


def test_again_is_for_who_has_lost_everything_and_takes_the_old_factor_away(capsys: Any, roles: None) -> None:
    boss = build_user("boss", "admin")
    with_factor(boss)
    there = Client()
    there.force_login(boss)
    path = made(capsys, "--again")

    assert not Authenticator.objects.filter(user=boss).exists()
    assert Client().post(path).status_code == 302
    assert AuditEntry.objects.filter(verb="user.second_factor_reset", actor=None, subject_id=str(boss.pk)).exists()
    assert AuditEntry.objects.get(verb="user.first_admin_made").detail == {"again": True}
    assert there.get(reverse("account")).status_code == 302, "their other sessions have ended"


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(CommandError, match="Email cannot reach this address"):
        call_command("first_admin", "--email", "boss@localhost")
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_those_who_open_the_link_at_the_same_moment_one_gets_in(capsys: Any) -> None:
    path = made(capsys)

    def enter(_number: int) -> int:
        try:
            return int(Client().post(path).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(enter, range(12)))

    assert sorted(answers) == [302] + [404] * 11
