"""
Which bulletins and fact-checks a text is like, and whether what it says is still what we say. The text is looked at
and forgotten: nothing here writes it anywhere.

It never finds a text to be true. It finds that we published it, and what became of that.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import combinations
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections
from django.db.models import Prefetch, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from bulletins.models import PublishedEdition, Version
from bulletins.reader_view import published_fact_checks
from campaigns.models import Campaign
from factcheck.matching import canonical_urls, similar_claims
from factcheck.models import Claim, Sighting
from lib.http import url_parts
from lib.text import similarity
from lib.text.characters.visible_text import clean
from lib.text.facts.detection import figures_in
from lib.text.facts.fact import Fact, differences
from lib.text.linguistics import lexicon
from lib.text.linguistics.sentences import markdown_sentences
from lib.text.statements import inference_model
from lib.text.statements.comparison import Comparison, normal, with_capitals
from lib.text.statements.inference_model import Relation
from website.models import Passage

from . import value_matches
from .passages import is_over as is_past
from .passages import over_at
from .value_matches import ValueMatch

LONGEST = 5_000  # characters of a text
LONGEST_TYPED = 2 * LONGEST  # with those that nobody sees
SENTENCES = 40  # of a text that are compared
CANDIDATES = 12  # passages that are looked at closely, for each sentence
BULLETINS = 5  # that are shown
FOR_A_SENTENCE = 3  # bulletins
CLAIMS = 3
LINKS = 20
LEAST = 0.5  # likeness from which a sentence is one of ours
LEAST_OF_CLAIM = 0.4
NEIGHBOUR = 0.3  # likeness from which a passage's figures may be meant
WORDS_OF_SENTENCE = 4  # by which SQLite looks for it

WITHDRAWN, SUPERSEDED, ALTERED, EXPIRED, ALIKE, CURRENT = (
    "withdrawn", "superseded", "altered", "expired", "alike", "current"
)  # fmt: skip
WORST_FIRST = (WITHDRAWN, SUPERSEDED, ALTERED, EXPIRED, ALIKE, CURRENT)

_LINK = re.compile(
    r"https?://[^\s<>\"'()]{4,500}|(?<![\w@.])(?:www\.)?(?:[\w-]{1,63}\.){1,4}[a-z]{2,10}/[^\s<>\"'()]{0,400}", re.I
)
_OWN_BULLETIN = re.compile(r"/bulletins/(\d{1,9})/(?:versions/(\d{1,5})/)?")
_OWN_CLAIM = re.compile(r"/facts/([\w-]{1,60})/")
_PART = re.compile(r"(?<=[.!?:…])\s+|\n")
_NUMBERING = re.compile(r"\d{1,2}[.)]")
_END = ".,;:!?…"


@dataclass(frozen=True)
class Line:
    """
    A sentence of the text and what became of what it is like. `now` is what to say instead, "" when nothing holds any
    more; what is CURRENT stands in the bulletin word for word. Of the values of ours the text has those that are the `same`, has
    `theirs` in the place of `ours`, and does not mention those that are `missing`. `guess` is what a model takes it for.
    """

    said: str
    kind: str
    version: int
    language: str
    now: str = ""
    theirs: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    guess: Relation | None = None

    @property
    def is_open(self) -> bool:
        """Return whether a reader has to compare it: no words of ours are to be said instead."""
        return self.kind == ALIKE


@dataclass(frozen=True)
class Match:
    """
    A bulletin that a text is like, or links to. `current` is its newest version, `title` and `language` are of the
    edition that was matched; `linked` is the number of the version that a link leads to.
    """

    versions: Sequence[Version]
    title: str
    language: str
    lines: Sequence[Line] = ()
    linked: int | None = None

    @property
    def current(self) -> Version:
        """The newest version."""
        return self.versions[0]

    @cached_property
    def kind(self) -> str:
        """The worst that was found."""
        kinds = [line.kind for line in self.lines]
        if self.linked is not None:
            kinds.append(SUPERSEDED if self.linked != self.current.number else CURRENT)
        return WITHDRAWN if self.current.is_retracted else min(kinds, key=WORST_FIRST.index)

    @property
    def number(self) -> int:
        """The oldest version that was matched."""
        found = [line.version for line in self.lines] + ([self.linked] if self.linked else [])
        return min(found)

    @property
    def held(self) -> list[Line]:
        """The lines that are in force as they are."""
        return [line for line in self.lines if line.kind == CURRENT]

    @property
    def changes(self) -> list[Version]:
        """The versions after the matched one that say what changed, the oldest first."""
        return [one for one in reversed(self.versions) if one.number > self.number and any(one.what_changed.values())]


@dataclass(frozen=True)
class Recognition:
    """
    What a text was recognised as. Empty means only that we know nothing like it, not that it is true or false.

    `sentences` is how many the text has, `compared` how many of them were looked at; `others` are those that are like
    nothing that we published.
    """

    bulletins: Sequence[Match] = ()
    claims: Sequence[published_fact_checks.Fact] = ()
    sentences: int = 0
    compared: int = 0
    others: Sequence[str] = ()

    def __bool__(self) -> bool:
        """Return whether anything was found."""
        return bool(self.bulletins or self.claims)

    @property
    def is_cut(self) -> bool:
        """Return whether the text has more sentences than were compared."""
        return self.compared < self.sentences

    @property
    def is_whole(self) -> bool:
        """Return whether every sentence of the text is ours and in force."""
        held = {line.said for match in self.bulletins for line in match.held}
        return not (self.others or self.is_cut) and len(held) >= self.sentences


def recognise(campaign: Campaign, text: str, *, at: datetime, language: str | None = None) -> Recognition:
    """
    Return which published bulletins and checked claims of a campaign `text` is like or links to, as they stand at `at`,
    the gravest first. With `language` only passages in it count. Only the first 5,000 characters are looked at.
    """
    text = clean(text[:LONGEST_TYPED])[:LONGEST]
    links = addresses_in(text)
    all_of_it = {words: one for one in _parts(text) if (words := similarity.plain(one)) and not _is_filler(words)}
    said = dict(list(all_of_it.items())[:SENTENCES])
    bulletins, others = _bulletins(campaign, said, links, at=at, language=language)
    matches = value_matches.find(campaign, others, at=at, language=language) if others else []
    bulletins, others = _with_values(campaign, bulletins, others, matches, at=at)
    bulletins = _with_guesses(bulletins)
    claims = _claims(campaign, text, links, at=at, language=language)
    return Recognition(bulletins, claims, len(all_of_it), len(said), others)


def addresses_in(text: str) -> list[str]:
    """Return the web addresses in a text, each once; 20 at most."""
    return list(dict.fromkeys(found[0].rstrip(_END) for found in _LINK.finditer(text)))[:LINKS]


# --- Bulletins ------------------------------------------------------------------------------------------


@dataclass
class _Family:
    """A bulletin with its published versions, the newest first, and their passages by language."""

    versions: list[Version]
    now: dict[str, list[Passage]] = field(default_factory=dict)
    before: dict[str, list[Passage]] = field(default_factory=dict)
    says: dict[str, set[str]] = field(default_factory=dict)  # every sentence in force, as normal() has it
    said: dict[str, set[str]] = field(default_factory=dict)  # and those of the versions before

    def title(self, language: str) -> tuple[str, str]:
        """Return the title in a language, or in any other, and the language; of a withdrawn bulletin none."""
        editions = sorted(self.versions[0].editions.all(), key=lambda one: one.language != language)
        if not editions or self.versions[0].is_retracted:
            return "", ""
        return editions[0].title, editions[0].language

    def expired(self, language: str, *, at: datetime) -> dict[str, str]:
        """Return {key: plain words} of the key messages in force no longer."""
        editions = (one for one in self.versions[0].editions.all() if one.language == language)
        return {key: words for one in editions for key, words in over_at(one, at).items()}

    def replacement_of(self, passage: Passage, language: str, *, at: datetime) -> str:
        """Return what another bulletin says in the place of what a passage says of a key message in force no longer, or ""."""
        for one in self.versions[0].editions.all():
            if one.language == language and one.replaced:
                over = over_at(one, at)
                for key, entry in one.replaced.items():
                    if key in over and is_past(passage, {key: over[key]}):
                        return str(entry["text"])
        return ""


def _bulletins(
    campaign: Campaign, said: dict[str, str], links: Sequence[str], *, at: datetime, language: str | None
) -> tuple[list[Match], list[str]]:
    """Return the bulletins that the sentences, {plain words: as written}, are like or link to, and the other ones."""
    searched = [words for words, one in said.items() if _is_telling(one)] or list(said)[:1]
    candidates = _candidates(campaign, searched, at=at, language=language)
    linked = {int(found[1]): int(found[2] or 0) for link in links if (found := _own(_OWN_BULLETIN, link))}
    wanted = {words: _alike_bulletins(words, candidates) for words in searched}
    families = _families(campaign, {key for keys in wanted.values() for key in keys}, list(linked), candidates, at=at)
    lines = _lines(wanted, said, families, at=at)
    others = _rest(said, families, lines, at=at)
    matches = []
    for key, family in families.items():
        own = sorted(lines.get(key, ()), key=lambda line: WORST_FIRST.index(line.kind))
        number = linked.get(family.versions[0].bulletin.number)
        if own or number is not None:
            language_shown = own[0].language if own else language or campaign.default_language
            matches.append(_match(family, own, number, language_shown))
    matches.sort(key=lambda one: (WORST_FIRST.index(one.kind), -one.current.bulletin.number))
    return matches[:BULLETINS], others


def _lines(
    wanted: dict[str, dict[int, str]], said: dict[str, str], families: dict[int, _Family], *, at: datetime
) -> dict[int, list[Line]]:
    """Return what became of each sentence in each bulletin that it is like; what is certain in one outweighs a guess."""
    lines: dict[int, list[Line]] = {}
    for words, keys in wanted.items():
        became = {key: _line(words, said[words], families[key], spoken, at=at) for key, spoken in keys.items()}
        settled = any(line.kind in {CURRENT, EXPIRED} for line in became.values())
        for key, line in became.items():
            if not (settled and line.kind in {ALTERED, ALIKE}):
                lines.setdefault(key, []).append(line)
    return lines


def _match(family: _Family, lines: list[Line], linked: int | None, language: str) -> Match:
    """Return a bulletin with its lines; `linked` is the version that was linked to, 0 for the bulletin itself."""
    title, spoken = family.title(language)
    latest = family.versions[0].number
    shown = None if linked is None else min(linked or latest, latest)
    return Match(family.versions, title, spoken, lines, shown)


def _rest(
    said: dict[str, str], families: dict[int, _Family], lines: dict[int, list[Line]], *, at: datetime
) -> list[str]:
    """
    Look for what no passage is, mostly short sentences, in the whole of the bulletins that were found: what stands
    there word for word becomes a line of theirs. Return the sentences that are like nothing.
    """
    every = [line for own in lines.values() for line in own]
    known = {line.said for line in every}
    sure = {line.said for line in every if line.kind != ALIKE}
    left = {words: one for words, one in said.items() if one not in sure}
    spoken = {key: {line.language for line in own} for key, own in lines.items()}
    if left:
        _read_all({key: families[key] for key in spoken}, set().union(*spoken.values()))
    others = []
    for words, one in left.items():
        if not _look_up(normal(one), words, one, spoken, families, lines, at=at) and one not in known:
            others.append(one)
    return others


def _look_up(
    exact: str,
    words: str,
    said: str,
    spoken: dict[int, set[str]],
    families: dict[int, _Family],
    lines: dict[int, list[Line]],
    *,
    at: datetime,
) -> bool:
    """
    Look for a sentence word for word in the bulletins, and put where it stands today in the place of its other lines: that
    it is alike elsewhere is no news. Return whether it stands, or stood, in any.
    """
    here = _exact_today(exact, spoken, families)
    if not here:
        return any(exact in families[key].said.get(code, ()) for key, codes in spoken.items() for code in codes)
    for key in spoken:
        lines[key] = [line for line in lines[key] if line.said != said]
    for key, code in here.items():
        lines[key].append(_exact_line(words, said, families[key], code, at=at))
    return True


def _exact_today(exact: str, spoken: dict[int, set[str]], families: dict[int, _Family]) -> dict[int, str]:
    """Return {bulletin: language} of the bulletins in which a sentence stands word for word today."""
    here = {}
    for key, codes in spoken.items():
        code = next((code for code in sorted(codes) if exact in families[key].says.get(code, ())), "")
        if code:
            here[key] = code
    return here


def _exact_line(words: str, said: str, family: _Family, language: str, *, at: datetime) -> Line:
    """Return the line of a sentence that stands word for word in a bulletin."""
    over = {key for key, text in family.expired(language, at=at).items() if words in text}
    replaced = {
        key: entry["text"]
        for one in family.versions[0].editions.all()
        if one.language == language
        for key, entry in one.replaced.items()
    }
    kind, now = (EXPIRED, next((replaced[key] for key in over if key in replaced), "")) if over else (CURRENT, said)
    return Line(said, kind, family.versions[0].number, language, now)


def _read_all(families: dict[int, _Family], languages: set[str]) -> None:
    """Read every sentence of the bulletins in some languages; one query."""
    versions = {version.pk: (key, version is family.versions[0] and not version.is_retracted)
                for key, family in families.items() for version in family.versions}  # fmt: skip
    for edition in PublishedEdition.objects.filter(version__in=versions, language__in=languages).defer("html"):
        key, is_now = versions[edition.version_id]
        known = families[key].says if is_now else families[key].said
        content = edition.content
        texts = [edition.title, edition.lead, edition.asserted, *content.get("calls_to_action", [])]
        texts += [message.get("text") for message in content.get("key_messages", [])]
        for variant in content.get("variants", []):
            texts += [variant.get("title"), variant.get("caption"), variant.get("script")]
        found = {normal(part) for text in texts if text for part in _parts(clean(text))}
        known.setdefault(edition.language, set()).update(found)


def _parts(text: str) -> list[str]:
    """Return the sentences of a text, each once, and after them what has figures only: "500 €!"."""
    bare = [
        part.strip() for part in _PART.split(text) if any(map(str.isdigit, part)) and not any(map(str.isalpha, part))
    ]
    return list(dict.fromkeys([*markdown_sentences(text), *(part for part in bare if not _NUMBERING.fullmatch(part))]))


def _is_telling(sentence: str) -> bool:
    """Return whether a sentence is long enough to be known by."""
    return len(sentence.split()) > 2 or len(sentence) > 15


def _is_filler(words: str) -> bool:
    """Return whether a plain sentence only greets or asks for attention."""
    return all(any(word in fillers for fillers in lexicon.FILLERS.values()) for word in words.split())


def _candidates(campaign: Campaign, said: Sequence[str], *, at: datetime, language: str | None) -> list[Passage]:
    """Return the passages of published versions that are most alike any of the sentences."""
    rows = Passage.objects.filter(edition__version__bulletin__campaign=campaign, edition__version__published_at__lte=at)
    if language:
        rows = rows.filter(edition__language=language)
    # Sentence by sentence: one that stands in every bulletin must not push out what only one of them says.
    near = [
        key
        for words in said
        for key, _score in similarity.closest(_narrowed(rows, words), "words", words, limit=CANDIDATES, least=LEAST)
    ]
    found = Passage.objects.filter(pk__in=near)
    return list(found.select_related("edition__version").defer("edition__html", "edition__body", "edition__content"))


def _narrowed(rows: QuerySet[Passage], words: str) -> QuerySet[Passage]:
    """Return the rows that share two of a sentence's long words, where no index would find what is alike."""
    if connections[rows.db].vendor == "postgresql":
        return rows
    telling = sorted(set(words.split()), key=len)[-WORDS_OF_SENTENCE:]
    holds = {word: Q(GreaterThan(StrIndex("words", Value(word)), 0)) for word in telling}
    chosen = Q()
    for one, other in combinations(telling, 2):
        chosen |= holds[one] & holds[other]
    return rows.filter(chosen or Q(words=words))


