from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImpactConfig(AppConfig):
    """What a campaign changed: measures with dated snapshots. Reads every app below it, and writes only rows of its own."""

    name = "impact"
    verbose_name = _("Impact")

    def ready(self) -> None:
        """Say what this app keeps of people, and what it shows in the portal and at the desk."""
        from accounts.privacy import data_subjects, retention
        from bulletins import desk_additions
        from campaigns import closing, pending_work
        from delivery.single_mails import queue
        from influencers.portal import home_cards
        from notifications import notice_kinds

        from . import personal_data
        from .closing import notices as notices_of_closing
        from .closing import open_surveys
        from .dashboard import pending_work as pending_results
        from .dashboard import permalinks as _of_results  # noqa: F401 registers by itself
        from .insight_reports import notices as notices_of_reports
        from .insight_reports import pending_work as pending_reports
        from .insight_reports import permalinks as _of_reports  # noqa: F401 registers by itself
        from .pretests import desk_page
        from .pretests.pretest_mails import PretestMails
        from .surveys import portal_card
        from .surveys.survey_mails import SurveyMails

        closing.register(open_surveys.told)
        pending_work.register(pending_reports.reports_to_approve, pending_results.newer_values)
        notice_kinds.register(*notices_of_closing.KINDS, *notices_of_reports.KINDS)
        queue.register(PretestMails, SurveyMails)
        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
        home_cards.register(portal_card.CARDS)
        desk_additions.register(desk_page.ADDITION)
