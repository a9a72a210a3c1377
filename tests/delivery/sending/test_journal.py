"""What a worker wrote of each mail makes doubt smaller after a kill, and never makes anything of what it did not write."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from delivery.models import Delivery, Lease, Send, Suppression
from delivery.sending import handoff, journal, sweeper, worker
from delivery.sending.journal import MOST, SIZE, Journal
from delivery.transports.transport import Outcome
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing, states_of

from .test_worker import Recorder

State = Delivery.State
OUTCOMES = [
    Outcome(1, State.ACCEPTED, "250 2.0.0"),
    Outcome(1, State.FAILED, "550 5.1.1", "No such user: hämärä … here"),
    Outcome(1, State.DEFERRED, "421 4.7.0", "Slow down", retry_after=12.5, about_mailer=True),
    Outcome(1, State.DEFERRED, "", "Not sent", retry_after=0.0),
    Outcome(1, State.UNKNOWN, "", "No reply"),
    Outcome(1, State.ACCEPTED, "", provider_id="<named@provider.example>"),
]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    """Journals of this test's own."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def send(campaign: Any) -> Send:
    """A send to eight people that is under way."""
    return build_fanned_out_send(build_audience(campaign, size=8))


def begun(send: Send) -> tuple[Lease, Journal, list[int]]:
    """
    Return a lease, its journal and the keys of eight rows: of the two of its first window one was refused, and of the six of its second
    two were accepted, the third may have left, three have not begun. None of this is in the ledger but that all were marked.
    """
    lease = Lease.objects.create(
        send=send, until=NOON, worker="elsewhere 1", journal=journal.name_of_new(), window=MOST
    )
    rows = worker.claim(send, lease=lease.pk, at=NOON, size=8, mailer="exercise")
    ids = [row.delivery_id for row in rows]
    handoff.take(send, ids, [], lease=lease.pk, at=NOON)
    written = Journal(lease)
    for window, begins, accepted in ((ids[:2], ids[:2], ids[1:2]), (ids[2:], ids[2:5], ids[2:4])):
        for pk in window:
            written.prepare(pk)
        for pk in begins:
            written.begin(pk)
        for pk in accepted:
            written.end(Outcome(pk, State.ACCEPTED, "250 2.6.0"))
        if ids[0] in window:
            written.end(Outcome(ids[0], State.FAILED, "550 5.1.1", "Nobody here"))
    lease.refresh_from_db()
    return lease, written, ids


def sweep() -> None:
    """Sweep when the lease has been silent for more than a minute, and that was noticed."""
    for seconds in (65, 70):
        sweeper.sweep(at=NOON + timedelta(seconds=seconds))


def by_row(ids: list[int]) -> list[str]:
    """Return the states of rows, in their order."""
    states = dict(Delivery.objects.values_list("pk", "state"))
    return [states[pk] for pk in ids]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
def test_an_outcome_is_read_as_it_was_written(send, outcome):
    lease = Lease.objects.create(send=send, until=NOON, journal=journal.name_of_new())
    written = Journal(lease)
    written.prepare(1)
    written.begin(1)
    written.end(outcome)

    found = journal.read(lease)
    assert found is not None
    assert (found.outcomes, found.not_begun, found.prepared_last) == ([outcome], [], 1)


def test_what_is_too_long_is_cut_and_nothing_else_suffers(send):
    lease = Lease.objects.create(send=send, until=NOON, journal=journal.name_of_new())
    written = Journal(lease)
    for pk in (1, 2):
        written.prepare(pk)
        written.end(Outcome(pk, State.FAILED, "550 5.7.1", "ä" * 200))

    found = journal.read(lease)
    assert found is not None
    assert [(one.delivery_id, one.detail) for one in found.outcomes] == [(1, "ä" * 100), (2, "ä" * 100)]


def test_after_a_kill_only_what_was_begun_and_not_answered_is_in_doubt(send):
    _lease, written, ids = begun(send)
    written.close()  # as a kill does

    sweep()

    assert by_row(ids) == ["failed", *["accepted"] * 3, "unknown", *["queued"] * 3]
    assert not Lease.objects.exists()
    assert Suppression.objects.count() == 1  # an address that does not exist, as if the worker had recorded it
    assert Delivery.objects.get(pk=ids[1]).code == "250 2.6.0"
    # What has not left was not handed over, and nothing is held against it.
    assert set(Delivery.objects.filter(pk__in=ids[5:]).values_list("attempts", "crashes")) == {(0, 0)}
    sweep()
    assert journal.names() == set()


def test_of_urgent_mail_only_that_is_tried_once_more(campaign):
    urgent = build_fanned_out_send(build_audience(campaign, size=8), mailing=build_mailing(campaign, queue="urgent"))
    _lease, written, ids = begun(urgent)
    written.close()

    sweep()

    assert by_row(ids) == ["failed", *["accepted"] * 3, *["queued"] * 4]
    assert list(Delivery.objects.filter(possible_duplicate=True).values_list("pk", flat=True)) == [ids[4]]


def test_while_a_run_may_still_go_on_nothing_is_sent_that_it_may_send(send):
    """It has been silent for a minute, and its process lives."""
    begun_now = begun(send)

    sweep()

    assert by_row(begun_now[2]) == ["failed", *["accepted"] * 3, *["unknown"] * 4]


def absent(lease: Lease) -> None:
    (journal.folder() / lease.journal).unlink()


def empty(lease: Lease) -> None:
    (journal.folder() / lease.journal).write_bytes(b"")


def noise(lease: Lease) -> None:
    file = journal.folder() / lease.journal
    file.write_bytes(os.urandom(file.stat().st_size))


