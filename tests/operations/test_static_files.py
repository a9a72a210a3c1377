"""Static files are collected when they are missing, once, however many web hosts start."""

import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import environment_of_children

ROOT = Path(__file__).resolve().parents[2]
HOST = """
import django; django.setup()
from operations import static_files
from operations.doctor import static_files as look
print(static_files.collect_missing(lambda line: None), look())
"""


def hosts(number: int, env: dict[str, str]) -> list[str]:
    """Start so many web hosts at once that share a folder, and return what each says it did."""
    running = [
        subprocess.Popen([sys.executable, "-c", HOST], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        for _host in range(number)
    ]
    told = [host.communicate(timeout=120)[0].split()[0] for host in running]
    assert all(host.returncode == 0 for host in running)
    return told


def test_of_two_hosts_that_start_at_once_one_collects_and_both_find_all_of_it(settings, tmp_path):
    env = environment_of_children(settings) | {"DATA_DIR": str(tmp_path), "DEBUG": "false"}

    assert sorted(hosts(2, env)) == ["False", "True"]

    manifest = tmp_path / "static" / "staticfiles.json"
    made = manifest.stat().st_mtime_ns
    time.sleep(0.01)
    assert hosts(1, env) == ["False"] and manifest.stat().st_mtime_ns == made

    manifest.unlink()
    assert hosts(1, env) == ["True"]
