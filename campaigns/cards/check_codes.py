"""
The short codes on what people pass on: /c/7K2F9QTD tells who said it, when, and whether it still holds.

A code stands for a statement: one key message in one language, with its end and its source, or what another module says
it is. Every picture of a statement carries its code, whatever its size and look, and a statement that did not change
keeps it through a correction. Codes are drawn at random, so one tells nothing about the next; only who asks for one that
is not there often is slowed down. What a code says is worked out from what is published when somebody asks: a code that
is there before its statement is published, as on a card in review, says no more than one that was never given.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings

from ..models import Campaign, CheckCode

Kind = CheckCode.Kind

# No sign is read as another one: not 0 and O, 1 and I and L, 2 and Z, 5 and S, 8 and B, U and V; nor makes a word.
SIGNS = "23456789CDFGHJKMNPQRTWXY"
LENGTH = 8  # 24 signs each: 110,000 million codes
READ_AS = str.maketrans({"Z": "2", "S": "5", "B": "8"})


def read(typed: str) -> str:
    """Return a code as it is kept from what somebody typed: "7k2f-9qtd", "7K2F 9QTD". "" when it cannot be one."""
    if len(typed) > 4 * LENGTH:
        return ""
    code = re.sub(r"[\s\-\u2010-\u2015]", "", typed).upper().translate(READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(SIGNS) else ""


def searched(words: str) -> str:
    """
    Return the code that somebody looks for among words, alone or as the end of its address, "" for none. Eight digits in a row are
    read as a number, unless they stand in two halves as a code is printed.
    """
    typed = words.strip().rpartition("/c/")[2].rstrip("/")
    code = read(typed)
    return "" if code and typed.isdigit() else code


def address(code: str) -> str:
    """Return the address of the page that tells what a code stands for, "" without a code."""
    return f"{settings.PUBLIC_URL}/c/{code}" if code else ""


def codes_of(kind: str, subject: int) -> dict[str, str]:
    """Return {statement: code} of all codes that were given to something; one query."""
    rows = CheckCode.objects.filter(kind=kind, subject=subject)
    return dict(rows.values_list("statement", "code"))


def give(campaign: Campaign, kind: str, subject: int, statements: Iterable[str], *, at: datetime) -> dict[str, str]:
    """
    Return {statement: code} with a code for each of `statements` (SHA-256, hex); those without one get theirs now. Safe
    to run twice at once. `subject` is the key of the bulletin, fact-check or answer that says them.
    """
    wanted = dict.fromkeys(statements)
    found = codes_of(kind, subject)
    while new := [one for one in wanted if one not in found]:
        rows = [
            CheckCode(campaign=campaign, kind=kind, subject=subject, statement=one, code=fresh(), given_at=at)
            for one in new
        ]
        # A code that is taken, or a statement that got one in this moment, is left out: the next round sees it.
        CheckCode.objects.bulk_create(rows, ignore_conflicts=True)
        found = codes_of(kind, subject)
    return {one: found[one] for one in wanted}


def give_whole(campaign: Campaign, kind: str, subject: int, parts: Sequence[str], *, at: datetime) -> str:
    """Return the code of what several statements make together, as a video does; without one it gets its own now."""
    mark = hashlib.sha256(json.dumps(["whole", *parts]).encode()).hexdigest()
    code = give(campaign, kind, subject, [mark], at=at)[mark]
    CheckCode.objects.filter(code=code, parts__isnull=True).update(parts=list(parts))
    return code


def fresh() -> str:
    """Return a code that nobody can foretell."""
    return "".join(secrets.choice(SIGNS) for _place in range(LENGTH))
