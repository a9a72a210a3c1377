"""Screenshots of sightings are for people who may see sightings, and for nobody else."""

from io import BytesIO

import pytest
from django.urls import reverse

from factcheck.intake import claim_reports, screenshots
from lib.images import uploaded_images
from tests.support import builders

from .test_claim_reports import a_picture, a_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def sighting(campaign, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return claim_reports.report(campaign, **a_report(screenshot=a_picture())).sightings.get()


@pytest.mark.parametrize("way", ["{}", "./{}", "x/../{}", "imports/../{}"])
def test_files_are_not_handed_out_by_their_name(sighting, alma, root, client, signed_in, way):
    address = "/media/" + way.format(sighting.screenshot.name)

    for one in (client, signed_in(alma), signed_in(root)):
        assert one.get(address).status_code == 404


def test_those_who_may_see_sightings_see_it_and_no_cache_keeps_it(sighting, fiona, signed_in):
    response = signed_in(fiona).get(reverse("admin:factcheck_claim_screenshot", args=[sighting.pk]))

    assert response.status_code == 200
    assert response["Content-Type"] in {"image/png", "image/jpeg"}
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert uploaded_images.picture(b"".join(response.streaming_content)).width == 40


def test_nobody_else_sees_it(sighting, ines, client, signed_in):
    address = reverse("admin:factcheck_claim_screenshot", args=[sighting.pk])

    guest = builders.build_user("guest", is_staff=True)
    assert client.get(address).status_code == 302
    assert signed_in(ines).get(address).status_code in {302, 403}
    assert signed_in(guest).get(address).status_code == 403


def test_a_sighting_without_a_screenshot_or_without_its_file_has_none(sighting, campaign, fiona, signed_in):
    bare = claim_reports.report(campaign, **a_report()).sightings.get()
    sighting.screenshot.storage.delete(sighting.screenshot.name)

    for one in (bare, sighting):
        assert signed_in(fiona).get(reverse("admin:factcheck_claim_screenshot", args=[one.pk])).status_code == 404


def test_a_picture_with_too_many_bytes_is_refused():
    with pytest.raises(uploaded_images.Unusable, match="larger than 10 MB"):
        screenshots.read(BytesIO(b"\x89PNG" + b"0" * screenshots.LARGEST))
