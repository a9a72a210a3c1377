"""Cards are made once for the same words, follow them, and are public only with what is published."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db.models import CharField
from django.db.models.functions import Cast
from django.test import Client
from PIL import Image

from bulletins.editing import drafts
from bulletins.media import makers, message_cards, missing_cards
from bulletins.models import Bulletin, Card, KeyMessage, MediaJob, Ratio
from bulletins.publication import corrections
from bulletins.reader_view import public_files
from campaigns.cards import check_codes
from campaigns.models import Campaign, CampaignLanguage, CheckCode
from lib.images import ffmpeg
from lib.images.picture_sizes import SIZES
from tests.support.builders import (
    NOON,
    approved,
    blank_pictures,
    build_bulletin,
    build_campaign,
    build_cards,
    build_influencer,
    editor,
    published,
    submitted,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a test are the test's, and none of them moves."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(ffmpeg, "is_installed", lambda: False)


@pytest.fixture
def bulletin(campaign: Campaign) -> Bulletin:
    return build_bulletin(campaign)


def kinds_asked_for(*, at: datetime) -> list[str]:
    """Return the kinds of work that the tick asks for."""
    return [job.kind for job in missing_cards.queue_missing(at=at)]


def change(bulletin: Bulletin, **fields: Any) -> None:
    KeyMessage.objects.filter(bulletin=bulletin, key="opening").update(**fields)
    drafts.note_editor(bulletin, by=editor(), at=NOON)


def words_of(bulletin: Bulletin) -> dict[str, str]:
    return dict(bulletin.key_messages.get(key="opening").text)


def corrected(bulletin: Bulletin, **fields: Any) -> Bulletin:
    """Return the next version, open, with other words in its key message."""
    changed = {"fi": "Päivä oli väärä.", "sv": "Dagen var fel.", "en": "The day was wrong."}
    corrections.start_correction(bulletin, what_changed=changed, by=editor(), at=LATER)
    bulletin.refresh_from_db()
    if fields:
        change(bulletin, **fields)
    return bulletin


def test_every_message_gets_a_card_in_every_language_and_size(bulletin: Bulletin) -> None:
    progress = list(message_cards.make_cards(bulletin, NOON))

    assert progress == [(done, 33) for done in range(34)]
    cards = bulletin.cards.all()
    assert {(card.language, card.ratio) for card in cards} == {(c, r) for c in ("fi", "sv", "en") for r in Ratio}
    for card in cards:
        assert default_storage.size(card.file.name or "") == card.size
        assert (card.width, card.height) == SIZES[Ratio(card.ratio)] or card.theme == "plain"  # a sticker is what it is
        with Image.open(default_storage.open(card.thumbnail)) as small:
            assert (small.format, small.width) == ("WEBP", 480)
        assert 0 < card.thumbnail_size == default_storage.size(card.thumbnail) < card.size
    square = [card for card in cards if card.miniature_size]
    assert {card.ratio for card in square} == {Ratio.SQUARE} and len(square) == 9, "each look in each language"
    with Image.open(default_storage.open(square[0].miniature)) as smallest:
        assert (smallest.format, smallest.width) == ("AVIF", 192) and square[0].miniature_size < 10_000


def test_the_same_words_are_drawn_once(bulletin: Bulletin) -> None:
    build_cards(bulletin)
    before = set(bulletin.cards.values_list("pk", "file"))

    assert build_cards(bulletin) == [(0, 0)]
    assert set(bulletin.cards.values_list("pk", "file")) == before


def test_changed_words_are_drawn_anew_and_the_old_card_goes(
    bulletin: Bulletin, django_capture_on_commit_callbacks: Any
) -> None:
    build_cards(bulletin)
    old = {name for card in bulletin.cards.filter(language="fi") for name in message_cards.names_of(card)}
    assert len(old) == 25, "eleven pictures, small ones, and the smallest of three"
    change(bulletin, text=words_of(bulletin) | {"fi": "Kirjastot avataan tiistaina."})

    with django_capture_on_commit_callbacks(execute=True):
        assert build_cards(bulletin)[-1] == (11, 11)

    finnish = bulletin.cards.filter(language="fi")
    assert {card.text for card in finnish} == {"Kirjastot avataan tiistaina."}
    assert bulletin.cards.count() == 33
    assert not any(default_storage.exists(name) for name in old)


def test_a_language_without_words_has_no_card(bulletin: Bulletin) -> None:
    change(bulletin, text={"fi": "Vain suomeksi."})

    assert {spec.language for spec in message_cards.specs_of(bulletin)} == {"fi"}


def test_a_card_says_who_says_so_until_when_and_whose_it_is(bulletin: Bulletin) -> None:
    CampaignLanguage.objects.filter(code="fi").update(name="Faktaa", hashtag="#faktaa", bulletin_name="tiedote")
    change(bulletin, valid_until=NOON.replace(hour=23, minute=59))

    spec = next(one for one in message_cards.specs_of(bulletin) if one.language == "fi")

    assert spec.validity == "Voimassa 25.3.2026 asti"
    assert spec.source == "Lähde: Ministry (fi), ministry.example.org"
    assert (spec.campaign, spec.hashtag, spec.bulletin) == ("Faktaa", "#faktaa", f"Tiedote {bulletin.number}")
    assert (spec.exercise, spec.corrected) == ("Harjoitus", "")


def test_only_an_exercise_is_marked_as_one(roles: None) -> None:
    campaign = build_campaign("tosi", mode=Campaign.Mode.LIVE)

    assert {spec.exercise for spec in message_cards.specs_of(build_bulletin(campaign))} == {""}


def test_a_card_is_marked_corrected_when_its_words_or_its_end_changed(bulletin: Bulletin) -> None:
    published(bulletin)
    corrected(bulletin, text=words_of(bulletin) | {"sv": "Biblioteken öppnar på tisdag."})

    assert {spec.language for spec in message_cards.specs_of(bulletin) if spec.corrected} == {"sv"}
    change(bulletin, valid_until=LATER)
    assert all(spec.corrected for spec in message_cards.specs_of(bulletin))


def test_words_that_did_not_change_keep_their_cards_in_a_correction(bulletin: Bulletin) -> None:
    build_cards(bulletin)
    before = set(bulletin.cards.exclude(language="sv").values_list("pk", flat=True))
    published(bulletin)
    corrected(bulletin, text=words_of(bulletin) | {"sv": "Biblioteken öppnar på tisdag."})

    assert build_cards(bulletin)[-1] == (11, 11)

    assert before < set(bulletin.cards.values_list("pk", flat=True))


def test_all_sizes_of_a_statement_carry_one_code_and_a_correction_gets_another(bulletin: Bulletin) -> None:
    build_cards(bulletin)
    before = dict(bulletin.cards.values_list("language", "code"))
    assert {card.code for card in bulletin.cards.all()} == set(before.values())
    assert len(set(before.values())) == 3
    assert all(check_codes.read(code) == code for code in before.values())
    published(bulletin)
    corrected(bulletin, text=words_of(bulletin) | {"sv": "Biblioteken öppnar på tisdag."})
    build_cards(bulletin)

    given = {card.code for card in bulletin.cards.filter(language="sv")}
    assert len(given) == 2 and before["sv"] in given
    # Whatever it is taken back to say, what was corrected once is another statement.
    change(bulletin, text=words_of(bulletin) | {"sv": "Biblioteken öppnar igen."})
    assert {card.code for card in bulletin.cards.exclude(language="sv")} == set(before.values()) - {before["sv"]}
    assert CheckCode.objects.filter(subject=bulletin.pk).count() == 4


def test_published_cards_from_before_there_were_codes_are_drawn_anew_once_an_hour(bulletin: Bulletin) -> None:
    published(bulletin)
    build_cards(bulletin)
    long_after = NOON + timedelta(days=400)
    assert kinds_asked_for(at=long_after) == []
    bulletin.cards.update(code="", digest=Cast("pk", CharField()))

    assert kinds_asked_for(at=long_after) == ["cards"]
    MediaJob.objects.update(state=MediaJob.State.FAILED)
    assert kinds_asked_for(at=long_after) == []
    build_cards(bulletin)
    given = check_codes.codes_of(CheckCode.Kind.BULLETIN, bulletin.pk)
    assert set(bulletin.cards.values_list("code", flat=True)) == set(given.values())


def test_a_draft_s_card_is_not_public_and_a_published_one_is(bulletin: Bulletin, client: Client) -> None:
    build_cards(bulletin)
    card = bulletin.cards.filter(language="fi", miniature_size__gt=0).first()
    assert card is not None
    names = message_cards.names_of(card)
    assert len(names) == 3 and not any(public_files.asset_is_public(name, at=NOON) for name in names)

    published(bulletin)

    assert all(public_files.asset_is_public(name, at=NOON) for name in names)
    assert not public_files.asset_is_public("cards/b1/other.png", at=NOON)


def test_the_old_card_stops_being_public_when_a_correction_is_published(bulletin: Bulletin) -> None:
    build_cards(bulletin)
    old = {card.language: card.file.name or "" for card in bulletin.cards.filter(ratio=Ratio.FEED, theme="quiet")}
    published(bulletin)
    corrected(bulletin, text=words_of(bulletin) | {"sv": "Biblioteken öppnar på tisdag."})
    assert public_files.asset_is_public(old["sv"], at=LATER)

    published(bulletin, at=LATER)
    build_cards(bulletin)

    assert not public_files.asset_is_public(old["sv"], at=LATER)
    assert public_files.asset_is_public(old["fi"], at=LATER)
    new = bulletin.cards.get(language="sv", ratio=Ratio.FEED, theme="quiet", text="Biblioteken öppnar på tisdag.")
    assert public_files.asset_is_public(new.file.name or "", at=LATER)


def test_a_withdrawn_bulletin_has_no_public_card(bulletin: Bulletin) -> None:
    build_cards(bulletin)
    names = list(bulletin.cards.values_list("file", flat=True))
    published(bulletin)
    why = {"fi": "Väärin.", "sv": "Fel.", "en": "Wrong."}
    corrections.retract(bulletin, what_changed=why, by=editor(), at=LATER)
    bulletin.refresh_from_db()
    published(bulletin, at=LATER)

    assert message_cards.specs_of(bulletin) == []
    assert not any(public_files.asset_is_public(name, at=LATER) for name in names)


def test_submitting_asks_for_the_cards(bulletin: Bulletin) -> None:
    submitted(bulletin)

    assert bulletin.media_jobs.get(kind=MediaJob.Kind.CARDS).state == MediaJob.State.QUEUED


def test_the_tick_asks_for_what_is_missing_and_for_nothing_else(bulletin: Bulletin) -> None:
    approved(bulletin)
    MediaJob.objects.all().delete()

    assert kinds_asked_for(at=NOON) == ["cards"]
    with blank_pictures():
        makers.run(bulletin.media_jobs.get(kind=MediaJob.Kind.CARDS).pk, clock=lambda: NOON)

    assert bulletin.cards.count() == 33
    assert kinds_asked_for(at=NOON) == []


def test_cards_of_an_earlier_release_get_their_thumbnails_and_one_without_its_file_is_drawn_anew(
    bulletin: Bulletin,
) -> None:
    approved(bulletin)
    build_cards(bulletin)
    kept, lost = bulletin.cards.filter(language="fi").order_by("pk")[:2]
    for card in (kept, lost):
        default_storage.delete(card.thumbnail)
    default_storage.delete(lost.file.name or "")
    bulletin.cards.filter(pk__in=[kept.pk, lost.pk]).update(thumbnail_size=0)
    assert kept.file.url == Card.objects.get(pk=kept.pk).thumbnail_url

    assert kinds_asked_for(at=NOON) == ["cards"]
    build_cards(bulletin)

    kept.refresh_from_db()
    assert default_storage.exists(kept.thumbnail) and kept.thumbnail_url.endswith(".webp")
    assert bulletin.cards.count() == 33 and not bulletin.cards.filter(pk=lost.pk).exists()
    assert kinds_asked_for(at=NOON) == []


def test_a_message_that_is_too_long_gets_no_card_and_a_sentence_that_says_so(bulletin: Bulletin) -> None:
    words = "Pidä muihin kahden metrin väli. " * 60
    assert message_cards.too_long(words, "fi")
    assert message_cards.too_long("Pidä väliä.", "fi") == ""
    change(bulletin, text=words_of(bulletin) | {"fi": words})

    build_cards(bulletin)

    assert set(bulletin.cards.values_list("language", flat=True)) == {"sv", "en"}
    assert not message_cards.is_missing(bulletin, message_cards.sets_of(bulletin))


def test_two_that_draw_at_once_leave_one_card_of_each(bulletin: Bulletin) -> None:
    with blank_pictures():
        first, second = message_cards.make_cards(bulletin, NOON), message_cards.make_cards(bulletin, NOON)
        next(first), next(second)

        list(first), list(second)

    assert bulletin.cards.count() == 33


def test_what_is_on_the_cards_costs_the_same_however_many_messages(
    bulletin: Bulletin, django_assert_max_num_queries: Any
) -> None:
    published(bulletin)
    bulletin.refresh_from_db()
    corrections.start_correction(bulletin, what_changed={"en": "More"}, by=editor(), at=LATER)
    for number in range(6):
        KeyMessage.objects.create(bulletin=bulletin, key=f"k{number}", text=words_of(bulletin))
    fresh = Bulletin.objects.select_related("campaign").get(pk=bulletin.pk)

    with django_assert_max_num_queries(5):
        assert len(message_cards.specs_of(fresh)) == 21


def test_an_influencer_finds_the_cards_beside_the_words(bulletin: Bulletin, campaign: Campaign, client: Client) -> None:
    build_cards(bulletin)
    version = published(bulletin)
    elli = build_influencer(campaign, "elli", language="sv")
    client.force_login(elli.user)

    page = client.get(f"/sv/portal/bulletins/{version.bulletin.number}/").content.decode()

    for card in message_cards.published_cards(version, language="sv", at=NOON)["opening"]:
        assert card.file.url in page and card.thumbnail_url in page
        assert client.get(card.file.url).status_code == 200
    assert not any(card.file.url in page for card in Card.objects.filter(language="fi"))
