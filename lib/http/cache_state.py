"""What the cache of public pages tells Django with each request, by names in its environment."""

LATE = 1.0  # seconds after which nobody knows any more whether anything has changed
AWAY = "bulletins.database_away"  # what Django is told while the database is away
LOOKED = "bulletins.database_looked_at"  # seconds since it last answered; None before the first time
