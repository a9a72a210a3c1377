"""What fault tests may ask for besides the rest: a database server of their own, and a place for what they saw."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import migrated_database, system_parts
from tests.support.providers.smtp_server import SmtpSink

from .support import hosts


@pytest.fixture(autouse=True)
def _what_was_seen(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put what the test noted into its report, also when it failed."""
    from .support import oracle  # not before Django is set up

    oracle.noted.clear()
    yield
    request.node.user_properties += [("seen", words) for words in oracle.noted]


@pytest.fixture(autouse=True)
def _an_empty_broker(request: pytest.FixtureRequest) -> None:
    """No worker of a test takes what an earlier test asked for."""
    if "process_env" in request.fixturenames:
        from tests.faults.support.workers import empty_broker

        empty_broker()


@contextmanager
def working_on(url: str, blocker: Any) -> Iterator[None]:
    """Let a test work on a database of its own at `url`, which has our tables, instead of on the usual one."""
    from django.db import connections

    from config import env

    with pytest.MonkeyPatch.context() as patch, blocker.unblock():
        patch.setenv("OWN_DATABASE_URL", url)
        usual = connections["default"]
        settings: dict[str, Any] = {"ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "TIME_ZONE": None, "CONN_MAX_AGE": 0}
        settings |= {"CONN_HEALTH_CHECKS": False, "USER": "", "PASSWORD": "", "HOST": "", "PORT": ""}
        settings |= {"TEST": usual.settings_dict["TEST"]} | env.database("OWN_DATABASE_URL", "")
        patch.setitem(connections.settings, "default", settings)
        connections["default"] = connections.create_connection("default")
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = usual


@pytest.fixture
def own_database(
    own_postgresql: migrated_database.PostgreSQL, django_db_blocker: Any
) -> Iterator[migrated_database.PostgreSQL]:
    """
    A PostgreSQL server of this test's own with our tables, which this test works on and may stop.

    Do not ask for `db` or what needs it; processes that work on it are started with `own_env`.
    """
    with working_on(own_postgresql.url, django_db_blocker):
        yield own_postgresql


@pytest.fixture
def standby(own_postgresql: migrated_database.PostgreSQL, django_db_blocker: Any) -> Iterator[system_parts.Standby]:
    """
    A standby of `own_postgresql`, which this test may kill; the test works on whichever of the two can be written to.

    Do not ask for `db` or what needs it.
    """
    with system_parts.Standby(own_postgresql) as server, working_on(server.url_of_both, django_db_blocker):
        yield server


@pytest.fixture
def own_env(
    own_database: migrated_database.PostgreSQL, smtp_sink: Any, settings: Any, tmp_path: Path
) -> dict[str, str]:
    """Return the environment for processes that work on `own_database` and send to `smtp_sink`, with files of their own."""
    from tests.conftest import environment_of_children

    settings.DATA_DIR = tmp_path
    return environment_of_children(settings) | {"DATABASE_URL": own_database.url, "DATA_DIR": str(tmp_path)}


# --- Several worker hosts --------------------------------------------------------------------------------


@pytest.fixture
def net() -> Iterator[hosts.Network]:
    """A network for worker hosts."""
    if not hosts.possible():
        pytest.skip(hosts.NEEDS)
    with hosts.network() as made:
        yield made


@pytest.fixture
def shared(
    net: hosts.Network, django_db_blocker: Any, settings: Any, tmp_path: Path
) -> Iterator[tuple[dict[str, str], SmtpSink]]:
    """PostgreSQL, Redis and a mail sink that all hosts reach; yield the environment of their workers, and the sink."""
    from tests.conftest import environment_of_children

    with ExitStack() as stack:
        database = stack.enter_context(migrated_database.PostgreSQL(durable=True, host=net.address))
        redis = stack.enter_context(system_parts.Redis(durable=True, host=net.address))
        sink = stack.enter_context(SmtpSink(host=net.address))
        stack.enter_context(working_on(database.url, django_db_blocker))
        yield (
            environment_of_children(settings)
            | {
                "DATABASE_URL": database.url,
                "REDIS_URL": redis.url,
                "MAIL_URL": sink.url,
                "TICK_SECONDS": "5",
                "SEND_CHUNK": "100",
                "DATA_DIR": str(tmp_path),
                "HOME": str(tmp_path),
            },
            sink,
        )
