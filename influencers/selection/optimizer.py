"""
Which people together cover most: exactly, by an integer programme (HiGHS), or greedily, with what is proven either way.

The value of a set is the weight of the cells that it covers, once and a second time, each at its worth (cells.DEPTH). It is
submodular, so taking whoever adds most each time reaches at least 1 − 1/e (63 %) of what is possible; the integer
programme finds more, and proves how much more nobody could. People who cover the same are alike to both: which of them is
taken is decided by the order in which they are given.
"""

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .coverage_cells import DEPTH

GAP = 1e-3  # of the value, within which HiGHS need not look any further
SECONDS = 3.0  # after which HiGHS hands over the best that it has
NOTHING = 1e-12  # what a gain must exceed to be one and no rounding
SCALE = 1000.0  # weights are tiny, and HiGHS calls what is below 1e-6 or so nothing


@dataclass(frozen=True)
class Problem:
    """
    The weights of the cells; the cells of everyone who may be chosen, in the order of who is taken first of people who
    cover the same; how many to choose; and who is chosen whatever they add (numbers of people).
    """

    weights: Sequence[float]
    covers: Sequence[tuple[int, ...]]
    size: int
    pinned: tuple[int, ...] = ()
    depth: tuple[float, ...] = DEPTH

    @cached_property
    def alike(self) -> dict[tuple[int, ...], list[int]]:
        """Return people who may still be chosen, by what they cover; whoever covers nothing is left out."""
        taken = set(self.pinned)
        groups: dict[tuple[int, ...], list[int]] = {}
        for number, covers in enumerate(self.covers):
            if covers and number not in taken:
                groups.setdefault(covers, []).append(number)
        return groups

    @property
    def free(self) -> int:
        """Return how many are chosen by what they add."""
        return self.size - len(self.pinned)

    def counts(self, people: Iterable[int]) -> Counter[int]:
        """Return how many of the people are in each cell."""
        return Counter(cell for number in people for cell in self.covers[number])

    def worth(self, before: int) -> float:
        """Return what one more person is worth in a cell that has `before`, as a part of its weight."""
        return self.depth[before] if before < len(self.depth) else 0.0

    def value(self, people: Iterable[int]) -> float:
        """Return the value of a set."""
        counts = self.counts(people)
        return sum(self.weights[cell] * sum(self.depth[:count]) for cell, count in sorted(counts.items()))

    def gain(self, covers: Iterable[int], counts: Counter[int]) -> float:
        """Return what someone who covers these cells adds to a set that has so many in each."""
        return sum(self.weights[cell] * self.worth(counts[cell]) for cell in covers)


