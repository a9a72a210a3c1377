"""What people have decided about packages (supply/reviewed.toml): licences, exceptions, what is copied in, advisories."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from . import REVIEWED, Unreadable


@dataclass(frozen=True)
class Copied:
    """Something of others that is part of this repository."""

    name: str
    version: str
    licence: str
    paths: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Accepted:
    """A known vulnerability that stays for a reason, and until when."""

    id: str
    because: str
    until: date


@dataclass(frozen=True)
class Reviewed:
    """What people have decided: licences by package, exceptions with their reasons by package, copies, advisories."""

    licences: dict[str, str]
    exceptions: dict[str, str]
    copied: tuple[Copied, ...]
    accepted: tuple[Accepted, ...]


def read(file: Path = REVIEWED) -> Reviewed:
    """Return what is decided. Raise Unreadable for a file that lacks a reason or a date."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        copied = [
            Copied(one["name"], one["version"], one["licence"], tuple(one["paths"]), one["text"])
            for one in told.get("copied", ())
        ]
        accepted = [Accepted(one["id"], one["because"], one["until"]) for one in told.get("advisories", ())]
        exceptions = {one["package"]: one["because"] for one in told.get("exceptions", ())}
        if not all([*exceptions.values(), *(one.because for one in accepted)]):
            raise ValueError("because")
        if not all(isinstance(one.until, date) for one in accepted):
            raise ValueError("until")
        return Reviewed(dict(told.get("licences", {})), exceptions, tuple(copied), tuple(accepted))
    except (OSError, ValueError, KeyError) as fault:
        raise Unreadable(f"{file.name} cannot be used: {fault} is missing or not as it should be.") from fault
