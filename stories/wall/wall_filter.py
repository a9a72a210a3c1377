"""How readers choose stories: by theme, region, municipality and language, each by the address alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Count, F
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from campaigns.models import Campaign, Region
from campaigns.translated_fields import in_language
from lib.text.languages.languages import language_name
from stories.models import Municipality, Story, StoryTheme

from . import tile_map
from .tile_map import Tile

NAMES = ("theme", "region", "municipality", "language")
LONGEST = 40  # characters of what is chosen


@dataclass(frozen=True, slots=True)
class Option:
    """A theme that can be chosen, with how many stories it has and where that leads."""

    name: str
    count: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chose, "" for any."""

    theme: str = ""
    region: str = ""
    municipality: str = ""
    language: str = ""
    campaign: str = ""

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> Self:
        """Return what a query asks for."""
        told = {name: str(query.get(name, "")).replace("\0", "")[:LONGEST] for name in (*NAMES, "campaign")}
        return cls(**told)

    @property
    def is_any(self) -> bool:
        """Whether something is chosen."""
        return any(getattr(self, name) for name in NAMES)

    def url(self, **other: str) -> str:
        """Return the query of the wall with something else chosen."""
        told = {name: getattr(self, name) for name in (*NAMES, "campaign")} | other
        return "?" + urlencode({name: value for name, value in told.items() if value})

    @property
    def url_of_all_themes(self) -> str:
        """The query of the wall with every theme."""
        return self.url(theme="")

    def chosen(self, rows: Any) -> Any:
        """Return those of some stories that fit."""
        wanted = {
            "municipality__region__code": self.region,
            "municipality__code": self.municipality,
            "original_language": self.language,
        }
        rows = rows.filter(**{name: value for name, value in wanted.items() if value})
        return rows.filter(themes__slug=self.theme, themes__campaign=F("campaign")) if self.theme else rows


@dataclass(frozen=True, slots=True)
class Offered:
    """
    All that can be chosen on a wall, with numbers of stories: of the whole wall, not of what is chosen already. Municipalities and languages
    are options of a box, made here: there may be hundreds.
    """

    total: int
    from_how_many: int
    themes: list[Option]
    municipalities: SafeString
    languages: SafeString
    tiles: list[Tile]


def offered(campaign: Campaign, choice: Choice) -> Offered:
    """Return what can be chosen among a campaign's stories; five queries, however many there are."""
    stories = Story.objects.shown(campaign).order_by()
    cells = list(stories.values_list("municipality", "original_language").annotate(n=Count("pk")))
    by_municipality, by_language, by_region = Counter[int](), Counter[str](), Counter[int]()
    rows = Municipality.objects.filter(campaign=campaign).values_list("pk", "code", "name", "region")
    known = {pk: (code, name, region) for pk, code, name, region in rows}
    for key, language, number in cells:
        by_municipality[key] += number
        by_language[language] += number
        if region := known[key][2] if key in known else None:
            by_region[region] += number
    places = [(known[key][0], in_language(known[key][1]) or known[key][0], n) for key, n in by_municipality.items()]
    return Offered(
        total=by_language.total(),
        from_how_many=len(places),
        themes=list(themes_of(campaign, stories, choice)),
        municipalities=options(places, choice.municipality),
        languages=options([(code, heading(code), n) for code, n in by_language.items()], choice.language),
        tiles=tiles_of(by_region, choice) if by_region else [],
    )


def themes_of(campaign: Campaign, stories: Any, choice: Choice) -> Iterator[Option]:
    """Yield the themes of which there are stories, in order; two queries."""
    through = Story.themes.through.objects.filter(story__in=stories.values("pk")).order_by()
    numbers = dict(through.values_list("storytheme").annotate(n=Count("pk")))
    for one in StoryTheme.objects.filter(campaign=campaign):
        if number := numbers.get(one.pk):
            is_chosen = choice.theme == one.slug
            yield Option(str(one), number, choice.url(theme="" if is_chosen else one.slug), is_chosen)


def tiles_of(by_region: Counter[int], choice: Choice) -> list[Tile]:
    """Return the map; one query."""
    return tile_map.tiles(
        [(one, by_region[one.pk]) for one in Region.objects.all()],
        chosen=choice.region,
        url=lambda code: choice.url(region="" if code == choice.region else code, municipality=""),
    )


def heading(code: str) -> str:
    """Return the name of a language as a line begins with it."""
    name = language_name(code)
    return name[:1].upper() + name[1:]


def options(rows: Iterable[tuple[str, str, int]], chosen: str) -> SafeString:
    """Return (key, name, number of stories) of each as options of a box, by name."""
    in_order = sorted(rows, key=lambda row: row[1].casefold())
    lines = (
        f'<option value="{escape(key)}"{" selected" if key == chosen else ""}>{escape(name)} ({number})</option>'
        for key, name, number in in_order
    )
    return mark_safe("".join(lines))  # noqa: S308  each value is escaped; format_html_join takes thrice as long for hundreds
