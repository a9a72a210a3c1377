"""The desk opens to whoever has proved twice who they are."""

import re
from base64 import b32encode
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: TID251  (what makes them is nowhere public)
from django.test import Client
from django.urls import reverse

from accounts.crypto import encryption
from accounts.login import login_limits, second_factor
from accounts.models import AuditEntry, Session, User
from accounts.sessions.expiry import moment

from .login_proofs import prove, set_up_app, shown_by

pytestmark = pytest.mark.django_db
WORDS = "correct horse battery staple"
DESK = ["admin:index", "admin:today", "admin:bulletins_bulletin_changelist"]


@pytest.fixture
def secret(alma: User) -> str:
    """The key of the app that Alma has set up beside her password."""
    alma.set_password(WORDS)
    alma.save()
    RecoveryCodes.activate(alma)
    return set_up_app(alma)


def verbs(user: User) -> list[str]:
    """Return what is written down about someone, the oldest first."""
    entries = AuditEntry.objects.filter(subject_type="accounts.user", subject_id=str(user.pk)).order_by("pk")
    return [entry.verb for entry in entries]


def by_password(user: User) -> tuple[Client, Any]:
    """Return a browser in which someone wrote their password, and the answer."""
    client = Client()
    answer = client.post(f"{reverse('account_login')}?next=/desk/", {"login": user.email, "password": WORDS})
    return client, answer


def test_without_a_second_factor_nothing_of_the_desk_opens(campaign: Any, alma: User, signed_in: Any) -> None:
    client = signed_in(alma)
    prove(client, alma, "password")
    for name in DESK:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(reverse(name), headers=headers)
            assert (answer.status_code, answer["Location"]) == (302, f"/desk/login/?next={reverse(name)}")

    prove(client, alma, "password", "totp")
    assert [client.get(reverse(name)).status_code for name in DESK] == [200, 200, 200]


def test_whoever_has_none_is_led_to_setting_one_up_and_back_to_where_they_were_going(
    campaign: Any, alma: User, signed_in: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = signed_in(alma)
    prove(client, alma, "code")
    wanted = reverse("admin:bulletins_bulletin_changelist")

    led = client.get(wanted, follow=True)
    assert led.redirect_chain[-1][0] == reverse("mfa_index") and b"The desk opens once" in led.content
    page = client.get(reverse("mfa_activate_totp"))
    key = page.context["form"].secret
    assert key in page.content.decode() and "data:" in page["Content-Security-Policy"]
    with django_capture_on_commit_callbacks(execute=True):
        code = shown_by(key)
        codes = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)

    assert codes.redirect_chain[-1][0] == reverse("mfa_view_recovery_codes")
    shown = re.findall(r"<code>(\d{8})</code>", codes.content.decode())
    assert len(shown) == 10 and f'href="{wanted}"' in codes.content.decode()
    assert client.get(wanted).status_code == 200
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in again for code in shown)
    assert verbs(alma) == ["user.second_factor_added"]
    assert [mail.to for mail in mailoutbox] == [[alma.email]] and "app" in mailoutbox[0].body
    alma.set_password(WORDS)
    alma.save()
    used = by_password(alma)[0].post(reverse("mfa_authenticate"), {"code": code})
    assert b"Wrong code" in used.content  # it was used up by setting the app up


def test_a_draft_of_a_file_opens_after_the_second_factor_only(
    campaign: Any, alma: User, signed_in: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "draft.png").write_bytes(b"PNG")
    client = signed_in(alma)
    prove(client, alma, "password")
    assert client.get("/media/assets/draft.png").status_code == 404
    prove(client, alma, "password", "totp")
    assert client.get("/media/assets/draft.png").status_code == 200


def test_the_switch_offers_it_without_demanding_it(campaign: Any, alma: User, signed_in: Any, settings: Any) -> None:
    settings.SECOND_FACTOR = False
    client = signed_in(alma)
    prove(client, alma, "code")

    assert client.get(reverse("admin:index")).status_code == 200
    assert client.get(reverse("mfa_index")).status_code == 200


def test_a_password_alone_opens_nothing_and_the_app_opens_the_desk(campaign: Any, alma: User, secret: str) -> None:
    client, answer = by_password(alma)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get("/desk/")["Location"].startswith("/desk/login/")

    done = client.post(reverse("mfa_authenticate"), {"code": shown_by(secret)})
    assert done["Location"] == "/desk/" and client.get("/desk/").status_code == 200


def test_a_code_of_the_app_works_once_in_whichever_browser(alma: User, secret: str) -> None:
    code = shown_by(secret)
    first, second = by_password(alma)[0], by_password(alma)[0]

    assert first.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    refused = second.post(reverse("mfa_authenticate"), {"code": f" {code[:3]} {code[3:]} "})

    assert b"Wrong code" in refused.content and "_auth_user_id" not in second.session
    assert verbs(alma)[-1] == "user.second_factor_refused"
    assert second.post(reverse("mfa_authenticate"), {"code": shown_by(secret, steps=1)}).status_code == 302


