"""What one administrator alone may not do: every way to the power to say a second person's yes, and to accounts that have it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import held_changes
from accounts.access import role_grants, two_administrators
from accounts.access.roles import Role
from accounts.login import second_factor
from accounts.models import AuditEntry, HeldChange, User
from accounts.privacy import data_subjects, erasure
from agreement.refusals import Refused
from campaigns import custom_texts
from tests.support import builders
from tests.support.builders import NOON, build_user

from .test_role_grants import change, form_of

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)
WORDS = "correct horse battery staple"


@pytest.fixture
def live(monkeypatch: Any, roles: None) -> None:
    """A site that has published its first live bulletin."""
    monkeypatch.setattr(two_administrators, "live_since", lambda: datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def ada(roles: None) -> User:
    """An administrator."""
    return build_user("ada", "admin")


@pytest.fixture
def bo(roles: None) -> User:
    """Another administrator."""
    return build_user("bo", "admin")


def roles_held(user: User) -> set[str]:
    """Return the roles that someone has."""
    return set(user.groups.values_list("name", flat=True))


def key(role: str) -> int:
    """Return the key of a role's group."""
    return Group.objects.get(name=role).pk


# --- From when on ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "begins"), [("exercise", False), ("live", True)])
def test_it_begins_with_the_first_live_bulletin(campaign: Any, mode: str, begins: bool, ada: User, alma: User) -> None:
    type(campaign).objects.update(mode=mode)
    role_grants.grant(alma, Role.FACT_CHECKER, by=ada, at=NOON)
    assert roles_held(alma) == {"editor", "fact-checker"}, "a new site is set up at once"
    builders.build_published_version(campaign)

    role_grants.grant(alma, Role.APPROVER, by=ada, at=NOON)

    assert ("approver" in roles_held(alma)) is not begins
    assert HeldChange.objects.exists() is begins


# --- Every way to the role -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["approver", "fact-checker", "admin"])
def test_the_desks_form_gives_nobody_the_second_yes(
    live: None, role: str, ada: User, alma: User, signed_in: Any
) -> None:
    answer = change(signed_in(ada), alma, groups=[key("editor"), key("liaison"), key(role)])

    assert answer.status_code == 302
    assert roles_held(alma) == {"editor", "liaison"}, "what needs no second person counts at once"
    waiting = HeldChange.objects.get()
    assert (waiting.user, waiting.asked_by, waiting.rights) == (alma, ada, {"roles": [role]})
    assert AuditEntry.objects.get(verb="user.change_held").actor == ada
    page = signed_in(ada).get(reverse("admin:accounts_user_change", args=[alma.pk])).content.decode()
    assert reverse("admin:accounts_heldchange_change", args=[waiting.pk]) in page


def test_nor_does_an_administrator_become_one_by_themselves(live: None, ada: User, signed_in: Any) -> None:
    change(signed_in(ada), ada, groups=[key("admin"), key("approver")])

    assert roles_held(ada) == {"admin"} and HeldChange.objects.get().user == ada


def test_nor_is_a_closed_approver_opened_again(live: None, ada: User, oskar: User, signed_in: Any) -> None:
    User.objects.filter(pk=oskar.pk).update(is_active=False)
    oskar.refresh_from_db()

    change(signed_in(ada), oskar, is_active="on")

    oskar.refresh_from_db()
    assert not oskar.is_active and HeldChange.objects.get().rights == {"is_active": True}


def test_nor_let_into_the_desk(live: None, ada: User, oskar: User, signed_in: Any) -> None:
    User.objects.filter(pk=oskar.pk).update(is_staff=False)
    oskar.refresh_from_db()

    change(signed_in(ada), oskar, is_staff="on")

    oskar.refresh_from_db()
    assert not oskar.is_staff and HeldChange.objects.get().rights == {"is_staff": True}


def test_the_mark_of_who_may_do_everything_waits_too(live: None, alma: User, signed_in: Any) -> None:
    boss = User.objects.create_superuser("boss@example.org")

    change(signed_in(boss), alma, is_superuser="on")

    alma.refresh_from_db()
    assert not alma.is_superuser and HeldChange.objects.get().rights == {"is_superuser": True}


def test_single_permissions_cannot_be_given_at_the_desk_and_wait_from_a_shell(
    live: None, ada: User, alma: User, signed_in: Any
) -> None:
    approve = Permission.objects.get(codename="approve_bulletin")
    change(signed_in(ada), alma, user_permissions=[approve.pk])
    assert not alma.user_permissions.exists()

    with role_grants.changing(alma, by=ada, at=NOON):
        alma.user_permissions.add(approve)
    assert not alma.user_permissions.exists()
    assert HeldChange.objects.get().rights == {"permissions": ["bulletins.approve_bulletin"]}


