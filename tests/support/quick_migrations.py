"""
Migrating an empty database in a third of the time. Django makes the classes of all models around the one that changes anew for each
step: with two hundred models that is nine tenths of the work. A new model, an index or a constraint leaves the others as they were.

Only for the tables that tests copy: tests/upgrades/test_upgrade.py migrates as an operator does, and compares.
"""

from typing import Any

from django.db.migrations.state import ModelState, ProjectState


def make_few_classes() -> None:
    """Make the migrations of this process so."""
    state: Any = ProjectState
    state.add_model, state._append_option = add_model, append_option


def add_model(state: Any, model: ModelState) -> None:
    """Make the class of a new model only; the classes that it points at learn of it by that."""
    key = model.app_label, model.name_lower
    state.models[key] = model
    if state._relations is not None:
        state.resolve_model_relations(key)
    if "apps" in vars(state):
        state.is_delayed = True  # whatever asks for rows is given new classes all the same
        state.apps.render_multiple([model])


def append_option(state: Any, app: str, name: str, option: str, one: Any) -> None:
    """Let the class of a model know one index or constraint more."""
    model = state.models[app, name]
    model.options[option] = [*model.options[option], one]
    if "apps" in vars(state):
        meta: Any = state.apps.get_model(app, name)._meta
        setattr(meta, option, [*getattr(meta, option), one])
