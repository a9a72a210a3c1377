"""
Hosts on a network of their own, on this machine: a bridge, and for each host a network namespace and a name (Linux, as root).

Processes in different namespaces reach each other and the bridge's address only through their cables, and a cable
can be pulled.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

NEEDS = "left out: a worker host that is cut off needs network namespaces, which only root may make on Linux"


def possible() -> bool:
    """Return whether hosts can be made here."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "unshare", "hostname"))):
        return False
    name = f"try{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return made.returncode == 0


@dataclass
class Network:
    """The bridge at `address`, and the hosts beside it."""

    mark: str
    network: str
    hosts: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The bridge's address, where servers listen."""
        return f"{self.network}.1"

    def add(self, name: str) -> list[str]:
        """Add a host; return the words that run a command on it."""
        self.hosts.append(name)
        host, here, there = self.host(name), self.cable(name), f"{self.mark}{name}x"
        for words in (
            f"netns add {host}",
            f"link add {here} type veth peer name {there}",
            f"link set {there} netns {host}",
            f"link set {here} master {self.mark}",
            f"link set {here} up",
            f"-n {host} addr add {self.network}.{len(self.hosts) + 1}/24 dev {there}",
            f"-n {host} link set {there} up",
            f"-n {host} link set lo up",
        ):
            ip(words)
        return ["ip", "netns", "exec", host, "unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host]

    def cut(self, name: str) -> None:
        """Pull a host's cable: nobody is notified, packets are just gone."""
        ip(f"link set {self.cable(name)} down")

    def mend(self, name: str) -> None:
        """Plug it in again."""
        ip(f"link set {self.cable(name)} up")

    def host(self, name: str) -> str:
        """Return the namespace of a host."""
        return f"{self.mark}{name}"

    def cable(self, name: str) -> str:
        """Return the end of a host's cable at the bridge."""
        return f"{self.mark}{name}b"


def ip(words: str, *, check: bool = True) -> None:
    """Run ip."""
    subprocess.run(["ip", *words.split()], check=check, capture_output=True, timeout=20)


@contextmanager
def network() -> Iterator[Network]:
    """Make the bridge; whatever happens, nothing of it stays. Processes on its hosts end first."""
    made = Network(mark=f"f{os.getpid() % 100_000}", network=f"10.213.{os.getpid() % 250}")
    try:
        ip(f"link add {made.mark} type bridge")
        ip(f"addr add {made.address}/24 dev {made.mark}")
        ip(f"link set {made.mark} up")
        yield made
    finally:
        for name in made.hosts:
            ip(f"netns del {made.host(name)}", check=False)
            ip(f"link del {made.cable(name)}", check=False)
        ip(f"link del {made.mark}", check=False)
