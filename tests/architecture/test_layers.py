"""Layers: what may import, point at, or be named what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from tests.support import halves

from . import APPS, LAYER_OF, PACKAGES, ROOT, modules_that_say, sources

FORBIDDEN_NAMES = {"services", "utils", "util", "helpers", "helper", "common", "misc", "tools"}


def test_imports_go_down():
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]
    assert "KEPT" in checked.stdout


def test_the_layers_and_the_import_contract_are_the_same():
    import tomllib

    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    layers = [{app.strip() for app in layer.split("|")} for layer in reversed(contract["layers"])]
    assert layers[-1] == {"config"}
    assert {app: number for number, apps in enumerate(layers[:-1]) for app in apps} == LAYER_OF


def pointers(models: Any) -> Iterator[tuple[str, str, str]]:
    """Give (app, field, app it points at) of every relation between our apps."""
    for model in models:
        app = model._meta.app_label
        if app not in LAYER_OF:
            continue
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            if field.is_relation and field.related_model is not None:
                target = field.related_model
                label = target.split(".")[0] if isinstance(target, str) else target._meta.app_label
                yield app, f"{model._meta.label}.{field.name}", label


def points_up(app: str, target: str) -> bool:
    """Return whether `target` is above `app`, or beside it in the same layer."""
    return target in LAYER_OF and target != app and LAYER_OF[target] >= LAYER_OF[app]


def test_foreign_keys_point_down():
    assert [
        name for app, name, target in pointers(apps.get_models(include_auto_created=True)) if points_up(app, target)
    ] == []


def test_foreign_keys_in_migrations_point_down_too():
    state = MigrationLoader(None).project_state()
    assert [name for app, name, target in pointers(state.apps.get_models()) if points_up(app, target)] == []


def test_no_module_is_called_services_utils_or_helpers():
    assert [str(path.relative_to(ROOT)) for path in sources() if path.stem in FORBIDDEN_NAMES] == []


def imported_by(tree: ast.Module) -> Iterator[str]:
    """Give the dotted name of everything that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def test_no_business_rule_hides_in_a_signal():
    """Receivers are Celery's and the framework's own; ours would run where nobody reads them."""
    allowed = {"config/celery.py"}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in modules_that_say(["signals", "receiver"], sources())
        for name in imported_by(tree)
        if ("signals" in name or name == "django.dispatch.receiver") and str(path.relative_to(ROOT)) not in allowed
    ]
    assert found == []


def test_production_code_does_not_know_that_it_is_tested():
    words = ("pytest", "tests", "unittest")
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in modules_that_say(words, sources())
        for name in imported_by(tree)
        if name.split(".")[0] in words
    ]
    assert found == []
    assert [str(path.relative_to(ROOT)) for path in sources() if "PYTEST_" in path.read_text(encoding="utf-8")] == []


def test_models_import_neither_tasks_nor_faces():
    faces = {"admin", "views", "feeds", "tasks", "urls", "forms"}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for app in APPS
        for path in [*(ROOT / app).glob("models/*.py"), ROOT / app / "models.py"]
        if path.exists()
        for name in imported_by(ast.parse(path.read_text(encoding="utf-8")))
        if name.startswith(".") and faces & set(name.strip(".").split("."))
    ]
    assert found == []


def public_without_docstring(path: Any) -> Iterator[str]:
    """Give the public functions, classes and methods of a file that say nothing about themselves."""
    quiet = {"Meta", "Media"}

    def walk(node: ast.AST, inside: str, in_choices: bool) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            name = f"{inside}{child.name}"
            choices = isinstance(child, ast.ClassDef) and any("Choices" in ast.unparse(base) for base in child.bases)
            is_signature = any(ast.unparse(one) == "overload" for one in getattr(child, "decorator_list", []))
            if child.name.startswith("_") or child.name in quiet or is_signature:
                continue
            nested_choices = choices and bool(inside)  # a field's values: the field says what they are
            if not ast.get_docstring(child) and not nested_choices and not in_choices:
                yield f"{path.relative_to(ROOT)}: {name}"
            if isinstance(child, ast.ClassDef):
                yield from walk(child, f"{name}.", choices)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), "", False)


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_public_says_what_it_does(package):
    """AppConfigs and management commands speak through their name and help."""
    found = [
        name
        for path in sources(package)
        if path.name != "apps.py" and "commands" not in path.parts
        for name in public_without_docstring(path)
    ]
    assert found == []


def test_sql_by_hand_is_tested_on_both_databases():
    found = {
        str(path.relative_to(ROOT))
        for path in sources()
        if "migrations" not in path.parts and halves.BY_HAND.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(halves.SQL_BY_HAND)
    assert [place for place in halves.ON_BOTH if not (ROOT / place).exists()] == []
