"""The panes of message cards and of test mails on the compose page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bulletins.editing import drafts
from bulletins.media import card_themes, media_jobs, message_cards, moving_cards
from bulletins.models import Bulletin, KeyMessage, MediaJob, MovingCard
from campaigns.models import Campaign
from delivery.models import SeedAddress
from lib.images import ffmpeg
from tests.support.builders import NOON, build_bulletin, build_cards, editor, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    """Files of a test are the test's."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bulletin(campaign: Campaign) -> Bulletin:
    return build_bulletin(campaign)


def url(name: str, bulletin: Bulletin, query: str = "") -> str:
    return reverse(f"admin:bulletins_bulletin_{name}", args=[bulletin.pk]) + query


def test_the_pane_says_which_cards_are_drawn_missing_and_stale(
    bulletin: Bulletin, alma: Any, signed_in: Callable[[Any], Client]
) -> None:
    client = signed_in(alma)
    page = client.get(url("cards", bulletin)).content.decode()
    assert page.count("not drawn yet") == 4 and "3 cards are not drawn" in page and "out of date" not in page
    build_cards(bulletin)
    page = client.get(url("cards", bulletin)).content.decode()
    assert "Every card is up to date." in page
    assert (
        'alt="Kirjastot avataan maanantaina. Voimassa toistaiseksi. Lähde: Ministry (fi), ministry.example.org."'
        in page
    )

    message = bulletin.key_messages.get(key="opening")
    KeyMessage.objects.filter(pk=message.pk).update(text=message.text | {"fi": "Kirjastot avataan tiistaina."})
    drafts.note_editor(bulletin, by=editor(), at=NOON)

    page = client.get(url("cards", bulletin)).content.decode()
    assert page.count("out of date: the text has changed") == 1
    assert "1 card is out of date." in page and "not drawn yet" not in page


def test_the_button_asks_for_the_cards_and_the_pane_shows_how_far_they_are(
    bulletin: Bulletin, alma: Any, signed_in: Callable[[Any], Client]
) -> None:
    client = signed_in(alma)

    page = client.post(url("cards_make", bulletin)).content.decode()

    assert "In the queue." in page and "every 2s" in page
    job = MediaJob.objects.get(bulletin=bulletin, kind=MediaJob.Kind.CARDS)
    assert job.asked_by == alma
    MediaJob.objects.filter(pk=job.pk).update(state=MediaJob.State.RUNNING, done=3, total=9)
    assert "3 of 9 pictures are drawn." in client.get(url("cards", bulletin)).content.decode()


def test_the_pane_shows_each_film_says_what_is_being_made_what_failed_and_what_lacks(
    bulletin: Bulletin, alma: Any, oskar: Any, signed_in: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(alma)
    monkeypatch.setattr(ffmpeg, "is_installed", lambda: True)
    page = client.get(url("cards", bulletin)).content.decode()
    assert page.count("not made yet") == 3 and "3 videos are not made as they read now." in page

    client.post(url("cards_make", bulletin))
    job = MediaJob.objects.filter(kind=MediaJob.Kind.MOVING)
    job.update(state=MediaJob.State.RUNNING, done=1, total=3)
    assert "1 of 3 videos are made." in " ".join(client.get(url("cards", bulletin)).content.decode().split())
    job.update(state=MediaJob.State.FAILED, error=media_jobs.GAVE_UP)
    assert "The videos could not be made." in client.get(url("cards", bulletin)).content.decode()
    monkeypatch.setattr(ffmpeg, "is_installed", lambda: False)
    assert "Videos need FFmpeg" in client.get(url("cards", bulletin)).content.decode()
    submitted(bulletin)
    read = reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])
    assert "none goes out" in " ".join(signed_in(oskar).get(read).content.decode().split())

    [film, *_others] = moving_cards.films_of(message_cards.specs_of(bulletin))
    made = {"digest": moving_cards.digest_of(film), "language": "fi", "code": "7K2F9QTD", "seconds": 6.0, "size": 900}
    MovingCard.objects.create(bulletin=bulletin, file="moving/b1/a.mp4", made_at=NOON, theme="bold", **made)
    KeyMessage.objects.create(bulletin=bulletin, key="long", position=9, text={"fi": "sana " * 90})
    for page in (client.get(url("cards", bulletin)), client.get(read)):
        html = page.content.decode()
        assert 'poster="/media/moving/b1/a.webp"' in html and 'preload="none"' in html and "autoplay" not in html
        assert 'kind="captions"' in html and "/media/moving/b1/a.vtt" in html
    assert "Finnish, is in no video: there are two at most" in " ".join(
        client.get(url("cards", bulletin)).content.decode().split()
    )


