"""Text messages whose worker is killed, and whose provider is away. The oracle is what the providers got."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from delivery.models import Channel, ChannelChoice, Delivery, Message, Recipient, Send, Wanted
from delivery.sending import dispatch, fanout, sweeper, worker
from tests.faults.support.oracle import assert_accounted_for, in_doubt, note
from tests.faults.support.workers import PROCESSES, celery_worker, finish, let_leases_run_out, wait_until
from tests.support.builders import NOON, agree, build_audience, build_campaign, build_mailing, build_send
from tests.support.services import free_port
from tests.support.sms_provider import FakeSMS

State = Delivery.State
pytestmark = pytest.mark.fault


def build(*, size: int, at: Any) -> Send:
    """Return an urgent send of text messages that is under way."""
    campaign = build_campaign("live", mode=Campaign.Mode.LIVE)
    audience = build_audience(campaign, size=size, language="fi", kind="influencers")
    people = Recipient.objects.filter(memberships__audience=audience).order_by("pk")
    phones = [
        Recipient.objects.create(channel="sms", address=f"+3584012{n:05d}", person=one, language="fi")
        for n, one in enumerate(people)
    ]
    agree(phones)
    ChannelChoice.objects.bulk_create(ChannelChoice(recipient=one, wants=Wanted.URGENT) for one in phones)
    mailing = build_mailing(campaign, queue="urgent")
    Message.objects.freeze([Message(mailing=mailing, channel=Channel.SMS, language="fi", subject="t", text="Keitä.")])
    send = build_send(audience, mailing=mailing, channel=Channel.SMS, slot_at=at)
    fanout.fan_out(send, at=at)
    return send


def came(send: Send, *providers: FakeSMS) -> dict[int, int]:
    """Return {delivery key: how many messages came, by any provider}."""
    count = sum((one.count for one in providers), Counter())
    rows = Delivery.objects.of(send).values_list("pk", "recipient__address")
    return {pk: count[number] for pk, number in rows}


@pytest.mark.fault(1)
@pytest.mark.django_db(transaction=True)
def test_a_worker_is_killed_while_the_provider_has_text_messages(process_env):
    with FakeSMS() as provider:
        env = process_env | {
            "SMS_URL": f"http://user:secret@127.0.0.1:{provider.port}/send",
            "SMS_SENDER": "Nokia",
            "FETCH_ALLOW": f"127.0.0.1:{provider.port}",
            "SEND_CONNECTIONS": "1",
        }
        send = build(size=120, at=timezone.now())
        with celery_worker(env, "urgent") as first:
            provider.stall(times=1000)
            dispatch.wake_workers(at=timezone.now())
            wait_until("messages that wait for an answer", lambda: len(provider.came) >= 1)
            first.kill()
        provider.let_go()
        let_leases_run_out()
        sweeper.sweep(at=timezone.now())
        doubt = in_doubt(send)
        assert 1 <= doubt <= 2 * PROCESSES

        with celery_worker(env, "urgent", name="other"):
            finish(send)
        sweeper.sweep(at=timezone.now())
        assert_accounted_for(send, came(send, provider))
        assert Counter(came(send, provider).values()).keys() <= {1, 2}
        note(f"in doubt: {doubt}, sent once more and flagged")


@pytest.mark.fault(26)
@pytest.mark.django_db
def test_a_second_provider_carries_what_certainly_was_not_sent(settings):
    with FakeSMS() as first, FakeSMS() as second:
        settings.TRANSPORTS = {**settings.TRANSPORTS, "sms": "sms", "sms-backup": "sms"}
        settings.SMS = {"sms": first.way("twilio"), "sms-backup": second.way("json")}
        nowhere = free_port()
        settings.FETCH_ALLOW = [f"127.0.0.1:{port}" for port in (first.port, second.port, nowhere)]
        send = build(size=30, at=NOON)
        first.drop(kept=True)
        worker.work(send.pk, clock=lambda: NOON, seconds=0)
        taken = len(first.came)
        settings.SMS = {**settings.SMS, "sms": {**first.way("twilio"), "url": f"http://127.0.0.1:{nowhere}"}}
        for minute in range(1, 8):
            at = NOON + timedelta(minutes=minute)
            worker.work(send.pk, clock=lambda at=at: at)
            sweeper.sweep(at=at)

        both = came(send, first, second)
        assert_accounted_for(send, both, at=at)
        assert len(second.came) == 30 - taken and max(both.values()) == 1
        note(f"{len(second.came)} moved to the second provider, {taken} were with the first")
