"""No table of posts tells of fewer than five people, alone or by subtraction."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impact.fidelity.outcome_tables import Cell, cell_of, empty_row, lines_of, open_columns, table_of, together

OUTCOMES = ("kept", "adapted", "dropped", "contradicted")


def row_of(**people):
    """Return a row in which each of so many people (or each that is named) made one post."""
    row = empty_row()
    start = 0
    for name, who in people.items():
        for person in who if not isinstance(who, int) else range(start, start + who):
            row[name].add(person)
        start += 100
    return row


@pytest.mark.parametrize(
    ("people", "columns"),
    [
        ({"kept": 9, "dropped": 6}, ["kept", "adapted", "dropped", "contradicted"]),
        ({"kept": 9, "dropped": 6, "contradicted": 1}, ["kept", "adapted", "dropped+contradicted"]),
        ({"kept": 9, "adapted": 2, "contradicted": 2}, ["kept+adapted+contradicted", "dropped"]),
        ({"kept": 6, "adapted": 6, "contradicted": 2}, ["kept", "adapted+contradicted", "dropped"]),
        ({"kept": 6, "adapted": 6, "dropped": 6, "contradicted": 2}, ["kept", "adapted", "dropped+contradicted"]),
        ({"kept": 4}, None),
        ({"kept": 3, "dropped": 1}, None),
        ({"kept": 3, "dropped": 3}, ["kept+dropped", "adapted", "contradicted"]),
        ({}, None),
    ],
)
def test_outcomes_of_a_few_are_told_together(people, columns):
    found = open_columns(row_of(**people), OUTCOMES)

    assert (found and ["+".join(column) for column in found]) == columns


def test_one_person_with_many_posts_is_one_person():
    row = empty_row()
    for _post in range(20):
        row["kept"].add(7)

    assert table_of(row, {}, OUTCOMES) is None


def test_a_split_hides_what_the_difference_from_all_would_tell():
    tiktok, youtube, x = row_of(kept=9, dropped=6), row_of(kept=8), row_of(kept=6, dropped=2)
    columns = (("kept",), ("dropped",))

    lines = lines_of({"tiktok": tiktok, "youtube": youtube, "x": x}, columns)

    # Two left it out on X: YouTube alone beside it would leave the same two. All three together are all.
    assert [line.names for line in lines] == []


def test_those_that_are_told_together_stand_last():
    rows = {
        "tiktok": row_of(kept=9, dropped=6),
        "x": row_of(kept=6, dropped=2),
        "y": row_of(kept=2, dropped=range(500, 504)),
    }

    lines = lines_of(rows, (("kept",), ("dropped",)))

    assert [(line.names, line.posts) for line in lines] == [(("tiktok",), (9, 6)), (("x", "y"), (8, 6))]


PEOPLE = st.dictionaries(
    st.sampled_from(["tiktok", "youtube", "x", "instagram"]),
    st.dictionaries(st.sampled_from(OUTCOMES), st.sets(st.integers(0, 12), max_size=9), max_size=4),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(PEOPLE)
def test_nothing_told_is_about_a_few(split):
    """Every sum of what is told, and its difference from all, is about nobody or about five."""
    rows = {name: row_of(**cells) for name, cells in split.items()}
    total = {name: together(row[name] for row in rows.values() if name in row) for name in OUTCOMES}
    table = table_of(total, {"platform": rows}, OUTCOMES)
    if table is None:
        return
    told = [line.names for line in table.splits["platform"]]
    for column in table.columns:
        assert cell_of(total, column).is_open
        for size in range(len(told) + 1):
            for some in combinations(told, size):
                names = {name for line in some for name in line}
                assert together(cell_of(rows[name], column) for name in names).is_open
                assert together(cell_of(row, column) for name, row in rows.items() if name not in names).is_open
    for line in table.splits["platform"]:
        expected = [sum(cell_of(rows[name], column).posts for name in line.names) for column in table.columns]
        assert list(line.posts) == expected


def test_a_cell_counts_a_person_once():
    one, other = Cell(2, {1, 2}), Cell(3, {2, 3, 4})

    assert (together([one, other]).posts, together([one, other]).people) == (5, {1, 2, 3, 4})
