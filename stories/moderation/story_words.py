"""The words of a story in each language, what the desk proposes to change of them, and all that is looked at."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from stories.models import Story, StoryFile

FIELDS = ("title", "sentence", "text")
LOOKED_AT = (StoryFile.Role.ORIGINAL, StoryFile.Role.PICTURE)
PUBLISHED_AS = (StoryFile.Role.WEB, StoryFile.Role.POSTER)  # what readers get of a video

type Words = dict[str, dict[str, Any]]


def files_of(story: Story) -> list[StoryFile]:
    """Return what was sent with a story, in order; one query."""
    return list(story.files.filter(role__in=LOOKED_AT).order_by("role", "label", "pk"))


def words_of(story: Story, files: list[StoryFile], *, proposed: bool) -> Words:
    """Return the words of a story and the alt texts of its `files` in each language, with what is `proposed` or as they stand."""
    found: Words = {name: dict(getattr(story, name)) for name in FIELDS}
    found["alt"] = {str(one.pk): dict(one.alt_text) for one in files}
    if proposed:
        for name, texts in deepcopy(story.words).items():
            if name in found:
                found[name].update(texts)
    return {name: {key: one for key, one in texts.items() if one} for name, texts in found.items()}


def put(story: Story, files: list[StoryFile]) -> None:
    """Let a story and its files say what is proposed."""
    words = words_of(story, files, proposed=True)
    for name in FIELDS:
        setattr(story, name, words[name])
    for one in files:
        texts = words["alt"].get(str(one.pk), {})
        if texts != one.alt_text:
            one.alt_text = texts
            one.save(update_fields=["alt_text"])
    story.words, story.words_by = {}, None


def changes(story: Story, files: list[StoryFile], told: Mapping[str, Mapping[str, Any]]) -> Words:
    """Return of the words in `told`, as `words_of` has them, those that differ from what a story says."""
    now = words_of(story, files, proposed=False)
    return {
        name: texts
        for name, every in told.items()
        if (
            texts := {
                key: text for key, text in every.items() if text != now[name].get(key, "" if name != "alt" else {})
            }
        )
    }


def content_of(story: Story, *, proposed: bool) -> dict[str, Any]:
    """
    Return all that is looked at: what was sent, who is seen in it, the words in all languages, and the bytes that are published. Subtitles
    and what is drawn of words have checks of their own; themes only say where it is found. Three queries.
    """
    files = files_of(story)
    return old_content_of(story, files, proposed=proposed) | {
        "shown": [
            [row.role, row.label, row.sha256, row.size]
            for row in story.files.filter(role__in=PUBLISHED_AS).order_by("role", "label")
        ],
    }


def old_content_of(story: Story, files: list[StoryFile], *, proposed: bool) -> dict[str, Any]:
    """Return what release 1.6.1 had looked at: all of it but the web sizes."""
    return {
        "story": story.pk,
        "kind": story.kind,
        "municipality": story.municipality_id,
        "language": story.original_language,
        "speaker": story.speaker,
        "people": sorted(story.people.values_list("pk", flat=True)),
        "files": [[one.role, one.label, one.sha256, one.size] for one in files],
        "words": words_of(story, files, proposed=proposed),
    }
