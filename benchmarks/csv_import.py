"""How long a file of very many influencers takes to be read, and to be stored, and the memory that it needs."""

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from typing import Any

ROWS = 100_000
WRITE = """
import csv, sys
from demo.exercise.participants.synthetic_people import generate
made = generate(int(sys.argv[2]))
with open(sys.argv[1], "w", encoding="utf-8", newline="") as out:
    writer = csv.DictWriter(out, fieldnames=list(made[0]))
    writer.writeheader()
    writer.writerows(made)
"""


def people(number: int = ROWS) -> dict[str, Any]:
    """
    Read a file of `number` synthetic influencers, 40 columns wide, and store it, as a worker does; beside the time that
    Python's csv module takes to go through the same file in the same run.
    """
    from django.core.files import File
    from django.utils import timezone

    from campaigns.models import Region
    from demo.exercise.participants.synthetic_people import INTERESTS, REGIONS
    from influencers.models import ImportRun, Influencer, Interest
    from influencers.onboarding.csv_import import import_runs
    from tests.support import builders

    now = timezone.now()
    campaign = builders.build_campaign()
    Region.objects.bulk_create(Region(code=code, name={"en": code}) for code in REGIONS)
    Interest.objects.bulk_create(Interest(campaign=campaign, slug=slug, name={"en": slug}) for slug in INTERESTS)
    by = builders.build_user("liaison", "liaison")
    with tempfile.NamedTemporaryFile("w+b", suffix=".csv") as data:
        # In a process of its own, so that its memory is not counted here.
        subprocess.run([sys.executable, "-c", WRITE, data.name, str(number)], check=True)
        size = os.path.getsize(data.name)
        began = time.perf_counter()
        with open(data.name, encoding="utf-8", newline="") as text:
            columns = max(len(cells) for cells in csv.reader(text))
        bare = time.perf_counter() - began
        run = import_runs.take(campaign, File(data), name="people.csv", source="bench", by=by, at=now)
        before = peak()
        began = time.perf_counter()
        import_runs.work(at=now)
        read = time.perf_counter() - began
    run.refresh_from_db()
    shown = dict(run.counts)
    import_runs.request_store(run, by=by, at=now)
    began = time.perf_counter()
    import_runs.work(at=now)
    stored = time.perf_counter() - began
    run.refresh_from_db()
    assert run.state == ImportRun.State.APPLIED and run.counts == shown
    return {
        "rows": number,
        "megabytes": round(size / 1e6, 1),
        "columns": columns,
        "fates": shown,
        "people": Influencer.objects.count(),
        "read_seconds": round(read, 1),
        "store_seconds": round(stored, 1),
        "seconds": round(read + stored, 1),
        "limit_seconds": round(bare, 2),
        "rss_mb": round(peak() / 1024),
        "rss_before_mb": round(before / 1024),
    }


def peak() -> int:
    """Return the most memory that this process has held, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
