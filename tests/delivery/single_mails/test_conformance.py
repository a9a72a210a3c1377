"""What holds for every kind of single mail: no kind is left out, and none has a manner of its own."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from delivery import heartbeat
from delivery.models import MailerHealth, SingleMail, Suppression, address_hash
from delivery.single_mails.queue import KINDS
from delivery.single_mails.worker import Run, hand_over_due, take_over
from tests.support.builders import NOON

from .scenes import MAILS, SCENES, row_of

MINUTE = timedelta(minutes=1)
GONE = f"{heartbeat.name_of_this_process().rpartition(' ')[0]} 4194305"  # no process has so high a number

pytestmark = [pytest.mark.django_db, pytest.mark.both, pytest.mark.usefixtures("roles", "own_buckets")]
each_mail = pytest.mark.parametrize("name", sorted(MAILS))
each_kind = pytest.mark.parametrize("name", sorted(SCENES))


def test_every_kind_is_tried_here() -> None:
    assert KINDS.keys() == SCENES.keys()


@each_mail
def test_it_leaves_once_and_leaves_nothing_behind(name: str, campaign: Any, smtp_sink: Any) -> None:
    address = MAILS[name](campaign)

    assert hand_over_due(KINDS[name], at=NOON) == 1
    assert hand_over_due(KINDS[name], at=NOON + timedelta(days=2)) == 0

    assert list(smtp_sink.count.items()) == [(address, 1)] and not SingleMail.objects.exists()


@each_mail
def test_a_permanent_refusal_ends_it_with_its_reason(name: str, campaign: Any, smtp_sink: Any) -> None:
    address = MAILS[name](campaign)
    smtp_sink.reply("rcpt", "550 5.1.1 No such user here", to=address, times=1)

    assert hand_over_due(KINDS[name], at=NOON) == 0
    ended = SingleMail.objects.get()
    assert (ended.kind, ended.fault, ended.code, ended.ended_at) == (name, "refused", "550 5.1.1", NOON)
    for hours in (1, 25):
        assert hand_over_due(KINDS[name], at=NOON + timedelta(hours=hours)) == 0
    assert not smtp_sink.caught
    blocked = Suppression.objects.filter(address_hash=address_hash(address), reason="no_such_address").exists()
    assert blocked is not KINDS[name].asked_for  # of what a stranger typed in, nothing follows for its owner


@each_mail
def test_a_passing_refusal_is_tried_again_along_the_ladder(name: str, campaign: Any, smtp_sink: Any) -> None:
    address = MAILS[name](campaign)
    smtp_sink.reply("rcpt", "451 4.2.1 Try later", to=address, times=2)
    at, queue = NOON, KINDS[name](at=NOON)
    for attempts in (0, 1):
        assert hand_over_due(KINDS[name], at=at) == 0
        waits = SingleMail.objects.get()
        assert (waits.fault, waits.code, waits.attempts) == ("deferred", "451 4.2.1", attempts + 1)
        assert waits.next_attempt_at == at + queue.waits(attempts)
        assert hand_over_due(KINDS[name], at=waits.next_attempt_at - timedelta(seconds=1)) == 0
        at = waits.next_attempt_at

    assert hand_over_due(KINDS[name], at=at) == 1
    assert smtp_sink.count[address] == 1 and not SingleMail.objects.exists()


@each_mail
def test_a_server_that_is_away_is_tried_again_and_no_address_stands_in_the_log(
    name: str, campaign: Any, smtp_sink: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    address, there = MAILS[name](campaign), settings.MAILERS
    nobody = {"BACKEND": there["exercise"]["BACKEND"], "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 1}}
    settings.MAILERS = there | {"exercise": nobody}
    assert hand_over_due(KINDS[name], at=NOON) == 0
    waits = SingleMail.objects.get()
    assert waits.fault == "away" and "was not sent" in caplog.text and address not in caplog.text

    settings.MAILERS = there
    assert hand_over_due(KINDS[name], at=waits.next_attempt_at) == 1 and not SingleMail.objects.exists()


@each_mail
def test_what_never_gets_through_is_given_up(name: str, campaign: Any, smtp_sink: Any) -> None:
    MAILS[name](campaign)
    smtp_sink.reply("rcpt", "451 4.2.1 Try later")
    kind = KINDS[name]
    hand_over_due(kind, at=NOON)
    over = NOON + min(kind.lasts, timedelta(days=10)) + timedelta(hours=1)  # the clocks change on the way

    assert hand_over_due(kind, at=over) == 0
    if name not in {"survey", "pretest", "join_code"}:  # these have an end of their own
        assert SingleMail.objects.get().ended_at == over
    smtp_sink.behave()
    assert hand_over_due(kind, at=over + timedelta(days=9)) == 0 and not smtp_sink.caught


@each_mail
def test_who_was_suppressed_since_it_was_written_gets_nothing(name: str, campaign: Any, smtp_sink: Any) -> None:
    address = MAILS[name](campaign)
    Suppression.objects.create(address_hash=address_hash(address), reason="staff")

    assert hand_over_due(KINDS[name], at=NOON) == 0
    assert hand_over_due(KINDS[name], at=NOON + timedelta(days=2)) == 0 and not smtp_sink.caught


@each_mail
def test_a_server_that_asks_for_a_pause_gets_it(name: str, campaign: Any, smtp_sink: Any) -> None:
    MAILS[name](campaign)
    MailerHealth.objects.create(mailer="exercise", wait_until=NOON + MINUTE)

    assert hand_over_due(KINDS[name], at=NOON) == 0 and not SingleMail.objects.exists()
    assert hand_over_due(KINDS[name], at=NOON + MINUTE) == 1


@each_mail
def test_an_exercise_reaches_no_server_of_real_mail(name: str, campaign: Any, smtp_sink: Any, settings: Any) -> None:
    MAILS[name](campaign)
    nowhere = {"BACKEND": "tests.no.such.Backend"}
    settings.MAILERS = settings.MAILERS | {"default": nowhere, "backup": nowhere}

    assert campaign.is_exercise and hand_over_due(KINDS[name], at=NOON) == 1 and len(smtp_sink.caught) == 1


@each_kind
def test_a_row_whose_worker_died_is_taken_over_at_once(
    name: str, campaign: Any, monkeypatch: pytest.MonkeyPatch, smtp_sink: Any
) -> None:
    SCENES[name](campaign)
    kind = KINDS[name]
    row = row_of(kind)
    run = Run(kind(at=NOON), [row])
    run.worker = GONE
    assert run.claim(row) and hand_over_due(kind, at=NOON) == 0
    woken: list[str] = []
    monkeypatch.setattr("delivery.single_mails.worker.wake", woken.append)

    assert take_over(at=NOON + timedelta(seconds=1)) == 1

    taken = SingleMail.objects.get()
    assert (taken.fault, taken.crashes, taken.possible_duplicate) == ("unknown", 1, True)
    if kind.again_in_doubt:
        assert woken == [name] and row_of_at(kind, 1).pk == row.pk
    else:
        assert woken == [] and taken.ended_at and not kind(at=NOON + timedelta(days=1)).due_rows()
    if name in MAILS:
        assert hand_over_due(kind, at=NOON + timedelta(seconds=1)) == len(smtp_sink.caught) == kind.again_in_doubt
        assert SingleMail.objects.get().fault == ("twice" if kind.again_in_doubt else "unknown")
    run.end()


def row_of_at(kind: Any, seconds: int) -> Any:
    """Return the one row of a kind that is due so many seconds later."""
    return kind(at=NOON + timedelta(seconds=seconds)).due().get()


@each_kind
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_claim_it_once(name: str, campaign: Any) -> None:
    SCENES[name](campaign)
    kind = KINDS[name]
    row = row_of(kind)
    together, got = threading.Barrier(2), []

    def claim() -> None:
        run = Run(kind(at=NOON), [row])
        try:
            together.wait(10)
            got.append(run.claim(row) is not None)
        finally:
            run.end()
            connection.close()

    workers = [threading.Thread(target=claim) for _number in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(30)

    assert sorted(got) == [False, True] and SingleMail.objects.get().attempts == 1


@each_mail
def test_what_a_living_worker_has_in_hand_is_nobody_elses_however_long_it_takes(
    name: str, campaign: Any, smtp_sink: Any
) -> None:
    MAILS[name](campaign)
    row = row_of(KINDS[name])
    run = Run(KINDS[name](at=NOON), [row])
    assert run.claim(row)

    assert hand_over_due(KINDS[name], at=NOON + timedelta(minutes=9)) == 0 and not smtp_sink.caught
    run.end()


# --- The loop itself ---------------------------------------------------------------------------------


def test_a_row_that_three_workers_died_of_ends(campaign: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    MAILS["notice"](campaign)
    monkeypatch.setattr("delivery.single_mails.worker.wake", lambda name: None)
    kind = KINDS["notice"]
    for number in range(3):
        at = NOON + number * MINUTE
        row = kind(at=at).due().get()
        run = Run(kind(at=at), [row])
        run.worker = GONE
        assert run.claim(row)
        run.end()
        take_over(at=at)
    assert SingleMail.objects.get().ended_at and not kind(at=NOON + timedelta(days=1)).due_rows()


def test_a_silent_worker_of_another_host_has_ten_seconds(campaign: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    MAILS["notice"](campaign)
    monkeypatch.setattr("delivery.single_mails.worker.wake", lambda name: None)
    row = row_of(KINDS["notice"])
    run = Run(KINDS["notice"](at=NOON), [row])
    run.worker = "elsewhere 12"
    run.claim(row)
    run.end()

    taken = [take_over(at=NOON + timedelta(seconds=second)) for second in range(11)]

    assert sum(taken) == 1 and sum(taken[:7]) == 0


def test_what_was_taken_over_is_not_written_by_who_comes_back(campaign: Any, smtp_sink: Any) -> None:
    MAILS["notice"](campaign)
    row = row_of(KINDS["notice"])
    run = Run(KINDS["notice"](at=NOON), [row])
    single = run.claim(row)
    SingleMail.objects.update(worker=GONE)
    take_over(at=NOON)

    from delivery.single_mails.hand_over import LEFT

    assert single and not run.conclude(row, single, LEFT)
    row.refresh_from_db()
    assert row.sent_at is None and SingleMail.objects.get().possible_duplicate
    run.end()


def test_a_connection_that_breaks_after_the_dot_is_said_to_be_a_possible_duplicate(
    campaign: Any, smtp_sink: Any
) -> None:
    address = MAILS["notice"](campaign)
    smtp_sink.drop("dot", to=address, times=1)

    assert hand_over_due(KINDS["notice"], at=NOON) == 0
    assert SingleMail.objects.get().fault == "unknown"
    assert hand_over_due(KINDS["notice"], at=NOON + MINUTE) == 1

    assert smtp_sink.count[address] == 2 and SingleMail.objects.get().fault == "twice"


def test_looking_for_dead_workers_costs_one_query(campaign: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        take_over(at=NOON)


def test_the_desk_says_what_did_not_leave_why_and_what_to_do(
    campaign: Any, smtp_sink: Any, oskar: Any, root: Any, signed_in: Any
) -> None:
    address = MAILS["invitation"](campaign)
    smtp_sink.reply("rcpt", "550 5.7.1 No", to=address)
    hand_over_due(KINDS["invitation"], at=NOON)
    page = signed_in(root).get(reverse("admin:delivery_singlemail_changelist")).content.decode()

    assert "Invitations of influencers" in page and "refuses this address for good" in page
    assert "Ask the person for another address" in page and address not in page
    assert not Suppression.objects.exists()  # a matter of policy says nothing about the address
    assert "1 single email was not delivered." in signed_in(root).get("/desk/").content.decode()
