"""A draw is fair, and whoever has its seed draws the same."""

from collections import Counter
from itertools import combinations

from lib.statistics import draws

PEOPLE, SIZE, TIMES = 30, 6, 10_000
CHI_SQUARE_29 = 58.301  # the value that one fair test in a thousand exceeds, with 29 degrees of freedom
CHI_SQUARE_44 = 78.750


def test_everybody_is_drawn_equally_often():
    times = Counter(key for n in range(TIMES) for key in draws.draw(range(PEOPLE), size=SIZE, seed=f"seed {n}").drawn)

    expected = TIMES * SIZE / PEOPLE
    chi_square = sum((times[key] - expected) ** 2 / expected for key in range(PEOPLE))
    # Who is drawn is not put back, so counts vary less than those of throws: the sum is so much smaller.
    assert chi_square * (PEOPLE - 1) / (PEOPLE - SIZE) < CHI_SQUARE_29


def test_no_two_are_drawn_together_more_often_than_others():
    pairs = Counter(tuple(sorted(draws.draw(range(10), size=2, seed=f"seed {n}").drawn)) for n in range(TIMES))

    expected = TIMES / 45
    assert sum((pairs[pair] - expected) ** 2 / expected for pair in combinations(range(10), 2)) < CHI_SQUARE_44


def test_the_same_seed_draws_the_same_whatever_the_order():
    once = draws.draw([3, 1, 2, 5, 4], size=2, seed="a")

    assert draws.draw([5, 4, 3, 2, 1, 1], size=2, seed="a") == once
    assert draws.draw(range(1, 60), size=20, seed="b").drawn != draws.draw(range(1, 60), size=20, seed="a").drawn


def test_one_person_is_checked_without_the_others():
    found = draws.draw(range(100), size=20, seed="a")

    assert [key for key in range(100) if draws.mark("a", key) <= found.last_mark] == sorted(found.drawn)


def test_the_marks_are_those_of_the_standard():
    assert draws.mark("Jefe", "what do ya want for nothing?") == (  # RFC 4231, test case 2
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_a_draw_of_few_takes_all_of_them():
    assert sorted(draws.draw([1, 2], size=5, seed="a").drawn) == [1, 2]
    assert draws.draw([], size=5, seed="a") == draws.Draw([], 0, "")


def test_seeds_are_new_each_time():
    assert len({draws.new_seed() for _ in range(100)}) == 100
