"""Choosing among ways to help by what somebody has: time, a place, a language, an age. Works by the address alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from lib.text.languages.languages import language_heading
from lib.text.numbers.whole_numbers import whole_number
from stories.models import OfferVersion
from stories.models.offers import OfferVersionQuerySet

from .takes import HALF_A_DAY

NAMES = ("time", "where", "language", "age")  # in the address
WEEKLY, HOME = "weekly", "home"
TIMES = (10, 60, HALF_A_DAY)  # minutes that somebody has, at most
OLDEST = 120


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to a question of the filter; "" is no choice."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """What somebody chose. What makes no sense counts as no choice."""

    time: str = ""
    where: str = ""
    language: str = ""
    age: int = 0

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Return what an address chooses."""
        time, age = query.get("time", ""), whole_number(query.get("age", ""))
        return cls(
            time=time if time in {WEEKLY, *map(str, TIMES)} else "",
            where=query.get("where", "").replace("\0", "")[:10],
            language=query.get("language", "").replace("\0", "")[:12],
            age=age if age <= OLDEST else 0,
        )

    @property
    def is_any(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.time or self.where or self.language or self.age)

    def chosen(self, rows: OfferVersionQuerySet) -> OfferVersionQuerySet:
        """Return those of some versions that fit."""
        if self.time == WEEKLY:
            rows = rows.filter(is_weekly=True)
        elif self.time:
            rows = rows.filter(is_weekly=False, minutes__lte=int(self.time))
        if self.where == HOME:
            rows = rows.filter(from_home=True)
        elif self.where:
            rows = rows.filter(Q(region__code=self.where) | Q(region=None, from_home=False))
        if self.language:
            # A list of codes is searched as it is written: the same on both databases.
            written = rows.annotate(codes=Cast("languages", TextField()))
            rows = written.filter(Q(codes__contains=f'"{self.language}"') | Q(codes="[]"))
        if self.age:
            rows = rows.filter(Q(from_age=None) | Q(from_age__lte=self.age))
        return rows

    def times(self) -> list[Option]:
        """Return the answers to “I have”."""
        words = {
            "": _("Any amount of time"),
            "10": _("Ten minutes"),
            "60": _("An hour"),
            str(HALF_A_DAY): _("Half a day"),
            WEEKLY: _("Time every week"),
        }
        return [Option(value, label, value == self.time) for value, label in words.items()]

    def places(self, campaign: Campaign, *, at: datetime) -> list[Option]:
        """Return the places to choose from: those regions that something is to be done in; one query."""
        rows = OfferVersion.objects.shown(campaign, at=at).exclude(region=None).order_by("region__code")
        regions = rows.values_list("region__code", "region__name").distinct()
        words = {"": _("Anywhere"), HOME: _("From home")} | {code: in_language(name) for code, name in regions}
        return [Option(value, label, value == self.where) for value, label in words.items()]

    def languages(self, campaign: Campaign, *, at: datetime) -> list[Option]:
        """Return the languages to choose from: the campaign's, and those that offers name; one query, and one for the campaign's."""
        codes = dict.fromkeys(campaign.language_codes())
        for named in (
            OfferVersion.objects.shown(campaign, at=at).order_by().values_list("languages", flat=True).distinct()
        ):
            codes |= dict.fromkeys(named)
        words = {"": _("Any language")} | {code: language_heading(code) for code in codes}
        return [Option(value, label, value == self.language) for value, label in words.items()]
