"""Message inputs (inputs/): what authorities gave, with sources and facts."""

from pathlib import Path

from lib.yaml_files import ContentError, read_text

from .content import Content, MessageInputFile
from .formats import markdown


def read_inputs(folder: Path, content: Content) -> list[MessageInputFile]:
    """Read every message input, in the order of their names."""
    authorities, topics, regions = (
        content.slugs("authorities"),
        content.slugs("topics"),
        content.slugs("regions", "code"),
    )
    found = []
    for path in sorted((folder / "inputs").glob("*.md")):
        name = f"inputs/{path.name}"
        front, body = markdown(read_text(folder, name), name, content.languages)
        front.choice("authority", authorities)
        front.text("title", 250)
        front.choice("language", content.languages)
        front.choice("urgency", ("routine", "elevated", "urgent"))
        front.moment("received_at")
        front.moment("embargo_until", optional=True)
        front.moment("valid_until", optional=True)
        front.choices("regions", regions | {"all"})
        front.choices("topics", topics)
        sources, facts = front.items("sources"), front.items("key_facts")
        for source in sources:
            source.text("id", 20)
            source.text("publisher", 200)
            source.text("title", 300)
            source.url("url")
        for fact in facts:
            fact.text("id", 40)
            fact.text("text")
            fact.choice("source", {source.text("id") for source in sources})
            fact.moment("valid_until", optional=True)
        found.append(MessageInputFile(front.text("id", 40), front, body, sources, facts))
    if not found:
        raise ContentError(f"inputs/ has no message input in {folder}.")
    known = {fact.text("id") for entry in found for fact in entry.facts}
    for entry in found:
        for fact in entry.facts:
            if "superseded_by" in fact.data:
                fact.choice("superseded_by", known)
                fact.moment("superseded_at")
    return found
