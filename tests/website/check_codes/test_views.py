"""Whoever has a picture in hand is told whether it holds, and nothing that is not public."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Attempt
from bulletins.media import message_cards
from bulletins.models import Bulletin, KeyMessage, Ratio
from bulletins.publication import corrections
from campaigns.cards import check_codes
from campaigns.http import page_changes
from campaigns.models import Campaign, CheckCode
from config.http.caches import page_cache
from lib.text.characters import spoken_codes
from tests.support import builders
from tests.support.builders import in_all
from website.check_codes import views

SOME = {
    "fi": "Kirjastot avataan maanantaina.",
    "sv": "Biblioteken öppnar på måndag.",
    "en": "Libraries open on Monday.",
}
OTHER = {
    "fi": "Kirjastot avataan tiistaina.",
    "sv": "Biblioteken öppnar på tisdag.",
    "en": "Libraries open on Tuesday.",
}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    """Files of a test are the test's."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bulletin(campaign: Campaign) -> Bulletin:
    """A bulletin in review, its cards drawn."""
    bulletin = builders.build_bulletin(campaign)
    say(bulletin, SOME)
    return bulletin


def say(bulletin: Bulletin, words: dict[str, str], **fields: Any) -> None:
    KeyMessage.objects.filter(bulletin=bulletin).update(text=words, **fields)


def publish(bulletin: Bulletin, *, ago: timedelta) -> dict[str, str]:
    """Publish a bulletin some time ago and return the codes of its cards by language."""
    builders.published(bulletin, at=timezone.now() - ago)
    return draw(bulletin)


def draw(bulletin: Bulletin) -> dict[str, str]:
    builders.build_cards(bulletin, at=timezone.now())
    specs = message_cards.specs_of(bulletin)
    return {spec.language: message_cards.code_of(bulletin, spec) for spec in specs}


def correct(bulletin: Bulletin, words: dict[str, str], *, ago: timedelta, **fields: Any) -> dict[str, str]:
    corrections.start_correction(
        bulletin, what_changed=in_all(en="The day was wrong."), by=builders.editor(), at=timezone.now() - ago
    )
    bulletin.refresh_from_db()
    say(bulletin, words, **fields)
    return publish(bulletin, ago=ago)


def page(address: str, status: int = 200) -> str:
    response = Client().get(address)
    assert response.status_code == status, address
    return response.content.decode()


DAYS = [timedelta(days=days) for days in range(6)]


def test_a_code_says_who_said_it_and_that_it_holds_with_the_picture(bulletin: Bulletin) -> None:
    Campaign.objects.update(mode=Campaign.Mode.LIVE)
    say(bulletin, SOME, valid_until=timezone.now() + DAYS[3])
    codes = publish(bulletin, ago=DAYS[1])
    response = Client().get(f"/en/c/{codes['fi']}/")

    text = response.content.decode()
    assert response.headers[page_changes.MARK]  # kept whole, so it is there while the database is away
    assert "Genuine and current" in text and spoken_codes.in_groups(codes["fi"]) in text
    shown = bulletin.cards.get(language="fi", ratio=Ratio.FEED, theme="bold")
    assert f'src="{shown.thumbnail_url}"' in text and SOME["fi"] in text
    assert f'href="/en/c/{codes["sv"]}/"' in text  # the same in other languages
    assert "<script" not in text.partition("<main")[2] and "Genuine and current" not in page(f"/sv/c/{codes['fi']}/")
    assert Attempt.objects.count() == 0  # nobody who asks for what is there leaves a trace


@pytest.mark.parametrize("written", ["7K2F9QTD", "7k2f9qtd", "7K2F-9QTD", "7k2f-9qtd/", "7K2F%209QTD"])
def test_the_short_address_leads_on_in_the_language_of_the_browser_without_the_database(written: str) -> None:
    """As a QR code writes it and as people do, and while the database is away."""
    for start, away in (("/c/", {}), ("/C/", {page_cache.AWAY: True})):
        response = Client().get(start + written, headers={"accept-language": "sv-FI,fi;q=0.5"}, **away)
        assert (response.status_code, response["Location"]) == (302, "/sv/c/7K2F9QTD/")
        assert "Accept-Language" in response["Vary"]


@pytest.mark.django_db
def test_a_typed_code_leads_to_its_page_and_one_that_is_none_is_explained(campaign: Campaign) -> None:
    assert Client().get("/en/c/", {"code": " 7k2f 9qtd "})["Location"] == "/en/c/7K2F9QTD/"
    assert Client().get("/en/c/7k2f9qtd/")["Location"] == "/en/c/7K2F9QTD/"
    assert "no code of ours" in page("/en/c/?code=%3Cb%3E0000", 422) or "not a code of ours" in page(
        "/en/c/?code=x", 422
    )
    assert "&lt;b&gt;" in page("/en/c/%3Cb%3E/", 404)


def test_a_replaced_one_shows_what_holds_now_and_the_new_code(bulletin: Bulletin) -> None:
    Campaign.objects.update(mode=Campaign.Mode.LIVE)
    old = publish(bulletin, ago=DAYS[2])
    new = correct(bulletin, SOME | {"fi": OTHER["fi"]}, ago=DAYS[1])

    assert old["fi"] != new["fi"] and old["sv"] == new["sv"]  # what did not change keeps its code
    text = page(f"/en/c/{old['fi']}/")
    assert "Genuine, but replaced" in text and f'href="/en/c/{new["fi"]}/"' in text
    assert OTHER["fi"] in text and f'<del lang="fi">{SOME["fi"]}</del>' in text
    assert "Genuine and current" in page(f"/en/c/{new['fi']}/") and "Genuine and current" in page(f"/en/c/{old['sv']}/")

    correct(bulletin, OTHER, ago=DAYS[0], key="other")
    assert "Genuine, but no longer said" in page(f"/en/c/{new['fi']}/")


