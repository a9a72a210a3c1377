"""How often something may be done from one place."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory

from accounts import limiting
from accounts.models import Attempt
from tests.builders import NOON


@pytest.mark.django_db
def test_so_many_and_no_more_until_the_time_is_over():
    answers = [limiting.allow("report", "192.0.2.1", most=3, seconds=60, at=NOON) for _ in range(5)]

    assert answers == [True, True, True, False, False]
    assert not limiting.allow("report", "192.0.2.1", most=3, seconds=60, at=NOON + timedelta(seconds=59))
    assert limiting.allow("report", "192.0.2.1", most=3, seconds=60, at=NOON + timedelta(seconds=60))


@pytest.mark.django_db
def test_others_and_other_deeds_are_counted_apart():
    assert limiting.allow("report", "192.0.2.1", most=1, seconds=60, at=NOON)
    assert limiting.allow("report", "192.0.2.2", most=1, seconds=60, at=NOON)
    assert limiting.allow("ask", "192.0.2.1", most=1, seconds=60, at=NOON)


@pytest.mark.django_db
def test_the_place_itself_is_not_kept_and_its_code_is_forgotten():
    limiting.allow("report", "192.0.2.1", most=1, seconds=60, at=NOON)

    row = Attempt.objects.get()
    assert "192.0.2.1" not in f"{row.bucket} {row.key_hash}"
    assert limiting.forget_old(at=NOON + timedelta(seconds=59)) == 0
    assert limiting.forget_old(at=NOON + timedelta(seconds=60)) == 1
    assert not Attempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_at_the_same_moment_are_counted_right():
    def one(_number: int) -> bool:
        try:
            return limiting.allow("report", "192.0.2.1", most=10, seconds=60, at=NOON)
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
    assert limiting.place_of(RequestFactory().get("/", REMOTE_ADDR=address)) == place


def test_behind_a_proxy_the_address_before_it_counts(settings):
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.1")

    assert limiting.place_of(request) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert limiting.place_of(request) == "192.0.2.1"
