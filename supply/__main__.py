"""
./run supply check [--offline]  the lock, the licences and the list in docs/developing/licences.md, the bill of materials, and what is known
                                against the packages; status 1 when something is wrong. What cannot be asked offline is said
                                and fails nothing; --offline does not ask
./run supply audit              only what is known: status 0 nothing, 1 something, 3 not checked
./run supply licences           write docs/developing/licences.md anew
./run supply sbom [--runtime] [--dated] [--out FILE]
                                the bill of materials, CycloneDX 1.6 as JSON
"""

import argparse
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from . import ROOT, Unreadable, bill_of_materials, decisions, licences, lock_file, vulnerabilities


def main(words: list[str]) -> int:
    """Do what the first word says and return the status."""
    parser = argparse.ArgumentParser(prog="./run supply", usage=__doc__)
    parser.add_argument("word", choices=["check", "audit", "licences", "sbom"])
    parser.add_argument("--runtime", action="store_true")
    parser.add_argument("--dated", action="store_true")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args(words)
    try:
        packages, reviewed = lock_file.read(), decisions.read()
        lines = licences.lines_of(packages, reviewed)
        if told.word == "audit":
            return print_audit(packages, reviewed)
        if told.word == "licences":
            licences.DOCUMENT.write_text(licences.document(lines, reviewed), encoding="utf-8")
            return report("licences", licences.faults(lines, reviewed))
        if told.word == "sbom":
            return write_bill(lines, reviewed, told)
        wrong = check(lines, reviewed)
        return wrong if told.offline else wrong | (print_audit(packages, reviewed) == 1)
    except Unreadable as fault:
        print(fault, file=sys.stderr)
        return 2


def check(lines: list[licences.Line], reviewed: decisions.Reviewed) -> int:
    """Look at all that is on this machine; return 1 when something is wrong."""
    wrong = report("lock", lock_file.faults(line.package for line in lines))
    wrong |= report("licences", licences.faults(lines, reviewed))
    is_true = licences.DOCUMENT.read_text(encoding="utf-8") == licences.document(lines, reviewed)
    wrong |= report("list", [] if is_true else ["docs/developing/licences.md is not up to date: ./run supply licences"])
    fault = bill_of_materials.fault_in(bill_of(lines, reviewed))
    return wrong | report("bill of materials", [fault] if fault else [])


def report(name: str, faults: list[str]) -> int:
    """Print a line for a part, and what is wrong with it; return the status."""
    print(f"{'FAIL' if faults else 'ok  '} {name}")
    for fault in faults:
        print(f"     {fault}")
    return 1 if faults else 0


def print_audit(packages: list[lock_file.Package], reviewed: decisions.Reviewed) -> int:
    """Print what is known against the packages; return auditing's status."""
    answer = vulnerabilities.audit(packages, reviewed.accepted, today=datetime.now(UTC).date())
    if answer.not_checked:
        print(f"???? known vulnerabilities: NOT CHECKED, {answer.not_checked}.")
    if answer.known or not answer.not_checked:
        report(f"known vulnerabilities ({len(packages)} packages)", answer.known)
    for line in answer.accepted:
        print(f"     {line}")
    return answer.status


def bill_of(
    lines: list[licences.Line], reviewed: decisions.Reviewed, *, runtime: bool = False, at: datetime | None = None
) -> str:
    """Return the bill of materials of this project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return bill_of_materials.bill(
        [line for line in lines if line.package.is_runtime or not runtime],
        reviewed.copied,
        name=project["name"],
        version=project["version"],
        licence=project["license"],
        needs=lock_file.root_needs(),
        at=at,
    )


def write_bill(lines: list[licences.Line], reviewed: decisions.Reviewed, told: argparse.Namespace) -> int:
    """Write the bill of materials where it is wanted."""
    text = bill_of(lines, reviewed, runtime=told.runtime, at=datetime.now(UTC) if told.dated else None)
    if told.out is None:
        sys.stdout.write(text)
    else:
        told.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
