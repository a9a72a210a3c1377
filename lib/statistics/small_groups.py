"""
Numbers of people in groups, none of which tells of a few: a cell below FEWEST is hidden, and others with it until the hidden
ones cannot be worked out from the sum.
"""

from collections.abc import Mapping, Sequence

FEWEST = 5  # people of a group of which a number is shown


def shown(cells: Sequence[int]) -> list[int | None]:
    """
    Return the numbers of the groups of one column, None for each that is hidden.

    A lone hidden cell is the sum without the others, and two small ones are a small group together: the next smallest are hidden
    too, until at least two cells with FEWEST people between them are. Where so few are in all the groups, each is hidden: a zero
    beside the others would tell in which they are.
    """
    hidden = {place for place, people in enumerate(cells) if 0 < people < FEWEST}
    if not hidden:
        return list(cells)
    open_ones = sorted((people, place) for place, people in enumerate(cells) if people >= FEWEST)
    while len(hidden) < 2 or sum(cells[place] for place in hidden) < FEWEST:
        if not open_ones:
            return [None] * len(cells)
        hidden.add(open_ones.pop(0)[1])
    return [None if place in hidden else people for place, people in enumerate(cells)]


def merged[Name](groups: Mapping[Name, int]) -> tuple[list[Name], list[Name]]:
    """
    Return which groups may stand alone, and which are to be counted together because one of them is small; neither list is told
    from the other by any sum. Where all the people together are fewer than FEWEST, nothing may be said of them at all.
    """
    names = list(groups)
    cells = shown([groups[name] for name in names])
    alone = [name for name, cell in zip(names, cells, strict=True) if cell]
    return alone, [name for name, cell in zip(names, cells, strict=True) if cell is None]
