from .assets import Asset, Card, Making, Package, Ratio, Rendition
from .bulletin import Bulletin, CallToAction, Edition, EditionRevision, KeyMessage, NotAllowed, Platform, Variant
from .cadence import Cadence, Target
from .inputs import InputAttachment, InputFact, InputSource, InputStep, MessageInput, Urgency
from .notices import Notice
from .passages import Passage
from .questions import Answer, AnswerStep, AnswerVersion, Question, QuestionGroup, SameQuestion
from .review import Review
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
    "Edition",
    "EditionRevision",
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
    "Passage",
    "Platform",
    "Presence",
    "PublishedEdition",
    "Question",
    "QuestionGroup",
    "Ratio",
    "Rendition",
    "Review",
    "SameQuestion",
    "SetAside",
    "Snippet",
    "Target",
    "Urgency",
    "Variant",
    "Version",
]
