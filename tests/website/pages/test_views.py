"""What anyone meets at the public addresses of bulletins and answers, and of people who publish them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bulletins.models import CallToAction, PublishedEdition
from bulletins.publication import corrections
from campaigns.models import Authority, ReadingLevel
from questions.answers import answer_workflow
from questions.models import Answer, QuestionGroup
from tests.support import builders
from website.pages import topic_choices

pytestmark = pytest.mark.django_db

CHANGED = builders.in_all(fi="Päivä oli väärä.", sv="Dagen var fel.", en="The day was wrong.")
STATIC = ("about/", "about/corrections/", "about/accessibility/", "about/privacy/")


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    """A folder of this test's own for pictures."""
    settings.MEDIA_ROOT = tmp_path


def head_of(client: Any, path: str) -> str:
    """Return the head of a page."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().partition("</head>")[0]


def text_of(client: Any, path: str) -> str:
    """Return the words of a page's main part on one line, without tags."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    main = re.sub(r'<span class="whole">([^<]*)</span>', r"\1", main)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def properties(head: str) -> dict[str, str]:
    """Return {property: content} of Open Graph and cards."""
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter|article):[^"]+)" content="([^"]*)">', head))


def links(head: str) -> dict[str, str]:
    """Return {rel or hreflang: address} of a head's canonical and alternate addresses."""
    found = dict(re.findall(r'<link rel="(canonical|latest-version)" href="([^"]+)">', head))
    return found | dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', head))


def corrected(campaign: Any, **words: str) -> Any:
    """Return a bulletin that was corrected in English an hour after noon."""
    bulletin = builders.build_published_version(campaign).bulletin
    corrections.start_correction(bulletin, by=builders.editor(), at=builders.NOON, what_changed=CHANGED)
    bulletin.editions.filter(language="en").update(**words or {"title": "Libraries open on Tuesday"})
    builders.published(bulletin, at=builders.NOON + timedelta(hours=1))
    return bulletin


def withdrawn(campaign: Any) -> Any:
    """Return a bulletin that was withdrawn."""
    bulletin = builders.build_published_version(campaign).bulletin
    corrections.retract(bulletin, by=builders.editor(), at=builders.NOON, what_changed=CHANGED)
    builders.published(bulletin, at=builders.NOON + timedelta(hours=1))
    return bulletin


def build_answer(campaign: Any, slug: str = "open", *, days: int = 1, topic: Any = None, video_url: str = "") -> Answer:
    """Return an answer that has been public for some days."""
    group = QuestionGroup.objects.create(
        campaign=campaign, slug=slug, label=builders.in_all(en=f"Is it {slug}?"), topic=topic
    )
    authority = Authority.objects.first() or builders.build_authority()
    answer = Answer.objects.create(
        group=group, authority=authority, text=builders.in_all(en="Yes."), video_url=video_url
    )
    answer_workflow.freeze(answer, by=None, at=timezone.now() - timedelta(days=days))
    return answer


# --- Where a page is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "bulletins/", "bulletins/1/", "answers/", "facts/", "help/", *STATIC])
def test_a_page_names_itself_in_every_language_and_one_for_everybody_else(path, campaign, client, settings):
    builders.build_published_version(campaign)
    site = settings.PUBLIC_URL

    found = links(head_of(client, f"/sv/{path}"))

    others = {code: f"{site}/{code}/{path}" for code in builders.LANGUAGES}
    everybody = f"{site}/" if not path else f"{site}/en/{path}"
    assert found == {"canonical": f"{site}/sv/{path}", "x-default": everybody, **others}


def test_an_old_version_and_the_easy_one_name_the_page_that_they_are_a_form_of(campaign, client, settings):
    corrected(campaign)
    page = f"{settings.PUBLIC_URL}/en/bulletins/1/"

    old = head_of(client, "/en/bulletins/1/versions/1/")
    assert links(old)["canonical"] == links(old)["latest-version"] == page
    assert 'content="noindex"' in old
    assert links(head_of(client, "/en/bulletins/1/?level=easy&utm=x"))["canonical"] == page  # there is no easy one


def in_easy(campaign: Any, *languages: str) -> None:
    """Publish a bulletin with editions in easy language beside the standard ones."""
    version = builders.build_published_version(campaign)
    words = {"reading_level": ReadingLevel.EASY, "title": "Open again", "html": "<p>Yes, easily.</p>", "body": ""}
    for code in languages:
        content = version.editions.get(language=code).content
        PublishedEdition.objects.create(version=version, language=code, content=content, **words)


