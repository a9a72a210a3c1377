"""What is kept of a server's words, and what its status says."""

import re

ADDRESS = re.compile(r'"[^"]{0,100}"@[^\s<>]+|(?<![^\s<>])[^\s<>]+@[^\s<>]+')
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")  # RFC 3463
NO_SUCH_ADDRESS = ("5.1.1", "5.1.10")


def is_missing_address(code: str) -> bool:
    """Return whether a server's status says that the address does not exist."""
    return code.rpartition(" ")[2] in NO_SUCH_ADDRESS


def without_addresses(words: str) -> str:
    """Return what a server said, without the addresses in it and what no ledger takes, 200 characters at most."""
    return ADDRESS.sub("…", " ".join(UNPRINTABLE.sub(" ", words).split()))[:200]
