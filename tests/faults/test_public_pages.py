"""Public pages on several processes: what is corrected is seen everywhere, and the database goes away while all read."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from subprocess import run
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from bulletins.publication import corrections
from operations import process_supervisor
from tests.faults.support.oracle import note
from tests.faults.support.workers import ROOT, Process, running, wait_until
from tests.support import builders, system_parts
from tests.support.page_readers import Crowd, Reader, one_for_each, seconds_until_all_see

pytestmark = [pytest.mark.fault, pytest.mark.fault(28)]
PROCESSES = 2
WITHIN = 1.0  # seconds
WORDS = b"You can borrow and return."  # of each bulletin


@contextmanager
def web_server(env: Mapping[str, str]) -> Iterator[tuple[Process, int, str]]:
    """Run the web server of `./run serve` with two processes; yield it, its port and its host."""
    port = system_parts.free_port()
    host = f"127.0.0.1:{port}"
    env = {**env, "PUBLIC_URL": f"http://{host}"}
    run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
        cwd=ROOT,
        env=dict(env),
        check=True,
    )
    with running(process_supervisor.web_server("127.0.0.1", port, PROCESSES, 8), env, "web") as process:
        answers = process_supervisor.url_answers(f"http://{host}/health/live")
        wait_until("the web server", lambda: process_supervisor.is_ready(answers))
        wait_until("its processes", lambda: len(process.children) >= PROCESSES)
        yield process, port, host


def workers(process: Process) -> list[int]:
    """Return the processes that answer."""
    return process.children[-PROCESSES:]


def readers_of(path: str, process: Process, port: int, host: str) -> list[Reader]:
    """Return connections to each process that have read a page so often that it is kept. Idle for 30 s they are cut."""
    readers = one_for_each(workers(process), port, path, host, at_least=8)
    for one in readers * 2:
        assert one.read()[0] == 200
    return readers


def amend(bulletin: Any, words: str, *, retract: bool = False) -> None:
    """Publish a correction, or a retraction, whose page says `words`."""
    bulletin.refresh_from_db()
    now = timezone.now()
    begin = corrections.retract if retract else corrections.start_correction
    begin(bulletin, by=builders.editor(), at=now, what_changed=builders.in_all(en=words))
    builders.published(bulletin, at=now)


def pause(claim: Any, words: str) -> None:
    """Pause a fact-check with words for its readers."""
    builders.pause_claim(claim, told=builders.in_all(en=words), by=builders.editor(), at=timezone.now())


def test_what_is_published_corrected_paused_and_withdrawn_is_seen_on_every_process_within_a_second(process_env):
    campaign = builders.build_campaign()
    version = builders.build_published_version(campaign, at=timezone.now())
    claim = builders.build_claim(campaign, at=timezone.now())
    path, fact = f"/en/bulletins/{version.bulletin.number}/", f"/en/facts/{claim.slug}/"
    took = {}

    with web_server(process_env) as (process, port, host):

        def see(path: str, words: str, change: Callable[[], object]) -> float:
            return seconds_until_all_see(readers_of(path, process, port, host), words, change)

        publish = partial(builders.build_published_version, campaign, at=timezone.now())
        took["published"] = see("/en/bulletins/", "/en/bulletins/2/", publish)
        took["corrected"] = see(path, "Mended thus", partial(amend, version.bulletin, "Mended thus"))
        took["paused"] = see(fact, "Looked at again", partial(pause, claim, "Looked at again"))
        took["withdrawn"] = see(path, "It was wrong", partial(amend, version.bulletin, "It was wrong", retract=True))

    assert max(took.values()) <= WITHIN, took
    note("seen by every process after " + ", ".join(f"{word} {seconds:.2f} s" for word, seconds in took.items()))


@pytest.mark.postgresql
def test_while_postgresql_is_away_pages_are_shown_as_they_were_but_nothing_that_was_withdrawn(own_database, own_env):
    campaign = builders.build_campaign()
    kept, gone = (builders.build_published_version(campaign, at=timezone.now()).bulletin for _n in range(2))
    amend(gone, "A first correction")
    kept_path, gone_path = (f"/en/bulletins/{one.number}/" for one in (kept, gone))

    with web_server(own_env) as (process, port, host):
        earlier_path = f"{gone_path}versions/1/"
        for path in (kept_path, gone_path, earlier_path):
            readers = readers_of(path, process, port, host)
        assert WORDS in readers[0].read()[1]
        withdrawn = readers_of(gone_path, process, port, host)
        seconds = seconds_until_all_see(withdrawn, "It was wrong", lambda: amend(gone, "It was wrong", retract=True))
        assert seconds <= WITHIN
        time.sleep(0.5)  # nobody reads the earlier version meanwhile: it still lies in memory
        standing = readers_of(kept_path, process, port, host)
        earlier = [Reader(port, earlier_path, host) for _n in range(8)]

        with Crowd(standing, WORDS) as crowd, Crowd([*withdrawn, *earlier], WORDS) as others:
            time.sleep(1)
            connection.close()
            own_database.stop()
            time.sleep(4)
            unread = Reader(port, "/en/about/privacy/", host)
            status, _body = unread.read()
            assert status == 503 and unread.headers["Retry-After"]
            own_database.start()
            back = wait_until("the page", lambda: unread.read()[0] == 200)
            time.sleep(1)
        assert set(crowd.seen) == {(200, True)}, crowd.seen
        assert not [status for (status, had_words) in others.seen if had_words], others.seen
        assert {status for status, _had in others.seen} <= {200, 302, 503}
        after = seconds_until_all_see(standing, "Mended since", partial(amend, kept, "Mended since"))

    assert after <= WITHIN
    note(
        f"{sum(crowd.seen.values())} pages while it was away for 4 s, all as they were; of the withdrawn one none; "
        f"all as before {back:.1f} s after it was back, a correction seen after {after:.2f} s"
    )
