"""What a digest says to whom: each thing once, in its newest words, corrections of what was told first."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from website.digests.digest_contents import Candidate, Item, Kind, Order
from website.models import Publication

Change = Publication.Change
LIBRARIES, SCHOOLS = 1, 2
EVERYTHING: frozenset[int] = frozenset()


def news(*rows):
    """Return an order of publications, numbered from 1: (about, change, topics…)."""
    return Order(
        Candidate(pk=n, number=n, about=about, change=change, topics=frozenset(topics))
        for n, (about, change, *topics) in enumerate(rows, 1)
    )


def reader(*topics, cursor=0, since=0, told=None):
    chosen = frozenset(topics)
    return Kind(chosen, chosen if told is None else frozenset(told), cursor, since)


def test_items_come_in_the_order_of_publishing():
    order = news(("a", Change.NEW), ("b", Change.NEW), ("c", Change.NEW))
    assert order.choose(reader()) == (Item(1, False), Item(2, False), Item(3, False))


def test_what_is_urgent_comes_before_other_news():
    order = Order([Candidate(1, 1, "a", Change.NEW), Candidate(2, 2, "b", Change.NEW, is_urgent=True)])
    assert order.choose(reader()) == (Item(2, False), Item(1, False))


def test_what_a_reader_was_served_already_is_not_said_again():
    order = news(("a", Change.NEW), ("b", Change.NEW))
    assert order.choose(reader(cursor=1)) == (Item(2, False),)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [((), (1, 2, 3)), ((LIBRARIES,), (1, 3)), ((SCHOOLS,), (2, 3)), ((LIBRARIES, SCHOOLS), (1, 2, 3)), ((9,), (3,))],
)
def test_topics_are_kept_and_what_has_none_is_for_everybody(chosen, expected):
    order = news(("a", Change.NEW, LIBRARIES), ("b", Change.NEW, SCHOOLS), ("c", Change.NEW))
    assert tuple(item.publication for item in order.choose(reader(*chosen))) == expected


def test_two_versions_since_the_last_digest_are_one_item_and_no_correction():
    order = news(("a", Change.NEW), ("b", Change.NEW), ("a", Change.CORRECTED))
    assert order.choose(reader()) == (Item(2, False), Item(3, False))


def test_a_correction_of_what_was_told_comes_first():
    order = news(("a", Change.NEW), ("b", Change.NEW), ("a", Change.CORRECTED))
    assert order.choose(reader(cursor=1)) == (Item(3, True), Item(2, False))


def test_a_correction_comes_although_the_topic_was_given_up_since():
    order = news(("a", Change.NEW, LIBRARIES), ("a", Change.CORRECTED, LIBRARIES))
    assert order.choose(reader(SCHOOLS, cursor=1, told=[LIBRARIES, SCHOOLS])) == (Item(2, True),)


def test_a_correction_of_what_came_before_somebody_subscribed_is_news_to_them():
    order = news(("a", Change.NEW), ("b", Change.NEW), ("a", Change.CORRECTED))
    assert order.choose(reader(cursor=1, since=1)) == (Item(2, False), Item(3, False))


def test_what_was_withdrawn_before_it_was_told_is_not_said_at_all():
    order = news(("a", Change.NEW), ("a", Change.WITHDRAWN), ("b", Change.NEW))
    assert order.choose(reader()) == (Item(3, False),)
    assert order.choose(reader(cursor=1)) == (Item(2, True), Item(3, False))


def test_a_withdrawal_is_not_told_to_whom_the_thing_was_not():
    order = news(("a", Change.NEW, LIBRARIES), ("a", Change.WITHDRAWN, LIBRARIES))
    assert order.choose(reader(SCHOOLS, cursor=1)) == ()
    assert order.choose(reader(cursor=1, since=1)) == ()


def test_a_withdrawal_that_was_not_told_does_not_count_as_told_either():
    order = news(("a", Change.NEW), ("a", Change.WITHDRAWN), ("a", Change.CORRECTED))
    assert order.choose(reader(cursor=2, since=1)) == (Item(3, False),)


NEW, PAUSED, RESUMED, CORRECTED = Change.NEW, Change.PAUSED, Change.RESUMED, Change.CORRECTED


@pytest.mark.parametrize(
    ("history", "cursor", "since", "expected"),
    [
        ((NEW, PAUSED), 1, 0, (Item(2, True),)),
        ((NEW, PAUSED), 0, 0, ()),
        ((NEW, PAUSED), 1, 1, ()),
        ((NEW, PAUSED, RESUMED), 1, 0, ()),
        ((NEW, PAUSED, RESUMED), 2, 0, (Item(3, True),)),
        ((NEW, PAUSED, RESUMED), 2, 1, ()),
        ((NEW, PAUSED, RESUMED), 0, 0, (Item(1, False),)),
        ((NEW, PAUSED, RESUMED, PAUSED, RESUMED), 1, 0, ()),
        ((NEW, CORRECTED, PAUSED, RESUMED), 1, 0, (Item(2, True),)),
        ((NEW, PAUSED, RESUMED, CORRECTED), 2, 0, (Item(4, True),)),
    ],
)
def test_a_pause_and_its_end_are_for_whom_the_thing_was_told_and_nothing_where_both_are_news(
    history, cursor, since, expected
):
    order = news(*(("a", change) for change in history))
    assert order.choose(reader(cursor=cursor, since=since)) == expected


def test_a_pause_that_is_over_is_not_said():
    order = Order([Candidate(1, 1, "a", NEW), Candidate(2, 2, "a", PAUSED, is_over=True)])
    assert order.choose(reader(cursor=1)) == ()


def test_what_holds_no_more_is_left_out_unless_it_corrects():
    told = Candidate(1, 1, "a", Change.NEW)
    over = Candidate(2, 2, "a", Change.CORRECTED, is_over=True)
    assert Order([told, over]).choose(reader(cursor=1)) == (Item(2, True),)
    assert Order([told, over]).choose(reader()) == ()


def test_only_what_has_been_corrected_makes_a_difference_of_when_somebody_came():
    order = news(("a", Change.NEW), ("b", Change.NEW), ("c", Change.NEW), ("b", Change.CORRECTED))
    assert order.turning_points(3) == [2, 4]
    assert order.turning_points(4) == []


# --- Whatever happens ------------------------------------------------------------------------------------

histories = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(Change), st.sets(st.integers(1, 3), max_size=2)), max_size=12
)
kinds = st.builds(
    lambda topics, cursor, since: reader(*topics, cursor=max(cursor, since), since=since),
    st.sets(st.integers(1, 3)),
    st.integers(0, 12),
    st.integers(0, 4),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, kinds)
def test_each_thing_is_said_once_by_its_latest_publication_or_the_words_that_are_shown_again(history, kind):
    order = news(*((about, change, *topics) for about, change, topics in history))
    items = order.choose(kind)
    by_key = {one.pk: one for one in order.news}
    things = [by_key[item.publication].about for item in items]
    assert len(things) == len(set(things))
    for item in items:
        one = by_key[item.publication]
        assert one.number > kind.cursor
        after = {other.change for other in order.news if other.about == one.about and other.number > one.number}
        assert after <= {PAUSED, RESUMED} and order.by_thing[one.about][-1].change in {one.change, RESUMED}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.sets(st.integers(1, 3)), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_between_two_who_are_told_the_same_everybody_is(history, topics, cursor, first, second):
    """Shares of a digest are merged by this: who came later was told less."""
    order = news(*((about, change, *of) for about, change, of in history))
    early, late = sorted((min(first, cursor), min(second, cursor)))
    told = [order.choose(reader(*topics, cursor=cursor, since=since)) for since in range(early, late + 1)]
    if told[0] == told[-1]:
        assert set(told) == {told[0]}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.integers(0, 12), st.integers(0, 12))
def test_between_two_turning_points_it_does_not_matter_when_somebody_came(history, cursor, since):
    order = news(*((about, change, *topics) for about, change, topics in history))
    since = min(since, cursor)
    points = [0, *order.turning_points(cursor)]
    begins = max(point for point in points if point <= since)
    assert order.choose(reader(cursor=cursor, since=since)) == order.choose(reader(cursor=cursor, since=begins))