def test_a_role_cannot_be_given_more_at_the_desk(live: None, ada: User, signed_in: Any) -> None:
    """Groups are read only, so nobody makes approvers of all editors."""
    approve = Permission.objects.get(codename="approve_bulletin")
    where = reverse("admin:auth_group_change", args=[key("editor")])

    assert signed_in(ada).post(where, {"name": "editor", "permissions": [approve.pk]}).status_code == 403
    assert not Group.objects.get(name="editor").permissions.filter(pk=approve.pk).exists()


@pytest.mark.parametrize("by", ["ada", None])
def test_a_shell_waits_as_the_desk_does(live: None, by: str | None, ada: User, alma: User) -> None:
    role_grants.grant(alma, Role.APPROVER, by=ada if by else None, at=NOON)

    assert roles_held(alma) == {"editor"} and HeldChange.objects.get().due_at == NOON + DAY


def test_who_says_the_second_yes_makes_no_second_self_that_writes(
    live: None, ada: User, alma: User, signed_in: Any
) -> None:
    ada.groups.add(Group.objects.get(name="approver"))
    puppet = build_user("puppet", is_staff=True)
    for role in (Role.EDITOR, Role.LIAISON, Role.CONTRIBUTOR):
        role_grants.grant(puppet, role, by=ada, at=NOON)
    assert roles_held(puppet) == set() and HeldChange.objects.count() == 3

    change(signed_in(ada), alma, email="ada.two@example.org")
    alma.refresh_from_db()
    assert alma.email == "alma@example.org"


def test_what_gives_no_such_power_waits_for_nobody(live: None, ada: User, alma: User, signed_in: Any) -> None:
    client = signed_in(ada)
    change(client, alma, groups=[key("editor"), key("liaison")], email="alma.aalto@example.org")
    alma.refresh_from_db()
    assert roles_held(alma) == {"editor", "liaison"} and alma.email == "alma.aalto@example.org"
    form = form_of(alma)
    form.pop("is_active")
    client.post(reverse("admin:accounts_user_change", args=[alma.pk]), form)
    alma.refresh_from_db()
    assert not alma.is_active and not HeldChange.objects.exists()


# --- The way into an account that has it ----------------------------------------------------------------


def test_another_address_for_an_approver_waits(live: None, ada: User, oskar: User, signed_in: Any) -> None:
    change(signed_in(ada), oskar, email="mine@example.org")

    oskar.refresh_from_db()
    assert oskar.email == "oskar@example.org"
    assert HeldChange.objects.get().email == "mine@example.org"
    assert not AuditEntry.objects.filter(verb="user.address_changed").exists()


def test_so_does_another_password(live: None, ada: User, oskar: User, signed_in: Any) -> None:
    before = oskar.password
    where = reverse("admin:auth_user_password_change", args=[oskar.pk])
    signed_in(ada).post(where, {"usable_password": "true", "password1": WORDS, "password2": WORDS})

    oskar.refresh_from_db()
    assert oskar.password == before and HeldChange.objects.get().kind == "password"
    held_changes.apply_due(at=HeldChange.objects.get().due_at)
    oskar.refresh_from_db()
    assert oskar.check_password(WORDS) and not HeldChange.objects.exists()


def test_so_does_the_reset_of_a_second_factor(live: None, ada: User, bo: User, oskar: User, signed_in: Any) -> None:
    Authenticator.objects.create(user=oskar, type=Authenticator.Type.TOTP, data={"secret": "x"})
    signed_in(ada).post(reverse("admin:accounts_user_second_factor", args=[oskar.pk]))

    assert second_factor.has_factor(oskar)
    held_changes.agree(HeldChange.objects.get(), by=bo, at=NOON)
    assert not second_factor.has_factor(oskar)


def test_who_waits_for_the_power_is_guarded_already(live: None, ada: User, alma: User, signed_in: Any) -> None:
    """Else someone would agree to Alma, and another would get it."""
    role_grants.grant(alma, Role.APPROVER, by=ada, at=NOON)
    change(signed_in(ada), alma, email="mine@example.org")

    alma.refresh_from_db()
    assert alma.email == "alma@example.org" and HeldChange.objects.count() == 2


# --- Who had it lately ------------------------------------------------------------------------------------