def test_an_approver_sees_the_cards_and_cannot_ask_for_them(
    bulletin: Bulletin, oskar: Any, signed_in: Callable[[Any], Client]
) -> None:
    client = signed_in(oskar)

    assert client.get(url("cards", bulletin)).status_code == 200
    assert client.post(url("cards_make", bulletin)).status_code == 403
    assert not MediaJob.objects.exists()


def test_a_card_is_drawn_on_the_fly_as_the_words_are_now(
    bulletin: Bulletin, alma: Any, signed_in: Callable[[Any], Client]
) -> None:
    client, message = signed_in(alma), bulletin.key_messages.get(key="opening")

    response = client.get(url("card", bulletin, f"?message={message.pk}&language=fi&ratio=1x1"))

    assert response["Content-Type"] == "image/png"
    assert response.content == card_themes.draw(message_cards.specs_of(bulletin)[0], "1x1")[0]
    quiet = client.get(url("card", bulletin, f"?message={message.pk}&language=fi&ratio=1x1&theme=quiet"))
    assert quiet["Content-Type"] == "image/jpeg"
    for wrong in (
        "message=0&language=fi",
        f"message={message.pk}&language=xx",
        f"message={message.pk}&language=fi&ratio=2",
        f"message={message.pk}&language=fi&theme=photo",
        f"message={message.pk}&language=fi&tone=warm",
    ):
        assert client.get(url("card", bulletin, f"?{wrong}")).status_code == 404


def test_the_pane_costs_the_same_however_many_messages(
    bulletin: Bulletin, alma: Any, signed_in: Callable[[Any], Client], django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(alma)
    with CaptureQueriesContext(connection) as few:
        client.get(url("cards", bulletin))
    for number in range(3):
        KeyMessage.objects.create(bulletin=bulletin, key=f"k{number}", text={"fi": "Yksi."})
    build_cards(bulletin)

    with django_assert_num_queries(len(few)):
        client.get(url("cards", bulletin))


def test_a_test_mail_is_sent_from_the_page(
    bulletin: Bulletin, campaign: Campaign, alma: Any, signed_in: Callable[[Any], Client], smtp_sink: Any
) -> None:
    client = signed_in(alma)
    SeedAddress.objects.create(campaign=campaign, email="seed@example.org", language="sv", confirmed_at=NOON)
    assert "Send a test to the seed list (1 address)" in client.get(url("proofs", bulletin)).content.decode()

    assert (
        "1 test email is on its way."
        in client.post(url("proof", bulletin), {"to": "me", "language": "fi"}).content.decode()
    )
    assert "1 test email is on its way." in client.post(url("proof", bulletin), {"to": "seeds"}).content.decode()

    assert set(smtp_sink.count) == {"alma@example.org", "seed@example.org"}


def test_a_refused_test_says_why(
    campaign: Campaign, oskar: Any, liisa: Any, signed_in: Callable[[Any], Client], smtp_sink: Any
) -> None:
    bulletin = build_bulletin(campaign, languages=["fi"])

    page = signed_in(oskar).post(url("proof", bulletin), {"to": "me", "language": "sv"}).content.decode()

    assert "there is no saved subject and text in sv yet" in page
    assert signed_in(liisa).post(url("proof", bulletin), {"to": "me", "language": "fi"}).status_code == 403
    assert not smtp_sink.caught
