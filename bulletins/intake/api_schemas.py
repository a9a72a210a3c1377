"""What systems send by the API, read strictly, and what they get."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, HttpUrl, StringConstraints

from bulletins.models import NotAllowed, Urgency

from . import input_attachments, submissions
from .forms import LONGEST_TEXT, MOST_FACTS, MOST_SOURCES


def without_nul(text: str) -> str:
    """Refuse the one character that no database keeps."""
    if "\0" in text:
        raise ValueError("NUL")
    return text


type Words = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(without_nul)]


class Strict(Schema):
    """What is sent; a name that nobody knows is refused rather than passed over."""

    model_config = ConfigDict(extra="forbid")


def real(moment: datetime) -> datetime:
    """Return a moment that calendars and zones can reckon with, or raise ValueError."""
    try:
        submissions.refuse_unreal(moment)
    except NotAllowed as refusal:
        raise ValueError(str(refusal)) from refusal
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(real)]


class SourceIn(Strict):
    """Where it can be read."""

    publisher: Words = Field(min_length=1, max_length=200)
    title: Words = Field(min_length=1, max_length=300)
    url: HttpUrl


class FactIn(Strict):
    """One fact or request. `source` is the number of one of the sources, from 1."""

    text: Words = Field(min_length=1, max_length=1000)
    source: int | None = Field(None, ge=1)
    valid_until: Moment | None = None


class AttachmentIn(Strict):
    """A file: its name with its ending, and its bytes in base64."""

    name: Words = Field(min_length=1, max_length=200)
    data: str


class InputIn(Strict):
    """A message input. Moments carry their offset; `regions` are codes, `topics` short names of the campaign's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "external_id": "press-2026-0147",
                "title": "Kirjastot avataan maanantaina",
                "body": "Kirjastot avataan maanantaina 30.3. klo 9.\n\nLainat voi palauttaa.",
                "language": "fi",
                "urgency": "elevated",
                "embargo_until": "2026-03-26T09:00:00+02:00",
                "valid_until": "2026-04-30T23:59:00+03:00",
                "contact": "press@ministry.example.org",
                "regions": ["MK01"],
                "topics": ["libraries"],
                "sources": [
                    {
                        "publisher": "Ministry",
                        "title": "Decision 12/2026",
                        "url": "https://ministry.example.org/decision-12",
                    }
                ],
                "facts": [
                    {
                        "text": "Kirjastot avataan maanantaina 30.3. klo 9.",
                        "source": 1,
                        "valid_until": "2026-04-30T23:59:00+03:00",
                    }
                ],
                "attachments": [{"name": "opening-hours.txt", "data": "TWEtcGUgOS0yMA=="}],
            }
        },
    )

    title: Words = Field(min_length=1, max_length=250)
    body: Words = Field(min_length=1, max_length=LONGEST_TEXT)
    language: Words = Field(max_length=12)
    external_id: Words = Field("", max_length=300)
    campaign: Words = Field("", max_length=60)
    urgency: Urgency = Urgency.ROUTINE
    embargo_until: Moment | None = None
    valid_until: Moment | None = None
    contact: Words = Field("", max_length=254)
    regions: list[Words] = Field([], max_length=100)
    topics: list[Words] = Field([], max_length=50)
    sources: list[SourceIn] = Field([], max_length=MOST_SOURCES)
    facts: list[FactIn] = Field([], max_length=MOST_FACTS)
    attachments: list[AttachmentIn] = Field([], max_length=input_attachments.MOST_FILES)


class AnswerIn(Strict):
    """The answer to an editor's question."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"answer": "From Monday at nine."}})

    answer: Words = Field(min_length=1, max_length=LONGEST_TEXT)


class InputStepOut(Schema):
    """One step of what became of an input."""

    verb: str
    at: datetime
    text: str


class InputBulletinOut(Schema):
    """A bulletin that was made of it. `published` tells whether readers have it, and `url` where, "" before."""

    number: int
    published: bool
    url: str


class InputOut(Schema):
    """What became of a message input."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reference": "in-007",
                "external_id": "press-2026-0147",
                "campaign": "corona",
                "title": "Kirjastot avataan maanantaina",
                "state": "returned",
                "urgency": "elevated",
                "received_at": "2026-03-25T10:00:00Z",
                "question": "Which hour on Monday?",
                "answer": "",
                "steps": [{"verb": "submitted", "at": "2026-03-25T10:00:00Z", "text": ""}],
                "bulletins": [],
            }
        }
    )

    reference: str
    external_id: str
    campaign: str
    title: str
    state: str
    urgency: str
    received_at: datetime
    question: str
    answer: str
    steps: list[InputStepOut]
    bulletins: list[InputBulletinOut]


class InputsOut(Schema):
    """A page of inputs, the newest first. `count` is of all pages."""

    count: int
    page: int
    pages: int
    inputs: list[InputOut]


class Problem(Schema):
    """What went wrong, in words, and what is wrong with which field."""

    detail: str
    fields: dict[str, list[str]]
