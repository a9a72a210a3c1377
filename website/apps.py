from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebsiteConfig(AppConfig):
    """What anyone reads: site, search, feeds, API, digests, subscriptions."""

    name = "website"
    verbose_name = _("Website")

    def ready(self) -> None:
        """Register what is kept of people, and what follows when a bulletin is published."""
        from accounts.privacy import retention
        from bulletins.approval import late_editions
        from bulletins.publication import publish
        from delivery.links import preference_links
        from delivery.single_mails import queue
        from notifications import notice_kinds
        from stories.exchanges.agendas import agenda_sources

        from . import agenda_points, personal_data, publication_hooks
        from .feeds.websub import HubPings
        from .municipal_questions import asker_notices
        from .pages import permalinks  # noqa: F401 permalinks registers by itself
        from .subscription_pages import options

        queue.register(HubPings)
        retention.register(*personal_data.RULES)
        notice_kinds.register(asker_notices.QUESTION_TOLD)
        agenda_sources.register(agenda_points.QUESTIONS, agenda_points.BULLETINS)
        publish.FOLLOWERS.append(publication_hooks.follow)
        late_editions.FOLLOWERS.append(publication_hooks.follow_late)
        preference_links.NARROWS.append(options.can_be_narrowed)
