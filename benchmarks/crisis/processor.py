"""What a day costs in processor time, by part; the world outside (the relay, the readers) is not counted."""

import os
from collections import defaultdict
from pathlib import Path

OUTSIDE = {"wrk", "smtp-sink"}
PARTS = {"postgres": "database", "redis-server": "redis", "valkey-server": "redis", "nginx": "nginx"}
TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """
    Processor seconds of the processes under this one, since it was made. Read it before any of them is killed; one that ends
    by itself between two readings is not counted from the last one on.
    """

    def __init__(self, *, web: int, outside: int) -> None:
        self.web, self.outside = web, outside
        self.used: dict[tuple[int, str], tuple[str, float]] = {}
        self.read()
        self.before = {process: seconds for process, (_part, seconds) in self.used.items()}

    def read(self) -> None:
        """Look at every process that lives now."""
        found: dict[int, tuple[str, list[str]]] = {}  # {pid: (name, what follows it in /proc/PID/stat)}
        for file in Path("/proc").glob("[0-9]*/stat"):
            try:
                _pid, _parenthesis, rest = file.read_text().partition(" (")
            except OSError:  # it has just ended
                continue
            name, _parenthesis, words = rest.rpartition(") ")
            found[int(file.parent.name)] = (name, words.split())
        for pid, (name, stat) in found.items():
            above = int(stat[1])
            while above > 1 and above != os.getpid():
                above = int(found[above][1][1]) if above in found else 0
            if above != os.getpid() or pid == self.outside or name in OUTSIDE:
                continue
            part = PARTS.get(name) or ("web" if int(stat[3]) == self.web else "mail")
            self.used[pid, stat[19]] = (part, (int(stat[11]) + int(stat[12])) / TICKS)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by part."""
        total: dict[str, float] = defaultdict(float)
        for process, (part, seconds) in self.used.items():
            total[part] += seconds - self.before.get(process, 0.0)
        return total
