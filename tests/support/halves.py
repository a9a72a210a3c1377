"""Which apps, or parts of one, leave all SQL to the ORM: their rules are tested once, on PostgreSQL."""

BY_ORM = (
    "accounts",
    "bulletins",
    "campaigns",
    "delivery/feedback",
    "delivery/holds",
    "delivery/links",
    "delivery/message",
    "delivery/preflight",
    "delivery/recipients",
    "delivery/reports",
    "delivery/subscriptions",
    "delivery/transports",
    "factcheck",
    "impact",
    "influencers",
    "notifications",
    "preparedness",
    "questions",
    "website",
)
# What of them writes SQL by hand, and where it is tested, on both databases.
BY_HAND = {
    "accounts/audit/chain.py": "tests/accounts/audit/",
    "accounts/rate_limit.py": "tests/accounts/test_rate_limit.py",
    "impact/page_views/daily_views.py": "tests/impact/page_views/",
    "influencers/onboarding/csv_import/import_runs.py": "tests/influencers/onboarding/test_csv_import.py",
    "website/check_text/paraphrases.py": "tests/website/check_text/test_paraphrases.py",
    "website/check_text/matcher.py": "tests/website/check_text/test_matcher.py",
    "website/search/db_indexes.py": "tests/website/search/",
    "website/search/fulltext_backends.py": "tests/website/search/",
}
