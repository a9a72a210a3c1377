"""What the API gives of published things: their fields, for its description."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from bulletins.models import Bulletin, Urgency
from campaigns.models import ReadingLevel
from factcheck.models.claims import Verdict
from questions.models import AnswerVersion

type Texts = dict[str, str]


class State(StrEnum):
    """
    Whether it may be passed on. `published` and `corrected` hold; `replaced` is an old version; of a `withdrawn` one only
    the reason is left. `out_of_date` held until a moment that is over.
    """

    PUBLISHED = "published"
    CORRECTED = "corrected"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    OUT_OF_DATE = "out_of_date"


def texts(what: str, **more: Any) -> Any:
    """Return a field of texts in several languages."""
    return Field(description=f"{what} {{language: text}}; a language without the text is left out.", **more)


# --- The campaign ------------------------------------------------------------------------------------------


class LanguageOut(Schema):
    """A language of the campaign, with the campaign's own words in it."""

    code: str = Field(examples=["fi"])
    name: str = Field(description="The campaign's name.")
    summary: str
    hashtag: str
    publisher: str = Field(description="Who sends the bulletins.")


class TopicOut(Schema):
    """A topic. `slug` is what the parameter `topic` takes."""

    slug: str = Field(examples=["schools"])
    name: Texts = texts("Its name:")


class AuthorityOut(Schema):
    """An authority that gave what is published here."""

    slug: str
    name: Texts = texts("Its name:")
    url: str = Field(description="Its website, or empty.")


class CampaignOut(Schema):
    """The crisis that the site is about now."""

    campaign: str = Field(description="Its short name.", examples=["corona"])
    exercise: bool = Field(description="An exercise: show nothing of it to the public.")
    starts_on: date
    default_language: str
    languages: list[LanguageOut]
    topics: list[TopicOut]
    authorities: list[AuthorityOut]
    urls: Texts = texts("The site's front page:")


# --- Bulletins -----------------------------------------------------------------------------------------------


class KeyMessageOut(Schema):
    """One fact or request. After `valid_until` it is not to be passed on."""

    key: str
    text: str
    source_name: str
    source_url: str
    valid_until: datetime | None = Field(description="null: until further notice.")


class ShortEditionOut(Schema):
    """A bulletin in one language at one reading level, without its text."""

    language: str = Field(examples=["fi"])
    reading_level: ReadingLevel
    title: str
    lead: str
    key_messages: list[KeyMessageOut]
    calls_to_action: list[str]
    hashtags: list[str]


class EditionOut(ShortEditionOut):
    """The same with its text."""

    markdown: str = Field(description="The text as it was written.")
    html: str = Field(description="The text as clean HTML, without its title: no script, no style, no pictures.")


class AnyVersionOut(Schema):
    """What is said of any version. Of a withdrawn bulletin every version has its reason, and no words."""

    number: int = Field(description="The bulletin's number.", examples=[12])
    version: int = Field(description="1 is the original.", examples=[1])
    kind: Bulletin.Kind
    state: State
    urgency: Urgency
    topics: list[str]
    first_published_at: datetime = Field(description="When version 1 came out.")
    published_at: datetime = Field(description="When this version came out.")
    what_changed: Texts = texts("What a correction changed, or why it was withdrawn:")
    claims: list[str] = Field(description="Short names of fact-checks that belong to it.")
    urls: Texts = texts("Its page:")
    self: str = Field(description="Its address in this API.")


EXAMPLE: dict[str, Any] = {
    "number": 12,
    "version": 2,
    "kind": "correction",
    "state": "corrected",
    "urgency": "elevated",
    "topics": ["libraries"],
    "first_published_at": "2026-03-25T10:00:00+00:00",
    "published_at": "2026-03-25T14:30:00+00:00",
    "what_changed": {"en": "Libraries open on Monday, not on Sunday."},
    "claims": ["garlic"],
    "urls": {"en": "https://bulletins.example.org/en/bulletins/12/"},
    "self": "https://bulletins.example.org/api/v1/bulletins/12",
    "editions": [
        {
            "language": "en",
            "reading_level": "standard",
            "title": "Libraries open on Monday",
            "lead": "Borrow, return, read there.",
            "key_messages": [
                {
                    "key": "opening",
                    "text": "Libraries open on Monday.",
                    "source_name": "Ministry",
                    "source_url": "https://ministry.example.org/decision-12",
                    "valid_until": None,
                }
            ],
            "calls_to_action": ["Return what you borrowed on time."],
            "hashtags": ["#libraries"],
            "markdown": "Libraries open on **Monday**.",
            "html": "<p>Libraries open on <strong>Monday</strong>.</p>",
        }
    ],
}


