"""What comes of a save while others write too: stored, set aside in a clash, or refused with a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from bulletins.models import Bulletin, SetAside

from .three_way_merge import Clash, merge, token


@dataclass(slots=True)
class Kept:
    """{field: text} that is to be stored, the clashes (set aside), and {field: sentence} of what cannot be stored."""

    changed: dict[str, str] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


def keep(
    bulletin: Bulletin,
    part: str,
    stored: Mapping[str, str],
    sent: Mapping[str, str],
    read: Mapping[str, str],
    *,
    by: User,
    at: datetime,
    fault: Callable[[str, str], str] | None = None,
) -> Kept:
    """
    Merge what `by` sent into what is stored of `part`, and set aside the words of every clash. Fields that `stored`
    does not know, and those that `by` left as they had read them, are left alone. `fault` says what is wrong with a
    field's text, or "". Inside a transaction.
    """
    typed = {name: text for name, text in sent.items() if name in stored and read.get(name) != token(text)}
    merged = merge(stored, typed, read)
    kept = Kept(clashes=merged.clashes)
    for name, text in merged.changed.items():
        says = fault(name, text) if fault else ""
        if says:
            kept.faults[name] = says
        else:
            kept.changed[name] = text
    for clash in kept.clashes:
        set_aside(bulletin, part, clash.field, clash.mine, by=by, at=at)
    return kept


def set_aside(bulletin: Bulletin, part: str, name: str, text: str, *, by: User, at: datetime) -> None:
    """Keep words of `by` that are not stored. Until they have chosen, their newer words for the place take over."""
    waiting = SetAside.objects.filter(bulletin=bulletin, part=part, field=name, by=by, settled_at=None)
    if not waiting.update(text=text, at=at):
        SetAside.objects.create(bulletin=bulletin, part=part, field=name, text=text, by=by, at=at)


def settle(bulletin: Bulletin, part: str, name: str, *, by: User, at: datetime) -> int:
    """Note that `by` has chosen between the two texts of a field; return how many set-aside texts that settled."""
    waiting = SetAside.objects.filter(bulletin=bulletin, part=part, field=name, by=by, settled_at=None)
    return waiting.update(settled_at=at)
