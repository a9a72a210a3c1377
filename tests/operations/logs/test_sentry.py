"""Errors are reported to a Sentry server when one is set: what is needed to fix them, and nothing about anyone."""

import json
import logging
import subprocess
import sys
import time
from typing import Any

import pytest
import sentry_sdk
from django.urls import path

from config import urls as site
from config.celery import app
from operations.logs import sentry as logs_sentry

from .log_reader import Sentry

ADDRESS, TOKEN = "anna.canary@canary-domain.example", "Zk39dkEi20sKq93jd_sk29Dk3kd0aK2d"
URLCONF = "tests.operations.logs.test_sentry"


def breaks(request, token):
    """A view that breaks with someone's data in its hands."""
    secret_of_mine = f"local {ADDRESS} {token}"
    _known = request.user.is_authenticated
    raise LookupError(f"nothing for {ADDRESS}, whose token is {token} {len(secret_of_mine)}")


urlpatterns = [path("breaks/<str:token>/", breaks, name="breaks"), *site.urlpatterns]
handler500 = "config.http.errors.error_views.server_error"


@pytest.fixture
def reported(settings) -> Any:
    """A server that errors are reported to while the test lasts."""
    with Sentry() as sentry:
        settings.SENTRY_DSN = sentry.dsn
        logs_sentry.begin()
        yield sentry
        sentry_sdk.get_client().close(timeout=1)
        sentry_sdk.get_global_scope().set_client(None)


@pytest.mark.urls(URLCONF)
def test_an_error_comes_with_its_code_and_route_and_with_nothing_about_anybody(reported, signed_in, alma):
    client = signed_in(alma)
    client.raise_request_exception = False
    client.cookies["canary"] = "cookie-canary"
    answer = client.post(
        f"/breaks/{TOKEN}/?q=query-canary", {"email": ADDRESS, "x": "body-canary"}, HTTP_X_CANARY="header-canary"
    )
    sentry_sdk.flush(5)

    assert answer.status_code == 500
    (event,) = reported.events()
    assert event["transaction"] == "breaks" and event["user"] == {"id": str(alma.pk)}
    assert event["tags"]["request_id"] == answer["X-Request-ID"] and event["tags"]["route"] == "breaks"
    (fault,) = event["exception"]["values"]
    assert (fault["type"], fault["value"][:22]) == ("LookupError", "nothing for [address],")
    assert any("raise LookupError" in (frame.get("context_line") or "") for frame in fault["stacktrace"]["frames"])
    assert event["release"].startswith("crisis-bulletins@") and event["environment"] == "production"
    raw = json.dumps(event) + "".join(body.decode() for body in reported.bodies)
    for canary in (ADDRESS, TOKEN, "query-canary", "body-canary", "cookie-canary", "header-canary", alma.email, "sessionid",
                   client.session.session_key, "local anna"):  # fmt: skip
        assert canary not in raw, canary
    assert '"vars"' not in raw and '"request"' not in raw and "breadcrumbs" not in raw


@pytest.mark.django_db(transaction=True)
def test_a_task_that_breaks_is_reported_by_its_name(reported):
    @app.task(name="tests.breaks", shared=False)
    def broken(key: int) -> None:
        raise RuntimeError(f"no such row for {ADDRESS}")

    try:
        broken.apply((7,), throw=False)
        sentry_sdk.flush(5)
    finally:
        app.tasks.pop("tests.breaks")
    (event,) = reported.events()
    assert event["transaction"] == "tests.breaks" and event["tags"]["keys"] == "7"
    assert event["exception"]["values"][0]["value"] == "no such row for [address]"


def test_what_is_logged_as_an_error_is_reported_in_its_words(reported):
    logging.getLogger("delivery").error("Send %s is stuck (%s).", 12, ADDRESS)
    logging.getLogger("delivery").warning("Only odd.")
    sentry_sdk.flush(5)
    (event,) = reported.events()
    assert event["logentry"] == {"formatted": "Send 12 is stuck ([address])."} and "exception" not in event


@pytest.mark.urls(URLCONF)
@pytest.mark.parametrize("state", ["dead", "stalled"])
@pytest.mark.django_db
def test_a_server_that_is_away_slows_no_request(state, settings, client, held_up):
    client.raise_request_exception = False
    with Sentry(stalls=True) as sentry:
        settings.SENTRY_DSN = sentry.dsn if state == "stalled" else "http://publickey0@127.0.0.1:9/1"
        logs_sentry.begin()
        try:
            took = []
            for _time in range(20):
                began = time.monotonic()
                assert client.get(f"/breaks/{TOKEN}/").status_code == 500
                took.append(time.monotonic() - began)
            assert sorted(took)[-2] < 1 + held_up()
        finally:
            sentry.gone.set()
            sentry_sdk.get_client().close(timeout=0.1)
            sentry_sdk.get_global_scope().set_client(None)


def test_without_the_setting_nothing_is_imported(process_env):
    says = "import django, sys; django.setup(); print(sorted(name for name in sys.modules if name.startswith('sentry_sdk')))"
    ended = subprocess.run([sys.executable, "-c", says], env=process_env, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]", ended.stderr