def test_an_apps_code_is_that_of_the_standard_and_good_for_half_a_minute_more_or_less() -> None:
    key, shown_at = b32encode(b"12345678901234567890").decode(), 1111111109  # RFC 6238, appendix B

    fits = [second_factor.is_shown(key, "081804", at=moment(shown_at + late)) for late in (-60, -30, 0, 30, 60)]

    assert fits == [False, True, True, True, False]
    assert second_factor.is_shown(key, " ０８1-804 ", at=moment(shown_at)) and not second_factor.is_shown(
        key, "é81804", at=moment(shown_at)
    )


def test_a_recovery_code_works_once(alma: User, secret: str) -> None:
    authenticator = Authenticator.objects.get(user=alma, type=Authenticator.Type.RECOVERY_CODES)
    code = authenticator.wrap().get_unused_codes()[3]

    answers = [by_password(alma)[0].post(reverse("mfa_authenticate"), {"code": code}).status_code for _ in "12"]

    assert answers == [302, 200]
    used = AuditEntry.objects.get(verb="user.recovery_code_used")
    assert (used.actor, used.detail) == (alma, {"left": 9})


def test_ten_wrong_codes_close_the_door_for_a_quarter_of_an_hour(alma: User, secret: str) -> None:
    client, _answer = by_password(alma)
    for _guess in range(login_limits.FACTORS.from_place_for_owner.most):
        assert b"Wrong code" in client.post(reverse("mfa_authenticate"), {"code": "123"}).content

    shut = client.post(reverse("mfa_authenticate"), {"code": shown_by(secret)})

    assert b"Too many attempts. Wait 15 minutes" in shut.content and "_auth_user_id" not in client.session


def test_who_guesses_with_a_stolen_password_locks_neither_another_place_nor_a_known_browser_out(
    alma: User, secret: str, monkeypatch: Any
) -> None:
    known, _answer = by_password(alma)
    assert known.post(reverse("mfa_authenticate"), {"code": shown_by(secret, steps=-1)}).status_code == 302
    known.post(reverse("account_logout"))
    few = replace(login_limits.FACTORS.for_owner, most=20)
    monkeypatch.setattr(login_limits, "FACTORS", replace(login_limits.FACTORS, for_owner=few))
    for number in range(3):
        thief, _answer = by_password(alma)
        for _guess in range(10):
            thief.post(reverse("mfa_authenticate"), {"code": "123"}, REMOTE_ADDR=f"198.51.100.{number}")
        if number == 0:
            owner, _answer = by_password(alma)
            assert owner.post(reverse("mfa_authenticate"), {"code": shown_by(secret)}).status_code == 302

    stranger, _answer = by_password(alma)
    shut = stranger.post(reverse("mfa_authenticate"), {"code": shown_by(secret, steps=1)}, REMOTE_ADDR="203.0.113.1")
    assert b"Too many attempts. Wait a day" in shut.content, "so many a day from wherever, and no more"
    known.post(reverse("account_login"), {"login": alma.email, "password": WORDS})
    assert known.post(reverse("mfa_authenticate"), {"code": shown_by(secret, steps=1)}).status_code == 302


def test_whoever_logged_in_by_one_factor_before_proves_the_second_where_they_go(
    campaign: Any, alma: User, secret: str, signed_in: Any
) -> None:
    client = signed_in(alma)
    prove(client, alma, "code")

    asked = client.get("/desk/", follow=True)
    where = asked.redirect_chain[-1][0]
    assert where.startswith(reverse("mfa_reauthenticate"))
    done = client.post(where, {"code": shown_by(secret)})

    assert done["Location"] == "/desk/" and client.get("/desk/").status_code == 200


