"""The look of a campaign's cards is data: refused where it cannot be read, printed with what is published, and kept by it."""

import io
from dataclasses import asdict, replace

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import AuditEntry
from bulletins.media import message_cards
from bulletins.models import Bulletin
from campaigns.models import Campaign
from lib.images.card_look import HOUSE, READY, Look
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db


def typed(look: Look = HOUSE, **more: object) -> dict:
    return asdict(look) | {"ready": "", "logo": "", "mark": ""} | more


def logo(suffix: str = "png", size: tuple[int, int] = (300, 120)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGBA", size, (200, 30, 30, 255)).save(out, "PNG")
    return SimpleUploadedFile(f"logo.{suffix}", out.getvalue())


def test_a_look_is_saved_noted_and_takes_back_what_was_approved_with_another(
    campaign, root, signed_in, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    bulletin = builders.build_bulletin_in_review(campaign)
    before = bulletin.content_digest()
    client, address = signed_in(root), reverse("admin:campaigns_campaign_look", args=[campaign.pk])
    page = client.get(address).content.decode()
    assert 'name="onbold2" value="#ffd084"' in page and "Cobalt and lime" in page

    grey = client.post(address, typed(replace(HOUSE, onbold="#5a8894", pop="#0a3a48")))
    told = grey.content.decode()
    assert grey.status_code == 422 and "“Bold: words” on “Bold: ground” has a contrast of" in told
    assert "“Words on light grounds” on “Marker, stickers and marks”" in told and "#5a8894" in told
    wrong = client.post(address, typed(replace(HOUSE, ink="red; x")))
    assert wrong.status_code == 422 and "enter a colour as # and six digits" in wrong.content.decode()
    svg = SimpleUploadedFile("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert client.post(address, typed(logo=svg)).status_code == 422
    campaign.refresh_from_db()
    assert campaign.look == {} and bulletin.content_digest() == before
    assert not AuditEntry.objects.filter(verb="campaign.look_saved").exists()

    saved = client.post(
        address, typed(ready="storm", font="manrope", theme="quiet", logo=logo(), mark=logo()), follow=True
    )
    assert "Saved." in saved.content.decode() and "submitted again" in saved.content.decode()
    campaign.refresh_from_db()
    look = Look.read(campaign.look)
    assert replace(look, logo="", mark="") == replace(READY["storm"], font="manrope", theme="quiet")
    assert default_storage.exists(look.logo) and default_storage.exists(look.mark)
    assert AuditEntry.objects.get(verb="campaign.look_saved").detail["look"] == campaign.look
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT
    card = client.get(reverse("admin:campaigns_campaign_look_card", args=[campaign.pk, "bold"]))
    assert card["Content-Type"] == "image/png" and len(card.content) > 10_000
    client.post(address, typed(look, no_logo="1"))
    campaign.refresh_from_db()
    assert "logo" not in campaign.look and default_storage.exists(look.logo), "old cards are drawn with it"


def test_a_published_version_keeps_the_look_that_it_was_approved_with(campaign):
    first = builders.published(builders.build_bulletin(campaign))
    Campaign.objects.filter(pk=campaign.pk).update(card_look=READY["water"].plain() | {"theme": "plain"})
    again = builders.build_bulletin(Campaign.objects.get(pk=campaign.pk))
    second = builders.published(again, at=NOON)

    assert "look" not in first.printed and second.printed["look"]["pop"] == "#c8f04b"
    specs = [message_cards.specs_published(version, "fi")[0] for version in (first, second)]
    assert [(spec.theme, spec.look.pop) for spec in specs] == [("bold", HOUSE.pop), ("plain", "#c8f04b")]
