"""Ways to help and the organisations behind them (ways-to-help.yaml)."""

from pathlib import Path

from lib.yaml_files import read_text, yaml_item

from .content import Content


def read_ways_to_help(folder: Path, content: Content) -> None:
    """Read the organisations and what one can do for each."""
    name = "ways-to-help.yaml"
    top = yaml_item(read_text(folder, name), name, content.languages)
    organisations, ways = top.items("organisations"), top.items("ways")
    keys = {item.text("key", 40) for item in organisations}
    for item in organisations:
        item.translated("name")
        item.url("url")
    topics = content.slugs("topics")
    regions = {region.text("code") for region in content.campaign.items("regions")}
    for item in ways:
        item.choice("behind", keys)
        item.choice("topic", topics)
        item.translated("title", 120)
        item.translated("does")
        for key in ("minutes", "days", *(key for key in ("done", "from_age") if key in item.data)):
            item.number(key)
        if "region" in item.data:
            item.choice("region", regions)
        if "place" in item.data:
            item.translated("place", 200)
        if "url" in item.data:
            item.url("url")
    content.organisations.extend(organisations)
    content.ways_to_help.extend(ways)
