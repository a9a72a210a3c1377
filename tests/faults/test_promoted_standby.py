"""The PostgreSQL server is lost for good in mid-send, and its standby takes over."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from delivery.models import Delivery, Send
from tests.conftest import environment_of_children
from tests.faults.support.oracle import assert_accounted_for, note
from tests.faults.support.workers import celery_beat, celery_worker, wait_until
from tests.faults.test_lost_postgresql import SIZE, assert_nothing_left_unannounced, build, ended
from tests.support.builders import states_of
from tests.support.system_parts import Standby

State = Delivery.State
pytestmark = [pytest.mark.fault, pytest.mark.fault(31), pytest.mark.postgresql, pytest.mark.long]


def test_the_ledger_is_exact_on_the_standby(standby: Standby, smtp_sink: Any, tmp_path: Path) -> None:
    """What was committed is on both, so nothing that left is unknown to the one that takes over. Workers find it by themselves."""
    send = build(smtp_sink)
    env = environment_of_children(settings) | {"DATA_DIR": str(tmp_path), "TICK_SECONDS": "2"}
    env |= {"DATABASE_URL": standby.url_of_both}

    with celery_beat(env), celery_worker(env):
        smtp_sink.wait_for(50)
        connection.close()
        standby.primary.kill()
        time.sleep(3)
        left = len(smtp_sink.caught)
        assert left < SIZE
        standby.promote()
        seconds = wait_until("mail", lambda: len(smtp_sink.caught) > left)
        wait_until("the end", lambda: ended(send))
        wait_until("the tick", lambda: Send.objects.get().state == Send.State.FINISHED)

    assert_nothing_left_unannounced(send, smtp_sink)
    assert_accounted_for(send, smtp_sink)
    assert states_of(send) == {State.ACCEPTED: SIZE} and not smtp_sink.duplicates
    note(f"the standby promoted after 3 s: in doubt: 0, going again {seconds:.1f} s later, none twice")
