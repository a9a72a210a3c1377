"""Mail is kept as it came, read by a worker within a limit, and set aside where a person sees it when it cannot be."""

import resource
import signal
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from config import tick
from delivery.links import unsubscribe
from delivery.models import Membership
from influencers.inbox.mail import arrived_mail, inbound
from influencers.models import ArrivedMail, ThreadMessage, UnmatchedMail
from lib import task_queue
from tests.influencers.inbox.mail_scene import REPLIES, got_bulletin, mail, message_id
from tests.support import builders
from tests.support.builders import NOON

from .test_inbound import BASIC, SECRET

pytestmark = pytest.mark.django_db

LETTER = b"From: wilma@example.net\nTo: answers@example.org\nSubject: Hello\nMessage-ID: <1@x>\n\nWords.\n"


@pytest.fixture(autouse=True)
def _own(settings: Any, tmp_path: Any, campaign: Any, roles: None) -> None:
    settings.WEBHOOK_SECRETS, settings.WEBHOOK_KEYS, settings.MEDIA_ROOT = [SECRET], {}, tmp_path
    campaign.reply_to = REPLIES
    campaign.save()


@pytest.fixture
def never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a mail goes on and on, whatever happens in between."""

    def read(*unused: Any, **unused_too: Any) -> None:
        while True:
            try:
                sum(range(1000))
            except Exception:
                pass

    monkeypatch.setattr(inbound.mime_reader, "read", read)
    monkeypatch.setattr(arrived_mail, "MOST_SECONDS", 0.05)


def post(raw: bytes = LETTER, **query: Any) -> Any:
    where = reverse("webhooks:mail", query=query or None)
    return Client().post(where, raw, content_type="message/rfc822", headers=BASIC)


def test_a_request_keeps_a_mail_and_reads_nothing_of_it(campaign: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = got_bulletin(campaign, builders.build_influencer(campaign, "ines"))
    raw = mail("gmail-fi", answers=message_id(row))
    monkeypatch.setattr(inbound, "take", None)

    assert (post(raw).status_code, post(raw).content) == (200, b"kept")

    assert not ThreadMessage.objects.exists()
    monkeypatch.undo()
    assert arrived_mail.work(at=ArrivedMail.objects.latest("pk").at) == ["message", "message"]
    assert ThreadMessage.objects.count() == 1
    assert not ArrivedMail.objects.exists()


def test_a_worker_is_woken_and_the_tick_wakes_one_too(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(task_queue, "wake", lambda task, queue: woken.append(queue))
    arrived_mail.wake_waiting(at=NOON)
    assert woken == []

    with django_capture_on_commit_callbacks(execute=True):
        arrived_mail.store(LETTER, at=NOON)
    arrived_mail.wake_waiting(at=NOON)

    assert woken == ["urgent", "urgent"]
    assert arrived_mail.wake_waiting in tick.STEPS


def test_somebody_who_leaves_by_mail_has_left_before_the_answer(campaign: Any) -> None:
    row = got_bulletin(campaign, builders.build_influencer(campaign, "ines"))
    address = unsubscribe.unsubscribe_address(
        row.recipient_id, row.mailing_id, email=row.recipient.email, bounces="bounces@example.org"
    )
    assert post(b"Subject: unsubscribe\n\n", to=address).content == b"left"
    assert not Membership.objects.filter(recipient=row.recipient_id, left_at=None).exists()
    assert not ArrivedMail.objects.exists()


def test_a_mail_that_takes_too_long_is_tried_three_times_and_then_a_person_sees_it(never_ends: None) -> None:
    arrived_mail.store(LETTER, at=NOON)
    at, tried = NOON, 0
    while ArrivedMail.objects.due(at=at).exists():
        began = time.process_time()
        assert arrived_mail.work(at=at) == []
        assert time.process_time() - began < 5
        tried += 1
        assert arrived_mail.work(at=at) == [], "earliest its time"
        at += timedelta(minutes=10)

    assert tried == 3
    stray = UnmatchedMail.objects.get()
    assert "could not be read" in str(stray) and "Words." in stray.folded
    assert (stray.from_address, stray.at) == ("wilma@example.net", NOON)
    kept = ArrivedMail.objects.get()
    assert (bytes(kept.raw), kept.next_attempt_at, kept.unmatched) == (LETTER, None, stray)
    assert signal.getsignal(signal.SIGVTALRM) == signal.SIG_DFL
    stray.delete()
    assert not ArrivedMail.objects.exists(), "it is forgotten with what shows it"


def test_a_mail_that_takes_too_much_memory_is_tried_again_and_the_worker_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(arrived_mail, "taken", lambda row: [str(len(bytearray(2 * arrived_mail.MOST_BYTES)))])
    arrived_mail.store(LETTER, at=NOON)

    assert arrived_mail.work(at=NOON) == []

    assert ArrivedMail.objects.get().attempts == 1
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    monkeypatch.undo()
    assert arrived_mail.work(at=NOON + timedelta(minutes=10)) != []


def test_a_mail_that_ends_its_worker_is_set_aside_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def kill(*unused: Any) -> None:
        raise Killed

    monkeypatch.setattr(arrived_mail, "taken", kill)
    arrived_mail.store(LETTER, at=NOON)
    for number in range(3):
        with pytest.raises(Killed):
            arrived_mail.work(at=NOON + number * timedelta(minutes=6))
        assert arrived_mail.work(at=NOON + number * timedelta(minutes=6)) == [], (
            "another worker waits for the lease to end"
        )

    assert arrived_mail.work(at=NOON + timedelta(minutes=18)) == []
    assert UnmatchedMail.objects.get().from_address == "wilma@example.net"
    assert arrived_mail.work(at=NOON + timedelta(days=1)) == []
    assert UnmatchedMail.objects.count() == 1


def test_while_one_worker_reads_others_leave_it_to_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived_mail.store(LETTER, at=NOON)
    arrived_mail.store(LETTER.replace(b"<1@x>", b"<2@x>"), at=NOON)
    meanwhile: list[Any] = []
    taken = arrived_mail.taken

    def slow(row: ArrivedMail) -> list[str]:
        meanwhile.append(arrived_mail.work(at=NOON + timedelta(seconds=50)))
        return taken(row)

    monkeypatch.setattr(arrived_mail, "taken", slow)

    assert arrived_mail.work(at=NOON) == ["unmatched", "unmatched"]
    assert meanwhile == [[], []]


def test_costly_mail_takes_a_worker_for_a_while_and_the_rest_waits_for_the_tick(
    never_ends: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrived_mail, "SECONDS_AT_ONCE", 0.12)
    for _number in range(20):
        arrived_mail.store(LETTER, at=NOON)

    arrived_mail.work(at=NOON)

    assert 10 < ArrivedMail.objects.filter(attempts=0).count() < 20


def test_one_mail_that_cannot_be_read_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived_mail.store(b"X: costly\n\n", at=NOON)
    arrived_mail.store(LETTER, at=NOON)
    taken = arrived_mail.taken
    monkeypatch.setattr(arrived_mail, "taken", lambda row: taken(row) if b"Words" in bytes(row.raw) else 1 / 0)

    assert arrived_mail.work(at=NOON) == ["unmatched"]
    assert ArrivedMail.objects.get().attempts == 1


def test_what_a_provider_posted_and_cannot_be_read_is_not_lost() -> None:
    where = reverse("webhooks:inbound", args=["postmark"])
    assert Client().post(where, "{", content_type="application/json", headers=BASIC).status_code == 200

    for number in range(3):
        arrived_mail.work(at=ArrivedMail.objects.get().at + number * timedelta(minutes=6))

    assert UnmatchedMail.objects.get().folded == "{"


def test_a_kept_mail_costs_the_request_two_statements(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4):
        post()
    assert connection.vendor


@pytest.mark.parametrize("kind", ["mixed", "report"])
def test_a_persons_mail_that_shows_a_bounce_is_read_and_a_report_that_proves_nothing_is_not(
    campaign: Any, kind: str
) -> None:
    sender = builders.build_influencer(campaign, "ines").recipient.email
    raw = (
        f"From: {sender}\nTo: {REPLIES}\nSubject: It did not arrive\nMessage-ID: <7@x>\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/{kind}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nHelp! I am threatened, and my mail to you came back like this:\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    ).encode()
    arrived_mail.store(raw, at=NOON)

    fates = arrived_mail.work(at=NOON)

    said = [message.text for message in ThreadMessage.objects.all()]
    if kind == "mixed":
        assert fates == ["message"] and "I am threatened" in said[0]
    else:
        assert fates == ["unproven"] and not said and not UnmatchedMail.objects.exists()
