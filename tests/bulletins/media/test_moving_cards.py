"""Moving cards are made once for the same words, follow them, and are public only with what is published."""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from bulletins.media import card_themes, makers, media_jobs, message_cards, missing_cards, moving_cards, packages
from bulletins.models import Bulletin, KeyMessage, MediaJob, MovingCard
from bulletins.publication import corrections
from bulletins.reader_view import public_files
from campaigns.models import Campaign, CheckCode
from influencers.portal import bulletin_page
from lib import job_rows
from lib.images import ffmpeg
from lib.text import subtitles
from tests.support.builders import NOON, build_bulletin, build_influencer, editor, in_all, published, submitted

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> Any:
    """Files of a test are the test's."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def packed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Instead of FFmpeg: what it was asked for, and a file for each. What it really makes is tested where frames are drawn."""
    asked: list[dict[str, Any]] = []

    def encode(frames: Any, target: Path, **words: Any) -> Iterator[None]:
        asked.append(words)
        target.write_bytes(b"....ftypisom" + bytes(words.get("heavy", 2000)))
        yield

    monkeypatch.setattr(ffmpeg, "encode", encode)
    monkeypatch.setattr(ffmpeg, "is_installed", lambda: True)
    return asked


@pytest.fixture(autouse=True)
def looks(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One look, but in the test of looks: it undoes this."""
    with monkeypatch.context() as only:
        only.setattr(card_themes, "themes_of", lambda spec: [card_themes.first_theme(spec)])
        yield only


@pytest.fixture
def bulletin(campaign: Campaign) -> Bulletin:
    return build_bulletin(campaign)


def moving_asked_for(*, at: datetime) -> bool:
    """Return whether the tick asks for moving cards."""
    return MediaJob.Kind.MOVING in [job.kind for job in missing_cards.queue_missing(at=at)]


def make(bulletin: Bulletin) -> list[tuple[int, int]]:
    return [tuple(piece) for piece in moving_cards.make_moving_cards(bulletin, NOON)]


def say(bulletin: Bulletin, key: str, words: dict[str, str], **fields: Any) -> KeyMessage:
    return KeyMessage.objects.update_or_create(bulletin=bulletin, key=key, defaults={"text": words, **fields})[0]


def film(job: MediaJob) -> None:
    """Make the films of a job when the pictures, for which they wait, are made."""
    MediaJob.objects.filter(kind=MediaJob.Kind.CARDS).delete()
    makers.run(job.pk, clock=lambda: NOON)


def test_each_language_has_its_films_with_captions_and_a_picture_made_once(
    bulletin: Bulletin, packed: list[dict[str, Any]], settings: Any
) -> None:
    settings.PICTURE_LICENCE = "https://licence.example/by"
    say(bulletin, "long", {"fi": "Pidä muihin kahden metrin väli, ja pese kädet vedellä ja saippualla. " * 2})

    assert make(bulletin)[-1] == (4, 4), "what takes too long for one goes on in a second"

    cards = list(bulletin.moving_cards.all())
    films = moving_cards.films_of(message_cards.specs_of(bulletin))
    assert [film.language for film in films] == ["fi", "fi", "sv", "en"]
    assert len({card.code for card in cards}) == 4
    for film, card in moving_cards.drawn(bulletin, films):
        assert CheckCode.objects.get(code=card.code).parts == [spec.statement for spec in film.scenes]
        assert all(default_storage.exists(name) for name in moving_cards.names_of(card))
        assert default_storage.size(card.file.name or "") == card.size and card.seconds == film.seconds
        with default_storage.open(card.stored(".vtt")) as file:
            cues = subtitles.parse(file.read())
        assert [cue.text for cue in cues] == [*(" ".join(one.words.split()) for one in film.scenes), film.proof]
        assert cues[-1].end == round(1000 * film.seconds)
        with default_storage.open(card.stored(".webp")) as file:
            assert file.read(12).endswith(b"WEBP")
    assert {one["comment"] for one in packed} == {f"{card.check_url} https://licence.example/by" for card in cards}
    assert make(bulletin) == [(0, 0)] and len(packed) == 4


def test_words_that_changed_are_filmed_anew_and_the_old_files_go(
    bulletin: Bulletin, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    make(bulletin)
    old = bulletin.moving_cards.get(language="fi")
    say(
        bulletin,
        "opening",
        {**bulletin.key_messages.get(key="opening").text, "fi": "Kirjastot avataan <b>tiistaina</b> & -->."},
    )

    with django_capture_on_commit_callbacks(execute=True):
        make(bulletin)

    new = bulletin.moving_cards.get(language="fi")
    assert new.digest != old.digest and not any(default_storage.exists(name) for name in moving_cards.names_of(old))
    with default_storage.open(new.stored(".vtt")) as file:
        assert "<b>" not in file.read().decode(), "what is typed is no mark-up"
    assert len(list(media.rglob("*.mp4"))) == 3


def test_short_words_are_filmed_and_what_nobody_can_read_is_left_out_and_named(bulletin: Bulletin) -> None:
    long = {"en": "Wash your hands with soap and water. " * 9}
    message = say(bulletin, "long", long)
    assert [spec.key for spec in moving_cards.left_out(message_cards.specs_of(bulletin))] == ["long"]

    first = say(
        bulletin, "more", dict.fromkeys(("fi", "sv", "en"), "Keep a distance of two metres to anybody else. " * 3)
    )
    say(bulletin, "most", dict(first.text))
    say(bulletin, "last", {"en": "Stay."})
    assert [len(film.scenes) for film in moving_cards.films_of(message_cards.specs_of(bulletin))] == [1, 1] * 3
    assert [spec.key for spec in moving_cards.left_out(message_cards.specs_of(bulletin))][-1] == "last", "no third one"
    KeyMessage.objects.filter(key__in=("more", "most", "last")).delete()

    message.short = {"en": "Wash your hands."}
    message.save()

    specs = message_cards.specs_of(bulletin)
    [film] = [film for film in moving_cards.films_of(specs) if film.language == "en"]
    assert film.scenes[1].words == "Wash your hands." and not moving_cards.left_out(specs)


def test_a_film_is_public_only_while_its_version_stands(bulletin: Bulletin, client: Client, alma: Any) -> None:
    make(bulletin)
    fi, sv = (bulletin.moving_cards.get(language=code) for code in ("fi", "sv"))
    names = moving_cards.names_of(fi)
    assert not any(public_files.asset_is_public(name, at=NOON) for name in names)
    assert client.get(fi.file.url).status_code == 404

    version = published(bulletin)
    soon = version.published_at - timedelta(seconds=1)
    assert not any(public_files.asset_is_public(name, at=soon) for name in names), "nothing goes before its time"
    assert all(public_files.asset_is_public(name, at=LATER) for name in names)
    for other in (fi.stored(".srt"), fi.stored(".mp4.webp"), f"moving/b{bulletin.pk}/other.mp4"):
        assert not public_files.asset_is_public(other, at=LATER)
    piece = client.get(fi.file.url, headers={"Range": "bytes=4-11"})
    assert (piece.status_code, piece.getvalue(), piece["Content-Type"]) == (206, b"ftypisom", "video/mp4")
    assert client.get(fi.captions_url).status_code == client.get(fi.poster_url).status_code == 200

    corrections.start_correction(bulletin, what_changed=in_all(en="The day was wrong."), by=editor(), at=LATER)
    bulletin.refresh_from_db()
    say(bulletin, "opening", {**bulletin.key_messages.get(key="opening").text, "fi": "Kirjastot avataan tiistaina."})
    make(bulletin)
    new = bulletin.moving_cards.exclude(pk=fi.pk).get(language="fi")
    assert public_files.asset_is_public(names[0], at=LATER) and not public_files.asset_is_public(
        new.file.name or "", at=LATER
    )
    again = published(bulletin, at=LATER)
    after = again.published_at + timedelta(hours=1)
    assert not public_files.asset_is_public(names[0], at=after), "a wrong one is not handed out any more"
    assert public_files.asset_is_public(new.file.name or "", at=after) and public_files.asset_is_public(
        sv.file.name or "", at=after
    )


def test_submitting_asks_for_films(bulletin: Bulletin) -> None:
    submitted(bulletin)
    job = MediaJob.objects.get(kind=MediaJob.Kind.MOVING)
    film(job)
    job.refresh_from_db()

    assert (job.state, job.done, job.total, bulletin.moving_cards.count()) == (MediaJob.State.DONE, 3, 3, 3)


def test_a_film_that_failed_says_so_and_is_tried_again(bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_words: Any, **_more: Any) -> Iterator[None]:
        raise ffmpeg.Failed("It ended with 1: no room")
        yield

    submitted(bulletin)
    job = MediaJob.objects.get(kind=MediaJob.Kind.MOVING)
    with monkeypatch.context() as broken:
        broken.setattr(ffmpeg, "encode", fail)
        for _try in range(job_rows.MOST_ATTEMPTS):
            film(job)
    job.refresh_from_db()
    assert job.state == MediaJob.State.FAILED and job.error and not MovingCard.objects.exists()

    asked = job.asked_at
    assert not moving_asked_for(at=asked + timedelta(minutes=59)), "not at every tick"
    assert moving_asked_for(at=asked + timedelta(minutes=61))
    again = MediaJob.objects.get(kind=MediaJob.Kind.MOVING, state=MediaJob.State.QUEUED)
    film(again)
    assert MovingCard.objects.count() == 3 and not moving_asked_for(at=asked + timedelta(days=1))


def test_without_ffmpeg_all_else_works_and_films_follow_when_it_comes(
    bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as bare:
        bare.setattr(ffmpeg, "is_installed", lambda: False)
        assert make(bulletin) == [] and not moving_asked_for(at=NOON)
        submitted(bulletin)
        MediaJob.objects.all().delete()

    assert moving_asked_for(at=NOON)


def test_what_is_on_cards_is_read_once_for_all_kinds(bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted(bulletin)
    MediaJob.objects.all().delete()
    read: list[int] = []
    sets_of = message_cards.sets_of
    monkeypatch.setattr(message_cards, "sets_of", lambda one: read.append(one.pk) or sets_of(one))

    assert sorted(job.kind for job in missing_cards.queue_missing(at=NOON)) == ["cards", "moving"]
    assert read == [bulletin.pk]


def test_a_heavy_film_is_packed_once_more_for_less(
    bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch, packed: Any
) -> None:
    monkeypatch.setattr(moving_cards, "MOST", 1000)
    say(bulletin, "opening", {"fi": "Kirjastot avataan."})

    make(bulletin)

    assert [one["quality"] for one in packed] == list(moving_cards.QUALITIES)


def test_two_that_film_at_once_leave_one_of_each(bulletin: Bulletin, media: Path) -> None:
    one, other = (moving_cards.make_moving_cards(bulletin, NOON) for _worker in range(2))
    next(one), next(other)  # both have seen that nothing is there

    list(one), list(other)

    assert bulletin.moving_cards.count() == 3 and len(list(media.rglob("*.mp4"))) == 3


def test_packages_of_platforms_that_play_stories_hold_the_films(campaign: Campaign, roles: None) -> None:
    bulletin = build_bulletin(campaign, variants=True)
    list(packages.make_packages(bulletin, NOON))
    before = set(bulletin.packages.values_list("digest", flat=True))
    submitted(bulletin)
    film(MediaJob.objects.get(kind=MediaJob.Kind.MOVING))

    [job] = MediaJob.objects.filter(kind=MediaJob.Kind.PACKAGES, state=MediaJob.State.QUEUED)
    makers.run(job.pk, clock=lambda: NOON)

    package = bulletin.packages.get(language="fi")
    assert package.digest not in before
    with package.file.open("rb") as file, zipfile.ZipFile(file) as archive:
        assert {"videos/moving-01-fi.mp4", "subtitles/moving-01-fi.vtt"} <= set(archive.namelist())
        assert "videos/moving-01-fi.mp4\r\nKirjastot avataan" in archive.read("alt.txt").decode()


def test_an_influencer_sees_plays_shares_and_downloads_what_holds_as_a_whole(
    bulletin: Bulletin, client: Client, campaign: Campaign
) -> None:
    end = timezone.now() + timedelta(days=1)
    source = {"source_name": in_all(en="Ministry"), "source_url": in_all(en="https://ministry.example.org/x")}
    say(bulletin, "later", in_all(en="Bring your card."), valid_until=end, **source)
    published(bulletin)
    make(bulletin)
    card = bulletin.moving_cards.get(language="en")
    elli = build_influencer(campaign, "elli", language="en")
    client.force_login(elli.user)

    page = client.get(f"/en/portal/bulletins/{bulletin.number}/").content.decode()

    assert card.file.url in page and card.poster_url in page and card.captions_url in page
    assert f'data-check="{card.check_url}"' in page and "Source: Ministry" in page.partition('id="holds-moving-1"')[2]
    assert "<video" not in re.sub("(?s)<template.*?</template>", "", page), "nothing is loaded before somebody plays it"
    assert page.count('data-item="message:later"') > 3 and "Bring your card." in page

    after = bulletin_page.bulletin(elli, campaign, bulletin.number, language="en", at=end)
    assert after and after.entry.current_messages and not after.moving.cards, "part of it is over"


def test_other_looks_come_a_few_at_a_time_after_the_first_and_are_offered_when_they_are_whole(
    bulletin: Bulletin, client: Client, campaign: Campaign, looks: pytest.MonkeyPatch
) -> None:
    looks.undo()
    published(bulletin)
    job = media_jobs.enqueue(bulletin, MediaJob.Kind.MOVING, by=None, at=NOON)
    rounds = []
    while MediaJob.objects.filter(pk=job.pk, state=MediaJob.State.QUEUED).exists():
        film(job)
        rounds.append(
            list(bulletin.moving_cards.order_by("pk").values_list("theme", flat=True))[sum(map(len, rounds)) :]
        )
    assert [len(one) for one in rounds] == [5, 2, 2] and set(rounds[0][:3]) == {"bold"}
    assert bulletin.moving_cards.filter(language="en").count() == 3 and not moving_asked_for(
        at=NOON + timedelta(hours=2)
    )
    assert len(set(bulletin.moving_cards.filter(language="en").values_list("code", flat=True))) == 1, (
        "one code in every look"
    )

    client.force_login(build_influencer(campaign, "elli", language="en").user)
    quiet = bulletin.moving_cards.get(language="en", theme="quiet")
    for asked, is_quiet in (("quiet", True), ("bold", False), ("<b>", False)):
        page = client.get(f"/en/portal/bulletins/{bulletin.number}/", {"film": asked}).content.decode()
        assert (quiet.file.url in page) == is_quiet and page.count('href="?film=') == 3
    bulletin.moving_cards.filter(language="en", theme="plain").delete()
    assert client.get(f"/en/portal/bulletins/{bulletin.number}/").content.decode().count('href="?film=') == 2


def test_the_code_of_a_film_says_what_became_of_each_of_its_messages(bulletin: Bulletin, campaign: Campaign) -> None:
    Campaign.objects.update(mode=Campaign.Mode.LIVE)
    source = {"source_name": in_all(en="Ministry"), "source_url": in_all(en="https://ministry.example.org/x")}
    say(bulletin, "later", in_all(en="Bring your card.", fi="Ota kortti.", sv="Ta kortet."), **source)
    make(bulletin)
    code = bulletin.moving_cards.get(language="en").code

    def page(status: int = 200) -> str:
        answer = Client().get(f"/en/c/{code}/")
        assert answer.status_code == status
        return answer.content.decode().partition("<main")[2]

    page(404)  # a draft's stands for nothing
    published(bulletin)
    make(bulletin)
    html = page()
    assert (
        "Genuine and current" in html
        and "Bring your card." in html
        and bulletin.moving_cards.get(language="en").file.url in html
    )
    assert html.index("Libraries open") < html.index("Bring your card."), "in its order"

    corrections.start_correction(bulletin, what_changed=in_all(en="The card."), by=editor(), at=LATER)
    bulletin.refresh_from_db()
    say(bulletin, "later", in_all(en="Bring no card.", fi="Kortti ei käy.", sv="Inget kort."))
    published(bulletin, at=LATER)
    html = page()
    assert "Genuine, but replaced" in html and "Part of the video no longer holds" in html and "<video" not in html
    assert "Bring your card.</del>" in html and "<ins>Bring no card.</ins>" in html and "<del>Libraries" not in html

    bulletin.refresh_from_db()
    corrections.retract(
        bulletin, by=editor(), at=LATER, what_changed=in_all(en="Wrong."), share_text=in_all(en="Taken back.")
    )
    published(bulletin, at=LATER)
    assert "Withdrawn" in page() and "Bring" not in page()


def test_what_is_about_to_be_published_or_came_out_last_is_made_first_and_films_after_pictures(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, coming = (build_bulletin(campaign) for _one in range(3))
    published(new)
    published(old, at=NOON - timedelta(hours=3))
    submitted(coming, at=NOON + timedelta(minutes=1))
    expected = [(kind, one.pk) for kind in (MediaJob.Kind.CARDS, MediaJob.Kind.MOVING) for one in (coming, new, old)]
    woken: list[int] = []
    monkeypatch.setattr(media_jobs, "wake", woken.append)

    media_jobs.wake_waiting(at=LATER)

    waiting = {job.pk: (job.kind, job.bulletin_id) for job in MediaJob.objects.all()}
    films = [pk for pk in woken if waiting[pk][0] == MediaJob.Kind.MOVING]
    assert [waiting[pk] for pk in films] == expected[3:]
    assert [media_jobs.take(pk, at=LATER) for pk in films] == [None] * 3, "a worker that is woken early waits, too"
    asked = missing_cards.queue_missing(at=LATER)
    assert [(job.kind, job.bulletin_id) for job in asked] == expected
    MediaJob.objects.filter(kind=MediaJob.Kind.CARDS).delete()
    assert media_jobs.take(films[0], at=LATER)
