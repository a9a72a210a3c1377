"""How long a text is, as each platform counts."""

import json
import re

import pytest

from bulletins.editing.admin.variants import larger_because
from campaigns.platforms import character_counts

from .counted_strings import CASES, MESSAGES


@pytest.mark.parametrize(("text", "weight", "threads", "links"), CASES)
def test_a_text_has_the_length_that_its_platform_sees(text, weight, threads, links):
    assert character_counts.length(text, "x_weighted") == weight
    assert character_counts.length(text, "utf8_emoji") == threads
    assert character_counts.length(text, "items") == links


@pytest.mark.parametrize(("text", "parts"), MESSAGES)
def test_a_text_message_has_the_parts_that_are_paid_for(text, parts):
    assert character_counts.length(text, "sms_parts") == parts


def test_networks_count_what_people_see_and_mastodon_a_link_as_23():
    family = "👩‍👩‍👧‍👦 mökki å"
    assert character_counts.length(family, "graphemes") == len("x mökki å")
    said = f"Lue https://vesi.example/{'x' * 80} @minister@social.example vesi.example"
    assert character_counts.length(said, "mastodon") == len("Lue  @minister vesi.example") + 23


def test_code_points_utf16_and_bytes_differ():
    assert [character_counts.length("mökki 🐣", unit) for unit in ("code_points", "utf16_units", "utf8_bytes")] == [
        7,
        8,
        11,
    ]


def test_tags_are_counted_with_commas_and_quotes_as_youtube_does():
    assert character_counts.length(["maski", "pysy kotona"], "code_points") == len('maski,"pysy kotona"')


def test_what_is_no_text_is_not_measured():
    with pytest.raises(ValueError, match="not counted in seconds"):
        character_counts.length("text", "seconds")


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_the_browser_counts_as_the_server_does(page, live_site):
    page.goto(f"{live_site}/")
    given = json.dumps(character_counts.FOR_THE_PAGE)
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
        "sms_parts": lambda text: character_counts.length(text, "sms_parts"),
        "x_weighted": lambda text: character_counts.length(text, "x_weighted"),
        "graphemes": lambda text: character_counts.length(text, "graphemes"),
        "mastodon": lambda text: character_counts.length(text, "mastodon"),
        "utf8_emoji": lambda text: character_counts.length(text, "utf8_emoji"),
        "utf8_bytes": lambda text: character_counts.length(text, "utf8_bytes"),
        "utf16_units": lambda text: character_counts.length(text, "utf16_units"),
        "code_points": lambda text: character_counts.length(text, "code_points"),
        "links": lambda text: character_counts.length(text, "items"),
        "words": lambda text: len(re.findall(r"[^\s,#]+", text)),
        "tags": lambda text: character_counts.length(
            [one.strip() for one in text.split(",") if one.strip()], "code_points"
        ),
    }
    texts = [*(case[0] for case in CASES), *(case[0] for case in MESSAGES), "pysy kotona, maski,, thl", "#a #b,c"]
    assert len(texts) >= 40
    wrong = [
        (text, unit, page.evaluate(ask, [text, unit]), count(text))
        for text in texts
        for unit, count in units.items()
        if page.evaluate(ask, [text, unit]) != count(text)
    ]
    assert wrong == []

    page.evaluate(
        """() => (document.body.innerHTML = `
            <textarea id="sms" data-counter="n" data-count-in="sms_parts" data-limit="10"></textarea>
            <p id="n"><span data-used></span></p><p id="sms-larger" data-says="Because of %(signs)s"></p>`)"""
    )
    for written in ("x" * 60 + "–😀" + "x" * 20, "x" * 90, "–", ""):
        page.fill("#sms", written)
        signs = larger_because(written)
        assert page.is_visible("#sms-larger") == bool(signs)
        assert not signs or page.inner_text("#sms-larger") == f"Because of {signs}"
