"""One clear sentence for each fault that stops a start, for whoever is at the keyboard."""

import errno
from urllib.parse import urlsplit

from django.conf import settings
from django.db.utils import DatabaseError, OperationalError, ProgrammingError

OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS}


class Refusal(Exception):
    """A start that cannot be, as one sentence for whoever is at the keyboard. manage.py prints it as it is."""


def sentence(fault: Exception) -> str | None:
    """Return the sentence for a fault of the set-up; None for what is a mistake in the code."""
    from kombu.exceptions import OperationalError as BrokerError
    from redis.exceptions import RedisError

    if isinstance(fault, Refusal):
        return str(fault)
    if isinstance(fault, OperationalError) or (isinstance(fault, ProgrammingError) and "does not exist" in str(fault)):
        return database_sentence(fault)
    if isinstance(fault, RedisError | BrokerError) and settings.REDIS_URL:
        return redis_sentence(settings.REDIS_URL, fault)
    if isinstance(fault, OSError) and fault.errno in OF_THE_MACHINE:
        return f"Not done: {os_sentence(fault)}"
    return None


def database_sentence(fault: DatabaseError) -> str:
    """Say which database did not answer, what it said (first line, no password) and what to do."""
    return "Not done: {}. {}.".format(*database_trouble(fault))


def redis_sentence(url: str, fault: Exception) -> str:
    """Say which Redis did not answer, without its password, and what to do."""
    return "Not done: {}. {}.".format(*redis_trouble(url, fault))


def database_trouble(fault: DatabaseError) -> tuple[str, str]:
    """Return what is wrong with the database and what to do, both without their full stop."""
    where = settings.DATABASES["default"]
    said = first_line(fault)
    if "no such table" in said or ("does not exist" in said and "relation" in said):
        return f"the database has no tables yet ({said})", "Run: ./run manage migrate"
    if "no such column" in said or "has no column" in said or ("column" in said and "does not exist" in said):
        return f"this database was made by another version ({said})", "Run: ./run doctor"
    if "disk is full" in said or "No space left" in said:
        return "the disk is full, so the database could not be written", "Free some space and start again"
    if where["ENGINE"].endswith("sqlite3"):
        return (
            f"the SQLite file {where['NAME']} could not be used ({said})",
            "Check that its folder exists, can be written and has free space",
        )
    place = f"{where['HOST']}:{where['PORT'] or 5432}/{where['NAME']}"
    return (
        f"the PostgreSQL database at {place} did not accept us ({said})",
        "Check DATABASE_URL and that the server is running",
    )


def redis_trouble(url: str, fault: Exception) -> tuple[str, str]:
    """Return what is wrong with Redis and what to do, both without their full stop."""
    parts = urlsplit(url)
    return (
        f"Redis at {parts.hostname}:{parts.port or 6379} did not answer ({first_line(fault)})",
        "Check REDIS_URL and that the server is running",
    )


def first_line(fault: Exception) -> str:
    """Return the first line of what a fault says, without its full stop; its kind when it says nothing."""
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0].rstrip(". ")


def os_sentence(fault: OSError) -> str:
    """Return the rest of a sentence for a fault of the operating system: full disk, no right to write, no such file."""
    place = f" ({fault.filename})" if fault.filename else ""
    match fault.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"the disk is full{place}. Free some space and start again."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"this user may not write or run it{place}. Change its owner or its rights."
        case errno.ENOENT:
            return f"there is no such file{place}."
    return f"{fault.strerror or fault}{place}."
