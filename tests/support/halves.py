"""
Where the database matters: rules of what writes SQL by hand, asks which database it has, or counts in Redis are tested on both. All
else leaves its SQL to the ORM and is tested once, on PostgreSQL, which is the stricter of the two: it refuses texts that are too
long, types that don't fit and whatever follows a fault in a transaction.
"""

import re

BY_HAND = re.compile(r"\.cursor\(|\.vendor\b|\bRawSQL\(|\.raw\(|\.extra\(|contrib\.postgres")
# Each module of the product that does, and where it is tested; tests/architecture/test_layers.py finds them.
SQL_BY_HAND = {
    "accounts/audit/chain.py": "tests/accounts/audit/test_chain.py",
    "accounts/rate_limit.py": "tests/accounts/test_rate_limit.py",
    "delivery/fanout/fanout.py": "tests/delivery/fanout/",
    "delivery/reports/ledger_partitions.py": "tests/delivery/reports/",
    "delivery/sending/disk_space.py": "tests/delivery/sending/",
    "delivery/sending/dispatch.py": "tests/delivery/sending/",
    "delivery/sending/handoff.py": "tests/delivery/sending/",
    "delivery/sending/outcomes.py": "tests/delivery/sending/",
    "demo/management/commands/load_demo.py": "tests/demo/test_content_files.py",
    "impact/page_views/daily_views.py": "tests/impact/page_views/",
    "influencers/onboarding/csv_import/import_runs.py": "tests/influencers/onboarding/test_csv_import.py",
    "lib/clock.py": "tests/operations/test_hosts.py",
    "lib/frozen_rows.py": "tests/architecture/test_frozen_rows.py",
    "lib/text/similarity.py": "tests/lib/text/test_similarity.py",
    "operations/backups/backup.py": "tests/operations/backups/",
    "operations/backups/re_erasure.py": "tests/privacy/test_restoring.py",
    "operations/backups/restore.py": "tests/operations/backups/",
    "operations/doctor.py": "tests/operations/test_doctor.py",
    "operations/incident_report.py": "tests/operations/test_incident_report.py",
    "operations/monitoring/metrics.py": "tests/operations/monitoring/",
    "website/check_text/matcher.py": "tests/website/check_text/test_matcher.py",
    "website/check_text/value_matches.py": "tests/website/check_text/test_value_matches.py",
    "website/search/db_indexes.py": "tests/website/search/",
    "website/search/fulltext_backends.py": "tests/website/search/",
}
# What is counted and kept in Redis, or without it in files and in the process.
REDIS_OR_NOT = (
    "tests/config/backends/",
    "tests/config/http/caches/",
    "tests/config/test_without_redis.py",
    "tests/delivery/throttle/",
)
ON_BOTH = (*SQL_BY_HAND.values(), *REDIS_OR_NOT)
