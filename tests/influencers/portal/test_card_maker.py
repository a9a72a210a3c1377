"""A creator makes a card theirs: theme, shape and tone of what was approved, and own words that nobody takes for it."""

import io
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.functions import Reverse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from bulletins.media import card_themes, message_cards, on_demand_cards
from bulletins.models import Asset, Card, KeyMessage
from campaigns.models import Authority
from influencers.models import Exposure
from influencers.portal import card_maker
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db
FETCHED = {"HTTP_X_REQUESTED_WITH": "fetch"}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def campaign(db: None) -> Any:
    """An exercise in English only, for each language has cards of its own to draw."""
    return builders.build_campaign(languages=("en",))


@pytest.fixture
def version(campaign: Any) -> Any:
    """A published bulletin with a picture and three messages, the first of them in two more tones; its cards are there."""
    bulletin = builders.build_bulletin(campaign, languages=("en",), variants=True)
    bulletin.key_messages.update(warm={"en": "Good news: libraries open on Monday!"}, short={"en": "Open on Monday."})
    for number, words in enumerate(("You may come in.", "Bring your card.")):
        source = {"source_name": {"en": "Ministry"}, "source_url": {"en": "https://ministry.example.org/x"}}
        KeyMessage.objects.create(
            bulletin=bulletin, key=f"k{number}", position=number + 5, text={"en": words}, **source
        )
    out = io.BytesIO()
    Image.new("RGB", (900, 700), "#886644").save(out, "JPEG")
    stored = default_storage.save("assets/b1/pot.jpg", ContentFile(out.getvalue()))
    words = builders.in_all(en="A pot")
    Asset.objects.create(bulletin=bulletin, kind="image", title=words, alt_text=words, file=stored, rights="CC0")
    made = builders.published(bulletin)
    builders.build_cards(bulletin)
    return made


@pytest.fixture
def elli(campaign: Any, client: Any) -> Any:
    made = builders.build_influencer(campaign, "elli", language="en")
    client.force_login(made.user)
    return made


def of(name: str, version: Any) -> str:
    return reverse(f"influencers:{name}", args=[version.bulletin.number])


def asked(**more: str) -> dict[str, str]:
    return {"message": "opening", "theme": "bold", "crop": "9x16", "tone": "plain"} | more


def test_the_page_offers_every_theme_shape_and_tone_and_shows_what_is_chosen_without_script(
    version: Any, elli: Any, client: Any
) -> None:
    page = client.get(of("bulletin", version)).content.decode()
    for value in ("plain", "bold", "photo", "quiet", "9x16", "4x5", "1x1", "warm", "short"):
        assert f'value="{value}"' in page
    [spec] = [one for one in message_cards.specs_published(version, "en") if one.key == "opening"]
    first = version.bulletin.cards.get(digest=message_cards.digest(spec), ratio="9x16")
    assert page.count(first.file.url) >= 3 and len(page.encode()) < 100_000
    for shelf in ("Carousel", "Stickers", "Green-screen backgrounds"):
        assert f"{shelf}</h2>" in page

    other = client.get(of("bulletin", version), {"theme": "photo", "crop": "1x1", "tone": "warm"}).content.decode()
    assert "Good news: libraries open on Monday!</h2>" in other
    assert "theme=photo&amp;crop=1x1&amp;tone=warm&amp;small=1" in other
    bar = other.partition('<div class="bar"')[2]
    assert "theme=photo&amp;crop=1x1&amp;tone=warm" in bar, "what is shown is what the bar shares"
    odd = client.get(of("bulletin", version), {"theme": "<b>", "crop": "../", "tone": "x"}).content.decode()
    assert "<b>" not in odd and first.file.url in odd


