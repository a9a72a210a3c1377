"""
`./run lint`: everything that can be checked without running the application. Every step runs, the types beside the
others; one line each.

    ./run lint [--fix] [--translations] [name of a step …] [file …]

--fix           let ruff fix and format what it can, first
--translations  bring locale/ up to date with the code: new texts come in untranslated, old ones go
steps           ruff, format, layers, circles, functions, types, migrations, translations, supply, documents
files           ruff and format look at these only; the other steps always look at everything

.pre-commit-config.yaml says which steps a commit needs, by the files that it changes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.support import system_parts

from .circles import find_circles
from .functions import find_large_functions

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "accounts",
    "agreement",
    "bulletins",
    "campaigns",
    "config",
    "delivery",
    "demo",
    "factcheck",
    "impact",
    "influencers",
    "lib",
    "notifications",
    "operations",
    "preparedness",
    "questions",
    "stories",
    "website",
)
BESIDE = ("supply",)  # no app of the product
TRANSLATED = ("fi", "sv")
# Tests are free of type checks; what they stand on is not.
MACHINERY = (
    "tests/conftest.py",
    "tests/faults/conftest.py",
    *(
        str(path.relative_to(ROOT))
        for folder in ("tests/runner", "tests/support", "tests/faults/support")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not path.name.startswith("test_")
    ),
)
SHOWN = 40  # findings per step

Findings = list[str]


def main(words: list[str]) -> int:
    """Run the steps; return 1 when one of them found something."""
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return 0
    with tempfile.TemporaryDirectory(prefix="lint-") as folder:
        prepare_environment(Path(folder))
        if "--fix" in words:
            run("ruff", "check", "--fix", "--quiet", ".")
            run("ruff", "format", "--quiet", ".")
        if "--translations" in words:
            return 1 if report("translations", *timed(update_translations)) else 0
        return run_steps([word for word in words if not word.startswith("-")])


def run_steps(words: list[str]) -> int:
    """Run the steps that are named, or all; return 1 when one of them found something."""
    files = [word for word in words if word not in STEPS and (ROOT / word).is_file()]
    wanted = [word for word in words if word not in files] or list(STEPS)
    if unknown := set(wanted) - set(STEPS):
        print(f"No such step: {', '.join(sorted(unknown))}. There are {', '.join(STEPS)}.", file=sys.stderr)
        return 2
    steps = {name: partial(STEPS[name], *files) if name in BY_FILE else STEPS[name] for name in STEPS if name in wanted}
    failed = take_steps(steps)
    if failed:
        print(f"\n{len(failed)} of the steps found something: {', '.join(failed)}.")
    return 1 if failed else 0


def take_steps(steps: dict[str, Callable[..., Findings]]) -> list[str]:
    """Take steps, the types beside the others, and return which of them found something."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        longest = beside.submit(timed, steps.pop("types")) if "types" in steps else None
        failed = [name for name, step in steps.items() if report(name, *timed(step))]
        if longest and report("types", *longest.result()):
            failed.append("types")
    return failed


def prepare_environment(folder: Path) -> None:
    """Let the settings be read without anyone's own files or servers."""
    for name in ("DATABASE_URL", "REDIS_URL", "MAIL_URL", "EXERCISE_MAIL_URL"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": "a key for checks only",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
    }


def timed(step: Callable[[], Findings]) -> tuple[Findings, float]:
    """Run a step; return what it found, and how many seconds it took."""
    began = time.monotonic()
    return step(), time.monotonic() - began


def report(name: str, found: Findings, seconds: float) -> bool:
    """Print the line of a step and what it found; return whether that is anything."""
    print(f"{'FAIL' if found else 'ok  '} {name} ({seconds:.1f} s)", flush=True)
    for line in found[:SHOWN]:
        print(f"     {line}")
    if len(found) > SHOWN:
        print(f"     … and {len(found) - SHOWN} lines more")
    return bool(found)


def run(module: str, *words: str, cwd: Path = ROOT) -> Findings:
    """Run a Python module as a command; return its output when it failed, nothing when it is content."""
    done = subprocess.run([sys.executable, "-m", module, *words], cwd=cwd, capture_output=True, text=True, check=False)
    return (
        (done.stdout + done.stderr).strip().splitlines() or [f"exit code {done.returncode}"] if done.returncode else []
    )


# --- The steps ----------------------------------------------------------------------------------------


def check_ruff(*files: str) -> Findings:
    """Look for mistakes and for what is not done here, in some files or in all."""
    return run("ruff", "check", "--output-format", "concise", "--quiet", "--force-exclude", *(files or (".",)))


def check_format(*files: str) -> Findings:
    """Compare the formatting of some files, or of all, with the formatter's. `./run lint --fix` fixes it."""
    return run("ruff", "format", "--check", "--quiet", "--force-exclude", *(files or (".",)))


