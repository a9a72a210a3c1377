from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoriesConfig(AppConfig):
    """What people and organisations around a campaign bring to it. Knows no bulletins."""

    name = "stories"
    verbose_name = _("Stories and ways to help")

    def ready(self) -> None:
        """
        Say what this app keeps of people, what they are told, what waits for them, which campaign addresses are about, and what becomes of
        it all when one is closed.
        """
        from campaigns import closing
        from delivery.single_mails import queue

        from . import closed_campaigns
        from .commissions import permalinks as _of_commissions  # noqa: F401 these register by themselves
        from .contributions import permalinks as _of_prompts  # noqa: F401
        from .courses import permalinks as _of_courses  # noqa: F401
        from .exchanges import permalinks as _of_meetings  # noqa: F401
        from .exchanges.agendas import agenda_sources
        from .municipalities.invitations import MunicipalityInvitationMails
        from .wall import permalinks as _of_stories  # noqa: F401
        from .ways_to_help import permalinks as _of_offers  # noqa: F401

        agenda_sources.register(agenda_sources.FOLLOW_UPS, agenda_sources.STORIES)
        closing.register(closed_campaigns.told)
        queue.register(MunicipalityInvitationMails)
        register_personal_data()
        register_notices()
        register_pending_work()


def register_personal_data() -> None:
    """Say what is kept of people and for how long, and who comes by a link that names their address."""
    from accounts.login import known_address
    from accounts.privacy import data_subjects, retention

    from . import personal_data as of_partners
    from .commissions import personal_data as of_creators
    from .contributions import personal_data as of_contributions
    from .courses import personal_data as of_courses
    from .exchanges import personal_data as of_meetings
    from .municipalities import invitations
    from .sending import personal_data as of_senders
    from .story_media import personal_data as of_videos
    from .wall import personal_data as of_takes

    retention.register(*of_videos.RULES)
    for kept in (of_partners, of_meetings, of_creators, of_contributions, of_courses, of_takes, of_senders):
        retention.register(*kept.RULES)
        data_subjects.register(*kept.PARTS)
    known_address.READERS.append(invitations.address_of)


def register_notices() -> None:
    """Say what people are told."""
    from notifications import notice_kinds

    from .commissions import notices as of_commissions
    from .consents import notices as of_consents
    from .contributions import notices as of_contributions
    from .courses import notices as of_courses
    from .exchanges import notices as of_meetings
    from .moderation import notices as of_stories
    from .ways_to_help import notices as of_offers

    for told in (of_offers, of_meetings, of_commissions, of_contributions, of_courses, of_stories, of_consents):
        notice_kinds.register(*told.KINDS)


def register_pending_work() -> None:
    """Say what waits for people on Today."""
    from campaigns import pending_work

    from .commissions.pending_work import commissions_waiting
    from .contributions.pending_work import contributions_waiting
    from .courses.pending_work import courses_to_check
    from .exchanges.pending_work import late_follow_ups, meetings
    from .moderation.pending_work import stories_to_check
    from .subtitles.pending_work import subtitles_to_write
    from .ways_to_help.pending_work import offers_to_check

    pending_work.register(stories_to_check, subtitles_to_write, offers_to_check, commissions_waiting)
    pending_work.register(contributions_waiting, courses_to_check, meetings, late_follow_ups)
