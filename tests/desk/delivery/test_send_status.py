"""What `send_status` tells of a send at the command line."""

import json
import os
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from delivery.models import Delivery, Send
from tests.support import builders

State = Delivery.State


@pytest.fixture
def send(campaign: Any) -> Send:
    """A send to six people, of which one mail was refused and one is in doubt."""
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=6), deadline=builders.NOON)
    first, second = Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True)[:2]
    Delivery.objects.filter(pk=first).update(state=State.FAILED, code="550 5.1.1")
    Delivery.objects.filter(pk=second).update(state=State.UNKNOWN, possible_duplicate=True)
    return send


def told(*args: Any) -> str:
    """Return what the command prints."""
    out = StringIO()
    call_command("send_status", *args, stdout=out)
    return out.getvalue()


def test_the_equation_and_what_went_wrong_are_told(send: Send) -> None:
    said = told(send.pk)

    assert "6 candidates = 0 accepted + 1 failed + 0 suppressed + 1 unknown + 4 to go" in said
    assert "1 failed 550 5.1.1 — " in said
    assert "1 possibly sent twice" in said and "send by 2026-03-25 12:00, Europe/Helsinki" in said


def test_the_same_is_told_as_one_line_for_programs(send: Send) -> None:
    (line,) = told(send.pk, "--json").splitlines()
    found = json.loads(line)

    assert found["send"] == send.pk
    assert (found["candidates"], found["to_go"]) == (6, 4)
    assert found["total"]["adds_up"] and found["total"]["unknown"] == found["total"]["possibly_twice"] == 1
    assert sum(row["candidates"] for row in found["sends"]) == 6
    assert found["states"][0]["state"] == "sending" and found["states"][0]["deadline"].startswith("2026-03-25T10:00")
    assert {"state": "failed", "code": "550 5.1.1", "people": 1} in found["problems"]


@pytest.mark.parametrize("args", [[], [99], [1, "--bulletin", "1"], ["--bulletin", "99"]])
def test_what_is_not_there_is_refused(args: list[Any], campaign: Any) -> None:
    with pytest.raises(CommandError):
        told(*args)


def test_what_came_back_and_what_never_left_are_told(send: Send) -> None:
    rows = list(Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=rows[2:4]).update(state=State.ACCEPTED, receipt=Delivery.Receipt.BOUNCED)
    Delivery.objects.filter(pk=rows[4]).update(state=State.SUPPRESSED)
    assert "of the suppressed" not in told(send.pk)
    Delivery.objects.filter(pk=rows[5]).update(state=State.EXPIRED)

    said, found = told(send.pk), json.loads(told(send.pk, "--json"))

    assert "of the accepted: 2 bounced\n" in said
    assert "of the suppressed: 1 suppressed, 0 superseded, 1 expired (not sent any more)" in said
    assert (found["total"]["bounced"], found["total"]["complained"], found["total"]["delivered"]) == (2, 0, 0)


@pytest.mark.fault
def test_a_reader_who_has_seen_enough_ends_it_quietly(process_env: dict[str, str], send: Send) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "manage.py", "send_status", str(send.pk)]
    for unbuffered in ("", "1"):
        ended = subprocess.run(
            command,
            env=process_env | {"PYTHONUNBUFFERED": unbuffered},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
    os.close(writing)