class VersionOut(AnyVersionOut):
    """A version of a bulletin in all its languages."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    editions: list[EditionOut]


class ShortVersionOut(AnyVersionOut):
    """The same without its text."""

    editions: list[ShortEditionOut]


class PageOut(Schema):
    """Where in a list this page is; the Link header has the addresses of its neighbours."""

    campaign: str
    exercise: bool
    count: int = Field(description="How many there are on all pages.")
    page: int
    pages: int


class BulletinsOut(PageOut):
    """Bulletins, those that were published, corrected or withdrawn last first."""

    bulletins: list[ShortVersionOut]


class BulletinOut(VersionOut):
    """A bulletin as it holds now, and which versions there are."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE | {"exercise": False, "versions": []}})

    exercise: bool
    versions: list[AnyVersionOut]


class VersionsOut(Schema):
    """All versions of a bulletin, the newest first, without their texts."""

    campaign: str
    exercise: bool
    versions: list[ShortVersionOut]


class OneVersionOut(VersionOut):
    """A version of a bulletin."""

    exercise: bool


# --- Questions -------------------------------------------------------------------------------------------------


class VideoOut(Schema):
    """An answer on video."""

    url: str
    language: str = Field(description="What is spoken, or empty.")
    seconds: int | None
    transcripts: Texts = texts("What is said in it:")
    subtitles: Texts = texts("Addresses of its subtitles as WebVTT:")


class AnswerVersionOut(Schema):
    """A version of an authority's answer to a question. Of a withdrawn one only the question and the reason are left."""

    slug: str = Field(description="Its name in addresses, which never changes.")
    version: int
    kind: AnswerVersion.Kind
    state: State
    topic: str | None
    first_published_at: datetime
    published_at: datetime
    valid_until: datetime | None
    question: Texts = texts("The question in short:")
    answer: Texts = texts("The answer:")
    what_changed: Texts = texts("What a correction changed, or why it was withdrawn:")
    authority: AuthorityOut
    source_name: Texts = texts("Where it comes from:")
    source_url: Texts = texts("Where that can be read:")
    video: VideoOut | None
    urls: Texts = texts("Its page:")
    self: str


class QuestionsOut(PageOut):
    """Answered questions, those whose answer was published, corrected or withdrawn last first."""

    questions: list[AnswerVersionOut]


class OneAnswerOut(AnswerVersionOut):
    """An answered question."""

    exercise: bool


class AnswerVersionsOut(Schema):
    """All versions of an answer, the newest first."""

    campaign: str
    exercise: bool
    versions: list[AnswerVersionOut]


# --- Ways to help ------------------------------------------------------------------------------------------------


class PartnerOut(Schema):
    """The organisation behind a way to help, as it was called when that was checked."""

    name: Texts = texts("Its name:")
    url: str = Field(description="Its website, or empty.")


class WayToHelpOut(Schema):
    """Something that anyone can do, checked by a second person. What is over or withdrawn is no longer here: pass it on no more."""

    id: int
    version: int
    title: Texts
    does: Texts = texts("What one does:")
    place: Texts = texts("Where, in words:")
    region: str | None = Field(description="Code of the region, null for anywhere.", examples=["MK01"])
    from_home: bool
    from_age: int | None
    languages: list[str] = Field(description="In which one can help; none: any.")
    minutes: int = Field(description="How long it takes, each week if `weekly`.")
    weekly: bool
    topic: str | None
    partner: PartnerOut
    url: str = Field(description="Where to go on, or empty.")
    valid_from: datetime | None
    valid_until: datetime
    checked_at: datetime
    urls: Texts = texts("Its page:")
    self: str


class WaysToHelpOut(PageOut):
    """Ways to help that hold now, what was checked last first."""

    ways_to_help: list[WayToHelpOut]


