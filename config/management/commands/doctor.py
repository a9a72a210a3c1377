"""Try each part for real."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import doctor


class Command(BaseCommand):
    help = "Try each part for real and say what to do about what is wrong. Ends with status 1 when something is."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of lines.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each part: ok or FAIL, what was found, what to do."""
        findings = doctor.examine()
        if options["json"]:
            self.stdout.write(json.dumps(doctor.as_json(findings)))
        else:
            for finding in findings:
                mark = self.style.SUCCESS("ok  ") if finding.ok else self.style.ERROR("FAIL")
                line = f"{mark}  {finding.name:<14} {finding.says}"
                self.stdout.write(f"{line}. {doctor.advice(finding)}" if finding.do else line)
        if not all(finding.ok for finding in findings):
            raise SystemExit(1)