def _alike_bulletins(words: str, candidates: Sequence[Passage]) -> dict[int, str]:
    """Return {key of a bulletin: language of the passage} for those that a sentence is most alike."""
    scores: dict[int, tuple[float, int, str]] = {}
    for passage in candidates:
        score = similarity.likeness(words, passage.words)
        version = passage.edition.version
        if score >= LEAST and score > scores.get(version.bulletin_id, (0.0,))[0]:
            scores[version.bulletin_id] = (score, version.pk, passage.edition.language)
    best = max((score for score, *_rest in scores.values()), default=0.0)
    ranked = sorted(scores.items(), key=lambda item: item[1][:2], reverse=True)
    return {key: spoken for key, (score, _newer, spoken) in ranked[:FOR_A_SENTENCE] if score >= best - 0.15}


def _families(
    campaign: Campaign, keys: set[int], numbers: Sequence[int], candidates: Sequence[Passage], *, at: datetime
) -> dict[int, _Family]:
    """Return the bulletins with their published versions and passages; three queries."""
    short = PublishedEdition.objects.defer("html", "body")
    versions = (
        Version.objects.published(at=at)
        .filter(Q(bulletin__in=keys) | Q(bulletin__number__in=numbers), bulletin__campaign=campaign)
        .select_related("bulletin")
        .prefetch_related(Prefetch("editions", short))
        .order_by("-number")
    )
    families: dict[int, _Family] = {}
    for version in versions:
        families.setdefault(version.bulletin_id, _Family([])).versions.append(version)
    known = {
        edition.pk: (family, version is family.versions[0], edition.language)
        for family in families.values()
        for version in family.versions
        for edition in version.editions.all()
    }
    spoken = {passage.edition.language for passage in candidates}
    for passage in (
        Passage.objects.filter(edition__in=known, edition__language__in=spoken, edition__version__bulletin__in=keys)
        .select_related("edition__version")
        .defer("edition__html", "edition__body", "edition__content")
    ):
        family, is_now, code = known[passage.edition_id]
        (family.now if is_now else family.before).setdefault(code, []).append(passage)
    return families


