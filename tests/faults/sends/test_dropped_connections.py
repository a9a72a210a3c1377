"""The mail server cuts the connection or falls silent, in each phase. Real workers; the sink knows what it got."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from delivery.models import Delivery, Lease
from delivery.sending import dispatch, sweeper
from tests.faults.support.oracle import arrived, assert_accounted_for, note
from tests.faults.support.workers import ALTERED, altered, celery_worker, wait_until
from tests.support.builders import build_audience, build_fanned_out_send, states_of
from tests.support.providers.smtp_server import SmtpSink

State = Delivery.State
pytestmark = [pytest.mark.fault, pytest.mark.fault(5)]

SIZE = 60
# What happens to whom, and whether the mail was certainly not sent.
TROUBLE: dict[str, tuple[Callable[[SmtpSink, str], object], bool]] = {
    "network-5@example.net": (lambda sink, to: sink.drop("rcpt", to=to, times=1), True),
    "network-15@example.net": (lambda sink, to: sink.drop("data", to=to, times=1), True),
    "network-25@example.net": (lambda sink, to: sink.stall("rcpt", 30, to=to, times=1), True),
    "network-35@example.net": (lambda sink, to: sink.drop("dot", to=to, times=1), False),
    "network-45@example.net": (lambda sink, to: sink.drop("dot", to=to, times=1, keep=False), False),
    "network-55@example.net": (lambda sink, to: sink.stall("dot", 30, to=to, times=1), False),
}


@pytest.mark.parametrize("pipelining", [True, pytest.param(False, marks=pytest.mark.long)])
def test_before_the_dot_it_is_tried_again_and_after_it_nobody_knows(campaign, smtp_sink, process_env, pipelining):
    """Waiting for 15 and 600 seconds is shortened to 2 and 4."""
    smtp_sink.pipelining = pipelining
    send = build_fanned_out_send(build_audience(campaign, size=SIZE), at=timezone.now())
    row_of = {row.recipient.email: row.pk for row in Delivery.objects.select_related("recipient")}
    for address, (inject, _not_sent) in TROUBLE.items():
        inject(smtp_sink, address)

    def states() -> dict[str, str]:
        return {address: Delivery.objects.get(pk=row_of[address]).state for address in TROUBLE}

    def nothing_held() -> bool:
        return not Lease.objects.exists() and not dispatch.count_ready(send, at=timezone.now(), most=1)

    env = altered(process_env, transports__mail__smtp__STEP_SECONDS=2, transports__mail__smtp__AFTER_DOT_SECONDS=4)
    with celery_worker(env, program=ALTERED):
        dispatch.wake_workers(at=timezone.now())
        wait_until("the first round", nothing_held)
        assert states() == {
            address: State.DEFERRED if not_sent else State.UNKNOWN for address, (_do, not_sent) in TROUBLE.items()
        }
        assert states_of(send) == {State.ACCEPTED: SIZE - 6, State.DEFERRED: 3, State.UNKNOWN: 3}
        assert_accounted_for(send, smtp_sink)

        Delivery.objects.filter(state=State.DEFERRED).update(next_attempt_at=timezone.now())
        dispatch.wake_workers(at=timezone.now())
        wait_until("the second round", lambda: not Delivery.objects.of(send).to_go().exists())
    sweeper.sweep(at=timezone.now())

    assert states_of(send) == {State.ACCEPTED: SIZE - 3, State.UNKNOWN: 3}
    assert_accounted_for(send, smtp_sink)
    came = arrived(smtp_sink)
    assert [came[row_of[address]] for address in TROUBLE] == [1, 1, 1, 1, 0, 1]
    note("cut at RCPT, before 354, silent before 354: sent at the second try; cut or silent after the dot: unknown")
