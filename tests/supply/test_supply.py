"""What it is built from: locked with hashes, under licences that fit, with a bill; and what could not be asked is said."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supply import ROOT, Unreadable, bill_of_materials, decisions, licences, lock_file, vulnerabilities
from supply import __main__ as door
from supply.decisions import Accepted, Copied, Reviewed
from supply.lock_file import File, Package

TODAY = date(2026, 11, 26)
NONE = Reviewed({}, {}, (), ())
HASH = "sha256:" + "0a" * 32


def package(name: str = "thing", **changes: Any) -> Package:
    """A package as it should be."""
    at = "https://files.example.org/thing-1.tar.gz"
    whole = Package(name, "1", (("registry", "https://index.example.org"),), (File(at, HASH),), (), True)
    return replace(whole, **changes)


# --- The lock ----------------------------------------------------------------------------------------


def test_every_locked_package_has_hashes_and_comes_from_the_index():
    packages = lock_file.read()
    assert lock_file.faults(packages) == []
    names = {one.name: one for one in packages}
    assert names["django"].is_runtime and not names["pytest"].is_runtime
    # By an extra of a package that we ask for.
    assert names["fido2"].is_runtime


def test_a_lock_that_cannot_be_trusted_is_refused():
    cases = {
        "from a repository": package(source=(("git", "https://code.example.org/thing"),)),
        "from a path": package(source=(("directory", "../thing"),)),
        "without files": package(files=()),
        "without a hash": package(files=(File("https://files.example.org/x", ""),)),
        "with a weak hash": package(files=(File("https://files.example.org/x", "md5:" + "0" * 32),)),
        "not over https": package(files=(File("http://files.example.org/x", HASH),)),
    }
    assert [name for name, one in cases.items() if not lock_file.faults([one])] == []
    other = package("other", source=(("registry", "https://elsewhere.example.org"),))
    assert "2 indexes" in lock_file.faults([package(), other])[0]
    assert lock_file.faults([package()]) == []


def test_what_cannot_be_read_says_what_to_do(tmp_path: Path):
    (tmp_path / "uv.lock").write_text("[[package]]\nname = 'x'\n")
    with pytest.raises(Unreadable, match="uv lock"):
        lock_file.read(tmp_path / "uv.lock")


def test_everybody_installs_from_the_lock_only():
    """Whatever installs packages takes the locked ones; only the installer itself comes without."""
    wrong = []
    for name in ("run", "deploy/Dockerfile", "deploy/prepare"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if re.search(r"(uv|\$uv)\"? sync", line) and "--frozen" not in line:
                wrong.append(f"{name}: {line.strip()}")
            if "pip install" in line and not re.search(r"\b\"?uv\b[^ ]*\"?( \|\||$)", line):
                wrong.append(f"{name}: {line.strip()}")
    assert wrong == []


# --- Licences ----------------------------------------------------------------------------------------


def test_the_licences_fit_and_the_list_is_true():
    reviewed = decisions.read()
    lines = licences.lines_of(lock_file.read(), reviewed)
    assert licences.faults(lines, reviewed) == []
    assert licences.DOCUMENT.read_text(encoding="utf-8") == licences.document(lines, reviewed)


def test_licences_that_do_not_fit_are_refused_unless_somebody_said_why():
    def found(licence: str, reviewed: Reviewed = NONE) -> list[str]:
        return licences.faults([licences.Line(package(), licence)], reviewed, root=ROOT / "supply")

    refused = ["AGPL-3.0-only", "GPL-2.0-or-later", "LGPL-3.0-only", "MIT AND GPL-3.0-only", "SSPL-1.0", "BSD", ""]
    assert [one for one in refused if not found(one)] == []
    taken = ["MIT", "Apache-2.0 OR GPL-3.0-only", "MIT AND PSF-2.0", "MPL-2.0"]
    assert [one for one in taken if found(one)] == []
    assert found("LGPL-3.0-only", replace(NONE, exceptions={"thing": "used unchanged"})) == []
    assert "what is not there" in found("MIT", replace(NONE, exceptions={"gone": "used unchanged"}))[0]


def test_a_copy_of_somebody_elses_file_has_to_be_listed(tmp_path: Path):
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "Other.woff2").write_bytes(b"wOF2")
    assert "looks like a copy" in licences.faults([], NONE, root=tmp_path)[0]
    listed = Copied("Other", "1", "OFL-1.1", ("fonts",), "fonts/OFL.txt")
    (missing,) = licences.faults([], replace(NONE, copied=(listed,)), root=tmp_path)
    assert missing == "Other: fonts/OFL.txt is not there."
    (tmp_path / "fonts" / "OFL.txt").write_text("SIL Open Font License")
    assert licences.faults([], replace(NONE, copied=(listed,)), root=tmp_path) == []


# --- Known vulnerabilities ---------------------------------------------------------------------------


def answer_of(*rows: dict[str, Any], accepted: tuple[Accepted, ...] = ()) -> vulnerabilities.Answer:
    """What an answer of pip-audit means."""
    return vulnerabilities.judge(json.dumps({"dependencies": rows}), "", accepted, today=TODAY)


CLEAN = {"name": "thing", "version": "1", "vulns": []}
BAD = {
    "name": "other",
    "version": "2",
    "vulns": [{"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.1"]}],
}
SKIPPED = {"name": "third", "skip_reason": "not found"}


def test_nothing_known_is_said_only_when_everything_was_asked():
    assert answer_of(CLEAN).status == 0
    for answer in (
        answer_of(),
        answer_of(CLEAN, SKIPPED),
        vulnerabilities.judge("", "ERROR: connection refused", (), today=TODAY),
        vulnerabilities.judge("<html>", "", (), today=TODAY),
        vulnerabilities.judge("[]", "", (), today=TODAY),
    ):
        assert answer.status == vulnerabilities.NOT_CHECKED and answer.not_checked
    found = answer_of(CLEAN, BAD, SKIPPED)
    assert found.status == 1 and found.known == ["other 2: PYSEC-2026-1, mended in 2.1"]


def test_an_advisory_is_accepted_until_its_day_by_any_of_its_names():
    def accepted(name: str, until: date) -> vulnerabilities.Answer:
        return answer_of(BAD, accepted=(Accepted(name, "does not reach us", until),))

    for name in ("PYSEC-2026-1", "CVE-2026-1"):
        assert accepted(name, TODAY).status == 0
        assert accepted(name, date(2026, 11, 25)).status == 1
    assert accepted("CVE-2026-2", TODAY).status == 1


def test_offline_is_said_as_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The real pip-audit, with nobody at the other end."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setattr(lock_file, "read", lambda: [package("django", version="6.1.3")])
    assert door.main(["audit"]) == vulnerabilities.NOT_CHECKED
    said = capsys.readouterr().out
    assert "NOT CHECKED" in said and "ok" not in said.split()


def test_a_check_fails_for_what_is_known_and_not_for_what_could_not_be_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door, "check", lambda *_: 0)
    answers = {
        0: vulnerabilities.Answer(),
        1: vulnerabilities.Answer(known=["x"]),
        3: vulnerabilities.Answer(not_checked="no network"),
    }
    for status, answer in answers.items():
        monkeypatch.setattr(vulnerabilities, "audit", lambda *_, answer=answer, **__: answer)
        assert door.main(["audit"]) == status
        assert door.main(["check"]) == (status == 1)


def test_a_decision_without_a_reason_or_a_date_is_refused(tmp_path: Path):
    file = tmp_path / "reviewed.toml"
    for text in (
        '[[advisories]]\nid = "X"\nuntil = 2026-12-31\n',
        '[[advisories]]\nid = "X"\nbecause = ""\nuntil = 2026-12-31\n',
        '[[advisories]]\nid = "X"\nbecause = "so"\nuntil = "soon"\n',
        '[[exceptions]]\npackage = "x"\nbecause = ""\n',
    ):
        file.write_text(text)
        with pytest.raises(Unreadable):
            decisions.read(file)


# --- The bill of materials ---------------------------------------------------------------------------


def test_the_bill_is_valid_whole_and_the_same_each_time(tmp_path: Path):
    made = [tmp_path / f"{number}.json" for number in range(2)]
    for file in made:  # in processes of their own: another order of hashing
        subprocess.run([sys.executable, "-m", "supply", "sbom", "--out", str(file)], cwd=ROOT, check=True)
    text = made[0].read_text(encoding="utf-8")
    assert text == made[1].read_text(encoding="utf-8")
    assert bill_of_materials.fault_in(text) == ""
    assert str(ROOT) not in text and "timestamp" not in text

    bill = json.loads(text)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = {one["name"]: one for one in bill["components"]}
    packages = lock_file.read()
    assert {one.name for one in packages} | {
        "Inter",
        "Manrope",
        "Noto Sans Arabic",
        "Source Serif Pro",
        "Material Symbols",
        "CodeMirror",
    } == parts.keys()
    django = parts["django"]
    (locked,) = [one for one in packages if one.name == "django"]
    assert django["purl"] == f"pkg:pypi/django@{locked.version}"
    assert django["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    hashes = {one["hashes"][0]["content"] for one in django["externalReferences"]}
    assert hashes == {file.hash.removeprefix("sha256:") for file in locked.files}
    (needs,) = [one["dependsOn"] for one in bill["dependencies"] if one["ref"] == django["bom-ref"]]
    assert any(one.startswith("asgiref==") for one in needs)


def test_a_dated_bill_of_what_runs(tmp_path: Path):
    assert door.main(["sbom", "--runtime", "--dated", "--out", str(tmp_path / "bill.json")]) == 0
    bill = json.loads((tmp_path / "bill.json").read_text())
    names = {one["name"] for one in bill["components"]}
    assert "django" in names and "pytest" not in names and bill["metadata"]["timestamp"]
