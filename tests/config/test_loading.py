"""No garbage is collected while a process loads; what it has loaded then stays out of every collection."""

import subprocess
import sys

SAY = "print(gc.isenabled(), gc.get_freeze_count() > 100_000);"


def test_garbage_is_collected_from_when_all_is_loaded() -> None:
    code = f"import gc, config; {SAY} import django; django.setup(); {SAY}"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["False", "False", "True", "True"]
