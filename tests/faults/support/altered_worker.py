"""
Celery with altered code, for faults that would take too long or that no message of ours causes: see workers.altered().

It is run as `python -m tests.faults.support.altered_worker` with Celery's words.
"""

import json
import os
import signal
import sys
from importlib import import_module
from typing import Any

import django
from celery.__main__ import main


def alter_constants(constants: dict[str, float]) -> None:
    """Give constants of `delivery` other values, {"transports__smtp__STEP_SECONDS": 2}."""
    for path, value in constants.items():
        *modules, name = path.split("__")
        module = import_module(".".join(["delivery", *modules]))
        assert hasattr(module, name), path
        setattr(module, name, value)


def kill_whoever_prepares(address: str) -> None:
    """Let the process die that prepares a mail for `address`, as a fault in a C library would have it."""
    from delivery.message.mime import Compiled, Person

    prepare = Compiled.envelope

    def envelope(self: Compiled, person: Person) -> Any:
        if person.email == address:
            os.kill(os.getpid(), signal.SIGKILL)
        return prepare(self, person)

    setattr(Compiled, "envelope", envelope)  # noqa: B010  mypy: a method


if __name__ == "__main__":
    django.setup()
    alter_constants(json.loads(os.environ["ALTERED_CONSTANTS"]))
    if os.environ["DEADLY_ADDRESS"]:
        kill_whoever_prepares(os.environ["DEADLY_ADDRESS"])
    sys.exit(main())
