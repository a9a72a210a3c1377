"""
Reading the templates: one file a crisis, `<slug>.yaml` in this folder, checked before anything of it is used.

What is wrong is a ContentError: one sentence that names the file, the line and the field. docs/using/campaigns/campaign-start.md
says what a file holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bulletins.models import Urgency
from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from lib import yaml_shelf
from lib.text.blanks import blanks_in
from lib.yaml_files import HASHTAG, Item, read_text, yaml_item

FOLDER = Path(__file__).parent
LANGUAGES = ("fi", "sv", "en")
BLANK_KINDS = ("place", "time", "date", "number", "contact", "text")
# Characters that the rows take in which texts end up.
LONGEST_TITLE, LONGEST_SUBJECT, LONGEST_PREHEADER, LONGEST_MESSAGE = 160, 60, 90, 120
NEXT_WORD = ("next_date", "next_time")  # blanks that become the moment of the next word, and stand in no text
LONGEST_KEY, LONGEST_SLUG, LONGEST_NAME = 40, 60, 80

Texts = dict[str, str]


@dataclass(frozen=True)
class Named:
    """A text in every language under a key; `topic` and `why` where there are any."""

    key: str
    text: Texts
    name: str = ""
    topic: str = ""
    why: Texts | None = None


@dataclass(frozen=True)
class Term:
    """A term that each language says in one way."""

    term: Texts
    definition: str


@dataclass(frozen=True)
class BannedWord:
    """A word that is not used; `why` in the language of the word."""

    language: str
    term: str
    say_instead: str
    why: str


@dataclass(frozen=True)
class Blank:
    """What has to be filled in before a holding statement can go."""

    key: str
    kind: str
    label: Texts
    example: Texts

    def named(self) -> str:
        """Return its label in the active language."""
        return in_language(self.label)


@dataclass(frozen=True)
class HoldingStatement:
    """
    A bulletin that is prepared but for its blanks. Of a key message, `hours` is how long it holds. `variants` are its words for the
    channels, {language: {platform: {field: text}}}, and `known`, `not_known` and
    `being_done` its parts beside the text; a template has none of these.
    """

    key: str
    urgency: Urgency
    blanks: list[Blank]
    title: Texts
    subject: Texts
    preheader: Texts
    body: Texts
    key_messages: list[tuple[Named, int]]
    calls_to_action: list[Named]
    topics: list[str]
    variants: dict[str, dict[str, Texts]] = field(default_factory=dict)
    known: Texts = field(default_factory=dict)
    not_known: Texts = field(default_factory=dict)
    being_done: Texts = field(default_factory=dict)

    def named(self) -> str:
        """Return its title in the active language."""
        return in_language(self.title)


@dataclass(frozen=True)
class CrisisTemplate:
    """All of one file."""

    slug: str
    alert_category: str
    name: Texts
    about: Texts
    campaign_name: Texts
    hashtag: Texts
    bulletin_name: Texts
    topics: list[Named]
    glossary: list[Term]
    snippets: list[Named]
    first_questions: list[Named]
    checklist: list[Named]
    banned_words: list[BannedWord]
    ways_to_help: list[Named]
    holding_statements: list[HoldingStatement]

    def named(self) -> str:
        """Return its name in the active language."""
        return in_language(self.name)

    def statement(self, key: str) -> HoldingStatement | None:
        """Return a holding statement by its key."""
        return next((one for one in self.holding_statements if one.key == key), None)


@dataclass(frozen=True)
class Shelf:
    """The templates that can be used, by their slugs, and a sentence about each file that cannot."""

    templates: dict[str, CrisisTemplate]
    faults: list[str]


def shelf(folder: Path = FOLDER) -> Shelf:
    """Return what is in a folder; a broken file keeps no other from being used."""
    found = yaml_shelf.shelf(folder, parse)
    return Shelf(found.usable, found.faults)


def read(slug: str, folder: Path = FOLDER) -> CrisisTemplate:
    """Return a template by its slug, as its file is now. Raise ContentError."""
    return yaml_shelf.read(slug, folder, parse)


def parse(slug: str, folder: Path) -> CrisisTemplate:
    """Return a template. Raise ContentError."""
    name = f"{slug}.yaml"
    top = yaml_item(read_text(folder, name), name, LANGUAGES)
    if top.text("slug", LONGEST_KEY) != slug:
        raise top.fault("slug", f"is {top.get('slug')!r}; the file is called {name}")
    for language, hashtag in top.translated("hashtag", 60).items():
        if not HASHTAG.match(hashtag):
            raise top.item("hashtag").fault(language, "should be a hashtag like #cleanwater")
    topics = named_items(top, "topics", key="slug", text="name")
    slugs = [one.key for one in topics]
    return CrisisTemplate(
        slug=slug,
        alert_category=top.choice("alert_category", Campaign.AlertCategory.values),
        name=top.translated("name", LONGEST_NAME),
        about=top.translated("about", 300),
        campaign_name=top.translated("campaign_name", 100),
        hashtag=top.translated("hashtag", 60),
        bulletin_name=top.translated("bulletin_name", 40),
        topics=topics,
        glossary=[
            Term(one.translated("term", LONGEST_NAME), one.text("definition", 500)) for one in top.items("glossary")
        ],
        snippets=named_items(top, "snippets", named=True),
        first_questions=first_questions(top, slugs),
        checklist=named_items(top, "checklist", why=True),
        banned_words=[banned_word(one) for one in top.items("banned_words")],
        ways_to_help=named_items(top, "ways_to_help"),
        holding_statements=[holding_statement(one, slugs) for one in unique(top.items("holding_statements"), "key")],
    )


# --- Parts -----------------------------------------------------------------------------------------


def unique(items: Iterable[Item], key: str, longest: int = LONGEST_KEY) -> list[Item]:
    """Return items each of which has another key. Raise ContentError."""
    found: dict[str, Item] = {}
    for item in items:
        if (known := found.setdefault(item.text(key, longest), item)) is not item:
            raise item.fault(key, f"is {item.get(key)!r}, which line {known.line} has too")
    return list(found.values())


def named_items(
    top: Item, section: str, *, key: str = "key", text: str = "text", named: bool = False, why: bool = False
) -> list[Named]:
    """Return the texts of a section."""
    return [
        Named(
            key=one.text(key, LONGEST_KEY),
            text=one.translated(text),
            name=one.text("name", LONGEST_NAME) if named else "",
            why=one.translated("why") if why else None,
        )
        for one in unique(top.items(section), key)
    ]


def first_questions(top: Item, topics: list[str]) -> list[Named]:
    """Return the questions that people will ask, each about one of the topics."""
    rows = unique(top.items("first_questions"), "slug", LONGEST_SLUG)
    return [
        Named(one.text("slug", LONGEST_SLUG), one.translated("question", 300), topic=one.choice("topic", topics))
        for one in rows
    ]


def banned_word(item: Item) -> BannedWord:
    """Return a word that is not used."""
    language = item.choice("language", LANGUAGES)
    why = item.translated("why", 300)
    return BannedWord(language, item.text("term", 80), item.text("say_instead", 200), why[language])


def holding_statement(item: Item, topics: list[str]) -> HoldingStatement:
    """Return a prepared bulletin whose every blank is declared, and each declared blank used. Raise ContentError."""
    blanks = [
        Blank(
            one.text("key", LONGEST_KEY),
            one.choice("kind", BLANK_KINDS),
            one.translated("label", LONGEST_NAME),
            one.translated("example", 120),
        )
        for one in unique(item.items("blanks"), "key")
    ]
    messages = []
    for one in unique(item.items("key_messages"), "key"):
        hours = one.number("hours_valid")
        messages.append((Named(one.text("key"), one.translated("text", LONGEST_MESSAGE)), hours or 0))
    statement = HoldingStatement(
        key=item.text("key", LONGEST_KEY),
        urgency=Urgency(item.choice("urgency", Urgency.values)),
        blanks=blanks,
        title=item.translated("title", LONGEST_TITLE),
        subject=item.translated("subject", LONGEST_SUBJECT),
        preheader=item.translated("preheader", LONGEST_PREHEADER),
        body=item.translated("body"),
        key_messages=messages,
        calls_to_action=named_items(item, "calls_to_action"),
        topics=item.choices("topics", topics),
    )
    refuse_other_blanks(item, statement)
    return statement


def refuse_other_blanks(item: Item, statement: HoldingStatement) -> None:
    """Raise ContentError for a blank that a text has and nothing declares, and for one that is declared and nowhere used but for NEXT_WORD."""
    declared = [blank.key for blank in statement.blanks]
    texts = {
        "title": statement.title,
        "subject": statement.subject,
        "preheader": statement.preheader,
        "body": statement.body,
    }
    texts |= {f"key_messages {one.key}": one.text for one, _hours in statement.key_messages}
    texts |= {f"calls_to_action {one.key}": one.text for one in statement.calls_to_action}
    used: set[str] = set()
    for where, text in texts.items():
        for language, words in text.items():
            found = blanks_in(words)
            if other := next((name for name in found if name not in declared), None):
                raise item.fault(where, f"({language}) has the blank {{{other}}}, which blanks does not declare")
            used |= set(found)
    if idle := next((name for name in declared if name not in {*used, *NEXT_WORD}), None):
        raise item.fault("blanks", f"declares {idle!r}, which no text has")
