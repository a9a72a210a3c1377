"""Copies of sources: fetched from a real site on this machine, once, safely, and never twice the same."""

import gzip
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection

from config import tick
from factcheck import tasks
from factcheck.evidence import page_copies
from factcheck.models import ArchivedCopy, Claim, ClaimStep, Evidence, NotConfirmable
from factcheck.verdicts import verdict_workflow
from lib import task_queue
from tests.lib.http.test_safe_fetch import INSIDE
from tests.support.builders import NOON, build_claim, editor, publish_claim, second_person

MINUTE = timedelta(minutes=1)
PAGE = "<!doctype html><title>On food</title><h1>Food</h1><p>No food cures it.</p>"


class Publisher(BaseHTTPRequestHandler):
    """A publisher's site with a page for each case."""

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        name, _sign, about = self.path[1:].partition("?")
        getattr(self, f"show_{name}", self.show_page)(about)

    def show_page(self, _about: str) -> None:
        self.answer(self.server.page.encode(), "text/html; charset=utf-8")  # type: ignore[attr-defined]

    def show_to(self, about: str) -> None:
        self.answer(b"", status=302, Location=about)

    def show_status(self, about: str) -> None:
        self.answer(b"<p>Something is wrong", status=int(about))

    def show_once(self, about: str) -> None:
        first = self.server.seen.count(self.path) == 1  # type: ignore[attr-defined]
        self.answer(PAGE.encode(), status=int(about) if first else 200)

    def show_pdf(self, _about: str) -> None:
        self.answer(b"%PDF-1.7 ...", "application/pdf")

    def show_false_pdf(self, _about: str) -> None:
        self.answer(b"%PDF-1.7 ...", "text/html")

    def show_gzip(self, _about: str) -> None:
        self.answer(gzip.compress(PAGE.encode() * 100), "text/html", **{"Content-Encoding": "gzip"})

    def show_latin(self, _about: str) -> None:
        self.answer("<p>Terveyttä ja hyvää oloa – å".encode("cp1252"), "text/html; charset=ISO-8859-1")

    def show_wide(self, _about: str) -> None:
        self.answer("<p>Terveyttä".encode("utf-16"), "text/html")

    def show_script(self, _about: str) -> None:
        self.answer(b"<html><body><div id=app></div><script>render('No food cures it')</script>")

    def show_size(self, about: str) -> None:
        self.answer(b"<p>" + b"x " * ((int(about) - 3) // 2) + b"x" * ((int(about) - 3) % 2))

    def show_long(self, _about: str) -> None:
        self.answer(b"word " * (page_copies.MOST_TEXT // 5 + 1), "text/plain")

    def show_endless(self, _about: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        try:
            while True:
                self.wfile.write(b"<p>and so on" * 1000)
        except OSError:
            pass

    def show_slow(self, _about: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        try:
            for _letter in range(50):
                self.wfile.write(b"x")
                time.sleep(0.1)
        except OSError:
            pass

    def show_cut(self, _about: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>Half of")
        self.close_connection = True

    def answer(self, content: bytes, kind: str = "text/html", *, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_parts: Any) -> None:
        pass


@pytest.fixture
def publisher(settings: Any) -> Iterator[Any]:
    """A real HTTP server on this machine that may be asked."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    server.seen, server.page = [], PAGE
    server.url = f"http://127.0.0.1:{server.server_port}"
    settings.FETCH_ALLOW = [f"127.0.0.1:{server.server_port}"]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How often the task was woken."""
    calls: list[Any] = []
    monkeypatch.setattr(task_queue, "wake", lambda *_a, **named: calls.append(named))
    return calls


@pytest.fixture
def claim(campaign: Any) -> Claim:
    """A claim under review with two sources."""
    return build_claim(campaign, published=False)


def wanted(claim: Claim, url: str = "https://institute1.example/") -> Evidence:
    """Return the claim's first source, with this address, that waits for its copy since noon."""
    source = claim.evidence.first()
    assert source
    source.url, source.archive_wanted_at = url, NOON
    source.save()
    return source


# --- What is kept -----------------------------------------------------------------------------------------------


def test_a_page_is_kept_as_text_with_its_title_and_fingerprint(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")

    copy = page_copies.archive(source, at=NOON)

    assert copy is not None
    assert (copy.title, copy.text, copy.url) == ("On food", "Food\n\nNo food cures it.", f"{publisher.url}/page")
    assert (copy.fetched_at, copy.by) == (NOON, None)
    source.refresh_from_db()
    assert (source.copy, source.archive_wanted_at, source.archive_fault) == (copy, None, "")


def test_the_fingerprint_is_of_the_text(claim, publisher):
    import hashlib

    copy = page_copies.archive(wanted(claim, f"{publisher.url}/latin"), at=NOON)

    assert copy is not None
    assert copy.text == "Terveyttä ja hyvää oloa – å"
    assert copy.sha256 == hashlib.sha256(copy.text.encode()).hexdigest()


def test_the_address_that_is_kept_is_the_one_that_answered(claim, publisher):
    copy = page_copies.archive(wanted(claim, f"{publisher.url}/to?/page"), at=NOON)

    assert copy is not None and copy.url == f"{publisher.url}/page"


def test_the_same_text_of_the_same_page_is_kept_once(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    first = page_copies.archive(source, at=NOON)
    page_copies.request_copy(source, at=NOON + MINUTE)

    again = page_copies.archive(source, at=NOON + MINUTE)

    assert again == first
    assert again.fetched_at == NOON
    assert ArchivedCopy.objects.count() == 1


def test_a_page_that_changed_is_kept_again_and_the_earlier_copy_stays(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    first = page_copies.archive(source, at=NOON)
    publisher.page = "<p>Now it says something else."
    page_copies.request_copy(source, at=NOON + MINUTE)

    second = page_copies.archive(source, at=NOON + MINUTE)

    source.refresh_from_db()
    assert source.copy == second != first
    assert ArchivedCopy.objects.get(pk=first.pk).text == "Food\n\nNo food cures it."


def test_a_page_in_utf_16_is_read(claim, publisher):
    copy = page_copies.archive(wanted(claim, f"{publisher.url}/wide"), at=NOON)

    assert copy is not None and copy.text == "Terveyttä"


# --- What is not kept ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fault", "tried_again"),
    [
        ("status?404", "status-404", False),
        ("status?410", "status-410", False),
        ("status?403", "status-403", False),
        ("status?500", "status-500", True),
        ("status?503", "status-503", True),
        ("status?429", "status-429", True),
        ("pdf", "not_text-pdf", False),
        ("false_pdf", "not_text-pdf", False),
        ("gzip", "not_text", False),
        ("script", "empty", False),
        ("long", "large", False),
        ("to?/to?/to?/to?/to?/to?/to?/to?/page", "redirects", False),
        ("to?http://169.254.169.254/latest/meta-data/", "private", False),
        ("to?http://2130706433/", "private", False),
        ("to?http://[::ffff:127.0.0.1]/", "private", False),
        ("to?file:///etc/passwd", "elsewhere", False),
        ("to?http://127.0.0.1:6379/", "elsewhere", False),
    ],
)
def test_what_cannot_be_kept_says_why(claim, publisher, path, fault, tried_again):
    source = wanted(claim, f"{publisher.url}/{path}")
    if path.startswith("to?/to"):
        source = wanted(claim, f"{publisher.url}/to?" + "/to?" * 6 + "/page")

    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert (source.archive_fault, source.copy) == (fault, None)
    assert source.archive_wanted_at == (NOON + MINUTE if tried_again else None)
    assert ArchivedCopy.objects.count() == 0


@pytest.mark.parametrize("url", [url for url in INSIDE if url.isascii()])
def test_no_spelling_of_an_address_inside_is_asked(claim, url, monkeypatch):
    monkeypatch.setattr("socket.create_connection", lambda *_a, **_n: pytest.fail("somebody was asked"))
    source = wanted(claim, url)

    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert (source.archive_fault, source.archive_wanted_at) == ("private", None)


def test_a_public_name_that_leads_inside_is_not_asked(claim, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_n: [(2, 1, 6, "", ("10.0.0.7", 443))])
    monkeypatch.setattr("socket.create_connection", lambda *_a, **_n: pytest.fail("somebody was asked"))
    source = wanted(claim, "https://rebound.example.net/")

    page_copies.archive(source, at=NOON)

    source.refresh_from_db()
    assert source.archive_fault == "private"


def test_a_page_of_exactly_the_most_is_kept_and_one_byte_more_is_not(claim, publisher, monkeypatch):
    monkeypatch.setattr(page_copies, "MOST_BYTES", 10_000)
    assert page_copies.archive(wanted(claim, f"{publisher.url}/size?10000"), at=NOON)

    source = wanted(claim, f"{publisher.url}/size?10001")
    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert source.archive_fault == "large"
    assert ArchivedCopy.objects.count() == 1


def test_a_page_without_end_is_given_up_and_nothing_of_it_is_kept(claim, publisher, held_up):
    source, started = wanted(claim, f"{publisher.url}/endless"), time.monotonic()

    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert source.archive_fault == "large"
    assert ArchivedCopy.objects.count() == 0
    assert time.monotonic() - started < page_copies.MOST_SECONDS + held_up()


def test_a_site_that_drips_is_left(claim, publisher, monkeypatch, held_up):
    monkeypatch.setattr(page_copies, "MOST_SECONDS", 0.5)
    source, started = wanted(claim, f"{publisher.url}/slow"), time.monotonic()

    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert (source.archive_fault, source.archive_wanted_at) == ("timeout", NOON + MINUTE)
    assert time.monotonic() - started < 4.5 + held_up()


def test_an_answer_that_breaks_off_is_not_kept(claim, publisher):
    source = wanted(claim, f"{publisher.url}/cut")

    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert source.archive_fault == "unreachable"
    assert ArchivedCopy.objects.count() == 0


def test_a_site_that_is_down_is_tried_four_times_and_then_left(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    publisher.shutdown()
    publisher.socket.close()
    tried = []

    at = NOON
    while source.archive_wanted_at:
        at = source.archive_wanted_at
        tried.append(at - NOON)
        assert page_copies.archive(source, at=at) is None

    assert tried == [0 * MINUTE, 1 * MINUTE, 11 * MINUTE, 71 * MINUTE]
    assert source.archive_fault == "unreachable"


def test_a_site_that_recovers_is_kept(claim, publisher):
    source = wanted(claim, f"{publisher.url}/once?500")
    assert page_copies.archive(source, at=NOON) is None
    assert page_copies.archive(source, at=NOON) is None, "it is not due yet"

    copy = page_copies.archive(source, at=NOON + MINUTE)

    assert copy is not None and copy.text == "Food\n\nNo food cures it."
    assert (source.archive_fault, source.archive_tries, source.archive_wanted_at) == ("", 0, None)
    assert len(publisher.seen) == 2


def test_a_copy_that_cannot_be_renewed_stays(claim, publisher):
    source = wanted(claim, f"{publisher.url}/once?200")
    copy = page_copies.archive(source, at=NOON)
    source.url = f"{publisher.url}/status?404"
    source.save()
    page_copies.request_copy(source, at=NOON)

    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert (source.copy, source.archive_fault) == (copy, "status-404")


@pytest.mark.parametrize(
    "fault",
    [
        *[
            "bad",
            "elsewhere",
            "private",
            "dns",
            "timeout",
            "unreachable",
            "redirects",
            "tls",
            "large",
            "empty",
            "failed",
            "odd",
        ],
        *["status-404", "status-500", "not_text", "not_text-pdf", "not_text-image", "not_text-office"],
    ],
)
def test_every_fault_is_said_in_words_with_what_to_do(fault):
    says = page_copies.fault_sentence(fault)

    assert says.count(".") >= 2 or ":" in says
    assert "-" not in says and "_" not in says, "codes are for machines"


def test_no_fault_is_no_words():
    assert page_copies.fault_sentence("") == ""


# --- The queue ------------------------------------------------------------------------------------------------------


def test_asking_wakes_a_worker_once_it_is_stored(claim, woken, django_capture_on_commit_callbacks):
    source = claim.evidence.first()
    with django_capture_on_commit_callbacks(execute=True):
        page_copies.request_copy(source, at=NOON)
        assert woken == []

    source.refresh_from_db()
    assert (source.archive_wanted_at, source.archive_tries, source.archive_fault) == (NOON, 0, "")
    assert [call["queue"] for call in woken] == ["background"]


def test_another_page_lets_the_copy_of_the_first_go(claim, publisher, woken):
    source = wanted(claim, f"{publisher.url}/page")
    copy = page_copies.archive(source, at=NOON)

    page_copies.request_copy(source, at=NOON, other_page=True)

    source.refresh_from_db()
    assert source.copy is None
    assert ArchivedCopy.objects.get() == copy


def test_the_tick_wakes_a_worker_only_while_something_waits(claim, woken):
    assert page_copies.wake_waiting in tick.STEPS
    assert page_copies.wake_waiting(at=NOON) == 0
    assert woken == []

    wanted(claim)

    assert page_copies.wake_waiting(at=NOON - MINUTE) == 0
    assert page_copies.wake_waiting(at=NOON) == 1
    assert len(woken) == 1


def test_a_broker_that_is_away_costs_only_a_tick(claim, monkeypatch):
    def away(*_args: Any, **_named: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(task_queue, "wake", away)
    wanted(claim)

    assert page_copies.wake_waiting(at=NOON) == 1


def test_the_task_takes_all_that_waits_and_a_fault_stops_nobody(claim, publisher, monkeypatch):
    first, second = claim.evidence.all()
    for source, path in ((first, "deadly"), (second, "page")):
        source.url, source.archive_wanted_at = f"{publisher.url}/{path}", NOON
        source.save()
    read = page_copies.read_page

    def dies_of_one(url: str) -> Any:
        if url.endswith("deadly"):
            raise RecursionError
        return read(url)

    monkeypatch.setattr(page_copies, "read_page", dies_of_one)

    tasks.archive()

    first.refresh_from_db()
    second.refresh_from_db()
    assert second.copy and not first.copy
    assert first.archive_wanted_at, "it is tried again"


def test_what_a_worker_died_over_is_taken_again_later(claim, publisher, monkeypatch):
    source = wanted(claim, f"{publisher.url}/page")

    def dies(_url: str) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(page_copies, "read_page", dies)
        page_copies.archive(source, at=NOON)

    assert list(page_copies.waiting(at=NOON + MINUTE)) == [], "it may be at it still"
    [left] = page_copies.waiting(at=NOON + page_copies.LEASE)
    assert page_copies.archive(left, at=NOON + page_copies.LEASE)


def test_a_page_that_kills_each_worker_is_left_in_the_end(claim, monkeypatch):
    source, at = wanted(claim), NOON
    monkeypatch.setattr(page_copies, "read_page", lambda _url: 1 / 0)
    for _time in range(4):
        with pytest.raises(ZeroDivisionError):
            page_copies.archive(source, at=at)
        at += page_copies.LEASE

    assert page_copies.archive(source, at=at) is None

    source.refresh_from_db()
    assert (source.archive_fault, source.archive_wanted_at) == ("failed", None)


def test_two_workers_that_saw_the_same_row_ask_the_site_once(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    other = Evidence.objects.get(pk=source.pk)

    assert page_copies.archive(source, at=NOON)
    assert page_copies.archive(other, at=NOON) is None

    assert publisher.seen == ["/page"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_the_site_once(campaign, publisher):
    claim = build_claim(campaign, published=False)
    source = wanted(claim, f"{publisher.url}/page")
    both, came = threading.Barrier(2), []

    def work() -> None:
        mine = Evidence.objects.get(pk=source.pk)
        both.wait()
        came.append(page_copies.archive(mine, at=NOON))
        connection.close()

    workers = [threading.Thread(target=work) for _each in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)

    assert sorted(one is not None for one in came) == [False, True]
    assert publisher.seen == ["/page"]


def test_a_page_whose_address_was_changed_meanwhile_is_dropped(claim, publisher, monkeypatch):
    source, read = wanted(claim, f"{publisher.url}/page"), page_copies.read_page

    def slow(url: str) -> Any:
        Evidence.objects.filter(pk=source.pk).update(url="https://other.example/")
        return read(url)

    monkeypatch.setattr(page_copies, "read_page", slow)

    assert page_copies.archive(source, at=NOON) is None
    assert Evidence.objects.get(pk=source.pk).copy is None


def test_a_source_that_was_removed_meanwhile_is_no_fault(claim, publisher, monkeypatch):
    source, read = wanted(claim, f"{publisher.url}/page"), page_copies.read_page

    def slow(url: str) -> Any:
        Evidence.objects.filter(pk=source.pk).delete()
        return read(url)

    monkeypatch.setattr(page_copies, "read_page", slow)

    assert page_copies.archive(source, at=NOON) is None


def test_a_whole_claim_that_was_removed_meanwhile_is_no_fault(claim, publisher, monkeypatch):
    source, read = wanted(claim, f"{publisher.url}/page"), page_copies.read_page

    def slow(url: str) -> Any:
        Claim.objects.filter(pk=claim.pk).delete()
        return read(url)

    monkeypatch.setattr(page_copies, "read_page", slow)

    assert page_copies.archive(source, at=NOON) is None


# --- A copy that comes late ------------------------------------------------------------------------------------------


def test_a_copy_under_a_proposed_verdict_renews_its_fingerprint_and_takes_nothing_back(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    verdict_workflow.propose(claim, Claim.Verdict.FALSE, by=editor(), at=NOON)
    read_before = claim.digest

    page_copies.archive(source, at=NOON)

    claim.refresh_from_db()
    assert (claim.status, claim.proposed_by) == (Claim.Status.PROPOSED, editor())
    assert claim.digest == claim.content_digest() != read_before
    with pytest.raises(NotConfirmable, match="changed"):
        verdict_workflow.confirm(claim, digest=read_before, by=second_person(), at=NOON)
    verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON)
    version = verdict_workflow.publish(claim, by=second_person(), at=NOON)
    assert version.evidence[0]["sha256"] == ArchivedCopy.objects.get().sha256


def test_a_copy_does_not_make_up_for_an_edit_under_a_proposed_verdict(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    verdict_workflow.propose(claim, Claim.Verdict.FALSE, by=editor(), at=NOON)
    Evidence.objects.filter(pk=source.pk).update(quote="Changed behind everybody's back.")

    page_copies.archive(source, at=NOON)

    claim.refresh_from_db()
    assert claim.digest != claim.content_digest()
    assert verdict_workflow.void_if_changed(claim, by=None, at=NOON)


def test_between_confirmation_and_publishing_no_copy_is_fetched(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    verdict_workflow.propose(claim, Claim.Verdict.FALSE, by=editor(), at=NOON)
    verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON)
    assert list(page_copies.waiting(at=NOON)) == []

    version = verdict_workflow.publish(claim, by=second_person(), at=NOON)
    assert list(page_copies.waiting(at=NOON)) == [source]
    copy = page_copies.archive(source, at=NOON)

    source.refresh_from_db()
    version.refresh_from_db()
    assert source.copy == copy is not None
    assert version.evidence[0]["copy"] is None, "what is published never changes"


def test_a_copy_that_comes_while_the_verdict_is_confirmed_waits(claim, publisher, monkeypatch):
    source, read = wanted(claim, f"{publisher.url}/page"), page_copies.read_page
    verdict_workflow.propose(claim, Claim.Verdict.FALSE, by=editor(), at=NOON)

    def slow(url: str) -> Any:
        verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON)
        return read(url)

    monkeypatch.setattr(page_copies, "read_page", slow)

    assert page_copies.archive(source, at=NOON) is None

    source.refresh_from_db()
    assert (source.copy, source.archive_wanted_at, source.archive_tries) == (None, NOON + MINUTE, 0)
    assert verdict_workflow.publish(claim, by=second_person(), at=NOON)


def test_a_later_copy_changes_no_published_version(claim, publisher):
    source = wanted(claim, f"{publisher.url}/page")
    first = page_copies.archive(source, at=NOON)
    version = publish_claim(claim)
    publisher.page = "<p>Now it says something else."
    page_copies.request_copy(source, at=NOON + MINUTE)

    page_copies.archive(source, at=NOON + MINUTE)

    version.refresh_from_db()
    source.refresh_from_db()
    assert version.evidence[0]["copy"] == first.pk != source.copy_id


# --- By hand --------------------------------------------------------------------------------------------------------


def test_text_pasted_by_hand_is_kept_with_who_did_it(claim, alma):
    source = wanted(claim)
    source.archive_fault = "not_text-pdf"
    source.save()

    copy = page_copies.paste(source, text="  No\u202e food\r\ncures it.\x00 ", by=alma, at=NOON)

    assert (copy.text, copy.by, copy.url, copy.fetched_at) == ("No food\ncures it.", alma, source.url, NOON)
    source.refresh_from_db()
    assert (source.copy, source.archive_fault, source.archive_wanted_at) == (copy, "", None)


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "no text"), (" \n\u200b\x00 ", "no text"), ("x" * 500_001, "the limit is 500000")],
)
def test_pasting_nothing_or_too_much_is_refused(claim, alma, text, says):
    source = wanted(claim)

    with pytest.raises(NotConfirmable, match=says):
        page_copies.paste(source, text=text, by=alma, at=NOON)

    source.refresh_from_db()
    assert (source.copy, source.archive_wanted_at) == (None, NOON)
    assert ArchivedCopy.objects.count() == 0


@pytest.mark.parametrize("confirmed", [False, True])
def test_pasting_is_an_edit_and_takes_a_verdict_back(claim, alma, confirmed):
    verdict_workflow.propose(claim, Claim.Verdict.FALSE, by=editor(), at=NOON)
    if confirmed:
        verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON)

    page_copies.paste(claim.evidence.first(), text="No food cures it.", by=alma, at=NOON)

    claim.refresh_from_db()
    assert (claim.status, claim.proposed_by, claim.confirmed_by) == (Claim.Status.IN_REVIEW, None, None)
    assert claim.steps.filter(kind=ClaimStep.Kind.VOIDED, by=alma).exists()


def test_pasting_under_a_published_verdict_is_refused(claim, alma):
    version = publish_claim(claim)

    with pytest.raises(NotConfirmable, match="settled"):
        page_copies.paste(claim.evidence.first(), text="No food cures it.", by=alma, at=NOON)

    assert ArchivedCopy.objects.count() == 0
    assert claim.evidence.first().copy is None
    assert version.evidence[0]["copy"] is None
