"""
The containers, as far as they can be tried without a container engine: each step of the Dockerfile on a bare Debian with
Python, and compose.yaml read by Compose itself.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .debian import Host
from .pages import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
# What the image python:3.13-slim-trixie has, from Debian's own packages.
PYTHON = """
apt-get update && apt-get install --yes --no-install-recommends python3 python3-pip python3-venv tar
ln -s python3 /usr/bin/python
"""

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


def instructions() -> list[tuple[str, str]]:
    """Return the steps of the Dockerfile: its word and what follows, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(word, " ".join(rest.split())) for word, _space, rest in (line.partition(" ") for line in lines)]


def words_of(wanted: str) -> list[str]:
    """Return the command line of CMD or HEALTHCHECK, whatever options stand before it."""
    (rest,) = [rest for word, rest in instructions() if word == wanted]
    words: list[str] = json.loads(rest[rest.index("[") :])
    return words


def put_context(host: Host) -> None:
    """Put what the build is given into /context: this commit, without what .dockerignore leaves out."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    packed = host.place / "context.tar"
    subprocess.run(["git", "archive", f"--output={packed}", "HEAD"], cwd=ROOT, check=True)
    shutil.copyfile(packed, host.path("/srv/context.tar"))
    without = " ".join(f"--exclude={shlex.quote('./' + name)}" for name in ignored)
    host.run(
        f"mkdir /context /unpacked; tar -xf /srv/context.tar -C /unpacked; tar -c {without} -C /unpacked . | tar -x -C /context"
    )


def replay(host: Host) -> str:
    """Execute the steps on a host, both stages on one file system; return how a command is run in the image."""
    where, user, variables = "/", "root", {"PIP_BREAK_SYSTEM_PACKAGES": "1"}
    for word, rest in instructions():
        exports = " ".join(f"{name}={value}" for name, value in variables.items())
        if word == "ENV":
            variables |= dict(pair.split("=", 1) for pair in rest.split())
        elif word == "ARG":
            variables[rest.partition("=")[0]] = COMMIT
        elif word == "WORKDIR":
            where = rest
            host.run(f"mkdir -p {where}")
        elif word == "COPY" and not rest.startswith("--from=build"):
            *names, to = rest.split()
            sources = " ".join("/context/." if name == "." else f"/context/{name}" for name in names)
            host.run(f"cp -r {sources} {where}/{to}")
        elif word == "RUN":
            host.run(f"cd {where}; export {exports}; {rest}", internet=True)
        elif word == "USER":
            user = rest
    inside = {name: value.replace("$PATH", "/usr/bin:/bin") for name, value in variables.items() if name != "COMMIT"}
    exports = " ".join(f"{name}={value}" for name, value in inside.items())
    return f"cd {where}; runuser -u {user} -- env -i HOME=/data {exports}"


def test_each_step_of_the_image_can_be_taken_and_what_it_runs_answers(start: Callable[[str], Host]) -> None:
    host = start("image")
    host.run(PYTHON, internet=True)
    put_context(host)
    inside = replay(host)
    assert f"commit {COMMIT[:12]}" in host.run(f"{inside} python manage.py version")
    serve, is_well = (" ".join(map(shlex.quote, words_of(word))) for word in ("CMD", "HEALTHCHECK"))
    tries = f"for try in $(seq 30); do if ({inside} {is_well}); then exit 0; fi; sleep 1; done; exit 1"
    host.run(f"({inside} {serve}) >/tmp/served 2>&1 & {tries}")
    assert not host.path("/app/tests").exists() and not host.path("/app/.git").exists()


def test_compose_takes_the_file(tmp_path: Path) -> None:
    compose = ["docker", "compose"] if shutil.which("docker") else ["docker-compose"]
    if shutil.which(compose[0]) is None:
        pytest.fail("Compose is missing: apt install docker-compose", pytrace=False)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    shutil.copyfile(ROOT / "deploy/settings.env.example", tmp_path / "deploy/settings.env")
    words = [*compose, "--file", "deploy/compose.yaml", "config", "--format", "json"]
    environment = {"PATH": "/usr/bin:/bin", "HOST": "bulletins.test", "COMMIT": COMMIT, "HOME": str(tmp_path)}
    read = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    built = {name: one["build"] for name, one in json.loads(read.stdout)["services"].items() if "build" in one}
    assert built.keys() == {"setup"} and built["setup"]["args"] == {"COMMIT": COMMIT}
