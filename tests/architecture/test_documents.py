"""What can be set or called is written down; what should not be written anywhere is not."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.runner import lint

from . import PACKAGES, ROOT

WORDS_OF_RUN = (
    "demo",
    "test",
    "faults",
    "rehearse",
    "fuzz",
    "lint",
    "serve",
    "doctor",
    "bench",
    "docs",
    "supply",
    "manage",
)
NOT_IN_THE_EXAMPLE = {"ENV_FILE"}  # it names the file that .env.example is the example of


def settings_read() -> set[str]:
    """Return the names of the environment variables that config/settings/ reads."""
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "config" / "settings").glob("*.py")]
    return {
        node.args[0].value
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def named_in(text: str) -> set[str]:
    """Return the words in capitals of a text."""
    return set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", text))


def test_every_setting_is_described():
    text = (ROOT / "docs/operating/settings.md").read_text(encoding="utf-8")
    assert sorted(settings_read() - named_in(text)) == []


def test_every_setting_is_in_the_example():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert sorted(settings_read() - named_in(text) - NOT_IN_THE_EXAMPLE) == []


def test_the_example_sets_nothing_that_nobody_reads():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {match[1] for line in lines if (match := re.match(r"#?\s?([A-Z][A-Z0-9_]+)=", line))}
    assert sorted(named - settings_read()) == []


def our_commands() -> list[str]:
    """Return the names of our management commands."""
    return sorted(
        path.stem
        for package in PACKAGES
        for path in (ROOT / package / "management" / "commands").glob("*.py")
        if not path.stem.startswith("_")
    )


@pytest.mark.parametrize("command", our_commands())
def test_every_management_command_is_described(command):
    assert command in (ROOT / "docs/operating/commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", WORDS_OF_RUN)
def test_every_word_of_run_is_described_and_explained_by_run_itself(word):
    assert f"./run {word}" in (ROOT / "docs/operating/commands.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{word}\b", (ROOT / "run").read_text(encoding="utf-8"))


def test_a_commit_is_checked_for_everything_that_lint_looks_at():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    called = {word for hook in hooks for word in hook["entry"].removeprefix("./run lint").split()}
    assert called == set(lint.STEPS)


@pytest.mark.parametrize("name", ["run", ".ci/run", "manage.py"])
def test_the_doors_can_be_opened(name):
    assert (ROOT / name).stat().st_mode & 0o111, f"chmod +x {name}"


def project_files() -> list[Path]:
    """Return what git has, or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


# Written apart, so that this file does not find itself.
UNWANTED = (
    "../" + "shared",
    "/" + "work/",
    "/" + "root/",
    "pypi" + ".org",
    "files." + "pythonhosted.org",
    "registry." + "npmjs.org",
)


def test_no_file_names_a_place_that_only_one_machine_has():
    found = []
    for path in project_files():
        if path.name == "uv.lock":
            continue
        content = path.read_bytes()
        if b"\0" in content[:4096]:
            continue
        text = content.decode(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in UNWANTED if word in text]
    assert found == []


def test_every_file_that_a_document_names_exists():
    files = project_files()
    names = {path.name for path in files}
    folders = {path.relative_to(ROOT).parts[0] for path in files}
    found = []
    for path in files:
        if path.suffix != ".md" or path.name == "CHANGELOG.md" or "content" in path.parts:
            continue
        for name in re.findall(r"`([\w./-]+\.(?:py|html|js|css))`", path.read_text(encoding="utf-8")):
            there = name in names if "/" not in name else (ROOT / name).is_file() or name.split("/")[0] not in folders
            if not there:
                found.append(f"{path.relative_to(ROOT)}: {name}")
    assert found == []


def test_the_map_of_the_architecture_is_that_of_the_layers():
    page = (ROOT / "docs/developing/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) ?\|$", page, re.MULTILINE)
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ][0]
    assert [app for app, _ in rows] == [app for layer in contract["layers"] for app in layer.split(" | ")]
    usual = {"admin", "management", "migrations", "models", "templatetags", "formats"}
    for app, packages in rows:
        there = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - usual
        assert set(re.findall(r"`(\w+)`", packages)) == there, app


def test_the_vocabulary_names_classes_that_exist():
    words = set(re.findall(r"`([A-Z][a-z]\w+)`", (ROOT / "docs/developing/vocabulary.md").read_text(encoding="utf-8")))
    code = "\n".join(path.read_text(encoding="utf-8") for path in project_files() if path.suffix == ".py")
    assert sorted(word for word in words if f"\nclass {word}(" not in code and f"\nclass {word}:" not in code) == []


def anchors(path: Path) -> set[str]:
    """Return what a link can name behind its #: the headings, written as GitHub and the site of the documents do."""
    text = re.sub(r"^(```|~~~).*?^\1", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+?)\s*$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_of_a_document_leads_to_a_page_and_a_heading():
    docs, found = ROOT / "docs", []
    for path in project_files():
        if path.suffix != ".md" or "content" in path.parts:
            continue
        for link in re.findall(r"\]\(([^)?\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
            target, _, anchor = link.partition("#")
            page = path.parent / target if target else path
            if "://" in link or link.startswith(("mailto:", "/")):
                continue
            leaves_the_site = docs in path.parents and page.suffix == ".md" and docs not in page.resolve().parents
            if not page.exists() or leaves_the_site or (anchor and anchor not in anchors(page)):
                found.append(f"{path.relative_to(ROOT)}: {link}")
    assert found == []


def test_every_page_can_be_found_from_the_index():
    pages = {path for path in project_files() if path.suffix == ".md" and path.is_relative_to(ROOT / "docs")}
    found, new = set(), {ROOT / "docs" / "README.md"}
    while new:
        found |= new
        new = {
            (path.parent / link).resolve()
            for path in new
            for link in re.findall(r"\]\(([^)#?\s:]+\.md)", path.read_text(encoding="utf-8"))
        } - found
    assert sorted(str(path.relative_to(ROOT)) for path in pages - found) == []