def _line(words: str, said: str, family: _Family, language: str, *, at: datetime) -> Line:
    """Return what became of what a sentence is like, in one bulletin."""
    now, score_now = _best(words, family.now.get(language, ()))
    old, score_old = _best(words, family.before.get(language, ()))
    newest = family.versions[0].number
    of_old = old.edition.version.number if old else newest
    if family.versions[0].is_retracted:
        return Line(said, WITHDRAWN, of_old, language)
    is_over = now is not None and is_past(now, family.expired(language, at=at))
    instead = _instead(now, score_now, is_over=is_over)
    if now is not None and is_over:
        instead = family.replacement_of(now, language, at=at)
    if now is not None and normal(now.text) == normal(said):
        return Line(said, EXPIRED if is_over else CURRENT, newest, language, instead)
    if old is not None and old.words == words and (now is None or now.words != words):
        return Line(said, SUPERSEDED, of_old, language, instead)
    if old is not None and (now is None or _is_nearer(score_old, score_now)):
        return Line(said, SUPERSEDED, of_old, language, instead)
    assert now is not None
    return _line_now(words, said, family, language, now, is_over=is_over, instead=instead, of_old=of_old)


def _is_nearer(old: float, now: float) -> bool:
    """Return whether a sentence is clearly more like what was said before than like anything that is said now."""
    return now < LEAST and old > now + 0.15


