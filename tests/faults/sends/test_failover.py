"""Fault 26: the provider is away for half an hour, and a second mailer carries what certainly was not sent."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Campaign
from delivery.models import Delivery, MailerHealth, Mailing, Send
from delivery.reports import ledger
from delivery.sending import sweeper, worker
from delivery.transports import failover
from tests.faults.support.oracle import assert_accounted_for, note
from tests.support.builders import NOON, build_audience, build_campaign, build_fanned_out_send, build_mailing, states_of
from tests.support.providers.esp_server import FakeESP
from tests.support.providers.smtp_server import SmtpSink
from tests.support.system_parts import free_port

State = Delivery.State
pytestmark = [pytest.mark.django_db, pytest.mark.fault(26)]
SIZE = 60
IN_A_CALL = 4


@pytest.fixture
def live(db: None) -> Campaign:
    """A live campaign: an exercise never leaves by a provider."""
    return build_campaign("live", mode=Campaign.Mode.LIVE, sender_email="bulletins@crisis.test")


@pytest.fixture
def ways_out(smtp_sink: SmtpSink, settings: Any) -> Any:
    """A provider as the first mailer, a relay as the second."""
    with FakeESP() as provider:
        settings.MAILERS = {
            **settings.MAILERS,
            "default": {"BACKEND": "anymail.backends.mailgun.EmailBackend"},
            "backup": settings.MAILERS["exercise"],
        }
        settings.TRANSPORTS = {**settings.TRANSPORTS, "default": "esp", "backup": "smtp"}
        settings.MAIL = {"esp": "mailgun", "host": "mailgun", "port": 443}
        settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": provider.url, "REQUESTS_TIMEOUT": (1, 1)}
        yield provider, smtp_sink


def reach(settings: Any, url: str) -> None:
    """Let the provider be at `url`."""
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": url}


def work(send: Send, at: datetime) -> None:
    """Run a worker as a tick would."""
    worker.work(send.pk, clock=lambda: at)
    sweeper.sweep(at=at)


def came(send: Send, provider: FakeESP, relay: SmtpSink) -> dict[int, int]:
    """Return {delivery key: how many mails came, by either way}."""
    both = provider.count + relay.count
    return {pk: both[email] for pk, email in Delivery.objects.of(send).values_list("pk", "recipient__email")}


@pytest.mark.parametrize("queue", [Mailing.Queue.BULLETIN, Mailing.Queue.URGENT])
def test_half_an_hour_away_moves_only_what_certainly_was_not_sent(live, ways_out, settings, queue):
    provider, relay = ways_out
    nowhere = f"http://127.0.0.1:{free_port()}/"
    mailing = build_mailing(live, queue=queue)
    send = build_fanned_out_send(build_audience(live, size=SIZE, language="fi"), mailing=mailing)
    rows = list(Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True))
    taken, choked, rest = rows[:IN_A_CALL], rows[IN_A_CALL : 2 * IN_A_CALL], rows[2 * IN_A_CALL :]
    doubtful = {*taken, *choked}
    Delivery.objects.filter(pk__in=choked).update(next_attempt_at=NOON + timedelta(seconds=5))
    for place, pk in enumerate(rest):  # there is something to send in every minute of the half hour
        Delivery.objects.filter(pk=pk).update(next_attempt_at=NOON + timedelta(minutes=1 + place // 2))
    # Its last words: a call that it takes and does not answer, and one that it chokes on.
    provider.drop(kept=True, times=1)
    worker.work(send.pk, clock=lambda: NOON)
    provider.reply(503, "Service unavailable", times=1)
    worker.work(send.pk, clock=lambda: NOON + timedelta(seconds=5))
    assert len(provider.caught) == len(taken)
    once_more = queue == Mailing.Queue.URGENT
    in_doubt = {State.QUEUED: SIZE} if once_more else {State.UNKNOWN: len(doubtful), State.QUEUED: len(rest)}
    assert states_of(send) == in_doubt
    assert Delivery.objects.of(send).filter(possible_duplicate=True).count() == (len(doubtful) if once_more else 0)

    provider.behave()
    reach(settings, nowhere)
    used: Counter[str] = Counter()
    for minute in range(1, 31):
        at = NOON + timedelta(minutes=minute)
        used[failover.expected_mailer(live)] += 1
        work(send, at)
    by_relay = set(relay.count)
    addresses = dict(Delivery.objects.of(send).values_list("pk", "recipient__email"))

    assert by_relay == {addresses[pk] for pk in rest} and not relay.duplicates
    assert len(provider.caught) == len(taken)  # nothing reached it
    assert used["backup"] >= 28
    assert MailerHealth.objects.filter(mailer="default", down_until__gt=NOON + timedelta(minutes=30)).exists()
    in_doubt = Delivery.objects.of(send).filter(pk__in=doubtful)
    if once_more:
        # They wait for the first mailer, which can tell by their names that it has them.
        assert set(in_doubt.values_list("state", "possible_duplicate")) <= {
            (State.QUEUED, True),
            (State.DEFERRED, True),
        }
    else:
        assert set(in_doubt.values_list("state", flat=True)) == {State.UNKNOWN}
    assert_accounted_for(send, came(send, provider, relay), at=at)

    reach(settings, provider.url)  # it is back
    for minute in range(31, 200):
        work(send, NOON + timedelta(minutes=minute))
    later = build_fanned_out_send(build_audience(live, "later", size=20), mailing=build_mailing(live, "later"))
    work(later, NOON + timedelta(minutes=200))

    assert len(relay.caught) == SIZE - len(doubtful)
    assert sum(one.recipient.startswith("later-") for one in provider.caught) == 20
    total = ledger.ledger_of([send]).total
    if once_more:
        assert total.accepted == SIZE
        assert set(in_doubt.values_list("state", "possible_duplicate")) == {(State.ACCEPTED, True)}
        assert set(provider.duplicates.values()) == {2} and len(provider.duplicates) == len(taken)
    else:
        assert (total.accepted, total.unknown) == (SIZE - len(doubtful), len(doubtful))
        assert not provider.duplicates
    assert_accounted_for(send, came(send, provider, relay), at=NOON + timedelta(minutes=200))
    note(
        f"{queue}: provider away for 30 min: {len(by_relay)} moved to the second way out, {len(doubtful)} in doubt did "
        f"not; back by the first afterwards; sent twice: {len(provider.duplicates)}, all flagged"
    )
