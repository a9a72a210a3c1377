"""
People who are named in a comment. It is stored with their keys ("@{12}"), never with their names, so that whoever is erased is
called as everywhere else.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.models import NotAllowed

MENTION = re.compile(r"@\{([0-9]{1,18})\}")
MOST = 10  # people in one comment
OFFERED = 200  # people


def mentionable(campaign: int, known: Iterable[User] = ()) -> list[User]:
    """Return who may see bulletins of the campaign with a key, by name, and then those `known` who may not any more; two queries."""
    people = User.objects.staff_with("bulletins.view_bulletin", campaign).filter(is_active=True)
    return list(dict.fromkeys([*people.order_by("name", "email")[:OFFERED], *known]))


def labels_of(people: Iterable[User]) -> dict[str, User]:
    """Return {how someone is named in a comment: that person}: by name, of two with the same name by address."""
    called = [(str(one), one) for one in people]
    times = Counter(name for name, _one in called)
    return {name if times[name] == 1 else one.email: one for name, one in called}


def as_typed(text: str, labels: Mapping[str, User]) -> str:
    """Return a stored text as its writer typed it, with how people are named: what `read_mentions` makes the same text of again."""
    names = {str(person.pk): name for name, person in labels.items()}
    return MENTION.sub(lambda match: f"@{names[match[1]]}" if match[1] in names else match[0], text)


def read_mentions(typed: str, labels: Mapping[str, User]) -> tuple[str, list[User]]:
    """
    Return a text as it is stored, and the people whom it names: after an @, the longest name that fits, as a whole word. Raise
    NotAllowed for too many.
    """
    if not labels:
        return typed, []
    names = "|".join(re.escape(one) for one in sorted(labels, key=len, reverse=True))
    found: dict[int, User] = {}

    def key_of(match: re.Match[str]) -> str:
        person = labels[match[1]]
        found[person.pk] = person
        return f"@{{{person.pk}}}"

    text = re.sub(rf"(?<![\w@])@({names})(?!\w)", key_of, typed)
    if len(found) > MOST:
        raise NotAllowed(_("Not saved: mention at most %(n)d people.") % {"n": MOST})
    return text, list(found.values())


def pieces_of(text: str, people: Iterable[User]) -> list[tuple[str, bool]]:
    """Return a stored text in pieces, each with whether it is somebody's name: of those who are mentioned, and nobody else."""
    called = {str(one.pk): str(one) for one in people}
    pieces: list[tuple[str, bool]] = []
    last = 0
    for match in MENTION.finditer(text):
        if match[1] in called:
            pieces += [(text[last : match.start()], False), (f"@{called[match[1]]}", True)]
            last = match.end()
    pieces.append((text[last:], False))
    return [piece for piece in pieces if piece[0]]
