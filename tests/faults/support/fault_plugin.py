"""
A pytest plugin for `./run faults`: choose tests by the numbers of their faults, and tell about each as it ends.

A test says by `pytest.mark.fault(1)` which fault of docs/developing/reliability.md it injects; by several numbers, several.
"""

import json
import os
from collections import defaultdict
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the chosen faults, and where to write a line of JSON for each test."""
    parser.addoption("--faults", default="", help="numbers, separated by commas; all when empty")
    parser.addoption("--tell", type=int, help="a file descriptor")


def faults_of(item: pytest.Item) -> list[str]:
    """Return the numbers of the faults that a test injects."""
    return list(dict.fromkeys(str(number) for mark in item.iter_markers("fault") for number in mark.args))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the chosen faults, in the order of their numbers."""
    chosen = {number for number in config.getoption("--faults").split(",") if number}
    kept: list[tuple[int, pytest.Item]] = []
    left: list[pytest.Item] = []
    for item in items:
        mine = [number for number in faults_of(item) if not chosen or number in chosen]
        if mine:
            kept.append((min(int(number) if number.isdigit() else 99 for number in mine), item))
            item.user_properties += [("fault", number) for number in mine]
        else:
            left.append(item)
    items[:] = [item for _number, item in sorted(kept, key=lambda pair: pair[0])]
    config.hook.pytest_deselected(items=left)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to tell, if someone listens."""
    if config.getoption("--tell") is not None:
        config.pluginmanager.register(Teller(config.getoption("--tell")))


class Teller:
    """Writes a line of JSON for each test that has ended."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.tests: dict[str, dict[str, Any]] = defaultdict(lambda: {"outcome": "passed", "seconds": 0.0, "why": ""})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Name the tests that were found, when that is all that was asked for."""
        for item in session.items if session.config.option.collectonly else ():
            self.tell({"name": item.name, "faults": [value for name, value in item.user_properties if name == "fault"]})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what the three phases of a test say."""
        test = self.tests[report.nodeid]
        test["seconds"] += report.duration
        if report.outcome != "passed" and test["outcome"] != "failed":
            test["outcome"] = report.outcome
            test["why"] = report.longrepr[2] if isinstance(report.longrepr, tuple) else first_line(report)
        if report.when == "teardown":
            test["name"] = report.nodeid.rpartition("::")[2]
            test["faults"] = [value for name, value in report.user_properties if name == "fault"]
            test["seen"] = [value for name, value in report.user_properties if name == "seen"]

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Tell about a test that has ended."""
        self.tell(self.tests.pop(nodeid))

    def tell(self, test: dict[str, Any]) -> None:
        """Write a line."""
        os.write(self.descriptor, json.dumps(test).encode() + b"\n")


def first_line(report: pytest.TestReport) -> str:
    """Return the line of a failure that says what was wrong."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(crash.message if crash else report.longrepr).strip().splitlines()
    return lines[0][:200] if lines else ""
