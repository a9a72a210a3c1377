"""What the files hold, once they are read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lib.yaml_files import Item


@dataclass(frozen=True)
class MessageInputFile:
    """A message input with its sources and facts."""

    reference: str
    item: Item
    body: str
    sources: list[Item]
    facts: list[Item]


@dataclass(frozen=True)
class EditionFile:
    """A bulletin in one language, as one version says it."""

    title: str
    subject: str
    preheader: str
    body: str
    hashtags: list[str]
    key_messages: list[Item]
    calls_to_action: dict[str, str]
    variants: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class EasyEditionFile:
    """A bulletin in easy language."""

    language: str
    title: str
    subject: str
    preheader: str
    body: str


@dataclass(frozen=True)
class BulletinFile:
    """A bulletin: what its languages share, one edition for each, and those in easy language that there are."""

    number: int
    published_at: datetime
    inputs: list[str]
    topics: list[str]
    claims: list[str]
    editions: dict[str, EditionFile]
    easy: dict[str, EasyEditionFile] = field(default_factory=dict)


@dataclass(frozen=True)
class Correction:
    """How a bulletin was corrected: the new editions, what changed, and words for people who had shared it."""

    bulletin: BulletinFile
    at: datetime
    subject: dict[str, str]
    preheader: dict[str, str]
    what_changed: dict[str, str]
    share_text: dict[str, str]


@dataclass(frozen=True)
class Content:
    """The whole demo campaign."""

    campaign: Item
    network: Item
    languages: tuple[str, ...]
    zone: ZoneInfo
    inputs: list[MessageInputFile] = field(default_factory=list)
    bulletins: list[BulletinFile] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    narratives: list[Item] = field(default_factory=list)
    claims: list[Item] = field(default_factory=list)
    reports: list[Item] = field(default_factory=list)
    seen_again: list[Item] = field(default_factory=list)
    question_groups: list[Item] = field(default_factory=list)
    questions: list[Item] = field(default_factory=list)
    glossary: list[Item] = field(default_factory=list)
    banned_terms: list[Item] = field(default_factory=list)
    platform_limits: list[Item] = field(default_factory=list)
    codes_of_ethics: dict[str, tuple[Item, str]] = field(default_factory=dict)
    handbooks: dict[str, tuple[Item, str]] = field(default_factory=dict)
    thanks: list[Item] = field(default_factory=list)
    organisations: list[Item] = field(default_factory=list)
    ways_to_help: list[Item] = field(default_factory=list)
    stories: list[Item] = field(default_factory=list)
    commissions: list[Item] = field(default_factory=list)

    def slugs(self, key: str, name: str = "slug") -> set[str]:
        """Return the short names under `key` of campaign.yaml."""
        return {item.text(name) for item in self.campaign.items(key)}
