"""What is kept of a server's words."""

import re

ADDRESS = re.compile(r'"[^"]{0,100}"@[^\s<>]+|(?<![^\s<>])[^\s<>]+@[^\s<>]+')
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def without_addresses(words: str) -> str:
    """Return what a server said, without the addresses in it and what no ledger takes, 200 characters at most."""
    return ADDRESS.sub("…", " ".join(UNPRINTABLE.sub(" ", words).split()))[:200]