class OneWayToHelpOut(WayToHelpOut):
    """A way to help."""

    exercise: bool


# --- Stories -----------------------------------------------------------------------------------------------------


class MunicipalityOut(Schema):
    """Who tells a story."""

    code: str
    name: Texts = texts("Its name:")
    region: str | None = Field(description="Code of its region.", examples=["MK01"])


class StoryFileOut(Schema):
    """A file of a story. It stops working when the story is gone."""

    url: str
    width: int | None
    height: int | None
    bytes: int
    alt_text: Texts = texts("What a picture shows:")


class StoryOut(Schema):
    """What a municipality tells, with the consent of everybody seen. What is gone is no longer here: take it down."""

    key: str = Field(description="Its name in addresses, which never changes.")
    kind: str = Field(description="video, pictures or text.")
    title: Texts
    sentence: Texts
    text: Texts
    speaker: str
    original_language: str = Field(description="The language that is spoken or written.", examples=["fi"])
    subtitles: dict[str, str] = Field(description="Addresses of WebVTT by language, those that somebody confirmed.")
    municipality: MunicipalityOut
    themes: list[str] = Field(description="Short names.")
    seconds: float | None
    video: list[StoryFileOut] = Field(description="Its sizes, the smallest first.")
    pictures: list[StoryFileOut] = Field(description="Its pictures, or the still picture of a video.")
    published_at: datetime
    urls: Texts = texts("Its page:")
    self: str


class StoriesOut(PageOut):
    """Stories that anyone may see, the newest first."""

    stories: list[StoryOut]


class OneStoryOut(StoryOut):
    """A story."""

    exercise: bool


# --- Claims ------------------------------------------------------------------------------------------------------


class SourceOut(Schema):
    """What a verdict rests on, with our archived copies {language: address}."""

    publisher: str | None
    title: str | None
    url: str | None
    language: str | None
    quote: str | None
    published_on: date | None
    archived_at: datetime | None
    sha256: str | None
    copies: Texts


class SightingsOut(Schema):
    """Where a claim was seen, in numbers."""

    count: int
    first: date | None
    last: date | None
    platforms: dict[str, int]


class ClaimVersionOut(Schema):
    """A published version of a fact-check."""

    number: int
    kind: str
    verdict: str
    published_at: datetime
    what_changed: Texts
    urls: Texts


class EndedState(StrEnum):
    """Why nobody may rely on a verdict any more, or for the time being."""

    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class StandingState(StrEnum):
    """Whether a verdict holds, or held until a moment that is over."""

    PUBLISHED = "published"
    OUT_OF_DATE = "out_of_date"


class AnyClaimOut(Schema):
    """What is said of any fact-check."""

    slug: str = Field(description="Its name in addresses, which never changes.", examples=["garlic"])
    urls: Texts = texts("Its page:")
    first_published_at: datetime


class EndedClaimOut(AnyClaimOut):
    """A fact-check that nobody may rely on: since when, why, and which it is the same as. Its words are gone."""

    state: EndedState
    since: datetime
    told: Texts = texts("Words for readers:")
    same_as: str | None


class StandingClaimOut(AnyClaimOut):
    """A fact-check that stands. docs/using/api/claims-json.md explains the fields."""

    state: StandingState
    version: int
    published_at: datetime
    checked_on: date | None
    check_again_by: date | None
    valid_until: datetime | None
    being_checked_again: bool
    verdict: Verdict
    rating: int | None = Field(description="5 true, 3 fifty-fifty, 1 false, null unproven.")
    claim: Texts = texts("The claim as it is said. Say the fact first.")
    fact: Texts
    warning: Texts
    fallacy: Texts
    fact_again: Texts
    how_checked: Texts
    why_few_sources: Texts
    sha256: str = Field(description="The fingerprint of what two people agreed on.")
    sources: list[SourceOut]
    sightings: SightingsOut
    versions: list[ClaimVersionOut]


class ClaimsOut(PageOut):
    """Fact-checks, those that were published or corrected last first."""

    claims: list[StandingClaimOut | EndedClaimOut]


class OneStandingClaimOut(StandingClaimOut):
    """A fact-check that stands."""

    exercise: bool


class OneEndedClaimOut(EndedClaimOut):
    """A fact-check that nobody may rely on."""

    exercise: bool
