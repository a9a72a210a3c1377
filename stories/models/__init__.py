"""The rows of this app."""

from .commissions import (
    Commission,
    CommissionAgreement,
    CommissionApplication,
    CommissionDraft,
    CommissionExtension,
    CommissionFile,
    CommissionLedger,
    CommissionPart,
    CommissionPayment,
    Creator,
    Currency,
)
from .contributions import Contribution, Prompt
from .courses import Course, CourseAttempt, CourseCertificate, CourseFile, CourseVersion
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
from .story_takes import StoryTake

__all__ = [
    "AgendaItem",
    "Attendance",
    "Commission",
    "CommissionAgreement",
    "CommissionApplication",
    "CommissionDraft",
    "CommissionExtension",
    "CommissionFile",
    "CommissionLedger",
    "CommissionPart",
    "CommissionPayment",
    "Contribution",
    "Course",
    "CourseAttempt",
    "CourseCertificate",
    "CourseFile",
    "CourseVersion",
    "Creator",
    "Currency",
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
    "Prompt",
    "Story",
    "StoryConsent",
    "StoryFile",
    "StoryJob",
    "StorySubtitles",
    "StoryTake",
    "StoryTheme",
    "StoryUpload",
]