@pytest.mark.parametrize(("query", "own"), [("", ""), ("?level=easy&utm=x", "?level=easy")])
def test_the_easy_edition_is_a_page_of_its_own_and_each_names_the_other(campaign, client, settings, query, own):
    in_easy(campaign, "en", "sv")
    page = f"{settings.PUBLIC_URL}/en/bulletins/1/"

    found = links(head_of(client, f"/en/bulletins/1/{query}"))

    standard = {code: page.replace("/en/", f"/{code}/") for code in builders.LANGUAGES}
    easy = {f"{code}-simple": standard[code] + "?level=easy" for code in ("en", "sv")}
    assert found == {"canonical": page + own, **standard, **easy, "x-default": page}


def test_readers_pick_easy_language_by_its_own_name_and_come_back(campaign, client):
    in_easy(campaign, "sv")

    standard = client.get("/sv/bulletins/1/").content.decode()
    easy = client.get("/sv/bulletins/1/?level=easy").content.decode()

    pick = '<a href="/sv/bulletins/1/?level=easy" lang="sv-simple" hreflang="sv-simple"'
    assert f"{pick}>Lätt svenska</a>" in standard and "Yes, easily." not in standard
    assert re.search(rf'{re.escape(pick)}\s+aria-current="true">Lätt svenska</a>', easy)
    assert '<a href="/sv/bulletins/1/" lang="sv" hreflang="sv" aria-label="SV, svenska">SV</a>' in easy  # not current
    assert 'lang="sv-simple">Open again</h1>' in easy and '<div class="prose story" lang="sv-simple">' in easy
    assert easy.index("Yes, easily.") < easy.index('id="h-messages"')  # it comes before what is not in easy language
    assert "-simple" not in client.get("/fi/bulletins/1/").content.decode().partition("<body")[2]


def test_a_page_in_another_language_than_the_readers_names_the_one_in_that_language(campaign, client, settings):
    version = builders.build_published_version(campaign)
    version.editions.filter(language="sv").delete()

    found = links(head_of(client, "/sv/bulletins/1/"))

    assert found["canonical"] == f"{settings.PUBLIC_URL}/fi/bulletins/1/"
    assert set(found) == {"canonical", "fi", "en", "x-default"}


def test_pages_and_choices_of_a_list_are_pages_of_their_own_and_noise_is_not(campaign, client, settings):
    builders.build_topic(campaign)
    address = "/en/bulletins/?topic=libraries&page=2&ref=x"

    assert links(head_of(client, address))["canonical"] == (
        f"{settings.PUBLIC_URL}/en/bulletins/?topic=libraries&amp;page=2"
    )


# --- How a shared page looks elsewhere --------------------------------------------------------------------------------


def test_a_shared_bulletin_shows_its_words_and_its_message_card(campaign, client, settings):
    version = builders.build_published_version(campaign)
    builders.build_cards(version.bulletin)
    card = version.bulletin.cards.get(language="sv", ratio="1x1", theme="bold")

    found = properties(head_of(client, "/sv/bulletins/1/"))

    assert found["og:title"] == builders.TEXTS["sv"]["title"]
    assert (found["og:type"], found["og:locale"]) == ("article", "sv_SE")
    assert found["og:url"] == f"{settings.PUBLIC_URL}/sv/bulletins/1/"
    assert found["og:image"] == f"{settings.PUBLIC_URL}/media/{card.file.name}"
    assert (found["og:image:width"], found["og:image:height"]) == ("1080", "1080")
    assert found["og:image:alt"] == builders.TEXTS["sv"]["key_message"]
    assert found["twitter:card"] == "summary_large_image"
    assert client.get(f"/media/{card.file.name}").status_code == 200


def test_without_a_card_nothing_is_promised(campaign, client):
    builders.build_published_version(campaign)
    for path in ("/en/", "/en/bulletins/1/"):
        found = properties(head_of(client, path))
        assert "og:image" not in found and found["twitter:card"] == "summary"


def test_after_a_correction_only_the_new_card_is_shown(campaign, client):
    bulletin = builders.build_published_version(campaign).bulletin
    builders.build_cards(bulletin)
    old = properties(head_of(client, "/en/bulletins/1/"))["og:image"]
    corrections.start_correction(bulletin, by=builders.editor(), at=builders.NOON, what_changed=CHANGED)
    bulletin.key_messages.update(text=builders.in_all(en="Libraries open on Tuesday."))
    builders.published(bulletin, at=builders.NOON + timedelta(hours=1))

    assert "og:image" not in properties(head_of(client, "/en/bulletins/1/"))
    builders.build_cards(bulletin)
    now = properties(head_of(client, "/en/bulletins/1/"))
    assert now["og:image"] != old and now["og:image:alt"] == "Libraries open on Tuesday."
    assert "og:image" not in properties(head_of(client, "/en/bulletins/1/versions/1/"))


