"""Styles, scripts and pictures, collected where the web server finds them."""

import fcntl
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from . import doctor

LOCK = ".collecting"


def collect_missing(say: Callable[[str], None]) -> bool:
    """
    Collect static files unless they are there in their present form; return whether this call did. Web hosts that share
    the folder take turns, and the second one finds the work done.
    """
    if are_collected():
        return False
    folder = Path(settings.STATIC_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if are_collected():
            return False
        say("Collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0, stdout=StringIO())
    return True


def are_collected() -> bool:
    """Return whether every style, script and picture has been collected in its present form."""
    return doctor.run_probe("static files", doctor.static_files).ok
