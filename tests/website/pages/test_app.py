"""The site as an app on a phone: manifest, icons, and what other apps share with it."""

import io
import json
import struct

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from accounts.models import Attempt
from tests.support import builders
from website.pages import app_icons, app_views

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", builders.LANGUAGES)
def test_the_manifest_names_the_campaign_in_the_pages_language_and_leads_to_pages_that_there_are(
    campaign, client, language
):
    page = client.get(f"/{language}/").content.decode()
    address = f"/{language}/app.webmanifest"
    assert f'<link rel="manifest" href="{address}">' in page
    answer = client.get(address)
    told = json.loads(answer.content)

    assert answer["Content-Type"] == "application/manifest+json" and not answer.cookies
    assert told["name"] == campaign.languages.get(code=language).name and told["lang"] == language
    assert told["start_url"] == told["id"] == f"/{language}/portal/" and told["display"] == "standalone"
    assert len(told["short_name"]) <= 18
    named = [
        app_views.short_name(name)
        for name in ("Faktaa koronasta", "Fakta om coronaviruset", "Superkalifragilistisch", "")
    ]
    assert named == ["Faktaa koronasta", "Fakta om", "Superkalifragilis…", ""]
    for shortcut in told["shortcuts"]:
        assert client.get(shortcut["url"]).status_code in {200, 302}
    assert {one["purpose"] for one in told["icons"]} == {"any", "maskable"}
    for one in told["icons"]:
        file = client.get(one["src"])
        picture = Image.open(io.BytesIO(file.content))
        assert file["Content-Type"] == "image/png" and f"{picture.width}x{picture.height}" == one["sizes"]
    assert client.get(f"/{language}/app/other.png").status_code == 404
    target = told["share_target"]
    assert target["action"] == f"/{language}/portal/shared/" and target["method"] == "POST"
    assert target["enctype"] == "multipart/form-data" and target["params"]["files"][0]["name"] == "picture"


def test_a_maskable_icon_keeps_its_mark_within_what_every_phone_shows():
    picture = Image.open(io.BytesIO(app_icons.drawn("maskable-512"))).convert("RGB")
    ground, middle = (6, 48, 61), 256
    assert picture.getpixel((0, 0)) == picture.getpixel((511, 511)) == ground
    marked = [(x, y) for x in range(0, 512, 4) for y in range(0, 512, 4) if picture.getpixel((x, y)) != ground]
    assert marked and all((x - middle) ** 2 + (y - middle) ** 2 <= (0.4 * 512) ** 2 for x, y in marked)


def share(client, **fields):
    return client.post("/en/portal/shared/", fields)


def test_what_is_shared_is_offered_to_be_checked_or_told_of_and_kept_nowhere(campaign, client):
    answer = share(client, title="A post", text="Water is <b>off</b> https://tiktok.com/@elli/video/1", url="")
    html = answer.content.decode()

    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert "Water is &lt;b&gt;off&lt;/b&gt;" in html and "<b>off" not in html
    assert 'name="url" value="https://tiktok.com/@elli/video/1"' in html
    text = html.split('name="text" value="')[1].split('"')[0]
    assert text == "A post\nWater is &lt;b&gt;off&lt;/b&gt; https://tiktok.com/@elli/video/1"
    assert client.post("/en/check/", {"text": "Water is off"}).status_code == 200
    for nothing in ({}, {"text": " \u200b"}):
        assert share(client, **nothing)["Location"] == reverse_en("website:check")
    assert client.get("/en/portal/shared/")["Location"] == reverse_en("website:check")
    assert 'name="url"' not in share(client, text="x", url="javascript:alert(1)").content.decode()
    assert share(client, text="ä" * 30_000).status_code == 200


def test_another_sites_page_shares_nothing_and_a_phone_needs_no_token(campaign):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/en/portal/shared/", {"text": "x"}, headers={"Sec-Fetch-Site": "none"}).status_code == 200
    for site in ("cross-site", "same-site"):
        assert strict.post("/en/portal/shared/", {"text": "x"}, headers={"Sec-Fetch-Site": site}).status_code == 302


def drawn_by(size=(300, 200), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, "#336699").save(out, kind)
    return out.getvalue()


def test_a_shared_picture_is_checked_and_nothing_of_it_is_kept(campaign, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    phone = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "none"})
    kept = [model for model in apps.get_models() if model is not Attempt]  # by which attempts are counted
    before = {model: model.objects.count() for model in kept}

    def given(data, name="IMG.png", **fields):
        return phone.post("/en/portal/shared/", fields | {"picture": SimpleUploadedFile(name, data, "image/png")})

    answer = given(drawn_by(), text="Water is <b>off</b>")
    page = answer.content.decode()
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert answer.context["seen"].sight == "nothing" and "Water is &lt;b&gt;off&lt;/b&gt;</textarea>" in page
    header = drawn_by((1, 1)).replace(struct.pack(">II", 1, 1), struct.pack(">II", 10_000, 10_000), 1)
    for data in (b"no picture", header, b"x" * (12 * 1024 * 1024 + 1), b""):
        refused = given(data)
        assert refused.status_code == 422 and refused.context["picture_form"].errors, len(data)
    assert phone.post("/en/portal/shared/", {"picture": "no file"}).status_code == 302
    elsewhere = phone.post(
        "/en/portal/shared/",
        {"picture": SimpleUploadedFile("a.png", drawn_by())},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert elsewhere.status_code == 302
    assert {model: model.objects.count() for model in before} == before and not list(tmp_path.rglob("*.*"))
    for _turn in range(60):
        last = given(b"")
    assert last.status_code == 429 and "too many attempts" in last.content.decode()


def test_a_shared_address_waits_in_the_form_for_a_post(campaign, client):
    elli = builders.build_influencer(campaign, "elli", language="en", audience=builders.build_audience(campaign))
    client.force_login(elli.user)
    version = builders.build_published_version(campaign)
    address = "https://tiktok.com/@elli/video/1?a=1&b=2"
    with translation.override("en"):
        there = reverse("influencers:post_new", query={"url": address})
    page = client.get(there).content.decode()
    assert (
        f"?bulletin={version.bulletin.number}&amp;url=https%3A%2F%2Ftiktok.com%2F%40elli%2Fvideo%2F1%3Fa%3D1%26b%3D2"
        in page
    )
    form = client.get(there + f"&bulletin={version.bulletin.number}").context["form"]
    assert form["url"].value() == address


def reverse_en(name):
    with translation.override("en"):
        return reverse(name)
