"""Anyone may check a picture; it is told from a changed one, and nobody keeps it."""

import io
import struct
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from bulletins.media import message_cards, similar_cards
from bulletins.models import Bulletin, Card, KeyMessage, Ratio
from campaigns.cards import check_codes
from campaigns.models import Campaign
from lib.images import card as cards
from lib.images import code_reader, likeness, uploaded_images
from tests.support import builders
from website.check_text import pictures
from website.check_text.pictures import Sight, examine

SPEC = cards.Spec("en", "km", "Libraries open on Monday.", "Source: x", "Valid until further notice", "x", "#x", "x")


def boxes(data: bytes) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Return where the QR code of a card is with its quiet zone, and where a word above it."""
    with Image.open(io.BytesIO(data)) as opened:
        (found,) = code_reader.codes_in(opened.convert("L"))
    left, top, side = round(found.x) - 28, round(found.y) - 28, round(found.side) + 56
    return (left, top, left + side, top + side), (left + 60, top - 420, left + 320, top - 340)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.MEDIA_ROOT, settings.PUBLIC_URL = tmp_path, "https://bulletins.example"
    monkeypatch.setattr(similar_cards, "known", similar_cards.Known())


@pytest.fixture
def campaign(db: None) -> Campaign:
    """An exercise in English only, for each language has cards of its own to draw."""
    return builders.build_campaign(languages=("en",))


@pytest.fixture
def bulletin(campaign: Campaign) -> Bulletin:
    """A published bulletin whose cards are drawn."""
    return publish(builders.build_bulletin(campaign, languages=("en",)))


def publish(bulletin: Bulletin) -> Bulletin:
    builders.published(bulletin, at=timezone.now() - timedelta(days=1))
    draw(bulletin)
    return bulletin


def draw(bulletin: Bulletin) -> None:
    for _done in message_cards.make_cards(bulletin, timezone.now()):
        pass


def file_of(card: Card) -> bytes:
    with default_storage.open(card.file.name or "") as file:
        return bytes(file.read())


def card_of(bulletin: Bulletin) -> Card:
    """Return the card that stands for the English message."""
    (spec,) = (one for one in message_cards.specs_of(bulletin) if one.language == "en")
    found = message_cards.card_of(bulletin, spec)
    assert found is not None
    return found


def packed(data: bytes, *, width: int = 480) -> bytes:
    """Return a picture as a platform sends it on."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as opened:
        size = (width, round(opened.height * width / opened.width))
        opened.convert("RGB").resize(size).save(out, "JPEG", quality=40)
    return out.getvalue()


def altered(data: bytes, *, box: tuple[int, int, int, int], colour: str = "white") -> bytes:
    """Return a picture in which something is painted over."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as opened:
        whole = opened.convert("RGB")
        whole.paste(colour, box)
        whole.save(out, "PNG")
    return out.getvalue()


def with_code_of(address: str) -> bytes:
    return cards.draw(SPEC, Ratio.FEED, address)


def seen(data: bytes) -> tuple[Sight, str]:
    finding = examine(data, at=timezone.now())
    return finding.sight, str(finding.context["verdict"]) if finding.context else ""


def test_our_picture_is_known_by_its_code_however_it_was_packed_and_a_changed_one_is_told(bulletin: Bulletin) -> None:
    ours = file_of(card_of(bulletin))

    assert seen(ours) == seen(packed(ours)) == (Sight.SAME, "Genuine, from an exercise")
    assert seen(altered(ours, box=boxes(ours)[1]))[0] == Sight.CHANGED
    finding = examine(packed(ours), at=timezone.now())
    assert finding.code == card_of(bulletin).check_code and finding.context["picture"].url == card_of(bulletin).file.url


@pytest.mark.django_db
def test_a_picture_whose_code_is_gone_or_somebody_else_s_is_known_by_its_look() -> None:
    """Among cards in other languages, which look nearly the same."""
    bulletin = publish(builders.build_bulletin(builders.build_campaign()))
    ours = file_of(card_of(bulletin))

    assert seen(altered(ours, box=boxes(ours)[0], colour="#0d4252"))[0] == Sight.ALIKE
    with (
        Image.open(io.BytesIO(ours)) as whole,
        Image.open(io.BytesIO(with_code_of("https://evil.example/c/7K2F9QTD"))) as other,
    ):
        faked = whole.convert("RGB")
        theirs = code_reader.codes_in(other.convert("L"))[0]
        place = boxes(ours)[0]
        size = (place[2] - place[0], place[3] - place[1])
        cut = (theirs.x - 28, theirs.y - 28, theirs.x + theirs.side + 28, theirs.y + theirs.side + 28)
        faked.paste(other.convert("RGB").crop(tuple(map(round, cut))).resize(size), place[:2])
        out = io.BytesIO()
        faked.save(out, "PNG")
    finding = examine(out.getvalue(), at=timezone.now())
    assert (finding.sight, finding.host) == (Sight.ELSEWHERE, "evil.example")
    assert finding.context and finding.context["picture"].url == card_of(bulletin).file.url


def test_nothing_is_told_of_what_is_not_public(campaign: Campaign) -> None:
    """A draft's card, one under an embargo, a forged code: none is known, by code or by look."""
    bulletin = builders.build_bulletin(campaign, languages=("en",))
    KeyMessage.objects.filter(bulletin=bulletin).update(text=builders.in_all(en="Not for today."))
    draw(bulletin)
    drafted = file_of(card_of(bulletin))

    assert seen(drafted) == (Sight.UNKNOWN_CODE, "")
    assert seen(altered(drafted, box=boxes(drafted)[0])) == (Sight.NOTHING, "")
    builders.published(bulletin, at=timezone.now() + timedelta(days=1))
    assert seen(drafted) == (Sight.UNKNOWN_CODE, "")
    assert seen(with_code_of(check_codes.address(check_codes.fresh()))) == (Sight.UNKNOWN_CODE, "")


