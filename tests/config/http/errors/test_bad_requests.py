"""A Content-Type that Django cannot begin to read never becomes a fault of ours."""

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from config.http.errors.bad_requests import UNREADABLE, Refusing

NO_TEXT = ["zlib", "undefined", "rot13", "base64", "idna", "utf-16", "unicode_escape"]


def django(environ: dict[str, Any], start: Any) -> list[bytes]:
    """Do what Django does with a request before anything of ours."""
    request = WSGIRequest(environ)
    start("200 OK", [])
    return [request.GET["q"].encode()]


def ask(method: str, content_type: str) -> tuple[str, bytes]:
    """Return the status and the answer."""
    environ = RequestFactory().generic(method, "/x/", QUERY_STRING="q=koulu").environ | {"CONTENT_TYPE": content_type}
    told: list[str] = []
    answer = Refusing(django)(environ, lambda status, _headers: told.append(status))
    return told[0], b"".join(answer)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("charset", NO_TEXT)
def test_a_page_is_answered_whatever_type_a_body_is_said_to_have_that_is_not_there(method, charset):
    assert ask(method, f"text/plain; charset={charset}") == ("200 OK", b"koulu")


@pytest.mark.parametrize("content_type", [*(f"application/json; charset={one}" for one in NO_TEXT), "a; b*=x'y'z'%ff"])
def test_a_body_that_cannot_be_read_is_refused_with_what_to_do(content_type):
    assert ask("POST", content_type) == ("400 Bad Request", UNREADABLE)


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "us-ascii", "latin1", "nobody-knows-it"])
def test_a_body_that_can_be_read_goes_on_to_django(charset):
    assert ask("POST", f"application/json; charset={charset}") == ("200 OK", b"koulu")


@pytest.mark.parametrize("content_type", ["", "multipart/form-data; boundary=x", "text/csv"])
def test_so_does_one_without_a_charset(content_type):
    assert ask("POST", content_type) == ("200 OK", b"koulu")


@pytest.mark.parametrize("charset", ["zlib", "undefined"])
def test_django_itself_fails_on_it(charset):
    environ = RequestFactory().get("/x/").environ | {"CONTENT_TYPE": f"text/plain; charset={charset}"}
    with pytest.raises((LookupError, UnicodeError)):
        django(environ, lambda *_told: None)
