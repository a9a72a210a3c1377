"""How fast mail may leave: limits that people set, warm-up, and what domains and mailers asked for."""

import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from delivery.models import Bucket, Delivery, DomainLimit, MailerHealth, MailerLimit, Mailing, Send
from delivery.sending import worker
from delivery.throttle import mail_rate, token_bucket
from delivery.throttle.mail_rate import Flow
from delivery.transports.transport import Outcome
from tests.support.builders import (
    NOON,
    build_audience,
    build_campaign,
    build_fanned_out_send,
    build_mailing,
    build_send,
)

State = Delivery.State
pytestmark = pytest.mark.django_db


class Clock:
    """A clock that goes when it is told to, in UTC as ours do."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def redis_answers(own_buckets: None, monkeypatch: Any) -> None:
    """Redis is asked, whatever happened to it in another test."""
    monkeypatch.setattr(token_bucket, "_spare_redis_until", 0.0)


@pytest.fixture
def clock() -> Clock:
    """Noon, until it is told otherwise."""
    return Clock()


@pytest.fixture
def send(campaign: Any) -> Send:
    """A send of an exercise."""
    return build_send(build_audience(campaign))


def start(send: Send, clock: Any, mailer: str = "exercise") -> Flow:
    """Return the flow of a new run."""
    return Flow(Send.objects.select_related("mailing__campaign").get(pk=send.pk), mailer, clock=clock)


def people(*addresses: str) -> dict[int, str]:
    """Return addresses with keys 0, 1, 2 … ."""
    return dict(enumerate(addresses))


def slow_down(key: int = 0, **fields: Any) -> Outcome:
    """Return what a domain's 421 makes."""
    return Outcome(key, State.DEFERRED, "421 4.7.0", "Slow down", **fields)


class TestWithoutLimits:
    """Asking costs nothing."""

    def test_a_window_takes_no_query(self, send, clock, django_assert_num_queries, settings):
        asked = start(send, clock)
        settings.REDIS_URL = "redis://127.0.0.1:1/0"  # and no Redis

        with django_assert_num_queries(0):
            for _window in range(100):
                assert asked.capacity(10) == 10
                assert asked.delayed(people("a@example.net", "b@example.net")) == {}
                asked.note([Outcome(key, State.ACCEPTED, "250") for key in range(10)], {})

    def test_limits_are_read_again_every_five_seconds_by_one_query(self, send, clock, django_assert_num_queries):
        with django_assert_num_queries(3):  # with the send
            asked = start(send, clock)
        with django_assert_num_queries(1):
            for _second in range(9):
                clock.go(1)
                asked.capacity(10)
                asked.delayed(people("a@example.net"))

    def test_refusals_that_ask_for_nothing_take_no_query(self, send, clock, django_assert_num_queries):
        asked = start(send, clock)

        with django_assert_num_queries(0):
            asked.note([Outcome(1, State.FAILED, "550 5.1.1"), Outcome(2, State.DEFERRED, "450 4.2.0")], {})


class TestPerMailer:
    """Messages a second by one mailer."""

    def test_no_more_leave_than_it_takes(self, send, clock):
        MailerLimit.objects.create(mailer="exercise", per_second=20)
        asked = start(send, clock)

        assert [asked.capacity(15) for _window in range(3)] == [15, 5, 0]
        assert asked.wait() == 0.5
        clock.go(0.5)
        assert asked.capacity(15) == 10

    def test_less_than_one_a_second_is_waited_for(self, send, clock):
        MailerLimit.objects.create(mailer="exercise", per_second=0.1)
        asked = start(send, clock)

        assert [asked.capacity(10), asked.capacity(10)] == [3, 0]  # what comes with a tick of 30 seconds
        assert asked.wait() == 10
        clock.go(asked.wait())
        assert asked.capacity(10) == 1

    def test_each_way_out_has_its_own(self, send, clock):
        MailerLimit.objects.create(mailer="default", per_second=1)

        assert start(send, clock).capacity(50) == 50
        assert start(send, clock, "default").capacity(50) == 1

    def test_two_runs_share_it(self, send, clock):
        MailerLimit.objects.create(mailer="exercise", per_second=20)

        assert [start(send, clock).capacity(15), start(send, clock).capacity(15)] == [15, 5]


