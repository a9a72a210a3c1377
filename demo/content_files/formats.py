"""What the demo's files have besides YAML: Markdown below front matter, tables, and addresses that belong to nobody."""

import csv
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from lib.yaml_files import ContentError, Item, read_text, yaml_item

OWN_ADDRESS = re.compile(r"[^@\s]+@example\.(org|net|com)\Z")


def own_address(item: Item, key: str) -> str:
    """Return an email address of ours: on example.org, .net or .com, which belong to nobody."""
    value = item.text(key)
    if not OWN_ADDRESS.match(value):
        raise item.fault(key, f"is {value!r}; demo addresses are on example.org, example.net or example.com")
    return value


def moment_of(item: Item, key: str) -> datetime:
    """Return a moment that has to be there."""
    value = item.moment(key)
    assert value is not None
    return value


def markdown(text: str, name: str, languages: tuple[str, ...]) -> tuple[Item, str]:
    """Return the front matter of a Markdown file and its body without the title, which the front matter has."""
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ContentError(f"{name}: should begin with front matter between two lines of ---.")
    front = yaml_item(parts[1], name, languages, above=1)
    body = re.sub(r"\A\s*# .*\n", "", parts[2]).strip()
    if not body:
        raise ContentError(f"{name}: there is no text below the front matter.")
    return front, body


def table(folder: Path, name: str, columns: Sequence[str]) -> list[Item]:
    """Return the rows of a CSV file, each field filled in."""
    rows = csv.DictReader(read_text(folder, name).splitlines())
    if list(rows.fieldnames or []) != list(columns):
        raise ContentError(f"{name}, line 1: the columns should be {', '.join(columns)}.")
    found = [Item(row, name, rows.line_num) for row in rows]
    for row in found:
        for column in columns:
            row.text(column)
    return found
