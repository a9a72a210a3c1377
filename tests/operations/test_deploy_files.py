"""The files in deploy/ run what ./run serve runs, with settings that exist, and shut in what they can."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from operations.management.commands.serve import add_processes

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OTHERS = {"postgres", "redis", "nginx"}
ONCE = {"setup", "manage"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """compose.yaml as it is read with nothing set."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", text)
    return yaml.safe_load(text)


def of_serve(settings: Any, *, host: str, folder: str) -> dict[str, list[str]]:
    """Return the command line of each process of ./run serve."""
    settings.DATA_DIR = Path(folder)
    heard: dict[str, list[str]] = {}

    def add(name: str, argv: list[str], **unused: Any) -> None:
        heard[name] = ["python" if word == sys.executable else str(word) for word in argv]

    supervisor: Any = SimpleNamespace(add=add, log_contains=lambda name, words: None)
    add_processes(supervisor, host=host, port=8000)
    return heard


def unit(name: str) -> dict[str, list[str]]:
    """Return the lines of a systemd unit by their key, continued lines joined."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def command_of(name: str, *, queue: str = "") -> list[str]:
    """Return the command line that systemd makes of a unit, with its drop-in if it has one."""
    lines = unit(name)
    variables = dict(pair.split("=", 1) for line in lines["Environment"] for pair in line.split())
    for drop_in in sorted((DEPLOY / "systemd").glob(f"{name.replace('@.', f'@{queue}.')}.d/*.conf")):
        lines |= unit(str(drop_in.relative_to(DEPLOY / "systemd")))
    line = lines["ExecStart"][-1].replace("%i", queue).replace("%%", "%")
    line = re.sub(r"\$\{([A-Z_]+)\}", lambda match: variables[match[1]], line)
    return ["python" if word == "/opt/bulletins/.venv/bin/python" else word for word in shlex.split(line)]


# --- The same processes -----------------------------------------------------------------------------


def test_compose_runs_the_processes_of_serve(compose, settings):
    apart = OTHERS | ONCE | {"backup"}
    lasting = {name: service["command"] for name, service in compose["services"].items() if name not in apart}
    assert lasting == of_serve(settings, host="0.0.0.0", folder="/data")


def test_systemd_runs_the_processes_of_serve(settings):
    wanted = " ".join(unit("bulletins.target")["Wants"]).split()
    commands = {}
    for service in wanted:
        name = service.removeprefix("bulletins-").removesuffix(".service")
        base, _at, queue = name.partition("@")
        template = f"bulletins-{base}@.service" if queue else service
        commands[name.replace("@", "-")] = command_of(template, queue=queue)
    assert commands == of_serve(settings, host="127.0.0.1", folder="/var/lib/bulletins")


def test_the_image_alone_runs_the_web_server(compose):
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert [json.loads(words) for words in commands] == [compose["services"]["web"]["command"]]


def test_both_ways_set_up_the_same_things_first(compose):
    *_shell, script = compose["services"]["setup"]["command"]
    lines = [line.strip() for line in script.split("&&")]
    units = [line.removeprefix("/opt/bulletins/.venv/bin/") for line in unit("bulletins-setup.service")["ExecStart"]]
    assert lines == units
    assert [line.split()[2] for line in lines] == ["check", "migrate", "sync_roles", "collectstatic"]


def test_one_service_builds_the_image_and_the_others_use_it(compose):
    ours = {name: service for name, service in compose["services"].items() if name not in OTHERS}
    assert [name for name, service in ours.items() if "build" in service] == ["setup"]
    assert {service["image"] for service in ours.values()} == {ours["setup"]["image"]}
    assert {service["pull_policy"] for service in ours.values()} == {"never"}


def test_both_ways_back_up_every_night_alike(compose):
    service = compose["services"]["backup"]
    (line,) = unit("bulletins-backup.service")["ExecStart"]
    wanted = line.removeprefix("/opt/bulletins/.venv/bin/").replace("/var/backups/bulletins", "/backups")
    script = service["command"][-1].replace("$$", "$")
    assert f"do {wanted}; done" in script
    (hour,) = re.findall(r"date -d (\d\d:\d\d)", script)
    assert unit("bulletins-backup.timer")["OnCalendar"] == [f"*-*-* {hour}"]
    assert "./backups:/backups" in service["volumes"]
    seconds = subprocess.run(
        ["bash", "-c", script.replace("while sleep", "echo").split(";")[0]], capture_output=True, text=True, check=True
    )
    assert 0 < int(seconds.stdout) <= 86_400


# --- Settings ---------------------------------------------------------------------------------------


def test_every_variable_is_a_setting(compose):
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operating/settings.md").read_text(), re.MULTILINE))
    names = {name for service in compose["services"].values() for name in service.get("environment", {})}
    names -= set(compose["services"]["postgres"]["environment"]) | {"HOST"}
    names |= set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "settings.env.example").read_text(), re.MULTILINE))
    for path in (DEPLOY / "systemd").glob("*.service"):
        names |= {pair.split("=")[0] for line in unit(path.name).get("Environment", []) for pair in line.split()}
    unknown = {name.removesuffix("_FILE") for name in names} - known - {"PYTHONUNBUFFERED"}
    assert unknown == set()
    assert len(names) > 12


@pytest.fixture
def prepared(tmp_path) -> tuple[Path, dict[str, str]]:
    """A copy of deploy/ in which `prepare` has run, and the environment for running it again."""
    place = tmp_path / "deploy"
    shutil.copytree(DEPLOY, place, ignore=shutil.ignore_patterns("secrets", "certs", "backups", "settings.env"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "chown").symlink_to("/bin/true")  # only root may give a folder away
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    relay = "smtp+tls://user:hunter2@relay.bulletins.test:587"
    done = subprocess.run([place / "prepare", relay], env=environment, capture_output=True, text=True, check=True)
    assert "hunter2" not in done.stdout + done.stderr
    return place, environment


def test_prepare_makes_every_secret_once(prepared, compose):
    place, environment = prepared
    files = [place / secret["file"] for secret in compose["secrets"].values()]
    made = [path.read_text() for path in files]
    assert all(made) and len(set(made)) == len(made)
    assert (place / "secrets").stat().st_mode & 0o077 == 0
    subprocess.run([place / "prepare"], env=environment, capture_output=True, check=True)
    assert [path.read_text() for path in files] == made
    assert {path.name for path in (place / "secrets").iterdir()} == {path.name for path in files}


def test_prepare_without_a_relay_says_what_it_wants(tmp_path):
    place = tmp_path / "deploy"
    place.mkdir()
    shutil.copy(DEPLOY / "prepare", place)
    (tmp_path / "chown").symlink_to("/bin/true")
    done = subprocess.run(
        [place / "prepare"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Name the relay" in done.stderr
    assert not (place / "secrets" / "mail_url").exists()


def test_what_prepare_makes_is_fit_for_production_once_the_example_is_filled_in(prepared, compose, tmp_path):
    place, _environment = prepared
    service = compose["services"]["web"]
    example = dict(
        line.split("=", 1) for line in (place / "settings.env").read_text().splitlines() if re.match(r"[A-Z_]+=", line)
    )
    own = {
        name: str(value).replace("/run/secrets", str(place / "secrets"))
        for name, value in service["environment"].items()
    }
    usual = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path / "data")}

    def check(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            cwd=ROOT,
            env=usual | example | own | more,
            capture_output=True,
            text=True,
            check=False,
        )

    refused = check()
    assert refused.returncode == 1
    assert set(re.findall(r"bulletins\.(E\d+)", refused.stderr)) == {"E006", "E008"}
    passed = check(PUBLIC_URL="https://bulletins.test", MAIL_FROM="bulletins@bulletins.test")
    assert passed.returncode == 0, passed.stderr


# --- Shut in ----------------------------------------------------------------------------------------


def test_containers_may_do_little_end_in_order_and_come_back(compose):
    for name, service in compose["services"].items():
        assert service["mem_limit"] if name not in {"manage"} else True, name
        assert "no-new-privileges:true" in service.get("security_opt", []) or name in {"postgres", "redis"}, name
        assert "healthcheck" in service or name == "web", name  # web has the image's
        assert service["restart"] == ("no" if name in ONCE else "unless-stopped"), name
        assert int(service["stop_grace_period"].removesuffix("s")) >= 30, name
        if name not in OTHERS:
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
    assert {name for name, service in compose["services"].items() if "ports" in service} == {"nginx"}
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert {"noeviction", "everysec"} <= set(compose["services"]["redis"]["command"])


def test_units_may_do_little_end_in_order_and_come_back():
    services = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
    assert len(services) == 6
    for name in services:
        lines = unit(name)
        for key, value in {
            "User": "bulletins",
            "NoNewPrivileges": "yes",
            "ProtectSystem": "strict",
            "PrivateTmp": "yes",
            "CapabilityBoundingSet": "",
        }.items():
            assert lines[key] == [value], (name, key)
        if lines.get("Type") != ["oneshot"]:
            assert lines["Restart"] == ["always"] and int(lines["TimeoutStopSec"][0]) >= 30, name


def test_the_image_has_no_secret_and_all_that_runs(settings):
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert {".env", ".git", "var", "deploy"} <= set(ignored)
    packages = {"lib"} | {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    assert len(packages) == 17
    assert not (packages | {"templates", "static", "locale", "manage.py", "pyproject.toml", "uv.lock"}) & set(ignored)
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    for package in packages:
        assert f" {package}" in dockerfile  # compiled beforehand
    assert "\nUSER bulletins\n" in dockerfile and "\nHEALTHCHECK" in dockerfile
    git_ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split("\n")
    assert {"/deploy/secrets/", "/deploy/certs/", "/deploy/backups/", "/deploy/settings.env"} <= set(git_ignored)


def test_nginx_is_given_the_file_as_it_is_with_two_things_put_in(compose):
    service = compose["services"]["nginx"]
    conf = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    *_shell, script = service["command"]
    swaps = re.findall(r"[\x27\"]s/([^/]+)/([^/]+)/", script)
    assert swaps == [(r"bulletins\.example\.org", "$$HOST"), (r"127\.0\.0\.1:8000", "web:8000")]
    for pattern, _new in swaps:
        assert re.search(pattern, conf)
    mounted = {volume.split(":")[1] for volume in service["volumes"]}
    paths = set(re.findall(r"(/(?:srv|etc/ssl|var/cache)[^\s;]*)", conf))
    assert paths and all(any(path.startswith(place) for place in mounted) for path in paths)