class TestWarmUp:
    """A new sending address begins with few messages a day."""

    @pytest.fixture
    def limit(self) -> MailerLimit:
        """50 on the first day, 100 on the second."""
        return MailerLimit.objects.create(mailer="exercise", warm_up_from=NOON.date(), warm_up_steps=[50, 100])

    def test_each_day_has_its_step_and_then_there_is_none(self, send, clock, limit):
        got = []
        for _day in range(3):
            got.append(sum(start(send, clock).capacity(30) for _window in range(9)))
            clock.go(24 * 3600)

        assert got == [50, 100, 270]

    def test_a_full_day_is_over_at_midnight_where_the_campaign_is(self, send, clock, limit):
        asked = start(send, clock)
        assert [asked.capacity(60), asked.capacity(60)] == [50, 0]

        assert asked.wait() == 12 * 3600  # it is noon in Helsinki, and ten in UTC
        clock.go(asked.wait() - 1)
        assert asked.capacity(60) == 0
        clock.go(1)
        assert asked.capacity(60) == 60

    def test_the_day_that_the_clocks_change_is_shorter(self, send, limit):
        limit.warm_up_from = date(2026, 3, 29)
        limit.save()
        asked = start(send, Clock(datetime(2026, 3, 29, 0, 30, tzinfo=UTC)))  # 02:30; at 03:00 it is 04:00
        asked.capacity(60)
        assert asked.capacity(60) == 0

        assert asked.wait() == 20.5 * 3600

    def test_a_full_day_costs_no_more_queries(self, send, clock, limit, django_assert_num_queries):
        asked = start(send, clock)
        asked.capacity(60)
        asked.capacity(60)

        with django_assert_num_queries(0):
            assert asked.capacity(60) == 0

    def test_a_step_that_a_person_raises_counts_at_the_next_run(self, send, clock, limit):
        start(send, clock).capacity(60)
        limit.warm_up_steps = [70]
        limit.save()

        assert start(send, clock).capacity(60) == 20

    def test_what_was_held_back_leaves_room_for_others(self, send, clock, limit):
        DomainLimit.objects.create(domain="slow.example", per_minute=2)
        asked = start(send, clock)
        assert asked.capacity(50) == 50

        held = asked.delayed(people(*["a@slow.example"] * 11))

        assert len(held) == 10
        assert [asked.capacity(60), asked.capacity(60)] == [10, 0]

    def test_urgent_mail_counts_but_does_not_wait_for_tomorrow(self, campaign, clock, limit):
        urgent = build_send(build_audience(campaign), build_mailing(campaign, "u", queue=Mailing.Queue.URGENT))
        usual = build_send(build_audience(campaign, "other"), build_mailing(campaign, "b"))

        assert start(urgent, clock).capacity(60) == 60
        assert start(usual, clock).capacity(60) == 0
        assert start(urgent, clock).capacity(60) == 60

    def test_mail_before_its_first_day_goes_by_the_first_step(self, send, clock, limit):
        clock.go(-48 * 3600)

        assert start(send, clock).capacity(60) == 50

    def test_it_is_counted_where_redis_cannot_lose_it(self, send, clock, limit):
        start(send, clock).capacity(30)

        assert Bucket.objects.get(name="warm-up:exercise:2026-03-25").taken == 30