def _instead(now: Passage | None, score: float, *, is_over: bool) -> str:
    """Return the words in force that stand where a sentence stood, "" when none are near enough."""
    return now.text if now is not None and score >= NEIGHBOUR and not is_over else ""


def _line_now(
    words: str, said: str, family: _Family, language: str, now: Passage, *, is_over: bool, instead: str, of_old: int
) -> Line:
    """Return what became of a sentence that is like a passage in force, by its values."""
    newest, passages = family.versions[0].number, family.now.get(language, ())
    theirs, ours = figures_in(with_capitals(said, language), language), figures_in(now.text, language)
    extra = differences(theirs, _figures(words, passages, language))[0]
    lacking, same = differences(ours, theirs)[0], [one for one in ours if any(one.matches(other) for other in theirs)]
    if extra:
        unknown = differences(extra, _figures(words, family.before.get(language, ()), language))[0]
        if not unknown:
            return Line(said, SUPERSEDED, of_old, language, instead)
        return Line(
            said, ALTERED, newest, language, instead, _written(unknown), ours=_written(lacking), same=_written(same)
        )
    kind = EXPIRED if is_over else ALIKE
    return Line(said, kind, newest, language, instead, same=_written(same), missing=_written(lacking))


def _best(words: str, passages: Iterable[Passage]) -> tuple[Passage | None, float]:
    """Return the passage that is most alike, of equals the one of the newest version, and how much it is."""
    scored = [
        (similarity.likeness(words, one.words), one.words == words, one.edition.version.number, one) for one in passages
    ]
    best = max(scored, key=lambda one: one[:3], default=None)
    return (best[3], best[0]) if best else (None, 0.0)


