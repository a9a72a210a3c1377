from .bulletin import Asset, Bulletin, CallToAction, Edition, EditionRevision, KeyMessage, NotAllowed, Platform, Variant
from .cadence import Cadence, Target
from .inputs import InputFact, InputSource, MessageInput, Urgency
from .questions import Answer, Question, QuestionGroup
from .review import Review
from .version import PublishedEdition, Version

__all__ = [
    "Answer",
    "Asset",
    "Bulletin",
    "Cadence",
    "CallToAction",
    "Edition",
    "EditionRevision",
    "InputFact",
    "InputSource",
    "KeyMessage",
    "MessageInput",
    "NotAllowed",
    "Platform",
    "PublishedEdition",
    "Question",
    "QuestionGroup",
    "Review",
    "Target",
    "Urgency",
    "Variant",
    "Version",
]
