"""Intervals of shares and of their differences are those of the papers, of an independent library, and of their definition."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.statistics.shares import difference, share

# Newcombe, Statist. Med. 17 (1998) 857, table I, method 3.
PUBLISHED_SHARES = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
# Newcombe, Statist. Med. 17 (1998) 873, table II, method 10.
PUBLISHED_DIFFERENCES = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0),
    ((10, 10), (0, 10), 0.6075, 1.0),
]
# statsmodels 0.15.0: proportion_confint(method="wilson"), confint_proportions_2indep(compare="diff", method="newcomb").
OF_A_LIBRARY_SHARES = [
    (0, 5, 0.000000000000, 0.434482464783),
    (5, 5, 0.565517535217, 1.000000000000),
    (3, 7, 0.158219855251, 0.749541635472),
    (168, 171, 0.949696234868, 0.994015863584),
    (153, 168, 0.857920517611, 0.945145290530),
    (559, 612, 0.888457902521, 0.933182136084),
    (1, 1000, 0.000176546371, 0.005642558598),
    (4999, 50000, 0.097381318392, 0.102640143300),
]
OF_A_LIBRARY_DIFFERENCES = [
    ((153, 168), (144, 171), -0.002110143202, 0.139603332652),
    ((514, 612), (459, 588), 0.014899283910, 0.103580835843),
    ((5, 5), (2, 6), 0.098138427328, 0.903228588894),
    ((0, 8), (8, 8), -1.000000000000, -0.541218422005),
    ((447, 612), (430, 588), -0.050959441653, 0.049288473732),
]


@pytest.mark.parametrize(("agreed", "of", "low", "high"), PUBLISHED_SHARES)
def test_a_share_has_the_published_interval(agreed, of, low, high):
    found = share(agreed, of)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(("later", "earlier", "low", "high"), PUBLISHED_DIFFERENCES)
def test_a_difference_has_the_published_interval(later, earlier, low, high):
    found = difference(share(*later), share(*earlier))

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(("agreed", "of", "low", "high"), OF_A_LIBRARY_SHARES)
def test_a_share_has_the_interval_of_an_independent_library(agreed, of, low, high):
    found = share(agreed, of)

    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("later", "earlier", "low", "high"), OF_A_LIBRARY_DIFFERENCES)
def test_a_difference_has_the_interval_of_an_independent_library(later, earlier, low, high):
    found = difference(share(*later), share(*earlier))

    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@given(st.integers(1, 50_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_ends_are_the_shares_from_which_the_seen_one_is_just_as_far_as_chance_goes(counts):
    agreed, of = counts
    found, z = share(agreed, of), NormalDist().inv_cdf(0.975)

    assert 0 <= found.low <= found.seen <= found.high <= 1
    for end in (found.low, found.high):
        if 0 < end < 1:
            assert (found.seen - end) ** 2 == pytest.approx(z * z * end * (1 - end) / of, rel=1e-6, abs=1e-15)


def test_a_change_is_clear_only_when_no_change_lies_outside_its_interval():
    up, same = difference(share(514, 612), share(459, 588)), difference(share(447, 612), share(430, 588))

    assert up.is_clear
    assert up.seen > 0
    assert not same.is_clear


@pytest.mark.parametrize(("agreed", "of"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_cannot_be_are_refused(agreed, of):
    with pytest.raises(ValueError, match="no share"):
        share(agreed, of)
