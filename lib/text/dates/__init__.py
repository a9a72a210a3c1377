"""Dates and times as people and calendars write them: how long, until when, and at the beginning of a line."""
