"""Which people together cover most: against brute force, against the promise of the greedy way, and whatever the ties."""

import math
import random
import sys
from itertools import combinations

import pytest

from influencers.selection import labels, optimizer
from influencers.selection.optimizer import Problem

PROMISE = 1 - 1 / math.e


def problem(seed: int, people: int = 9, size: int = 4, pinned: tuple[int, ...] = ()) -> Problem:
    """Return a small problem of twelve cells."""
    chance = random.Random(seed)
    weights = [chance.choice((1, 2, 3, 5, 8)) / 40 for _cell in range(12)]
    covers = [tuple(sorted(chance.sample(range(12), chance.randint(1, 4)))) for _person in range(people)]
    return Problem(weights, covers, size, pinned)


def best_of(one: Problem) -> float:
    """Return the value of the best set, by trying all."""
    others = [number for number in range(len(one.covers)) if number not in one.pinned]
    return max(one.value([*one.pinned, *some]) for some in combinations(others, one.free))


@pytest.mark.parametrize("seed", range(25))
def test_what_is_found_is_as_good_as_trying_all(seed: int) -> None:
    for pinned in ((), (3, 7)):
        one = problem(seed, pinned=pinned)
        found = optimizer.solve(one, gap=0)

        assert found.value == pytest.approx(best_of(one), abs=1e-9)
        assert found.value == pytest.approx(one.value(found.people))
        assert found.method in {"exact", "bounded"}
        assert found.gap < 1e-6
        assert set(pinned) <= set(found.people)
        assert len(set(found.people)) == len(found.people) <= one.size


@pytest.mark.parametrize("seed", range(40))
def test_the_greedy_way_keeps_its_promise_and_its_bound_holds(seed: int) -> None:
    one = problem(seed)
    best, people = best_of(one), optimizer.greedy(one)

    assert one.value(people) >= PROMISE * best - 1e-9
    assert optimizer.greedy_bound(one, people) >= best - 1e-9


def test_the_bound_of_the_greedy_way_counts_what_is_pinned_only_once() -> None:
    for seed in range(25):
        one = problem(seed, pinned=(0, 5))
        best, people = best_of(one), optimizer.greedy(one)

        assert people[:2] == (0, 5)
        assert optimizer.greedy_bound(one, people) >= best - 1e-9


def test_without_highs_it_is_greedy_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    one = problem(6)
    monkeypatch.setitem(sys.modules, "highspy", None)

    found = optimizer.solve(one)

    assert found.method == "greedy"
    assert best_of(one) <= found.bound + 1e-9
    assert found.value >= PROMISE * best_of(one)


def test_no_single_exchange_makes_it_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    for seed in range(25):
        one = problem(seed, people=14, size=5)
        people = optimizer.solve(one).people

        assert all(swap.change <= 1e-9 for swap in optimizer.swaps(one, people))


@pytest.mark.parametrize("seed", range(15))
def test_an_exchange_changes_what_it_says(seed: int) -> None:
    one = problem(seed, people=12, size=5)
    people = optimizer.greedy(one)
    others = [number for number in range(12) if number not in people]

    for swap in optimizer.swaps(one, people):
        rest = [number for number in people if number != swap.out]
        best = max(one.value([*rest, other]) for other in others)
        assert swap.change == pytest.approx(max(best, one.value(rest)) - one.value(people))
        assert swap.into is None or swap.change == pytest.approx(one.value([*rest, swap.into]) - one.value(people))


def test_the_first_of_those_who_cover_the_same_is_taken_every_time() -> None:
    one = Problem([0.5, 0.3, 0.2], [(0,), (0,), (1,), (1,), (2,), (2,)], 3)

    assert {tuple(sorted(optimizer.solve(one).people)) for _time in range(5)} == {(0, 1, 2)}
    assert optimizer.greedy(one) == (0, 2, 1)  # a second one of half the people is worth more than the third cell


def test_nobody_is_chosen_who_adds_nothing() -> None:
    one = Problem([0.6, 0.4], [(0,), (0,), (0,), (1,), ()], 5)

    assert sorted(optimizer.solve(one).people) == [0, 1, 3]


def test_who_is_pinned_is_in_it_though_they_cover_nothing() -> None:
    one = Problem([0.6, 0.4], [(0,), (), (1,)], 2, pinned=(1,))

    assert sorted(optimizer.solve(one).people) == [0, 1]


def test_everything_pinned_leaves_nothing_to_solve() -> None:
    one = Problem([0.6, 0.4], [(0,), (1,)], 2, pinned=(0, 1))

    found = optimizer.solve(one)

    assert (found.people, found.method, found.gap) == ((0, 1), "bounded", 0)


def test_what_was_found_without_highs_is_never_called_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Problem] = []
    programme = optimizer.programme
    monkeypatch.setattr(
        optimizer, "programme", lambda one, *more, **how: calls.append(one) or programme(one, *more, **how)
    )

    methods = set()
    for seed in range(25):
        calls.clear()
        found = optimizer.solve(problem(seed, size=1 + seed % 4), gap=0)
        assert (found.method == "exact") == bool(calls)
        methods.add(found.method)

    assert methods == {"exact", "bounded"}
    assert "exact" not in labels.method({"method": "bounded", "gap": 0.0})
    assert "proven: no other choice" in labels.method({"method": "bounded", "gap": 0.0})
    assert "more than 0.05 per cent" in labels.method({"method": "bounded", "gap": 0.0005})


@pytest.mark.parametrize("seed", range(10))
def test_an_exchange_for_somebody_pinned_says_what_the_pin_costs(seed: int) -> None:
    one = problem(seed, people=12, size=5, pinned=(2, 5))
    people = optimizer.solve(one).people
    others = [number for number in range(12) if number not in people]

    found = {swap.out: swap for swap in optimizer.swaps(one, people)}

    assert set(found) == set(people)
    for pinned in (2, 5):
        rest = [number for number in people if number != pinned]
        best = max(one.value(rest), *(one.value([*rest, other]) for other in others))
        assert found[pinned].change == pytest.approx(best - one.value(people))
