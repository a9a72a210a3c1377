"""What a reader gets: published words only, in the reader's language where there is an edition in it."""

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from accounts.models import User
from campaigns.fields import in_language
from campaigns.models import Campaign, ReadingLevel
from factcheck.models import Claim, ClaimVersion

from . import answering, carding, filing, videos
from .models import (
    Answer,
    AnswerVersion,
    Asset,
    Bulletin,
    Card,
    InputStep,
    MessageInput,
    Package,
    PublishedEdition,
    Version,
)

OLDER_ON_FRONT_PAGE = 5
CLAIMS_ON_FRONT_PAGE = 4
ANSWERS_ON_FRONT_PAGE = 3
RESERVED_HOSTS = ("example", "invalid", "test", "localhost")


class KeyMessage(NamedTuple):
    """A published key message; `valid_until` is an aware moment or None for "until further notice"."""

    key: str
    text: str
    source_name: str
    source_url: str
    valid_until: datetime | None


class Source(NamedTuple):
    """Where published words come from; `url` may be ""."""

    name: str
    url: str


@dataclass(frozen=True)
class Reading:
    """
    A version as one reader sees it. `is_substitute` tells that `edition` is not in the reader's language.

    `key_messages` hold at the moment of reading; `expired` no longer do. `other_level` is the other reading level
    that there is in the same language, or "".
    """

    version: Version
    edition: PublishedEdition
    is_substitute: bool
    key_messages: list[KeyMessage]
    expired: list[KeyMessage]
    sources: list[Source]
    other_level: str

    @property
    def bulletin(self) -> Bulletin:
        """The bulletin that this is a version of."""
        return self.version.bulletin

    @property
    def actions(self) -> list[str]:
        """What to do, in words."""
        return [text for text in self.edition.content.get("calls_to_action", []) if text]

    @property
    def claims(self) -> list[Any]:
        """The keys of the fact-checks that were published with it."""
        return self.edition.content.get("claims", [])


@dataclass(frozen=True)
class Fact:
    """
    A fact-check as it stands at a moment. Of a paused or withdrawn one nothing is to be passed on. `changed_at` is when
    its verdict became another one than a reader knew, None when it is the same.
    """

    STANDING, PAUSED, WITHDRAWN, OVER = "standing", "paused", "withdrawn", "over"

    version: ClaimVersion
    state: str
    changed_at: datetime | None = None


@dataclass(frozen=True)
class AnswerReading:
    """
    A version of an answer as readers see it; the words of a withdrawn one are gone. `transcripts` are {language code:
    what is said in its video}; `film` is the stored name of a video of ours, `link` the address of one elsewhere.
    """

    answer: Answer
    version: AnswerVersion
    transcripts: dict[str, str]
    is_over: bool
    is_withdrawn: bool
    is_corrected: bool
    film: str
    link: str
    is_public: bool

    @property
    def has_video(self) -> bool:
        """Tell whether there is a video to watch."""
        return bool(self.film or self.link)

    @property
    def film_type(self) -> str:
        """The media type of a video of ours."""
        return videos.TYPES.get(posixpath.splitext(self.film)[1].lower(), "video/mp4")

    @property
    def source(self) -> Source | None:
        """Where the answer can be read, in the active language."""
        name = in_language(self.version.content.get("source_name") or {})
        url = in_language(self.version.content.get("source_url") or {})
        return Source(name or url, url) if name or url else None


@dataclass(frozen=True)
class FrontPage:
    """What the front page shows; `withdrawn` are retractions that are newer than the newest bulletin's words."""

    newest: Reading | None = None
    withdrawn: list[Version] = field(default_factory=list)
    older: list["Reading | Version"] = field(default_factory=list)
    claims: Sequence[ClaimVersion] = ()
    answers: Sequence[Answer] = ()


def key_messages(edition: PublishedEdition) -> list[KeyMessage]:
    """Return the key messages of a published edition, leaving out those without words in its language."""
    return [
        KeyMessage(
            key=item.get("key", ""),
            text=item["text"],
            source_name=item.get("source_name") or "",
            source_url=item.get("source_url") or "",
            valid_until=datetime.fromisoformat(item["valid_until"]) if item.get("valid_until") else None,
        )
        for item in edition.content.get("key_messages", [])
        if item.get("text")
    ]