class TestPerDomain:
    """Messages a minute to one domain."""

    def test_others_wait_their_turn_and_other_domains_don_t(self, send, clock):
        DomainLimit.objects.create(domain="slow.example", per_minute=6)

        held = start(send, clock).delayed(people("a@slow.example", "b@fast.example", *["c@SLOW.example"] * 4))

        assert held == {4: 10, 5: 20}

    def test_a_limit_that_is_over_holds_nobody(self, send, clock):
        DomainLimit.objects.create(domain="slow.example", per_minute=1, until=NOON)

        assert start(send, clock).delayed(people(*["a@slow.example"] * 5)) == {}

    def test_a_domain_beyond_ascii_is_the_same_domain(self, send, clock):
        limit = DomainLimit(domain=" @Hämä.Example ", per_minute=1)
        limit.full_clean()
        limit.save()

        assert limit.domain == "xn--hm-viab.example"
        assert list(start(send, clock).delayed(people("a@hämä.example", "b@xn--hm-viab.example"))) == [1]

    def test_exercises_take_no_room_from_the_real_thing(self, send, clock):
        DomainLimit.objects.create(domain="slow.example", per_minute=1)
        live = build_send(build_audience(build_campaign("live", mode="live")))

        assert start(send, clock).delayed(people("a@slow.example")) == {}
        assert start(live, clock, "default").delayed(people("a@slow.example")) == {}
        assert start(live, clock, "backup").delayed(people("a@slow.example")) == {0: 60}

    def test_the_queries_don_t_grow_with_the_window(self, send, clock, settings, django_assert_num_queries):
        settings.REDIS_URL = ""
        DomainLimit.objects.create(domain="slow.example", per_minute=60)
        asked = start(send, clock)
        asked.delayed(people("a@slow.example"))

        for size in (10, 100):
            clock.go(5)
            with django_assert_num_queries(3):  # what holds, the bucket, and what was taken
                asked.delayed(people(*["a@slow.example"] * size))


