"""Subtitles: any encoding in, both formats out, and a line number for what is wrong."""

import pytest

from lib.text import subtitles
from lib.text.subtitles import Cue, Unreadable

SRT = """1
00:00:01,000 --> 00:00:03,500
<font color="red">Kirjastot</font> <i>avataan</i>

2
00:00:03,500 --> 00:01:00,040
{\\an8}Pidä väliä – myös jonossa.
Kiitos.
"""
CUES = [Cue(1000, 3500, "Kirjastot <i>avataan</i>"), Cue(3500, 60_040, "Pidä väliä – myös jonossa.\nKiitos.")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end_is_read(encoding, ends):
    assert subtitles.parse(SRT.replace("\n", ends).encode(encoding)) == CUES


def test_both_formats_say_the_same():
    vtt, srt = subtitles.to_vtt(CUES), subtitles.to_srt(CUES)

    assert vtt.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n")
    assert "1\n00:00:01,000 --> 00:00:03,500\n" in srt
    assert subtitles.parse(vtt) == subtitles.parse(srt) == CUES
    assert subtitles.to_srt(subtitles.parse(vtt)) == srt


def test_notes_styles_places_scripts_and_turned_words_go():
    vtt = (
        "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE for the editor\n\n"
        "intro\n00:01.000 --> 00:02.000 line:0 align:start\n<v Minna><script>x()</script>\u202eA < B & <b>bold\n"
    )

    assert subtitles.parse(vtt) == [Cue(1000, 2000, "x()A &lt; B & <b>bold</b>")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1\n00:00:05,000 --> 00:00:04,000\nBack\n", "Line 2: the subtitle ends before"),
        (
            "1\n00:00:01,000 --> 00:00:04,000\nOne\n\n2\n00:00:03,000 --> 00:00:05,000\nTwo\n",
            "Line 6: .* begins before",
        ),
        ("1\n00:00:01,000 --> 00:00:04,000\n<b></b>\n", "Line 2: .* no text"),
        ("1\n00:00:61,000 --> 00:01:04,000\nOne\n", "Line 2: these are not valid times"),
        ("1\nsoon --> later\nOne\n", "Line 2: these are not valid times"),
        ("WEBVTT\n\n", "no subtitles in this file"),
    ],
)
def test_a_fault_is_told_with_its_line(text, says):
    with pytest.raises(Unreadable, match=says):
        subtitles.parse(text)