def of_another_lease(lease: Lease) -> None:
    Lease.objects.filter(pk=lease.pk).delete()
    Lease.objects.create(
        pk=lease.pk + 1000,
        send=lease.send,
        until=lease.until,
        worker=lease.worker,
        journal=lease.journal,
        first_row=lease.first_row,
        last_row=lease.last_row,
    )
    Delivery.objects.filter(lease=lease.pk).update(lease=lease.pk + 1000)


def before_the_machine_was_started_anew(lease: Lease) -> None:
    file = journal.folder() / lease.journal
    name = f"00000000-0000-4000-8000-000000000000-{lease.journal[-16:]}"
    file.rename(file.with_name(name))
    Lease.objects.filter(pk=lease.pk).update(journal=name)


@pytest.mark.parametrize(
    "damage",
    [absent, empty, noise, of_another_lease, before_the_machine_was_started_anew],
    ids=lambda one: one.__name__,
)
def test_a_journal_that_is_not_to_be_believed_leaves_the_window_in_doubt(send, damage: Callable[[Lease], None]):
    lease, written, ids = begun(send)
    written.close()
    damage(lease)

    sweep()

    assert by_row(ids) == ["unknown"] * 8
    assert not Suppression.objects.exists()


def test_a_torn_record_leaves_its_own_mail_in_doubt(send):
    lease, written, ids = begun(send)
    written.close()
    file = journal.folder() / lease.journal
    data = bytearray(file.read_bytes())
    data[2 * SIZE] ^= 1
    file.write_bytes(data[: 8 * SIZE - 400])  # in the last

    sweep()

    assert by_row(ids) == ["failed", "accepted", "unknown", "accepted", "unknown", *["queued"] * 2, "unknown"]


def test_a_record_of_an_earlier_window_says_nothing_of_a_later_one(send):
    """A row that was put off for no time at all comes again under the same lease."""
    lease = Lease.objects.create(send=send, until=NOON, worker="elsewhere 1", journal=journal.name_of_new())
    [row] = worker.claim(send, lease=lease.pk, at=NOON, size=1, mailer="exercise")
    handoff.take(send, [row.delivery_id], [], lease=lease.pk, at=NOON)
    written = Journal(lease)
    for window in range(3):
        written.prepare(row.delivery_id)
        written.begin(row.delivery_id)
        if window < 2:
            written.end(Outcome(row.delivery_id, State.DEFERRED, "450", retry_after=0.0))
    written.close()

    sweep()

    assert by_row([row.delivery_id]) == ["unknown"]


class TestWhereNoneCanBeWritten:
    """Mail goes on, and after a kill the window is in doubt."""

    def test_without_a_folder(self, send, settings, tmp_path):
        (tmp_path / "journals").write_text("in the way")

        recorder = Recorder(before=lambda sent: found.append(Lease.objects.get().journal))
        found: list[str] = []
        worker.work(send.pk, clock=lambda: NOON, transport=recorder)

        assert states_of(send) == {State.ACCEPTED: 8} and set(found) == {""}

    @pytest.mark.parametrize("written_before", [0, 3, 6, 7, 8])
    def test_on_a_full_disk(self, send, monkeypatch, written_before):
        """It is full from some record on: the lease says so before anything more leaves."""
        pwrite = os.pwrite
        records = 0

        def full(descriptor: int, data: bytes, place: int) -> int:
            nonlocal records
            records += 1
            if records > written_before:
                raise OSError(errno.ENOSPC, "No space left on device")
            return pwrite(descriptor, data, place)

        monkeypatch.setattr(journal.os, "pwrite", full)
        kept: list[tuple[int, str]] = []

        class Watched(Recorder):
            def send(self, window):
                for outcome in super().send(window):
                    kept.append((records, Lease.objects.get().journal))
                    yield outcome

        worker.work(send.pk, clock=lambda: NOON, transport=Watched())

        assert states_of(send) == {State.ACCEPTED: 8}
        assert all(name == "" for number, name in kept if number > written_before)
        assert records == written_before + 1  # it is not tried again

    def test_it_is_locked_until_the_lease_says_so(self, send, monkeypatch):
        """Or the sweeper might take what is written for all that there is to know."""
        lease = Lease.objects.create(send=send, until=NOON, journal=journal.name_of_new())
        written = Journal(lease)
        written.prepare(1)
        named: list[str] = []
        monkeypatch.setattr(written, "close", lambda: named.append(Lease.objects.get(pk=lease.pk).journal))
        monkeypatch.setattr(journal.os, "pwrite", lambda *about: 0)

        written.begin(1)

        assert named == [""]

    def test_where_a_machine_has_no_name(self, send, monkeypatch):
        monkeypatch.setattr(journal, "this_machine", lambda: "")

        worker.work(send.pk, clock=lambda: NOON, transport=Recorder())

        assert states_of(send) == {State.ACCEPTED: 8} and journal.names() == set()


def test_a_worker_died_of_the_mail_that_it_was_preparing_and_of_no_other(send):
    lease = Lease.objects.create(send=send, until=NOON, worker="elsewhere 1", journal=journal.name_of_new())
    ids = [row.delivery_id for row in worker.claim(send, lease=lease.pk, at=NOON, size=8, mailer="exercise")]
    written = Journal(lease)
    for pk in ids[:3]:
        written.prepare(pk)
    written.close()

    sweep()

    assert dict(Delivery.objects.values_list("pk", "crashes")) == {pk: int(pk == ids[2]) for pk in ids}


def test_journals_of_runs_that_are_over_are_removed(send):
    worker.work(send.pk, clock=lambda: NOON, transport=Recorder())
    assert len(journal.names()) == 1 and not Lease.objects.exists()

    sweeper.take_over(at=NOON)

    assert journal.names() == set()
