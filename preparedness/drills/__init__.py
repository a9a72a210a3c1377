"""Drills: a scenario that plays itself in an exercise campaign, what it measures, and the report after it."""
