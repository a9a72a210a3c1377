"""What readers see of fact-checks: the version that stands, what became of it, and where the claim was seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet
from django.utils.translation import get_language

from campaigns.models import Campaign, Topic
from campaigns.publication_details import Named
from campaigns.translated_fields import in_language
from factcheck.models import Claim, ClaimStep, ClaimVersion, Sighting

Kind = ClaimStep.Kind

# The steps that readers see; the rest are between people who check.
PUBLIC_STEPS = (Kind.PUBLISHED, Kind.CORRECTED, Kind.PAUSED, Kind.RESUMED, Kind.WITHDRAWN)
LISTED = (Kind.CORRECTED, Kind.PAUSED, Kind.RESUMED, Kind.WITHDRAWN)
FINGERPRINT_SHOWN = 12  # characters: enough to compare by eye


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of evidence as it was published. `copy` is the key of its archived copy, None without one."""

    publisher: str
    title: str
    url: str
    language: str
    quote: str
    published_on: date | None
    copy: int | None
    archived_at: datetime | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class SightingSummary:
    """How often a claim was seen, from when to when, and on which platforms the most (in hundredths of the most)."""

    count: int = 0
    first: date | None = None
    last: date | None = None
    platforms: Sequence[tuple[str, int, int]] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """A public step: what, when, in which words it was told, the verdict before and after it ("" for none)."""

    kind: str
    at: datetime
    reader_text: dict[str, str]
    before: str
    verdict: str
    number: int | None
    adds_language: bool = False


@dataclass(frozen=True, slots=True)
class FactCheck:
    """
    A fact-check as a reader meets it at a moment. `version` is what is shown, which `is_old` when another one stands
    now; of a paused or withdrawn one nothing is to be repeated, and `reader_text` says why. `language` is the one that the
    fact is shown in.
    """

    claim: Claim
    version: ClaimVersion
    language: str
    is_old: bool = False
    is_over: bool = False
    is_paused: bool = False
    is_withdrawn: bool = False
    is_checked_again: bool = False
    reader_text: dict[str, str] = field(default_factory=dict)
    changed_at: datetime | None = None
    topics: Sequence[Named] = ()
    sources: Sequence[Source] = ()
    seen: SightingSummary = SightingSummary()
    history: Sequence[Happened] = ()

    @property
    def has_copies(self) -> bool:
        """Return whether an archived copy of any source is kept."""
        return any(source.copy for source in self.sources)

    @property
    def can_be_shared(self) -> bool:
        """Return whether it may be passed on: it stands, and it holds."""
        return not (self.is_old or self.is_over or self.is_paused or self.is_withdrawn)

    @property
    def correction(self) -> Happened | None:
        """The step by which what is shown replaced an earlier version, None for a first one; a further language corrects nothing."""
        said = [
            one for one in self.history if one.number and one.number <= self.version.number and not one.adds_language
        ]
        said = [one for one in said if one.kind in (Kind.PUBLISHED, Kind.CORRECTED)]
        return said[-1] if said and said[-1].kind == Kind.CORRECTED else None


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chose to see of the list: a topic, a verdict, both or neither."""

    topics: Sequence[Topic]
    topic: Topic | None = None
    verdict: str = ""

    def __bool__(self) -> bool:
        """Return whether anything was chosen."""
        return bool(self.topic or self.verdict)


# --- Lists ------------------------------------------------------------------------------------------


def choose(campaign: Campaign, *, topic: str = "", verdict: str = "") -> Choice:
    """Return a reader's choice of the list; what does not exist counts as not chosen. One query."""
    standing = Claim.objects.filter(topics=OuterRef("pk"), current_version__isnull=False)
    topics = list(campaign.topics.filter(Exists(standing)))
    return Choice(
        topics=topics,
        topic=next((one for one in topics if one.slug == topic), None),
        verdict=verdict if verdict in Claim.Verdict.values else "",
    )


def listed(campaign: Campaign, choice: Choice) -> QuerySet[ClaimVersion]:
    """Return the versions that stand, those that were checked last first, with their claims."""
    found = ClaimVersion.objects.in_force().filter(claim__campaign=campaign)
    if choice.topic:
        found = found.filter(claim__topics=choice.topic)
    if choice.verdict:
        found = found.filter(verdict=choice.verdict)
    shown = found.select_related("claim").only("fact", "text", "verdict", "checked_on", "number", "claim__slug")
    return shown.order_by("-checked_on", "-claim")


def corrections(campaign: Campaign) -> QuerySet[ClaimStep]:
    """Return every correction, pause and withdrawal, the newest first, with their claims. None is ever taken off."""
    listed = ClaimStep.objects.filter(kind__in=LISTED, claim__campaign=campaign, claim__current_version__isnull=False)
    return listed.select_related("claim__current_version", "claim__duplicate_of", "version").order_by("-at", "-pk")


# --- One fact-check ------------------------------------------------------------------------------------


