"""Two selections side by side: who comes, who goes, and what it does to the coverage."""

from dataclasses import dataclass
from typing import Any

from influencers.models import Choice, Influencer, Selection


@dataclass(frozen=True)
class Comparison:
    """
    What changes from one selection to another. `dimensions` has for each value its share and what both cover of it;
    `same_targets` is false when they were made for different targets: then their figures measure different things.
    """

    old: Selection
    new: Selection
    comes: list[Influencer]
    goes: list[Influencer]
    stays: int
    covered: float
    twice: float
    dimensions: dict[str, list[dict[str, Any]]]
    same_targets: bool


def compare(old: Selection, new: Selection) -> Comparison:
    """Return what changes from `old` to `new`, which are of one campaign; one query."""
    held: dict[int, set[int]] = {old.pk: set(), new.pk: set()}
    people: dict[int, Influencer] = {}
    rows = Choice.objects.filter(selection__in=[old, new]).exclude(decision=Choice.Decision.LEFT_OUT)
    for row in rows.select_related("influencer"):
        held[row.selection_id].add(row.influencer_id)
        people[row.influencer_id] = row.influencer
    before, after = held[old.pk], held[new.pk]

    def named(keys: set[int]) -> list[Influencer]:
        return sorted((people[key] for key in keys), key=lambda person: person.reference)

    return Comparison(
        old=old,
        new=new,
        comes=named(after - before),
        goes=named(before - after),
        stays=len(before & after),
        covered=new.result.get("covered", 0.0) - old.result.get("covered", 0.0),
        twice=new.result.get("twice", 0.0) - old.result.get("twice", 0.0),
        dimensions=side_by_side(old.result.get("dimensions", {}), new.result.get("dimensions", {})),
        same_targets=old.targets == new.targets,
    )


def side_by_side(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return for each value of each dimension of the new one: its share, and what was and is covered of it."""
    return {
        name: [
            {
                "key": row["key"],
                "share": row["share"],
                "before": (was := earlier.get(row["key"], 0.0)),
                "after": row["covered"],
                "change": row["covered"] - was,
            }
            for row in rows
        ]
        for name, rows in new.items()
        for earlier in [{row["key"]: row["covered"] for row in old.get(name, [])}]
    }
