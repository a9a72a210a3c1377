"""A PostgreSQL database for a while, beside the one that is configured."""

import contextlib
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from operations.startup_errors import Refusal


@contextlib.contextmanager
def temporary(url: str) -> Iterator[str]:
    """
    Create a PostgreSQL database beside the one of `url`, yield its address, and drop it. "" stays "".

    Raise Refusal when the server does not answer or this user may not create one.
    """
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        yield ""
        return
    parts = urlsplit(url)
    name = f"{parts.path.strip('/')}_tmp_{secrets.token_hex(4)}"
    place = f"{parts.hostname or 'this machine'}:{parts.port or 5432}"

    def order(statement: str) -> None:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    try:
        order("CREATE DATABASE {}")
    except psycopg.errors.InsufficientPrivilege as fault:
        raise Refusal(
            f"Not done: the user of DATABASE_URL may not create a database at {place}, and this wants one of its own. "
            "Allow it (ALTER ROLE … CREATEDB) or start without DATABASE_URL. Nothing was changed."
        ) from fault
    except psycopg.Error as fault:
        said = str(fault).strip().splitlines()[0] if str(fault).strip() else "no reason given"
        raise Refusal(
            f"Not done: the PostgreSQL server at {place} did not accept us ({said}). "
            "Check DATABASE_URL and that the server is running."
        ) from fault
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        order("DROP DATABASE IF EXISTS {} WITH (FORCE)")
