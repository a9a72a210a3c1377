"""
A folder of YAML files that each stand on their own: what can be used of them, and a sentence about each that cannot.

A file is parsed again when it has changed; a broken one keeps no other from being used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .yaml_files import ContentError


@dataclass(frozen=True)
class Shelf[T]:
    """What can be used, by its slug, and a sentence about each file that cannot."""

    usable: dict[str, T]
    faults: list[str]


def shelf[T](folder: Path, parse: Callable[[str, Path], T]) -> Shelf[T]:
    """Return what is in a folder, each file read by `parse` from its slug and the folder."""
    usable: dict[str, T] = {}
    faults = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            usable[path.stem] = read(path.stem, folder, parse)
        except ContentError as fault:
            faults.append(str(fault))
    return Shelf(usable, faults)


def read[T](slug: str, folder: Path, parse: Callable[[str, Path], T]) -> T:
    """Return one by its slug, as its file is now. Raise ContentError."""
    try:
        changed = (folder / f"{slug}.yaml").stat().st_mtime_ns
    except OSError:
        raise ContentError(f"{slug}.yaml is missing from {folder}.") from None
    found = _read(slug, folder, parse, changed)
    if isinstance(found, str):
        raise ContentError(found)
    return found  # type: ignore[return-value]  # what `parse` returned


@lru_cache(maxsize=64)
def _read(slug: str, folder: Path, parse: Callable[[str, Path], object], _changed: int) -> object:
    try:
        return parse(slug, folder)
    except ContentError as fault:
        return str(fault)
