"""The rows of this app."""

from .municipalities import Municipality, MunicipalityInvitation, MunicipalityMember
from .offers import Offer, OfferVersion, Partner, PartnerMember
from .stories import Story, StoryConsent, StoryFile, StoryJob, StorySubtitles, StoryTheme, StoryUpload

__all__ = [
    "Municipality",
    "MunicipalityInvitation",
    "MunicipalityMember",
    "Offer",
    "OfferVersion",
    "Partner",
    "PartnerMember",
    "Story",
    "StoryConsent",
    "StoryFile",
    "StoryJob",
    "StorySubtitles",
    "StoryTheme",
    "StoryUpload",
]
