"""What influencers did and wrote (network.yaml), and the words of thanks (thanks.yaml)."""

from pathlib import Path

from lib.yaml_files import read_text, yaml_item

from .content import Content

NETWORK = "network.yaml"


def read_thanks(folder: Path, content: Content) -> None:
    """Read the words of thanks; each has a place for the name."""
    name = "thanks.yaml"
    for item in yaml_item(read_text(folder, name), name, content.languages).items("thanks"):
        item.text("key", 40)
        for code, text in item.translated("text").items():
            if "{name}" not in text:
                raise item.fault("text", f"has no {{name}} in {code}")
        content.thanks.append(item)


def check_network(content: Content) -> None:
    """Look at what influencers did and wrote."""
    top = content.network
    top.translated("welcome")
    said = [item for key in ("messages", "contacts", "notes") for item in top.items(key)]
    for item in said:
        item.text("text")
    for item in [*said, *top.items("thanks")]:
        item.hours("ago")
    words = {item.text("key") for item in content.thanks}
    for item in top.items("thanks"):
        item.choice("words", words)
    numbers = {bulletin.number for bulletin in content.bulletins}
    for item in top.items("posts"):
        item.choice("bulletin", numbers)
        item.text("platform", 12)
        item.choice("language", content.languages)
        item.hours("after")
        for key in {"corrected_after", "removed_after"} & item.data.keys():
            item.hours(key)
