"""Codes that are printed and typed again: nobody guesses one, and nobody reads one sign for another."""

import secrets

# Crockford's base 32: no I, L, O and U.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
LENGTH, GROUP = 16, 4  # 80 bits, in groups that can be read aloud


def normal(typed: str) -> str:
    """Return a code as it is kept, "" for what cannot be one: small letters, spaces, dashes and O for 0 don't matter."""
    bare = "".join(sign for sign in typed[:100].upper() if sign.isalnum()).translate(READ_AS)
    if len(bare) != LENGTH or any(sign not in SIGNS for sign in bare):
        return ""
    return in_groups(bare)


def in_groups(bare: str) -> str:
    """Return a code in groups: K7M2-9QXR-4TBD-WE3H."""
    return "-".join(bare[at : at + GROUP] for at in range(0, len(bare), GROUP))


def new_code() -> str:
    """Return a code that nobody can guess."""
    return in_groups("".join(secrets.choice(SIGNS) for _place in range(LENGTH)))
