"""A worker is killed while it hands a single mail over. The oracle is what the SMTP server got."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone

from delivery.models import SingleMail
from delivery.single_mails.worker import hand_over_due, take_over
from influencers.notices import THANKS
from notifications import outbox
from notifications.models import Notice
from notifications.sending import NoticeMails
from tests.faults.support.oracle import note
from tests.support import builders

WORKER = """
import django; django.setup()
from django.utils import timezone
from delivery.single_mails.worker import hand_over_due
from notifications.sending import NoticeMails
hand_over_due(NoticeMails, at=timezone.now())
"""


@pytest.mark.fault
def test_a_row_in_the_hands_of_a_killed_worker_goes_on_within_ten_seconds(
    campaign: Any, smtp_sink: Any, process_env: Any
) -> None:
    reader = builders.build_user("ines", "influencer")
    outbox.write(THANKS, [reader], campaign=campaign, text="Thanks", path="/", at=timezone.now())
    held = smtp_sink.stall("dot", 60, times=1)
    with subprocess.Popen([sys.executable, "-c", WORKER], env=process_env, cwd=site.BASE_DIR) as worker:
        until = time.monotonic() + 60
        while held.times and time.monotonic() < until:
            time.sleep(0.05)
        assert hand_over_due(NoticeMails, at=timezone.now()) == 0, "it is in the worker's hands"
        os.kill(worker.pid, signal.SIGKILL)
    smtp_sink.behave()
    killed = time.monotonic()
    while not (taken := take_over(at=timezone.now())) and time.monotonic() < killed + 10:
        time.sleep(1)

    assert taken == 1 and hand_over_due(NoticeMails, at=timezone.now()) == 1
    took = time.monotonic() - killed
    assert took < 10 and Notice.objects.get().sent_at
    assert SingleMail.objects.get().fault == "twice"
    assert smtp_sink.count[reader.email] in {1, 2}
    note(f"gone on after {took:.1f} s, marked as a possible duplicate")
