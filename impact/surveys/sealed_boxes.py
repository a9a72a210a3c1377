"""
What no copy of the database may tell: the tokens of a survey that nobody has yet, and its answers before they are mixed.

A box holds parts of one length under one seal (accounts.crypto.encryption.seal, under a key that is in no database and no back-up).
Each change opens it, shuffles the parts and seals all of them anew. So two copies of the database show that a box has one part more
or less, never which; and a row has no order inside. A box is small, since each change writes all of it.

Used inside a transaction that holds the survey's row.
"""

import random
from collections.abc import Sequence

from accounts.crypto import encryption
from impact.models import SealedBox, Survey

MOST_PARTS = {SealedBox.Kind.HAT: 500, SealedBox.Kind.BOX: 64}
LENGTH = {SealedBox.Kind.HAT: 64, SealedBox.Kind.BOX: 1_200}  # bytes of a part, the rest blanks

chance = random.SystemRandom()


def fill(survey: Survey, kind: SealedBox.Kind, parts: Sequence[str]) -> None:
    """Make boxes of all `parts`."""
    most = MOST_PARTS[kind]
    for number, start in enumerate(range(0, len(parts), most)):
        some = parts[start : start + most]
        SealedBox.objects.create(
            survey=survey, kind=kind, number=number, parts=len(some), sealed=sealed(kind, list(some))
        )


def put(survey: Survey, kind: SealedBox.Kind, part: str) -> None:
    """Put one part in the last box, or in a new one when that is full."""
    boxes = SealedBox.objects.filter(survey=survey, kind=kind)
    box = boxes.order_by("number").last()
    if box is None or box.parts >= MOST_PARTS[kind]:
        box = SealedBox(survey=survey, kind=kind, number=box.number + 1 if box else 0, sealed="")
    write(box, [*opened(box), part])


def take(survey: Survey, kind: SealedBox.Kind) -> str | None:
    """Take one part by chance; None when there is none."""
    boxes = list(SealedBox.objects.filter(survey=survey, kind=kind, parts__gt=0))
    if not boxes:
        return None
    [box] = chance.choices(boxes, weights=[box.parts for box in boxes])
    parts = opened(box)
    part = parts.pop(chance.randrange(len(parts)))
    write(box, parts)
    return part


def write(box: SealedBox, parts: list[str]) -> None:
    """Store a box with other parts."""
    box.parts, box.sealed = len(parts), sealed(SealedBox.Kind(box.kind), parts)
    box.save()


def sealed(kind: SealedBox.Kind, parts: list[str]) -> str:
    """Return parts shuffled, each at its full length, under a seal. Raise ValueError for a part that is too long."""
    chance.shuffle(parts)
    padded = [part.encode().ljust(LENGTH[kind]) for part in parts]
    if any(len(part) > LENGTH[kind] for part in padded):
        raise ValueError("A part is too long for its box.")
    return encryption.seal(b"".join(padded))


def opened(box: SealedBox) -> list[str]:
    """Return the parts of a box, in no order. Raise encryption.Locked."""
    if not box.sealed:
        return []
    content, length = encryption.unseal(box.sealed), LENGTH[SealedBox.Kind(box.kind)]
    return [content[start : start + length].decode().rstrip(" ") for start in range(0, len(content), length)]
