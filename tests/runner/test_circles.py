"""A circle of imports is found, also when it goes through a function; types alone make none."""

import sys

import pytest

from .circles import find_circles


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return what writes a package of modules, by a name of its own, that can be imported."""

    def write(name: str, **modules: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").touch()
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(text)
        return name

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for module in [module for module in sys.modules if module.startswith("circle_of_")]:
        del sys.modules[module]


def test_an_import_inside_a_function_closes_a_circle(package):
    name = package("circle_of_two", a="from . import b", b="def late():\n    from . import a\n    return a\n")
    assert find_circles([name]) in (
        [f"{name}.a → {name}.b → {name}.a"],
        [f"{name}.b → {name}.a → {name}.b"],
    )


def test_an_import_for_types_alone_closes_none(package):
    name = package(
        "circle_of_types",
        a="from . import b",
        b="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import a\n",
    )
    assert find_circles([name]) == []