def test_the_card_of_a_message_that_no_longer_holds_is_not_shown(campaign, client):
    bulletin = builders.build_bulletin(campaign)
    bulletin.key_messages.update(valid_until=timezone.now() - timedelta(minutes=1))
    builders.published(bulletin)
    builders.build_cards(bulletin)

    assert bulletin.cards.exists()
    assert "og:image" not in properties(head_of(client, "/en/bulletins/1/"))


def test_what_is_withdrawn_has_no_preview_and_is_not_to_be_found(campaign, client):
    bulletin = builders.build_published_version(campaign).bulletin
    builders.build_cards(bulletin)
    corrections.retract(bulletin, by=builders.editor(), at=builders.NOON, what_changed=CHANGED)
    builders.published(bulletin, at=builders.NOON + timedelta(hours=1))

    head = head_of(client, "/en/bulletins/1/")

    assert properties(head) == {} and 'content="noindex"' in head
    assert "og:image" not in properties(head_of(client, "/en/"))


# --- Corrections, seen ------------------------------------------------------------------------------------------------


def test_a_correction_shows_word_by_word_what_went_and_what_came(campaign, client):
    corrected(campaign)

    page = client.get("/en/bulletins/1/").content.decode()

    assert "The day was wrong." in page
    assert re.search(r"<del><span[^>]*>Before: </span>Monday</del><ins><span[^>]*>Now: </span>Tuesday</ins>", page)
    text = text_of(client, "/en/bulletins/1/")
    assert "Version 2, in force" in text and "Version 1 , replaced" in text
    assert "Wed 25 March 2026, 12:00" in text  # as the clocks of the campaign say


def test_an_old_version_shows_what_is_different_now(campaign, client):
    corrected(campaign)

    page = client.get("/en/bulletins/1/versions/1/").content.decode()

    assert "You are reading version 1." in page and "What changed in version 2, word by word" in page
    assert re.search(r"Monday</del><ins><span[^>]*>Now: </span>Tuesday</ins>", page)


def test_a_language_that_says_the_same_as_before_shows_no_difference(campaign, client):
    corrected(campaign)
    page = client.get("/fi/bulletins/1/").content.decode()
    assert "Päivä oli väärä." in page and "<del>" not in page


def test_signs_of_markdown_are_no_part_of_what_changed(campaign, client):
    corrected(campaign, body="Libraries open on **Tuesday**.\n\n## What it means\n\n- You can borrow and return.")
    differences = client.get("/en/bulletins/1/").content.decode().partition("<dl")[2].partition("</dl>")[0]
    assert "Tuesday" in differences and "**" not in differences and "##" not in differences


@pytest.mark.parametrize("language", builders.LANGUAGES)
def test_of_a_withdrawn_bulletin_the_reason_is_all_there_is(language, campaign, client):
    withdrawn(campaign)
    for path in (f"/{language}/bulletins/1/", f"/{language}/bulletins/1/versions/1/"):
        page = client.get(path).content.decode()
        assert CHANGED[language] in page
        for words in builders.TEXTS[language].values():
            assert words not in page


def test_the_latest_corrections_are_listed_the_newest_first(campaign, client):
    corrected(campaign)
    withdrawn(campaign)
    answer = build_answer(campaign)
    answer.what_changed = builders.in_all(en="The hours were wrong.")
    answer.save()
    correct_answer(answer)

    text = text_of(client, "/en/about/corrections/")

    assert text.index("The hours were wrong.") < text.index("Bulletin 2") < text.index("Bulletin 1: ")
    assert "Bulletin 1: Libraries open on Tuesday" in text
    assert builders.TEXTS["en"]["title"] not in text  # of what was withdrawn no word remains


def correct_answer(answer: Answer) -> None:
    """Publish an answer's next version as a correction."""
    answer_workflow.freeze(answer, by=None, at=timezone.now(), kind="correction")


def test_what_a_withdrawn_bulletin_was_corrected_in_before_is_gone_too(campaign, client):
    bulletin = corrected(campaign)
    why = builders.in_all(en="All of it was wrong.")
    corrections.retract(bulletin, by=builders.editor(), at=builders.NOON, what_changed=why)
    builders.published(bulletin, at=builders.NOON + timedelta(hours=2))

    text = text_of(client, "/en/about/corrections/")

    assert "All of it was wrong." in text and "The day was wrong." not in text


