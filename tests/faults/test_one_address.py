"""One address is written into the form a thousand times at once (fault 14 of docs/developing/reliability.md)."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.utils import timezone

from delivery.models import SignUp, Subscription
from delivery.subscriptions import subscription_mails
from tests.faults.support.oracle import note
from tests.faults.support.workers import celery_worker
from tests.support.builders import build_digest, build_subscription

pytestmark = [pytest.mark.fault(14), pytest.mark.django_db(transaction=True)]
AT_ONCE = 16
# Of what a server says, these two differ by the moment and by the connection, not by the address.
OF_THE_MOMENT = {"Date", "Connection", "X-Request-ID"}


def subscribe(site: str, email: str) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Send the form and return all that can be seen of the answer: status, headers (cookies among them) and body."""
    form = urlencode({"email": email, "language": "fi", "cadence": "digest-week", "consent": "on"})
    connection = HTTPConnection(urlsplit(site).netloc, timeout=60)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/fi/subscribe/", form, kind)
        answer = connection.getresponse()
        headers = tuple(sorted(item for item in answer.getheaders() if item[0] not in OF_THE_MOMENT))
        return answer.status, headers, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("is_known", "times"),
    [(False, 200), (True, 200), pytest.param(False, 1_000, marks=pytest.mark.long)],
    ids=["unknown", "subscribed", "unknown, a thousand"],
)
def test_hundreds_at_once_leave_one_row_and_one_mail_in_ten_minutes(
    is_known, times, live_site, campaign, smtp_sink, process_env
):
    weekly = build_digest(campaign)
    if is_known:
        build_subscription(weekly, at=timezone.now() - timedelta(days=1))
    answers: Counter[tuple[Any, ...]] = Counter()
    lock = threading.Lock()

    def once(_number: int) -> None:
        answer = subscribe(live_site, "elli@example.net")
        with lock:
            answers[answer] += 1

    began = timezone.now()
    with celery_worker(process_env, "urgent"), ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(once, range(times)))
        smtp_sink.wait_for(1)
        subscription_mails.write_due(at=timezone.now())
    took = (timezone.now() - began).total_seconds()

    assert list(answers.values()) == [times]
    assert SignUp.objects.count() <= 1 and (is_known or SignUp.objects.count() == 1)
    assert Subscription.objects.count() == int(is_known)
    later = began + timedelta(minutes=9)
    subscription_mails.write_due(at=later)
    (caught,) = smtp_sink.caught
    assert caught.recipient == "elli@example.net"
    who = "a subscriber's" if is_known else "a new"
    note(f"{times} posts of {who} address, {AT_ONCE} at once, in {took:.0f} s: one answer, one row at most, one mail")


def test_a_stranger_cannot_be_told_from_a_subscriber(live_site, campaign):
    build_subscription(build_digest(campaign), at=timezone.now() - timedelta(days=1))

    assert subscribe(live_site, "elli@example.net") == subscribe(live_site, "stranger@example.net")
