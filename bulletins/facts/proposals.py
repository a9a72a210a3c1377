"""The places of a fact as they would read with another value: each of its mentions, and what a person has to look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bulletins.editing.conflicts import token
from campaigns.platforms import platform_limits
from lib.text.facts.fact import Fact, day_of
from lib.text.facts.replacement import Backwards, Unwritable, beside, render
from lib.text.facts.surroundings.agreement import may_disagree
from lib.text.facts.surroundings.citations import is_cited
from lib.text.facts.surroundings.counted_nouns import with_noun
from lib.text.facts.words import calendar as calendar_words
from lib.text.linguistics.sentences import breaks
from lib.text.revisions import word_diff

from . import text_places
from .fact_list import FactRow
from .new_values import AS_TYPED
from .text_places import TextPlace

AROUND = 120  # characters of a line that are shown on each side of a mention


@dataclass(frozen=True, slots=True)
class Mention:
    """
    Words of a text that say a fact, and the words that would say its new value: None where no form of theirs can, and a person
    writes them. What `is_taken` changes unless a person says otherwise; `note` is what to look at, and `is_doubtful` that the
    words around may have to change too.
    """

    key: str
    fact: Fact
    end: int  # of what the words stand for: the noun after a number may follow it
    words: str | None
    is_taken: bool
    note: str
    is_doubtful: bool
    marked: SafeString


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    A text with its mentions of a fact, as it stands and as it would read. `by_hand`: the words of a mention cannot say the new
    value by themselves; `fault`: why the new text has no room. Either way a person writes it.
    """

    place: TextPlace
    mentions: list[Mention]
    after: str
    fault: str

    @property
    def before(self) -> str:
        """The text as it stands."""
        return self.place.text

    @property
    def by_hand(self) -> bool:
        """Whether a mention that changes waits for a person's words."""
        return any(one.is_taken and one.words is None for one in self.mentions)

    @property
    def wants_a_look(self) -> bool:
        """Whether a person has to write the words, or should read them before they change."""
        return bool(self.fault) or self.by_hand or any(one.is_taken and one.is_doubtful for one in self.mentions)

    @property
    def token(self) -> str:
        """The mark of the text that was read."""
        return token(self.before)


def proposals(row: FactRow, value: str, *, today: date, ticks: Mapping[str, bool] | None = None) -> list[Proposal]:
    """
    Return each place of a fact as it would read with another value. `ticks` are {key of a mention: whether it changes} where a
    person has said so.
    """
    limits = platform_limits.current_limits()
    found = []
    for place, facts in row.places:
        mentions = [
            _mention(row, value, place, fact, today, ticks or {}) for fact in sorted(facts, key=lambda one: one.start)
        ]
        text = _with_words(place.text, mentions)
        found.append(Proposal(place, mentions, text, text_places.does_not_fit(place, text, limits)))
    return found


def _mention(row: FactRow, value: str, place: TextPlace, fact: Fact, today: date, ticks: Mapping[str, bool]) -> Mention:
    words, note = _new_words(row, value, place, fact, today)
    end = fact.end
    key = f"{place.key}@{fact.start}.{fact.part}"
    cited, is_doubtful = row.kind != "web" and is_cited(place.text, fact), False  # an address is the source itself
    is_other = fact.kind == row.kind and row.is_other(place, fact, value)
    left = why_left(row, fact, cited=cited, is_other=is_other)
    is_taken = ticks.get(key, not left)
    if left:
        note = left
    elif fact.kind == "weekday":
        note = note or _("This weekday stands alone: it is that of the date as it was.")
    elif words is not None and may_disagree(place.text, fact, _of_kind(value, row.kind, fact)):
        note, is_doubtful = _("The words beside this number may not fit it any more. Reword them below."), True
    if words is not None and (both := with_noun(place.text, fact, words, _of_kind(value, row.kind, fact))):
        words, end = both
    return Mention(key, fact, end, words, is_taken, note, is_doubtful, _shown(place.text, fact.start, end, words))


