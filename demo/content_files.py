"""
Read the demo campaign's files and check them before anything is written.

Everything is parsed and every reference is looked up, so what `read()` returns can be loaded as it is. The
first thing wrong is a ContentError: one sentence that names the file and the line or field.
"""

import csv
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml

from campaigns.models import Campaign

FOLDER = Path(__file__).with_name("content")
NETWORK = "network.yaml"
EDITION_LIMITS = {"title": 160, "subject": 60, "preheader": 90}
TONES = ("warm", "short")  # besides the plain one, as bulletins.KeyMessage has them
HEADING = re.compile(r"^## ", re.MULTILINE)
HASHTAG = re.compile(r"#\w+\Z")
OWN_ADDRESS = re.compile(r"[^@\s]+@example\.(org|net|com)\Z")


class ContentError(Exception):
    """A content file that cannot be used. The text is one sentence for whoever edits the files."""


# --- Reading with places ---------------------------------------------------------------------------


class Lines(dict[str, Any]):
    """A YAML mapping that remembers the line on which it begins."""

    line = 1


class LineLoader(yaml.SafeLoader):
    """YAML without surprises: mappings know their line, and a key that comes twice is an error."""

    def mapping(self, node: yaml.MappingNode) -> Iterator[Lines]:
        """Build a mapping. Raise a YAML error for a repeated key."""
        data = Lines()
        data.line = node.start_mark.line + 1
        yield data
        keys = [key.value for key, _ in node.value]
        if repeated := next((key for key in keys if keys.count(key) > 1), None):
            raise yaml.constructor.ConstructorError(None, None, f"the key {repeated!r} comes twice", node.start_mark)
        data.update({str(key): value for key, value in self.construct_mapping(node).items()})


LineLoader.add_constructor("tag:yaml.org,2002:map", LineLoader.mapping)


