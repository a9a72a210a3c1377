"""How readers choose stories: by theme, region, municipality and language, each by the address alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Count, F

from campaigns.models import Campaign, Region
from lib.text.languages import language_name
from stories.models import Municipality, Story, StoryTheme

from . import tile_map
from .tile_map import Tile

NAMES = ("theme", "region", "municipality", "language")
LONGEST = 40  # characters of what is chosen


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen, with how many stories it has and where that leads."""

    key: str
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
    """All that can be chosen on a wall, with numbers of stories: of the whole wall, not of what is chosen already."""

    total: int
    themes: list[Option]
    municipalities: list[Option]
    languages: list[Option]
    tiles: list[Tile]


def offered(campaign: Campaign, choice: Choice) -> Offered:
    """Return what can be chosen among a campaign's stories; four queries, however many there are."""
    stories = Story.objects.shown(campaign).order_by()
    cells = list(stories.values_list("municipality", "original_language").annotate(n=Count("pk")))
    by_municipality, by_language, by_region = Counter[int](), Counter[str](), Counter[int]()
    rows = list(Municipality.objects.filter(campaign=campaign).only("code", "name", "region"))
    regions_of = {one.pk: one.region_id for one in rows}
    for key, language, number in cells:
        by_municipality[key] += number
        by_language[language] += number
        if region := regions_of.get(key):
            by_region[region] += number
    through = Story.themes.through.objects.filter(story__in=stories.values("pk")).order_by()
    by_theme = dict(through.values_list("storytheme").annotate(n=Count("pk")))
    themes = StoryTheme.objects.filter(campaign=campaign)

    def option(field: str, key: str, name: str, number: int) -> Option:
        is_chosen = getattr(choice, field) == key
        return Option(key, name, number, choice.url(**{field: "" if is_chosen else key}), is_chosen)

    municipalities = [
        option("municipality", one.code, str(one), by_municipality[one.pk]) for one in rows if by_municipality[one.pk]
    ]
    languages = [option("language", code, language_name(code), n) for code, n in by_language.items()]
    regions = [(one, by_region[one.pk]) for one in Region.objects.all()]
    return Offered(
        total=sum(by_language.values()),
        themes=[option("theme", one.slug, str(one), by_theme.get(one.pk, 0)) for one in themes if by_theme.get(one.pk)],
        municipalities=sorted(municipalities, key=lambda one: one.name.casefold()),
        languages=sorted(languages, key=lambda one: one.name.casefold()),
        tiles=tile_map.tiles(
            regions,
            chosen=choice.region,
            url=lambda code: choice.url(region="" if code == choice.region else code, municipality=""),
        )
        if by_region
        else [],
    )
