from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """How it gets there: a frozen Message and an Audience in, every single message accounted for."""

    name = "delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        """Say what is kept of people, whom links to the portal were sent to; have audiences follow their campaign's languages."""
        from accounts.login import known_address
        from accounts.privacy import data_subjects, retention
        from campaigns import closing, pending_work
        from campaigns.site_languages import languages

        from . import personal_data
        from .links import portal_marks
        from .recipients import audience_languages
        from .seeds.seed_list import SeedQuestions
        from .sending import closed_campaigns
        from .single_mails import queue, single_mail_list
        from .subscriptions.subscription_mails import NewAddressMails, SignUpMails

        known_address.READERS.append(portal_marks.address_of)

        queue.register(SeedQuestions, SignUpMails, NewAddressMails)
        pending_work.register(single_mail_list.failed_mails)
        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
        closing.register(closed_campaigns.told)
        languages.register_follower(audience_languages.follow, audience_languages.has_mail)
