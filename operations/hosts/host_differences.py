"""
Whether all hosts have the same settings, the same version and the right time.

Each process publishes a mark of every setting that it read, but for those that a host may have for itself: so a new setting is
compared from its first day on. A mark is keyed with SECRET_KEY and tells nothing of the value.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _

from delivery.models import HostProcess
from lib.clock import MOST_APART_SECONDS

KEY = "SECRET_KEY"
# What may differ: paths, addresses as seen from a host, how much a host does, and what it writes.
OF_EACH_HOST = frozenset(
    """
    ALLOWED_HOSTS BACKUP_MAIL_URL DATABASE_URL DATA_DIR DICTIONARIES DNS_SERVERS ENV_FILE EXERCISE_MAIL_URL LOG_FORMAT LOG_LEVEL
    MAIL_URL MEDIA_STORAGE_URL METRICS_TOKEN NLI_MODEL PROXIES REDIS_URL SEND_CONNECTIONS SPEECH_MODELS TRANSLATION_MODELS WEB_PROCESSES WEB_THREADS WORKER_PROCESSES
    """.split()
)


@cache
def marks() -> dict[str, str]:
    """Return {setting: mark} of what this process read and all hosts must share."""
    found = {
        name: hmac.digest(settings.SECRET_KEY.encode(), f"{name}={digest}".encode(), "sha256").hex()[:8]
        for name, digest in settings.VARIABLE_DIGESTS.items()
        if name not in OF_EACH_HOST and name != KEY
    }
    return found | {KEY: hashlib.sha256(f"mark of {settings.SECRET_KEY}".encode()).hexdigest()[:8]}


def disagreements(processes: Iterable[HostProcess], *, at: datetime) -> list[str]:
    """
    Return what is wrong among these processes, a line for each: hosts that fell silent, whose clock is wrong, whose settings
    differ (named, never their values), or that run different versions.
    """
    rows = sorted(processes, key=lambda row: (row.host, row.name))
    living = [row for row in rows if not row.is_silent(at=at)]
    silent = defaultdict(list)
    for row in rows:
        if row.is_silent(at=at):
            silent[row.host].append(row.name)
    found = [
        _("Silent: %(host)s (%(names)s)") % {"host": host, "names": ", ".join(names)} for host, names in silent.items()
    ]
    clocks = {row.host: row.clock_ahead for row in living if abs(row.clock_ahead) > MOST_APART_SECONDS}
    for host, ahead in clocks.items():
        says = _("Clock of %(host)s: %(n)s s ahead") if ahead > 0 else _("Clock of %(host)s: %(n)s s behind")
        found.append(says % {"host": host, "n": f"{abs(ahead):,.0f}"})
    found += differing_settings(living)
    releases = groups((row.host, row.release) for row in living)
    if len(releases) > 1:
        found.append(_("Versions differ: %(hosts)s") % {"hosts": " | ".join(releases)})
    return found


def differing_settings(living: Iterable[HostProcess]) -> Iterator[str]:
    """Yield a line for each setting that hosts differ in; SECRET_KEY alone where that is one, for under it every mark differs."""
    marks_of = [(row.host, row.marks) for row in living]
    keys = groups((host, marks.get(KEY, "")) for host, marks in marks_of)
    names = {KEY} if len(keys) > 1 else {name for _host, marks in marks_of for name in marks}
    for name in sorted(names):
        held = groups((host, marks.get(name, "")) for host, marks in marks_of)
        if len(held) > 1:
            yield _("Setting %(name)s differs: %(hosts)s") % {"name": name, "hosts": " | ".join(held)}


def groups(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return the hosts that have the same, a group for each value: "a, b"."""
    by_value: dict[str, set[str]] = defaultdict(set)
    for host, value in pairs:
        by_value[value].add(host)
    return sorted(", ".join(sorted(hosts)) for hosts in by_value.values())
