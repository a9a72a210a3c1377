"""
Reading the scenarios: one file each, `scenarios/<slug>.yaml`, checked before anything of it is played.

What is wrong is a ContentError: one sentence that names the file, the line and the field, and says what to do.
docs/using/campaigns/drills.md says what a file holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from pathlib import Path

from campaigns.translated_fields import in_language
from factcheck.models import Claim, Sighting
from lib import yaml_shelf
from lib.yaml_files import ContentError, Item, read_text, yaml_item
from preparedness.crisis_templates import template_files
from preparedness.crisis_templates.template_files import CrisisTemplate, Texts, unique

FOLDER = Path(__file__).parent / "scenarios"
LANGUAGES = ("fi", "sv", "en")
SHORTEST_MINUTES, LONGEST_MINUTES = 5, 24 * 60
LONGEST_KEY, LONGEST_NAME, LONGEST_TITLE, LONGEST_TEXT = 40, 60, 160, 2000
MOST_EVENTS = 200

INPUT, CLAIM, QUESTION, HARASSMENT = "input", "claim", "question", "harassment"
CORRECTION, LOST_APPROVER, DEAD_RELAY = "correction", "lost_approver", "dead_relay"
PUT_IN, DEALT_WITH = "put_in", "dealt_with"
# What a drill is measured by, in minutes; `findings_missed` is a number of findings.
ONLY_WHERE_ASKED = ("seen_half", "seen_enough")  # where a bulletin asked whether it was seen
MEASURES = (
    *("first_draft", "approved", "first_delivered", "delivered_95", "translation_lag", "findings_missed"),
    *("answered", "recall_50", "recall_90"),
    *ONLY_WHERE_ASKED,
)


@dataclass(frozen=True)
class Submission:
    """What an authority sends in, and the statement of the template with which made-up editors answer it."""

    title: Texts
    body: Texts
    statement: str
    blanks: Mapping[str, Texts]
    wrong: list[Texts]  # passages that must not get into a bulletin


@dataclass(frozen=True)
class Correction:
    """An authority's new version of an earlier submission (`of`): other words for some of its blanks."""

    of: str
    title: Texts
    body: Texts
    blanks: Mapping[str, Texts]
    what_changed: Texts
    share_text: Texts


@dataclass(frozen=True)
class Rumour:
    """A claim that goes round; what made-up fact-checkers find out of it, or for what reason they set it aside."""

    text: Texts
    platform: str
    reach: int
    verdict: str
    rebuttal: Mapping[str, Texts]
    sources: list[Mapping[str, str]]
    set_aside: str


@dataclass(frozen=True)
class FollowerQuestion:
    """What followers ask, how many of them, and how the authority answers it where it is made up."""

    text: Texts
    times: int
    answer: Texts


@dataclass(frozen=True)
class Threat:
    """What an influencer who is harassed writes."""

    words: Texts
    in_danger: bool


@dataclass(frozen=True)
class Outage:
    """For how many minutes an approver is out, or the exercise's mail relay takes nothing."""

    minutes: int


What = Submission | Correction | Rumour | FollowerQuestion | Threat | Outage


@dataclass(frozen=True)
class Event:
    """
    One thing that the scenario puts in. `offset` is when, in seconds from the beginning; None where it comes `wait` seconds
    after another event (`after`) was dealt with, which nobody can plan.
    """

    key: str
    kind: str
    name: Texts
    offset: int | None
    after: str
    wait: int
    what: What

    def named(self) -> str:
        """Return its name in the active language."""
        return in_language(self.name)


@dataclass(frozen=True)
class Scenario:
    """All of one file. `aims` are {measure: what to reach}; `begins` is the time of day that the scenario's clock shows first."""

    slug: str
    version: int
    template: str
    name: Texts
    about: Texts
    begins: time
    minutes: int
    seed: int
    aims: Mapping[str, int]
    events: list[Event]

    def named(self) -> str:
        """Return its name in the active language."""
        return in_language(self.name)

    def event(self, key: str) -> Event:
        """Return an event by its key."""
        return next(one for one in self.events if one.key == key)


def shelf(folder: Path = FOLDER) -> yaml_shelf.Shelf[Scenario]:
    """Return the scenarios of a folder; a broken file keeps no other from being used."""
    return yaml_shelf.shelf(folder, parse_file)


def read(slug: str, folder: Path = FOLDER) -> Scenario:
    """Return a scenario by its slug, as its file is now. Raise ContentError."""
    return yaml_shelf.read(slug, folder, parse_file)


def parse_file(slug: str, folder: Path) -> Scenario:
    """Return the scenario in a folder's file. Raise ContentError."""
    return parse(read_text(folder, f"{slug}.yaml"), f"{slug}.yaml")


