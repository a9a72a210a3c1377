"""Stories as readers see them: what stands on their cards and on their pages. All of it is of `Story.objects.shown`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from campaigns.translated_fields import in_language, language_shown
from lib.statistics.small_groups import FEWEST
from lib.text.languages.languages import language_name, page_language
from lib.text.numbers.whole_numbers import grouped
from stories.models import Story, StoryFile, StorySubtitles

Role = StoryFile.Role


@dataclass(frozen=True, slots=True)
class ShownStory:
    """
    A story with its files by what they are for: cuts and pictures to share in the reader's language first. `codes` are the languages of its
    subtitles, that which is spoken first.
    """

    story: Story
    web: list[StoryFile] = field(default_factory=list)
    posters: list[StoryFile] = field(default_factory=list)
    pictures: list[StoryFile] = field(default_factory=list)
    cuts: list[StoryFile] = field(default_factory=list)
    shares: list[StoryFile] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of its page in the active language."""
        return self.story.get_absolute_url()

    @property
    def is_video(self) -> bool:
        """Whether there is a video to play."""
        return bool(self.web)

    @property
    def picture(self) -> StoryFile | None:
        """The picture of its card: the still picture of a video, or the first picture. The smallest that is wide enough comes first."""
        return next(iter([*self.posters, *self.pictures]), None)

    @property
    def poster(self) -> StoryFile | None:
        """The largest still picture."""
        return self.posters[-1] if self.posters else None

    @property
    def largest(self) -> StoryFile | None:
        """The largest size of the video."""
        return self.web[-1] if self.web else None

    @property
    def length(self) -> str:
        """How long the video is, as 2:48; "" without one."""
        seconds = next((one.seconds for one in self.web if one.seconds), None)
        return clock(seconds) if seconds else ""

    @property
    def place(self) -> str:
        """Its municipality and region."""
        municipality = self.story.municipality
        region = municipality.region
        return ", ".join(filter(None, [str(municipality), str(region) if region else ""]))

    @property
    def told_in(self) -> str:
        """In which language it is told, as a sentence."""
        spoken = _("Spoken in %(language)s") if self.story.kind == Story.Kind.VIDEO else _("Written in %(language)s")
        return spoken % {"language": inside(language_name(self.story.original_language))}

    @property
    def subtitles(self) -> str:
        """The languages of its subtitles in a line, as inside a sentence; "" without any."""
        return ", ".join(map(language_name, self.codes))

    @property
    def themes(self) -> str:
        """The names of its themes."""
        return ", ".join(map(str, self.story.themes.all()))

    @property
    def seen(self) -> str:
        """How often its page was shown, "" where that tells of a few."""
        return grouped(self.story.views) if self.story.views > FEWEST else ""

    @property
    def language(self) -> str:
        """The language of the title that is shown."""
        return language_shown(self.story.title)

    @property
    def title(self) -> str:
        """The title that is shown."""
        return in_language(self.story.title)


def inside(name: str) -> str:
    """Return the name of a language inside a sentence."""
    return name


def clock(seconds: float) -> str:
    """Return a length as people read it on a player: 2:48, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def with_all(rows: Any, *roles: StoryFile.Role) -> Any:
    """Return stories with what their cards or pages say at hand: four queries more, whatever there is."""
    public = StoryFile.objects.exclude(role=Role.ORIGINAL)
    files = (public.filter(role__in=roles) if roles else public).order_by("story", "width", "label", "pk")
    if roles:
        files = files.only("story", "role", "label", "file", "alt_text", "width", "height", "seconds")
    return rows.select_related("municipality__region").prefetch_related(
        "themes",
        Prefetch("files", files, to_attr="shown_files"),
        Prefetch(
            "subtitles",
            StorySubtitles.objects.filter(confirmed_at__isnull=False).only("story", "language").order_by("language"),
            to_attr="shown_subtitles",
        ),
    )


def for_cards(rows: Any) -> Any:
    """Return stories with what their cards say at hand."""
    return with_all(rows, Role.WEB, Role.POSTER, Role.PICTURE)


def read(story: Story) -> ShownStory:
    """Return a story, with all at hand, as it is shown. No query."""
    files: dict[str, list[StoryFile]] = {}
    for one in story.shown_files:  # type: ignore[attr-defined]  # with_all
        files.setdefault(one.role, []).append(one)
    spoken, here = story.original_language, page_language()
    codes = [one.language for one in story.shown_subtitles]  # type: ignore[attr-defined]
    return ShownStory(
        story,
        web=files.get(Role.WEB, []),
        posters=files.get(Role.POSTER, []),
        pictures=sorted(files.get(Role.PICTURE, []), key=lambda one: (len(one.label), one.label)),
        cuts=sorted(files.get(Role.CUT, []), key=lambda one: one.label != here),
        shares=sorted(files.get(Role.SHARE, []), key=lambda one: one.label != here),
        codes=sorted(codes, key=lambda code: (code != spoken, code)),
    )


def read_all(stories: Iterable[Story]) -> list[ShownStory]:
    """Return stories, with all at hand, as they are shown. No query."""
    return [read(one) for one in stories]