def find(campaign: Campaign, slug: str) -> Claim | None:
    """
    Return the claim that anyone may read about under a short name, or one that is the same as another (whose
    `duplicate_of` is set) that anyone may read about; None for any other. One query.
    """
    about = campaign.claims.filter(slug=slug).select_related("current_version", "duplicate_of").first()
    if about is None:
        return None
    shown = about.duplicate_of or about
    if shown.current_version_id is None:
        return None
    about.campaign = campaign  # at hand
    return about


def read(claim: Claim, *, at: datetime, number: int | None = None) -> FactCheck | None:
    """
    Return what readers see at `at` of a claim from find(): the version that stands, or an earlier one by its number
    (None if there is no such one). One query for one that is paused or withdrawn, else four.
    """
    standing = claim.current_version
    assert standing is not None  # find() says so
    standing.claim = claim
    steps = list(claim.steps.filter(kind__in=PUBLIC_STEPS).select_related("version").order_by("at", "pk"))
    history = [happened(step) for step in steps]
    if claim.status == Claim.Status.WITHDRAWN or claim.paused_at:
        if number is not None and number > standing.number:
            return None
        return set_apart(claim, standing, history)
    shown = standing if number is None else claim.versions.filter(number=number).first()
    if shown is None:
        return None
    shown.claim = claim
    return FactCheck(
        claim=claim,
        version=shown,
        language=language_shown(shown.fact),
        is_old=shown.number != standing.number,
        is_over=shown.is_over(at=at),
        is_checked_again=claim.status in Claim.EDITABLE and not claim.adds_language,
        topics=shown.words.topics,
        sources=[source_of(one) for one in shown.evidence],
        seen=sighting_summary(claim),
        history=history,
    )


def set_apart(claim: Claim, standing: ClaimVersion, history: Sequence[Happened]) -> FactCheck:
    """Return what readers see of a fact-check that is paused or withdrawn: when, and the words for them."""
    is_withdrawn = claim.status == Claim.Status.WITHDRAWN
    kind = Kind.WITHDRAWN if is_withdrawn else Kind.PAUSED
    last = next((one for one in reversed(history) if one.kind == kind), None)
    return FactCheck(
        claim=claim,
        version=standing,
        language="",
        is_paused=not is_withdrawn,
        is_withdrawn=is_withdrawn,
        reader_text=last.reader_text if last else {},
        changed_at=last.at if last else claim.paused_at,
        history=history,
    )


def to_share(campaign: Campaign, slug: str, number: int, *, at: datetime) -> ClaimVersion | None:
    """Return a version by its number while it stands and holds, with its claim and campaign at hand; one query."""
    found = (
        ClaimVersion.objects.in_force()
        .filter(claim__campaign=campaign, claim__slug=slug, number=number)
        .select_related("claim")
        .first()
    )
    if found is None or found.is_over(at=at):
        return None
    found.claim.campaign = campaign
    return found


def sighting_summary(claim: Claim) -> SightingSummary:
    """Return where a claim was seen: numbers only, nothing that leads to a post or to whoever reported it; one query."""
    rows = list(
        Sighting.objects.of(claim)
        .order_by()
        .values("platform")
        .annotate(count=Count("pk"), first=Min("seen_on"), last=Max("seen_on"))
        .order_by("-count", "platform")
    )
    if not rows:
        return SightingSummary()
    most = rows[0]["count"]
    return SightingSummary(
        count=sum(row["count"] for row in rows),
        first=min(row["first"] for row in rows),
        last=max(row["last"] for row in rows),
        platforms=[
            (str(Sighting.Platform(row["platform"]).label), row["count"], round(100 * row["count"] / most))
            for row in rows
        ],
    )


# --- Parts ------------------------------------------------------------------------------------------


def happened(step: ClaimStep) -> Happened:
    """Return what readers see of a step: neither who nor why."""
    version = step.version
    adds_language = bool(version and version.adds_language and step.kind == Kind.PUBLISHED)
    number = version.number if version else None
    return Happened(step.kind, step.at, step.reader_text, step.before, step.verdict, number, adds_language)


def source_of(evidence: dict[str, Any]) -> Source:
    """Return a piece of evidence as it was published."""
    published_on, archived_at = evidence.get("published_on"), evidence.get("archived_at")
    return Source(
        publisher=evidence.get("publisher") or "",
        title=evidence.get("title") or evidence["url"],
        url=evidence["url"],
        language=evidence.get("language") or "",
        quote=evidence.get("quote") or "",
        published_on=date.fromisoformat(published_on) if published_on else None,
        copy=evidence.get("copy"),
        archived_at=datetime.fromisoformat(archived_at) if archived_at else None,
        fingerprint=(evidence.get("sha256") or "")[:FINGERPRINT_SHOWN],
    )


def language_shown(texts: dict[str, str]) -> str:
    """Return the code of the language that a text is shown in, the reader's if there is such a one, "" for none."""
    active, text = get_language() or "en", in_language(texts)
    codes = [code for code, value in texts.items() if value and value == text]
    return active if active in codes else next(iter(codes), "")