class TestADomainThatSays421:
    """It is slowed down, and then left alone again."""

    def test_it_gets_few_for_ten_minutes(self, send, clock):
        asked = start(send, clock)

        asked.note([slow_down(7), Outcome(8, State.ACCEPTED, "250")], {7: "slow.example", 8: "fast.example"})

        limit = DomainLimit.objects.get()
        assert (limit.domain, limit.per_minute, limit.learnt) == ("slow.example", 30, True)
        assert limit.until == NOON + timedelta(minutes=10) and limit.reason == "421 4.7.0 Slow down"
        assert len(asked.delayed(people(*["a@slow.example"] * 20))) == 5
        clock.go(600)
        assert asked.delayed(people(*["a@slow.example"] * 20)) == {}

    def test_again_and_again_it_gets_half(self, send, clock):
        asked = start(send, clock)
        rates = []
        for _time in range(7):
            asked.note([slow_down()] * 3, {0: "slow.example"})
            asked.delayed({})
            rates.append(DomainLimit.objects.get().per_minute)

        assert rates == [30, 15, 7.5, 3.75, 1.875, 1, 1]

    def test_what_a_person_set_holds_again_afterwards(self, send, clock):
        DomainLimit.objects.create(domain="slow.example", per_minute=40)
        asked = start(send, clock)

        asked.note([slow_down()], {0: "slow.example"})

        assert mail_rate.limits_at("exercise", at=NOON).domains == {"slow.example": 20 / 60}
        assert mail_rate.limits_at("exercise", at=NOON + timedelta(minutes=10)).domains == {"slow.example": 40 / 60}

    def test_a_person_s_lower_limit_is_never_raised(self, send, clock):
        DomainLimit.objects.create(domain="slow.example", per_minute=0.5)

        start(send, clock).note([slow_down()], {0: "slow.example"})

        assert mail_rate.limits_at("exercise", at=NOON).domains == {"slow.example": 0.5 / 60}

    def test_other_workers_hear_of_it_within_five_seconds(self, send, clock):
        mine, other = start(send, clock), start(send, clock)

        mine.note([slow_down()], {0: "slow.example"})

        clock.go(5)
        assert other.delayed(people(*["a@slow.example"] * 20))

    def test_a_wait_that_is_longer_than_ten_minutes_is_kept(self, send, clock):
        start(send, clock).note([slow_down(retry_after=1800)], {0: "slow.example"})

        assert DomainLimit.objects.get().until == NOON + timedelta(minutes=30)

    def test_a_relay_that_says_it_for_all_is_no_matter_of_a_domain(self, send, clock):
        asked = start(send, clock)

        asked.note([slow_down(0, about_mailer=True), slow_down(1)], {0: "a.example", 1: "b.example"})

        assert not DomainLimit.objects.exists()
        assert asked.capacity(10) == 0 and asked.wait() == 30

    def test_many_domains_cost_what_one_does(self, send, clock, django_assert_num_queries):
        asked = start(send, clock)

        for number in (1, 50):
            domains = {key: f"slow-{key}.example" for key in range(number)}
            with django_assert_num_queries(1):
                asked.note([slow_down(key) for key in domains], domains)

    def test_what_was_learnt_is_forgotten_in_time(self, send, clock):
        DomainLimit.objects.create(domain="set.example", per_minute=1, until=NOON)
        start(send, clock).note([slow_down()], {0: "slow.example"})

        mail_rate.forget(at=NOON + timedelta(days=1))
        assert DomainLimit.objects.count() == 2
        mail_rate.forget(at=NOON + timedelta(days=1, minutes=11))

        assert [limit.domain for limit in DomainLimit.objects.all()] == ["set.example"]


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_together_keep_to_the_limits(campaign, settings):
    """Each in a thread of its own, as workers on several hosts: 200 a second by the mailer, 50 to one domain."""
    settings.TICK_SECONDS = 1
    MailerLimit.objects.create(mailer="exercise", per_second=200)
    DomainLimit.objects.create(domain="slow.example", per_minute=3000)
    send = build_send(build_audience(campaign))
    left = {"slow.example": 0, "fast.example": 0}
    lock, gate = threading.Lock(), threading.Barrier(4)
    faults: list[Exception] = []

    def run() -> None:
        try:
            asked = start(send, timezone.now)
            gate.wait(10)
            ends = time.monotonic() + 3
            while time.monotonic() < ends:
                room = asked.capacity(10)
                if not room:
                    time.sleep(min(asked.wait(), 0.1))
                    continue
                window = people(*(["a@slow.example", "b@fast.example"] * 5)[:room])
                held = asked.delayed(window)
                with lock:
                    for pk, address in window.items():
                        if pk not in held:
                            left[mail_rate.domain_of(address)] += 1
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    began = time.monotonic()
    threads = [threading.Thread(target=run) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    lasted = time.monotonic() - began

    assert not faults
    assert left["slow.example"] <= 50 * (lasted + settings.TICK_SECONDS)
    assert sum(left.values()) <= 200 * (lasted + mail_rate.BURST_SECONDS)
    assert sum(left.values()) >= 200 * 2  # and they use it


class TestTheWorkers:
    """Through the whole loop, with a real server."""

    def work(self, send: Send, clock: Clock) -> None:
        worker.work(send.pk, clock=clock)

    def test_a_domain_that_says_421_gets_the_rest_slowly(self, campaign, smtp_sink, clock):
        send = build_fanned_out_send(build_audience(campaign, size=60))
        smtp_sink.reply("rcpt", "421 4.7.0 Slow down", times=1)

        self.work(send, clock)

        states = Counter(Delivery.objects.of(send).values_list("state", flat=True))
        assert states[State.DEFERRED] == 1 and 0 < states[State.ACCEPTED] <= 9 + 15
        assert set(Delivery.objects.of(send).filter(state=State.QUEUED).values_list("attempts", flat=True)) == {0}
        for _minute in range(3):
            clock.go(60)
            self.work(send, clock)
        assert set(Delivery.objects.of(send).values_list("state", flat=True)) == {State.ACCEPTED}
        assert not smtp_sink.duplicates

    def test_a_warm_up_ends_the_day_and_goes_on_the_next(self, campaign, smtp_sink, clock):
        MailerLimit.objects.create(mailer="exercise", warm_up_from=NOON.date(), warm_up_steps=[25])
        send = build_fanned_out_send(build_audience(campaign, size=60))

        self.work(send, clock)
        assert len(smtp_sink.caught) == 25
        clock.go(6 * 3600)
        self.work(send, clock)
        assert len(smtp_sink.caught) == 25
        clock.go(6 * 3600)
        self.work(send, clock)

        assert len(smtp_sink.caught) == 60 and not smtp_sink.duplicates

    def test_five_policy_rejections_stop_a_send_within_a_window(self, campaign, smtp_sink, clock, windows_of):
        windows_of(10)
        send = build_fanned_out_send(build_audience(campaign, size=60))
        smtp_sink.reply("dot", "550 5.7.1 Looks like spam")

        self.work(send, clock)

        send.refresh_from_db()
        states = Counter(Delivery.objects.of(send).values_list("state", flat=True))
        assert send.state == Send.State.HELD and states == {State.FAILED: 10, State.QUEUED: 50}


class TestAtTheDesk:
    """Administrators set limits, editors see them."""

    def test_an_administrator_plans_a_warm_up(self, root, signed_in):
        form = {
            "mailer": "default",
            "connections": "20",
            "per_second": "5",
            "warm_up_from": "2026-03-25",
            "warm_up_steps": "50, 100 200",
            "currency": "EUR",
        }

        answer = signed_in(root).post(reverse("admin:delivery_mailerlimit_add"), form)

        assert answer.status_code == 302
        assert MailerLimit.objects.get().warm_up_steps == [50, 100, 200]

    @pytest.mark.parametrize(
        "wrong", [{"warm_up_steps": "50 many"}, {"warm_up_steps": ""}, {"warm_up_from": ""}, {"per_second": "0"}]
    )
    def test_a_plan_that_makes_no_sense_is_refused(self, root, signed_in, wrong):
        form = {
            "mailer": "default",
            "connections": "20",
            "per_second": "5",
            "warm_up_from": "2026-03-25",
            "warm_up_steps": "50",
        } | wrong

        answer = signed_in(root).post(reverse("admin:delivery_mailerlimit_add"), form)

        assert answer.status_code == 200 and not MailerLimit.objects.exists()

    @pytest.mark.parametrize(
        ("mailer", "takes"), [("default", False), ("sms-backup", False), ("push", False), ("sms", True)]
    )
    def test_only_what_is_paid_for_has_a_price(self, root, signed_in, mailer, takes):
        form = {"mailer": mailer, "connections": "20", "price": "0.07", "most_per_day": "100", "currency": "EUR"}

        answer = signed_in(root).post(reverse("admin:delivery_mailerlimit_add"), form)

        assert answer.status_code == (302 if takes else 200) and MailerLimit.objects.exists() == takes
        assert answer.status_code == 302 or "Only text messages and WhatsApp" in answer.content.decode()

    @pytest.mark.parametrize(
        ("typed", "kept"), [("eur", "EUR"), (" sek ", "SEK"), ("XXQ", None), ("DEM", None), ("e1", None), ("", None)]
    )
    def test_a_currency_is_one_that_is_in_use_large_or_small(self, root, signed_in, typed, kept):
        form = {"mailer": "sms", "connections": "20", "price": "0.07", "currency": typed}

        answer = signed_in(root).post(reverse("admin:delivery_mailerlimit_add"), form)

        assert list(MailerLimit.objects.values_list("currency", flat=True)) == ([kept] if kept else [])
        assert ("No currency that is in use is written so." in answer.content.decode()) is bool(typed and not kept)

    def test_a_domain_has_one_limit_that_a_person_set(self):
        DomainLimit.objects.create(domain="slow.example", per_minute=1)
        DomainLimit.objects.create(domain="slow.example", per_minute=1, learnt=True)

        with pytest.raises(ValidationError, match="already has a limit"):
            DomainLimit(domain="Slow.Example", per_minute=2).full_clean()

    def test_what_a_domain_asked_for_is_lifted_not_changed(self, root, signed_in):
        learnt = DomainLimit.objects.create(domain="slow.example", per_minute=1, learnt=True)
        client = signed_in(root)
        page = reverse("admin:delivery_domainlimit_change", args=[learnt.pk])

        assert client.post(page, {"domain": "slow.example", "per_minute": "99"}).status_code == 403
        assert client.post(reverse("admin:delivery_domainlimit_delete", args=[learnt.pk]), {"post": "yes"})
        assert not DomainLimit.objects.exists()

    def test_the_list_of_what_failed_is_named_after_all_that_stands_on_it(self, root, signed_in):
        for mailer in ("default", "telegram"):
            MailerHealth.objects.create(mailer=mailer)

        html = signed_in(root).get(reverse("admin:delivery_mailerhealth_changelist")).content.decode()

        assert "Health of servers and channels" in html and "Telegram" in html and "ail server health" not in html

    @pytest.mark.parametrize("model", ["mailerlimit", "domainlimit", "mailerhealth"])
    def test_an_editor_sees_and_does_not_change(self, alma, signed_in, model):
        client = signed_in(alma)

        assert client.get(reverse(f"admin:delivery_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:delivery_{model}_add")).status_code == 403

    def test_a_fact_checker_does_not_see_them(self, fiona, signed_in):
        assert signed_in(fiona).get(reverse("admin:delivery_mailerlimit_changelist")).status_code == 403
