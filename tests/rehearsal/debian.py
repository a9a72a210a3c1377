"""
Bare Debian 13 hosts on a network of their own: each a file system, a network and a systemd, all of the machine's kernel.

A host is what debootstrap makes of "standard" packages. Its systemd is process 1 of its own namespaces, with the units,
users and sockets of a machine. What it has not: a kernel, devices and a control group controller of its own, so that
MemoryMax and the like are accepted and not enforced.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.faults.support.hosts import Network

SUITE = "trixie"
# What a server has that was installed from Debian's own medium, as far as it matters here.
STANDARD = "systemd-sysv,dbus,ca-certificates"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
START_SECONDS = 60
KEPT = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
TRUSTED = "/usr/local/share/trusted.pem"  # what this machine trusts, for hosts that come to the index through it

SOURCE = "/srv/source.git"  # where a host finds this commit, to clone

BOOT = r"""
set -eu
mount --make-rprivate /
mkdir -p "$PLACE/upper" "$PLACE/work" "$PLACE/root"
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$PLACE/upper,workdir=$PLACE/work" "$PLACE/root"
cd "$PLACE/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs sys/fs
mkdir sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do
    touch "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
echo "$NAME" > etc/hostname
pivot_root . mnt
umount --lazy /mnt
cd /
exec /usr/bin/env -i container=namespaces PATH=/usr/sbin:/usr/bin /sbin/init --log-target=console --show-status=0
"""


def base(folder: Path) -> Path:
    """Return the file system of a bare Debian 13, made in `folder` unless it is there."""
    made = folder / f"{SUITE}-base"
    if not made.exists():
        partial = made.with_name(made.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        words = ["debootstrap", "--variant=minbase", f"--include={STANDARD}", SUITE, str(partial), MIRROR]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        (partial / "etc/dpkg/dpkg.cfg.d/hurry").write_text("force-unsafe-io\n")
        partial.rename(made)
    return made


class Host:
    """A host; `address` is where others reach it."""

    def __init__(self, network: Network, name: str, *, base: Path, place: Path) -> None:
        self.name, self.place = name, place / name
        self.enter = network.add(name)
        self.address = f"{network.network}.{len(network.hosts) + 1}"
        self.place.mkdir(parents=True)
        environment = {**os.environ, "BASE": str(base), "PLACE": str(self.place), "NAME": name}
        spaces = ["unshare", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--fork", "--kill-child"]
        self.log = (self.place / "log").open("ab")
        self.process = subprocess.Popen(
            [*self.enter, *spaces, "sh", "-c", BOOT],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        self.wait_until_up()
        self.write("/etc/resolv.conf", Path("/etc/resolv.conf").read_text())
        self.write(TRUSTED, Path("/etc/ssl/certs/ca-certificates.crt").read_text())
        self.run(f"chmod 644 {TRUSTED}; echo '127.0.0.1 localhost {name}' > /etc/hosts")

    @property
    def init(self) -> int:
        """The process id of its process 1, as this machine counts."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])

    def wait_until_up(self) -> None:
        """Wait until its systemd has started what a bare host starts. Raise RuntimeError when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                asked = [*self.into(), "systemctl", "is-system-running"]
                said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
            except (OSError, IndexError):  # there is no process 1 yet
                said = ""
            if said in {"running", "degraded"}:
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start: {(self.place / 'log').read_text()[-2000:]}")
            time.sleep(0.3)

    def into(self, *, internet: bool = False) -> list[str]:
        """Return the words that run a command on it; with `internet`, on this machine's network."""
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--cgroup", *([] if internet else ["--net"])]
        return ["nsenter", f"--target={self.init}", *spaces, "--root", "--wdns=/root", "env", "-i"]

    def run(self, script: str, *, internet: bool = False) -> str:
        """Run a script in bash as root, as far as its first error, and return what it wrote. Raise AssertionError then."""
        variables = {name: os.environ[name] for name in KEPT if name in os.environ}
        variables |= {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
        variables |= {"DEBIAN_FRONTEND": "noninteractive", "SSL_CERT_FILE": TRUSTED, "PIP_CERT": TRUSTED}
        words = [*self.into(internet=internet), *(f"{name}={value}" for name, value in variables.items())]
        done = subprocess.run(
            [*words, "bash", "-euo", "pipefail", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        assert done.returncode == 0, (
            f"On {self.name}, with status {done.returncode}:\n{script}\n---\n{done.stdout[-6000:]}"
        )
        return done.stdout

    def path(self, path: str) -> Path:
        """Return where this machine finds a path of its."""
        return Path(f"/proc/{self.init}/root{path}")

    def write(self, path: str, text: str) -> None:
        """Write a file on it."""
        target = self.path(path)
        target.unlink(missing_ok=True)
        target.write_text(text, encoding="utf-8")

    def close(self) -> None:
        """End all its processes, and with the last of them its mounts; then remove what it wrote."""
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.place, ignore_errors=True)
