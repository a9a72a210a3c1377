"""Narratives, claims and reports (claims/)."""

from pathlib import Path

from lib.yaml_files import Item, items_of, parse_yaml, read_text, yaml_item

from .content import Content


def read_claims(folder: Path, content: Content) -> None:
    """Read the narratives and the claims that serve them."""
    name = "claims/narratives.yaml"
    parent = Item({}, name, 1, "", content.languages)
    content.narratives.extend(items_of(parse_yaml(read_text(folder, name), name), parent, "narrative"))
    for narrative in content.narratives:
        narrative.text("id", 60)
        for key in ("name", "description", "need_behind"):
            narrative.translated(key)
        narrative.day("first_seen", optional=True)
    slugs, topics = {narrative.text("id") for narrative in content.narratives}, content.slugs("topics")
    for path in sorted((folder / "claims").glob("cl-*.yaml")):
        name = f"claims/{path.name}"
        claim = yaml_item(read_text(folder, name), name, content.languages)
        claim.text("id", 60)
        claim.choice("narrative", slugs)
        claim.choices("topics", topics)
        claim.choice("verdict", ("true", "false", "fifty_fifty", "unproven"))
        claim.choice("status", ("published",))
        claim.day("checked_at")
        claim.day("valid_until", optional=True)
        for key in ("claim", "fact", "warning", "fallacy", "fact_again", "how_checked"):
            claim.translated(key)
        for evidence in claim.items("evidence"):
            evidence.text("publisher", 200)
            evidence.text("title", 300)
            evidence.url("url")
        for sighting in claim.items("sightings"):
            sighting.text("platform", 30)
            sighting.url("url")
            sighting.number("reach", optional=True)
            sighting.day("date")
            sighting.choice("language", content.languages)
        content.claims.append(claim)
    read_reports(folder, content)


def read_reports(folder: Path, content: Content) -> None:
    """Read what was reported a few hours ago, and where checked claims were seen again."""
    name = "claims/reports.yaml"
    top = yaml_item(read_text(folder, name), name, content.languages)
    for report in top.items("reports"):
        report.text("text", 2000)
        content.reports.append(report)
    for sighting in top.items("again"):
        sighting.choice("claim", {claim.text("id") for claim in content.claims})
        content.seen_again.append(sighting)
    for item in (*content.reports, *content.seen_again):
        item.text("platform", 30)
        item.text("channel", 120)
        item.choice("language", content.languages)
        item.number("reach", optional=True)
        item.number("hours")
