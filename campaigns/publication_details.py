"""
What is printed with a publication besides its own text: names, hashtag, note, topics, regions, authority.

They stand in rows that one person may change. So what two people agree on covers them as they are then, and a published
version keeps them (`Printed`): what is printed of it later, whatever it is, takes them from there and from nowhere else.
"""

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, Self

from django.db import models
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from lib.text.languages import spoken_languages

from .http import page_changes
from .models import Authority, Campaign, CampaignLanguage, Region, Topic
from .translated_fields import in_language


@dataclass(frozen=True, slots=True)
class Named:
    """A topic, region or authority: its short name or code, its name in each language, and its website if it has one."""

    key: str
    name: dict[str, str]
    url: str = ""

    def in_language(self, language: str) -> str:
        """Return the name in a language, else in another one."""
        return in_language(self.name, language)


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """The campaign's own words in a language. `run_by` is who is responsible for it."""

    code: str
    name: str
    hashtag: str = ""
    sender_name: str = ""
    bulletin_name: str = ""
    run_by: str = ""

    @property
    def issuer(self) -> str:
        """Who is responsible, "" where that is the campaign by its own name."""
        return "" if self.run_by == self.name else self.run_by


@dataclass(frozen=True)
class PrintedWords:
    """
    The words that are printed with something besides its own text, and the zone that its hours are told in.

    `languages` are the campaign's in their order; `note` is an exercise's; `is_actual` tells that its alerts are actual
    ones; `authority` is whose answer it is, None for all else; no `regions` are the whole country; `look` is how its cards look, as far as that is
    not the house's (lib.images.card_look).
    """

    campaign: str
    is_exercise: bool
    is_actual: bool
    alert_category: str
    time_zone: str
    default_language: str
    sender_email: str
    reply_to: str
    note: dict[str, str]
    languages: tuple[LanguageWords, ...]
    topics: tuple[Named, ...] = ()
    regions: tuple[Named, ...] = ()
    authority: Named | None = None
    look: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        campaign: Campaign,
        *,
        topics: Iterable[Topic] = (),
        regions: Iterable[Region] = (),
        authority: Authority | None = None,
    ) -> Self:
        """Return the words as they stand now; two queries, unless the campaign's languages and authority are at hand."""
        return cls(
            campaign=campaign.slug,
            is_exercise=campaign.is_exercise,
            is_actual=campaign.issues_actual_alerts,
            alert_category=campaign.alert_category,
            time_zone=campaign.time_zone,
            default_language=campaign.default_language,
            sender_email=campaign.sender_email,
            reply_to=campaign.reply_to,
            note=campaign.note,
            languages=tuple(_words_of(row, campaign) for row in campaign.languages.all()),
            topics=tuple(Named(one.slug, one.name) for one in sorted(topics, key=lambda one: one.slug)),
            regions=tuple(Named(one.code, one.name) for one in sorted(regions, key=lambda one: one.code)),
            authority=Named(authority.slug, authority.name, authority.url) if authority else None,
            look=campaign.look,
        )

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Self:
        """Return what `plain` has written."""
        authority = plain["authority"]
        return cls(
            **plain
            | {
                "languages": tuple(LanguageWords(**one) for one in plain["languages"]),
                "topics": tuple(Named(**one) for one in plain["topics"]),
                "regions": tuple(Named(**one) for one in plain["regions"]),
                "authority": Named(**authority) if authority else None,
            }
        )

    def plain(self) -> dict[str, Any]:
        """Return all of it as plain data, for JSON and for a fingerprint; the house's look, as before there were others, not."""
        plain = {
            "campaign": self.campaign,
            "is_exercise": self.is_exercise,
            "is_actual": self.is_actual,
            "alert_category": self.alert_category,
            "time_zone": self.time_zone,
            "default_language": self.default_language,
            "sender_email": self.sender_email,
            "reply_to": self.reply_to,
            "note": self.note,
            "languages": [{name: getattr(one, name) for name in LanguageWords.__slots__} for one in self.languages],
            "topics": [_plain(one) for one in self.topics],
            "regions": [_plain(one) for one in self.regions],
            "authority": _plain(self.authority) if self.authority else None,
        }
        return plain | ({"look": self.look} if self.look else {})

    def in_language(self, language: str) -> LanguageWords:
        """Return the campaign's own words in a language, in what stands in for it, in its main one, or in whichever there is."""
        rows = {row.code: row for row in self.languages}
        wanted = spoken_languages.read_by(language, self.default_language)
        found = next((rows[code] for code in wanted if code in rows), None) or next(iter(rows.values()), None)
        return found or LanguageWords(language, self.campaign)

    def hashtag(self, language: str) -> str:
        """Return the hashtag of just this language, "" without one: another language's would mislead."""
        return next((row.hashtag for row in self.languages if row.code == language), "")

    def note_in(self, language: str) -> str:
        """Return the note of an exercise in a language, "" without one."""
        return in_language(self.note, language)

    def exercise_in(self, language: str) -> str:
        """Return what a picture says of an exercise: the word first, for the note may be cut. "" when it is none."""
        if not self.is_exercise:
            return ""
        with override(language):
            word = gettext("Exercise")
        note = self.note_in(language)
        return note if note.startswith(word) else ". ".join(filter(None, [word, note]))

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone that hours are told in."""
        return zoneinfo.ZoneInfo(self.time_zone)

    def local(self, moment: datetime) -> datetime:
        """Return an aware moment in that zone."""
        return moment.astimezone(self.zone)


class Covering(Protocol):
    """A rule that takes back what two people are agreeing on where it prints something else by now; returns how much it was."""

    def __call__(self, *, by: User, at: datetime) -> int: ...


_covering: list[Covering] = []


def register(*rules: Covering) -> None:
    """Have rules asked after every change of such words on the desk."""
    _covering.extend(rules)


def changed(*, by: User, at: datetime) -> int:
    """
    Note, in the transaction of the change, that `by` changed rows whose words are printed. Pages show it at once; reviews
    and approvals of what prints them are taken back now rather than at their slot. Return how many were.
    """
    page_changes.changed()
    return sum(rule(by=by, at=at) for rule in _covering)


class Printed(models.Model):
    """A published version: `words` are what is printed with it, as two people agreed on it. No query."""

    printed = models.JSONField(_("printed with it"), default=dict, editable=False)

    class Meta:
        abstract = True

    @cached_property
    def words(self) -> PrintedWords:
        """The words that are printed with it."""
        return PrintedWords.read(self.printed)


def _plain(named: Named) -> dict[str, Any]:
    return {"key": named.key, "name": named.name, "url": named.url}


def _words_of(row: CampaignLanguage, campaign: Campaign) -> LanguageWords:
    lead = campaign.authority
    return LanguageWords(
        code=row.code,
        name=row.name,
        hashtag=row.hashtag,
        sender_name=row.sender_name,
        bulletin_name=row.bulletin_name,
        run_by=(in_language(lead.name, row.code) if lead else "") or row.sender_name,
    )