@dataclass(frozen=True)
class Item:
    """One mapping of a content file: its values, checked as they are read, and where it stands."""

    data: Mapping[str, Any]
    file: str
    line: int
    path: str = ""
    languages: tuple[str, ...] = ()

    def fault(self, key: str, says: str) -> ContentError:
        """Return the error for one field."""
        return ContentError(f"{self.file}, line {self.line}: {self.path}{key} {says}.")

    def get(self, key: str) -> Any:
        """Return a value that has to be there, null included."""
        if key not in self.data:
            raise self.fault(key, "is missing")
        return self.data[key]

    def text(self, key: str, longest: int | None = None) -> str:
        """Return a text that is not empty and has at most `longest` characters."""
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, "has no text")
        if longest and len(value) > longest:
            raise self.fault(key, f"has {len(value)} characters; at most {longest} fit")
        return value.strip()

    def number(self, key: str, optional: bool = False) -> int | None:
        """Return a whole number that is not negative."""
        value = self.get(key)
        if optional and value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fault(key, f"is {value!r}; it should be a whole number")
        return value

    def choice(self, key: str, choices: Container[Any]) -> str:
        """Return one of `choices`."""
        value = self.get(key)
        if value not in choices:
            known = f"; known are {', '.join(map(str, choices))}" if isinstance(choices, list | tuple) else ""
            raise self.fault(key, f"is {value!r}, which nothing defines{known}")
        return str(value)

    def choices(self, key: str, choices: Container[Any]) -> list[str]:
        """Return a list of texts that are all known."""
        values = self.texts(key)
        if unknown := next((value for value in values if value not in choices), None):
            raise self.fault(key, f"names {unknown!r}, which nothing defines")
        return values

    def hours(self, key: str) -> float:
        """Return a number of hours that is not negative."""
        value = self.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise self.fault(key, "should be a number of hours")
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        values = self.get(key)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.fault(key, "should be a list of texts")
        return values

    def day(self, key: str, optional: bool = False) -> date | None:
        """Return a date."""
        value = self.get(key)
        if optional and value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fault(key, f"is {str(value)!r}; write a date like 2020-03-17")
        return value

    def moment(self, key: str, optional: bool = False) -> datetime | None:
        """Return a moment with its offset from UTC."""
        value = self.get(key)
        if optional and value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.fault(key, f"is {str(value)!r}; write a moment like 2020-03-17T16:00:00+02:00")
        return value

    def clock(self, key: str) -> time | None:
        """Return a local time of day, or None when the field is not there."""
        if self.data.get(key) is None:
            return None
        try:
            return time.fromisoformat(self.data[key])
        except (TypeError, ValueError):
            raise self.fault(key, f"is {self.data[key]!r}; write a time like '16:00'") from None

    def url(self, key: str) -> str:
        """Return a web address."""
        value = self.text(key, 500)
        if not value.startswith("https://"):
            raise self.fault(key, f"is {value!r}; it should begin with https://")
        return value

    def address(self, key: str) -> str:
        """Return an email address of ours: on example.org, .net or .com, which belong to nobody."""
        value = self.text(key)
        if not OWN_ADDRESS.match(value):
            raise self.fault(key, f"is {value!r}; demo addresses are on example.org, example.net or example.com")
        return value

    def hashtags(self, key: str) -> list[str]:
        """Return hashtags, at least one."""
        values = self.texts(key)
        if not values or not all(HASHTAG.match(value) for value in values):
            raise self.fault(key, "should be hashtags like #coronafacts")
        return values

    def translated(self, key: str, longest: int | None = None) -> dict[str, str]:
        """Return {language: text}, in every language of the campaign."""
        inner = self.item(key)
        return {language: inner.text(language, longest) for language in self.languages}

    def item(self, key: str) -> "Item":
        """Return the mapping under `key`."""
        value = self.get(key)
        if not isinstance(value, Lines):
            raise self.fault(key, "should be a mapping")
        return Item(value, self.file, value.line + self.line_offset, f"{self.path}{key}.", self.languages)

    def items(self, key: str) -> list["Item"]:
        """Return the list of mappings under `key`."""
        return items_of(self.get(key), self, f"{self.path}{key}")

    @property
    def line_offset(self) -> int:
        """By how many lines the YAML is below the top of its file."""
        return self.line - self.data.line if isinstance(self.data, Lines) else 0


def items_of(values: Any, parent: Item, path: str) -> list[Item]:
    """Return every mapping of a list as an Item, or raise ContentError when it is something else."""
    if not isinstance(values, list) or not all(isinstance(value, Lines) for value in values):
        raise ContentError(f"{parent.file}, line {parent.line}: {path} should be a list of mappings.")
    return [
        Item(value, parent.file, value.line + parent.line_offset, f"{path}[{n}].", parent.languages)
        for n, value in enumerate(values, start=1)
    ]


