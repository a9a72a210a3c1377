"""Bare hosts for the tests that execute documents."""

import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.faults.support import hosts

from .debian import SOURCE, Host, base
from .pages import ROOT


@pytest.fixture(scope="module")
def network() -> Iterator[hosts.Network]:
    """The network that the hosts are on."""
    if not hosts.possible() or shutil.which("debootstrap") is None:
        pytest.fail("Only root on Linux can do this, with: apt install debootstrap iproute2", pytrace=False)
    with hosts.network() as made:
        yield made


@pytest.fixture(scope="module")
def start(network: hosts.Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Host]]:
    """What starts a bare Debian 13 of a name, on which this commit can be cloned."""
    place, started = tmp_path_factory.mktemp("hosts"), []
    clone = place / "source.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", f"file://{ROOT}", clone], check=True)

    def start(name: str) -> Host:
        host = Host(network, name, base=base(ROOT / "var/rehearsal"), place=place)
        started.append(host)
        shutil.copytree(clone, host.path(SOURCE))
        return host

    yield start
    for host in started:
        host.close()
