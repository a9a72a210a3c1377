"""The desk's pages of this app, each beside its rules."""

from .commissions.admin import CommissionAdmin, CreatorAdmin
from .contributions.admin import ContributionAdmin, PromptAdmin
from .courses.admin import CourseAdmin
from .exchanges.meetings.admin import ExchangeAdmin, MeetingAdmin
from .moderation.admin import StoryAdmin, StoryThemeAdmin
from .municipalities.admin import MunicipalityAdmin
from .ways_to_help.admin import OfferAdmin, PartnerAdmin

__all__ = [
    "CommissionAdmin",
    "ContributionAdmin",
    "CourseAdmin",
    "CreatorAdmin",
    "ExchangeAdmin",
    "MeetingAdmin",
    "MunicipalityAdmin",
    "OfferAdmin",
    "PartnerAdmin",
    "PromptAdmin",
    "StoryAdmin",
    "StoryThemeAdmin",
]
