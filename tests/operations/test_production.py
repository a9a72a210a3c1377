"""What is not fit for production is refused; what watches the site is answered."""

from datetime import timedelta

import pytest
from django.core.checks import WARNING, run_checks
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from delivery.models import Pulse
from operations.startup_errors import Refusal

FIT = {
    "SECRET_KEY": "s" * 40 + "0123456789abcdef",
    "SUPPRESSION_KEY": "p" * 40 + "0123456789abcdef",
    "PUBLIC_URL": "https://bulletins.test",
    "EMBEDDED_BROKER": False,
    "DEFAULT_FROM_EMAIL": "Bulletins <bulletins@bulletins.test>",
    "DEBUG": False,
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
}


@pytest.fixture
def fit(settings, monkeypatch):
    """Settings that pass."""
    for name, value in FIT.items():
        setattr(settings, name, value)
    settings.MAIL = {**settings.MAIL, "host": "relay.bulletins.test", "port": 587, "use_tls": True}
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    return settings


def ours() -> list[str]:
    """Return the ids of our deployment errors."""
    from operations.deploy_checks import findings

    return [code for code, _says, _hint in findings()]


def test_settings_for_production_pass(fit):
    assert ours() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("EMBEDDED_BROKER", True, "E002"),
        ("SECRET_KEY", "short", "E003"),
        ("SUPPRESSION_KEY", FIT["SECRET_KEY"], "E004"),
        ("SUPPRESSION_KEY", "short", "E004"),
        ("PUBLIC_URL", "http://bulletins.test", "E005"),
        ("PUBLIC_URL", "https://127.0.0.1:8000", "E006"),
        ("DEFAULT_FROM_EMAIL", "bulletins@example.org", "E008"),
        ("DEFAULT_FROM_EMAIL", "Us <us@mail.example.com>", "E008"),
        ("DEBUG", True, "E009"),
    ],
)
def test_each_setting_of_a_demo_is_refused(fit, name, value, code):
    setattr(fit, name, value)
    assert ours() == [code]


def test_sqlite_the_default_key_and_the_catcher_are_refused(fit, monkeypatch):
    monkeypatch.setitem(fit.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    fit.SECRET_KEY = fit.DEFAULT_SECRET_KEY
    fit.MAIL = {**fit.MAIL, "host": "127.0.0.1", "port": 1025}
    assert ours() == ["E001", "E003", "E007"]


@pytest.mark.django_db
def test_check_deploy_reports_them_as_errors(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    found = {item.id for item in run_checks(include_deployment_checks=True) if item.level > WARNING}
    assert {"bulletins.E005", "bulletins.E006"} <= found


@pytest.mark.django_db
def test_serve_refuses_a_demo_and_starts_nothing(capsys):
    with pytest.raises(Refusal, match="not fit for production"):
        call_command("serve")
    assert "bulletins.E006: PUBLIC_URL names this machine only" in capsys.readouterr().err


def test_live_answers_without_a_database(client):
    answer = client.get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert client.post("/health/live").status_code == 405


@pytest.mark.django_db
def test_ready_says_why_not(client, settings, django_assert_num_queries):
    Pulse.beat("tick", at=timezone.now() - timedelta(seconds=3 * settings.TICK_SECONDS + 5))
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "reasons": ["The tick is late: nothing is being sent."]}

    Pulse.beat("tick", at=timezone.now())
    with django_assert_num_queries(1):
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "reasons": []})


@pytest.mark.django_db
def test_ready_answers_while_the_database_is_away(client):
    def away(*args: object) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(away):
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["The database does not answer."]
