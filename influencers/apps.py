from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InfluencersConfig(AppConfig):
    """Who says it: influencers, their tiers, the code of ethics, and the portal that they read."""

    name = "influencers"
    verbose_name = _("Influencers")

    def ready(self) -> None:
        """Say what this app keeps of people, and what follows when a bulletin gets one more language."""
        from accounts.privacy import data_subjects, retention
        from bulletins.approval import late_editions
        from bulletins.assignment import assignable
        from bulletins.publication import publish
        from campaigns import pending_work
        from delivery.feedback import presses
        from delivery.recipients import channel_addresses
        from delivery.single_mails import queue
        from notifications import notice_kinds

        from . import notices, personal_data
        from .channels import taken_addresses
        from .escalation import acknowledgement, asked_partners
        from .escalation.pending_work import urgent_bulletins
        from .inbox import thread_assignment
        from .inbox.mail.outbound import ConversationMails
        from .onboarding.applications import JoinCodes
        from .onboarding.invitations import InvitationMails
        from .portal import home_cards, paid_work_card
        from .recall import recall_plan

        queue.register(ConversationMails, InvitationMails, JoinCodes)
        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
        notice_kinds.register(*notices.KINDS)
        assignable.register(thread_assignment.ASSIGNABLE)
        home_cards.register(paid_work_card.CARDS)
        late_editions.FOLLOWERS.append(recall_plan.follow_language)
        publish.FOLLOWERS.append(asked_partners.follow)
        pending_work.register(urgent_bulletins)
        channel_addresses.TAKEN_OVER.append(taken_addresses.tell)
        presses.PRESSES["seen"] = acknowledgement.by_press
