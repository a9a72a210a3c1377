"""What players and readers get of subtitles: the confirmed ones of stories that are shown."""

from django.urls import reverse

from stories.subtitles import transcripts
from tests.stories.story_media.scene import VTT, build_story, build_subtitles, publish

LONG = "Kolmessa päivässä vapaaehtoiset kävivät jokaisessa talossa ja kysyivät, mitä kukin tarvitsee. " * 3


def test_what_is_said_comes_in_paragraphs_that_begin_where_somebody_pauses():
    said = (
        "WEBVTT\n\n00:00.000 --> 00:02.000\nHyvää iltaa\n\n00:02.000 --> 00:04.000\n<i>kaikille</i> &lt;3.\n\n"
        f"00:21.500 --> 00:24.000\nTiistaina kello neljä\n\n00:30.000 --> 00:40.000\n{LONG.strip()}\n\n00:40.000 --> 00:41.000\nKysy.\n"
    )

    assert transcripts.paragraphs(said) == [
        (0.0, "Hyvää iltaa kaikille <3."),
        (21.5, f"Tiistaina kello neljä {LONG.strip()}"),
        (40.0, "Kysy."),
    ]
    assert transcripts.paragraphs("rikki") == []


def test_players_get_confirmed_subtitles_of_shown_stories_and_nothing_else(client, campaign):
    story = build_story(campaign)
    build_subtitles(story)
    build_subtitles(story, "sv", "", confirmed_at=None)
    address = reverse("story_subtitles:vtt", args=[story.key, "fi"])
    assert client.get(address).status_code == 404, "nobody has looked at the story"
    publish(story)

    answer = client.get(address)
    assert (answer.content.decode(), answer["Content-Type"]) == (VTT, "text/vtt; charset=utf-8")
    assert "max-age=0" in answer["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get(reverse("story_subtitles:vtt", args=[story.key, "sv"])).status_code == 404, "a draft"
    assert [row.language for row in transcripts.confirmed(story)] == ["fi"]
    assert transcripts.waited_for(story, ["fi", "sv", "en"], story.subtitles.all()) == [("sv", True), ("en", False)]
