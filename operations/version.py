"""Which code runs here."""

import re
import tomllib
from functools import cache

from django.conf import settings


@cache
def release() -> str:
    """Return the version in pyproject.toml, and after a plus sign the commit where it is known."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = commit()
    return f"{project['name']}@{project['version']}" + (f"+{known[:12]}" if known else "")


@cache
def commit() -> str:
    """Return the commit (40 hexadecimal digits) that is checked out, "" where the code came without its history."""
    folder = settings.BASE_DIR / ".git"
    try:
        head = (folder / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        loose = folder / name
        if loose.is_file():
            return loose.read_text(encoding="ascii").strip()
        found = re.search(rf"^([0-9a-f]{{40}}) {re.escape(name)}$", (folder / "packed-refs").read_text(), re.M)
    except (OSError, UnicodeError):
        return ""
    return found[1] if found else ""
