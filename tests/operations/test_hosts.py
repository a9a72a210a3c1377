"""Signs of life of every process on every host, and whether the hosts agree."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from delivery.models import HostProcess, Lease
from lib import clock
from operations import doctor
from operations.doctor import CheckFailed
from operations.hosts import host_differences, overview, signs_of_life
from operations.hosts.signs_of_life import SignsOfLife
from tests.support.builders import NOON, build_audience, build_fanned_out_send
from tests.support.fresh_settings import read_settings

pytestmark = pytest.mark.django_db


def build_process(host: str, name: str = "worker-bulletin", **fields: Any) -> HostProcess:
    usual: dict[str, Any] = {
        "started_at": NOON,
        "seen_at": NOON,
        "release": "bulletins@1",
        "marks": {"PUBLIC_URL": "a1"},
    }
    return HostProcess.objects.create(host=host, name=name, **usual | fields)


def wrong(*, at: Any = NOON) -> list[str]:
    return host_differences.disagreements(HostProcess.objects.all(), at=at)


def test_hosts_that_agree_have_nothing_said_of_them():
    for host in ("one", "two"):
        build_process(host)
        build_process(host, "web", clock_ahead=0.4)

    assert wrong() == []


def test_each_disagreement_names_the_hosts_and_no_value():
    build_process("one", marks={"PUBLIC_URL": "a1", "TICK_SECONDS": "c3"})
    build_process("two", marks={"PUBLIC_URL": "b2", "TICK_SECONDS": "c3"}, clock_ahead=-3600.2, release="bulletins@2")
    build_process("three", marks={"PUBLIC_URL": "a1", "TICK_SECONDS": "c3"}, clock_ahead=2.4)
    build_process("four", seen_at=NOON - timedelta(seconds=50))
    build_process("four", "web", seen_at=NOON - timedelta(hours=2))

    assert wrong() == [
        "Silent: four (web, worker-bulletin)",
        "Clock of three: 2 s ahead",
        "Clock of two: 3,600 s behind",
        "Setting PUBLIC_URL differs: one, three | two",
        "Versions differ: one, three | two",
    ]


def test_under_another_secret_key_nothing_else_can_be_compared():
    build_process("one", marks={"SECRET_KEY": "k1", "PUBLIC_URL": "a1"})
    build_process("two", marks={"SECRET_KEY": "k2", "PUBLIC_URL": "b2"})

    assert wrong() == ["Setting SECRET_KEY differs: one | two"]


def test_every_setting_is_marked_but_those_of_each_host_and_no_mark_tells_a_value(settings):
    host_differences.marks.cache_clear()
    marks = host_differences.marks()

    assert {"SECRET_KEY", "SUPPRESSION_KEY", "PUBLIC_URL", "TICK_SECONDS", "DELIVERY_DAYS", "TRANSPORT"} <= set(marks)
    assert not set(marks) & host_differences.OF_EACH_HOST
    assert all(len(mark) == 8 and int(mark, 16) >= 0 for mark in marks.values())
    settings.SECRET_KEY = "another key for tests only, long enough for every check"
    host_differences.marks.cache_clear()
    others = host_differences.marks()
    assert all(others[name] != mark for name, mark in marks.items())  # keyed: nobody can try values
    host_differences.marks.cache_clear()


def test_settings_that_differ_have_different_marks(settings, monkeypatch):
    def marks_with(**env: str) -> dict[str, str]:
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            settings.VARIABLE_DIGESTS = dict(read_settings()["VARIABLE_DIGESTS"])
        host_differences.marks.cache_clear()
        return host_differences.marks()

    usual, other = marks_with(), marks_with(EVENT_DAYS="31", LOG_LEVEL="ERROR")
    host_differences.marks.cache_clear()

    assert {name for name in usual if usual[name] != other[name]} == {"EVENT_DAYS"}


def test_a_process_shows_itself_under_its_hosts_name_and_leaves_when_it_ends():
    signs = SignsOfLife("worker-bulletin", queues=["bulletin"], processes=2)

    signs.show()
    signs.show()

    row = HostProcess.objects.get()
    assert (row.host, row.name, row.queues, row.processes) == (signs_of_life.host(), "worker-bulletin", "bulletin", 2)
    assert row.marks == host_differences.marks() and abs(row.clock_ahead) < 1
    assert row.started_at - row.seen_at < timedelta(seconds=1) and not row.is_silent(at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_its_thread_begins_at_once_and_its_end_takes_the_row_away():
    signs = SignsOfLife("worker-tick")
    signs.begin()
    signs._thread.join(0.1)
    deadline = timezone.now() + timedelta(seconds=20)
    while not HostProcess.objects.exists():
        assert timezone.now() < deadline

    signs.end()

    assert not HostProcess.objects.exists() and not signs._thread.is_alive()


def test_what_was_silent_for_a_day_is_forgotten():
    build_process("gone", seen_at=NOON - timedelta(hours=25))
    build_process("silent", seen_at=NOON - timedelta(hours=23))

    assert signs_of_life.forget(at=NOON) == 1
    assert [row.host for row in HostProcess.objects.all()] == ["silent"]


def test_doctor_names_what_differs_from_the_machine_that_it_runs_on():
    now = timezone.now()
    row = build_process("far", seen_at=now, release=doctor_release(), marks=host_differences.marks())
    assert doctor.hosts() == "1 processes on 1 hosts, which agree in clocks, settings and version"

    HostProcess.objects.filter(pk=row.pk).update(
        marks=host_differences.marks() | {"MAIL_FROM": "00000000"}, clock_ahead=7
    )
    with pytest.raises(CheckFailed, match=r"Clock of far: 7 s ahead; Setting MAIL_FROM differs: .* \| .*"):
        doctor.hosts()


def doctor_release() -> str:
    from operations.version import release

    return release()


@pytest.mark.postgresql
def test_the_time_is_the_databases_whatever_this_machines_clock_says(monkeypatch):
    import time

    right = time.time
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    monkeypatch.setattr(clock, "_asked", None)
    monkeypatch.setattr(time, "time", lambda: right() + 3600)

    ahead = clock.measure()

    assert 3590 < ahead < 3610
    assert timedelta(0) <= clock.now() - theirs < timedelta(seconds=20)


def test_the_desk_shows_hosts_queues_and_who_works_on_what_for_three_queries(
    signed_in, root, campaign, django_assert_num_queries
):
    now = timezone.now()
    send = build_fanned_out_send(build_audience(campaign, size=30))
    build_process("mail-1", queues="bulletin,tick", processes=2, seen_at=now, started_at=now)
    build_process("mail-2", "web", seen_at=now - timedelta(minutes=5))
    lease = Lease.objects.create(
        send=send, mailer="exercise", connections=4, worker="mail-1 4711", until=now, since=now
    )

    found = overview.hosts(at=now)
    with django_assert_num_queries(3):
        overview.queues(overview.hosts(at=now))
    for number in range(20):
        build_process(f"more-{number}", seen_at=now)
    with django_assert_num_queries(3):
        overview.queues(overview.hosts(at=now))
    bulletin = next(one for one in overview.queues(found) if one.name == "bulletin")
    assert (bulletin.sends, bulletin.waiting, bulletin.workers, bulletin.runs, bulletin.connections) == (1, 30, 2, 1, 4)

    page = signed_in(root).get(reverse("admin:delivery_hostprocess_changelist")).content.decode()

    assert "mail-1" in page and "worker-bulletin" in page and "4 connections" in page
    assert reverse("admin:delivery_send_change", args=[lease.send_id]) in page
    assert "Silent: mail-2 (web)" in page


def test_only_who_controls_sends_sees_the_hosts(signed_in, fiona, oskar):
    address = reverse("admin:delivery_hostprocess_changelist")

    assert signed_in(fiona).get(address).status_code == 403
    assert signed_in(oskar).get(address).status_code == 200


def test_today_leads_to_the_hosts_from_the_tick(signed_in, root, campaign):
    assert (
        reverse("admin:delivery_hostprocess_changelist") in signed_in(root).get(reverse("admin:index")).content.decode()
    )