def check_layers() -> Findings:
    """Hold the imports against the contracts in pyproject.toml."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()] if done.returncode else []


def check_circles() -> Findings:
    """Look for modules that import each other, also inside functions."""
    return find_circles(PACKAGES)


def check_functions() -> Findings:
    """Look for functions that do too much at once. A test may be long: it tells one story."""
    folders = [ROOT / name for name in (*PACKAGES, *BESIDE, "benchmarks", "tests/runner")]
    files = (path for folder in folders for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)
    return find_large_functions(files, ROOT)


def check_types() -> Findings:
    """Let mypy look, with Django's stubs."""
    cache = os.environ["DATA_DIR"] + "-mypy" if os.environ.get("CI") else str(ROOT / ".mypy_cache")
    return run("mypy", "--no-error-summary", "--cache-dir", cache, *PACKAGES, *BESIDE, *MACHINERY, "manage.py")


def check_migrations() -> Findings:
    """See whether the models have moved on from their migrations."""
    return run("manage", "makemigrations", "--check", "--dry-run")


def check_translations() -> Findings:
    """Compare locale/ with the texts of the code: all translated, none fuzzy, none left over, all formats right."""
    missing = system_parts.ensure("gettext")
    if missing:
        return [system_parts.how_to_get(part) for part in missing]
    found = []
    with tempfile.TemporaryDirectory(prefix="messages-") as folder:
        found += extract_messages(Path(folder))
        for language in TRANSLATED:
            found += [f"{language}: {finding}" for finding in untranslated(catalog_in(Path(folder), language))]
    for language in TRANSLATED:
        path = catalog_in(ROOT, language)
        if not path.exists():
            found.append(f"{language}: {path.relative_to(ROOT)} does not exist. Run: ./run lint --translations")
            continue
        checked = subprocess.run(
            ["msgfmt", "--check", "--output-file", os.devnull, str(path)], capture_output=True, text=True, check=False
        )
        found += checked.stderr.splitlines() if checked.returncode else []
    return found


def check_supply() -> Findings:
    """Hold the locked packages and their licences against what is written down; asks nobody."""
    return run("supply", "check", "--offline")


def check_documents() -> Findings:
    """Run the tests that compare the documents with the code."""
    words = ("-q", "-p", "no:cacheprovider", "-n0", "--no-header", "--tb=line")
    return run("pytest", "tests/architecture/test_documents.py", *words)


STEPS: dict[str, Callable[..., Findings]] = {
    "ruff": check_ruff,
    "format": check_format,
    "layers": check_layers,
    "circles": check_circles,
    "functions": check_functions,
    "types": check_types,
    "migrations": check_migrations,
    "translations": check_translations,
    "supply": check_supply,
    "documents": check_documents,
}
BY_FILE = {"ruff", "format"}


# --- Translations ---------------------------------------------------------------------------------------


def catalog_in(folder: Path, language: str) -> Path:
    """Return the path of a language's catalog."""
    return folder / "locale" / language / "LC_MESSAGES" / "django.po"


def extract_messages(folder: Path, *options: str) -> Findings:
    """Copy the code and the catalogs into `folder` and merge the code's texts into the copies."""
    ignored = shutil.ignore_patterns("__pycache__", "*.mo", "node_modules")
    for name in (*PACKAGES, "templates", "locale"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "manage.py", folder / "manage.py")
    languages = [word for language in TRANSLATED for word in ("--locale", language)]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "makemessages", *languages, "--no-location", "--no-wrap"),
            *("--extension", "html,txt,py,md", *options),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip().splitlines() if done.returncode else []


def untranslated(path: Path) -> Iterator[str]:
    """Find the entries of a merged catalog that a reader would miss, and those that nobody uses any more."""
    from babel.messages.pofile import read_po

    if not path.exists():
        return
    with path.open("rb") as file:
        catalog = read_po(file, ignore_obsolete=False)
    for message in catalog:
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        words = (message.string,) if isinstance(message.string, str) else message.string
        if message.fuzzy:
            yield f"not confirmed (fuzzy): {name!r}"
        elif not words or not all(words):
            yield f"not translated: {name!r}"
    for obsolete in catalog.obsolete.values():
        name = obsolete.id if isinstance(obsolete.id, str) else obsolete.id[0]
        yield f"no longer in the code: {name!r}"


def update_translations() -> Findings:
    """Write the merged catalogs to locale/; return what is still to be translated."""
    missing = system_parts.ensure("gettext")
    if missing:
        return [system_parts.how_to_get(part) for part in missing]
    with tempfile.TemporaryDirectory(prefix="messages-") as folder:
        faults = extract_messages(Path(folder), "--no-obsolete")
        if faults:
            return faults
        for language in TRANSLATED:
            catalog_in(ROOT, language).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(catalog_in(Path(folder), language), catalog_in(ROOT, language))
    return [f"{language}: {finding}" for language in TRANSLATED for finding in untranslated(catalog_in(ROOT, language))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