def choose(
    version: Version, *, language: str, fallback: str, level: str = ReadingLevel.STANDARD
) -> PublishedEdition | None:
    """
    Return the edition for a reader of `language`: at the wanted reading level, else at the other one, else in
    the language `fallback`, else any. None only when the version has no edition.
    """
    editions = list(version.editions.all())
    for code in (language, fallback):
        for wanted in (level, ReadingLevel.STANDARD, ReadingLevel.EASY):
            for edition in editions:
                if edition.language == code and edition.reading_level == wanted:
                    return edition
    return editions[0] if editions else None


def read(
    version: Version, *, language: str, fallback: str, at: datetime, level: str = ReadingLevel.STANDARD
) -> Reading | None:
    """Return `version` (with its editions at hand) as a reader of `language` sees it at `at`."""
    edition = choose(version, language=language, fallback=fallback, level=level)
    if edition is None:
        return None
    messages = key_messages(edition)
    levels = {other.reading_level for other in version.editions.all() if other.language == edition.language}
    return Reading(
        version=version,
        edition=edition,
        is_substitute=edition.language != language,
        key_messages=[message for message in messages if not message.valid_until or message.valid_until > at],
        expired=[message for message in messages if message.valid_until and message.valid_until <= at],
        sources=list(
            dict.fromkeys(
                Source(item.source_name or item.source_url, item.source_url)
                for item in messages
                if item.source_name or item.source_url
            )
        ),
        other_level=next(iter(levels - {edition.reading_level}), ""),
    )


def read_all(versions: Sequence[Version], *, language: str, fallback: str, at: datetime) -> list[Reading | Version]:
    """Return each version as its reader sees it; a withdrawn one, whose words are gone, stays a bare Version."""
    rows: list[Reading | Version] = []
    for version in versions:
        reading = None if version.is_retracted else read(version, language=language, fallback=fallback, at=at)
        rows.append(reading or version)
    return rows


def listed(campaign: Campaign, *, at: datetime) -> QuerySet[Version]:
    """Return the current versions of a campaign for lists: with their editions, without the long texts."""
    short = PublishedEdition.objects.defer("html", "body")
    return Version.objects.current(campaign, at=at).prefetch_related(Prefetch("editions", short))


def versions_of(campaign: Campaign, number: int, *, at: datetime) -> list[Version]:
    """Return the published versions of bulletin `number`, the newest first; [] when nothing of it is published."""
    return list(
        Version.objects.published(at=at)
        .filter(bulletin__campaign=campaign, bulletin__number=number)
        .select_related("bulletin")
        .prefetch_related("editions")
        .order_by("-number")
    )


def latest_facts(campaign: Campaign) -> QuerySet[ClaimVersion]:
    """Return the fact-checks that stand, the latest checked first."""
    facts = ClaimVersion.objects.standing().filter(claim__campaign=campaign).select_related("claim")
    return facts.order_by("-checked_on", "-claim")


def claims_with(reading: Reading, *, at: datetime) -> list[Fact]:
    """Return the fact-checks that were published with a version, as they stand at `at`; two queries."""
    return facts_of(reading.claims, at=at, since=reading.version.published_at)


def facts_of(keys: Sequence[int], *, at: datetime, since: datetime | None = None) -> list[Fact]:
    """
    Return the fact-checks of these claims as they stand at `at`, in this order; a claim that was found to be the same
    as another has that one's. Those that nobody may read yet are left out. Two queries.
    """
    found = Claim.objects.filter(pk__in=keys).select_related("standing", "duplicate_of__standing")
    main = {one.pk: one.duplicate_of or one for one in found}
    claims = list(dict.fromkeys(main[key] for key in keys if key in main and main[key].standing_id))
    earlier: dict[int, str] = {}
    if since is not None:
        before = ClaimVersion.objects.filter(claim__in=claims, published_at__lte=since).order_by("number")
        earlier = dict(before.values_list("claim", "verdict"))
    return [_fact(claim, earlier.get(claim.pk), at=at) for claim in claims]