def test_an_approver_who_was_demoted_stays_guarded_for_a_month(
    live: None, ada: User, oskar: User, signed_in: Any
) -> None:
    client = signed_in(ada)
    change(client, oskar, groups=[], email="mine@example.org")
    oskar.refresh_from_db()
    assert roles_held(oskar) == set(), "the power goes at once"
    assert oskar.email == "oskar@example.org" and HeldChange.objects.get().email == "mine@example.org"

    before = oskar.password
    where = reverse("admin:auth_user_password_change", args=[oskar.pk])
    client.post(where, {"usable_password": "true", "password1": WORDS, "password2": WORDS})
    oskar.refresh_from_db()
    assert oskar.password == before

    HeldChange.objects.all().delete()
    taken = AuditEntry.objects.get(verb="user.roles_changed").at
    assert two_administrators.holds(oskar, ada, at=taken + timedelta(days=29))
    assert not two_administrators.holds(oskar, ada, at=taken + timedelta(days=31))


def test_who_is_asked_to_agree_reads_what_was_changed_in_the_account_lately(
    live: None, ada: User, bo: User, alma: User, signed_in: Any
) -> None:
    client = signed_in(ada)
    change(client, alma, email="mine@example.org")
    alma.refresh_from_db()
    where = reverse("admin:auth_user_password_change", args=[alma.pk])
    client.post(where, {"usable_password": "true", "password1": WORDS, "password2": WORDS})
    client.post(reverse("admin:accounts_user_second_factor", args=[alma.pk]))
    change(client, alma, groups=[key("approver")])
    waiting = HeldChange.objects.get()
    mail.outbox.clear()

    held_changes.notify_due(at=waiting.asked_at)
    page = signed_in(bo).get(reverse("admin:accounts_heldchange_change", args=[waiting.pk])).content.decode()

    for text in (*(letter.body for letter in mail.outbox), page):
        assert "Recent changes" in text and "mine@example.org" in text
        for what in ("change of email address (Ada)", "change of password (Ada)", "reset of the second factor (Ada)"):
            assert what in text


# --- Another administrator is put out -----------------------------------------------------------------------


@pytest.mark.parametrize("way", ["role", "active", "desk", "superuser"])
def test_one_administrator_alone_puts_no_other_out(
    live: None, way: str, ada: User, bo: User, alma: User, signed_in: Any
) -> None:
    by = ada
    if way == "superuser":
        by = User.objects.create_superuser("boss@example.org", name="Boss")
        bo.groups.clear()
        User.objects.filter(pk=bo.pk).update(is_superuser=True)
        bo.refresh_from_db()
    form = form_of(bo)
    mark = {"role": "groups", "active": "is_active", "desk": "is_staff", "superuser": "is_superuser"}[way]
    form.pop(mark, None)  # a superuser's mark is no part of it anyway
    signed_in(by).post(reverse("admin:accounts_user_change", args=[bo.pk]), form)

    bo.refresh_from_db()
    assert two_administrators.administers(two_administrators.rights_of(bo))
    waiting = HeldChange.objects.get()
    assert waiting.rights == {"taken": {"roles": ["admin"]} if way == "role" else {mark: True}}
    assert held_changes.notify_due(at=NOON) and {"bo@example.org"} <= {letter.to[0] for letter in mail.outbox}
    assert "removed" in mail.outbox[0].body

    held_changes.apply_due(at=waiting.due_at)
    assert not two_administrators.administers(two_administrators.rights_of(bo))


def test_whoever_shall_be_put_out_stops_it_and_a_third_one_agrees_to_it(live: None, ada: User, bo: User) -> None:
    cem = build_user("cem", "admin")

    def ask() -> HeldChange:
        with role_grants.changing(bo, by=ada, at=NOON):
            bo.groups.clear()
        return HeldChange.objects.get()

    for who in (ada, bo):
        with pytest.raises(held_changes.NotSettled):
            held_changes.agree(ask(), by=who, at=NOON)
    held_changes.stop(ask(), by=bo, at=NOON)
    assert held_changes.apply_due(at=NOON + DAY) == 0 and roles_held(bo) == {"admin"}

    held_changes.agree(ask(), by=cem, at=NOON)
    assert roles_held(bo) == set() and not HeldChange.objects.exists()


def test_an_account_that_is_closed_and_given_a_role_in_one_deed_gets_nothing(live: None, ada: User, bo: User) -> None:
    """It stays open, so what was given would count."""
    with role_grants.changing(bo, by=ada, at=NOON):
        bo.groups.add(Group.objects.get(name="approver"))
        User.objects.filter(pk=bo.pk).update(is_active=False)

    bo.refresh_from_db()
    assert bo.is_active and roles_held(bo) == {"admin"}
    assert HeldChange.objects.get().rights == {"roles": ["approver"], "taken": {"is_active": True}}