def _figures(words: str, passages: Iterable[Passage], language: str) -> list[Fact]:
    """Return the figures of all passages that a sentence may have been put together from."""
    near = [one.text for one in passages if similarity.likeness(words, one.words) >= NEIGHBOUR]
    return [figure for text in near for figure in figures_in(text, language)]


def _written(figures: Iterable[Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(figure.written for figure in figures))


# --- What has our values in other words ------------------------------------------------------------------


def _with_values(
    campaign: Campaign, matches: list[Match], others: list[str], found: Sequence[ValueMatch], *, at: datetime
) -> tuple[list[Match], list[str]]:
    """Return the bulletins with sentences that have values of theirs, or others in their place, and the rest of the sentences."""
    if not found:
        return matches, others
    by_key = {match.current.bulletin_id: match for match in matches}
    lacking = {one.bulletin for one in found} - by_key.keys()
    families = _families(campaign, lacking, [], [], at=at) if lacking else {}
    by_key |= {key: Match(family.versions, *family.title(found[0].language)) for key, family in families.items()}
    for one in found:
        match = by_key[one.bulletin]
        lines = sorted([*match.lines, _line_of_values(one, match)], key=lambda line: WORST_FIRST.index(line.kind))
        by_key[one.bulletin] = replace(match, lines=lines)
    said = {one.said for one in found}
    matches = sorted(by_key.values(), key=lambda one: (WORST_FIRST.index(one.kind), -one.current.bulletin.number))
    return matches[:BULLETINS], [one for one in others if one not in said]


def _line_of_values(one: ValueMatch, match: Match) -> Line:
    """Return the line of a sentence that has values of a bulletin's."""
    values: Comparison = one.values
    return Line(
        one.said,
        ALTERED if values.other else ALIKE,
        match.current.number,
        one.language,
        one.ours,
        theirs=tuple(dict.fromkeys(value.theirs for value in values.other)),
        ours=tuple(dict.fromkeys(value.ours for value in values.other)),
        same=tuple(dict.fromkeys(value.ours for value in values.same)),
        missing=tuple(dict.fromkeys(value.ours for value in values.missing)),
    )


def _with_guesses(matches: list[Match]) -> list[Match]:
    """Return the bulletins with what a model, if there is one, takes sentences for that are in other words than ours."""
    asked = [line for match in matches for line in match.lines if line.kind in {ALIKE, ALTERED} and line.now]
    answers = inference_model.infer([(line.now, line.said) for line in asked]) if asked else []
    guesses = {
        (line.said, line.now): relation
        for line, relation in zip(asked, answers, strict=True)
        if relation in {Relation.CONTRADICTION, Relation.ENTAILMENT}
    }
    return [
        replace(match, lines=[replace(line, guess=guesses.get((line.said, line.now))) for line in match.lines])
        for match in matches
    ]


# --- Claims -----------------------------------------------------------------------------------------------


def _claims(
    campaign: Campaign, text: str, links: Sequence[str], *, at: datetime, language: str | None
) -> list[published_fact_checks.Fact]:
    """Return the fact-checks that the text is like, links to, or whose claim was seen at an address in it."""
    near = similar_claims.closest_claims(campaign, text, language=language, limit=CLAIMS, visible_only=True)
    keys = [match.claim.pk for match in near if match.score >= LEAST_OF_CLAIM]
    if links:
        slugs = [found[1] for link in links if (found := _own(_OWN_CLAIM, link))]
        seen = Sighting.objects.filter(url_key__in=[key for link in links if (key := canonical_urls.url_key(link))])
        there = Claim.objects.filter(Q(pk__in=seen.values("claim")) | Q(slug__in=slugs), campaign=campaign)
        keys += there.values_list("pk", flat=True)[:LINKS]
    return published_fact_checks.facts_of(list(dict.fromkeys(keys)), at=at)[: 2 * CLAIMS]


def _own(pattern: re.Pattern[str], link: str) -> re.Match[str] | None:
    """Return what an address on this site leads to, None for addresses elsewhere."""
    parts = url_parts.parts_of(link if "//" in link[:8] else f"//{link}")
    if parts is None or parts.netloc.lower() != urlsplit(settings.PUBLIC_URL).netloc.lower():
        return None
    return pattern.search(f"{parts.path}/".replace("//", "/"))