@dataclass(frozen=True)
class Solution:
    """
    Who is chosen, the value of it, the value that no set can exceed, and how that is known: `method` is "exact" (HiGHS,
    within GAP of the best), "stopped" (it had no more time), "bounded" (greedily, and the greedy bound alone shows that it
    is within GAP), or "greedy" (without HiGHS).
    """

    people: tuple[int, ...]
    value: float
    bound: float
    method: str
    greedy_value: float = 0.0
    greedy_bound: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Return by how much of its value the best set could be better at most."""
        return max(0.0, self.bound / self.value - 1) if self.value else 0.0


def solve(problem: Problem, *, seconds: float = SECONDS, gap: float = GAP) -> Solution:
    """Return the best set that can be found in the time, never worse than the greedy one."""
    began = time.perf_counter()
    people = polished(problem, greedy(problem))
    value = problem.value(people)
    bound = greedy_bound(problem, people)
    took = {"greedy": time.perf_counter() - began}
    first = Solution(people, value, bound, "greedy", value, bound, took)
    if bound - value <= gap * value or not problem.free:
        return Solution(people, value, bound, "bounded", value, bound, took)
    began = time.perf_counter()
    found = programme(problem, people, seconds=seconds, gap=gap)
    took["exact"] = time.perf_counter() - began
    if found is None:
        return first
    exact, proven, is_done = found
    exact = polished(problem, exact)
    exact_value = problem.value(exact)
    if exact_value < value + NOTHING:
        exact, exact_value = people, value
    return Solution(
        exact, exact_value, max(exact_value, min(bound, proven)), "exact" if is_done else "stopped", value, bound, took
    )


def greedy(problem: Problem) -> tuple[int, ...]:
    """
    Return the pinned, then whoever adds most each time, until there are enough or nobody adds anything more.

    What someone adds only shrinks as others come, so a gain that is as large as before when it is counted again is the
    largest of all. Of equal gains the first in the order of people wins.
    """
    return extend(problem, problem.pinned)


def extend(problem: Problem, people: Iterable[int]) -> tuple[int, ...]:
    """Return a set filled up greedily."""
    chosen = list(people)
    taken = set(chosen)
    counts = problem.counts(chosen)
    waiting = {covers: [one for one in group if one not in taken] for covers, group in problem.alike.items()}
    queue = [(-problem.gain(covers, counts), group.pop(0), covers) for covers, group in waiting.items() if group]
    heapq.heapify(queue)
    while queue and len(chosen) < problem.size:
        before, number, covers = heapq.heappop(queue)
        gain = problem.gain(covers, counts)
        if gain <= NOTHING:
            continue
        if gain < -before - NOTHING:
            heapq.heappush(queue, (-gain, number, covers))
            continue
        chosen.append(number)
        counts.update(covers)
        if group := waiting[covers]:
            heapq.heappush(queue, (-problem.gain(covers, counts), group.pop(0), covers))
    return tuple(chosen)


@dataclass(frozen=True, slots=True)
class Swap:
    """Someone chosen, who would come instead (None: nobody would add anything), and how the value would change."""

    out: int
    into: int | None
    change: float


def swaps(problem: Problem, people: Sequence[int]) -> list[Swap]:
    """
    Return for everyone chosen what the best single exchange would change, in the order of `people`; of someone pinned
    it may be for the better: that is what the pin costs.

    Without someone, only people who share a cell with them add more than they did before.
    """
    chosen, counts = set(people), problem.counts(people)
    spare = {covers: next((one for one in group if one not in chosen), None) for covers, group in problem.alike.items()}
    gains = {covers: problem.gain(covers, counts) for covers, one in spare.items() if one is not None}

    def most(of: Mapping[tuple[int, ...], float]) -> tuple[int, ...] | None:
        return max(of, key=lambda covers: (of[covers], -(spare[covers] or 0)), default=None)

    best_of_all = most(gains)
    inside: dict[int, list[tuple[int, ...]]] = {}
    for covers in gains:
        for cell in covers:
            inside.setdefault(cell, []).append(covers)
    found = []
    for out in people:
        loss, grows = without(problem, out, counts)
        more = {} if best_of_all is None else {best_of_all: gains[best_of_all]}
        for cell, growth in grows.items():
            for covers in inside.get(cell, ()):
                more[covers] = more.get(covers, gains[covers]) + growth
        best = most(more)
        if best is None or more[best] <= NOTHING:
            found.append(Swap(out, None, -loss))
        else:
            found.append(Swap(out, spare[best], more[best] - loss))
    return found


def without(problem: Problem, number: int, counts: Counter[int]) -> tuple[float, dict[int, float]]:
    """Return what is lost without somebody, and {cell: by how much more somebody else would add there}."""
    loss, grows = 0.0, {}
    for cell in problem.covers[number]:
        now = problem.weights[cell] * problem.worth(counts[cell] - 1)
        loss += now
        if growth := now - problem.weights[cell] * problem.worth(counts[cell]):
            grows[cell] = growth
    return loss, grows


def polished(problem: Problem, people: Sequence[int]) -> tuple[int, ...]:
    """Return a set without people who add nothing, filled up, that no single exchange makes better."""
    counts = problem.counts(people)
    kept = list(people)
    for number in reversed(people):
        losing = sum(problem.weights[cell] * problem.worth(counts[cell] - 1) for cell in problem.covers[number])
        if number not in problem.pinned and losing <= NOTHING:
            kept.remove(number)
            counts.subtract(problem.covers[number])
    kept = list(extend(problem, kept))
    for _turn in range(problem.size):
        free = (swap for swap in swaps(problem, kept) if swap.out not in problem.pinned)
        best = max(free, key=lambda swap: swap.change, default=None)
        if best is None or best.into is None or best.change <= NOTHING:
            break
        kept[kept.index(best.out)] = best.into
    return tuple(kept)


def greedy_bound(problem: Problem, people: tuple[int, ...]) -> float:
    """
    Return a value that no set of this size exceeds, measured on the greedy one: at its end, and after each of its
    steps, the best set adds at most what people who add most would add one by one. And never more than everyone
    together.
    """
    everyone = problem.value([*problem.pinned, *(one for group in problem.alike.values() for one in group)])
    if not problem.free:
        return problem.value(people)
    least = everyone
    for steps in {len(people), len(problem.pinned) + (len(people) - len(problem.pinned)) // 2}:
        counts = problem.counts(people[:steps])
        gains = sorted(
            (problem.gain(covers, counts) for covers, group in problem.alike.items() for _one in group), reverse=True
        )
        least = min(least, problem.value(people[:steps]) + sum(gains[: problem.free]))
    # The theorem: what is free to choose reaches at least 1 − (1 − 1/k)^k of the best.
    base, share = problem.value(problem.pinned), 1 - (1 - 1 / problem.free) ** problem.free
    return min(least, base + (problem.value(people) - base) / share)


def programme(
    problem: Problem, start: tuple[int, ...], *, seconds: float, gap: float
) -> tuple[tuple[int, ...], float, bool] | None:
    """
    Return (people, proven bound, whether it was done in time) from HiGHS, or None where it is not installed.

    A number of people of each kind that covers the same, and for each cell and each place in its depth whether it is
    filled, at most as often as people are in the cell. Places are real numbers: worths that fall fill them in order.
    """
    try:
        import highspy
        import numpy as np
    except ImportError:
        return None
    rows = Rows(problem)
    solver = solver_of(highspy, seconds=seconds, gap=gap)
    solver.passModel(model_of(rows, problem, highspy, np))
    solution = highspy.HighsSolution()
    solution.col_value = rows.hint(problem, start)
    solver.setSolution(solution)
    solver.run()
    return read_off(problem, rows.kinds, solver, highspy)


class Rows:
    """
    The programme in numbers: `kinds` of people who cover the same, then the places of each row, as columns with what each
    is worth (`cost`) and at most is (`upper`); and the rows themselves, each from its start in `index` and `values`.
    """

    def __init__(self, problem: Problem) -> None:
        self.kinds = list(problem.alike)
        self.members = merged_cells(problem, self.kinds)
        self.upper = [float(min(len(problem.alike[covers]), problem.free)) for covers in self.kinds]
        self.cost = [0.0] * len(self.kinds)
        self.starts, self.places = [0], list[range]()
        self.index: list[int] = []
        self.values: list[float] = []
        for (members, before), weight in self.members.items():
            worths = problem.depth[before:]
            mine = range(len(self.cost), len(self.cost) + len(worths))
            self.places.append(mine)
            self.cost += [weight * worth * SCALE for worth in worths]
            self.upper += [1.0] * len(worths)
            self.add([*members, *mine], [1.0] * len(members) + [-1.0] * len(worths))
        self.add(range(len(self.kinds)), [1.0] * len(self.kinds))

    def add(self, columns: Iterable[int], values: Iterable[float]) -> None:
        """Add a row."""
        self.index += columns
        self.values += values
        self.starts.append(len(self.index))

    def hint(self, problem: Problem, start: tuple[int, ...]) -> list[float]:
        """Return the columns of a set that is known."""
        hint = [0.0] * len(self.cost)
        taken = Counter(problem.covers[number] for number in start[len(problem.pinned) :])
        for kind, covers in enumerate(self.kinds):
            hint[kind] = taken[covers]
        for (members, _before), mine in zip(self.members, self.places, strict=True):
            left = sum(hint[kind] for kind in members)
            for place in mine:
                hint[place] = min(1.0, max(0.0, left))
                left -= 1.0
        return hint


def merged_cells(problem: Problem, kinds: list[tuple[int, ...]]) -> dict[tuple[tuple[int, ...], int], float]:
    """Return {(the kinds that cover it, how many pinned people are in it): weight}; cells that are alike in both are one."""
    base = problem.counts(problem.pinned)
    inside: dict[int, list[int]] = {}
    for kind, covers in enumerate(kinds):
        for cell in covers:
            if base[cell] < len(problem.depth):
                inside.setdefault(cell, []).append(kind)
    merged: dict[tuple[tuple[int, ...], int], float] = {}
    for cell in sorted(inside):
        key = (tuple(inside[cell]), min(base[cell], len(problem.depth)))
        merged[key] = merged.get(key, 0.0) + problem.weights[cell]
    return merged


def model_of(rows: Rows, problem: Problem, highspy: Any, np: Any) -> Any:
    """Return the programme as HiGHS takes it."""
    columns, kinds, count = len(rows.cost), len(rows.kinds), len(rows.members)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, count + 1
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_ = np.array(rows.cost), np.zeros(columns), np.array(rows.upper)
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * kinds + [real] * (columns - kinds)
    model.row_lower_ = np.zeros(count + 1)
    model.row_upper_ = np.array([highspy.kHighsInf] * count + [float(problem.free)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(rows.starts, dtype=np.int32)
    model.a_matrix_.index_ = np.array(rows.index, dtype=np.int32)
    model.a_matrix_.value_ = np.array(rows.values)
    return model


def solver_of(highspy: Any, *, seconds: float, gap: float) -> Any:
    """Return HiGHS, silent, on one thread, the same each time."""

    class Quiet(highspy.Highs):  # type: ignore[misc]
        """HiGHS without callbacks: turning them on prints its name before anyone can ask for silence."""

        def enableCallbacks(self) -> None:
            """Do without."""

    solver = Quiet()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 0.0)
    return solver


def read_off(
    problem: Problem, kinds: list[tuple[int, ...]], solver: Any, highspy: Any
) -> tuple[tuple[int, ...], float, bool] | None:
    """Return what HiGHS found: the first of the people of each kind, as many as it takes."""
    info = solver.getInfo()
    column = solver.getSolution().col_value
    if not len(column) or info.primal_solution_status != highspy.kSolutionStatusFeasible:
        return None
    chosen = list(problem.pinned)
    for kind, covers in enumerate(kinds):
        chosen += problem.alike[covers][: round(column[kind])]
    already = problem.counts(problem.pinned)
    full = sum(
        problem.weights[cell] * sum(problem.depth[:count]) for cell, count in already.items()
    )  # what the pinned are worth is no part of the programme
    done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return tuple(chosen), full + info.mip_dual_bound / SCALE, done
