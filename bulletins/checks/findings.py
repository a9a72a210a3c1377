"""One thing to fix, and what the rules look at."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from textwrap import shorten

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bulletins.media import subtitle_words
from bulletins.models import (
    SITUATION,
    Asset,
    Bulletin,
    CallToAction,
    Edition,
    FactChange,
    KeyMessage,
    LinkCheck,
    MessageInput,
    Override,
    Parts,
    PublishedEdition,
    Target,
    Tone,
)
from campaigns.models import BannedTerm, Campaign, PlatformLimit, ReadingLevel
from factcheck.models import Claim
from lib.text.languages.languages import language_heading as language_name

STOPS, ADVICE, STANDS = "stops", "advice", "stands"
FIRST_WORDS = 40  # characters by which a key message is known


@dataclass(frozen=True)
class Finding:
    """
    One thing to fix, in the user's language: `where` it is, what it `says`, how to `mend` it.

    `level` is STOPS (blocks approval), ADVICE (does not), or STANDS: it would stop, but someone let it stand.
    `place` names the field ("edition:sv:body", in easy language "edition:sv-easy:body"). `found` is what was found, in no language: `key` is made of it, so
    that the word to let it stand ends when something else is found there. `replace` is (wrong, right) where exchanging
    the words is all there is to do; `update` the key of the submission whose news are to be looked at. `alike` is in how many key
    messages the same is found that may be kept as is (alike.py), 0 unless in several.
    """

    level: str
    code: str
    where: str
    says: str
    mend: str = ""
    place: str = ""
    found: str = ""
    overridable: bool = False
    replace: tuple[str, str] | None = None
    override: Override | None = field(default=None, compare=False)
    update: int = 0
    alike: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.where}: {self.says} {self.mend}".strip()

    @cached_property
    def key(self) -> str:
        """Sixteen hex digits that stay the same while the same thing is found in the same place."""
        return hashlib.sha256(f"{self.code}\n{self.place}\n{self.found}".encode()).hexdigest()[:16]

    def is_in(self, code: str) -> bool:
        """Return whether it was found in a language."""
        return f":{code}:" in f"{self.place}:" or (self.place.startswith("asset:") and self.found == code)

    @property
    def anchor(self) -> str:
        """The id of the field on the compose page, or ""."""
        if self.code == "missing-alt" and self.place.startswith("asset:"):
            return f"at-{self.place.replace(':', '-')}-alt-{self.found}"
        return f"at-{self.place.replace(':', '-')}" if self.place else ""


@dataclass
class Workspace:
    """
    All that the rules look at: a bulletin with everything around it, read once. `at` is the moment that counts, `points`
    are those of the checklist (checklist.points_of). It goes out in `languages`, and in those of `later` when it is ready in them.
    """

    bulletin: Bulletin
    at: datetime
    campaign: Campaign
    languages: list[str]
    editions: list[Edition]
    messages: list[KeyMessage]
    actions: list[CallToAction]
    assets: list[Asset]
    targets: list[Target]
    inputs: list[MessageInput]
    claims: list[Claim]
    overrides: list[Override]
    banned: list[BannedTerm]
    limits: dict[tuple[str, str], PlatformLimit]
    parts: Parts
    points: dict[str, tuple[str, str]]
    later: list[str] = field(default_factory=list)
    has_cards: bool = False
    checks: dict[str, LinkCheck] = field(default_factory=dict)
    all_changes: list[FactChange] = field(default_factory=list)
    earlier: list[PublishedEdition] = field(default_factory=list)
    earlier_subjects: dict[tuple[str, str], str] = field(default_factory=dict)
    overtakes: list[tuple[KeyMessage, tuple[str, int, str]]] = field(default_factory=list)

    @cached_property
    def changes(self) -> list[FactChange]:
        """The changes of facts in this version that were not undone, the last one first."""
        return [one for one in self.all_changes if one.undone_at is None]

    @cached_property
    def original(self) -> Edition | None:
        """The edition that the others are translated from."""
        return next((one for one in self.standard if one.language == self.bulletin.original_language), None)

    @cached_property
    def standard(self) -> list[Edition]:
        """The editions at the usual reading level."""
        return [one for one in self.editions if one.reading_level == ReadingLevel.STANDARD]

    @cached_property
    def written_in(self) -> list[str]:
        """The languages that have an edition, each once."""
        return list(dict.fromkeys(edition.language for edition in self.editions))

    @cached_property
    def texts(self) -> list[tuple[str, str, str, str]]:
        """(language, where, place, text) of every text that people read; `where` is in the language of the first to ask."""
        return list(texts_of(self))


def texts_of(desk: Workspace) -> Iterator[tuple[str, str, str, str]]:
    """Give (language, where, place, text) of every text that people read."""
    for edition in desk.editions:
        for name in ("title", "subject", "preheader", *SITUATION, "body"):
            yield edition.language, in_edition(edition, name), at_edition(edition, name), getattr(edition, name)
        for variant in edition.variants.all():
            where = f"{language_name(edition.language)}, {variant.get_platform_display()}"
            for name in ("title", "caption", "script", "alt_text"):
                place = f"variant:{edition.language}:{variant.platform}:{name}"
                yield edition.language, where, place, getattr(variant, name)
    for message in desk.messages:
        for code, text in going_out(desk, message.text):
            yield code, of_message(message, code), f"message:{message.pk}:{code}", text
        for tone, texts in message.tones.items():
            for code, text in going_out(desk, texts):
                yield code, of_tone(message, tone, code), at_tone(message, tone, code), text
    for action in desk.actions:
        for code, text in going_out(desk, action.text):
            yield code, of_action(action, code), f"action:{action.pk}:{code}", text
    for asset in desk.assets:
        yield from in_asset(asset, desk.assets)


def in_asset(asset: Asset, among: Iterable[Asset]) -> Iterator[tuple[str, str, str, str]]:
    """Give (language, where, place, text) of the texts of a file that is one of some, and of those in it: its subtitles."""
    for texts in (asset.title, asset.alt_text):
        for code, text in texts.items():
            yield code, f"{language_name(code)}, {asset}", f"asset:{asset.pk}", text
    if (words := subtitle_words.words_of(asset)) and asset.language:
        yield asset.language, of_subtitles(asset, among), f"asset:{asset.subtitles_of_id or asset.pk}", words


def going_out(desk: Workspace, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give (language, text) of a text in the languages in which it goes out now."""
    return ((code, text) for code, text in texts.items() if code not in desk.later)