def test_nor_does_one_erase_another(live: None, ada: User, bo: User) -> None:
    with pytest.raises(data_subjects.NotErased):
        erasure.erase(data_subjects.Person.of(bo.email), reason="asked", by=ada, at=NOON)

    bo.refresh_from_db()
    assert bo.is_active and bo.email == "bo@example.org" and roles_held(bo) == {"admin"}


def test_an_administrator_steps_down_at_once(live: None, ada: User, bo: User) -> None:
    with role_grants.changing(ada, by=ada, at=NOON):
        ada.groups.clear()
    erasure.erase(data_subjects.Person.of(ada.email), reason="asked", by=None, at=NOON)

    assert roles_held(ada) == set() and not HeldChange.objects.exists()


def test_nobody_becomes_an_approver_behind_the_backs_of_the_others(
    live: None, ada: User, bo: User, signed_in: Any
) -> None:
    client = signed_in(ada)
    change(client, bo, groups=[])
    change(client, ada, groups=[key("admin"), key("approver")])

    held_changes.notify_due(at=NOON)

    to_bo = [letter.body for letter in mail.outbox if letter.to == ["bo@example.org"]]
    assert len(to_bo) == 2 and any("approver" in body for body in to_bo)
    for waiting in HeldChange.objects.all():
        held_changes.stop(waiting, by=bo, at=NOON)
    assert held_changes.apply_due(at=NOON + 365 * DAY) == 0
    assert roles_held(ada) == roles_held(bo) == {"admin"}


# --- Yes, no, and time ------------------------------------------------------------------------------


@pytest.fixture
def waiting(live: None, ada: User, alma: User) -> HeldChange:
    """Alma shall approve, Ada says."""
    role_grants.grant(alma, Role.APPROVER, by=ada, at=NOON)
    return HeldChange.objects.get()


def test_another_administrator_agrees_at_the_desk(waiting: HeldChange, bo: User, alma: User, signed_in: Any) -> None:
    client = signed_in(bo)
    where = reverse("admin:accounts_heldchange_change", args=[waiting.pk])
    assert "approver" in client.get(where).content.decode()
    assert roles_held(alma) == {"editor"}, "looking changes nothing"

    client.post(where, {"answer": "agree"})

    assert roles_held(alma) == {"editor", "approver"} and not HeldChange.objects.exists()
    entry = AuditEntry.objects.get(verb="user.change_agreed")
    assert entry.actor == bo and entry.detail["asked_by"] == waiting.asked_by_id


@pytest.mark.parametrize("who", ["ada", "alma", "liisa"])
def test_neither_whoever_asked_nor_whom_it_is_about_nor_anybody_else_agrees(
    waiting: HeldChange, who: str, ada: User, alma: User, liisa: User
) -> None:
    alma.groups.add(Group.objects.get(name="admin"))
    with pytest.raises(held_changes.NotSettled):
        held_changes.agree(waiting, by={"ada": ada, "alma": alma, "liisa": liisa}[who], at=NOON)

    assert "approver" not in roles_held(alma) and HeldChange.objects.exists()


def test_any_administrator_stops_it(waiting: HeldChange, bo: User, alma: User, signed_in: Any) -> None:
    signed_in(bo).post(reverse("admin:accounts_heldchange_change", args=[waiting.pk]), {"answer": "stop"})

    assert held_changes.apply_due(at=NOON + DAY) == 0
    assert roles_held(alma) == {"editor"} and AuditEntry.objects.get(verb="user.change_stopped").actor == bo
    with pytest.raises(held_changes.NotSettled):
        held_changes.agree(waiting, by=bo, at=NOON)


def test_after_a_day_it_takes_effect_by_itself(waiting: HeldChange, alma: User) -> None:
    assert held_changes.apply_due(at=NOON + DAY - timedelta(seconds=1)) == 0 and roles_held(alma) == {"editor"}

    assert held_changes.apply_due(at=NOON + DAY) == 1 and held_changes.apply_due(at=NOON + DAY) == 0
    assert roles_held(alma) == {"editor", "approver"}
    assert AuditEntry.objects.get(verb="user.change_made").actor is None


def test_what_somebody_asked_for_who_is_no_administrator_any_more_never_does(
    waiting: HeldChange, ada: User, alma: User
) -> None:
    ada.groups.clear()

    assert held_changes.apply_due(at=NOON + DAY) == 0
    assert roles_held(alma) == {"editor"} and not HeldChange.objects.exists()