def test_one_factor_alone_neither_sets_up_another_one_nor_takes_one_away(
    campaign: Any, alma: User, secret: str, signed_in: Any
) -> None:
    client = signed_in(alma)
    prove(client, alma, "password")
    key = Authenticator.objects.create(
        user=alma, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": {}}
    )
    before = Authenticator.objects.count()
    names: list[tuple[str, list[int]]] = [
        ("mfa_activate_totp", []),
        ("mfa_deactivate_totp", []),
        ("mfa_add_webauthn", []),
    ]
    names += [("mfa_remove_webauthn", [key.pk]), ("mfa_generate_recovery_codes", []), ("mfa_view_recovery_codes", [])]
    for name, arguments in names:
        answer = client.post(reverse(name, args=arguments))
        assert answer.status_code == 302 and answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.count() == before

    Authenticator.objects.filter(user=alma, type=Authenticator.Type.TOTP).delete()
    assert client.get("/desk/login/")["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))


def test_the_only_second_factor_stays_while_the_desk_demands_one(
    alma: User, secret: str, signed_in: Any, settings: Any
) -> None:
    client = signed_in(alma)
    app = Authenticator.objects.get(user=alma, type=Authenticator.Type.TOTP)
    key = Authenticator.objects.create(
        user=alma, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": {}}
    )

    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(pk=app.pk).exists()
    refused = client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert b"your only second factor" in refused.content and Authenticator.objects.filter(pk=key.pk).exists()

    settings.SECOND_FACTOR = False
    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert not Authenticator.objects.filter(user=alma).exists()
    assert verbs(alma) == ["user.second_factor_removed"] * 2


def test_an_administrator_resets_it_and_the_person_is_out_and_is_told(
    root: User, alma: User, secret: str, signed_in: Any, mailoutbox: Any
) -> None:
    alma.language = "sv"
    alma.save()
    theirs, client = signed_in(alma), signed_in(root)
    page = reverse("admin:accounts_user_second_factor", args=[alma.pk])

    assert page in client.get(reverse("admin:accounts_user_change", args=[alma.pk])).content.decode()
    assert client.get(page).status_code == 200 and second_factor.has_factor(alma)
    client.post(page)

    assert not Authenticator.objects.filter(user=alma).exists()
    assert not Session.objects.filter(user=alma).exists()
    assert theirs.get("/desk/")["Location"].startswith("/desk/login/")
    entry = AuditEntry.objects.get(verb="user.second_factor_reset")
    assert (entry.actor, entry.detail) == (root, {"factors": 1})
    assert mailoutbox[-1].to == [alma.email]
    assert mailoutbox[-1].extra_headers["Content-Language"] == "sv"


def test_another_address_or_password_ends_sessions_is_written_down_and_is_told_where_it_was_known(
    root: User, alma: User, signed_in: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    before = alma.email
    theirs, client = signed_in(alma), signed_in(root)
    fields = {"email": "other@example.org", "name": alma.name, "language": "sv", "is_active": "on", "is_staff": "on"}
    fields["groups"] = [group.pk for group in alma.groups.all()]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:accounts_user_change", args=[alma.pk]), fields)

    alma.refresh_from_db()
    assert alma.email == "other@example.org" and theirs.get("/desk/").status_code == 302
    entry = AuditEntry.objects.get(verb="user.address_changed")
    assert entry.actor == root and "@" not in f"{entry.subject} {entry.detail}"
    assert mailoutbox[-1].to == [before] and before not in mailoutbox[-1].body

    new, theirs = "a wholly new password for her", signed_in(alma)
    page = reverse("admin:auth_user_password_change", args=[alma.pk])
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {"usable_password": "true", "password1": new, "password2": new})

    alma.refresh_from_db()
    assert alma.check_password(new) and theirs.get("/desk/").status_code == 302
    assert AuditEntry.objects.get(verb="user.password_changed").actor == root
    assert mailoutbox[-1].to == ["other@example.org"] and new not in mailoutbox[-1].body


def test_only_an_administrator_resets_it(oskar: User, alma: User, secret: str, signed_in: Any) -> None:
    page = reverse("admin:accounts_user_second_factor", args=[alma.pk])

    assert [signed_in(user).post(page).status_code for user in (oskar, alma)] == [403, 403]
    assert second_factor.has_factor(alma)


def test_an_administrator_does_not_reset_somebody_who_may_do_everything(
    root: User, alma: User, secret: str, signed_in: Any
) -> None:
    User.objects.filter(pk=alma.pk).update(is_superuser=True)

    assert signed_in(root).post(reverse("admin:accounts_user_second_factor", args=[alma.pk])).status_code == 403
    assert second_factor.has_factor(alma)


def test_its_secrets_are_encrypted_and_survive_a_change_of_the_sites_key(
    alma: User, secret: str, settings: Any
) -> None:
    kept = Authenticator.objects.get(user=alma, type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key, long enough for everything " * 2,
    )
    client, _answer = by_password(alma)
    assert client.post(reverse("mfa_authenticate"), {"code": shown_by(secret)}).status_code == 302

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(encryption.Locked):
        encryption.unlock(kept.data["secret"])
    client, _answer = by_password(alma)
    assert client.post(reverse("mfa_authenticate"), {"code": shown_by(secret, steps=1)}).status_code == 200


def test_the_pages_are_for_staff(campaign: Any, minna: User, ines: User, signed_in: Any) -> None:
    for user in (minna, ines):
        for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
            assert signed_in(user).get(reverse(name)).status_code == 403


def test_a_passkey_of_somebody_who_is_no_staff_any_more_opens_nothing(
    campaign: Any, alma: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    key = Authenticator.objects.create(
        user=alma, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": {}}
    )
    monkeypatch.setattr("allauth.mfa.webauthn.forms.LoginWebAuthnForm.clean_credential", lambda form: key)
    alma.is_staff = False
    alma.save()

    answer = client.post(reverse("mfa_login_webauthn"), {"credential": '{"id": "k"}'})
    assert answer["Location"] == reverse("account_login") and "_auth_user_id" not in client.session

    alma.is_staff = True
    alma.save()
    answer = client.post(f"{reverse('mfa_login_webauthn')}?next=/desk/today/", {"credential": '{"id": "k"}'})
    assert answer["Location"] == "/desk/today/" and client.get("/desk/").status_code == 200
