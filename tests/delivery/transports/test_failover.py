"""From one mailer to a second: when, back when, and which rows."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Campaign
from delivery.models import Delivery, MailerHealth, Mailing, Send
from delivery.sending import worker
from delivery.throttle.mail_rate import Flow
from delivery.transports import failover
from delivery.transports.transport import Outcome
from tests.support.builders import NOON, build_audience, build_campaign, build_fanned_out_send, build_mailing
from tests.support.providers.smtp_server import SmtpSink

State = Delivery.State
pytestmark = pytest.mark.django_db

AWAY = Outcome(1, State.DEFERRED, "", "Not sent: connection refused", about_mailer=True)
WELL = Outcome(2, State.ACCEPTED, "250")


@pytest.fixture
def live() -> Campaign:
    """A live campaign."""
    return build_campaign("live", mode=Campaign.Mode.LIVE)


@pytest.fixture
def backup(settings: Any) -> None:
    """A second mailer."""
    settings.MAILERS = {**settings.MAILERS, "backup": settings.MAILERS["default"]}


def learn(*outcomes: Outcome, at: Any = NOON, mailer: str = "default") -> None:
    """Learn from a window."""
    failover.note_health(mailer, outcomes, at=at)


def uses(campaign: Campaign, at: Any = NOON) -> str:
    """Return which way a run would use."""
    return failover.mailer_in_use(Send(mailing=Mailing(campaign=campaign)), at=at)


def test_five_failures_in_a_row_lead_to_the_second(live, backup):
    learn(*[AWAY] * 3)
    learn(AWAY)
    assert uses(live) == "default"

    learn(AWAY)

    assert uses(live) == "backup"
    health = MailerHealth.objects.get()
    assert health.down_until == NOON + timedelta(minutes=5) and "refused" in health.reason


def test_a_mail_that_gets_through_in_between_makes_it_no_row(live, backup):
    learn(*[AWAY] * 4, WELL, *[AWAY] * 4)
    assert uses(live) == "default" and MailerHealth.objects.get().failures == 4

    learn(WELL)

    assert MailerHealth.objects.get().failures == 0


def test_a_way_that_leaves_everything_in_doubt_is_left_alone_too(live, backup):
    learn(*[Outcome(1, State.UNKNOWN, "503", "Service unavailable")] * 5)

    assert uses(live) == "backup"


def test_what_servers_say_about_one_mail_is_no_failure_of_the_way(live, backup):
    learn(*[Outcome(1, State.DEFERRED, "451 4.7.1", "Greylisted")] * 20)
    learn(*[Outcome(1, State.FAILED, "550 5.7.1", "Spam")] * 20)

    assert uses(live) == "default"


@pytest.mark.parametrize("code", ["535 5.7.8", "401", "403"])
def test_a_refused_login_leads_to_the_second_at_once(live, backup, code):
    learn(Outcome(1, State.DEFERRED, code, "No", about_mailer=True))

    assert uses(live) == "backup"


def test_an_exercise_never_leaves_by_another_way(campaign, backup, django_assert_num_queries):
    learn(*[AWAY] * 5)
    learn(*[AWAY] * 5, mailer="exercise")

    with django_assert_num_queries(0):
        assert uses(campaign) == "exercise"


def test_without_a_second_there_is_one_way_and_nothing_to_ask(live, django_assert_num_queries):
    learn(*[AWAY] * 9)

    with django_assert_num_queries(0):
        assert uses(live) == "default"
    assert MailerHealth.objects.get().down_until == NOON + timedelta(seconds=30)


def test_after_its_rest_one_run_tries_the_first_again(live, backup):
    learn(*[AWAY] * 5)
    later = NOON + timedelta(minutes=5)

    assert uses(live, later - timedelta(seconds=1)) == "backup"
    assert [uses(live, later) for _run in range(3)] == ["default", "backup", "backup"]


def test_when_the_trial_gets_through_all_use_the_first(live, backup):
    learn(*[AWAY] * 5)
    later = NOON + timedelta(minutes=5)
    uses(live, later)

    learn(WELL, at=later)

    assert [uses(live, later) for _run in range(3)] == ["default"] * 3


def test_when_the_trial_fails_the_first_rests_again(live, backup):
    learn(*[AWAY] * 5)
    later = NOON + timedelta(minutes=5)
    uses(live, later)

    learn(AWAY, at=later)

    assert [uses(live, later + timedelta(minutes=minutes)) for minutes in (0, 4)] == ["backup"] * 2
    assert uses(live, later + timedelta(minutes=5)) == "default"


def test_a_trial_that_was_never_finished_is_made_again(live, backup):
    learn(*[AWAY] * 5)
    later = NOON + timedelta(minutes=5)

    assert [uses(live, later + timedelta(seconds=seconds)) for seconds in (0, 59, 60, 61)] == [
        "default",
        "backup",
        "default",
        "backup",
    ]


def test_a_way_that_asks_for_a_pause_is_not_down(live, backup):
    learn(*[Outcome(1, State.DEFERRED, "429", "Too many requests", retry_after=40, about_mailer=True)] * 10)

    health = MailerHealth.objects.get()
    assert health.wait_until == NOON + timedelta(seconds=40) and health.down_until is None
    assert uses(live) == "default"


def test_half_an_hour_away_moves_only_what_certainly_was_not_sent(live, backup):
    send = build_fanned_out_send(build_audience(live, size=8))
    rows = list(Delivery.objects.of(send).order_by("pk"))
    states = [State.ACCEPTED, State.UNKNOWN, State.HANDING_OFF, State.DEFERRED, State.QUEUED]
    for row, state in zip(rows, states, strict=False):
        Delivery.objects.filter(pk=row.pk).update(state=state)
    once_more = rows[-1]  # urgent mail whose outcome nobody knew, queued to go once more
    Delivery.objects.filter(pk=once_more.pk).update(possible_duplicate=True)
    used = []
    for minute in range(31):
        at = NOON + timedelta(minutes=minute)
        used.append(uses(live, at))
        if used[-1] == "default":
            learn(*[AWAY] * 5, at=at)

    assert used.count("default") == 7 and used[1:5] == ["backup"] * 4
    to_go = Delivery.objects.of(send).filter(state__in=[State.QUEUED, State.DEFERRED])
    by_second = set(failover.sendable_by("backup", to_go).values_list("pk", flat=True))
    assert by_second == {row.pk for row in rows[3:7]}
    assert set(failover.sendable_by("default", to_go)) == set(to_go)


class TestTheWorkers:
    """Through the whole loop, with two real servers."""

    @pytest.fixture
    def second(self, smtp_sink, settings):
        """A second server, as the mailer "backup"."""
        with SmtpSink() as sink:
            options = {**settings.MAILERS["default"], "OPTIONS": dict(sink.options)}
            settings.MAILERS = {**settings.MAILERS, "backup": options}
            settings.TRANSPORTS = {**settings.TRANSPORTS, "backup": "smtp"}
            yield sink

    def work(self, send: Send, minutes: range) -> None:
        """Run a worker every minute."""
        for minute in minutes:
            at = NOON + timedelta(minutes=minute)
            worker.work(send.pk, clock=lambda at=at: at)

    def test_half_an_hour_away(self, live, smtp_sink, second, settings, windows_of):
        settings.SEND_CHUNK = 5
        windows_of(5)
        send = build_fanned_out_send(build_audience(live, size=60))
        in_doubt = set(Delivery.objects.of(send).order_by("pk").values_list("recipient__email", flat=True)[:10])
        for address in list(in_doubt)[:1]:
            smtp_sink.drop("dot", to=address, times=1)
        Delivery.objects.of(send).exclude(recipient__email__in=in_doubt).update(
            next_attempt_at=NOON + timedelta(minutes=1)
        )
        self.work(send, range(1))
        assert len(smtp_sink.caught) == 10 and not second.caught

        smtp_sink.drop("connect")
        self.work(send, range(1, 31))

        assert Counter(Delivery.objects.of(send).values_list("state", flat=True)) == {
            State.ACCEPTED: 59,
            State.UNKNOWN: 1,
        }
        assert len(second.caught) == 50 and not second.duplicates
        assert not set(second.count) & set(smtp_sink.count)

    def test_back_by_the_first_when_it_is_there_again(self, live, smtp_sink, second, settings, windows_of):
        settings.SEND_CHUNK = 5
        windows_of(5)
        smtp_sink.drop("connect")
        send = build_fanned_out_send(build_audience(live, size=20))
        self.work(send, range(4))
        assert len(second.caught) == 20

        smtp_sink.behave()
        later = build_fanned_out_send(build_audience(live, "later", size=20), mailing=build_mailing(live, "later"))
        self.work(later, range(10, 12))

        assert len(smtp_sink.caught) == 20 and len(second.caught) == 20


class TestTheFlowOfAWayThatIsAway:
    """A run notices at once, and gives its rows back."""

    def flow(self, campaign: Campaign) -> tuple[Flow, Send]:
        send = build_fanned_out_send(build_audience(campaign, size=2))
        return Flow(send, "exercise" if campaign.is_exercise else "default", clock=lambda: NOON), send

    def test_rows_go_back_soon_where_a_second_can_take_them(self, live, backup):
        flow, _send = self.flow(live)
        assert flow.capacity(10) == 10

        flow.note([AWAY] * 5, {})

        assert flow.capacity(10) == 0 and 2 < flow.wait() <= 15

    def test_rows_wait_where_none_can(self, live):
        flow, send = self.flow(live)

        flow.note([AWAY] * 5, {})

        assert flow.capacity(10) == 0 and flow.wait() == 30
        later = Flow(send, "default", clock=lambda: NOON + timedelta(seconds=30))
        assert later.capacity(10) == 10

    def test_the_first_mail_that_gets_through_sets_it_right(self, live, django_assert_num_queries):
        flow, send = self.flow(live)
        flow.note([AWAY] * 5, {})
        later = Flow(send, "default", clock=lambda: NOON + timedelta(seconds=30))

        later.note([WELL], {})
        later.capacity(1)

        assert MailerHealth.objects.get().failures == 0
        with django_assert_num_queries(0):
            later.note([WELL] * 10, {})

    def test_a_pause_is_kept(self, campaign):
        flow, _send = self.flow(campaign)

        flow.note([Outcome(1, State.DEFERRED, "429", "", retry_after=12.5, about_mailer=True)], {1: "example.net"})

        assert flow.capacity(10) == 0 and flow.wait() == 12.5
