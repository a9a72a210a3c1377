"""The circuit breaker: five policy rejections hold a send, once."""

import pytest

from delivery.holds import circuit_breaker
from delivery.models import Delivery, Send
from delivery.sending import worker
from delivery.transports.transport import Outcome
from tests.support.builders import NOON, build_audience, build_fanned_out_send, states_of

State = Delivery.State
pytestmark = pytest.mark.django_db


def refusal(code: str = "550 5.7.1", detail: str = "", **fields: object) -> Outcome:
    """Return an outcome that a server's refusal makes."""
    values = {"state": State.FAILED, "code": code, "detail": detail}
    return Outcome(1, **values | fields)  # type: ignore[arg-type]


@pytest.fixture
def send(campaign) -> Send:
    """A send under way."""
    return build_fanned_out_send(build_audience(campaign, size=20))


@pytest.mark.parametrize(
    ("code", "detail", "policy"),
    [
        ("550 5.7.1", "", True),
        ("554 5.7.26", "not authenticated", True),
        ("550 5.1.1", "blocked? no such user", False),
        ("552 5.2.2", "mailbox full", False),
        ("554", "Message looks like SPAM", True),
        ("550", "refused by policy of this host", True),
        ("554", "This user does not exist", False),
        ("550", "No such user", False),
        ("", "5.7.1", False),
    ],
)
def test_what_counts_is_what_the_server_says_about_policy(code, detail, policy):
    assert circuit_breaker.is_policy(refusal(code, detail)) is policy


def test_a_refusal_for_now_and_a_refused_login_do_not_count():
    assert not circuit_breaker.is_policy(refusal("451 4.7.1", state=State.DEFERRED))
    assert not circuit_breaker.is_policy(refusal("535 5.7.8", state=State.DEFERRED, about_mailer=True))
    assert not circuit_breaker.is_policy(refusal("550 5.7.1", about_mailer=True))


def test_the_fifth_rejection_holds_the_send_and_says_why(send):
    assert not circuit_breaker.count_refusals(send, [refusal()] * 4, at=NOON)
    assert Send.objects.get().state == Send.State.SENDING

    assert circuit_breaker.count_refusals(send, [refusal("550 5.1.1"), refusal()], at=NOON)

    held = Send.objects.get()
    assert held.state == Send.State.HELD and held.reason == circuit_breaker.REFUSED


def test_a_window_that_nobody_takes_holds_the_send_unless_it_is_for_the_addresses(send):
    def window(code: str, number: int) -> list[Outcome]:
        return [Outcome(pk, State.FAILED, code) for pk in range(number)]

    assert not circuit_breaker.count_refusals(send, window("550 5.1.1", 10), at=NOON)
    assert not circuit_breaker.count_refusals(send, window("400", 4), at=NOON)
    assert not circuit_breaker.count_refusals(send, [*window("400", 9), Outcome(9, State.ACCEPTED)], at=NOON)

    assert circuit_breaker.count_refusals(send, window("400", 5), at=NOON)
    assert Send.objects.get().state == Send.State.HELD


def test_what_a_person_lets_go_is_held_again_at_ten_times_as_many(send):
    circuit_breaker.count_refusals(send, [refusal()] * 7, at=NOON)
    Send.objects.get().resume()

    assert not circuit_breaker.count_refusals(send, [refusal()] * 40, at=NOON)
    assert Send.objects.get().state == Send.State.SENDING
    assert circuit_breaker.count_refusals(send, [refusal()] * 5, at=NOON)


def test_a_send_that_is_over_stays_over(send):
    send.cancel()

    assert not circuit_breaker.count_refusals(send, [refusal()] * 9, at=NOON)

    assert Send.objects.get().state == Send.State.CANCELLED


def test_no_refusal_costs_no_query(send, django_assert_num_queries):
    with django_assert_num_queries(0):
        circuit_breaker.count_refusals(send, [refusal("550 5.1.1")] * 50, at=NOON)


def test_a_worker_stops_at_the_window_in_which_the_fifth_was_refused(send, smtp_sink, windows_of):
    windows_of(10)
    smtp_sink.reply("dot", "550 5.7.1 Looks like spam", times=5)

    worker.work(send.pk, clock=lambda: NOON)

    assert Send.objects.get(pk=send.pk).state == Send.State.HELD
    assert states_of(send) == {State.FAILED: 5, State.ACCEPTED: 5, State.QUEUED: 10}
