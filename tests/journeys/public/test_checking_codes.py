"""Someone points a phone at a card, and somebody else types its code."""

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import zxingcpp
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from bulletins.media import card_themes, message_cards
from bulletins.models import KeyMessage, Ratio
from bulletins.publication import corrections
from campaigns.cards import check_codes
from lib.text.characters import spoken_codes
from tests.journeys import page_checks
from tests.support import builders
from tests.support.builders import in_all

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("PICTURES")  # a folder for screenshots


@pytest.fixture
def cards(
    live_site: str, campaign: Any, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> dict[str, list[Any]]:
    """The old and the new Finnish cards of a corrected bulletin, and the card of a withdrawn one. No others are drawn."""
    settings.MEDIA_ROOT = tmp_path
    drawn_ahead = message_cards.drawn_ahead

    def in_finnish(sets: Any) -> Any:
        return {mark: spec for mark, spec in drawn_ahead(sets).items() if spec.language == "fi"}

    monkeypatch.setattr(message_cards, "drawn_ahead", in_finnish)
    monkeypatch.setattr(card_themes, "ratios_of", lambda _spec: [Ratio.FEED])
    now = timezone.now()
    corrected, taken_back = builders.build_bulletin(campaign), builders.build_bulletin(campaign)
    builders.published(corrected, at=now - timedelta(days=2))
    builders.published(taken_back, at=now - timedelta(days=2))
    for bulletin in (corrected, taken_back):
        list(message_cards.make_cards(bulletin, now))
    (old, *_more) = taken = list(corrected.cards.filter(language="fi"))
    corrections.start_correction(corrected, what_changed=in_all(en="The day."), by=builders.editor(), at=now)
    KeyMessage.objects.filter(bulletin=corrected).update(
        text=in_all(en="Libraries open on Tuesday."), valid_until=now + timedelta(days=3)
    )
    corrected.refresh_from_db()
    builders.published(corrected, at=now - timedelta(hours=1))
    gone = taken_back.cards.filter(language="fi", ratio=Ratio.FEED).latest("pk")
    corrections.retract(
        taken_back,
        by=builders.editor(),
        at=now,
        what_changed=in_all(en="It was never decided."),
        share_text=in_all(en="What I posted is taken back."),
    )
    builders.published(taken_back, at=now - timedelta(hours=1))
    list(message_cards.make_cards(corrected, now))
    new = corrected.cards.exclude(code__in=[old.code]).filter(language="fi")
    return {"old": taken, "new": list(new), "gone": [gone]}


def scanned(card: Any) -> str:
    """Return the address that a phone's camera finds on a card."""
    with card.file.open() as file, Image.open(io.BytesIO(file.read())) as picture:
        (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    return str(found.text)


def test_a_scanned_card_tells_what_holds_and_a_typed_code_leads_there_too(cards, live_site, page):
    wrong = []
    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            for name, fate in (("old", "replaced"), ("new", "holds"), ("gone", "withdrawn")):
                address = scanned(cards[name][0])
                page.goto(address)  # in capitals, without a language, as it stands in the QR code
                assert urlsplit(page.url).path == f"/en/c/{cards[name][0].code}/"  # the browser's language
                if language != "en":
                    page_checks.follow(page.locator(f".languages a[lang={language}]"))
                assert page.locator(".verdict--exercise").count() == 1, (page.url, fate)
                wrong += page_checks.wrong_with(page, language, thoroughly=True)
                look(page, f"{name}-{language}")
            page.goto(f"{live_site}/{language}/c/{check_codes.fresh()}/")
            wrong += page_checks.wrong_with(page, language, thoroughly=True)
            look(page, f"unknown-{language}")
            page.locator("#code").fill(spoken_codes.in_groups(cards["new"][0].code).lower())
            page_checks.follow(page.locator("main form button[type=submit]"))
            page.wait_for_selector(".checked__picture img")
            assert page.locator("article script").count() == 0

            page_checks.follow(page.get_by_role("link").and_(page.locator("[href$='/check/']")).first)
            page.set_input_files("#id_picture", default_storage.path(cards["new"][0].file.name))
            page_checks.follow(page.locator("[name=check_picture]"))
            assert page.locator("main .verdict--exercise, main .verdict--holds").count() == 1
            wrong += page_checks.wrong_with(page, language, thoroughly=True)
            look(page, f"picture-{language}")
    assert wrong == [] and not [one for one in faults if "/c/" not in one]


def look(page: Any, name: str) -> None:
    """Keep pictures of the page, where somebody wants them."""
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "light")) if PICTURES else ():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=str(Path(PICTURES or "") / f"code-{name}-{width}-{scheme}.png"), full_page=True)
