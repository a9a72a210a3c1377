"""Where weaknesses are reported is said where people look for it."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from config import env

pytestmark = pytest.mark.django_db
PAGE = "/.well-known/security.txt"


def test_it_says_to_whom_until_when_and_where_it_stands(client, settings):
    settings.SECURITY_CONTACT, settings.PUBLIC_URL = "mailto:security@bulletins.test", "https://bulletins.test"
    answer = client.get(PAGE)
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert (
        lines["Contact"] == "mailto:security@bulletins.test" and lines["Canonical"] == f"https://bulletins.test{PAGE}"
    )
    left = datetime.fromisoformat(lines["Expires"]) - timezone.now()
    assert timedelta(days=170) < left < timedelta(days=365)  # RFC 9116 wants less than a year


def test_without_anybody_to_write_to_there_is_no_such_page(client):
    assert client.get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("security@bulletins.test", "mailto:security@bulletins.test"),
        ("https://bulletins.test/report", "https://bulletins.test/report"),
        ("", ""),
    ],
)
def test_it_is_an_address_of_mail_or_of_a_page(said, read, monkeypatch):
    monkeypatch.setenv("SECURITY_CONTACT", said)
    assert env.contact("SECURITY_CONTACT") == read


@pytest.mark.parametrize("said", ["http://bulletins.test/report", "security", "a@b\nContact: x@y.z", "https://x"])
def test_anything_else_stops_the_start(said, monkeypatch):
    monkeypatch.setenv("SECURITY_CONTACT", said)
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT"):
        env.contact("SECURITY_CONTACT")
