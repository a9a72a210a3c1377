"""Preparing one recipient's message kills the process, each time. It is not tried for ever, and alone is to blame."""

import pytest
from django.utils import timezone

from delivery.models import Delivery
from delivery.sending import sweeper
from delivery.sending.sweeper import CRASHES
from tests.faults.support.oracle import assert_accounted_for, in_doubt, note
from tests.faults.support.workers import ALTERED, altered, celery_worker, finish, let_leases_run_out
from tests.support.builders import build_audience, build_fanned_out_send, states_of

State = Delivery.State
DEADLY = "network-30@example.net"
AT_ONE_CONNECTION = 2  # mails in doubt


@pytest.mark.fault(21)
def test_it_is_set_aside_after_three_deaths_and_everybody_else_gets_theirs(campaign, smtp_sink, process_env):
    """
    The workers that are dead are found so at once, not after a minute. The first dies while it prepares a window, with the last
    mails of the one before in the air; the others take such a row when nothing is.
    """
    size = 60
    send = build_fanned_out_send(build_audience(campaign, size=size), at=timezone.now())
    deadly = Delivery.objects.get(recipient__email=DEADLY)

    def find_the_dead() -> None:
        let_leases_run_out(of_the_dead=True)
        sweeper.sweep(at=timezone.now())

    with celery_worker(altered(process_env, deadly=DEADLY), program=ALTERED):
        finish(send, meanwhile=find_the_dead)
    sweeper.sweep(at=timezone.now())

    deadly.refresh_from_db()
    assert (deadly.state, deadly.code, deadly.crashes) == (State.FAILED, Delivery.QUARANTINED, CRASHES)
    assert deadly.attempts == 0 and DEADLY not in smtp_sink.count
    doubt = in_doubt(send)
    assert doubt <= AT_ONE_CONNECTION
    assert not Delivery.objects.exclude(pk=deadly.pk).filter(crashes__gt=0).exists()
    unknown = {State.UNKNOWN: doubt} if doubt else {}
    assert states_of(send) == {State.FAILED: 1, State.ACCEPTED: size - 1 - doubt} | unknown
    assert_accounted_for(send, smtp_sink)
    assert size - 1 - doubt <= len(smtp_sink.count) <= size - 1 and not smtp_sink.duplicates
    note(
        f"set aside after {deadly.crashes} deaths, {size - 1} of the other {size - 1} got theirs, in doubt: {doubt}; the only one that any death was counted at"
    )
