"""Workers are killed in the middle of a roundup, and one of its bulletins is corrected meanwhile."""

from collections import defaultdict

import pytest
from django.utils import timezone

from bulletins.approval import approval_workflow
from bulletins.models import KeyMessage
from bulletins.publication import corrections, due_bulletins, publish
from delivery.models import Delivery, Send
from delivery.sending import dispatch, sweeper
from tests.faults.support.oracle import assert_accounted_for, in_doubt, note
from tests.faults.support.workers import celery_worker, empty_broker, let_leases_run_out, wait_until
from tests.support.builders import approved, build_audience, build_bulletin, editor, in_all, second_person

SIZE = 200
State = Delivery.State


def said(bulletin, words):
    """Have the bulletin's key message say `words` in every language."""
    KeyMessage.objects.filter(bulletin=bulletin).update(text=in_all(en=words))


def go_on_to_the_end():
    """Tick until no send has anything to go."""

    def ended():
        now = timezone.now()
        dispatch.start_due_sends(at=now)
        dispatch.wake_workers(at=now)
        sweeper.sweep(at=now)
        return not Send.objects.filter(state__in=[Send.State.PLANNED, Send.State.SENDING]).exists()

    wait_until("every send is over", ended)


@pytest.mark.fault(16)
def test_killed_in_mid_roundup_and_corrected_each_fact_arrives_once_and_the_ledger_adds_up(
    campaign, smtp_sink, process_env, roles
):
    empty_broker()
    smtp_sink.delay = 0.02
    now = timezone.now()
    audience = build_audience(campaign, size=SIZE)
    bulletins = []
    for name in "AB":
        bulletin = build_bulletin(campaign, audiences=[audience], at=now)
        said(bulletin, f"FACT-{name}-v1")
        bulletins.append(approved(bulletin, at=now))
    due_bulletins.publish_due(at=now)
    dispatch.start_due_sends(at=now)
    first = Send.objects.get()

    with celery_worker(process_env, "bulletin") as worker:
        dispatch.wake_workers(at=timezone.now())
        smtp_sink.wait_for(SIZE // 4)
        worker.kill()
    now = timezone.now()
    corrected = bulletins[0]
    corrections.start_correction(corrected, by=editor(), at=now, what_changed=in_all(en="The day was wrong."))
    said(corrected, "FACT-A-v2")
    approval_workflow.submit(corrected, by=editor(), at=now)
    approval_workflow.approve(corrected, digest=corrected.digest, by=second_person(), at=now)
    publish.publish(corrected, at=now)
    stopped_at = len(smtp_sink.caught)
    let_leases_run_out()
    with celery_worker(process_env, "bulletin"):
        go_on_to_the_end()

    told = defaultdict(list)
    for number, caught in enumerate(smtp_sink.caught):
        words = caught.message.get_body(("plain",)).get_content()
        assert number < stopped_at or "FACT-A-v1" not in words
        told[caught.recipient] += [fact for fact in ("FACT-A-v1", "FACT-A-v2", "FACT-B-v1") if fact in words]
    doubtful = set(Delivery.objects.filter(state=State.UNKNOWN).values_list("recipient__email", flat=True))
    for who in {f"network-{n}@example.net" for n in range(1, SIZE + 1)}:
        facts = told[who]
        assert len(set(facts)) == len(facts), who
        assert "FACT-A-v2" in facts, who
        assert "FACT-B-v1" in facts or who in doubtful, who
    for send in Send.objects.all():
        if send.fanned_out_at:
            assert_accounted_for(send, smtp_sink)
    note(f"killed and corrected at {stopped_at} of {SIZE}: in doubt {in_doubt(first)}; each fact once")
