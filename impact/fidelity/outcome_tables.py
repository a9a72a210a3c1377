"""
Posts by what became of a key message in them, as a table that tells of nobody: no cell of it, and none that can be worked out from
it, is about fewer than FEWEST people.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from lib.statistics.small_groups import FEWEST

Column = tuple[str, ...]  # the outcomes that are counted together


@dataclass(slots=True)
class Cell:
    """Posts, and who made them."""

    posts: int = 0
    people: set[int] = field(default_factory=set)

    def add(self, person: int) -> None:
        """Count one more post."""
        self.posts += 1
        self.people.add(person)

    @property
    def is_open(self) -> bool:
        """Whether it may be told: it is about nobody, or about enough."""
        return not self.people or len(self.people) >= FEWEST


def together(cells: Iterable[Cell]) -> Cell:
    """Return cells as one; who made posts of several is counted once."""
    rows = list(cells)
    return Cell(sum(one.posts for one in rows), set().union(*(one.people for one in rows)))


Row = dict[str, Cell]  # by outcome


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is shown: posts by column; `names` are the groups that it is about, several where they are told together."""

    names: tuple[str, ...]
    posts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All its posts."""
        return sum(self.posts)

    def share(self, column: int) -> float:
        """Return the share of a column, 0 to 1."""
        return self.posts[column] / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """The columns, the row of all posts, and the same posts split up by platform, language or week; no rows where none may be told."""

    columns: tuple[Column, ...]
    total: Line
    splits: Mapping[str, list[Line]]


def table_of(all_posts: Row, splits: Mapping[str, Mapping[str, Row]], outcomes: Sequence[str]) -> OutcomeTable | None:
    """Return the table with its columns in the order of `outcomes`, None where too few people posted for anything to be told."""
    columns = open_columns(all_posts, outcomes)
    if columns is None:
        return None
    total = line_of((), [all_posts], columns)
    return OutcomeTable(columns, total, {name: lines_of(rows, columns) for name, rows in splits.items()})


def open_columns(row: Row, outcomes: Sequence[str]) -> tuple[Column, ...] | None:
    """Return the outcomes as columns, those of too few people with the nearest that has some; None where all are too few."""
    columns: list[Column] = [(name,) for name in outcomes]

    def people(column: Column) -> int:
        return len(cell_of(row, column).people)

    while closed := next((column for column in columns if not cell_of(row, column).is_open), None):
        place = columns.index(closed)
        others = [column for column in columns if people(column) and column != closed]
        if not others:
            return None
        nearest = min(others, key=lambda column: (abs(columns.index(column) - place), people(column)))
        first, second = sorted((closed, nearest), key=columns.index)
        columns[columns.index(first)] = first + second
        columns.remove(second)
    return tuple(columns) if any(people(column) for column in columns) else None


def lines_of(rows: Mapping[str, Row], columns: tuple[Column, ...]) -> list[Line]:
    """
    Return a split's rows, the most posts first, and at the end those that are told together: so many that the difference between
    all posts and the rows that stand alone tells of nobody either.
    """

    def size(name: str) -> int:
        return sum(cell.posts for cell in rows[name].values())

    def is_open(names: Iterable[str]) -> bool:
        return all(together(cell_of(rows[name], column) for name in names).is_open for column in columns)

    alone = sorted((name for name in rows if is_open([name])), key=size)
    rest = [name for name in rows if name not in alone]
    while rest and not is_open(rest):
        if not alone:
            return []
        rest.append(alone.pop(0))
    lines = [line_of((name,), [rows[name]], columns) for name in reversed(alone)]
    if rest and lines:
        lines.append(line_of(tuple(sorted(rest)), [rows[name] for name in rest], columns))
    return lines


def line_of(names: tuple[str, ...], rows: Iterable[Row], columns: tuple[Column, ...]) -> Line:
    """Return rows as one line."""
    kept = list(rows)
    return Line(names, tuple(sum(cell_of(row, column).posts for row in kept) for column in columns))


def cell_of(row: Row, column: Column) -> Cell:
    """Return what a row says in a column."""
    return reduce(lambda one, other: together([one, other]), (row[name] for name in column if name in row), Cell())


def empty_row() -> Row:
    """Return a row in which nothing is counted yet."""
    return defaultdict(Cell)
