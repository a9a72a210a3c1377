"""Who gets which role: written down, and nobody goes on with rights from before."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.access import role_grants
from accounts.access.roles import Role
from accounts.models import AuditEntry, Session, User

pytestmark = pytest.mark.django_db


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    """Return what the desk's form sends for a user as they are, and changes."""
    values = {"email": user.email, "name": user.name, "language": "", "is_active": "on", "groups": []}
    if user.is_staff:
        values["is_staff"] = "on"
    return values | {"groups": list(user.groups.values_list("pk", flat=True))} | changes


def change(client: Any, user: User, **changes: Any) -> Any:
    """Send the desk's form."""
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), form_of(user, **changes))


def test_a_role_given_at_the_desk_is_written_down_and_ends_the_persons_sessions(
    alma: User, root: User, signed_in: Any
) -> None:
    theirs, ours = signed_in(alma), signed_in(root)
    both = list(Group.objects.filter(name__in=["editor", "fact-checker"]).values_list("pk", flat=True))
    assert change(ours, alma, groups=both).status_code == 302

    entry = AuditEntry.objects.get(verb="user.roles_changed")
    assert entry.actor == root and entry.subject_id == str(alma.pk)
    assert entry.detail["before"]["roles"] == ["editor"]
    assert entry.detail["after"]["roles"] == ["editor", "fact-checker"]
    assert alma.email not in str(entry.detail) + entry.subject
    assert not Session.objects.filter(user=alma).exists()
    assert theirs.get(reverse("account")).status_code == 302
    assert ours.get(reverse("account")).status_code == 200


def test_so_is_the_way_into_the_desk_and_closing_an_account(alma: User, root: User, signed_in: Any) -> None:
    client = signed_in(root)
    form = form_of(alma)
    form.pop("is_staff")
    client.post(reverse("admin:accounts_user_change", args=[alma.pk]), form)
    form.pop("is_active")
    client.post(reverse("admin:accounts_user_change", args=[alma.pk]), form)

    details = AuditEntry.objects.filter(verb="user.roles_changed").order_by("pk").values_list("detail", flat=True)
    assert [(one["after"]["is_staff"], one["after"]["is_active"]) for one in details] == [(False, True), (False, False)]


def test_a_new_name_changes_no_rights_and_ends_nothing(alma: User, root: User, signed_in: Any) -> None:
    theirs = signed_in(alma)
    stamp = alma.session_stamp
    assert change(signed_in(root), alma, name="Alma Aalto").status_code == 302

    alma.refresh_from_db()
    assert (alma.name, alma.session_stamp) == ("Alma Aalto", stamp)
    assert not AuditEntry.objects.filter(verb="user.roles_changed").exists()
    assert theirs.get(reverse("account")).status_code == 200


def test_a_change_that_goes_wrong_halfway_leaves_everything(alma: User, noon: Any) -> None:
    stamp = alma.session_stamp
    with pytest.raises(ZeroDivisionError), role_grants.changing(alma, by=None, at=noon):
        alma.groups.clear()
        raise ZeroDivisionError

    alma.refresh_from_db()
    assert alma.groups.filter(name=Role.EDITOR).exists() and alma.session_stamp == stamp
    assert not AuditEntry.objects.filter(verb="user.roles_changed").exists()


def test_a_password_given_to_somebody_ends_their_sessions(alma: User, root: User, signed_in: Any) -> None:
    theirs = signed_in(alma)
    words = "correct horse battery staple"
    address = reverse("admin:auth_user_password_change", args=[alma.pk])
    answer = signed_in(root).post(address, {"usable_password": "true", "password1": words, "password2": words})

    assert answer.status_code == 302
    assert not Session.objects.filter(user=alma).exists()
    assert theirs.get(reverse("account")).status_code == 302
    assert AuditEntry.objects.filter(verb="user.changed", subject_id=str(alma.pk), actor=root).exists()