@lru_cache(maxsize=64)
def parse(text: str, name: str) -> Scenario:
    """Return the scenario that the text of a file holds. Raise ContentError."""
    top = yaml_item(text, name, LANGUAGES)
    slug = top.text("slug", LONGEST_KEY)
    if f"{slug}.yaml" != name:
        raise top.fault("slug", f"is {slug!r}; the file is called {name}. Give both the same name")
    only(top, "slug version template name about begins minutes seed aims events")
    template = template_of(top)
    minutes = top.number("minutes") or 0
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise top.fault(
            "minutes", f"is {minutes}; a drill lasts {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes. Change it"
        )
    begins = top.clock("begins")
    if begins is None:
        raise top.fault("begins", "is missing: write the time of day that the clock shows first, like '09:00'")
    return Scenario(
        slug=slug,
        version=top.number("version") or 1,
        template=template.slug,
        name=texts(top, "name", LONGEST_NAME),
        about=texts(top, "about", 300),
        begins=begins,
        minutes=minutes,
        seed=top.number("seed") or 0,
        aims=aims_of(top.item("aims")),
        events=events_of(top, template, minutes),
    )


# --- Parts -----------------------------------------------------------------------------------------


def template_of(top: Item) -> CrisisTemplate:
    """Return the crisis template that a scenario goes with. Raise ContentError when there is none."""
    slug = top.text("template", LONGEST_KEY)
    try:
        return template_files.read(slug)
    except ContentError as fault:
        raise top.fault("template", f"is {slug!r}, which cannot be read ({fault}) Name one that can") from fault


def aims_of(item: Item) -> dict[str, int]:
    """Return what is to be reached of each measure."""
    only(item, " ".join(MEASURES))
    return {key: item.number(key) or 0 for key in MEASURES if key in item.data}


def only(item: Item, known: str) -> None:
    """Raise ContentError for a field that nothing reads: it is a slip of the pen."""
    if other := next((key for key in item.data if key not in known.split()), None):
        raise item.fault(other, f"is not known here; known are {', '.join(known.split())}. Remove or rename it")


def texts(item: Item, key: str, longest: int = LONGEST_TEXT) -> Texts:
    """Return {language: text} in every language. Raise ContentError for one that is missing."""
    inner = item.item(key)
    if missing := [language for language in LANGUAGES if not inner.data.get(language)]:
        raise item.fault(key, f"has no text in {', '.join(missing)}. Write it in {', '.join(LANGUAGES)}")
    only(inner, " ".join(LANGUAGES))
    return item.translated(key, longest)


def events_of(top: Item, template: CrisisTemplate, minutes: int) -> list[Event]:
    """Return the events in the order in which they come, each in its time. Raise ContentError."""
    items = unique(top.items("events"), "key")
    if not 1 <= len(items) <= MOST_EVENTS:
        raise top.fault("events", f"has {len(items)}; write 1 to {MOST_EVENTS}")
    by_key = {item.text("key"): item for item in items}
    made: dict[str, What] = {}
    events = []
    for key, item in by_key.items():
        kind = item.choice("kind", list(KINDS))
        fields, read_what = KINDS[kind]
        only(item, f"key kind name at after wait once {fields}")
        made[key] = read_what(item, template)
        events.append(
            Event(
                key=key,
                kind=kind,
                name=texts(item, "name", LONGEST_NAME),
                offset=offset_of(item, by_key, minutes),
                after=str(item.data.get("after", "")),
                wait=60 * minutes_in(item, "wait") if "after" in item.data else 0,
                what=made[key],
            )
        )
    for key, what in made.items():
        if isinstance(what, Correction):
            check_correction(by_key[key], what, made, template)
    if not any(one.kind == INPUT for one in events):
        raise top.fault("events", f"has none of the kind {INPUT}. Add one: without it there is nothing to say")
    return sorted(events, key=lambda one: (one.offset is None, one.offset or 0))


def offset_of(item: Item, by_key: Mapping[str, Item], minutes: int) -> int | None:
    """
    Return when an event comes, in seconds; None where that hangs on what people do. Raise ContentError for one before the
    beginning or after the end, and for one that waits for itself.
    """
    way, waits, one, hangs = [item.text("key")], 0, item, False
    while "at" not in one.data:
        if "after" not in one.data:
            raise one.fault("at", "is missing: say in which minute it comes (at), or after which event (after)")
        before = one.text("after")
        if before not in by_key:
            raise one.fault("after", f"names {before!r}, which no event is called. Name one of {', '.join(by_key)}")
        waits += minutes_in(one, "wait")
        hangs = hangs or ("once" in one.data and one.choice("once", [PUT_IN, DEALT_WITH]) == DEALT_WITH)
        way.append(before)
        if before in way[:-1]:
            loop = " → ".join(way[way.index(before) :])
            raise item.fault("after", f"leads in a loop ({loop}). Let one of them come in a minute of its own (at)")
        one = by_key[before]
    if other := next((key for key in ("after", "wait", "once") if key in one.data), None):
        raise one.fault(other, "stands beside at. Keep one of them")
    offset = minutes_in(one, "at") + waits
    if offset > minutes:
        raise item.fault("at", f"would be minute {offset}, after the end ({minutes}). Let it come earlier")
    return None if hangs else 60 * offset


