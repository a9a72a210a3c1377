"""The rows of this app."""

from .exchanges import (
    AgendaItem,
    Attendance,
    Exchange,
    ExchangeCalendar,
    FollowUp,
    Meeting,
    MeetingInvitation,
)
from .municipalities import Municipality, MunicipalityInvitation, MunicipalityMember
from .offers import Offer, OfferVersion, Partner, PartnerMember
from .stories import Story, StoryConsent, StoryFile, StoryJob, StorySubtitles, StoryTheme, StoryUpload

__all__ = [
    "AgendaItem",
    "Attendance",
    "Exchange",
    "ExchangeCalendar",
    "FollowUp",
    "Meeting",
    "MeetingInvitation",
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
