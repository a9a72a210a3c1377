"""One clear sentence for each fault that stops a start, for whoever is at the keyboard."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db.utils import OperationalError


def database_sentence(fault: OperationalError) -> str:
    """Say which database did not answer, what it said (first line, no password) and what to do."""
    where = settings.DATABASES["default"]
    said = str(fault).strip().splitlines()[0] if str(fault).strip() else "no reason given"
    if "no such table" in said or "does not exist" in said and "relation" in said:
        return f"Not done: the database has no tables yet ({said}). Run: ./run manage migrate"
    if where["ENGINE"].endswith("sqlite3"):
        return (
            f"Not done: the SQLite file {where['NAME']} could not be used ({said}). "
            "Check that its folder exists, can be written and has free space."
        )
    place = f"{where['HOST']}:{where['PORT'] or 5432}/{where['NAME']}"
    return (
        f"Not done: the PostgreSQL database at {place} did not accept us ({said}). "
        "Check DATABASE_URL and that the server is running."
    )


def redis_sentence(url: str, fault: Exception) -> str:
    """Say which Redis did not answer, without its password, and what to do."""
    parts = urlsplit(url)
    said = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    return (
        f"Not done: Redis at {parts.hostname}:{parts.port or 6379} did not answer ({said}). "
        "Check REDIS_URL and that the server is running."
    )
