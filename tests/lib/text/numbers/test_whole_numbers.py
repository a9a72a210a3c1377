"""What comes from outside is a row's key or none; nothing that it says reaches a database that cannot hold it."""

import pytest

from campaigns.models import Campaign
from lib.text.numbers.whole_numbers import whole_number, whole_numbers


@pytest.mark.parametrize(("text", "number"), [("7", 7), (7, 7), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_a_key_is_its_digits(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text", ["", None, "0", "-7", "+7", " 7", "7\n", "1_000", "7.0", "²", "٧", "x", "9" * 19, "9" * 5000]
)
def test_anything_else_is_no_key(text):
    assert whole_number(text) == 0


def test_of_many_those_that_are_keys_stay_in_their_order():
    assert whole_numbers(["3", "x", "1", "0", "9" * 40]) == [3, 1]


def test_the_largest_is_one_that_a_database_looks_for_and_does_not_find(db):
    largest = whole_number("9" * 18)
    assert not Campaign.objects.filter(pk=largest).exists() and not Campaign.objects.filter(pk__in=[largest]).exists()
