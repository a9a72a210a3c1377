"""Feed readers get every bulletin and answer in full, hear of corrections, and keep nothing that is withdrawn."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from xml.sax import make_parser
from xml.sax.handler import ContentHandler, feature_external_ges

import feedparser
import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.test import Client

from tests.support import builders
from website.feeds import items as feed_items

from . import published_examples
from .published_examples import LATER, NOON, SITE, answer_withdrawn, answered, corrected, live, told, withdrawn

pytestmark = pytest.mark.django_db

FEEDS = {"rss.xml": "rss20", "atom.xml": "atom10", "feed.json": "json11"}
KINDS = {
    "rss.xml": "application/rss+xml; charset=utf-8",
    "atom.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json",
}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    """The site has a public name."""
    settings.PUBLIC_URL = SITE
    cache.clear()


def get(what: str, language: str = "en", **headers: str) -> Any:
    """Fetch a feed."""
    return Client().get(f"/{language}/feeds/{what}", headers=headers)


def read(what: str, language: str = "en") -> Any:
    """Fetch a feed and have an independent parser read it, as {title, language, entries}."""
    response = get(what, language)
    assert response.status_code == 200
    if what.startswith("feed.json"):
        found = json.loads(response.content)
        assert faults_of(found) == []
        return found
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def faults_of(feed: dict[str, Any]) -> list[str]:
    """Return what JSON Feed 1.1 does not allow in a feed: its required fields, kinds, and one id for one item."""
    texts = ("title", "home_page_url", "feed_url", "description", "language")
    faults = [name for name in texts if not isinstance(feed.get(name), str)]
    faults += ["version"] if feed.get("version") != "https://jsonfeed.org/version/1.1" else []
    faults += ["authors" for one in feed["authors"] if not {"name", "url"} & one.keys()]
    faults += ["hubs" for one in feed.get("hubs", []) if one.keys() != {"type", "url"}]
    items = feed["items"]
    faults += ["id"] if len({item["id"] for item in items}) != len(items) else []
    for item in items:
        faults += [name for name in ("id", "url", "title", "content_html", "language") if not item.get(name)]
        faults += [name for name in ("date_published", "date_modified") if "T" not in item[name]]
        faults += ["tags"] if not all(isinstance(tag, str) for tag in item["tags"]) else []
        known = {"id", "url", "title", "content_html", "summary", "date_published", "date_modified", "language", "tags"}
        faults += [name for name in item if name not in known and not name.startswith("_")]
        faults += ["summary"] if item.get("summary") == "" else []
    return faults


# --- What they say ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title", "says"),
    [("fi", "Harjoitus", "Voit lainata"), ("sv", "Övning", "Du kan låna"), ("en", "Exercise", "You can borrow")],
)
@pytest.mark.parametrize("what", FEEDS)
def test_a_feed_has_whole_bulletins_in_the_language_of_its_address(what, language, title, says):
    told(live())

    found = read(what, language)

    if what == "feed.json":
        assert found["title"].endswith(title)
        assert found["language"] == language
        (item,) = found["items"]
        url, heading, body, home = item["url"], item["title"], item["content_html"], found["home_page_url"]
    else:
        assert found.version == FEEDS[what]
        assert found.feed.title.endswith(title)
        assert found.feed.language == language
        (entry,) = found.entries
        url, heading, body, home = entry.link, entry.title, entry.content[0].value, found.feed.link
    assert url == f"{SITE}/{language}/bulletins/1/"
    assert home == f"{SITE}/{language}/"
    assert heading == builders.TEXTS[language]["title"]
    assert says in body
    assert builders.TEXTS[language]["key_message"] in body
    assert builders.TEXTS[language]["call"] in body
    assert "https://ministry.example.org/decision" in body


@pytest.mark.parametrize("what", FEEDS)
def test_answers_stand_in_the_same_feed_under_their_own_category(what):
    campaign = live()
    topic = builders.build_topic(campaign, "libraries")
    told(campaign, topic=topic)
    answered(campaign, at=LATER, topic=topic)

    found = read(what)

    entries = found["items"] if what == "feed.json" else found.entries
    tags = [one["tags"] if what == "feed.json" else [tag.term for tag in one.tags] for one in entries]
    assert [one["title"] for one in entries] == ["Do masks help?", "Libraries open on Monday"]
    assert tags == [["Answer", "Libraries"], ["Bulletin", "Libraries"]]


@pytest.mark.parametrize("what", FEEDS)
def test_a_topic_has_a_feed_of_its_own(what):
    campaign = live()
    topic, other = builders.build_topic(campaign, "libraries"), builders.build_topic(campaign, "masks")
    told(campaign, topic=topic)
    told(campaign, topic=other)
    answered(campaign, topic=other)

    found = read(f"{what}?topic=libraries")

    if what == "feed.json":
        urls, title, own = [one["url"] for one in found["items"]], found["title"], found["feed_url"]
    else:
        urls, title = [one.link for one in found.entries], found.feed.title
        own = next(link.href for link in found.feed.links if link.rel == "self")
    assert urls == [f"{SITE}/en/bulletins/1/"]
    assert title.endswith("Libraries")
    assert own == f"{SITE}/en/feeds/{what}?topic=libraries"
    assert get(f"{what}?topic=none").status_code == 404
    assert get(f"{what}?topic=%00").status_code == 400


def test_a_topic_given_to_a_draft_of_a_correction_is_not_told():
    campaign = live()
    version = told(campaign)
    version.bulletin.topics.add(builders.build_topic(campaign, "secret"))

    assert "ecret" not in get("feed.json").content.decode()
    assert read("feed.json?topic=secret")["items"] == []


def test_a_bulletin_that_is_not_in_the_readers_language_says_in_which_it_is():
    campaign = live(languages=("fi", "sv"))
    told(campaign, languages=("fi", "sv"))

    (item,) = read("feed.json", "en")["items"]

    assert item["language"] == "fi"
    assert 'lang="fi"' in item["content_html"]
    entry = ElementTree.fromstring(get("atom.xml").content).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "fi"


# --- What changes ----------------------------------------------------------------------------------


def test_a_correction_keeps_its_id_in_atom_and_json_and_says_what_changed():
    version = told(live())
    before = read("atom.xml").entries[0]
    corrected(version)

    entry, item = read("atom.xml").entries[0], read("feed.json")["items"][0]

    assert entry.id == before.id == item["id"]
    assert entry.id == "tag:bulletins.example,2026-03-16:kriisi/en/bulletins/1"
    assert (entry.published, before.updated) == ("2026-03-25T10:00:00+00:00", "2026-03-25T10:00:00+00:00")
    assert entry.updated == "2026-03-25T12:00:00+00:00"
    assert item["date_modified"] == "2026-03-25T12:00:00+00:00"
    assert item["_bulletin"]["state"] == "corrected"
    assert "The day was wrong." in entry.content[0].value
    assert "The day was wrong." in item["content_html"]


def test_a_correction_comes_again_on_top_in_rss_as_its_readers_pass_over_what_they_know():
    campaign = live()
    first = told(campaign)
    told(campaign, at=NOON + timedelta(hours=1))
    before = {one.link: one.id for one in read("rss.xml").entries}
    corrected(first)

    entries = read("rss.xml").entries

    assert [one.link for one in entries] == [f"{SITE}/en/bulletins/1/", f"{SITE}/en/bulletins/2/"]
    assert entries[0].id == before[entries[0].link] + "/version-2"
    assert entries[1].id == before[entries[1].link]


@pytest.mark.parametrize("what", FEEDS)
def test_of_what_is_withdrawn_the_reason_is_left_and_no_word(what):
    campaign = live()
    version = told(campaign, words="Kanarialintu")
    answer = answered(campaign, words="Kanarialintu")
    withdrawn(version)
    answer_withdrawn(answer)

    body = get(what).content.decode()

    assert "Kanarialintu" not in body
    assert body.count("The decision was taken back.") >= 2
    assert "Bulletin 1 has been withdrawn" in body


def test_the_next_campaigns_first_bulletin_is_another_item_at_another_address(campaign):
    told(campaign)
    before = read("atom.xml").entries[0]
    told(live(starts_on=builders.NOON.date()))

    after = read("atom.xml").entries[0]

    assert after.link != before.link  # a number is never given twice
    assert after.id != before.id


def test_an_answer_is_in_the_feeds_when_its_head_start_is_over(time_machine):
    campaign = live()
    answered(campaign, at=NOON)
    minutes = site_settings.ANSWER_HEAD_START_MINUTES

    time_machine.move_to(NOON + timedelta(minutes=minutes - 1), tick=False)
    assert read("feed.json")["items"] == []
    time_machine.move_to(NOON + timedelta(minutes=minutes), tick=False)
    (item,) = read("feed.json")["items"]

    assert item["date_published"] == (NOON + timedelta(minutes=minutes)).astimezone(builders.UTC).isoformat()


# --- Whatever is written ---------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["rss.xml", "atom.xml"])
def test_a_feed_is_well_formed_for_a_strict_parser_whatever_a_bulletin_says(what):
    campaign = live()
    version = told(campaign)
    words = "5 < 6 & \x0b ]]> “ä ö ü” 🦠 \ufffe"
    builders.publish_anew(version, title=words, lead=words, html=f"<p>5 &lt; 6 \x0b 🦠 {chr(0x85)}</p>")

    body = get(what).content

    parser = make_parser()
    parser.setFeature(feature_external_ges, False)
    parser.setContentHandler(ContentHandler())
    parser.parse(BytesIO(body))
    (entry,) = feedparser.parse(body).entries
    assert "“ä ö ü” 🦠" in entry.title
    assert "🦠" in entry.content[0].value


@pytest.mark.slow
def test_a_feed_ends_at_fifty_and_costs_the_same_however_much_there_is(django_assert_num_queries, monkeypatch):
    assert feed_items.NEWEST == 50
    monkeypatch.setattr(feed_items, "NEWEST", 8)  # fifty bulletins take two seconds to publish
    campaign = live()
    topic = builders.build_topic(campaign)
    told(campaign, topic=topic)
    answered(campaign, topic=topic)
    counts = {}
    for what in FEEDS:
        with django_assert_num_queries(5):
            counts[what] = len(get(what).content)
    for hour in range(1, 12):
        told(campaign, at=NOON + timedelta(hours=hour), topic=topic)
        if hour % 5 == 0:
            answered(campaign, f"thing-{hour}", at=NOON + timedelta(hours=hour), topic=topic)

    for what in FEEDS:
        with django_assert_num_queries(5):
            body = get(what).content
        assert len(body) > counts[what]
    items = read("feed.json")["items"]
    assert len(items) == 8
    assert items[0]["url"] == f"{SITE}/en/bulletins/12/"


# --- For all of them -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", FEEDS)
def test_each_says_what_it_is_and_may_be_read_by_pages_of_other_sites(what):
    told(live())

    response = get(what)

    assert response["Content-Type"] == KINDS[what]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "X-Robots-Tag" not in response
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    assert Client().head(f"/en/feeds/{what}")["ETag"] == response["ETag"]
    assert Client().post(f"/en/feeds/{what}").status_code == 405


def test_whoever_keeps_a_feed_asks_before_showing_it_again():
    told(live())

    assert get("rss.xml")["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize("what", FEEDS)
def test_whoever_has_a_feed_already_is_not_sent_it_again_until_it_changes(what):
    version = told(live())
    had = get(what)

    for headers in (
        {"if_none_match": had["ETag"]},
        {"if_none_match": f"W/{had['ETag']}"},
        {"if_modified_since": had["Last-Modified"]},
    ):
        again = get(what, **headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again["Access-Control-Allow-Origin"] == "*"

    corrected(version)
    for headers in ({"if_none_match": had["ETag"]}, {"if_modified_since": had["Last-Modified"]}):
        assert get(what, **headers).status_code == 200


def test_what_holds_no_more_is_not_said_and_its_end_is_a_change(time_machine):
    campaign = live()
    bulletin = builders.build_bulletin(campaign)
    bulletin.key_messages.update(text=builders.in_all(en="Stay at home."), valid_until=LATER)
    builders.published(bulletin)

    time_machine.move_to(LATER - timedelta(minutes=1), tick=False)
    had = get("feed.json")
    time_machine.move_to(LATER + timedelta(minutes=1), tick=False)
    again = get("feed.json", if_modified_since=had["Last-Modified"])

    assert "Stay at home." in had.content.decode()
    assert "Stay at home." not in again.content.decode()
    assert (again.status_code, again["Last-Modified"]) == (200, "Wed, 25 Mar 2026 12:00:00 GMT")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("what", FEEDS)
def test_an_exercise_is_marked_everywhere(campaign, what, language):
    told(campaign)
    words = {"fi": "Harjoitus: ", "sv": "Övning: ", "en": "Exercise: "}

    response, found = get(what, language), read(what, language)

    assert response["X-Robots-Tag"] == "noindex"
    entry = (found["items"] if what == "feed.json" else found.entries)[0]
    assert entry["title"].startswith(words[language])


@pytest.mark.parametrize("what", [*FEEDS, "calendar.ics", ""])
def test_without_a_campaign_there_is_nothing(what):
    assert get(what).status_code == 404


@pytest.mark.parametrize("what", FEEDS)
def test_an_empty_campaign_has_an_empty_feed(what):
    live()

    found = read(what)

    assert (found["items"] if what == "feed.json" else found.entries) == []


# --- The page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_page_names_the_feeds_and_one_explains_them(language):
    campaign = live()
    bulletin = builders.build_bulletin(campaign)
    bulletin.topics.add(builders.build_topic(campaign, "libraries"))
    builders.published(bulletin)
    home = Client().get(f"/{language}/").content.decode()
    page = Client().get(f"/{language}/feeds/").content.decode()

    for what, kind in KINDS.items():
        assert f'type="{kind.partition(";")[0]}"' in home
        assert f'href="/{language}/feeds/{what}"' in home
        assert f"{SITE}/{language}/feeds/{what}" in page
        assert f"/{language}/feeds/{what}?topic=libraries" in page
    assert f"{SITE}/{language}/feeds/calendar.ics" in page
    assert f"{SITE}/cap/" in page
    assert f"&lt;iframe src=&quot;{SITE}/{language}/embed/&quot;" in page


# --- Nothing leaks ---------------------------------------------------------------------------------


def everything_that_machines_fetch(number: int) -> list[str]:
    """Return every address of a feed, an alert and a box, in every language."""
    paths = [
        f"/{language}/{what}"
        for language in builders.LANGUAGES
        for what in (*(f"feeds/{name}" for name in (*FEEDS, "calendar.ics")), "feeds/", "embed/", f"embed/{number}/")
    ]
    pages = [f"{SITE}/{language}/{what}" for language in builders.LANGUAGES for what in ("", f"bulletins/{number}/")]
    paths += [f"/oembed?url={page}&format={kind}" for page in pages for kind in ("json", "xml")]
    return [*paths, "/cap/", *(f"/cap/kriisi-{number}-v{version}.xml" for version in (1, 2, 3))]


@pytest.mark.parametrize("state", ["draft", "in review", "approved under embargo", "draft of a correction", "withdrawn", "corrected and withdrawn"])  # fmt: skip
def test_what_is_not_published_or_is_withdrawn_is_nowhere(state):
    campaign = live()
    told(campaign)
    secret = "Kanarialintu"
    if state in {"draft", "in review", "approved under embargo"}:
        bulletin = builders.build_bulletin(campaign, embargo_until=NOON + timedelta(days=3650))
        published_examples.say(bulletin, secret)
        if state == "in review":
            builders.submitted(bulletin)
        elif state == "approved under embargo":
            builders.approved(bulletin)
    elif state == "draft of a correction":
        version = told(campaign)
        published_examples.corrections.start_correction(
            version.bulletin, by=builders.editor(), at=LATER, what_changed=dict.fromkeys(builders.LANGUAGES, secret)
        )
        published_examples.say(version.bulletin, secret)
    elif state == "withdrawn":
        withdrawn(told(campaign, words=secret))
    else:
        withdrawn(corrected(told(campaign, words=secret), words=secret), at=LATER + timedelta(hours=1))

    for path in everything_that_machines_fetch(2):
        response = Client().get(path)
        assert secret not in response.content.decode(), path
        assert response.status_code in {200, 404, 410}, path
