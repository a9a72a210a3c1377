"""The parts that people have in a drill, and those that nobody plays: who is made up acts by itself."""

from typing import Any

from django.utils.translation import pgettext_lazy

EDITOR, TRANSLATOR, APPROVER, FACT_CHECKER = "editor", "translator", "approver", "fact_checker"
SECOND_CHECKER, LIAISON, AUTHORITY, INFLUENCERS = "second_checker", "liaison", "authority", "influencers"

# Who is waited for, as a reader meets it in a sentence of its own.
NAMES: dict[str, Any] = {
    EDITOR: pgettext_lazy("waited for", "An editor"),
    TRANSLATOR: pgettext_lazy("waited for", "A translator"),
    APPROVER: pgettext_lazy("waited for", "An approver"),
    FACT_CHECKER: pgettext_lazy("waited for", "A fact-checker"),
    SECOND_CHECKER: pgettext_lazy("waited for", "A second fact-checker"),
    LIAISON: pgettext_lazy("waited for", "A liaison"),
    AUTHORITY: pgettext_lazy("waited for", "The authority"),
}
# What can be left to people who are made up, and the parts that this covers.
CAST: dict[str, tuple[Any, tuple[str, ...]]] = {
    "authority": (pgettext_lazy("part in a drill", "The authorities’ answers"), (AUTHORITY,)),
    "influencers": (pgettext_lazy("part in a drill", "The influencers"), (INFLUENCERS,)),
    "editors": (pgettext_lazy("part in a drill", "Editors and translators"), (EDITOR, TRANSLATOR)),
    "fact_checkers": (pgettext_lazy("part in a drill", "Fact-checkers"), (FACT_CHECKER, SECOND_CHECKER)),
    "approvers": (pgettext_lazy("part in a drill", "Approvers"), (APPROVER,)),
    "liaisons": (pgettext_lazy("part in a drill", "Liaisons"), (LIAISON,)),
}
WITH_PEOPLE = ["authority", "influencers"]


def has_people(made_up: list[str]) -> bool:
    """Return whether people play any part of a team in which these are made up."""
    return not set(CAST) <= set(made_up)


def parts_of(made_up: list[str]) -> set[str]:
    """Return the parts that those whom nobody plays have."""
    return {part for name in made_up if name in CAST for part in CAST[name][1]}
