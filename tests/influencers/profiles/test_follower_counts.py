"""A number of followers is read as people write it."""

import pytest
from django.utils import translation

from influencers.profiles import follower_counts


@pytest.mark.parametrize(
    ("typed", "language", "count"),
    [
        ("12000", "en", 12_000),
        ("12 000", "fi", 12_000),
        ("12\u00a0000", "fi", 12_000),
        ("12.500", "fi", 12_500),
        ("12,500", "en", 12_500),
        ("12,5k", "fi", 12_500),
        ("1.2M", "en", 1_200_000),
        ("1,2 milj.", "fi", 1_200_000),
        ("12 tuhatta seuraajaa", "fi", 12_000),
        ("n. 10k+", "fi", 10_000),
        ("１２０００", "sv", 12_000),
        ("1,234k", "en", 1_234_000),
        ("1,234k", "fi", 1_234),
        ("1.234k", "sv", 1_234_000),
        ("0", "fi", 0),
    ],
)
def test_a_number_of_followers_is_understood_as_people_write_it(typed, language, count):
    assert follower_counts.followers(typed, language) == count


def test_more_followers_than_can_be_kept_are_refused_with_the_largest_number():
    with pytest.raises(follower_counts.TooMany, match="2,000,000,000"), translation.override("en"):
        follower_counts.followers("99999999999999", "en")


@pytest.mark.parametrize("typed", ["", "abc", "12.5", "-5", "10-12k", "12 0000", "1e9", "9" * 10_000])
def test_what_is_no_number_of_followers_is_refused(typed):
    with pytest.raises(follower_counts.BadCount, match="Enter the number of followers"), translation.override("en"):
        follower_counts.followers(typed, "fi")
