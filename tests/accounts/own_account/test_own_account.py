"""Everyone's own account."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Session, User
from tests.accounts.login.login_proofs import prove

pytestmark = pytest.mark.django_db

WORDS = "correct horse battery staple"


def test_everybody_who_logs_in_has_one_and_nobody_else(alma: User, minna: User, ines: User, signed_in: Any) -> None:
    for user in (alma, minna, ines):
        assert user.email in signed_in(user).get(reverse("account")).content.decode()

    assert Client().get(reverse("account")).status_code == 302


def test_name_and_language_are_saved(alma: User, signed_in: Any) -> None:
    browser = signed_in(alma)
    answer = browser.post(reverse("account"), {"name": "Alma Aalto", "language": "fi", "is_superuser": "on"})

    alma.refresh_from_db()
    assert answer.status_code == 302 and answer["Location"].startswith("/fi/")
    assert (alma.name, alma.language, alma.is_superuser) == ("Alma Aalto", "fi", False)
    assert '<html lang="fi"' in browser.get("/desk/").text  # whose address names no language


def test_what_cannot_be_saved_is_refused_and_changes_nothing(alma: User, signed_in: Any) -> None:
    assert signed_in(alma).post(reverse("account"), {"name": "x" * 200, "language": "xx"}).status_code == 422

    alma.refresh_from_db()
    assert (alma.name, alma.language) == ("Alma", "")


def test_influencers_change_theirs_in_the_portal(ines: User, signed_in: Any) -> None:
    client = signed_in(ines)

    assert reverse("influencers:settings") in client.get(reverse("account")).content.decode()
    assert client.post(reverse("account"), {"name": "Other"}).status_code == 403
    ines.refresh_from_db()
    assert ines.name != "Other"


def test_staff_make_a_password_and_only_this_session_goes_on(alma: User, signed_in: Any) -> None:
    here, there = signed_in(alma), signed_in(alma)
    there.get(reverse("account"))
    answer = here.post(reverse("account_password"), {"new_password1": WORDS, "new_password2": WORDS})

    assert answer.status_code == 302
    alma.refresh_from_db()
    assert alma.check_password(WORDS)
    assert here.get(reverse("account")).status_code == 200
    assert there.get(reverse("account")).status_code == 302
    assert Session.objects.filter(user=alma).count() == 1
    assert AuditEntry.objects.get(verb="user.password_changed").actor == alma


def test_a_password_that_is_too_short_is_refused(alma: User, signed_in: Any) -> None:
    stamp = alma.session_stamp
    answer = signed_in(alma).post(reverse("account_password"), {"new_password1": "short", "new_password2": "short"})

    alma.refresh_from_db()
    assert answer.status_code == 422
    assert not alma.has_usable_password() and alma.session_stamp == stamp


def test_who_has_not_just_proved_who_they_are_is_asked_first_and_no_password_waits_in_the_session(
    alma: User, signed_in: Any
) -> None:
    client = signed_in(alma)
    prove(client, alma, "code", "totp", minutes_ago=6)
    answer = client.post(reverse("account_password"), {"new_password1": WORDS, "new_password2": WORDS})

    assert answer["Location"] == reverse("account_password")
    assert "again" in client.get(reverse("account_password"))["Location"]
    assert WORDS not in str(dict(client.session.items()))
    alma.refresh_from_db()
    assert not alma.has_usable_password()


def test_those_who_log_in_by_code_only_get_no_password(minna: User, ines: User, signed_in: Any) -> None:
    for user in (minna, ines):
        assert signed_in(user).get(reverse("account_password")).status_code == 403


def test_logging_in_and_out_is_written_down_without_addresses(campaign: Any, ines: User) -> None:
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": ines.email})
    code = client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    client.post(reverse("account_logout"))

    entries = AuditEntry.objects.filter(actor=ines).order_by("pk")
    assert [(one.verb, one.detail) for one in entries] == [
        ("user.logged_in", {"how": ["code"]}),
        ("user.logged_out", {}),
    ]
    assert all(ines.email not in one.subject for one in entries)


def test_logging_out_of_the_desk_is_written_down_too(alma: User, signed_in: Any) -> None:
    client = signed_in(alma)
    client.post(reverse("admin:logout"))

    assert AuditEntry.objects.filter(verb="user.logged_out", actor=alma).count() == 1
    assert "_auth_user_id" not in client.session
