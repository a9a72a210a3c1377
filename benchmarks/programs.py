"""The programs that benches run besides our own: found, or installed with apt-get where that is possible."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support import system_parts

WHERE = "/usr/sbin:/usr/bin:/usr/local/sbin"
PACKAGES = {
    "smtp-sink": "postfix",
    "smtp-source": "postfix",
    "wrk": "wrk",
    "nginx": "nginx-light",
    "openssl": "openssl",
}
# What Debian's packages ask before they start a daemon (101: don't), and where postfix is told to set nothing up.
POLICY = Path("/usr/sbin/policy-rc.d")
NOT_STARTED = "#!/bin/sh\nexit 101\n"
NOT_CONFIGURED = "postfix postfix/main_mailer_type select No configuration\n"


def program(name: str) -> str:
    """Return the path of a program, which is installed when it is missing. Stop with the command where that cannot be."""
    part = system_parts.Part(name, lambda: find(name), (PACKAGES[name],), "this measurement")
    if not part.present() and system_parts.can_install():
        with no_daemon_started():
            system_parts.install([part])
    found = find(name)
    if found is None:
        raise SystemExit(
            f"Not measured: {name} is missing. As root on Debian or Ubuntu: apt-get install {PACKAGES[name]}"
        )
    return found


def find(name: str) -> str | None:
    """Return the path of a program, or None."""
    return shutil.which(name) or shutil.which(name, path=WHERE)


def ensure(*parts: str) -> None:
    """Have parts of tests/support/system_parts.py, installed where they are missing. Stop with the commands where that cannot be."""
    if missing := system_parts.ensure(*parts):
        raise SystemExit("Not measured: " + "; ".join(system_parts.how_to_get(part) for part in missing))


@contextlib.contextmanager
def no_daemon_started() -> Iterator[None]:
    """Keep packages from starting what they bring, mail servers above all: a bench starts what it needs."""
    subprocess.run(["debconf-set-selections"], input=NOT_CONFIGURED, text=True, check=False)
    if POLICY.exists():  # whoever wrote it has a policy of their own
        yield
        return
    POLICY.write_text(NOT_STARTED)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
