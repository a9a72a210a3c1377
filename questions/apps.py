from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuestionsConfig(AppConfig):
    """What people ask, and how authorities answer it."""

    name = "questions"
    verbose_name = _("Questions")

    def ready(self) -> None:
        """
        Register what is kept of people and what they are told, and what is offered to people who write bulletins.
        """
        from accounts.privacy import data_subjects, retention
        from bulletins.assignment import assignable
        from bulletins.editing import insertions
        from notifications import notice_kinds

        from . import notices, personal_data, question_groups
        from .answers import answer_blocks

        retention.register(*personal_data.RULES)
        data_subjects.register(*personal_data.PARTS)
        notice_kinds.register(*notices.KINDS)
        assignable.register(question_groups.ASSIGNABLE)
        insertions.SOURCES.append(answer_blocks.offer)
