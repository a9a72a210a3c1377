"""Some commands (doctor, send_status, receive_bounce) work on the running demo, when nothing else is configured."""

import contextlib
import fcntl
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BESIDE = {"doctor", "send_status", "receive_bounce"}
CONFIGURES = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "ENV_FILE", "SECRET_KEY")
NAME = "environment.json"


def write_environment(folder: Path, environment: Mapping[str, str]) -> None:
    """Write the demo's environment into its folder, for its owner only: it holds the demo's keys."""
    path = folder / NAME
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(dict(environment), stream)


def join_running_demo(command: str, folder: Path = ROOT / "var" / "demo") -> bool:
    """
    Put the running demo's environment into this process's and say so; return whether that was done.

    Only for a command of BESIDE, and only when neither the environment nor a file .env configures anything else.
    """
    configured = any(os.environ.get(name) for name in CONFIGURES) or (ROOT / ".env").exists()
    if command not in BESIDE or configured or not is_running(folder):
        return False
    try:
        environment: dict[str, str] = json.loads((folder / NAME).read_text())
    except (OSError, ValueError):
        return False
    os.environ.update(environment)
    print(f"Working on the demo that is running in {folder.relative_to(ROOT)}.", file=sys.stderr)
    return True


def is_running(folder: Path) -> bool:
    """Return whether a supervisor holds the folder's lock."""
    try:
        with (folder / "supervisor.pid").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
