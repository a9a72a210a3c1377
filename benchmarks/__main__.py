"""
`./run bench WORD [options]` prints one JSON line.

    send    --recipients N --connections N   a send through the whole loop, against smtp-source (postfix, Debian)
    fanout  --recipients N                   from a send to its rows, against one bare INSERT … SELECT

On SQLite in a temporary folder, or on a temporary database beside the one of DATABASE_URL.
"""

import argparse
import json
import os
import platform
import secrets
import sys
import tempfile
from collections.abc import Callable
from typing import Any

WORDS = ("send", "fanout")


def main() -> int:
    """Set the place up, measure, print. Return the exit status."""
    if not sys.argv[1:] or sys.argv[1] in {"-h", "--help", "help"}:
        print(__doc__.strip())
        return 0
    parser = argparse.ArgumentParser(prog="./run bench", add_help=False)
    parser.add_argument("word", choices=WORDS)
    parser.add_argument("--recipients", type=int, default=2000)
    parser.add_argument("--connections", type=int, default=4)
    options = parser.parse_args()

    from config import databases
    from config.faults import Refusal

    try:
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
            databases.temporary(os.environ.get("DATABASE_URL", "")) as database,
        ):
            os.environ |= {
                "DATA_DIR": folder,
                "ENV_FILE": os.devnull,
                "DATABASE_URL": database,
                "REDIS_URL": "",
                "SECRET_KEY": secrets.token_urlsafe(48),
                "LOG_LEVEL": "ERROR",
                "DJANGO_SETTINGS_MODULE": "config.settings",
            }
            print(json.dumps(measure(options)))
    except Refusal as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Migrate the temporary database and run the bench."""
    import django

    from . import sending, sinks

    with sinks.sink() as sink:
        os.environ["EXERCISE_MAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0, skip_checks=True)
        benches: dict[str, Callable[[], dict[str, Any]]] = {
            "send": lambda: sending.send(options.recipients, options.connections, sink),
            "fanout": lambda: sending.fanout(options.recipients),
        }
        result = benches[options.word]()
        versions = {"python": platform.python_version(), "django": django.get_version(), "database": connection.vendor}
        connection.close()
    return {"bench": options.word, "recipients": options.recipients, **result, "versions": versions}


if __name__ == "__main__":
    sys.exit(main())