def why_left(row: FactRow, fact: Fact, *, cited: bool, is_other: bool) -> str:
    """Return why a mention stays until a person ticks it, or ""."""
    if cited:
        return _("It stands in a source. Tick it if the source changes too.")
    if is_other:
        return _("It stands for something else? Tick it if it is meant here too.")
    if fact.kind == "day":
        return _("Today this word means the date as it was. Tick it if it is meant here, or reword it below.")
    if fact.kind == "weekday" and row.rivals:
        says = _("This weekday stands alone, and may be that of %(other)s. Tick it if it is meant here.")
        return says % {"other": ", ".join(row.rivals)}
    return ""


def _new_words(row: FactRow, value: str, place: TextPlace, fact: Fact, today: date) -> tuple[str | None, str]:
    """Return the words of a mention with the new value, or None and why there are none."""
    if row.kind in AS_TYPED:
        return AS_PLACE.get(row.kind, as_typed)(fact.written, value), ""
    if fact.form.language != place.language.partition("-")[0]:
        return None, _("These words cannot take the new value by themselves. Write them below.")
    if fact.kind == "weekday":
        day = day_of(value, row.near)
        if day is None:
            return None, _("The year of this date is not known, and so not its weekday. Write it below.")
        value = calendar_words.WEEKDAYS[day.weekday()]
    if fact.kind == "day":
        value = str((day - today).days) if (day := day_of(value, row.near)) else ""
    try:
        words = render(_of_kind(value, row.kind, fact), fact.form, fact.part, today=row.near)
        return beside(place.text, fact, words), ""
    except Backwards:
        return None, _("This range would end before it begins: change its other end first, or write it below.")
    except Unwritable:
        return None, _("These words cannot take the new value by themselves. Write them below.")


def grouped_as(written: str, number: str) -> str:
    """Return a phone number that was typed without spaces in the groups of another, where it has as many digits."""
    if not number.isdecimal() or len(number) != sum(sign.isdecimal() for sign in written):
        return number
    digits = iter(number)
    return "".join(next(digits) if sign.isdecimal() else sign for sign in written)


def addressed_as(written: str, address: str) -> str:
    """Return an address as another one stands in its place: with the mark-up of a link, and with a scheme where that has one."""
    _scheme, sign, bare = address.rpartition("://")
    if not written.startswith("](") and "://" not in written:
        return bare
    whole = address if sign else ("http://" if "http://" in written else "https://") + bare
    return f"]({whole})" if written.startswith("](") else whole


def as_typed(written: str, value: str) -> str:
    """Return a value as somebody typed it, whatever stood there."""
    return value


AS_PLACE = {"phone": grouped_as, "web": addressed_as}


def _of_kind(value: str, kind: str, fact: Fact) -> str:
    """Return a value as a mention counts it: "over 70" has no years. One in months it cannot say."""
    return value.removesuffix(" y") if kind != fact.kind == "number" else value


def _shown(text: str, start: int, end: int, words: str | None) -> SafeString:
    """Return a mention with the words around it in its line, marked with what changes."""
    before, was = text[:start].rpartition("\n")[2], text[start:end]
    after = text[end:].partition("\n")[0]
    if len(before) > AROUND:
        before = "… " + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + " …"
    if words in {None, was}:
        return format_html("{}<mark>{}</mark>{}", before, was, after)
    return format_html("{}{}{}", before, word_diff.exchanged(was, words or ""), after)


def _with_words(text: str, mentions: Iterable[Mention]) -> str:
    """Return a text in which its mentions say the new value, but for those that are not taken or wait for a person."""
    at = len(text)
    for one in sorted(mentions, key=lambda mention: -mention.fact.start):
        if one.is_taken and one.words is not None and one.end <= at:
            text = text[: one.fact.start] + one.words + text[one.end :]
            at = one.fact.start
    return text


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence of some words begins and ends, or what of it is nearest to them when it is long."""
    between = list(breaks(text))
    begin = max((last for _first, last in between if last <= start), default=0)
    stop = next((first for first, _last in between if first >= end), len(text))
    if start - begin > AROUND:
        begin = text.find(" ", start - AROUND) + 1 or start
    if stop - end > AROUND:
        stop = text.rfind(" ", end, end + AROUND)
        stop = stop if stop > end else end
    return min(begin, start), max(stop, end)
