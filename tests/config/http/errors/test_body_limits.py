"""How much a request may bring, and that nginx's example says the same."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils.translation import override

from config.http.errors import body_limits
from tests.operations.test_nginx import EXAMPLE

pytestmark = pytest.mark.django_db

MEGABYTE = body_limits.MEGABYTE


def file_of(size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.bin", b"x" * size)


@pytest.mark.parametrize("path", ["/en/", "/en/subscribe/", "/en/account/login/", "/en/join/", "/desk/login/"])
def test_more_than_a_page_takes_is_refused_before_it_is_read(client, campaign, monkeypatch, path):
    def read(*unused):
        raise AssertionError("The body was read.")

    monkeypatch.setattr("django.core.handlers.wsgi.WSGIRequest._load_post_and_files", read)
    answer = client.post(path, {"file": file_of(4 * MEGABYTE)})

    assert answer.status_code == 413
    assert b"Nothing was saved or sent" in answer.content


def test_a_stranger_cannot_send_a_video_to_the_desk_and_an_editor_can(campaign, alma, signed_in):
    path = reverse("admin:index")
    assert Client().post(path, {"file": file_of(4 * MEGABYTE)}).status_code == 413
    assert signed_in(alma).post(path, {"file": file_of(4 * MEGABYTE)}).status_code != 413


def test_a_form_with_too_much_text_is_told_so(client, campaign):
    answer = client.post("/en/check/", {"text": "x" * (2_700_000)})

    assert answer.status_code == 413


def test_the_picture_of_a_report_may_be_larger(client, campaign):
    for path in ("/en/facts/report/", "/en/contributions/after/send/"):
        assert client.post(path, {"screenshot": file_of(4 * MEGABYTE)}).status_code != 413


# --- nginx -----------------------------------------------------------------------------------------


def sizes() -> list[tuple[str, int]]:
    """Return the (pattern, megabytes) of the example's locations that have a limit of their own, the last first."""
    found, pattern = [], ""
    for line in EXAMPLE.read_text().splitlines():
        if named := re.match(r"\s*location (?:~ )?(\S+) \{", line):
            pattern = named[1] if named[1].startswith("^") else f"^{named[1]}"
        if size := re.match(r"\s*client_max_body_size (\d+)m;", line):
            found.append((pattern, int(size[1])))
    return found[::-1]


def size_of(path: str) -> int:
    """Return how many octets nginx lets through to an address."""
    return next(size for pattern, size in sizes() if not pattern or re.search(pattern, path)) * MEGABYTE


def test_nginx_lets_through_what_the_application_takes_and_no_more_elsewhere(rf: RequestFactory, alma):
    with override("en"):
        uploads = {name: reverse(name, args=[1] if "answer" in name else []) for name in body_limits.FOR_FILES}
        uploads |= {
            name: reverse(name, args=["after"] if "contributions" in name else []) for name in body_limits.FOR_PICTURES
        }
        uploads |= {body_limits.FOR_DRAFTS: reverse(body_limits.FOR_DRAFTS, args=[1])}
    uploads["admin:index"] = reverse("admin:index")
    for path in uploads.values():
        request = rf.post(path)
        request.resolver_match, request.user = resolve(path), alma
        assert size_of(path) == body_limits.most(request), path
    for path in (
        "/en/",
        "/en/subscribe/",
        "/en/account/login/",
        "/fi/facts/",
        "/fi/portal/settings/",
        "/i18n/setlang/",
    ):
        assert size_of(path) == body_limits.LARGEST, path
    assert size_of("/webhooks/postmark/") == MEGABYTE
    assert size_of("/webhooks/postmark/inbound/") == size_of("/webhooks/mail/") == 26 * MEGABYTE
    assert size_of("/api/v1/inputs") == 27 * MEGABYTE
