"""Circles of imports: modules that need each other, so that none of them can be understood or changed by itself."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

import grimp

# A model has to name the store of its rows, and the store the model (django.contrib.sessions).
ALLOWED = {("accounts.models", "accounts.sessions.store")}


def find_circles(packages: Sequence[str]) -> list[str]:
    """Return one line for the first circle that there is; imports inside functions count, those for types don't."""
    graph = grimp.build_graph(*packages, exclude_type_checking_imports=True, cache_dir=None)
    needs = {
        module: {one for one in graph.find_modules_directly_imported_by(module) if (module, one) not in ALLOWED}
        for module in graph.modules
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as fault:
        return [" → ".join(reversed(fault.args[1]))]
    return []
