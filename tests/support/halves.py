"""Which apps leave all SQL to the ORM: their rules are tested once, on PostgreSQL."""

BY_ORM = ("accounts", "bulletins", "campaigns", "factcheck", "influencers", "notifications", "questions")
# What of them writes SQL by hand, and where it is tested, on both databases.
BY_HAND = {
    "accounts/audit/chain.py": "tests/accounts/audit/",
    "accounts/rate_limit.py": "tests/accounts/test_rate_limit.py",
    "influencers/onboarding/csv_import/import_runs.py": "tests/influencers/onboarding/test_csv_import.py",
}