FIELDS = {
    "title": lambda: _("title"),
    "subject": lambda: _("subject"),
    "preheader": lambda: _("preheader"),
    "body": lambda: _("text"),
    "known": lambda: _("what is known"),
    "not_known": lambda: _("what is not known yet"),
    "being_done": lambda: _("what is being done"),
}


def in_edition(edition: Edition, name: str = "") -> str:
    """Return where in the bulletin an edition's field is, for people."""
    language = language_name(edition.language)
    if edition.reading_level != ReadingLevel.STANDARD:
        language = f"{language} ({edition.get_reading_level_display()})"
    return f"{language}, {FIELDS[name]()}" if name else language


def at_edition(edition: Edition, name: str) -> str:
    """Return the place of an edition's field: "edition:sv:body", "edition:sv-easy:body"."""
    level = "" if edition.reading_level == ReadingLevel.STANDARD else f"-{edition.reading_level}"
    return f"edition:{edition.language}{level}:{name}"


def edition_at(place: str) -> tuple[str, str]:
    """Return the language and the reading level of the edition that a place names: of "edition:sv-easy:body", ("sv", "easy")."""
    subject = place.split(":")[1]
    for level in ReadingLevel.values:
        if subject.endswith(f"-{level}"):
            return subject.removesuffix(f"-{level}"), level
    return subject, ReadingLevel.STANDARD


def of_message(message: KeyMessage, language: str = "") -> str:
    """Return which key message it is, for people: by its number and its first words."""
    return _with_words(message_number(message, language), message.text, language)


def of_tone(message: KeyMessage, tone: str, language: str) -> str:
    """Return which tone of a key message it is, for people."""
    return _with_words(tone_number(message, tone, language), message.tones.get(tone, {}), language)


def of_action(action: CallToAction, language: str = "") -> str:
    """Return which call to action it is, for people, as a key message."""
    return _with_words(action_number(action, language), action.text, language)


def of_subtitles(asset: Asset, among: Iterable[Asset]) -> str:
    """Return which subtitles these are, for people: by their video, if it is among some assets."""
    video = next((one for one in among if one.pk == asset.subtitles_of_id), asset)
    return f"{language_name(asset.language)}, {video}, {Asset.Kind.SUBTITLES.label}"


def message_number(message: KeyMessage, language: str = "") -> str:
    """Return which key message it is, for people who see its words: "Finnish, key message 2"."""
    return _in_language(_("Key message %(number)s") % {"number": message.number}, language)


def tone_number(message: KeyMessage, tone: str, language: str) -> str:
    """Return which tone of a key message it is, for people who see its words."""
    return f"{message_number(message, language)}, {Tone(tone).label}"


def action_number(action: CallToAction, language: str = "") -> str:
    """Return which call to action it is, for people who see its words."""
    return _in_language(_("Call to action %(number)s") % {"number": action.number}, language)


def at_tone(message: KeyMessage, tone: str, language: str) -> str:
    """Return the place of a key message's words in another tone."""
    return f"message:{message.pk}:{language}:{tone}"


def _in_language(where: str, language: str) -> str:
    return f"{language_name(language)}, {where[0].lower()}{where[1:]}" if language else where


def _with_words(where: str, texts: Mapping[str, str], language: str) -> str:
    """Return a place with the first words that stand there, in the language that is meant, else the reader's, else any."""
    order = [language] if language else [get_language() or "", *texts]
    words = shortened(next((texts[code] for code in order if texts.get(code, "").strip()), ""), FIRST_WORDS)
    return _("%(where)s: “%(words)s”") % {"where": where, "words": words} if words else where


def shortened(text: str, most: int) -> str:
    """Return the first words of a text, of a very long word its beginning."""
    short = shorten(text, most, placeholder=" …")
    return f"{text[:most]}…" if short == " …".strip() else short
