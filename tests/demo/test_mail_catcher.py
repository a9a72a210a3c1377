"""Caught mail is whole, committed before its sender hears 250, and shown without running anything in it."""

import http.client
import smtplib
import socket
import sqlite3
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from operations import process_supervisor
from operations.process_supervisor import Supervisor

Ports = tuple[int, int, Path]


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """Run one; give its SMTP port, its HTTP port and its file."""
    folder = tmp_path_factory.mktemp("catcher")
    smtp = process_supervisor.free_port(21025)
    web = process_supervisor.free_port(28025, avoid=[smtp])
    words = [sys.executable, "-m", "demo.mail_catcher", "--database", str(folder / "caught.sqlite3")]
    with Supervisor(folder, say=lambda line: None) as supervisor:
        supervisor.add(
            "catcher",
            [*words, "--smtp-port", str(smtp), "--http-port", str(web)],
            ready=process_supervisor.url_answers(f"http://127.0.0.1:{web}/"),
        )
        supervisor.start()
        yield smtp, web, folder / "caught.sqlite3"


def get(port: int, path: str, host: str = "127.0.0.1") -> tuple[int, dict[str, str], str]:
    """Return status, headers and text of a page."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    link.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = link.getresponse()
    text = answer.read().decode("utf-8", "replace")
    link.close()
    return answer.status, dict(answer.headers), text


def rows(file: Path, sql: str, *values: object) -> list[tuple]:
    """Ask the file directly, as a second process would."""
    with sqlite3.connect(file) as db:
        return db.execute(sql, values).fetchall()


def send(port: int, *, to: str, subject: str, html: str, language: str = "fi", text: str = "Hei") -> bytes:
    """Send one message and return what was handed over."""
    message = EmailMessage()
    message["From"] = "bulletins@example.org"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{to}>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = language
    raw = message.as_bytes().replace(b"\n", b"\r\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.sendmail("bulletins@example.org", [to], raw)
    return raw


def test_a_message_is_kept_byte_for_byte(catcher):
    smtp, _web, file = catcher
    raw = send(smtp, to="whole@example.net", subject="Tämä on tärkeää", html="<p>.</p>", text=".\n..\n.dots\nä")
    kept = rows(file, "SELECT subject, language, message_id, raw FROM mail WHERE rcpt = ?", "whole@example.net")
    assert kept == [("Tämä on tärkeää", "fi", "<whole@example.net>", raw)]


def test_commands_that_travel_together_are_each_answered(catcher):
    smtp, _web, file = catcher
    with socket.create_connection(("127.0.0.1", smtp), timeout=10) as link, link.makefile("rb") as answers:
        answers.readline()
        link.sendall(
            b"EHLO test\r\nMAIL FROM:<>\r\nRCPT TO:<first@example.net>\r\nDATA\r\n.\r\n"
            b"MAIL FROM:<a@example.org> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<\xc3\xa4@example.net>\r\nDATA\r\n"
            b"Subject: second\r\n\r\n..\r\n.\r\nQUIT\r\n"
        )
        said = answers.read().decode().splitlines()
    assert "250-PIPELINING" in said
    assert [line[:3] for line in said if line[3:4] == " "] == "250 250 250 354 250 250 250 354 250 221".split()
    assert rows(file, "SELECT raw FROM mail WHERE rcpt = ?", "first@example.net") == [(b"",)]
    assert rows(file, "SELECT raw FROM mail WHERE rcpt = ?", "ä@example.net") == [(b"Subject: second\r\n\r\n.\r\n",)]


def test_the_list_is_searched_and_filtered_and_goes_back_page_by_page(catcher):
    smtp, web, _file = catcher
    for number in range(55):
        send(smtp, to=f"page{number}@example.net", subject=f"Many {number}", html="<p>x</p>", language="sv")
    _status, _headers, first = get(web, "/?q=Many&language=sv")
    assert first.count("<li>") == 50
    assert "55 of" in first
    older = first.rpartition('href="')[2].partition('">')[0].replace("&amp;", "&")
    _status, _headers, second = get(web, older)
    assert second.count("<li>") == 5
    assert "Newer" in second
    assert "Older" not in second
    assert "page7@example.net" in get(web, "/?q=page7@")[2]
    assert "No caught mail matches" in get(web, "/?q=%25nobody")[2]


def test_nothing_in_a_message_runs(catcher):
    smtp, web, file = catcher
    send(smtp, to="evil@example.net", subject="<script>alert(1)</script>", html="<script>alert(2)</script><b>hi</b>")
    pk = rows(file, "SELECT id FROM mail WHERE rcpt = ?", "evil@example.net")[0][0]
    for path in ("/?q=evil", f"/mail/{pk}"):
        status, headers, text = get(web, path)
        assert status == 200
        assert "<script" not in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
    assert '<iframe title="The message as HTML" sandbox=' in text
    _status, headers, _text = get(web, f"/mail/{pk}/html")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    assert get(web, f"/mail/{pk}/raw")[1]["Content-Disposition"] == f'attachment; filename="{pk}.eml"'


def test_another_name_for_this_machine_is_refused(catcher):
    _smtp, web, _file = catcher
    assert get(web, "/", host="attacker.example")[0] == 421
    assert get(web, "/mail/999999999")[0] == 404