def minutes_in(item: Item, key: str) -> int:
    """Return a number of minutes. Raise ContentError for a moment before the beginning."""
    value = item.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        raise item.fault(key, f"is {value}, in the past. Count from the drill’s beginning: 0 or more")
    return item.number(key) or 0


# --- What each kind holds ----------------------------------------------------------------------------


def submission(item: Item, template: CrisisTemplate) -> Submission:
    """Return what an authority sends in."""
    key = item.choice("statement", [one.key for one in template.holding_statements])
    return Submission(
        title=texts(item, "title", LONGEST_TITLE),
        body=texts(item, "body"),
        statement=key,
        blanks=blanks_in(item, template, key) if "blanks" in item.data else {},
        wrong=[texts(one, "text", LONGEST_TITLE) for one in item.items("wrong")] if "wrong" in item.data else [],
    )


def blanks_in(item: Item, template: CrisisTemplate, statement: str) -> dict[str, Texts]:
    """Return the words for some blanks of a statement. Raise ContentError for a blank that it does not have."""
    inner, known = item.item("blanks"), template.statement(statement)
    only(inner, " ".join(blank.key for blank in known.blanks) if known else "")
    return {key: texts(inner, key, LONGEST_TITLE) for key in inner.data}


def correction(item: Item, template: CrisisTemplate) -> Correction:
    """Return an authority's new version of a submission; its blanks are checked when all submissions are known."""
    inner = item.item("blanks")
    return Correction(
        of=item.text("of", LONGEST_KEY),
        title=texts(item, "title", LONGEST_TITLE),
        body=texts(item, "body"),
        blanks={key: texts(inner, key, LONGEST_TITLE) for key in inner.data},
        what_changed=texts(item, "what_changed", 300),
        share_text=texts(item, "share_text", 300),
    )


def check_correction(item: Item, what: Correction, made: Mapping[str, What], template: CrisisTemplate) -> None:
    """Raise ContentError for a correction of what is no submission, or of blanks that its statement does not have."""
    corrected = made.get(what.of)
    if not isinstance(corrected, Submission):
        known = ", ".join(key for key, one in made.items() if isinstance(one, Submission))
        raise item.fault("of", f"is {what.of!r}, which is no event of the kind {INPUT}. Name one of {known}")
    blanks_in(item, template, corrected.statement)


def rumour(item: Item, template: CrisisTemplate) -> Rumour:
    """Return a claim: with a rebuttal in every part, or with the reason why nobody checks it."""
    is_aside = "set_aside" in item.data
    return Rumour(
        text=texts(item, "text"),
        platform=item.choice("platform", Sighting.Platform.values),
        reach=item.number("reach") or 0,
        verdict="" if is_aside else item.choice("verdict", Claim.Verdict.values),
        rebuttal={} if is_aside else {part: texts(item, part) for part in REBUTTAL},
        sources=[]
        if is_aside
        else [
            {"publisher": one.text("publisher", 200), "title": one.text("title", 300), "url": one.url("url")}
            for one in item.items("sources")
        ],
        set_aside=item.text("set_aside", 300) if is_aside else "",
    )


def question(item: Item, template: CrisisTemplate) -> FollowerQuestion:
    """Return what followers ask."""
    return FollowerQuestion(texts(item, "text", 300), item.number("times") or 1, texts(item, "answer"))


def threat(item: Item, template: CrisisTemplate) -> Threat:
    """Return what an influencer writes who is harassed."""
    in_danger = item.get("in_danger")
    if not isinstance(in_danger, bool):
        raise item.fault("in_danger", f"is {in_danger!r}. Write true or false")
    return Threat(texts(item, "words"), in_danger)


def outage(item: Item, template: CrisisTemplate) -> Outage:
    """Return how long somebody or something is out."""
    minutes = minutes_in(item, "minutes")
    if not minutes:
        raise item.fault("minutes", "is 0. Say for how many minutes")
    return Outage(minutes)


REBUTTAL = ("fact", "warning", "fallacy", "fact_again")
# {kind: its own fields, how they are read}
KINDS: dict[str, tuple[str, Callable[[Item, CrisisTemplate], What]]] = {
    INPUT: ("title body statement blanks wrong", submission),
    CLAIM: (f"text platform reach verdict {' '.join(REBUTTAL)} sources set_aside", rumour),
    QUESTION: ("text times answer", question),
    HARASSMENT: ("words in_danger", threat),
    CORRECTION: ("of title body blanks what_changed share_text", correction),
    LOST_APPROVER: ("minutes", outage),
    DEAD_RELAY: ("minutes", outage),
}