def moved_since(bulletin: Bulletin, *, at: datetime) -> list[Fact]:
    """Return the fact-checks of a published bulletin that no longer say what they said when it went out."""
    newest = bulletin.versions.published(at=at).order_by("-number").prefetch_related("editions").first()
    if newest is None or newest.is_retracted:
        return []
    keys = dict.fromkeys(key for edition in newest.editions.all() for key in edition.content.get("claims", []))
    facts = facts_of(list(keys), at=at, since=newest.published_at)
    return [fact for fact in facts if fact.state != Fact.STANDING or fact.changed_at]


def _fact(claim: Claim, before: str | None, *, at: datetime) -> Fact:
    """Return a fact-check as it stands; `before` is the verdict that a reader knew."""
    version = claim.standing
    assert version is not None
    version.claim = claim  # so that its address costs no query
    if claim.status == Claim.Status.WITHDRAWN or version.kind == ClaimVersion.Kind.WITHDRAWAL:
        state = Fact.WITHDRAWN
    elif claim.paused_at:
        state = Fact.PAUSED
    else:
        state = Fact.OVER if version.is_over(at=at) else Fact.STANDING
    changed = before is not None and before != version.verdict
    return Fact(version, state, changed_at=version.published_at if changed else None)


def answers_of(campaign: Campaign, *, at: datetime) -> QuerySet[Answer]:
    """Return the answers of a campaign that everybody may read, with their questions and authorities."""
    answers = Answer.objects.published(at=at).filter(answering.public(at=at), group__campaign=campaign)
    return answers.select_related("group", "authority")


def listed_answers(campaign: Campaign, *, at: datetime) -> QuerySet[Answer]:
    """Return the same for the public list, the withdrawn among them."""
    answers = Answer.objects.filter(answering.public(at=at), group__campaign=campaign)
    return answers.select_related("standing", "group", "authority").order_by("-standing__published_at", "-pk")


def answer_versions(campaign: Campaign, slug: str, *, at: datetime) -> list[AnswerVersion]:
    """Return the versions of an answer that everybody may read, the newest first; [] when there is none. Two queries."""
    answer = listed_answers(campaign, at=at).filter(group__slug=slug).first()
    if answer is None:
        return []
    versions = list(answer.versions.filter(published_at__lte=at).order_by("-number"))
    for version in versions:
        version.answer = answer  # so that it costs no query
    return versions


def is_gone(version: AnswerVersion, versions: Iterable[AnswerVersion]) -> bool:
    """Tell whether the words of one of an answer's versions are gone: a later one has withdrawn it. As `not_withdrawn`."""
    return any(one.kind == AnswerVersion.Kind.WITHDRAWAL and one.number > version.number for one in versions)


def read_answer(answer: Answer, *, at: datetime) -> AnswerReading:
    """Return the version of an answer that stands as its readers see it at `at`; no query."""
    version = answer.standing
    assert version is not None
    version.answer = answer
    return read_version(version, at=at)


def read_version(version: AnswerVersion, *, at: datetime) -> AnswerReading:
    """Return a version of an answer, with the answer and what stands of it at hand, as its readers see it at `at`."""
    content = version.content
    stands = version.answer.standing or version
    link = content.get("video_url") or ""
    return AnswerReading(
        answer=version.answer,
        version=version,
        transcripts={
            code: said for code, text in (content.get("subtitles") or {}).items() if (said := transcript(text))
        },
        is_over=version.valid_until is not None and version.valid_until <= at,
        is_withdrawn=AnswerVersion.Kind.WITHDRAWAL in {version.kind, stands.kind},
        is_corrected=version.kind == AnswerVersion.Kind.CORRECTION,
        film=content.get("video") or "",
        link=link if is_playable(link) else "",
        is_public=answering.is_public(stands, at=at),
    )


