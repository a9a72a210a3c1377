"""The table of roles is what the database says, all of it or nothing."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.access import permissions, roles
from accounts.access.permissions import PERMISSIONS, Scope
from accounts.access.roles import Role
from tests.support.builders import build_user

pytestmark = pytest.mark.django_db


def held() -> dict[str, set[str]]:
    """Return the permissions of each group in the database."""
    rows = Group.objects.values_list("name", "permissions__content_type__app_label", "permissions__codename")
    found: dict[str, set[str]] = {name: set() for name, _app, _codename in rows}
    for name, app, codename in rows:
        if codename:
            found[name].add(f"{app}.{codename}")
    return found


def test_the_groups_say_what_the_table_says():
    counts = permissions.sync()

    assert held() == {role.value: set(names) for role, names in PERMISSIONS.items()}
    assert counts == {role.value: len(names) for role, names in PERMISSIONS.items()}


def test_every_role_is_in_the_table():
    assert set(PERMISSIONS) == set(Role)


def test_syncing_again_takes_back_what_somebody_added():
    permissions.sync()
    group = Group.objects.get(name=Role.CONTRIBUTOR)
    group.permissions.add(Permission.objects.get(codename="approve_bulletin"))

    permissions.sync()

    assert held()[Role.CONTRIBUTOR] == set(PERMISSIONS[Role.CONTRIBUTOR])


def test_a_permission_that_no_model_has_changes_nothing(monkeypatch):
    permissions.sync()
    before = held()
    monkeypatch.setitem(
        PERMISSIONS, Role.CONTRIBUTOR, {"bulletins.submit_messageinput": Scope.ALL, "bulletins.fly": Scope.ALL}
    )
    monkeypatch.setitem(PERMISSIONS, Role.EDITOR, {})

    with pytest.raises(LookupError, match=r"bulletins\.fly"):
        permissions.sync()

    assert held() == before


def test_the_command_writes_the_table(capsys):
    call_command("sync_roles")

    assert held()[Role.EDITOR] == set(PERMISSIONS[Role.EDITOR])


def test_nobody_both_writes_bulletins_and_approves_them_by_role():
    """Four eyes holds per version in bulletins.approval.eligibility; the table does not even hand out both."""
    writes, approves = "bulletins.change_bulletin", "bulletins.approve_bulletin"
    assert [role for role, names in PERMISSIONS.items() if {writes, approves} <= names.keys()] == []


def test_only_the_roles_of_the_desk_may_enter_it():
    permissions.sync()
    for role in Role:
        assert build_user(role.value, role).is_staff == (role in roles.STAFF)
