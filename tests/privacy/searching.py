"""
Looking for someone in everything that is stored: each column of each table, sessions decoded, files, cache and broker.
"""

import base64
import json
import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from accounts.models import Session
from config.celery import app


def places_of(*needles: str) -> list[str]:
    """Return where one of the needles stands, in any case and in the ways in which text is escaped; nothing when nowhere."""
    forms = {form for needle in needles for form in forms_of(needle)}
    return sorted({place for place, text in everything() if any(form in text for form in forms)})


def forms_of(needle: str) -> Iterator[str]:
    """Yield a needle as it may be written: as it is, as JSON, in percent codes and in base64 (its middle, at each offset)."""
    lower = needle.lower()
    yield lower
    yield json.dumps(needle)[1:-1].lower()
    yield lower.replace("@", "%40")
    for before in range(3):
        coded = base64.b64encode(b"x" * before + needle.encode()).decode()[4:-4].lower()
        if len(coded) >= 8:  # less may stand anywhere
            yield coded


def everything() -> Iterator[tuple[str, str]]:
    """Yield a place and its text, for all that is stored."""
    yield from rows()
    for session in Session.objects.all():
        yield f"session {session.pk[:4]}", as_text(session.get_decoded())
    yield from files(Path(settings.MEDIA_ROOT), Path(settings.BROKER_DIR), Path(settings.DATA_DIR) / "erased.txt")
    yield from cached()


def rows() -> Iterator[tuple[str, str]]:
    """Yield each value of each column of each table, those that Django knows nothing of (search indexes) too."""
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor, include_views=True)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    yield f"{table}.{column}", as_text(value)


def as_text(value: Any) -> str:
    """Return a stored value as text in lower case."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace").lower()
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)).lower()


def files(*places: Path) -> Iterator[tuple[str, str]]:
    """Yield each file below some folders: its name, and what is in it."""
    for place in places:
        for path in [place] if place.is_file() else place.rglob("*"):
            yield f"name of {path.name}", path.name.lower()
            if path.is_file():
                yield f"file {path.name}", as_text(path.read_bytes())


def cached() -> Iterator[tuple[str, str]]:
    """Yield what is in the cache, and in Redis whatever is ours."""
    if settings.REDIS_URL:
        import redis

        with redis.Redis.from_url(settings.REDIS_URL) as link:
            for key in link.scan_iter(match=f"{settings.REDIS_PREFIX}:*", count=1000):
                kind = link.type(key)
                found: Iterable[Any] = {
                    b"string": lambda key: [link.get(key)],
                    b"list": lambda key: link.lrange(key, 0, -1),
                    b"hash": lambda key: link.hgetall(key).values(),
                    b"set": lambda key: link.smembers(key),
                    b"zset": lambda key: link.zrange(key, 0, -1),
                    b"none": lambda key: [],  # its time ended since it was listed
                }[kind](key)
                for value in found:
                    yield f"redis {key!r}", as_text(value)
        return
    for key, value in getattr(cache, "_cache", {}).items():
        yield f"cache {key}", key.lower()
        yield f"cache {key}", as_text(pickle.loads(value))
    assert app.conf.broker_url
