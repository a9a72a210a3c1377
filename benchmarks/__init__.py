"""Measurements, never tests: each prints one JSON line with the limit measured in the same run beside it."""
