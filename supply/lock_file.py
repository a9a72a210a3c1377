"""The lock: which packages in which versions, from where, with which hashes."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import ROOT, Unreadable

LOCK = ROOT / "uv.lock"


@dataclass(frozen=True)
class File:
    """One file of a package: where it comes from, and its hash as `sha256:hex`."""

    url: str
    hash: str


@dataclass(frozen=True)
class Package:
    """A locked package. `needs` are the names of the packages that it asks for itself."""

    name: str
    version: str
    source: tuple[tuple[str, str], ...]
    files: tuple[File, ...]
    needs: tuple[str, ...]
    is_runtime: bool


def read(lock: Path = LOCK) -> list[Package]:
    """
    Return the locked packages by name, without the project itself. Raise Unreadable when the lock is missing or not of the
    format that this reads.
    """
    try:
        rows = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
        root = next(row for row in rows if "virtual" in row["source"])
        by_name: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_name.setdefault(row["name"], []).append(row)
        runtime = reached(asked_with_extras(root), by_name)
        packages = [as_package(row, is_runtime=row["name"] in runtime) for row in rows if row is not root]
    except (OSError, ValueError, KeyError, StopIteration) as fault:
        raise Unreadable(f"{lock.name} cannot be read ({type(fault).__name__}). Make it anew with: uv lock") from fault
    return sorted(packages, key=lambda package: (package.name, package.version))


def root_needs(lock: Path = LOCK) -> list[str]:
    """Return the names of the packages that the project itself asks for at run time."""
    rows = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    return sorted(
        {name for name, _extras in asked_with_extras(next(row for row in rows if "virtual" in row["source"]))}
    )


def as_package(row: dict[str, Any], *, is_runtime: bool) -> Package:
    """Return a row of the lock as a package."""
    files = [*row.get("wheels", ()), *([row["sdist"]] if "sdist" in row else ())]
    return Package(
        name=row["name"],
        version=row.get("version", ""),
        source=tuple(sorted((kind, str(where)) for kind, where in row["source"].items())),
        files=tuple(File(str(one.get("url", "")), str(one.get("hash", ""))) for one in files),
        needs=tuple(sorted({name for name, _extras in asked_with_extras(row)})),
        is_runtime=is_runtime,
    )


def asked_with_extras(row: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what a row asks for with every extra: name and extras of each."""
    return [*asked_by(row), *(one for some in row.get("optional-dependencies", {}).values() for one in named(some))]


def asked_by(row: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what a row asks for whatever extras are chosen: name and extras of each."""
    return named(row.get("dependencies", ()))


def named(dependencies: Iterable[dict[str, Any]]) -> list[tuple[str, tuple[str, ...]]]:
    """Return name and extras of each dependency."""
    return [(one["name"], tuple(one.get("extra", ()))) for one in dependencies]


def reached(start: Iterable[tuple[str, tuple[str, ...]]], rows: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Return the names of all that is needed for what `start` names, extras included."""
    seen: set[tuple[str, str]] = set()
    waiting = list(start)
    while waiting:
        name, extras = waiting.pop()
        for extra in ("", *extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for row in rows[name]:
                waiting += named(row.get("optional-dependencies", {}).get(extra, ())) if extra else asked_by(row)
    return {name for name, _extra in seen}


def faults(packages: Iterable[Package]) -> list[str]:
    """Return what is wrong with a lock: every file has a SHA-256, and all come from one index over https."""
    packages = list(packages)
    found = []
    indexes = {where for package in packages for kind, where in package.source if kind == "registry"}
    for package in packages:
        if [kind for kind, _where in package.source] != ["registry"]:
            found.append(f"{package.name} does not come from the package index. Publish it there, or leave it out.")
        if not package.files:
            found.append(f"{package.name} has no files in the lock. Make it anew with: uv lock")
        for file in package.files:
            if not (file.hash.startswith("sha256:") and len(file.hash) == len("sha256:") + 64):
                found.append(f"{package.name}: a file has no SHA-256. Make the lock anew with: uv lock")
            if urlsplit(file.url).scheme != "https":
                found.append(f"{package.name}: a file does not come over https.")
    if len(indexes) > 1:
        found.append(f"The packages come from {len(indexes)} indexes. One name may mean two things then: use one.")
    return sorted(set(found))


def requirements(packages: Iterable[Package]) -> str:
    """Return the packages as a requirements file with hashes."""
    return "".join(
        f"{package.name}=={package.version}" + "".join(f" --hash={file.hash}" for file in package.files) + "\n"
        for package in packages
    )
