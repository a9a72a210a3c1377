from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoriesConfig(AppConfig):
    """What people and organisations around a campaign bring to it. Knows no bulletins."""

    name = "stories"
    verbose_name = _("Ways to help")

    def ready(self) -> None:
        """Register what is kept of people, what they are told, and which campaign addresses are about."""
        from accounts.login import known_address
        from accounts.privacy import data_subjects, retention
        from campaigns import pending_work
        from notifications import notice_kinds

        from . import personal_data
        from .commissions import notices as notices_of_commissions
        from .commissions import pending_work as pending_commissions
        from .commissions import permalinks as _of_commissions  # noqa: F401 registers by itself
        from .commissions import personal_data as data_of_creators
        from .consents import notices as of_consents
        from .contributions import notices as of_contributions
        from .contributions import permalinks as _of_prompts  # noqa: F401 registers by itself
        from .contributions import personal_data as kept_of_contributions
        from .contributions.pending_work import contributions_waiting
        from .courses import notices as of_courses
        from .courses import permalinks as _of_courses  # noqa: F401 registers by itself
        from .courses import personal_data as kept_of_courses
        from .courses.pending_work import courses_to_check
        from .exchanges import agenda_sources
        from .exchanges import notices as meeting_notices
        from .exchanges import pending_work as pending_meetings
        from .exchanges import permalinks as _of_meetings  # noqa: F401 registers by itself
        from .exchanges import personal_data as of_meetings
        from .moderation import notices as of_stories
        from .moderation.pending_work import stories_to_check
        from .municipalities import invitations
        from .sending import personal_data as data_of_senders
        from .story_media import personal_data as of_videos
        from .subtitles import pending_work as pending_subtitles
        from .wall import permalinks as _of_stories  # noqa: F401 registers by itself
        from .wall import personal_data as of_takes
        from .ways_to_help import notices
        from .ways_to_help import pending_work as pending_offers
        from .ways_to_help import permalinks as _of_offers  # noqa: F401 registers by itself

        retention.register(*personal_data.RULES, *of_meetings.RULES)
        data_subjects.register(*personal_data.PARTS, *of_meetings.PARTS)
        pending_work.register(pending_offers.offers_to_check)
        notice_kinds.register(*notices.KINDS)
        notice_kinds.register(*meeting_notices.KINDS)
        pending_work.register(pending_meetings.meetings, pending_meetings.late_follow_ups)
        agenda_sources.register(agenda_sources.FOLLOW_UPS, agenda_sources.STORIES)
        pending_work.register(pending_commissions.commissions_waiting)
        retention.register(*data_of_creators.RULES)
        data_subjects.register(*data_of_creators.PARTS)
        notice_kinds.register(*notices_of_commissions.KINDS)
        retention.register(*kept_of_contributions.RULES)
        data_subjects.register(*kept_of_contributions.PARTS)
        notice_kinds.register(*of_contributions.KINDS)
        pending_work.register(contributions_waiting)
        retention.register(*kept_of_courses.RULES)
        data_subjects.register(*kept_of_courses.PARTS)
        notice_kinds.register(*of_courses.KINDS)
        pending_work.register(courses_to_check)
        retention.register(*of_takes.RULES)
        data_subjects.register(*of_takes.PARTS)
        pending_work.register(stories_to_check)
        notice_kinds.register(*of_stories.KINDS)
        pending_work.register(pending_subtitles.subtitles_to_write)
        retention.register(*data_of_senders.RULES)
        data_subjects.register(*data_of_senders.PARTS)
        notice_kinds.register(*of_consents.KINDS)
        known_address.READERS.append(invitations.address_of)
        retention.register(*of_videos.RULES)
