"""Which code runs here. It needs no settings: whoever asks may have none that can be used."""

import platform
import re
import tomllib
from functools import cache
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
BUILT_FROM = BASE_DIR / "COMMIT"  # written where the code is copied without its history, as into an image


@cache
def release() -> str:
    """Return the version in pyproject.toml, and after a plus sign the commit where it is known."""
    known = commit()
    return "@".join(name_and_version()) + (f"+{known[:12]}" if known else "")


def as_line() -> str:
    """Return name, version and commit, and what it runs on, for people."""
    import django

    known = commit()
    built = f"commit {known[:12]}" if known else "commit unknown"
    return (
        f"{' '.join(name_and_version())} ({built}), Django {django.get_version()}, Python {platform.python_version()}"
    )


def name_and_version() -> tuple[str, str]:
    """Return what pyproject.toml says."""
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["name"], project["version"]


@cache
def commit() -> str:
    """
    Return the commit (40 hexadecimal digits) that is checked out, or that the file COMMIT names; "" where neither is known.
    """
    try:
        if BUILT_FROM.is_file():
            return BUILT_FROM.read_text(encoding="ascii").strip()
        folder = BASE_DIR / ".git"
        if folder.is_file():  # a work tree beside another one
            folder = BASE_DIR / folder.read_text(encoding="utf-8").removeprefix("gitdir: ").strip()
        head = (folder / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        if (folder / "commondir").is_file():
            folder = folder / (folder / "commondir").read_text(encoding="utf-8").strip()
        loose = folder / name
        if loose.is_file():
            return loose.read_text(encoding="ascii").strip()
        found = re.search(rf"^([0-9a-f]{{40}}) {re.escape(name)}$", (folder / "packed-refs").read_text(), re.M)
    except (OSError, UnicodeError):
        return ""
    return found[1] if found else ""
