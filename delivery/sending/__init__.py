"""A send from its rows to the wire: fan-out, windows, hand-off, outcomes, retries."""
