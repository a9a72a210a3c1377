#!/usr/bin/env python
"""Django's command line. `./run manage …` calls it with the right Python."""

import os
import sys


def main() -> int:
    """Run a management command; turn each usual fault of the set-up into one sentence."""
    if sys.argv[1:] in (["version"], ["--version"]):  # Django would tell its own
        from operations.version import as_line

        print(as_line())
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from demo.running_demo import join_running_demo

    join_running_demo(sys.argv[1] if sys.argv[1:] else "")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        print(f"Not started: {fault}", file=sys.stderr)
        return 2
    except Exception as fault:
        from operations.startup_errors import sentence

        said = sentence(fault)
        if said is None or "--traceback" in sys.argv:
            raise
        print(said, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
