"""Under which licences everything is, and whether that goes with Apache-2.0, under which this software is given away."""

import importlib.metadata
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from license_expression import ExpressionError, get_spdx_licensing  # type: ignore[import-untyped]  # it has no types

from . import ROOT
from .decisions import Reviewed
from .lock_file import Package

DOCUMENT = ROOT / "docs/developing/licences.md"
# What may be passed on together with software under Apache-2.0. MPL obliges for its own files only, which stay unchanged.
FITTING = frozenset(
    "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 HPND ISC MIT MIT-0 MIT-CMU MPL-1.1 MPL-2.0 OFL-1.1 "
    "PSF-2.0 Python-2.0 Unicode-3.0 Unlicense Zlib".split()
)
# Only what says exactly one thing. "BSD" may be several, so a person looks (supply/reviewed.toml).
CLASSIFIERS = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
}
COPIES = {".ttf", ".otf", ".woff", ".woff2", ".xsd", ".dic"}  # files that are hardly ever one's own
SPDX = get_spdx_licensing()


@dataclass(frozen=True)
class Line:
    """A package with its licence as an SPDX expression, "" when nobody knows."""

    package: Package
    licence: str

    @property
    def name(self) -> str:
        """Return the package's name."""
        return self.package.name


def lines_of(packages: Iterable[Package], reviewed: Reviewed) -> list[Line]:
    """Return each package with its licence: what people found out goes before what its metadata says."""
    return [Line(package, reviewed.licences.get(package.name) or from_metadata(package.name)) for package in packages]


def from_metadata(name: str) -> str:
    """Return the licence of an installed package as an SPDX expression, "" when its metadata does not say one clearly."""
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    classifiers = {one for one in told.get_all("Classifier") or () if one.startswith("License ::")}
    known = {CLASSIFIERS[one] for one in classifiers if one in CLASSIFIERS}
    for said in (told.get("License-Expression"), told.get("License")):
        if said and is_expression(said):
            return str(SPDX.parse(said))
    return known.pop() if len(known) == len(classifiers) == 1 else ""


def is_expression(text: str) -> bool:
    """Return whether a text is a licence by SPDX's names."""
    if len(text) > 200 or re.search(r"[^\w.+() -]", text):
        return False
    try:
        return not SPDX.validate(text, strict=True).errors
    except (ExpressionError, AttributeError):
        return False


def is_compatible(licence: str) -> bool:
    """Return whether one of the ways in which a package may be used fits."""
    parsed = SPDX.parse(licence)
    if parsed is None:
        return False
    if isinstance(parsed, SPDX.OR):
        return any(is_compatible(str(one)) for one in parsed.args)
    if isinstance(parsed, SPDX.AND):
        return all(is_compatible(str(one)) for one in parsed.args)
    return licence in FITTING


def faults(lines: Iterable[Line], reviewed: Reviewed, *, root: Path = ROOT) -> list[str]:
    """Return what is wrong: licences that nobody knows or that don't fit, copies that nobody has listed, left-overs."""
    lines = list(lines)
    names = {line.name for line in lines}
    found = [f"{line.name}: {why}" for line in lines if (why := fault_of(line, reviewed))]
    found += [f"{name}: an exception for what is not there." for name in reviewed.exceptions if name not in names]
    found += [f"{name}: a licence of what is not there." for name in reviewed.licences if name not in names]
    return found + faults_of_copies(reviewed, root)


def fault_of(line: Line, reviewed: Reviewed) -> str:
    """Return what is wrong with a package's licence, "" when nothing is."""
    if not line.licence:
        return "its licence is not clear. Look it up, and write it into supply/reviewed.toml."
    if not is_expression(line.licence):
        return f"{line.licence} is no SPDX expression."
    if not is_compatible(line.licence) and line.name not in reviewed.exceptions:
        return (
            f"{line.licence} does not go with Apache-2.0. Use another package, or say in supply/reviewed.toml why it may "
            "stay."
        )
    return ""


def faults_of_copies(reviewed: Reviewed, root: Path) -> list[str]:
    """Return what is wrong with the copies of others' work: listed and not there, not fit, or there and not listed."""
    found = []
    for one in reviewed.copied:
        found += [f"{one.name}: {path} is not there." for path in (*one.paths, one.text) if not (root / path).exists()]
        if not is_compatible(one.licence):
            found.append(f"{one.name}: {one.licence} does not go with Apache-2.0.")
    listed = [root / path for one in reviewed.copied for path in one.paths]
    for path in copies(root):
        if not any(path == one or one in path.parents for one in listed):
            found.append(
                f"{path.relative_to(root)} looks like a copy: list it in supply/reviewed.toml with its licence."
            )
    return found


def copies(root: Path) -> list[Path]:
    """Return the files of the repository that are hardly ever one's own."""
    hidden = {".venv", ".uv", ".git", "var", "node_modules"}
    return sorted(
        path
        for top in root.iterdir()
        if top.is_dir() and top.name not in hidden
        for path in top.rglob("*")
        if path.suffix in COPIES or path.name.endswith((".min.js", ".min.css"))
    )


def document(lines: Iterable[Line], reviewed: Reviewed) -> str:
    """Return docs/developing/licences.md."""
    lines = list(lines)

    def table(some: Iterable[Line]) -> str:
        rows = [f"| {one.name} | {one.package.version} | {one.licence} |" for one in some]
        return "\n".join(["| package | version | licence |", "|---|---|---|", *rows])

    exceptions = "\n".join(f"- **{name}**: {why}" for name, why in sorted(reviewed.exceptions.items()))
    copied = "\n".join(
        f"| {one.name} | {one.version} | {one.licence} | {', '.join(f'`{path}`' for path in one.paths)} |"
        for one in reviewed.copied
    )
    return f"""# Licences

Written by `./run supply licences`, from the packages' own metadata and [what people found out](../../supply/reviewed.toml).
This software itself is under [Apache-2.0](../../LICENSE). How this is kept true: [the supply chain](supply-chain.md).

## Part of this repository

| what | version | licence | where |
|---|---|---|---|
{copied}

## Installed where it runs

{table(line for line in lines if line.package.is_runtime)}

Exceptions, which do not go with Apache-2.0 by themselves, and why they may stay:

{exceptions}

## Only for development and tests

{table(line for line in lines if not line.package.is_runtime)}
"""
