from .assets import Asset, Card, MediaJob, MovingCard, Package, Ratio, Rendition
from .authority_posts import AuthorityPost
from .bulletins import (
    PLACES,
    SITUATION,
    AuthorityAccount,
    Bulletin,
    CallToAction,
    Edition,
    EditionRevision,
    KeyMessage,
    Network,
    NotAllowed,
    Platform,
    Tone,
    Variant,
)
from .cadences import Cadence, Target
from .checks import LinkCheck, Override
from .comments import Comment
from .editing import ChecklistPoint, Presence, SetAside, Snippet
from .facts import FactChange
from .handovers import Handover
from .inputs import InputAttachment, InputFact, InputSource, InputStep, MessageInput, Urgency
from .late_editions import LateEdition
from .parts import Parts
from .reviews import Review
from .seen_rules import SeenRule, rule_of
from .translation_drafts import TranslationDraft
from .versions import PublishedEdition, Replacement, Version

__all__ = [
    "PLACES",
    "SITUATION",
    "Asset",
    "AuthorityAccount",
    "AuthorityPost",
    "Bulletin",
    "Cadence",
    "CallToAction",
    "Card",
    "ChecklistPoint",
    "Comment",
    "Edition",
    "EditionRevision",
    "FactChange",
    "Handover",
    "InputAttachment",
    "InputFact",
    "InputSource",
    "InputStep",
    "KeyMessage",
    "LateEdition",
    "LinkCheck",
    "MediaJob",
    "MessageInput",
    "MovingCard",
    "Network",
    "NotAllowed",
    "Override",
    "Package",
    "Parts",
    "Platform",
    "Presence",
    "PublishedEdition",
    "Ratio",
    "Rendition",
    "Replacement",
    "Review",
    "SeenRule",
    "SetAside",
    "Snippet",
    "Target",
    "Tone",
    "TranslationDraft",
    "Urgency",
    "Variant",
    "Version",
    "rule_of",
]
