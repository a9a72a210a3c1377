"""Doctor, send_status and receive_bounce beside a running demo."""

import os
import stat

import pytest

from demo import running_demo
from operations.process_supervisor import Supervisor


@pytest.fixture
def nothing_configured(monkeypatch, tmp_path):
    """A checkout with no configuration, and a demo's folder in it."""
    for name in running_demo.CONFIGURES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(running_demo, "ROOT", tmp_path)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    running_demo.write_environment(folder, {"DATA_DIR": str(folder), "PUBLIC_URL": "http://127.0.0.1:8123"})
    return folder


def test_they_look_at_the_demo_while_it_runs(nothing_configured, capsys):
    folder = nothing_configured
    assert not running_demo.join_running_demo("doctor", folder)

    with Supervisor(folder, say=lambda line: None):
        assert not running_demo.join_running_demo("migrate", folder)
        for command in ("doctor", "send_status", "receive_bounce"):
            assert running_demo.join_running_demo(command, folder)
            os.environ.pop("DATA_DIR")

    assert os.environ["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert "var/demo" in capsys.readouterr().err
    assert stat.S_IMODE((folder / running_demo.NAME).stat().st_mode) == 0o600


def test_a_configuration_of_ones_own_wins(nothing_configured):
    os.environ["DATABASE_URL"] = "postgres://x@127.0.0.1/y"
    with Supervisor(nothing_configured, say=lambda line: None):
        assert not running_demo.join_running_demo("doctor", nothing_configured)
