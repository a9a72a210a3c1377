"""A send from its rows to the wire: windows, hand-off, outcomes, retries."""