def test_a_chosen_theme_is_that_of_every_picture_and_stays_for_the_next_time(
    version: Any, elli: Any, client: Any
) -> None:
    def in_theme(theme: str) -> set[str]:
        return {card.file.url for card in version.bulletin.cards.filter(theme=theme, language="en", tone="plain")}

    def shown(**choice: str) -> str:
        return client.get(of("bulletin", version), choice).content.decode()

    shelves = ('id="carousel"', 'id="stickers"'), ('id="cards"', 'id="carousel"')
    before = shown()
    assert "card" not in client.cookies and client.get(of("card", version), asked(theme="quiet")).status_code == 302
    only_kept = client.get(
        of("card", version), asked(theme="bold"), HTTP_X_REQUESTED_WITH="keep"
    )  # for reading offline
    assert only_kept.status_code == 302 and client.cookies["card"].value == "quiet"
    kept = client.cookies["card"]
    assert (kept.value, kept["httponly"], kept["samesite"]) == ("quiet", True, "Lax")
    after, home = shown(), client.get(reverse("influencers:home")).content.decode()
    for start, end in shelves:
        first, now = (page.partition(start)[2].partition(end)[0] for page in (before, after))
        assert any(url in first for url in in_theme("bold") | in_theme("plain"))
        assert sum(url in now for url in in_theme("quiet")) >= 3 and not any(url in now for url in in_theme("bold"))
    assert any(url in home for url in in_theme("quiet")) and re.search(r'value="quiet"[^>]* checked', after)
    assert any(url in shown(theme="photo") for url in in_theme("photo")) and client.cookies["card"].value == "photo"
    # Where a theme is not there, as a photo that was taken out, the first one is shown.
    version.bulletin.cards.filter(theme="photo").delete()
    assert all(word in shown() for word in (*shelves[0], *shelves[1]))
    client.cookies["card"] = "<b>"
    assert "<b>" not in shown()


def test_captions_that_are_kept_for_everybody_share_the_card_that_each_chose_and_name_no_reader(
    version: Any, elli: Any, client: Any, campaign: Any
) -> None:
    other = Client()
    other.force_login(builders.build_influencer(campaign, "kai").user)

    def captions(by: Client, **choice: str) -> str:
        return (
            by.get(of("bulletin", version), choice)
            .content.decode()
            .partition('id="channels"')[2]
            .partition("</section>")[0]
        )

    mine, theirs, quiet = captions(client), captions(other), captions(other, theme="quiet")

    shared = [re.findall(r'data-share-file="([^"]+)"', html) for html in (mine, theirs, quiet)]
    assert shared[0] == shared[1] != shared[2] != []
    marks = [re.findall(r'data-keeps="portal (\S+) bulletin', html) for html in (mine, theirs)]
    assert [len(found) for found in marks] == [1, 1] and marks[0] != marks[1]


def test_cards_that_are_on_their_way_are_said_to_be_until_they_are_there(
    version: Any, elli: Any, client: Any, time_machine: Any
) -> None:
    time_machine.move_to(NOON + timedelta(hours=1))
    pages = [of("bulletin", version), reverse("influencers:home")]
    assert not any("data-drawing" in client.get(page).content.decode() for page in pages)
    Card.objects.update(digest=Reverse("digest"))
    waiting = [client.get(page).content.decode() for page in pages]
    assert all("The picture is being drawn." in page and 'class="stage__pic"' not in page for page in waiting)
    time_machine.move_to(NOON + timedelta(days=8))
    assert not any("data-drawing" in client.get(page).content.decode() for page in pages), "nobody draws it any more"


def test_another_tone_is_drawn_once_kept_and_public_and_what_there_is_not_is_not_found(
    version: Any, elli: Any, client: Any
) -> None:
    before = Card.objects.count()
    answers = [client.get(of("card", version), asked(theme="quiet", tone="warm")) for _turn in range(3)]
    assert {answer.status_code for answer in answers} == {302} and len({answer["Location"] for answer in answers}) == 1
    assert Card.objects.count() == before + 1
    card = Card.objects.get(tone="warm")
    assert (card.theme, card.text, card.ratio) == ("quiet", "Good news: libraries open on Monday!", "9x16")
    assert client.get(answers[0]["Location"]).status_code == 200
    small = client.get(of("card", version), asked(theme="quiet", tone="warm", small="1"))
    assert small["Location"] == card.thumbnail_url
    builders.build_cards(version.bulletin)
    assert Card.objects.filter(pk=card.pk).exists(), "what was asked for is kept"
    for wrong in ({"message": "x"}, {"theme": "x"}, {"tone": "x"}, {"crop": "x"}, {"crop": "16x9"}):
        assert client.get(of("card", version), asked(**wrong)).status_code == 404
    assert Card.objects.count() == before + 1


def test_while_one_is_drawn_others_are_told_to_come_again_and_nothing_is_drawn_twice(
    version: Any, elli: Any, client: Any, monkeypatch: Any
) -> None:
    asks, drawn = [], []
    draw = card_themes.draw

    def slow(*arguments: Any) -> Any:
        drawn.append(threading.get_ident())
        for _turn in range(20):
            asks.append(client.get(of("card", version), asked(tone="short")))
        return draw(*arguments)

    monkeypatch.setattr(card_themes, "draw", slow)
    assert client.get(of("card", version), asked(tone="short")).status_code == 302
    assert {one.status_code for one in asks} == {503} and {one["Retry-After"] for one in asks} == {"1"}
    assert "no-store" in asks[0]["Cache-Control"] and len(drawn) == 1
    assert client.get(of("card", version), asked(tone="short")).status_code == 302 and len(drawn) == 1
    with on_demand_cards.slot(), pytest.raises(on_demand_cards.Busy), on_demand_cards.slot():
        pass


