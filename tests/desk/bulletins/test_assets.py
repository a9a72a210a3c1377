"""The pane of files on the compose page."""

from typing import Any

import pytest
from django.urls import reverse

from bulletins.media import uploads
from bulletins.models import Asset, MediaJob, SetAside
from tests.bulletins.media.test_assets import VTT, add, upload, work
from tests.lib.images.test_uploaded_images import mp4
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> Any:
    """A folder of this test's own for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def bulletin(campaign: Any, roles: None) -> Any:
    """A draft with a text for Instagram in each language."""
    return builders.build_bulletin(campaign, variants=True)


@pytest.fixture
def desk(signed_in: Any, alma: Any) -> Any:
    """An editor's browser."""
    return signed_in(alma)


def at(bulletin: Any, last: str = "", *args: Any) -> str:
    """Return an address of the pane."""
    return reverse(f"admin:bulletins_bulletin_assets{last}", args=[bulletin.pk, *args])


WORDS = {f"alt_text-{code}": f"Spot {code}" for code in builders.LANGUAGES} | {"title-en": "Poster"}


def test_several_files_are_stored_at_once_and_the_page_is_told(desk, bulletin):
    answer = desk.post(at(bulletin, "_add"), {**WORDS, "files": [upload(), upload(name="b.png")]})

    assert answer.status_code == 200 and answer["HX-Trigger"] == "saved"
    assert [asset.title["en"] for asset in bulletin.assets.all()] == ["Poster 1", "Poster 2"]
    assert "Poster 2" in answer.text and "Alt text" in answer.text


def test_a_refused_upload_says_why_and_keeps_the_words(desk, bulletin):
    answer = desk.post(at(bulletin, "_add"), {**WORDS, "rights": "CC0", "files": upload(b"<svg/>", "x.svg")})

    assert answer.status_code == 422 and "in code" in answer.text
    assert "Spot sv" in answer.text and 'value="CC0"' in answer.text and 'value="Poster"' in answer.text
    assert not Asset.objects.exists() and "HX-Trigger" not in answer


def test_words_and_focal_point_are_saved(desk, bulletin):
    asset = add(bulletin)

    answer = desk.post(
        at(bulletin, "_save", asset.pk),
        {"title-fi": "Juliste", "alt_text-sv": "En fläck", "focal_x": "25", "focal_y": "75,5", "language": ""},
    )

    asset.refresh_from_db()
    assert answer.status_code == 200
    assert (asset.focal_x, asset.focal_y, asset.title["fi"], asset.alt_text["sv"]) == (
        0.25,
        0.755,
        "Juliste",
        "En fläck",
    )
    assert asset.alt_text["en"] == "A red spot"


def test_words_that_somebody_else_changed_are_not_overwritten_but_set_aside(desk, bulletin):
    asset = add(bulletin)
    page = desk.get(at(bulletin)).text
    read = page.split('name="read-alt_text-fi" value="')[1].split('"')[0]
    editor = builders.editor()
    uploads.change(asset, by=editor, at=builders.NOON, alt_text=builders.in_all(en="Theirs"))

    answer = desk.post(at(bulletin, "_save", asset.pk), {"alt_text-fi": "Minun", "read-alt_text-fi": read})

    asset.refresh_from_db()
    assert answer.status_code == 422 and "Theirs (fi)" in answer.text and "Minun" in answer.text
    assert f"{editor} changed this text at 12:00. It now says (Finnish)" in answer.text
    assert asset.alt_text["fi"] == "Theirs (fi)" and SetAside.objects.get().text == "Minun"


def test_a_video_says_which_subtitles_it_lacks_and_offers_both_formats(desk, bulletin):
    video = add(bulletin, mp4())
    add(bulletin, VTT, language="sv", subtitles_of=video)

    page = desk.get(at(bulletin)).text

    assert page.count("No subtitles") == 2
    assert "WebVTT" in page and ".srt" in page


def test_progress_is_shown_until_the_work_is_done(desk, bulletin):
    add(bulletin)
    assert "every 1s" in desk.get(at(bulletin)).text
    MediaJob.objects.update(state="running", done=1, total=3)
    answer = desk.get(at(bulletin, "_state"))
    assert "1 of 3" in answer.text and "HX-Trigger" not in answer
    MediaJob.objects.update(state="queued")
    work(bulletin)
    answer = desk.get(at(bulletin, "_state"))
    assert answer["HX-Trigger"] == "made" and "every 1s" not in answer.text


def test_packages_are_asked_for_and_offered(desk, bulletin):
    add(bulletin)
    assert desk.post(at(bulletin, "_make", "packages")).status_code == 200
    work(bulletin, "packages")
    page = desk.get(at(bulletin)).text
    assert page.count(".zip") == 3 and "Instagram, Swedish" in page


def test_only_editors_change_files_and_another_bulletins_file_is_not_there(bulletin, campaign, signed_in, oskar, desk):
    asset = add(bulletin)
    other = builders.build_bulletin(campaign)
    reader = signed_in(oskar)

    assert reader.get(at(bulletin)).status_code == 200
    for last, args in (("_add", []), ("_remove", [asset.pk]), ("_save", [asset.pk]), ("_make", ["packages"])):
        assert reader.post(at(bulletin, last, *args)).status_code == 403
    assert desk.post(at(other, "_remove", asset.pk)).status_code == 404
    assert desk.post(at(bulletin, "_make", "cake")).status_code == 404
    assert Asset.objects.get() == asset


def test_the_pane_costs_the_same_however_many_files_there_are(desk, bulletin, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    add(bulletin)
    desk.get(at(bulletin))
    with CaptureQueriesContext(connection) as one:
        desk.get(at(bulletin))
    for _number in range(4):
        add(bulletin)
    work(bulletin)
    with CaptureQueriesContext(connection) as many:
        desk.get(at(bulletin))
    assert len(many) <= len(one) <= 32, (len(one), len(many))
