from .assets import Asset, Card, Making, Package, Ratio, Rendition
from .bulletin import Bulletin, CallToAction, Edition, EditionRevision, KeyMessage, NotAllowed, Platform, Variant
from .cadence import Cadence, Target
from .digests import Digest, DigestItem, DigestRun, Publication, PublicationCount
from .inputs import InputAttachment, InputFact, InputSource, InputStep, MessageInput, Urgency
from .notices import Notice
from .parts import Parts
from .passages import Passage
from .pings import HubPing
from .questions import Answer, AnswerStep, AnswerVersion, Question, QuestionGroup, SameQuestion
from .review import Review
from .search_texts import SearchText
from .version import PublishedEdition, Version
from .writing import LinkCheck, Override, Presence, SetAside, Snippet

__all__ = [
    "Answer",
    "AnswerStep",
    "AnswerVersion",
    "Asset",
    "Bulletin",
    "Cadence",
    "CallToAction",
    "Card",
    "Digest",
    "DigestItem",
    "DigestRun",
    "Edition",
    "EditionRevision",
    "HubPing",
    "InputAttachment",
    "InputFact",
    "InputSource",
    "InputStep",
    "KeyMessage",
    "LinkCheck",
    "Making",
    "MessageInput",
    "NotAllowed",
    "Notice",
    "Override",
    "Package",
    "Parts",
    "Passage",
    "Platform",
    "Presence",
    "Publication",
    "PublicationCount",
    "PublishedEdition",
    "Question",
    "QuestionGroup",
    "Ratio",
    "Rendition",
    "Review",
    "SameQuestion",
    "SearchText",
    "SetAside",
    "Snippet",
    "Target",
    "Urgency",
    "Variant",
    "Version",
]
