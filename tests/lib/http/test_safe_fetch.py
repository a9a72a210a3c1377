"""Opening addresses that someone wrote, without being led into our own network."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lib.http import safe_fetch

INSIDE = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://sub.localhost/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fd00::1]/",
    "http://printer/",
    "http://db.internal/",
    "http://nas.local/",
    "http://①②⑦.⓪.⓪.①/",
]
BAD = [
    "ftp://example.net/",
    "file:///etc/passwd",
    "gopher://example.net/",
    "javascript:alert(1)",
    "http://user:secret@example.net/",
    "http://example.net:22/",
    "http://example.net:6379/",
    "http:///path",
    "http://exa mple.net/",
    "http://example.net/\r\nX: y",
    "http://example.net\\@127.0.0.1/",
    "http://example.net:99999/",
]


class Site(BaseHTTPRequestHandler):
    """A small site with a page for each case."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))  # type: ignore[attr-defined]
        if self.path.startswith("/to?"):
            self.answer(302, Location=self.path.partition("?")[2])
        elif self.path == "/round":
            self.answer(302, Location="/round")
        elif self.path == "/large":
            self.answer(200, b"x" * 100_000)
        elif self.path == "/slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _letter in range(60):
                time.sleep(0.1)
                try:
                    self.wfile.write(b"X-A: b\r\n")
                except OSError:
                    return
        elif self.path == "/no-head":
            self.answer(405 if self.command == "HEAD" else 200)
        elif self.path[1:].isdigit():
            self.answer(int(self.path[1:]))
        else:
            self.answer(200, b"hello", **{"Content-Type": "text/plain", "Set-Cookie": "a=b"})

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_parts: Any) -> None:
        pass


@pytest.fixture
def site(settings: Any) -> Iterator[Any]:
    """A real HTTP server on this machine that may be asked."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.seen = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    settings.FETCH_ALLOW = [f"127.0.0.1:{server.server_port}"]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note every connection that is tried, and make none."""
    tried: list[Any] = []

    def refuse(address: Any, *_rest: Any, **_named: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let the name server give these answers in turn; return the list of names that it was asked for."""
    asked: list[str] = []
    turns = iter(answers)

    def getaddrinfo(host: str, port: int, *_rest: Any, **_named: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(turns)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("url", INSIDE)
def test_no_spelling_of_an_address_inside_is_opened(url, no_connection):
    with pytest.raises((safe_fetch.PrivateAddress, safe_fetch.BadAddress)):
        safe_fetch.fetch(url)

    assert no_connection == []


@pytest.mark.parametrize("url", BAD)
def test_nothing_but_plain_web_addresses_is_opened(url, no_connection):
    with pytest.raises(safe_fetch.BadAddress):
        safe_fetch.fetch(url)

    assert no_connection == []


def test_a_name_that_leads_inside_is_not_opened(monkeypatch, no_connection):
    names(monkeypatch, ["93.184.215.14", "10.0.0.1"])

    with pytest.raises(safe_fetch.PrivateAddress):
        safe_fetch.fetch("https://trap.example.net/")

    assert no_connection == []


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch, no_connection):
    asked = names(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])

    with pytest.raises(safe_fetch.FetchFault):
        safe_fetch.fetch("http://rebind.example.net/")

    assert asked == ["rebind.example.net"]
    assert no_connection == [("93.184.215.14", 80)]


def test_a_body_does_not_wait_for_the_receipt_of_its_headers(site):
    connection = safe_fetch.connected("127.0.0.1", site.server_port, "http", time.monotonic() + 5)
    assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    connection.close()


@pytest.mark.parametrize("inside", ["http://169.254.169.254/", "http://[::1]/", "http://2130706433/", "//localhost/"])
def test_a_redirect_inside_is_not_followed(site, inside):
    with pytest.raises(safe_fetch.PrivateAddress):
        safe_fetch.fetch(f"{site.url}/to?{inside}")

    assert len(site.seen) == 1


def test_a_redirect_to_another_kind_of_address_is_not_followed(site):
    with pytest.raises(safe_fetch.BadAddress):
        safe_fetch.fetch(f"{site.url}/to?file:///etc/passwd")


def test_it_follows_five_redirects_and_no_more(site):
    with pytest.raises(safe_fetch.TooManyRedirects):
        safe_fetch.fetch(f"{site.url}/round")

    assert len(site.seen) == 6


def test_it_returns_the_answer_after_a_redirect(site):
    answer = safe_fetch.fetch(f"{site.url}/to?/page")

    assert (answer.status, answer.content, answer.content_type) == (200, b"hello", "text/plain")
    assert answer.url == f"{site.url}/page"


def test_it_says_who_asks_and_nothing_else_about_us(site):
    safe_fetch.fetch(f"{site.url}/to?/page")

    for _method, _path, headers in site.seen:
        assert headers["Host"] == site.url.removeprefix("http://")
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


def test_it_reads_no_more_than_it_was_asked_to(site):
    assert len(safe_fetch.fetch(f"{site.url}/large", most_bytes=1000).content) == 1000


def test_a_site_that_drips_is_cut_off(site, held_up):
    started = time.monotonic()

    with pytest.raises(safe_fetch.TooSlow):
        safe_fetch.fetch(f"{site.url}/slow", most_seconds=0.5)

    assert time.monotonic() - started < 5 + held_up()


def test_a_name_that_nobody_knows_is_said_to_be_unknown(monkeypatch):
    def getaddrinfo(*_rest: Any, **_named: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(safe_fetch.UnknownHost):
        safe_fetch.fetch("https://no-such-site.example.net/")


def test_a_name_server_that_is_away_says_nothing_about_the_name(monkeypatch):
    def getaddrinfo(*_rest: Any, **_named: Any) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(safe_fetch.FetchFault) as fault:
        safe_fetch.fetch("https://site.example.net/")
    assert fault.value.code == "unreachable"


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"])
def test_public_addresses_are_public(address):
    assert safe_fetch.is_public(address)


def test_only_what_is_listed_may_be_private(site, settings):
    settings.FETCH_ALLOW = []

    with pytest.raises((safe_fetch.PrivateAddress, safe_fetch.BadAddress)):
        safe_fetch.fetch(f"{site.url}/page")

    assert site.seen == []
