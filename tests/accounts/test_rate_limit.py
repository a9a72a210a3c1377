"""How often something may be done from one place."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory

from accounts import rate_limit
from accounts.models import Attempt
from tests.support.builders import NOON


@pytest.mark.django_db
def test_so_many_and_no_more_until_the_time_is_over():
    answers = [rate_limit.allow("report", "192.0.2.1", most=3, seconds=60, at=NOON) for _ in range(5)]

    assert answers == [True, True, True, False, False]
    assert not rate_limit.allow("report", "192.0.2.1", most=3, seconds=60, at=NOON + timedelta(seconds=59))
    assert rate_limit.allow("report", "192.0.2.1", most=3, seconds=60, at=NOON + timedelta(seconds=60))


@pytest.mark.django_db
def test_others_and_other_deeds_are_counted_apart():
    assert rate_limit.allow("report", "192.0.2.1", most=1, seconds=60, at=NOON)
    assert rate_limit.allow("report", "192.0.2.2", most=1, seconds=60, at=NOON)
    assert rate_limit.allow("ask", "192.0.2.1", most=1, seconds=60, at=NOON)


@pytest.mark.django_db
def test_the_place_itself_is_not_kept_and_its_code_is_forgotten():
    rate_limit.allow("report", "192.0.2.1", most=1, seconds=60, at=NOON)

    row = Attempt.objects.get()
    assert "192.0.2.1" not in f"{row.bucket} {row.key_hash}"
    assert rate_limit.forget_old(at=NOON + timedelta(seconds=59)) == 0
    assert rate_limit.forget_old(at=NOON + timedelta(seconds=60)) == 1
    assert not Attempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_at_the_same_moment_are_counted_right():
    def one(_number: int) -> bool:
        try:
            return rate_limit.allow("report", "192.0.2.1", most=10, seconds=60, at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(one, range(50)))

    assert answers.count(True) == 10
    assert Attempt.objects.count() == 10


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_household_is_one_place(address, place):
    assert rate_limit.client_address(RequestFactory().get("/", REMOTE_ADDR=address)) == place


def test_behind_a_proxy_the_address_before_it_counts(settings):
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.1")

    assert rate_limit.client_address(request) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert rate_limit.client_address(request) == "192.0.2.1"


@pytest.mark.django_db
def test_whoever_has_a_whole_network_of_ipv6_is_stopped_all_the_same():
    def place(number: int) -> str:
        return rate_limit.client_address(RequestFactory().get("/", REMOTE_ADDR=f"2001:db8:1:{number:x}::1"))

    answers = [rate_limit.allow("report", place(number), most=3, seconds=60, at=NOON) for number in range(40)]
    assert answers == [True] * 3 * rate_limit.PLACES_OF_A_NETWORK + [False] * (40 - 3 * rate_limit.PLACES_OF_A_NETWORK)
    assert rate_limit.allow("report", "2001:db8:2:1::/64", most=3, seconds=60, at=NOON), "the next network is another"
    assert rate_limit.allow("report", place(99), most=3, seconds=60, at=NOON + timedelta(seconds=60))


@pytest.mark.django_db
def test_what_is_given_back_counts_for_neither_the_place_nor_its_network():
    for _time in range(3 * rate_limit.PLACES_OF_A_NETWORK):
        assert rate_limit.allow("report", "2001:db8:1:2::/64", most=3, seconds=60, at=NOON)
        rate_limit.refund("report", "2001:db8:1:2::/64")

    assert not Attempt.objects.exists()


@pytest.mark.django_db
def test_what_a_place_is_refused_does_not_use_up_its_network():
    for _time in range(100):
        rate_limit.allow("report", "2001:db8:1:2::/64", most=3, seconds=60, at=NOON)

    assert Attempt.objects.count() == 6
    assert rate_limit.allow("report", "2001:db8:1:3::/64", most=3, seconds=60, at=NOON)


@pytest.mark.parametrize(
    ("place", "around"),
    [
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("192.0.2.1", ""),
        ("alma@example.org", ""),
        ("alma@example.org/64", ""),
        ("", ""),
    ],
)
def test_only_a_place_of_ipv6_has_a_network_around_it(place, around):
    assert rate_limit.network_of(place) == around
