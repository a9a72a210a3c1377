"""What a bulletin on the shelf says, as plain data: a statement as templates have them, and as one list of texts to be written."""

from collections.abc import Iterator, Mapping
from typing import Any

from bulletins.models import SITUATION, Urgency
from lib.text.blanks import blanks_in
from preparedness.crisis_templates.template_files import (
    BLANK_KINDS,
    LONGEST_PREHEADER,
    LONGEST_SUBJECT,
    LONGEST_TITLE,
    Blank,
    HoldingStatement,
    Named,
)
from preparedness.models import ReadyBulletin

LINES = ("title", "subject", "preheader")
LIMITS = {"title": LONGEST_TITLE, "subject": LONGEST_SUBJECT, "preheader": LONGEST_PREHEADER}
OWN = (*LINES, "body", *SITUATION)
ROWS = {"message": "key_messages", "action": "calls_to_action"}

type Place = tuple[str, ...]  # ("title", "fi"), ("message", "0", "fi"), ("variant", "fi", "instagram", "caption")


def plain(statement: HoldingStatement) -> dict[str, Any]:
    """Return a statement as it is stored."""
    return {
        **{name: getattr(statement, name) for name in OWN},
        "key_messages": [{"key": one.key, "text": one.text, "hours": hours} for one, hours in statement.key_messages],
        "calls_to_action": [{"key": one.key, "text": one.text} for one in statement.calls_to_action],
        "variants": statement.variants,
        "topics": statement.topics,
        "blanks": [
            {"key": one.key, "kind": one.kind, "label": one.label, "example": one.example} for one in statement.blanks
        ],
    }


def statement_of(ready: ReadyBulletin) -> HoldingStatement:
    """Return a bulletin on the shelf as a statement out of which a draft is made."""
    content = ready.content
    return HoldingStatement(
        key=ready.key,
        urgency=Urgency(ready.urgency),
        blanks=[Blank(one["key"], one["kind"], one["label"], one["example"]) for one in content["blanks"]],
        key_messages=[(Named(one["key"], one["text"]), one["hours"]) for one in content["key_messages"]],
        calls_to_action=[Named(one["key"], one["text"]) for one in content["calls_to_action"]],
        topics=content["topics"],
        variants=content["variants"],
        **{name: content.get(name, {}) for name in OWN},
    )


def languages_of(content: Mapping[str, Any]) -> list[str]:
    """Return the languages in which it has a title and a text."""
    return [code for code, title in content["title"].items() if title and content["body"].get(code)]


def texts_of(content: Mapping[str, Any]) -> dict[Place, str]:
    """Return every text by its place, those of a language one after the other."""
    return {place: text for code in content["title"] for place, text in _of_language(content, code)}


def _of_language(content: Mapping[str, Any], code: str) -> Iterator[tuple[Place, str]]:
    for name in OWN:
        if name not in SITUATION or any(content.get(name, {}).values()):
            yield (name, code), content.get(name, {}).get(code, "")
    for kind, rows in ROWS.items():
        for number, row in enumerate(content[rows]):
            yield (kind, str(number), code), row["text"].get(code, "")
    for platform, fields in content["variants"].get(code, {}).items():
        for name, text in fields.items():
            yield ("variant", code, platform, name), text


def written(content: Mapping[str, Any], texts: Mapping[Place, str]) -> dict[str, Any]:
    """Return a content with other texts in some of its places; those that it does not have are passed over."""
    new: dict[str, Any] = {
        **content,
        **{name: dict(content.get(name, {})) for name in OWN},
        **{rows: [{**row, "text": dict(row["text"])} for row in content[rows]] for rows in ROWS.values()},
        "variants": {
            code: {platform: dict(fields) for platform, fields in platforms.items()}
            for code, platforms in content["variants"].items()
        },
    }
    for place in texts_of(content).keys() & texts.keys():
        kind, *rest = place
        if kind == "variant":
            code, platform, name = rest
            new["variants"][code][platform][name] = texts[place]
        elif kind in ROWS:
            number, code = rest
            new[ROWS[kind]][int(number)]["text"][code] = texts[place]
        else:
            new[kind][rest[0]] = texts[place]
    return new


def with_blanks_declared(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content whose blanks are those that its texts have, in their order; new ones take any words."""
    known = {one["key"]: one for one in content["blanks"]}
    used = dict.fromkeys(name for text in texts_of(content).values() for name in blanks_in(text))
    fresh = {"kind": "text", "label": {}, "example": {}}
    return {**content, "blanks": [known.get(name, {"key": name, **fresh}) for name in used]}


def with_blanks_described(content: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Return a content in which blanks are of other kinds, {blank: kind}."""
    return {
        **content,
        "blanks": [
            {**one, "kind": kinds[one["key"]]} if kinds.get(one["key"]) in BLANK_KINDS else one
            for one in content["blanks"]
        ],
    }