def test_where_nothing_was_corrected_the_page_says_so(campaign, client):
    builders.build_published_version(campaign)
    assert "Nothing has been corrected yet." in text_of(client, "/en/about/corrections/")


# --- The archive ------------------------------------------------------------------------------------------------------


def test_the_archive_can_be_narrowed_by_topic_and_by_month_in_the_campaigns_zone(campaign, client):
    topic = builders.build_topic(campaign)
    about = builders.build_bulletin(campaign, at=datetime(2026, 3, 31, 20, 30, tzinfo=UTC))
    about.topics.add(topic)
    builders.published(about, at=datetime(2026, 3, 31, 20, 30, tzinfo=UTC))  # 31 March, 23:30 in Helsinki
    builders.build_published_version(campaign, at=datetime(2026, 3, 31, 21, 30, tzinfo=UTC))  # 1 April, 00:30

    def listed(query: str) -> list[str]:
        page = client.get(f"/en/bulletins/{query}").content.decode().partition('<ul class="rows">')[2]
        return re.findall(r'href="/en/bulletins/(\d+)/"', page.partition("</ul>")[0])

    assert listed("") == ["2", "1"]
    assert listed("?topic=libraries") == ["1"]
    assert listed("?month=2026-03") == ["1"]
    assert listed("?month=2026-04") == ["2"]
    assert listed("?topic=libraries&month=2026-04") == []
    assert "Nothing matches your choice." in text_of(client, "/en/bulletins/?topic=libraries&month=2026-04")
    for nonsense in ("?topic=no", "?month=2026-13", "?month=x", "?page=999&topic="):
        assert listed(nonsense) == ["2", "1"]


def test_a_topic_given_to_a_draft_of_a_correction_moves_nothing_yet(campaign, client):
    bulletin = builders.build_published_version(campaign).bulletin
    corrections.start_correction(bulletin, by=builders.editor(), at=builders.NOON, what_changed=CHANGED)
    topic = builders.build_topic(campaign)
    bulletin.topics.add(topic)
    assert topic not in topic_choices.topics_of(campaign, at=builders.NOON)
    assert f'value="{topic.slug}"' not in client.get("/en/bulletins/").text


# --- Ways to help -----------------------------------------------------------------------------------------------------


def test_ways_to_help_are_what_the_bulletins_that_hold_ask_for(campaign, client):
    call = builders.TEXTS["en"]["call"]
    withdrawn(campaign)
    over = builders.build_bulletin(campaign)
    over.key_messages.update(valid_until=timezone.now() - timedelta(minutes=1))
    builders.published(over)
    silent = builders.build_bulletin(campaign)
    silent.calls_to_action.all().delete()
    builders.published(silent)
    assert "No bulletin is asking for anything right now." in text_of(client, "/en/help/")

    builders.build_published_version(campaign)
    newest = builders.build_bulletin(campaign)
    CallToAction.objects.create(bulletin=newest, key="more", text=builders.in_all(en="Ring a neighbour."))
    builders.published(newest)

    text = text_of(client, "/en/help/")
    assert text.count(call) == 2 and text.count("Ring a neighbour.") == 1
    assert text.index("Bulletin 5") < text.index("Bulletin 4")
    for number in (1, 2, 3):
        assert f"Bulletin {number}" not in text


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_answers_are_recent_for_a_week_and_can_be_chosen_by_topic(campaign, client):
    topic = builders.build_topic(campaign)
    build_answer(campaign, "new", days=2, topic=topic)
    build_answer(campaign, "old", days=30)

    text = text_of(client, "/en/answers/")
    assert text.index("Answered recently") < text.index("Is it new?") < text.index("Answered earlier")
    assert text.index("Answered earlier") < text.index("Is it old?")
    chosen = text_of(client, "/en/answers/?topic=libraries")
    assert "Is it new?" in chosen and "Is it old?" not in chosen
    about_schools = builders.build_bulletin(campaign)
    about_schools.topics.add(builders.build_topic(campaign, "schools"))
    builders.published(about_schools)
    assert "Nothing matches your choice." in text_of(client, "/en/answers/?topic=schools")


@pytest.mark.parametrize(
    ("address", "is_promised"),
    [("https://videos.bulletins.fi/1", True), ("https://www.example.org/1", False), ("", False)],
)
def test_the_front_page_promises_a_video_only_where_there_is_one(address, is_promised, campaign, client):
    builders.build_published_version(campaign)
    build_answer(campaign, video_url=address)

    assert ("With a video." in text_of(client, "/en/")) == is_promised


