"""A moving card says what its cards say, long enough to be read, in a file that every phone plays."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from lib.images import code_reader, ffmpeg
from lib.images.card import Spec
from lib.images.card_look import THEMES
from lib.images.themes import films
from lib.images.themes.films import LONGEST, PER_SECOND, SHORTEST, SIZE, STILL, Film, digest_of
from lib.images.themes.sheet import SAFE

from .test_themes import CHECK, MARKED, SPEC, WORDS, look_well, read

PROOF = "Älä usko vain minua. Tarkista."


def film_of(*words: str, theme: str = "bold", **marks: str) -> Film:
    specs = [replace(SPEC, words=one, theme=theme, photo="a.jpg", **marks) for one in words]
    return Film(tuple(specs), PROOF)


def octets_of(frame: bytes) -> Image.Image:
    """Return the brightness of a frame."""
    return Image.frombytes("L", SIZE, bytes(frame[: SIZE[0] * SIZE[1]]))


def test_messages_stand_long_enough_and_a_film_is_as_short_as_platforms_want() -> None:
    said = ["Pysy kotona.", *WORDS["fi"], "sana " * 40, "kuu " * 2, "liian pitkä " * 30]
    groups = films.parted([replace(SPEC, words=words) for words in said])

    assert [spec.words for group in groups for spec in group] == said[:-1], "in order, and without what nobody can read"
    for group in groups:
        film = Film(group, PROOF)
        scenes = films.timeline(film)
        assert SHORTEST <= film.seconds <= LONGEST and len(scenes) == len(group) + 1
        for scene in scenes:
            assert scene.stands >= STILL * PER_SECOND
            assert len(scene.words) / (scene.stands / PER_SECOND) <= films.HURRIED
    assert films.timeline(film_of("Odota."))[0].comes == 0, "the first frame is a whole card"


def test_another_word_order_theme_or_end_is_another_film() -> None:
    film = film_of("Yksi.", "Kaksi.")
    others = [
        film_of("Kaksi.", "Yksi."),
        film_of("Yksi.", "Kaksi.", theme="quiet"),
        film_of("Yksi.", "Kaksi.", exercise="Harjoitus"),
        replace(film, proof="Tarkista."),
        film_of("Yksi."),
    ]
    assert len({digest_of(one) for one in [film, *others]}) == 6 and digest_of(film) == digest_of(
        film_of("Yksi.", "Kaksi.")
    )


@pytest.mark.parametrize("theme", THEMES)
def test_words_come_in_over_the_ground_and_nothing_else_moves(theme: str) -> None:
    spec = replace(SPEC, words=WORDS["fi"][2], theme=theme, photo="a.jpg", **MARKED)
    stage = films.scene_stage(spec, CHECK, read)
    look_well(stage.sheet, spec, films.RATIO)
    left, top, right, bottom = stage.area

    assert ImageChops.difference(stage.coming(1.0).y, stage.whole.y).getbbox() is None, "in the end it is the card"
    assert ImageChops.difference(stage.coming(0.0).y, stage.without.y).getbbox() is None
    changed = ImageChops.difference(stage.coming(0.5).y, stage.without.y).getbbox()
    assert changed and left <= changed[0] and top <= changed[1] and changed[2] <= right and changed[3] <= bottom
    line, (_left, safe_top, _right, safe_bottom) = films.line_box(stage), SAFE[films.RATIO]
    assert safe_top < line[1] < line[3] <= stage.sheet.strip.top < safe_bottom
    for text in stage.sheet.texts[stage.first_text :]:
        assert text.box()[3] < line[1], "no word lies on the line"

    proof = films.proof_stage(Film((spec,), PROOF), CHECK, read)
    assert PROOF in " ".join(text.text for text in proof.sheet.texts) and "/c/7K2F-9QTD" in {
        one.text for one in proof.sheet.texts
    }
    assert MARKED["exercise"] in {text.text for text in proof.sheet.texts}, "an exercise says so to the end"


def probe(file: Path) -> dict[str, str]:
    """Return what ffprobe says of a file's one stream, and its length."""
    words = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(file)]
    found = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    [stream] = found["streams"]
    return stream | {"seconds": float(found["format"]["duration"]), "tags": found["format"]["tags"]}


