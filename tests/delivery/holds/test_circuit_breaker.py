"""The circuit breaker: five policy rejections hold a send and tell staff, once."""

import pytest
from django.core import mail

from delivery.holds import circuit_breaker, hold_mails
from delivery.models import Bucket, Delivery, Send
from delivery.sending import worker
from delivery.transports.transport import Outcome
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_user, states_of

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

    assert Send.objects.get().state == Send.State.CANCELLED and mail.outbox == []


def test_no_refusal_costs_no_query(send, django_assert_num_queries):
    with django_assert_num_queries(0):
        circuit_breaker.count_refusals(send, [refusal("550 5.1.1")] * 50, at=NOON)


class TestTellingStaff:
    """Who may let a send go on is notified that it is held, in their own language, once."""

    def test_everyone_who_may_control_sends_is_told_in_their_language(self, send, roles):
        build_user("aino", "editor", language="fi")
        build_user("otto", "approver", language="sv")
        build_user("fred", "fact-checker")
        build_user("gone", "editor", is_active=False)
        build_user("elsewhere", "editor", is_staff=False)
        build_user("inga", "influencer")

        circuit_breaker.count_refusals(send, [refusal()] * 5, at=NOON)

        assert sorted(message.to for message in mail.outbox) == [["aino@example.org"], ["otto@example.org"]]
        for message in mail.outbox:
            assert f"/desk/delivery/send/{send.pk}/change/" in message.body
            assert message.extra_headers["Auto-Submitted"] == "auto-generated"
            assert "List-Unsubscribe" not in message.extra_headers and "\n" not in message.subject
        swedish = next(message for message in mail.outbox if message.to == ["otto@example.org"])
        assert swedish.subject.startswith("[Övning] ")  # the campaign is an exercise

    def test_nobody_is_told_twice_of_the_same_hold_but_of_each_new_one(self, send, alma):
        circuit_breaker.count_refusals(send, [refusal()] * 5, at=NOON)
        hold_mails.notify_of_holds(at=NOON)
        assert len(mail.outbox) == 1

        Send.objects.get().resume()
        circuit_breaker.count_refusals(send, [refusal()] * 50, at=NOON)
        hold_mails.notify_of_holds(at=NOON)
        assert len(mail.outbox) == 2

        hold_mails.notify_staff(send, "Another reason.", at=NOON)
        assert len(mail.outbox) == 3 and "Another reason." in mail.outbox[2].body

    def test_the_tick_tells_of_what_somebody_held_and_died(self, send, alma):
        send.hold("It is late.")

        assert hold_mails.notify_of_holds(at=NOON) == 1
        assert hold_mails.notify_of_holds(at=NOON) == 0

        assert [message.to for message in mail.outbox] == [["alma@example.org"]]

    def test_mail_that_did_not_leave_is_tried_again(self, send, alma, settings, smtp_sink, caplog):
        smtp_sink.drop("connect")
        send.hold("It is late.")

        assert hold_mails.notify_of_holds(at=NOON) == 0
        assert not Bucket.objects.exists() and "alma" not in caplog.text

        smtp_sink.behave()
        assert hold_mails.notify_of_holds(at=NOON) == 1
        assert smtp_sink.count == {"alma@example.org": 1}

    def test_one_address_that_is_refused_keeps_nobody_else_from_being_told(self, send, alma, veikko, smtp_sink):
        smtp_sink.reply("rcpt", "550 5.1.1 No such user", to="alma@")
        send.hold("It is late.")

        hold_mails.notify_of_holds(at=NOON)
        hold_mails.notify_of_holds(at=NOON)

        assert smtp_sink.count == {"veikko@example.org": 1}


def test_a_worker_stops_at_the_window_in_which_the_fifth_was_refused(send, smtp_sink, windows_of):
    windows_of(10)
    smtp_sink.reply("dot", "550 5.7.1 Looks like spam", times=5)

    worker.work(send.pk, clock=lambda: NOON)

    assert Send.objects.get(pk=send.pk).state == Send.State.HELD
    assert states_of(send) == {State.FAILED: 5, State.ACCEPTED: 5, State.QUEUED: 10}
