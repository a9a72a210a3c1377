"""
Celery with altered code, for faults that would take too long or that no message of ours causes: see workers.altered().

It is run as `python -m tests.faults.support.altered_worker` with Celery's words.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import django
import time_machine
from celery.__main__ import main


def alter_constants(constants: dict[str, float]) -> None:
    """Give constants of `delivery` other values, {"transports__mail__smtp__STEP_SECONDS": 2}."""
    for path, value in constants.items():
        *modules, name = path.split("__")
        module = import_module(".".join(["delivery", *modules]))
        assert hasattr(module, name), path
        setattr(module, name, value)


def set_clock(seconds_ahead: float) -> None:
    """Let this process's clock, and those of its children, be wrong by so many seconds; what counts seconds is right."""
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds_ahead), tick=True).start()


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
    if os.environ["CLOCK_AHEAD"] != "0":
        set_clock(float(os.environ["CLOCK_AHEAD"]))
    if os.environ["DEADLY_ADDRESS"]:
        kill_whoever_prepares(os.environ["DEADLY_ADDRESS"])
    sys.exit(main())
