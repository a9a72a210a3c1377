"""
Reading YAML files that people edit: each mapping knows its line, and what is wrong is one sentence with file, line and field.

`yaml_item` parses a file that is one mapping; its values are checked as they are read (Item).
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import yaml

HASHTAG = re.compile(r"#\w+\Z")


class ContentError(Exception):
    """A content file that cannot be used. The text is one sentence for whoever edits the files."""


class Lines(dict[str, Any]):
    """A YAML mapping that remembers the line on which it begins."""

    line = 1


class LineLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml takes a sixth of the time
    """YAML without surprises: mappings know their line, and a key that comes twice is an error."""

    def mapping(self, node: yaml.MappingNode) -> Iterator[Lines]:
        """Build a mapping. Raise a YAML error for a repeated key."""
        data = Lines()
        data.line = node.start_mark.line + 1
        yield data
        keys = [key.value for key, _ in node.value]
        if repeated := next((key for key in keys if keys.count(key) > 1), None):
            raise yaml.constructor.ConstructorError(None, None, f"the key {repeated!r} comes twice", node.start_mark)
        data.update({str(key): value for key, value in self.construct_mapping(node).items()})


LineLoader.add_constructor("tag:yaml.org,2002:map", LineLoader.mapping)


@dataclass(frozen=True)
class Item:
    """One mapping of a content file: its values, checked as they are read, and where it stands."""

    data: Mapping[str, Any]
    file: str
    line: int
    path: str = ""
    languages: tuple[str, ...] = ()

    def fault(self, key: str, says: str) -> ContentError:
        """Return the error for one field."""
        return ContentError(f"{self.file}, line {self.line}: {self.path}{key} {says}.")

    def get(self, key: str) -> Any:
        """Return a value that has to be there, null included."""
        if key not in self.data:
            raise self.fault(key, "is missing")
        return self.data[key]

    def text(self, key: str, longest: int | None = None) -> str:
        """Return a text that is not empty and has at most `longest` characters."""
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, "has no text")
        if longest and len(value) > longest:
            raise self.fault(key, f"has {len(value)} characters; at most {longest} fit")
        return value.strip()

    def number(self, key: str, optional: bool = False) -> int | None:
        """Return a whole number that is not negative."""
        value = self.get(key)
        if optional and value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fault(key, f"is {value!r}; it should be a whole number")
        return value

    def choice(self, key: str, choices: Container[Any]) -> str:
        """Return one of `choices`."""
        value = self.get(key)
        if value not in choices:
            known = f"; known are {', '.join(map(str, choices))}" if isinstance(choices, list | tuple) else ""
            raise self.fault(key, f"is {value!r}, which nothing defines{known}")
        return str(value)

    def choices(self, key: str, choices: Container[Any]) -> list[str]:
        """Return a list of texts that are all known."""
        values = self.texts(key)
        if unknown := next((value for value in values if value not in choices), None):
            raise self.fault(key, f"names {unknown!r}, which nothing defines")
        return values

    def hours(self, key: str) -> float:
        """Return a number of hours that is not negative."""
        value = self.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise self.fault(key, "should be a number of hours")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        values = self.get(key)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.fault(key, "should be a list of texts")
        return values

    def day(self, key: str, optional: bool = False) -> date | None:
        """Return a date."""
        value = self.get(key)
        if optional and value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fault(key, f"is {str(value)!r}; write a date like 2020-03-17")
        return value

    def moment(self, key: str, optional: bool = False) -> datetime | None:
        """Return a moment with its offset from UTC."""
        value = self.get(key)
        if optional and value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.fault(key, f"is {str(value)!r}; write a moment like 2020-03-17T16:00:00+02:00")
        return value

    def clock(self, key: str) -> time | None:
        """Return a local time of day, or None when the field is not there."""
        if self.data.get(key) is None:
            return None
        try:
            return time.fromisoformat(self.data[key])
        except (TypeError, ValueError):
            raise self.fault(key, f"is {self.data[key]!r}; write a time like '16:00'") from None

    def url(self, key: str) -> str:
        """Return a web address."""
        value = self.text(key, 500)
        if not value.startswith("https://"):
            raise self.fault(key, f"is {value!r}; it should begin with https://")
        return value

    def hashtags(self, key: str) -> list[str]:
        """Return hashtags, at least one."""
        values = self.texts(key)
        if not values or not all(HASHTAG.match(value) for value in values):
            raise self.fault(key, "should be hashtags like #coronafacts")
        return values

    def translated(self, key: str, longest: int | None = None) -> dict[str, str]:
        """Return {language: text}, in every language of the campaign."""
        inner = self.item(key)
        return {language: inner.text(language, longest) for language in self.languages}

    def item(self, key: str) -> "Item":
        """Return the mapping under `key`."""
        value = self.get(key)
        if not isinstance(value, Lines):
            raise self.fault(key, "should be a mapping")
        return Item(value, self.file, value.line + self.line_offset, f"{self.path}{key}.", self.languages)

    def items(self, key: str) -> list["Item"]:
        """Return the list of mappings under `key`."""
        return items_of(self.get(key), self, f"{self.path}{key}")

    @property
    def line_offset(self) -> int:
        """By how many lines the YAML is below the top of its file."""
        return self.line - self.data.line if isinstance(self.data, Lines) else 0


def items_of(values: Any, parent: Item, path: str) -> list[Item]:
    """Return every mapping of a list as an Item, or raise ContentError when it is something else."""
    if not isinstance(values, list) or not all(isinstance(value, Lines) for value in values):
        raise ContentError(f"{parent.file}, line {parent.line}: {path} should be a list of mappings.")
    return [
        Item(value, parent.file, value.line + parent.line_offset, f"{path}[{n}].", parent.languages)
        for n, value in enumerate(values, start=1)
    ]


def read_text(folder: Path, name: str) -> str:
    """Return the text of a content file."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContentError(f"{name} is missing from {folder}.") from None
    except OSError as fault:
        raise ContentError(f"{name} cannot be read ({fault.strerror}).") from None
    except UnicodeDecodeError as fault:
        raise ContentError(f"{name} is not UTF-8 (byte {fault.start}).") from None


def parse_yaml(text: str, name: str, above: int = 0) -> Any:
    """Parse YAML that begins `above` lines below the top of the file `name`."""
    try:
        return yaml.load(text, LineLoader)  # noqa: S506  (a SafeLoader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 + above if mark else 1
        raise ContentError(f"{name}, line {line}: not valid YAML ({fault.problem}).") from None
    except yaml.YAMLError as fault:
        raise ContentError(f"{name}: not valid YAML ({str(fault).splitlines()[0]}).") from None
    except ValueError as fault:  # a date such as 2020-13-45
        line = next((n for n, row in enumerate(text.splitlines(), 1) if impossible_date(row)), 0)
        raise ContentError(f"{name}{f', line {line + above}' if line else ''}: not a date ({fault}).") from None


def impossible_date(row: str) -> bool:
    """Return whether a line holds something that is written like a date and is none."""
    for found in re.findall(r"\b\d{4}-\d\d-\d\d\b", row):
        try:
            date.fromisoformat(found)
        except ValueError:
            return True
    return False


def yaml_item(text: str, name: str, languages: tuple[str, ...], above: int = 0) -> Item:
    """Parse a YAML file that is one mapping."""
    data = parse_yaml(text, name, above)
    if not isinstance(data, Lines):
        raise ContentError(f"{name}: should be a mapping.")
    return Item(data, name, data.line + above, "", languages)