def test_own_words_make_a_picture_that_is_not_kept_and_are_refused_in_words(
    version: Any, elli: Any, client: Any, monkeypatch: Any
) -> None:
    files = Card.objects.count(), default_storage.listdir(f"cards/b{version.bulletin_id}")[1]
    made = client.post(of("own_card", version), asked(own="It is about our street.", crop="1x1"))
    with Image.open(io.BytesIO(made.content)) as drawn:
        assert made["Content-Type"] == "image/jpeg" and drawn.size == (1080, 1350), "a square becomes 4:5"
    assert "no-store" in made["Cache-Control"]
    assert (Card.objects.count(), default_storage.listdir(f"cards/b{version.bulletin_id}")[1]) == files
    took = Exposure.objects.get(influencer=elli, way="downloaded")
    assert took.item == "message:opening" and "street" not in str(vars(took))

    Authority.objects.create(slug="tv", kind="agency", name={"fi": "Talousvirasto"})
    for own, why in (
        ("<b>Ministry:</b> come", "Write plain words"),
        ("   ", "Write your own words first."),
        ("a" * 10_000, "Write at most 120 characters."),
        ("a" * 121, "Write at most 120 characters."),
        ("W" * 120, "wide letters"),
        ("Hi 😀, we ❤️ you 😀", "Leave out 😀❤"),
        ("注意 your water", "letters cannot be drawn here: 注意."),
        ("Hi\u200b you", "Leave out zero width space"),
        ("Lue bit.ly/raha123", "leave out “bit.ly”"),
        ("Sanna Marin: come in", "leave out “Sanna Marin:”"),
        ("Valid until Friday 18:00", "leave out “valid until”"),
        ("Ministry: stay in", "leave out “ministry:”"),
        ("Stay in. – Talousvirasto", "leave out “Talousvirasto”"),
    ):
        told = client.post(of("own_card", version), asked(own=own), **FETCHED)
        assert told.status_code == 422 and why in told.content.decode()
        assert told["Content-Type"].startswith("text/plain")
    page = client.post(of("own_card", version), asked(own="<b>"))
    assert page.status_code == 422 and "Back to the bulletin" in page.content.decode()
    monkeypatch.setattr(card_maker, "OWN_CARDS", card_maker.Limit("own_card", 1, 3600))
    assert client.post(of("own_card", version), asked(own="Again."), **FETCHED).status_code == 429
    client.logout()
    assert client.post(of("own_card", version), asked(own="Me.")).status_code in {302, 403}


def test_nothing_is_made_of_what_no_longer_holds_or_is_withdrawn(
    version: Any, elli: Any, client: Any, campaign: Any, time_machine: Any
) -> None:
    KeyMessage.objects.filter(bulletin=version.bulletin).update(valid_until=NOON + timedelta(hours=1))
    again = builders.build_bulletin(campaign, languages=("en",))
    again.key_messages.update(valid_until=NOON + timedelta(hours=1))
    ending = builders.published(again)
    builders.build_cards(again)
    time_machine.move_to(NOON + timedelta(hours=2))
    assert client.post(of("own_card", ending), asked(own="Late."), **FETCHED).status_code == 410
    assert 'data-make="' not in client.get(of("bulletin", ending)).content.decode()
    for name in ("card", "own_card"):
        assert (
            client.generic(
                "POST" if name == "own_card" else "GET", reverse(f"influencers:{name}", args=[99])
            ).status_code
            == 404
        )


def test_the_page_costs_the_same_however_many_cards_there_are(version: Any, elli: Any, client: Any) -> None:
    client.get(of("bulletin", version))
    with CaptureQueriesContext(connection) as few:
        client.get(of("bulletin", version))
    for tone in ("warm", "short"):
        for theme in ("plain", "bold", "photo", "quiet"):
            client.get(of("card", version), asked(theme=theme, tone=tone))
    with CaptureQueriesContext(connection) as many:
        client.get(of("bulletin", version), {"theme": "photo", "tone": "warm"})
    assert len(many) == len(few)
