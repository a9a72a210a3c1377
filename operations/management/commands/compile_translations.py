"""Compile translations without the gettext tools."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from operations.startup_errors import Refusal


class Command(BaseCommand):
    help = "Compile every locale/*/LC_MESSAGES/*.po whose .mo is missing or older."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="Compile all of them again.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what is out of date; a file that cannot be read stops with its name and line."""
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                if options["all"] or is_stale(source):
                    count = compile_one(source)
                    self.stdout.write(f"{source.parent.parent.name}: {count} texts")


def is_stale(source: Path) -> bool:
    """Return whether the compiled form of a .po file is missing or older."""
    target = source.with_suffix(".mo")
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def compile_one(source: Path) -> int:
    """
    Write the .mo file beside `source`, in one step, and return how many texts it has.

    Raise Refusal, and leave the old file as it was, when the source is broken.
    """
    try:
        with source.open("rb") as stream:
            catalog = read_po(stream, locale=source.parent.parent.name, abort_invalid=True)
    except (PoFileError, ValueError) as fault:
        said = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        raise Refusal(f"Not done: {source} is not a translation file ({said}). Correct that line.") from fault
    for message in catalog:
        faults = [str(fault) for fault in message.check(catalog) if not message.fuzzy]
        if message.id and message.string and faults:
            raise Refusal(
                f"Not done: {source}, line {message.lineno}: the translation does not fit its source ({faults[0]})."
            )
    target = source.with_suffix(".mo")
    draft = target.with_suffix(".mo.new")
    with draft.open("wb") as stream:
        write_mo(stream, catalog)
    draft.replace(target)
    return sum(1 for message in catalog if message.id and message.string)
