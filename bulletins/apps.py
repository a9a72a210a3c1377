from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    """What we say: message inputs, bulletins, approval, publication, cadences."""

    name = "bulletins"
    verbose_name = _("Bulletins")

    def ready(self) -> None:
        """Register what is kept of people, what they are told, agree on and have, and from when on two administrators are needed."""
        from accounts.access import two_administrators
        from accounts.privacy import data_subjects, retention
        from campaigns import closing, pending_work, publication_details
        from campaigns.site_languages import languages
        from delivery.rooms import room_steps
        from notifications import notice_kinds

        from . import notices, personal_data
        from .approval import approval_requests, approval_workflow, late_editions
        from .assignment import assignable, claim_checkers
        from .authority_posts import posting_plan
        from .authority_posts.pending_work import stopped_posts
        from .editing import drafts
        from .editing.translation import language_use
        from .intake import permalinks, submissions  # noqa: F401 the first registers by itself
        from .models import Version
        from .publication import closed_campaigns, publish, room_reach

        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
        notice_kinds.register(*notices.KINDS, *approval_requests.KINDS)
        assignable.register(submissions.ASSIGNABLE, drafts.ASSIGNABLE, claim_checkers.ASSIGNABLE)
        two_administrators.enforce_since(Version.objects.live_since)
        publication_details.register(approval_workflow.withdraw_outdated)
        languages.register_use(language_use.uses_of)
        closing.register(closed_campaigns.told)
        publish.FOLLOWERS.append(posting_plan.follow)
        late_editions.FOLLOWERS.append(posting_plan.follow_language)
        pending_work.register(stopped_posts)
        room_steps.ENDINGS.append(room_reach.tell_of_end)
