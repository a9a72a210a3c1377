"""What a client does wrong is no error of ours: it is not counted, not reported, and a warning in the logs."""

import io
import logging
import smtplib
from typing import Any

import pytest
from anymail.exceptions import AnymailRecipientsRefused
from django.http import HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.urls import path

from accounts.login.code_mails import level_of
from config import urls as site
from operations.logs import sentry
from operations.logs.error_counter import counted

from .log_reader import lines_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.operations.logs.test_client_errors")]
handler400, handler500 = "config.http.errors.error_views.bad_request", "config.http.errors.error_views.server_error"


def sends_away(request: Any) -> HttpResponse:
    """A view that believes an address."""
    return HttpResponseRedirect(request.GET["next"])


def reads(request: Any) -> HttpResponse:
    """A view that reads what was sent."""
    return HttpResponse(request.body)


def breaks(request: Any) -> HttpResponse:
    """A view with a fault of ours."""
    raise RuntimeError("That is ours.")


urlpatterns = [path("away/", sends_away), path("reads/", reads), path("breaks/", breaks), *site.urlpatterns]


class Gone(io.BytesIO):
    """The body of a request whose client went away."""

    def read(self, *unused: Any) -> bytes:
        """Fail as the server does."""
        raise UnreadablePostError("connection reset")


FORM = "application/x-www-form-urlencoded"
WRONG = {
    "an oEmbed of an unknown format": lambda client: client.get("/oembed?url=x&format=yaml"),
    "too many fields": lambda client: client.post("/reads/", "&".join("a=1" for _ in range(1200)), content_type=FORM),
    "too many fields in a form": lambda client: client.post(
        "/en/check/", "&".join("a=1" for _ in range(1200)), content_type=FORM
    ),
    "too much text": lambda client: client.post("/en/check/", {"text": "x" * 2_700_000}),
    "a body that is no form": lambda client: client.post(
        "/en/check/", "x", content_type="multipart/form-data; boundary="
    ),
    "another host": lambda client: client.get("/en/", HTTP_HOST="evil.example"),
    "an address to nowhere good": lambda client: client.get("/away/?next=javascript:alert(1)"),
    "a NUL": lambda client: client.get("/en/?page=%00"),
    "a client that went away": lambda client: client.post(
        "/reads/", **{"wsgi.input": Gone(), "CONTENT_LENGTH": "9", "CONTENT_TYPE": FORM}
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_strangers_fault_is_answered_as_theirs_and_counted_nowhere(client, campaign, what):
    client.raise_request_exception = False
    before = counted()

    with lines_of() as lines:
        answer = WRONG[what](client)

    assert 400 <= answer.status_code < 500 or "fields" in what and answer.status_code == 200
    assert counted() == before
    assert [line for line in lines if line["level"] in {"ERROR", "CRITICAL"}] == []


def test_a_fault_of_ours_is_counted(client):
    client.raise_request_exception = False
    before = counted()

    assert client.get("/breaks/").status_code == 500
    assert counted() == before + 1


@pytest.mark.parametrize(
    ("record", "leaves"),
    [
        (logging.makeLogRecord({"name": "django.security.DisallowedRedirect", "levelno": logging.ERROR}), False),
        (logging.makeLogRecord({"name": "django.request", "levelno": logging.ERROR, "status_code": 400}), False),
        (logging.makeLogRecord({"name": "django.request", "levelno": logging.ERROR, "status_code": 500}), True),
        (logging.makeLogRecord({"name": "delivery.sending.worker", "levelno": logging.ERROR}), True),
    ],
)
def test_only_what_is_ours_is_reported(record, leaves):
    event = {"level": "error", "logger": record.name}
    assert (sentry.may_leave(event, {"log_record": record}) is not None) == leaves


def test_an_address_that_a_mail_server_refuses_is_the_fault_of_whoever_typed_it():
    assert level_of(smtplib.SMTPRecipientsRefused({"x@example.net": (550, b"no")})) == logging.WARNING
    assert level_of(AnymailRecipientsRefused()) == logging.WARNING
    assert level_of(ConnectionRefusedError()) == logging.ERROR
    assert level_of(smtplib.SMTPSenderRefused(550, b"no", "us@example.org")) == logging.ERROR