def front_page(campaign: Campaign | None, *, language: str, at: datetime) -> FrontPage:
    """Return what the front page shows at `at`, for any campaign or none, in a fixed number of queries."""
    if campaign is None:
        return FrontPage()
    versions = list(listed(campaign, at=at)[: OLDER_ON_FRONT_PAGE + 1])
    rows = read_all(versions, language=language, fallback=campaign.default_language, at=at)
    newest = next((row for row in rows if isinstance(row, Reading)), None)
    withdrawn = [
        row
        for row in rows
        if isinstance(row, Version) and (newest is None or row.published_at > newest.version.published_at)
    ]
    return FrontPage(
        newest=newest,
        withdrawn=withdrawn,
        older=[row for row in rows if row is not newest],
        claims=list(latest_facts(campaign)[:CLAIMS_ON_FRONT_PAGE]),
        answers=list(answers_of(campaign, at=at)[:ANSWERS_ON_FRONT_PAGE]),
    )


def transcript(webvtt: str) -> str:
    """Return the spoken words of a WebVTT subtitle file, without times, cue names, notes and tags."""
    words: list[str] = []
    for block in re.split(r"\n\s*\n", webvtt.replace("\r\n", "\n").strip("\ufeff\n ")):
        lines = block.splitlines()
        timing = next((at for at, line in enumerate(lines) if "-->" in line), None)
        if timing is not None:
            words += [re.sub(r"<[^>]*>", "", line).strip() for line in lines[timing + 1 :]]
    return " ".join(word for word in words if word)


def is_playable(url: str) -> bool:
    """Tell whether a video's address can lead anywhere: not to a name that is reserved for examples (RFC 2606)."""
    host = (urlsplit(url).hostname or "").lower()
    labels = host.split(".")
    return bool(host) and labels[-1] not in RESERVED_HOSTS and not (len(labels) > 1 and labels[-2] == "example")


def asset_is_public(name: str, *, at: datetime) -> bool:
    """
    Tell whether the stored file `name` belongs to a published, standing version: an asset, a rendition or
    subtitles of any of its versions, or a card or package of the newest one; or to a published answer. A draft's file
    does not.
    """
    if name.startswith("answers/"):
        return videos.is_public(name, at=at)
    if name.startswith("cards/"):
        card = Card.objects.filter(file=name).select_related("bulletin__campaign").first()
        return card is not None and carding.is_public(card, at=at)
    card = (
        Card.objects.filter(file=name).select_related("bulletin__campaign").first()
        if name.startswith("cards/")
        else None
    )
    if card is not None:
        return carding.is_public(card, at=at)
    key = filing.bulletin_of(name) or Asset.objects.filter(file=name).values_list("bulletin", flat=True).first()
    bulletin = Bulletin.objects.select_related("campaign").filter(pk=key).first() if key else None
    if bulletin is None:
        return False
    versions = versions_of(bulletin.campaign, bulletin.number, at=at)
    if not versions or versions[0].is_retracted:
        return False
    if any(name in filing.names_in(edition.content) for version in versions for edition in version.editions.all()):
        return True
    return packages_of(versions[0]).filter(file=name).exists()


def packages_of(version: Version) -> QuerySet[Package]:
    """Return the packages of a published version, made from its frozen words."""
    return Package.objects.filter(bulletin=version.bulletin_id, version=version.number)


def inputs_of(user: User, campaign: Campaign, *, at: datetime) -> QuerySet[MessageInput]:
    """Return the inputs of the user's authorities, each with `published`: the bulletins that it reached readers in."""
    out = Version.objects.published(at=at).filter(bulletin=OuterRef("pk"))
    return (
        MessageInput.objects.of_contributor(user)
        .filter(campaign=campaign)
        .select_related("authority")
        .prefetch_related(
            Prefetch("bulletins", Bulletin.objects.filter(Exists(out)).order_by("number"), to_attr="published")
        )
        .order_by("-received_at", "-pk")
    )


def steps_of(message_input: MessageInput, *, at: datetime) -> list[InputStep]:
    """Return what became of an input, the first step first; each names by `published` whether its bulletin is out."""
    out = Version.objects.published(at=at).filter(bulletin=OuterRef("bulletin"))
    steps = message_input.steps.select_related("bulletin", "by").annotate(published=Exists(out))
    return list(steps.order_by("at", "pk"))
