"""What a bulletin would say on the shelf: its words, with blanks where somebody chose that a value is another one next time."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from bulletins.approval import eligibility
from bulletins.editing.key_messages import Row, part_of
from bulletins.editing.variants import FIELDS, LISTS
from bulletins.facts.fact_list import FactRow, facts_of
from bulletins.facts.text_places import TextPlace, places
from bulletins.models import Bulletin, Edition, Parts
from campaigns.models import ReadingLevel
from lib.text.facts.fact import Fact

from . import contents

# Kinds of facts that can become blanks, and the kind of blank that each becomes.
BECOMES = {"date": "date", "time": "time", "number": "number", "phone": "contact", "web": "contact", "address": "place"}
NAMES = {"date": "date", "time": "time", "number": "number", "contact": "contact", "place": "place"}


@dataclass(frozen=True)
class Proposal:
    """A value of a bulletin that can become a blank; `key` names it in a form, `places` is how many texts say it."""

    key: str
    kind: str
    shown: str
    places: int


def proposals(bulletin: Bulletin, *, at: datetime) -> list[Proposal]:
    """Return the values that can become blanks, as the facts of the bulletin have them."""
    found = []
    for row in facts_of(Parts(bulletin), at=at):
        if (
            row.kind in BECOMES
            and not row.is_small
            and (texts := [place for place, facts in row.found if alone(facts)])
        ):
            found.append(Proposal(row.key, BECOMES[row.kind], row.shown, len(texts)))
    return found


def alone(facts: Iterable[Fact]) -> list[Fact]:
    """Return the mentions that say one value; the two ends of a range stay as they are written."""
    return [fact for fact in facts if len(fact.form.values) == 1]


def content_of(bulletin: Bulletin, blanks: Collection[str], *, at: datetime) -> dict[str, Any]:
    """
    Return what a bulletin says, as the shelf keeps it (contents.py): its standard editions, key messages, calls to action and words for
    channels. `blanks` are the keys of the values that become blanks, in every text that says them.
    """
    parts = Parts(bulletin)
    named = names_of(row for row in facts_of(parts, at=at) if row.key in blanks and row.kind in BECOMES)
    texts = {place.key: with_blanks(place, named) for place in places(parts)}
    editions = written_of(parts)
    languages = [one.language for one in editions]
    return {
        **{
            name: {one.language: texts.get(f"edition:{one.pk}:{name}", "") for one in editions} for name in contents.OWN
        },
        "key_messages": [
            {**of_row(one, texts), "hours": hours_of(one.valid_until, at=at)} for one in parts.key_messages
        ],
        "calls_to_action": [of_row(one, texts) for one in parts.calls_to_action],
        "variants": {one.language: variants_of(one, texts) for one in editions},
        "topics": [topic.slug for topic in bulletin.topics.all()],
        "blanks": [described(name, row, languages) for name, row in named.items()],
    }


def written_of(parts: Parts) -> list[Edition]:
    """Return the standard editions that have a title."""
    return [one for one in parts.editions if one.reading_level == ReadingLevel.STANDARD and one.title.strip()]


def of_row(row: Row, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return a key message or a call to action in each language, out of the texts by their places."""
    return {
        "key": row.key,
        "text": {code: texts[place] for code in row.text if (place := f"{part_of(row)}:{code}") in texts},
    }


def variants_of(edition: Edition, texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return an edition's words for channels, {platform: {field: text}}; hashtags and tags a line of each."""
    return {
        variant.platform: {
            name: "\n".join(getattr(variant, name)) if name in LISTS else texts.get(f"variant:{variant.pk}:{name}", "")
            for name in FIELDS[variant.platform]
        }
        for variant in edition.variants.all()
        if variant.platform in FIELDS
    }


def names_of(rows: Iterable[FactRow]) -> dict[str, FactRow]:
    """Return {name of the blank: the value that it stands for}: "date", and for the next one of a kind "date-2"."""
    found: dict[str, FactRow] = {}
    for row in rows:
        name, number = NAMES[BECOMES[row.kind]], 2
        while name in found:
            name, number = f"{NAMES[BECOMES[row.kind]]}-{number}", number + 1
        found[name] = row
    return found


def with_blanks(place: TextPlace, named: dict[str, FactRow]) -> str:
    """Return a text with the values that are named as blanks."""
    cuts = sorted(
        (fact.start + len(before(fact)), fact.end, name)
        for name, row in named.items()
        for where, facts in row.found
        if where.key == place.key
        for fact in alone(facts)
    )
    text, done = "", 0
    for start, end, name in cuts:
        if start >= done:
            text, done = f"{text}{place.text[done:start]}{{{name}}}", end
    return text + place.text[done:]


def before(fact: Fact) -> str:
    """Return the words of a mention that stay before any value: "den ", "klo "."""
    first = fact.form.pieces[0]
    return first if isinstance(first, str) and any(map(str.isalpha, first)) else ""


def described(name: str, row: FactRow, languages: list[str]) -> dict[str, Any]:
    """Return a blank with what it stood for as its example, and its label in the languages that we speak."""
    labels = {}
    for code in languages:
        with override(code):
            labels[code] = str(label_of(BECOMES[row.kind]))
    example = {place.language: facts[0].written for place, facts in reversed(row.found) if facts}
    return {"key": name, "kind": BECOMES[row.kind], "label": labels, "example": example}


def label_of(kind: str) -> str:
    """Return what a blank of a kind is called, in the active language."""
    return {
        "date": _("Day"),
        "time": _("Time"),
        "number": _("Number"),
        "contact": _("Contact"),
        "place": _("Place"),
    }[kind]


def hours_of(until: datetime | None, *, at: datetime) -> int:
    """Return for how many hours a key message holds when it is used, as far as it held from now; 0 for until further notice."""
    return max(1, round((until - at).total_seconds() / 3600)) if until and until > at else 0


def writers_of(bulletin: Bulletin) -> list[User]:
    """Return who wrote the version of a bulletin that is in the making, or was published last; four queries."""
    return list(User.objects.filter(pk__in=eligibility.of_one(bulletin).editor_ids))
