"""The networks, each behind the same few calls (network.py)."""
