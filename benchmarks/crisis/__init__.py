"""The compressed first day of a national crisis, played by real processes (`./run bench crisis`)."""
