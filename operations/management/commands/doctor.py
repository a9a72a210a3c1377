"""Try each part for real; `doctor mail` looks at the sending domain as receivers see it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations import doctor


class Command(BaseCommand):
    help = "Try each part for real and say what to do about what is wrong. Ends with status 1 when something is."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "part", nargs="?", choices=["mail"], help="mail: the sending domain's DNS and the relay's TLS."
        )
        parser.add_argument("domain", nargs="?", help="The domain to look at, instead of those of the live campaigns.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of lines.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each finding: ok or FAIL, what was found, what to do."""
        if options["part"] == "mail":
            self.mail(options["domain"], as_json=options["json"])
            return
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

    def mail(self, domain: str | None, *, as_json: bool) -> None:
        """Look at `domain`, or at every live campaign's, and print what was found."""
        try:
            domains = [doctor.as_domain(domain)] if domain else doctor.sender_domains()
        except doctor.CheckFailed as ill:
            raise CommandError(f"Not looked at: {ill.says}. {ill.do}.") from ill
        looks = [doctor.examine_domain(name) for name in domains]
        if as_json:
            self.stdout.write(
                json.dumps({"ok": all(look.ok for look in looks), "domains": [look.as_json() for look in looks]})
            )
        elif not looks:
            self.stdout.write("There is no live campaign. Name a domain: ./run doctor mail example.org")
        else:
            for look in looks:
                self.print_domain(look)
        if not all(look.ok for look in looks):
            raise SystemExit(1)

    def print_domain(self, look: doctor.DomainReport) -> None:
        """Print a domain, a line for each finding, and what it comes to."""
        marks = {
            "ok": self.style.SUCCESS("ok  "),
            "skipped": "-   ",
            "warning": self.style.WARNING("warn"),
            "unseen": self.style.ERROR("?   "),
            "wrong": self.style.ERROR("FAIL"),
        }
        self.stdout.write(look.domain)
        for finding in look.findings:
            self.stdout.write(f"{marks[finding.level]}  {finding.check:<14} {finding.summary} {finding.to_do}".rstrip())
        self.stdout.write(f"      {'=>':<14} {look.conclusion}")
