"""What a video says in its subtitles changes with the bulletin, and an old value that is left there is found."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from bulletins.checks import registry
from bulletins.editing.admin import correction_diff
from bulletins.facts import fact_changes, proposals
from bulletins.media import storage, uploads
from bulletins.models import Asset, Bulletin, NotAllowed
from bulletins.publication import publish
from tests.bulletins.facts.boil_water import all_texts, build_boil_water, fact
from tests.support.builders import NOON, approved

SRT = b"1\n00:00:01,000 --> 00:00:02,500\nKeit\xc3\xa4 vesi\n<i>2.4. asti.</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nKerro naapurille.\n"


@pytest.fixture
def bulletin(campaign, alma, settings, tmp_path) -> Bulletin:
    """A bulletin with a video, whose Finnish subtitles say until when."""
    settings.MEDIA_ROOT = tmp_path
    made = build_boil_water(campaign, alma)
    video = Asset.objects.create(
        bulletin=made,
        kind="video",
        language="fi",
        title={"en": "Film"},
        file="a.mp4",
        alt_text={"fi": "A"},
        rights="CC0",
    )
    taken = uploads.take(made, ContentFile(SRT, "a.srt"))
    Asset.objects.create(
        bulletin=made, kind="subtitles", subtitles_of=video, language="fi", file=taken.name, **taken.facts
    )
    return Bulletin.objects.get(pk=made.pk)


def subtitles(bulletin: Bulletin) -> Asset:
    return bulletin.assets.get(kind="subtitles")


def stored(asset: Asset, suffix: str) -> str:
    return default_storage.open(storage.beside(asset.file.name, suffix)).read().decode()


def change(bulletin: Bulletin, by, **words):
    row = fact(bulletin, "2 April")
    proposed = {one.place.key: one for one in proposals.proposals(row, row.value, today=NOON.date())}
    key = f"subtitles:{subtitles(bulletin).pk}:fi"
    read = {name: one.token for name, one in proposed.items()}
    words = {name: given(key, proposed[key]) for name, given in words.items()}
    return fact_changes.change(bulletin, row.key, "2026-04-04", read=read, by=by, at=NOON, **words)


def old(bulletin: Bulletin) -> list[str]:
    return [one.says for one in registry.stops(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "old-fact"]


def test_a_fact_changes_in_the_subtitles_too_and_back(bulletin, alma):
    before = subtitles(bulletin)
    seen = stored(before, ".vtt"), stored(before, ".srt")
    assert "2.4. asti" in seen[0] and "00:00:01,000" in seen[1]

    made = change(bulletin, alma)

    after = subtitles(bulletin)
    assert after.file.name != before.file.name and after.sha256 != before.sha256 and after.seconds == before.seconds
    assert stored(after, ".vtt") == seen[0].replace("2.4.", "4.4.")
    assert stored(after, ".srt") == seen[1].replace("2.4.", "4.4.")
    assert not old(bulletin)

    fact_changes.undo(made, by=alma, at=NOON)
    back = subtitles(bulletin)
    assert (stored(back, ".vtt"), stored(back, ".srt")) == seen and back.sha256 == before.sha256


def test_the_approver_reads_what_the_subtitles_say_now(bulletin, alma):
    publish.publish(approved(bulletin, by=alma), at=NOON)
    change(
        Bulletin.objects.get(pk=bulletin.pk), alma, correction=lambda _key, _one: {"what_changed": {}, "share_text": {}}
    )

    (finnish,) = [
        one for one in correction_diff.changes_of(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.language == "fi"
    ]
    (said,) = [one.marked for one in finnish.differences if one.part == "Subtitles"]
    assert (
        said.startswith("Keitä vesi")
        and "</span>2</del>" in said
        and "</span>4</ins>.4. asti." in said
        and "&lt;" not in said
    )


def test_subtitles_that_say_again_what_they_said_are_no_correction(bulletin, alma):
    publish.publish(approved(bulletin, by=alma), at=NOON)
    made = change(Bulletin.objects.get(pk=bulletin.pk), alma)

    def codes() -> set[str]:
        return {one.code for one in registry.stops(Bulletin.objects.get(pk=bulletin.pk), at=NOON)}

    assert "nothing-new" not in codes()
    fact_changes.undo(made, by=alma, at=NOON)
    assert "nothing-new" in codes()


def test_subtitles_that_are_left_out_block_by_name(bulletin, alma):
    change(bulletin, alma, ticks=lambda key, one: {mention.key: False for mention in one.mentions})

    (says,) = old(bulletin)
    assert says.endswith("Finnish, Film, subtitles.")
    assert "2.4. asti" in stored(subtitles(bulletin), ".vtt")


@pytest.mark.parametrize(
    "words", ["Keitä vesi 4.4. asti.", "Keitä vesi 4.4.\n\n00:00:09.000 --> 00:00:10.000\nKaikki hyvin."]
)
def test_words_that_are_no_lines_of_the_video_are_refused_and_change_nothing(bulletin, alma, words):
    before = all_texts(bulletin)

    with pytest.raises(NotAllowed, match="a paragraph for each line that is shown, 2 in all"):
        change(bulletin, alma, reworded=lambda key, _one: {key: words})

    assert all_texts(bulletin) == before
