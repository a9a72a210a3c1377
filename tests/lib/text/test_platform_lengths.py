"""How long a text is, on each platform."""

import json
import re
from datetime import date

import pytest

from bulletins.models import Variant
from campaigns import platform_lengths
from campaigns.models import PlatformLimit
from tests.support import builders

from .counted_strings import CASES


def limit(platform: str, field: str, number: int, counted_in: str = "code_points", seen: date = date(2026, 1, 1)):
    return PlatformLimit.objects.create(
        platform=platform, field=field, limit=number, counted_in=counted_in, seen_on=seen, source="its help"
    )


@pytest.mark.parametrize(("text", "weight", "threads", "links"), CASES)
def test_a_text_has_the_length_that_its_platform_sees(text, weight, threads, links):
    assert platform_lengths.length(text, "x_weighted") == weight
    assert platform_lengths.length(text, "utf8_emoji") == threads
    assert platform_lengths.length(text, "items") == links


def test_code_points_utf16_and_bytes_differ():
    assert [platform_lengths.length("mökki 🐣", unit) for unit in ("code_points", "utf16_units", "utf8_bytes")] == [
        7,
        8,
        11,
    ]


def test_tags_are_counted_with_commas_and_quotes_as_youtube_does():
    assert platform_lengths.length(["maski", "pysy kotona"], "code_points") == len('maski,"pysy kotona"')


def test_what_is_no_text_is_not_measured():
    with pytest.raises(ValueError, match="not counted in seconds"):
        platform_lengths.length("text", "seconds")


@pytest.mark.django_db
def test_the_newest_limit_holds_from_the_day_it_was_seen():
    limit("x", "post", 140, seen=date(2026, 1, 1))
    limit("x", "post", 280, seen=date(2026, 3, 1))
    limit("x", "post", 999, seen=date(2026, 12, 1))
    assert platform_lengths.current_limits(on=date(2026, 2, 1))["x", "post"].limit == 140
    assert platform_lengths.current_limits(on=date(2026, 3, 25))["x", "post"].limit == 280


@pytest.mark.django_db
def test_links_and_tags_have_limits_too_and_spotlight_stops_nothing(campaign):
    limit("threads", "links", 1, "items")
    limit("youtube", "tags", 10)
    limit("snapchat", "spotlight", 5)
    edition = builders.build_bulletin(campaign).editions.first()
    limits = platform_lengths.current_limits(on=builders.NOON.date())
    threads = Variant(edition=edition, platform="threads", caption="https://a.fi https://b.fi")
    youtube = Variant(edition=edition, platform="youtube", tags=["one two", "three"])
    snapchat = Variant(edition=edition, platform="snapchat", caption="longer than five")
    assert [(one.field, used) for one, used in platform_lengths.over_limit(threads, limits)] == [("links", 2)]
    assert [(one.field, used) for one, used in platform_lengths.over_limit(youtube, limits)] == [("tags", 15)]
    assert platform_lengths.over_limit(snapchat, limits) == []
    assert [one.field for one in platform_lengths.limits_of("snapchat", "caption", limits)[1]] == ["spotlight"]


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_the_browser_counts_as_the_server_does(page, live_site):
    page.goto(f"{live_site}/")
    given = json.dumps(platform_lengths.FOR_THE_PAGE)
    page.evaluate(
        """([src, counting]) => new Promise((loaded) => {
            const script = Object.assign(document.createElement("script"), {src, onload: loaded});
            script.dataset.counting = counting;
            document.head.append(script);
        })""",
        [f"{live_site}/static/js/count.js", given],
    )
    ask = """([text, unit]) => {
        const detail = {text, unit};
        document.documentElement.dispatchEvent(new CustomEvent("count", {detail}));
        return detail.used;
    }"""
    units = {
        "x_weighted": lambda text: platform_lengths.length(text, "x_weighted"),
        "utf8_emoji": lambda text: platform_lengths.length(text, "utf8_emoji"),
        "utf8_bytes": lambda text: platform_lengths.length(text, "utf8_bytes"),
        "utf16_units": lambda text: platform_lengths.length(text, "utf16_units"),
        "code_points": lambda text: platform_lengths.length(text, "code_points"),
        "links": lambda text: platform_lengths.length(text, "items"),
        "words": lambda text: len(re.findall(r"[^\s,#]+", text)),
        "tags": lambda text: platform_lengths.length(
            [one.strip() for one in text.split(",") if one.strip()], "code_points"
        ),
    }
    texts = [*(case[0] for case in CASES), "pysy kotona, maski,, thl", "#a #b,c"]
    assert len(texts) >= 40
    wrong = [
        (text, unit, page.evaluate(ask, [text, unit]), count(text))
        for text in texts
        for unit, count in units.items()
        if page.evaluate(ask, [text, unit]) != count(text)
    ]
    assert wrong == []
