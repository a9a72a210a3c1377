"""The alert rules name what there is, and each says what to do at night."""

import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from operations.monitoring import metrics
from tests.support.builders import NOON

ROOT = Path(__file__).resolve().parents[2]
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
# Prometheus' own, about the scrape itself.
OWN = {"up", "job"}


def test_every_metric_and_label_in_a_rule_is_in_what_we_tell(campaign):
    told: dict[str, set[tuple[str, str]]] = {}
    for family in text_string_to_metric_families(metrics.text(at=NOON).decode()):
        for sample in family.samples:
            told.setdefault(sample.name, set()).update(sample.labels.items())
    unknown = []
    for rule in RULES:
        expression = rule["expr"]
        for name, chosen in re.findall(r"(?<![\w$])(bulletins_\w+)(?:\{([^}]*)\})?", expression):
            if name not in told:
                unknown.append((rule["alert"], name))
            for label, value in re.findall(r'(\w+)!?="([^"]*)"', chosen):
                if (label, value) not in told.get(name, ()):
                    unknown.append((rule["alert"], f"{name}{{{label}={value}}}"))
        labels = {label for labels in told.values() for label, _value in labels} | OWN
        named = re.findall(r"\$labels\.(\w+)", str(rule["annotations"])) + re.findall(r"by \((\w+)\)", expression)
        unknown += [(rule["alert"], name) for name in named if name not in labels]
    assert unknown == []


def test_no_label_says_anything_about_a_person(campaign):
    labels = {
        label
        for family in text_string_to_metric_families(metrics.text(at=NOON).decode())
        for sample in family.samples
        for label in sample.labels
    }
    assert labels == {"kind", "lane", "state", "reason", "mailer", "release", "channel", "purpose", "status"}


def test_each_rule_has_its_words_and_its_section_in_the_docs():
    sections = dict(
        re.findall(
            r"^## (\w+)\n\n(.+?)(?=\n#|\Z)", (ROOT / "docs/operating/monitoring/alerts.md").read_text(), re.M | re.S
        )
    )
    lacking = []
    for rule in RULES:
        notes = rule["annotations"]
        if not (notes["summary"] and notes["description"] and rule["labels"]["severity"] in {"page", "ticket"}):
            lacking.append(rule["alert"])
        if (
            notes["runbook"] != f"docs/operating/monitoring/alerts.md#{rule['alert'].lower()}"
            or len(sections.get(rule["alert"], "")) < 80
        ):
            lacking.append(rule["alert"])
    assert lacking == []
    assert set(sections) == {rule["alert"] for rule in RULES}
