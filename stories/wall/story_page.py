"""What stands on the page of one story besides its words: the sizes of its video, and what is said, to be read."""

from dataclasses import dataclass

from lib.text.languages.languages import own_name, page_language
from stories.models import Story, StoryFile
from stories.subtitles import transcripts

from .shown_stories import ShownStory, clock

NARROW = 720  # pixels of height that a phone gets at most


@dataclass(frozen=True, slots=True)
class Film:
    """A video: the sizes for phones and for wider screens, with its still picture."""

    narrow: StoryFile
    wide: StoryFile
    poster: StoryFile | None

    @property
    def has_two(self) -> bool:
        """Whether there are two sizes."""
        return self.narrow.pk != self.wide.pk


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said, in a language: paragraphs with the second and the time on the player at which each begins."""

    code: str
    name: str
    paragraphs: list[tuple[float, str, str]]


def film_of(row: ShownStory) -> Film | None:
    """Return the video of a story, None without one. No query."""
    if not row.web:
        return None
    small = [one for one in row.web if (one.height or 0) <= NARROW]
    return Film(narrow=small[-1] if small else row.web[0], wide=row.web[-1], poster=row.poster)


def transcripts_of(story: Story) -> list[Transcript]:
    """Return what is said in each language that somebody confirmed, the reader's first, then the one that is spoken; one query."""
    here = page_language()
    return [
        Transcript(
            row.language,
            own_name(row.language),
            [(second, clock(int(second)), words) for second, words in transcripts.paragraphs(row.vtt)],
        )
        for row in sorted(transcripts.confirmed(story), key=lambda row: row.language != here)
    ]