def test_what_is_no_picture_of_ours_says_nothing_about_it(campaign: Campaign) -> None:
    out = io.BytesIO()
    Image.effect_noise((600, 400), 80).save(out, "PNG")
    assert seen(out.getvalue()) == (Sight.NOTHING, "")


def test_what_lies_as_ours_does_is_not_sought_and_a_large_photograph_is_decoded_small(
    bulletin: Bulletin, monkeypatch: Any
) -> None:
    card = card_of(bulletin)
    with Image.open(io.BytesIO(file_of(card))) as opened:
        ours = opened.convert("RGB")
    photo = Image.new("RGB", (5200, 3900), (70, 80, 90))
    photo.paste(ours.resize((round(ours.width * 3000 / ours.height), 3000)), (1500, 400))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=80)
    with uploaded_images.looked_at(out.getvalue(), most_reduced=pictures.MOST_PHOTO, enough=pictures.ENOUGH) as small:
        assert (small.mode, small.size) == ("L", (2600, 1950))
    assert seen(out.getvalue())[0] == Sight.WITHIN
    text = send(out.getvalue()).content.decode()
    assert "Only the card in it is ours" in text and "our picture, unchanged" not in text, (
        "what lies around is not ours"
    )

    monkeypatch.setattr(likeness, "_nearer", lambda *_given: pytest.fail("It was sought."))
    assert seen(file_of(card))[0] == seen(packed(file_of(card)))[0] == Sight.SAME


def test_few_of_many_that_look_alike_are_laid_over_a_picture(bulletin: Bulletin, monkeypatch: Any) -> None:
    card = card_of(bulletin)
    many = [card, *(Card(code=check_codes.fresh(), bulletin=bulletin, file=card.file) for _ in range(9))]
    laid: list[str] = []
    monkeypatch.setattr(pictures.similar_cards, "similar_cards", lambda _look: many)
    monkeypatch.setattr(pictures, "look_of", lambda _name: (None, Image.new("L", (120, 120))))
    monkeypatch.setattr(pictures.lookup, "look_up", lambda code, _campaign, **_at: laid.append(code) or {"found": code})
    monkeypatch.setattr(pictures, "small_picture", lambda _card: None)

    assert pictures.by_look(Image.new("L", (480, 480)), at=timezone.now(), host="").sight == Sight.NOTHING
    assert laid == [one.code for one in many[: pictures.COMPARED]]


def headed(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that says how large it is, and nothing else."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return uploaded_images.PNG + chunk + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def large_jpeg() -> bytes:
    """Return a JPEG that says that it has 100 megapixels."""
    out = io.BytesIO()
    Image.new("L", (16, 16)).save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.find(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 10_000, 10_000)
    return bytes(data)


BAD_FILES = [
    ("100 megapixels", headed(10_000, 10_000)),
    ("100 megapixels", large_jpeg()),
    ("JPEG, PNG or WebP", b"%PDF-1.7"),
    ("JPEG, PNG or WebP", b"GIF89a" + bytes(50)),
    ("damaged", headed(100, 100)),
]


@pytest.mark.parametrize(("why", "data"), BAD_FILES)
def test_what_cannot_be_looked_at_is_refused_before_it_is_decoded(
    why: str, data: bytes, campaign: Campaign, monkeypatch: Any
) -> None:
    monkeypatch.setattr(pictures.code_reader, "codes_in", lambda _picture: pytest.fail("It was looked at."))
    response = send(data)
    assert response.status_code == 422
    text = response.content.decode()
    assert ("10000 × 10000 pixels" if "mega" in why else why) in text and 'id="id_picture_error"' in text


def send(data: bytes) -> Any:
    upload = SimpleUploadedFile("x.png", data, "image/png")
    return Client().post("/en/check/", {"picture": upload, "check_picture": "1"})


def test_the_page_shows_ours_beside_a_changed_one_and_keeps_nothing(bulletin: Bulletin, settings: Any) -> None:
    card = card_of(bulletin)
    before = sorted(path for path in settings.MEDIA_ROOT.rglob("*"))

    ours = file_of(card)
    text = send(altered(ours, box=boxes(ours)[1])).content.decode()

    assert "isn&#x27;t the same" in text or "isn't the same" in text
    assert f'src="{card.thumbnail_url}"' in text and f'href="/en/c/{card.code}/"' in text
    assert sorted(path for path in settings.MEDIA_ROOT.rglob("*")) == before
    assert send(file_of(card)).headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    missing = Client().post("/en/check/", {"check_picture": "1"})
    assert missing.status_code == 422 and "There is no picture yet" in missing.content.decode()


def test_a_hundred_thousand_cards_are_compared_by_heart(bulletin: Bulletin, django_assert_max_num_queries: Any) -> None:
    known = similar_cards.Known()
    known.keys.extend(range(1, 100_001))
    known.looks.extend((number * 0x9E3779B97F4A7C15 & (1 << 64) - 1) - (1 << 63) for number in range(100_000))
    mine = known.looks[77_777]

    assert known.nearest(mine ^ 0b111)[0] == 77_778
    card = card_of(bulletin)
    with django_assert_max_num_queries(2):
        assert card in similar_cards.similar_cards(card.likeness or 0)
    with django_assert_max_num_queries(2):  # what is known by heart is not read again
        similar_cards.similar_cards(likeness.hash_of(Image.new("L", (10, 10))))
    assert len(similar_cards.known.keys) == bulletin.cards.count()
