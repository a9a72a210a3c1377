"""What a set of people covers and misses, why each of them is in it, and what one exchange would change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from .candidates import Person
from .coverage_cells import DIMENSIONS, Grid
from .optimizer import NOTHING, Problem, Swap

MISSES = 15  # groups of uncovered cells that are kept, those that weigh most


def shares_covered(weights: Sequence[float], counts: Counter[int]) -> dict[str, float]:
    """Return which parts of the people to reach are covered, and covered by two or more."""
    covered = [cell for cell, count in sorted(counts.items()) if count > 0]
    return {
        "covered": sum(weights[cell] for cell in covered),
        "twice": sum(weights[cell] for cell in covered if counts[cell] > 1),
    }


def by_dimension(grid: Grid, counts: Counter[int], possible: Counter[int]) -> dict[str, list[dict[str, Any]]]:
    """
    Return for each dimension that has targets its values: their share, how much of it is covered, covered twice, and could
    be covered if everyone who may be chosen were. Each column of a dimension adds up to that figure of the whole.
    """
    tables: dict[str, list[dict[str, Any]]] = {}
    for place, name in enumerate(DIMENSIONS):
        rows: dict[str, dict[str, Any]] = {
            key: {"key": key, "share": share, "covered": 0.0, "twice": 0.0, "possible": 0.0}
            for key, share in grid.shares[name].items()
        }
        if not rows:
            continue
        for number, cell in enumerate(grid.cells):
            row, weight = rows[cell[place]], grid.weights[number]
            row["covered"] += weight if counts[number] else 0.0
            row["twice"] += weight if counts[number] > 1 else 0.0
            row["possible"] += weight if possible[number] else 0.0
        tables[name] = sorted(rows.values(), key=lambda row: (-row["share"], row["key"]))
    return tables


def misses(grid: Grid, counts: Counter[int], people: Iterable[Person], chosen: set[int]) -> list[dict[str, Any]]:
    """
    Return the uncovered cells that weigh most, those of one age group, language and region together: their topics, what
    they weigh, whether nobody covers any topic there, and how many who may be chosen would cover some of it.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    open_cells: dict[int, tuple[str, str, str]] = {}
    for number, (age, language, region, topic) in enumerate(grid.cells):
        group = found.setdefault(
            (age, language, region),
            {"age": age, "language": language, "region": region, "topics": [], "weight": 0.0, "nobody": True},
        )
        if counts[number]:
            group["nobody"] = False
        else:
            group["weight"] += grid.weights[number]
            group["topics"].append((grid.weights[number], topic))
            open_cells[number] = (age, language, region)
    largest = sorted(found.items(), key=lambda item: (-item[1]["weight"], item[0]))[:MISSES]
    could: Counter[tuple[str, str, str]] = Counter()
    for person in people:
        if not person.rule and person.pk not in chosen:
            could.update({open_cells[cell] for cell in person.covers if cell in open_cells})
    return [
        {
            **group,
            "topics": [topic for _weight, topic in sorted(group["topics"], key=lambda pair: (-pair[0], pair[1]))],
            "could": could[key],
        }
        for key, group in largest
        if group["weight"] > NOTHING
    ]


def why(grid: Grid, covers: Iterable[int], counts: Counter[int], depth: int) -> list[dict[str, Any]]:
    """
    Return the cells that someone is in the set for, those alike together, the heaviest first: `place` 1 where they are
    the only one, 2 where one other is, and so on down to the depth that counts.
    """
    topics: dict[tuple[int, str, str, str], dict[str, Any]] = {}
    for cell in covers:
        if counts[cell] <= depth:
            age, language, region, topic = grid.cells[cell]
            row = topics.setdefault((counts[cell], language, region, topic), {"ages": [], "weight": 0.0})
            row["ages"].append(age)
            row["weight"] += grid.weights[cell]
    alike: dict[tuple[Any, ...], dict[str, Any]] = {}
    for (place, language, region, topic), row in sorted(topics.items()):
        key = (place, language, region, tuple(row["ages"]))
        said = {
            "place": place,
            "language": language,
            "region": region,
            "ages": row["ages"],
            "topics": [],
            "weight": 0.0,
        }
        found = alike.setdefault(key, said)
        found["topics"].append(topic)
        found["weight"] += row["weight"]
    return sorted(alike.values(), key=lambda row: (row["place"], -row["weight"], row["topics"]))


def loss(problem: Problem, number: int, counts: Counter[int]) -> float:
    """Return by how much the value would fall without someone."""
    return sum(problem.weights[cell] * problem.worth(counts[cell] - 1) for cell in problem.covers[number])


def in_order(problem: Problem, chosen: Iterable[int]) -> list[int]:
    """Return the chosen in the order in which each adds the most to those before."""
    left, counts, order = sorted(chosen), Counter[int](), []
    while left:
        best = max(left, key=lambda number: (problem.gain(problem.covers[number], counts), -number))
        left.remove(best)
        order.append(best)
        counts.update(problem.covers[best])
    return order


def exchange(
    grid: Grid, problem: Problem, swap: Swap, people: Sequence[Person], counts: Counter[int]
) -> dict[str, Any]:
    """Return what the best exchange for someone would change: who comes, the figures, what is lost and what is won."""
    before, after = set(problem.covers[swap.out]), set(problem.covers[swap.into]) if swap.into is not None else set()
    then = Counter({cell: counts[cell] - (cell in before) + (cell in after) for cell in before | after})
    now = Counter({cell: counts[cell] for cell in before | after})
    old, new = shares_covered(grid.weights, now), shares_covered(grid.weights, then)
    lost = [cell for cell in before if not then[cell]]
    won = [cell for cell in after if not now[cell]]
    return {
        "reference": people[swap.into].reference if swap.into is not None else "",
        "value": swap.change,
        "covered": new["covered"] - old["covered"],
        "twice": new["twice"] - old["twice"],
        "lost": why(grid, sorted(lost), Counter(dict.fromkeys(lost, 1)), 1),
        "won": why(grid, sorted(won), Counter(dict.fromkeys(won, 1)), 1),
    }
