"""Bulletins (bulletins/): each in every language, in easy language, for each platform, and how it was corrected."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.yaml_files import ContentError, Item, read_text, yaml_item

from .content import BulletinFile, Content, Correction, EasyEditionFile, EditionFile
from .formats import markdown, moment_of

EDITION_LIMITS = {"title": 160, "subject": 60, "preheader": 90}
TONES = ("warm", "short")  # besides the plain one, as bulletins.KeyMessage has them
HEADING = re.compile(r"^## ", re.MULTILINE)
# Which field of a file becomes which field of a Variant. Pictures are on example.org and do not exist.
VARIANT_FIELDS: dict[str, dict[str, str]] = {
    "instagram": {"caption": "caption"},
    "tiktok": {"title": "photo_title", "caption": "video_caption", "script": "script"},
    "youtube": {"title": "title", "caption": "description", "script": "script"},
}


def read_bulletin(folder: Path, content: Content, number: int, facts: set[str]) -> None:
    """Read a bulletin with its variants, and its correction when it has one."""
    base = f"bulletins/{number:03}"
    names = [f"{language}.md" for language in content.languages] + ["variants.yaml"]
    texts = {name: read_text(folder, f"{base}/{name}") for name in names}
    bulletin = build_bulletin(content, number, texts, facts)
    bulletin.easy.update(read_easy(folder, base, content))
    content.bulletins.append(bulletin)
    if not (folder / base / "correction.yaml").exists():
        return
    name = f"{base}/correction.yaml"
    correction = yaml_item(read_text(folder, name), name, content.languages)
    for step in correction.items("replacements"):
        file, before = step.choice("file", names), step.text("before")
        if (times := texts[file].count(before)) != 1:
            raise step.fault("before", f"occurs {times} times in {base}/{file}; it should occur once")
        texts[file] = texts[file].replace(before, step.text("after"))
    content.corrections.append(
        Correction(
            bulletin=build_bulletin(content, number, texts, facts),
            at=moment_of(correction, "published_at"),
            subject=correction.translated("subject", EDITION_LIMITS["subject"]),
            preheader=correction.translated("preheader", EDITION_LIMITS["preheader"]),
            what_changed=correction.translated("what_changed"),
            share_text=correction.translated("story_text"),
        )
    )


def read_easy(folder: Path, base: str, content: Content) -> dict[str, EasyEditionFile]:
    """Read the editions of a bulletin in easy language: "fi-easy.md" beside "fi.md"."""
    found = {}
    for language in content.languages:
        name = f"{base}/{language}-easy.md"
        if (folder / name).exists():
            front, body = markdown(read_text(folder, name), name, content.languages)
            texts = {key: front.text(key, longest) for key, longest in EDITION_LIMITS.items()}
            found[language] = EasyEditionFile(front.choice("language", (language,)), **texts, body=body)
    return found


def tones_of(message: Item) -> list[str]:
    """Return in which other tones a key message is written."""
    return [tone for tone in TONES if tone in message.data]


def ends_at(message: Item) -> datetime | None:
    """Return until when a key message holds: as it says, or until what another bulletin says replaced it."""
    is_replaced = "superseded_at" in message.data
    return message.moment("superseded_at") if is_replaced else message.moment("valid_until", optional=True)


def build_bulletin(content: Content, number: int, texts: dict[str, str], facts: set[str]) -> BulletinFile:
    """Parse a bulletin from the texts of its files and hold its languages against each other."""
    base = f"bulletins/{number:03}"
    variants = yaml_item(texts["variants.yaml"], f"{base}/variants.yaml", content.languages)
    inputs, topics = {entry.reference for entry in content.inputs}, content.slugs("topics")
    claims = {claim.text("id") for claim in content.claims}
    editions: dict[str, EditionFile] = {}
    shared: list[Any] = []
    for language in content.languages:
        name = f"{base}/{language}.md"
        front, body = markdown(texts[f"{language}.md"], name, content.languages)
        if front.get("number") != number:
            raise front.fault("number", f"is {front.get('number')!r}; the folder says {number}")
        front.choice("language", (language,))
        messages, actions = front.items("key_messages"), front.items("calls_to_action")
        for message in messages:
            message.text("id", 40)
            message.choice("fact", facts)
            message.text("text")
            for tone in tones_of(message):
                message.text(tone)
            ends_at(message)
            message.url("source")
        editions[language] = EditionFile(
            **{key: front.text(key, longest) for key, longest in EDITION_LIMITS.items()},
            body=without_downloads(body, name),
            hashtags=front.hashtags("hashtags"),
            key_messages=messages,
            calls_to_action={action.text("id", 40): action.text("text") for action in actions},
            variants={platform: read_variant(variants.item(language), platform) for platform in VARIANT_FIELDS},
        )
        shared.append(
            {
                "published_at": moment_of(front, "published_at"),
                "inputs": front.choices("inputs", inputs),
                "topics": front.choices("topics", topics),
                "claims": front.choices("claims", claims),
                "key_messages": [(m.text("id"), m.text("fact"), ends_at(m), tones_of(m)) for m in messages],
                "calls_to_action": list(editions[language].calls_to_action),
            }
        )
        if differs := next((key for key in shared[0] if shared[-1][key] != shared[0][key]), None):
            raise front.fault(differs, f"differs from {base}/{content.languages[0]}.md")
    return BulletinFile(
        number, shared[0]["published_at"], shared[0]["inputs"], shared[0]["topics"], shared[0]["claims"], editions
    )


def without_downloads(body: str, name: str) -> str:
    """
    Return the text without its last section, the list of files to download.

    The list names files on example.org that do not exist, and nobody should meet a dead link.
    """
    headings = [found.start() for found in HEADING.finditer(body)]
    if len(headings) != 5:
        raise ContentError(f"{name}: the text has {len(headings)} sections that begin with ##; there should be 5.")
    return body[: headings[-1]].strip()


def read_variant(language: Item, platform: str) -> dict[str, Any]:
    """Return the fields of bulletins.Variant for one platform."""
    item = language.item(platform)
    fields: dict[str, Any] = {ours: item.text(theirs) for ours, theirs in VARIANT_FIELDS[platform].items()}
    fields |= {"hashtags": item.hashtags("hashtags"), "alt_text": item.text("alt_text")}
    return fields | ({"tags": item.texts("tags")} if platform == "youtube" else {})
