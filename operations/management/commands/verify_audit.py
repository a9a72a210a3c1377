"""Verify the audit log."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.audit import chain
from agreement import audit_check
from operations.backups import backup

SHOWN = 20  # findings of one kind that are told one by one


class Command(BaseCommand):
    help = "Read the whole audit log, and look whether what two people agreed to still says what they read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what was noted elsewhere."""
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="a newest seal that was noted elsewhere, such as in a process's log; may be given several times",
        )
        parser.add_argument(
            "--backups",
            type=Path,
            metavar="FOLDER",
            help="the newest seal of every back-up in this folder counts as well",
        )
        parser.add_argument(
            "--accept-key",
            metavar="KEY",
            help="write into the log that this key is lost, so that what it sealed counts by its fingerprints",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, head: list[str], backups: Path | None, accept_key: str | None, **options: Any) -> None:
        """Print what is wrong, or that all is well. Status 1 when something is wrong."""
        now = timezone.now()
        try:
            heads = [chain.parse_head(one) for one in head]
        except ValueError as fault:
            raise CommandError(f"{fault} is no NUMBER:DIGEST. Nothing was checked.") from fault
        if backups is not None:
            heads += self.newest_seals(backups)
        if accept_key is not None:
            self.accept(accept_key, at=now)
        tell = None if options["json"] else self.tell
        report = chain.verify(at=now, heads=heads, progress=tell)
        changed = list(audit_check.faults())
        if options["json"]:
            agreed = [fault._asdict() for fault in changed]
            self.stdout.write(json.dumps(as_json(report) | {"ok": not (report.faults or changed), "agreed": agreed}))
        else:
            for line in [*as_text(report), *(f"FAIL {fault.kind} {fault.key}: {fault.what}" for fault in changed)]:
                self.stdout.write(line)
        if report.faults or changed:
            raise SystemExit(1)

    def newest_seals(self, folder: Path) -> list[tuple[int, str]]:
        """Return the newest seal of each back-up in a folder."""
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}. Nothing was checked.")
        manifests = [json.loads((one / backup.MANIFEST).read_text()) for one in backup.complete(folder)]
        return [chain.parse_head(one["audit_head"]) for one in manifests if "audit_head" in one]

    def accept(self, key: str, *, at: Any) -> None:
        """Note that a key is lost, and seal that."""
        try:
            chain.accept_key(key, at=at)
        except LookupError as fault:
            raise CommandError(f"No seal was made with the key {key}. Nothing was changed.") from fault
        chain.seal_waiting(at=at)

    def tell(self, done: int, total: int) -> None:
        """Tell how far it is, beside the output, when it takes long."""
        if total > 20 * chain.AT_ONCE and done % (10 * chain.AT_ONCE) == 0:
            self.stderr.write(f"{done:,} of {total:,} …", str)


def as_json(report: chain.Report) -> dict[str, Any]:
    """Return a report as plain data."""
    return {
        "ok": not report.faults,
        "seals": report.seals,
        "head": f"{report.head}:{report.digest}",
        "counts": dict(report.counts),
        "findings": [asdict(one) | {"says": str(one)} for one in report.findings],
    }


def as_text(report: chain.Report) -> list[str]:
    """Return a report as lines to read."""
    lines = []
    for kind, number in report.counts.items():
        some = [one for one in report.findings if one.kind == kind][:SHOWN]
        sign = "look" if kind in chain.REMARKS else "FAIL"
        lines += [f"{sign} {one}" for one in some]
        if number > len(some):
            lines.append(f"{sign} … and {number - len(some):,} more like it")
    if report.faults:
        lines.append(
            "The audit log does not hold. Keep a copy of the database as it is, and see docs/operating/data/audit-log.md."
        )
    else:
        lines.append(f"ok   The audit log holds: {report.seals:,} entries, each sealed and in its place.")
    lines.append(f"     Its newest seal, to be noted elsewhere: {report.head}:{report.digest}")
    return lines