def test_of_a_withdrawn_one_no_word_is_left(bulletin: Bulletin) -> None:
    Campaign.objects.update(mode=Campaign.Mode.LIVE)
    codes = publish(bulletin, ago=DAYS[2])
    before = page_changes.visible_changes()
    corrections.retract(
        bulletin,
        by=builders.editor(),
        at=timezone.now(),
        what_changed=in_all(en="Not decided."),
        share_text=in_all(en="Taken back."),
    )
    builders.published(bulletin, at=timezone.now())

    assert page_changes.visible_changes().taken_back != before.taken_back  # so no process shows a kept page any more
    for code in codes.values():
        text = page(f"/en/c/{code}/")
        assert "<h1>Withdrawn</h1>" in text and "Not decided." in text and "Taken back." in text
        assert not any(words in text for words in SOME.values()) and "<img" not in text.partition("<article")[2]


@pytest.mark.parametrize("mode", Campaign.Mode)
def test_what_came_to_its_end_and_an_exercise_say_so(bulletin: Bulletin, mode: str) -> None:
    Campaign.objects.update(mode=mode)
    say(bulletin, SOME, valid_until=timezone.now() - timedelta(hours=1))
    text = page(f"/en/c/{publish(bulletin, ago=DAYS[1])['fi']}/")

    is_exercise = mode == Campaign.Mode.EXERCISE
    assert ("Genuine, from an exercise" in text) == is_exercise
    assert ("Genuine, but no longer valid" in text) != is_exercise
    assert "It was valid until" in text and "share it any more" in text


def test_a_draft_s_an_embargoed_and_a_forged_code_are_all_unknown_alike(bulletin: Bulletin) -> None:
    """Their pages are the same but for the code: nobody learns that there is something."""
    drafted = draw(bulletin)["fi"]
    forged = check_codes.fresh()
    pages = {one: page(f"/en/c/{one}/", 404) for one in (drafted, forged)}
    assert CheckCode.objects.filter(code=drafted).exists()
    assert "We don't know this code" in pages[forged] and "fake" not in pages[forged].lower()
    written = {one: spoken_codes.in_groups(one) for one in pages}
    assert pages[drafted].replace(drafted, "").replace(written[drafted], "") == pages[forged].replace(
        forged, ""
    ).replace(written[forged], "")

    builders.published(bulletin, at=timezone.now() + DAYS[1])  # not before tomorrow
    assert page(f"/en/c/{drafted}/", 404) == pages[drafted]


def test_a_code_of_another_campaign_is_answered_in_that_one_s_frame_once_it_is_published(bulletin: Bulletin) -> None:
    codes = publish(bulletin, ago=DAYS[1])
    builders.build_campaign("toinen", published_at=timezone.now())

    assert "Genuine, from an exercise" in page(f"/en/c/{codes['fi']}/")
    Campaign.objects.filter(pk=bulletin.campaign_id).update(published_at=None)
    page(f"/en/c/{codes['fi']}/", 404)


def test_whoever_tries_codes_is_slowed_down_and_costs_no_more(bulletin: Bulletin, monkeypatch: Any) -> None:
    monkeypatch.setitem(views.MISSES, "most", 3)
    codes = publish(bulletin, ago=DAYS[1])
    for _number in range(3):
        page(f"/en/c/{check_codes.fresh()}/", 404)

    assert "Too many unknown codes" in page(f"/en/c/{check_codes.fresh()}/", 429)
    page(f"/en/c/{codes['fi']}/", 429)
    assert Attempt.objects.count() == 3
    Attempt.objects.all().delete()
    page(f"/en/c/{codes['fi']}/")


def test_the_page_costs_the_same_however_much_was_published(bulletin: Bulletin) -> None:
    codes = publish(bulletin, ago=DAYS[3])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(f"/en/c/{codes['sv']}/")
        return len(queries)

    before = cost()
    correct(bulletin, OTHER | {"sv": SOME["sv"]}, ago=DAYS[2])
    builders.build_bulletins(3, bulletin.campaign)
    assert cost() == before <= 16


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("7K2F9QTD", "7K2F9QTD"),
        (" 7k2f-9qtd ", "7K2F9QTD"),
        ("7K2F 9QTD", "7K2F9QTD"),
        ("https://facts.example/c/7K2F9QTD/", "7K2F9QTD"),
        ("2345-6789", "23456789"),
        ("23456789", ""),  # a telephone number
        ("ravintola", ""),
        ("7K2F9QT", ""),
        ("7K2F9QTD ravintola", ""),
        ("", ""),
    ],
)
def test_a_code_is_told_from_other_words_that_somebody_looks_for(words: str, code: str) -> None:
    assert check_codes.searched(words) == code


def test_a_code_in_the_search_leads_to_its_page(campaign: Campaign, client: Client) -> None:
    for typed in ("7K2F9QTD", "7k2f-9qtd"):
        answer = client.get("/en/bulletins/", {"q": typed})
        assert (answer.status_code, answer["Location"]) == (302, "/en/c/7K2F9QTD/")
    assert client.get("/en/bulletins/", {"q": "masks"}).status_code == 200
