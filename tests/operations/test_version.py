"""Which code runs here, as somebody asks for it at the keyboard."""

import platform
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import django
import pytest
from django.utils import timezone

from operations import version
from tests.upgrades import released

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    version.commit.cache_clear()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that counts as the top of the code."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.setattr(version, "BASE_DIR", tmp_path)
    monkeypatch.setattr(version, "BUILT_FROM", tmp_path / "COMMIT")
    return tmp_path


def test_the_command_tells_our_version_without_any_settings():
    for word in ("version", "--version"):
        told = subprocess.run(
            [sys.executable, "manage.py", word],
            cwd=ROOT,
            env={"DATABASE_URL": "nonsense", "ENV_FILE": "/dev/null"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert told.startswith("crisis-bulletins ") and "commit" in told
        assert f"Django {django.get_version()}, Python {platform.python_version()}" in told


def test_the_commit_comes_from_the_history_beside_the_code(checkout):
    refs = checkout / ".git" / "refs" / "heads"
    refs.mkdir(parents=True)
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (refs / "main").write_text(f"{COMMIT}\n")

    assert version.as_line().startswith(f"crisis-bulletins {version.name_and_version()[1]} (commit 0123456789ab), ")


def test_a_work_tree_beside_another_one_has_its_history_there(checkout):
    folder = checkout / "elsewhere" / ".git"
    (folder / "worktrees" / "one").mkdir(parents=True)
    (checkout / ".git").write_text(f"gitdir: {folder}/worktrees/one\n")
    (folder / "worktrees" / "one" / "HEAD").write_text("ref: refs/heads/one\n")
    (folder / "worktrees" / "one" / "commondir").write_text("../..\n")
    (folder / "packed-refs").write_text(f"{COMMIT} refs/heads/one\n")

    assert version.commit() == COMMIT


def test_an_image_names_its_commit_in_a_file(checkout):
    (checkout / "COMMIT").write_text(f"{COMMIT}\n")

    assert version.commit() == COMMIT


def test_code_without_a_history_says_so(checkout):
    assert version.as_line().startswith(f"crisis-bulletins {version.name_and_version()[1]} (commit unknown), ")


def test_the_changelog_dates_the_version_that_runs():
    """Above it there may be what is not released yet."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    newest = next((heading for heading in headings if heading != "Unreleased"), None)
    if newest is None:
        assert version.name_and_version()[1].startswith("0.") and not released()
        return
    number, day = newest.split(" – ")
    assert number == version.name_and_version()[1]
    assert date.fromisoformat(day) <= timezone.localdate()
    assert number in released() or not number.endswith(".0"), "python -m tests.upgrades.store"
