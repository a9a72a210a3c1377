"""What machines fetch stays what it is, whatever was written: one document, clean HTML in it, nothing beside it."""

import json
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from campaigns.http import page_changes

from . import scene, strict_parser

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.slow]

XML = ["/{}/feeds/rss.xml", "/{}/feeds/atom.xml", "/cap/", "/{}/facts/feed/", "/sitemap.xml", "/sitemap-1.xml"]
JSON = [
    "/{}/feeds/feed.json", "/{}/facts/data/claims.json", "/{}/facts/data/claimreview.json", "/api/v1/bulletins",
    "/api/v1/bulletins/1", "/api/v1/questions", "/api/v1/claims", "/api/v1/campaign", "/api/v1/openapi.json",
    "/oembed?url=https://bulletins.example/en/bulletins/1/",
]  # fmt: skip


@pytest.fixture
def fetched(campaign: Any, roles: None, settings: Any) -> Any:
    """Fetch a path as it is with harmless words and then with payloads."""
    settings.PUBLIC_URL = "https://bulletins.example"
    at = timezone.now().replace(microsecond=0)
    scene.fill(campaign, at=at)

    def fetch(paths: list[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {path: [] for path in paths}
        for words in (scene.harmless(), scene.harmful()):
            scene.write_over(words, at=at)
            page_changes.changed()
            cache.clear()
            for path in paths:
                found[path].append(Client().get(path))
        return found

    return fetch


def localised(paths: list[str]) -> list[str]:
    return sorted({path.format(language) for path in paths for language in ("en", "fi")})


def test_feeds_of_xml_keep_their_elements_and_hold_clean_html(fetched):
    wrong, clean = [], 0
    for path, (before, after) in fetched(localised(XML)).items():
        if before.status_code != 200 or after.status_code != 200:
            wrong.append(f"{path}: {before.status_code}, {after.status_code}")
            continue
        text = after.content.decode()
        if "<!DOCTYPE" in text or "<!ENTITY" in text or "<?xml-stylesheet" in text:
            wrong.append(f"{path}: a declaration")
        harmless, poisoned = ElementTree.fromstring(before.content), ElementTree.fromstring(after.content)
        tags = [{(one.tag, *sorted(one.attrib)) for one in tree.iter()} for tree in (harmless, poisoned)]
        wrong += [f"{path}: <{tag}>" for tag in tags[1] - tags[0]]
        for one in poisoned.iter():
            name = one.tag.rpartition("}")[2]
            for place in ("href", "url", "src"):
                if (address := one.get(place)) and not address.startswith("https://bulletins.example"):
                    wrong.append(f"{path}: {name} leads to {address}")
            if name in {"encoded", "content"} and one.text and "<" in one.text:
                clean += 1
                wrong += [f"{path} {name}: {fault}" for fault in faults_of_feed_html(one.text)]
            if (
                name in {"link", "guid", "id"}
                and one.text
                and not one.text.strip().startswith(("https://bulletins.example", "tag:"))
            ):
                wrong.append(f"{path}: {name} is {one.text!r}")
    assert wrong == []
    assert clean >= 4


def faults_of_feed_html(html: str) -> list[str]:
    """Return the faults of a feed's HTML: Markdown's elements, and the few of our own around them."""
    own = {
        "element <time>",
        "element <aside>",
        "element <div>",
        "element <section>",
        "element <span>",
        "element <dl>",
        "element <dt>",
        "element <dd>",
        "element <small>",
        "element <cite>",
    }
    return [
        fault
        for fault in strict_parser.faults_of_content(html)
        if fault not in own and not (fault.startswith("<") and "['lang']" in fault) and "['datetime']" not in fault
    ]


def test_data_in_json_stays_data_and_its_html_clean(fetched):
    wrong, clean = [], 0
    for path, (before, after) in fetched(localised(JSON)).items():
        if after.status_code != before.status_code or after.status_code >= 500:
            wrong.append(f"{path}: {before.status_code}, {after.status_code}")
            continue
        if after.status_code != 200:
            continue
        if "html" in after["Content-Type"]:
            wrong.append(f"{path}: {after['Content-Type']}")
        for name, text in html_in(json.loads(after.content)):
            if name == "html" and "<iframe" in text:
                if not text.startswith('<iframe src="https://bulletins.example/'):
                    wrong.append(f"{path}: {text[:100]}")
                continue
            clean += 1
            wrong += [f"{path} {name}: {fault}" for fault in faults_of_feed_html(text)]
    assert wrong == []
    assert clean >= 2


def html_in(data: Any, name: str = "") -> list[tuple[str, str]]:
    """Return the texts in JSON data that their key says are HTML."""
    if isinstance(data, dict):
        return [found for key, value in data.items() for found in html_in(value, key)]
    if isinstance(data, list):
        return [found for value in data for found in html_in(value, name)]
    return [(name, data)] if isinstance(data, str) and (name.endswith("html")) else []


def test_a_calendar_and_an_alert_hold_what_they_held(fetched):
    paths = ["/en/feeds/calendar.ics", "/cap/harjoitus-1-v1.xml"]
    found = fetched(paths)
    calendars = [icalendar.Calendar.from_ical(answer.content.decode()) for answer in found[paths[0]]]
    assert len(calendars[0].walk()) == len(calendars[1].walk()) > 1
    assert {key for event in calendars[1].walk() for key in event} == {
        key for event in calendars[0].walk() for key in event
    }
    trees = [ElementTree.fromstring(answer.content) for answer in found[paths[1]]]
    assert [one.tag for one in trees[0].iter()] == [one.tag for one in trees[1].iter()]
