"""What is publicly known against the locked packages, by pip-audit. What could not be asked is never called clean."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from .decisions import Accepted
from .lock_file import Package, requirements

SECONDS = 300
NOT_CHECKED = 3  # the status, so that a script can tell it from "nothing known" (0) and "something known" (1)


@dataclass
class Answer:
    """What is known: advisories that count, those that were accepted, and why nothing could be asked ("" if it could)."""

    known: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    not_checked: str = ""

    @property
    def status(self) -> int:
        """Return 1 when something is known, 3 when not everything could be asked, 0 when nothing is known."""
        return 1 if self.known else NOT_CHECKED if self.not_checked else 0


def audit(packages: Iterable[Package], accepted: Iterable[Accepted], *, today: date) -> Answer:
    """Ask the advisory database about every locked version, tests' packages included."""
    with tempfile.TemporaryDirectory(prefix="supply-") as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(requirements(packages), encoding="utf-8")
        words = ["--requirement", str(file), "--require-hashes", "--disable-pip", "--format", "json"]
        return judge(*run_pip_audit(words), accepted, today=today)


def run_pip_audit(words: list[str]) -> tuple[str, str]:
    """Run pip-audit; return what it printed, and what it said beside."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--timeout", "15", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return "", "it took too long"
    return done.stdout, done.stderr


def judge(printed: str, said: str, accepted: Iterable[Accepted], *, today: date) -> Answer:
    """Return what an answer of pip-audit means. Only one that names packages is an answer."""
    try:
        rows = json.loads(printed)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Answer(not_checked=f"the advisory database could not be reached ({reason(said)})")
    answer = Answer()
    by_id = {one.id: one for one in accepted}
    for row in rows:
        for advisory in row.get("vulns", ()):
            classify(answer, row, advisory, by_id, today=today)
    left_out = [row for row in rows if "vulns" not in row]
    if left_out or not rows:
        first = f"{left_out[0]['name']}: {left_out[0].get('skip_reason', '')}"[:160] if left_out else "no answer"
        answer.not_checked = f"the advisory database did not answer for {len(left_out)} packages ({first})"
    return answer


def classify(
    answer: Answer, row: dict[str, Any], advisory: dict[str, Any], by_id: dict[str, Accepted], *, today: date
) -> None:
    """Sort one advisory: accepted for now, or not."""
    names = [advisory["id"], *advisory.get("aliases", ())]
    mends = ", ".join(advisory.get("fix_versions", ())) or "nothing yet"
    line = f"{row['name']} {row['version']}: {advisory['id']}, mended in {mends}"
    held = next((by_id[name] for name in names if name in by_id), None)
    if held is None:
        answer.known.append(line)
    elif held.until < today:
        answer.known.append(f"{line}. It was accepted until {held.until}: look again.")
    else:
        answer.accepted.append(f"{line}. Accepted until {held.until}: {held.because}")


def reason(said: str) -> str:
    """Return the last line of what a program said, cut short."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "no reason given"