def read_text(folder: Path, name: str) -> str:
    """Return the text of a content file."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContentError(f"{name} is missing from {folder}.") from None
    except OSError as fault:
        raise ContentError(f"{name} cannot be read ({fault.strerror}).") from None
    except UnicodeDecodeError as fault:
        raise ContentError(f"{name} is not UTF-8 (byte {fault.start}).") from None


def parse_yaml(text: str, name: str, above: int = 0) -> Any:
    """Parse YAML that begins `above` lines below the top of the file `name`."""
    try:
        return yaml.load(text, LineLoader)  # noqa: S506  (a SafeLoader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 + above if mark else 1
        raise ContentError(f"{name}, line {line}: not valid YAML ({fault.problem}).") from None
    except yaml.YAMLError as fault:
        raise ContentError(f"{name}: not valid YAML ({str(fault).splitlines()[0]}).") from None
    except ValueError as fault:  # a date such as 2020-13-45
        line = next((n for n, row in enumerate(text.splitlines(), 1) if impossible_date(row)), 0)
        raise ContentError(f"{name}{f', line {line + above}' if line else ''}: not a date ({fault}).") from None


def impossible_date(row: str) -> bool:
    """Return whether a line holds something that is written like a date and is none."""
    for found in re.findall(r"\b\d{4}-\d\d-\d\d\b", row):
        try:
            date.fromisoformat(found)
        except ValueError:
            return True
    return False


def yaml_item(text: str, name: str, languages: tuple[str, ...], above: int = 0) -> Item:
    """Parse a YAML file that is one mapping."""
    data = parse_yaml(text, name, above)
    if not isinstance(data, Lines):
        raise ContentError(f"{name}: should be a mapping.")
    return Item(data, name, data.line + above, "", languages)


def markdown(text: str, name: str, languages: tuple[str, ...]) -> tuple[Item, str]:
    """Return the front matter of a Markdown file and its body without the title, which the front matter has."""
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ContentError(f"{name}: should begin with front matter between two lines of ---.")
    front = yaml_item(parts[1], name, languages, above=1)
    body = re.sub(r"\A\s*# .*\n", "", parts[2]).strip()
    if not body:
        raise ContentError(f"{name}: there is no text below the front matter.")
    return front, body


def table(folder: Path, name: str, columns: Sequence[str]) -> list[Item]:
    """Return the rows of a CSV file, each field filled in."""
    rows = csv.DictReader(read_text(folder, name).splitlines())
    if list(rows.fieldnames or []) != list(columns):
        raise ContentError(f"{name}, line 1: the columns should be {', '.join(columns)}.")
    found = [Item(row, name, rows.line_num) for row in rows]
    for row in found:
        for column in columns:
            row.text(column)
    return found


# --- What the files hold ---------------------------------------------------------------------------


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

    def slugs(self, key: str, name: str = "slug") -> set[str]:
        """Return the short names under `key` of campaign.yaml."""
        return {item.text(name) for item in self.campaign.items(key)}


def read(folder: Path = FOLDER) -> Content:
    """Return the checked content of `folder`. Raise ContentError for the first thing that is wrong."""
    campaign = yaml_item(read_text(folder, "campaign.yaml"), "campaign.yaml", ())
    languages = tuple(campaign.texts("languages"))
    if not languages:
        raise campaign.fault("languages", "is empty")
    campaign = Item(campaign.data, campaign.file, campaign.line, "", languages)
    try:
        zone = ZoneInfo(campaign.text("time_zone"))
    except (ValueError, OSError, KeyError):
        raise campaign.fault("time_zone", f"is {campaign.get('time_zone')!r}, which is no time zone") from None
    network = yaml_item(read_text(folder, NETWORK), NETWORK, languages)
    content = Content(campaign, network, languages, zone)
    check_campaign(content)
    content.inputs.extend(read_inputs(folder, content))
    facts = {fact.text("id") for entry in content.inputs for fact in entry.facts}
    read_claims(folder, content)
    for number in sorted({item.number("bulletin") for item in campaign.items("schedule") if "bulletin" in item.data}):  # type: ignore[type-var]
        read_bulletin(folder, content, int(number or 0), facts)
    read_questions(folder, content, facts)
    read_words(folder, content)
    read_thanks(folder, content)
    check_network(content)
    for language in languages:
        for kind, into in (("code-of-ethics", content.codes_of_ethics), ("handbook", content.handbooks)):
            name = f"handbook/{kind}.{language}.md"
            front, body = markdown(read_text(folder, name), name, languages)
            front.text("title", 160)
            front.number("version")
            if kind == "code-of-ethics":
                points = len(re.findall(r"^\d+\. ", body, re.MULTILINE))
                if front.number("points") != points:
                    raise front.fault("points", f"is {front.number('points')}, but the text has {points} points")
                front.text("signing")
            into[language] = (front, body)
    return content


def read_thanks(folder: Path, content: Content) -> None:
    """Read the words of thanks; each has a place for the name."""
    name = "thanks.yaml"
    for item in yaml_item(read_text(folder, name), name, content.languages).items("thanks"):
        item.text("key", 40)
        for code, text in item.translated("text").items():
            if "{name}" not in text:
                raise item.fault("text", f"has no {{name}} in {code}")
        content.thanks.append(item)


def check_network(content: Content) -> None:
    """Look at what influencers did and wrote."""
    top = content.network
    top.translated("welcome")
    said = [item for key in ("messages", "contacts", "notes") for item in top.items(key)]
    for item in said:
        item.text("text")
    for item in [*said, *top.items("thanks")]:
        item.hours("ago")
    words = {item.text("key") for item in content.thanks}
    for item in top.items("thanks"):
        item.choice("words", words)
    numbers = {bulletin.number for bulletin in content.bulletins}
    for item in top.items("posts"):
        item.choice("bulletin", numbers)
        item.text("platform", 12)
        item.choice("language", content.languages)
        item.hours("after")
        for key in {"corrected_after", "removed_after"} & item.data.keys():
            item.hours(key)


def check_campaign(content: Content) -> None:
    """Look at every field of campaign.yaml that is loaded."""
    campaign = content.campaign
    campaign.text("slug", 60)
    campaign.choice("mode", ("exercise",))
    campaign.choice("default_language", content.languages)
    campaign.day("starts_on")
    for key in ("name", "hashtag", "summary", "bulletin_name", "note"):
        campaign.translated(key)
    campaign.choice("alert_category", Campaign.AlertCategory.values)
    campaign.choice("lead", [one.text("slug") for one in campaign.items("authorities")])
    sender, liaison = campaign.item("sender"), campaign.item("liaison")
    sender.translated("name")
    sender.address("email")
    sender.address("reply_to")
    liaison.text("name")
    liaison.address("email")
    for authority in campaign.items("authorities"):
        authority.text("slug")
        authority.choice("kind", ("ministry", "agency", "municipality"))
        authority.translated("name")
        authority.translated("short_name")
        authority.url("url")
        authority.address("contact")
    for audience in campaign.items("audiences"):
        audience.text("slug")
        audience.translated("name")
        audience.translated("description")
        audience.number("tier", optional=True)
        audience.number("max_size", optional=True)
        audience.choices("languages", content.languages)
        for size in audience.items("sizes"):
            size.day("date")
            size.number("size")
    check_times(content)
    for key in ("topics", "interests"):
        for item in campaign.items(key):
            item.text("slug", 40)
            item.translated("name")
    for region in campaign.items("regions"):
        region.text("code", 10)
        region.translated("name")
    for question in campaign.items("values_questions"):
        question.text("column", 40)
        question.translated("text")


def check_times(content: Content) -> None:
    """Look at when things go: the cadences, and the times of single bulletins."""
    campaign, audiences = content.campaign, content.slugs("audiences")
    for cadence in campaign.items("cadences"):
        cadence.text("slug")
        cadence.choice("audience", audiences)
        every = cadence.choice("every", ("immediate", "day", "week", "month"))
        cadence.day("from")
        cadence.day("until", optional=True)
        cadence.number("grace_minutes")
        if every != "immediate" and cadence.clock("local_time") is None:
            raise cadence.fault("local_time", "is missing")
        if every == "week":
            cadence.choice("weekday", WEEKDAYS)
        if every == "month" and cadence.get("day_of_month") != "last":
            cadence.number("day_of_month")
        cadence.clock("not_before")
        cadence.clock("not_after")
    for entry in campaign.items("schedule"):
        entry.moment("send_at")
        entry.choice("as", ("scheduled", "immediate"))
        if "bulletin" in entry.data:
            entry.number("bulletin")
            entry.choices("audiences", audiences)


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_inputs(folder: Path, content: Content) -> list[MessageInputFile]:
    """Read every message input, in the order of their names."""
    authorities, topics, regions = (
        content.slugs("authorities"),
        content.slugs("topics"),
        content.slugs("regions", "code"),
    )
    found = []
    for path in sorted((folder / "inputs").glob("*.md")):
        name = f"inputs/{path.name}"
        front, body = markdown(read_text(folder, name), name, content.languages)
        front.choice("authority", authorities)
        front.text("title", 250)
        front.choice("language", content.languages)
        front.choice("urgency", ("routine", "elevated", "urgent"))
        front.moment("received_at")
        front.moment("embargo_until", optional=True)
        front.moment("valid_until", optional=True)
        front.choices("regions", regions | {"all"})
        front.choices("topics", topics)
        sources, facts = front.items("sources"), front.items("key_facts")
        for source in sources:
            source.text("id", 20)
            source.text("publisher", 200)
            source.text("title", 300)
            source.url("url")
        for fact in facts:
            fact.text("id", 40)
            fact.text("text")
            fact.choice("source", {source.text("id") for source in sources})
            fact.moment("valid_until", optional=True)
        found.append(MessageInputFile(front.text("id", 40), front, body, sources, facts))
    if not found:
        raise ContentError(f"inputs/ has no message input in {folder}.")
    known = {fact.text("id") for entry in found for fact in entry.facts}
    for entry in found:
        for fact in entry.facts:
            if "superseded_by" in fact.data:
                fact.choice("superseded_by", known)
                fact.moment("superseded_at")
    return found


def read_bulletin(folder: Path, content: Content, number: int, facts: set[str]) -> None:
    """Read a bulletin with its variants, and its correction when it has one."""
    base = f"bulletins/{number:03}"
    names = [f"{language}.md" for language in content.languages] + ["variants.yaml"]
    texts = {name: read_text(folder, f"{base}/{name}") for name in names}
    bulletin = build_bulletin(content, number, texts, facts)
    bulletin.easy.update(read_easy(folder, base, content))
    content.bulletins.append(bulletin)
    if not (folder / base / "correction.yaml").exists():
        return
    name = f"{base}/correction.yaml"
    correction = yaml_item(read_text(folder, name), name, content.languages)
    for step in correction.items("replacements"):
        file, before = step.choice("file", names), step.text("before")
        if (times := texts[file].count(before)) != 1:
            raise step.fault("before", f"occurs {times} times in {base}/{file}; it should occur once")
        texts[file] = texts[file].replace(before, step.text("after"))
    content.corrections.append(
        Correction(
            bulletin=build_bulletin(content, number, texts, facts),
            at=moment_of(correction, "published_at"),
            subject=correction.translated("subject", EDITION_LIMITS["subject"]),
            preheader=correction.translated("preheader", EDITION_LIMITS["preheader"]),
            what_changed=correction.translated("what_changed"),
            share_text=correction.translated("story_text"),
        )
    )


def read_easy(folder: Path, base: str, content: Content) -> dict[str, EasyEditionFile]:
    """Read the editions of a bulletin in easy language: "fi-easy.md" beside "fi.md"."""
    found = {}
    for language in content.languages:
        name = f"{base}/{language}-easy.md"
        if (folder / name).exists():
            front, body = markdown(read_text(folder, name), name, content.languages)
            texts = {key: front.text(key, longest) for key, longest in EDITION_LIMITS.items()}
            found[language] = EasyEditionFile(front.choice("language", (language,)), **texts, body=body)
    return found


def moment_of(item: Item, key: str) -> datetime:
    """Return a moment that has to be there."""
    value = item.moment(key)
    assert value is not None
    return value


def tones_of(message: Item) -> list[str]:
    """Return in which other tones a key message is written."""
    return [tone for tone in TONES if tone in message.data]


def build_bulletin(content: Content, number: int, texts: dict[str, str], facts: set[str]) -> BulletinFile:
    """Parse a bulletin from the texts of its files and hold its languages against each other."""
    base = f"bulletins/{number:03}"
    variants = yaml_item(texts["variants.yaml"], f"{base}/variants.yaml", content.languages)
    inputs, topics = {entry.reference for entry in content.inputs}, content.slugs("topics")
    claims = {claim.text("id") for claim in content.claims}
    editions: dict[str, EditionFile] = {}
    shared: list[Any] = []
    for language in content.languages:
        name = f"{base}/{language}.md"
        front, body = markdown(texts[f"{language}.md"], name, content.languages)
        if front.get("number") != number:
            raise front.fault("number", f"is {front.get('number')!r}; the folder says {number}")
        front.choice("language", (language,))
        messages, actions = front.items("key_messages"), front.items("calls_to_action")
        for message in messages:
            message.text("id", 40)
            message.choice("fact", facts)
            message.text("text")
            for tone in tones_of(message):
                message.text(tone)
            message.moment("valid_until", optional=True)
            message.url("source")
        editions[language] = EditionFile(
            **{key: front.text(key, longest) for key, longest in EDITION_LIMITS.items()},
            body=without_downloads(body, name),
            hashtags=front.hashtags("hashtags"),
            key_messages=messages,
            calls_to_action={action.text("id", 40): action.text("text") for action in actions},
            variants={platform: read_variant(variants.item(language), platform) for platform in VARIANT_FIELDS},
        )
        shared.append(
            {
                "published_at": moment_of(front, "published_at"),
                "inputs": front.choices("inputs", inputs),
                "topics": front.choices("topics", topics),
                "claims": front.choices("claims", claims),
                "key_messages": [
                    (m.text("id"), m.text("fact"), m.moment("valid_until", optional=True), tones_of(m))
                    for m in messages
                ],
                "calls_to_action": list(editions[language].calls_to_action),
            }
        )
        if differs := next((key for key in shared[0] if shared[-1][key] != shared[0][key]), None):
            raise front.fault(differs, f"differs from {base}/{content.languages[0]}.md")
    return BulletinFile(
        number, shared[0]["published_at"], shared[0]["inputs"], shared[0]["topics"], shared[0]["claims"], editions
    )


def without_downloads(body: str, name: str) -> str:
    """
    Return the text without its last section, the list of files to download.

    The list names files on example.org that do not exist, and nobody should meet a dead link.
    """
    headings = [found.start() for found in HEADING.finditer(body)]
    if len(headings) != 5:
        raise ContentError(f"{name}: the text has {len(headings)} sections that begin with ##; there should be 5.")
    return body[: headings[-1]].strip()


# Which field of a file becomes which field of a Variant. Pictures are on example.org and do not exist.
VARIANT_FIELDS: dict[str, dict[str, str]] = {
    "instagram": {"caption": "caption"},
    "tiktok": {"title": "photo_title", "caption": "video_caption", "script": "script"},
    "youtube": {"title": "title", "caption": "description", "script": "script"},
}


def read_variant(language: Item, platform: str) -> dict[str, Any]:
    """Return the fields of bulletins.Variant for one platform."""
    item = language.item(platform)
    fields: dict[str, Any] = {ours: item.text(theirs) for ours, theirs in VARIANT_FIELDS[platform].items()}
    fields |= {"hashtags": item.hashtags("hashtags"), "alt_text": item.text("alt_text")}
    return fields | ({"tags": item.texts("tags")} if platform == "youtube" else {})


def read_claims(folder: Path, content: Content) -> None:
    """Read the narratives and the claims that serve them."""
    name = "claims/narratives.yaml"
    parent = Item({}, name, 1, "", content.languages)
    content.narratives.extend(items_of(parse_yaml(read_text(folder, name), name), parent, "narrative"))
    for narrative in content.narratives:
        narrative.text("id", 60)
        for key in ("name", "description", "need_behind"):
            narrative.translated(key)
        narrative.day("first_seen", optional=True)
    slugs, topics = {narrative.text("id") for narrative in content.narratives}, content.slugs("topics")
    for path in sorted((folder / "claims").glob("cl-*.yaml")):
        name = f"claims/{path.name}"
        claim = yaml_item(read_text(folder, name), name, content.languages)
        claim.text("id", 60)
        claim.choice("narrative", slugs)
        claim.choices("topics", topics)
        claim.choice("verdict", ("true", "false", "fifty_fifty", "unproven"))
        claim.choice("status", ("published",))
        claim.day("checked_at")
        claim.day("valid_until", optional=True)
        for key in ("claim", "fact", "warning", "fallacy", "fact_again", "how_checked"):
            claim.translated(key)
        for evidence in claim.items("evidence"):
            evidence.text("publisher", 200)
            evidence.text("title", 300)
            evidence.url("url")
        for sighting in claim.items("sightings"):
            sighting.text("platform", 30)
            sighting.url("url")
            sighting.number("reach", optional=True)
            sighting.day("date")
            sighting.choice("language", content.languages)
        content.claims.append(claim)
    read_reports(folder, content)


def read_reports(folder: Path, content: Content) -> None:
    """Read what was reported a few hours ago, and where checked claims were seen again."""
    name = "claims/reports.yaml"
    top = yaml_item(read_text(folder, name), name, content.languages)
    for report in top.items("reports"):
        report.text("text", 2000)
        content.reports.append(report)
    for sighting in top.items("again"):
        sighting.choice("claim", {claim.text("id") for claim in content.claims})
        content.seen_again.append(sighting)
    for item in (*content.reports, *content.seen_again):
        item.text("platform", 30)
        item.text("channel", 120)
        item.choice("language", content.languages)
        item.number("reach", optional=True)
        item.number("hours")


def read_questions(folder: Path, content: Content, facts: set[str]) -> None:
    """Read the questions that influencers relayed, their groups and the answers."""
    name = "questions.yaml"
    top = yaml_item(read_text(folder, name), name, content.languages)
    groups, questions = top.items("groups"), top.items("questions")
    slugs = {group.text("id", 60) for group in groups}
    for group in groups:
        group.translated("label")
    numbers, topics, authorities = (
        {bulletin.number for bulletin in content.bulletins},
        content.slugs("topics"),
        content.slugs("authorities"),
    )
    for question in questions:
        question.choice("group", slugs)
        question.choice("language", content.languages)
        question.text("text")
        question.text("channel", 40)
        question.text("relayed_by")
        question.moment("asked_at")
        question.choice("bulletin", numbers)
        question.choice("topic", topics)
        if "answer" not in question.data:
            continue
        answer = question.item("answer")
        answer.choice("authority", authorities)
        answer.moment("published_at")
        answer.moment("valid_until", optional=True)
        answer.choice("fact", facts)
        for language in content.languages:
            answer.text(language)
        video = answer.item("video")
        video.url("url")
        video.choice("spoken_language", content.languages)
        video.number("duration_seconds")
        for language, subtitles in video.translated("subtitles").items():
            if not subtitles.startswith("WEBVTT"):
                raise video.fault(f"subtitles.{language}", "should begin with WEBVTT")
    content.question_groups.extend(groups)
    content.questions.extend(questions)


def read_words(folder: Path, content: Content) -> None:
    """Read the glossary, the words that are not used, and how long a text may be on a platform."""
    content.glossary.extend(table(folder, "glossary.csv", [*content.languages, "definition"]))
    content.banned_terms.extend(table(folder, "banned-terms.csv", ["language", "term", "say_instead", "why"]))
    for row in content.banned_terms:
        row.choice("language", content.languages)
    columns = ["platform", "field", "limit", "counted_in", "seen_on", "source"]
    content.platform_limits.extend(table(folder, "platform-limits.csv", columns))
    for row in content.platform_limits:
        if not row.text("limit").isdigit():
            raise row.fault("limit", f"is {row.text('limit')!r}; it should be a whole number")
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", row.text("seen_on")):
            raise row.fault("seen_on", f"is {row.text('seen_on')!r}; write a month like 2026-11")


def host_of(url: str) -> str:
    """Return the site of an address as people say it: valtioneuvosto.fi."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