def frame_at(file: Path, second: float) -> Image.Image:
    """Return a frame of a video in grey."""
    target = file.with_suffix(f".{second}.png")
    subprocess.run(
        ["ffmpeg", "-v", "error", "-ss", str(second), "-i", str(file), "-frames:v", "1", str(target)], check=True
    )
    with Image.open(target) as image:
        return image.convert("L")


def test_a_real_film_is_played_everywhere_and_its_codes_can_be_scanned(real_ffmpeg: None, tmp_path: Path) -> None:
    film = film_of("Keitä vesi, 5 min.", "Odota.", theme="photo", **MARKED)
    made = tmp_path / "made.mp4"

    signs = list(ffmpeg.encode(films.frames(film, CHECK, read), made, size=SIZE, per_second=PER_SECOND, comment=CHECK))

    stream = probe(made)
    assert (stream["codec_name"], stream["pix_fmt"], stream["width"], stream["height"]) == ("h264", "yuv420p", *SIZE)
    assert (stream["color_space"], stream["color_range"], stream["r_frame_rate"]) == ("bt709", "tv", "25/1")
    assert stream["seconds"] == pytest.approx(film.seconds, abs=0.05) and SHORTEST <= stream["seconds"] <= LONGEST
    assert len(signs) == int(film.seconds) and stream["tags"]["comment"] == CHECK
    data = made.read_bytes()
    assert len(data) < 4_000_000 and 0 < data.index(b"moov") < data.index(b"mdat"), (
        "it starts before it is there as a whole"
    )
    first, second, last = (frame_at(made, at) for at in (0, 4.2, film.seconds - 0.5))
    assert [code.text.lower() for code in code_reader.codes_in(first)] == [CHECK.lower()]
    assert [code.text.lower() for code in code_reader.codes_in(second)] == [CHECK.lower()]
    small = last.resize((480, 853))
    assert {code.text.lower() for code in code_reader.codes_in(small)} == {CHECK.lower()}


def test_what_ffmpeg_cannot_do_is_said_and_it_never_outlives_its_time(real_ffmpeg: None, tmp_path: Path) -> None:
    with pytest.raises(ffmpeg.Failed, match="It ended with"):
        list(ffmpeg.encode([b"12"], tmp_path / "no" / "folder.mp4", size=(64, 64), per_second=2))

    waits = ["-f", "rawvideo", "-s", "64x64", "-i", "pipe:0", str(tmp_path / "a.mp4")]  # for frames that never come
    with pytest.raises(ffmpeg.Failed, match="It was stopped after"), ffmpeg.started(waits, seconds=0.3) as process:
        process.wait()


def test_a_machine_without_ffmpeg_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ffmpeg, "PROGRAM", "ffmpeg-that-is-not-there")

    assert not ffmpeg.is_installed()
    with pytest.raises(ffmpeg.Failed, match="cannot be started"):
        list(ffmpeg.encode([], tmp_path / "a.mp4", size=(64, 64), per_second=2))


def test_every_frame_is_whole_and_the_line_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHORTEST", "STILL", "PROOF", "BEGIN"):
        monkeypatch.setattr(films, name, 0.2)
    spec: Spec = replace(SPEC, words="Odota.", theme="plain")
    film = Film((spec,), PROOF)
    stage = films.scene_stage(spec, CHECK, read)
    left, top, right, _bottom = films.line_box(stage)

    lines = []
    for frame in films.frames(film, CHECK, read):
        assert len(frame) == SIZE[0] * SIZE[1] * 3 // 2
        lines.append(octets_of(frame).crop((left, top + 2, right, top + 3)).tobytes())

    assert len(lines) == round(film.seconds * PER_SECOND)
    assert lines[0] != lines[len(lines) // 2] != lines[-1]