def test_all_administrators_and_the_person_are_told_once(waiting: HeldChange, bo: User) -> None:
    build_user("gone", "admin", is_active=False)
    assert held_changes.notify_due(at=NOON) == 3 and held_changes.notify_due(at=NOON) == 0

    assert {letter.to[0].partition("@")[0] for letter in mail.outbox} == {"ada", "alma", "bo"}
    assert all(held_changes.page_url() in letter.body and "Alma" in letter.body for letter in mail.outbox)


def test_asking_twice_waits_once_and_another_address_waits_anew(waiting: HeldChange, ada: User, alma: User) -> None:
    role_grants.grant(alma, Role.APPROVER, by=ada, at=NOON + timedelta(hours=1))
    assert HeldChange.objects.get() == waiting and waiting.due_at == NOON + DAY

    for hours in (1, 23):
        when: datetime = NOON + timedelta(hours=hours)
        two_administrators.hold_change(alma, "address", by=ada, at=when, email=f"new{hours}@example.org")
    address = HeldChange.objects.get(kind="address")
    assert (address.email, address.due_at) == ("new23@example.org", NOON + timedelta(hours=47))


def test_an_address_that_somebody_got_meanwhile_stays_theirs(live: None, ada: User, bo: User, oskar: User) -> None:
    change_ = two_administrators.hold_change(oskar, "address", by=ada, at=NOON, email="new@example.org")
    build_user("new")

    held_changes.agree(change_, by=bo, at=NOON)

    oskar.refresh_from_db()
    assert oskar.email == "oskar@example.org" and AuditEntry.objects.filter(verb="user.change_stopped").exists()


# --- Whoever owns the server ------------------------------------------------------------------------


def test_the_servers_owner_lists_what_waits_and_lets_it_take_effect(
    waiting: HeldChange, bo: User, alma: User, capsys: Any
) -> None:
    call_command("held_changes")
    assert f"{waiting.pk}  alma@example.org: approver (asked by ada@example.org" in capsys.readouterr().out

    call_command("held_changes", make=waiting.pk)

    assert roles_held(alma) == {"editor", "approver"}
    assert AuditEntry.objects.get(verb="user.change_forced").actor is None
    assert {letter.to[0].partition("@")[0] for letter in mail.outbox} == {"ada", "alma", "bo"}
    with pytest.raises(CommandError):
        call_command("held_changes", make=waiting.pk)


def test_a_first_administrator_is_made_at_once_and_all_are_told(live: None, ada: User, capsys: Any) -> None:
    call_command("first_admin", email="new@example.org", again=True)

    assert roles_held(User.objects.get(email="new@example.org")) == {"admin"} and not HeldChange.objects.exists()
    assert {letter.to[0].partition("@")[0] for letter in mail.outbox} == {"ada", "new"}


def test_the_servers_owner_closes_an_administrators_account_at_once(
    live: None, ada: User, bo: User, capsys: Any
) -> None:
    with pytest.raises(CommandError):
        call_command("held_changes", close="nobody@example.org")
    bo.refresh_from_db()
    assert bo.is_active

    call_command("held_changes", close="Bo@example.org")

    bo.refresh_from_db()
    assert not bo.is_active and not HeldChange.objects.exists()
    assert AuditEntry.objects.get(verb="user.roles_changed").actor is None
    assert {letter.to[0].partition("@")[0] for letter in mail.outbox} == {"ada", "bo"}


# --- The second yes to a colleague's own words ---------------------------------------------------------------


def test_a_colleague_whom_one_administrator_made_alone_agrees_to_no_words(live: None, ada: User, campaign: Any) -> None:
    puppets = [build_user(name, is_staff=True) for name in ("one", "two")]
    for puppet in puppets:
        for role in (Role.EDITOR, Role.LIAISON, Role.CONTRIBUTOR):
            role_grants.grant(puppet, role, by=ada, at=NOON)
    words = dict.fromkeys(builders.LANGUAGES, "Stay at home.")
    row = custom_texts.propose(campaign, custom_texts.Purpose.INVITATION, None, words, by=puppets[0], at=NOON)

    for by in (puppets[1], ada):
        with pytest.raises(Refused, match="may not approve"):
            custom_texts.approve(row, digest=row.digest, by=by, at=NOON)
    row.refresh_from_db()
    assert row.agreed_at is None and not AuditEntry.objects.filter(verb="custom_text.agreed").exists()

    custom_texts.approve(row, digest=row.digest, by=builders.second_person(), at=NOON)