# --- About ------------------------------------------------------------------------------------------------------------


def test_about_names_only_authorities_whose_words_are_out(campaign, client):
    said = builders.build_authority("said", name=builders.in_all(en="Ministry of Said"))
    waits = builders.build_authority("waits", name=builders.in_all(en="Agency of Waiting"))
    bulletin = builders.build_bulletin(campaign, inputs=[builders.build_input(campaign, authority=said)])
    builders.published(bulletin)
    builders.build_approved_bulletin(campaign, inputs=[builders.build_input(campaign, authority=waits)])

    text = text_of(client, "/en/about/")

    assert "Ministry of Said" in text and "Agency of Waiting" not in text
    assert "This is an exercise." in text and "Liisa Lind" in text and "Team (en)" in text
    assert "not emergency warnings" in text


def test_privacy_tells_the_days_that_are_set(campaign, client, settings):
    settings.EXPOSURE_DAYS, settings.LEFT_DAYS, settings.INVITED_DAYS = 401, 366, 91
    text = text_of(client, "/en/about/privacy/")
    for days in ("401 days", "366 days", "91 days", "7 days"):
        assert days in text
    assert "366 days after you left; at once when you ask." in text


def test_the_accessibility_statement_has_what_the_law_asks_for(campaign, client):
    text = text_of(client, "/en/about/accessibility/")
    for part in (
        "partly meets",
        "306/2019",
        "What is not accessible",
        "liisa@example.org",
        "14 days",
        "Assessed",
        "supervises",
    ):
        assert part in text


@pytest.mark.parametrize("path", ["", "bulletins/", "answers/", "help/", *STATIC])
def test_without_a_campaign_every_page_still_opens(path, client, db):
    assert client.get(f"/en/{path}").status_code == 200


def test_every_page_leads_to_who_runs_it_privacy_and_accessibility(campaign, client):
    foot = client.get("/en/facts/").content.decode().partition("<footer")[2]
    for path in ("help/", *STATIC):
        assert f'href="/en/{path}"' in foot


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_no_page_costs_more_when_there_is_more_on_it(campaign, client):
    def costs() -> dict[str, int]:
        found = {}
        for path in ("", "bulletins/", "bulletins/1/", "bulletins/1/versions/1/", "answers/", "help/", *STATIC):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/en/{path}").status_code == 200
            found[path] = len(captured)
        return found

    corrected(campaign)
    withdrawn(campaign)
    builders.build_published_version(campaign)
    builders.build_published_version(campaign)
    correct_answer(build_answer(campaign))
    few = costs()
    for number in range(3):
        corrected(campaign)
        withdrawn(campaign)
        builders.build_published_version(campaign)
        correct_answer(build_answer(campaign, f"more-{number}"))

    assert costs() == few
    assert max(few.values()) <= 25


# --- Who is responsible ----------------------------------------------------------------------------------------------


def test_the_authority_that_leads_the_campaign_is_named_as_responsible_for_it(campaign, client):
    campaign.authority = builders.build_authority("office", name=builders.in_all(en="The Office"))
    campaign.save()

    assert "Run by The Office" in text_of(client, "/en/about/")
    assert "Exercise, run by The Office." in text_of(client, "/en/about/accessibility/")
    assert "(the controller) is The Office." in text_of(client, "/en/about/privacy/")
    assert "Run by The Office" in text_of(client, "/en/facts/how-we-check/")


def test_without_one_it_is_the_sender(campaign, client):
    assert "Run by Team (en)" in text_of(client, "/en/about/")
    assert "Exercise, run by Team (en)." in text_of(client, "/en/about/accessibility/")
    assert "(the controller) is Team (en)." in text_of(client, "/en/about/privacy/")


def test_a_campaign_is_not_named_as_run_by_itself(campaign, client):
    campaign.languages.filter(code="en").update(sender_name="Exercise")

    assert "Run by" not in text_of(client, "/en/about/")
    assert "about the site Exercise. It follows" in text_of(client, "/en/about/accessibility/")
    assert "(the controller) is Exercise." in text_of(client, "/en/about/privacy/")


def test_how_we_correct_promises_subscribers_their_next_digest_and_no_place_in_the_order(campaign, client):
    shown = text_of(client, "/en/about/corrections/")
    assert "first people who posted it, then people who got the bulletin by email" in shown
    assert "Subscribers read it in their next digest." in shown
