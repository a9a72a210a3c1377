"""The pictures of facts: what is on them, who may have them, and that they are drawn once."""

import io
from datetime import timedelta

import pytest
import zxingcpp
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import translation
from PIL import Image

from campaigns.models import CampaignLanguage
from factcheck.models import Claim
from factcheck.publication import fact_cards
from factcheck.verdicts import verdict_workflow
from lib.images.picture_sizes import SIZES, Ratio
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """A folder of this test's own for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_a_source_in_another_language_is_named_by_its_site():
    evidence = [
        {"publisher": "Statsrådet", "url": "https://www.valtioneuvosto.fi/sv/-/1", "language": "sv"},
        {"publisher": "Poliisi", "url": "https://poliisi.fi/1", "language": "fi"},
        {"publisher": "WHO", "url": "https://www.who.int/x", "language": ""},
        {"publisher": "Archive", "url": "", "language": "en"},
    ]
    named = {language: fact_cards.source_names(evidence, language) for language in builders.LANGUAGES}

    assert named == {
        "fi": ["Poliisi", "WHO", "valtioneuvosto.fi", "Archive"],
        "sv": ["Statsrådet", "WHO", "poliisi.fi", "Archive"],
        "en": ["WHO", "Archive", "valtioneuvosto.fi", "poliisi.fi"],
    }


@pytest.mark.parametrize("language", builders.LANGUAGES)
def test_a_picture_shows_the_fact_who_says_so_and_until_when_and_never_the_claim(campaign, language):
    version = builders.build_claim(campaign).current_version

    spec = fact_cards.spec_of(version, language)

    assert spec.words == version.fact[language]
    assert "Institute 1, Institute 2" in spec.source
    assert spec.exercise == campaign.note[language] and spec.hashtag == "#harjoitus"
    assert version.text["en"] not in " ".join(map(str, (spec, fact_cards.alt_text(version, language))))


def test_the_text_alternative_says_all_that_matters_of_a_picture(campaign):
    version = builders.build_claim(campaign).current_version

    assert fact_cards.alt_text(version, "en") == (
        "No food cures it. Valid until further notice. Sources: Institute 1, Institute 2."
    )


@pytest.mark.parametrize("ratio", list(Ratio))
def test_a_picture_has_the_size_of_its_format_and_is_drawn_once(campaign, client, media, monkeypatch, ratio):
    version = builders.build_claim(campaign).current_version
    url = fact_cards.card_url(version, "fi", ratio)

    first = client.get(url)
    monkeypatch.setattr(fact_cards, "draw", None)
    second = client.get(url)

    assert first["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(first.content)).size == SIZES[ratio]
    assert second.content == first.content == fact_cards.cached_card(version, "fi", ratio, at=builders.NOON)
    assert len(list((media / "facts").iterdir())) == 1
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(first.content)).convert("L"))
    page = client.get(code.text[len(settings.PUBLIC_URL) :], follow=True)
    html = page.content.decode()
    assert page.status_code == 200 and version.fact["fi"] in html and f"/facts/{version.slug}/" in html
    assert version.text["fi"] not in html, "the page of a code names no falsehood"


def test_whoever_has_a_picture_is_told_that_it_is_the_same(campaign, client):
    url = fact_cards.card_url(builders.build_claim(campaign).current_version, "en", Ratio.SQUARE)
    first = client.get(url)

    again = client.get(url, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304 and not again.content
    assert first["Cache-Control"] == again["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_a_picture_keeps_the_campaigns_name_until_another_version_is_published(campaign, client):
    claim = builders.build_claim(campaign)
    url = fact_cards.card_url(claim.current_version, "en", Ratio.SQUARE)
    first = client.get(url)
    CampaignLanguage.objects.filter(campaign=campaign, code="en").update(name="Another name")
    assert client.get(url)["ETag"] == first["ETag"]

    verdict_workflow.reopen(claim, reason="Named anew", by=builders.editor(), at=builders.NOON)
    Claim.objects.filter(pk=claim.pk).update(what_changed=builders.in_all(en="The name."))
    version = builders.publish_claim(Claim.objects.get(pk=claim.pk))
    assert fact_cards.spec_of(version, "en").campaign == "Another name"


def test_only_what_stands_has_a_picture(campaign, client):
    claim = builders.build_claim(campaign)
    url = fact_cards.card_url(claim.current_version, "en", Ratio.SQUARE)
    assert client.get(url).status_code == 200

    builders.pause_claim(claim, told={}, by=builders.editor(), at=builders.NOON)
    assert client.get(url).status_code == 404
    told = builders.in_all(en="Wrong.")
    builders.withdraw_claim(claim, told=told, by=builders.second_person(), at=builders.NOON)
    assert client.get(url).status_code == 404
    assert client.get(url.replace("/1-", "/2-")).status_code == 404


def test_an_earlier_version_has_no_picture_and_the_new_one_is_marked_as_corrected(campaign, client):
    claim = builders.build_claim(campaign)
    url = fact_cards.card_url(claim.current_version, "en", Ratio.SQUARE)
    verdict_workflow.reopen(claim, reason="new", by=builders.editor(), at=builders.NOON)
    claim.what_changed = builders.in_all(en="New study.")
    claim.save()
    version = builders.publish_claim(claim, at=builders.NOON + timedelta(hours=1))

    assert client.get(url).status_code == 404
    assert client.get(fact_cards.card_url(version, "en", Ratio.SQUARE)).status_code == 200
    assert fact_cards.spec_of(version, "en").corrected == "Corrected"
    assert fact_cards.alt_text(version, "en").startswith("Corrected: ")


@pytest.mark.parametrize("wrong", ["1-de-1x1", "1-en-2x2", "2-en-1x1", "0-en-1x1"])
def test_there_is_no_picture_in_another_language_size_or_version(campaign, client, wrong):
    claim = builders.build_claim(campaign)

    assert client.get(f"/en/facts/cards/{claim.slug}/{wrong}.png").status_code == 404
    assert not default_storage.exists("facts")


def test_a_fact_too_long_for_a_picture_has_a_page_without_one(campaign, client):
    claim = builders.build_claim(campaign, fact=builders.in_all(en="Very long words indeed. " * 90))
    with translation.override("en"):
        page = client.get(claim.get_absolute_url()).content.decode()

    assert "/cards/" not in page and "og:image" not in page
    assert client.get(fact_cards.card_url(claim.current_version, "en", Ratio.SQUARE)).status_code == 404


def test_the_folder_of_files_is_no_way_round(campaign, client):
    claim = builders.build_claim(campaign)
    client.get(fact_cards.card_url(claim.current_version, "en", Ratio.SQUARE))
    names = [f"facts/{name}" for name in default_storage.listdir("facts")[1]]
    Claim.objects.filter(pk=claim.pk).update(paused_at=builders.NOON)

    assert names and [client.get(f"/media/{name}").status_code for name in names] == [404]
