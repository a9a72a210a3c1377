"""What people are told of questions and their answers (notifications.notice_kinds)."""

from django.utils.translation import gettext_noop

from notifications.notice_kinds import Kind

from .models import QuestionGroup


class QuestionNoticeKind(Kind):
    """A kind about question groups; a notice without a person goes to the authority's address."""

    model = QuestionGroup
    related = ("authority",)

    def named(self, subject: QuestionGroup) -> str:
        """Return the question in short, as the team words it."""
        return str(subject)

    def contact(self, subject: QuestionGroup) -> str:
        """Return the address of the authority that is asked."""
        return subject.authority.contact if subject.authority else ""


QUESTION_WAITS = QuestionNoticeKind("question_waits")
ANSWER_WANTED = QuestionNoticeKind("answer_wanted", gettext_noop("An answer to a question needs your approval"))
ANSWER_SENT_BACK = QuestionNoticeKind("answer_sent_back", gettext_noop("An answer to a question was sent back"))
QUESTION_ASSIGNED = QuestionNoticeKind("question_assigned", gettext_noop("A question is assigned to you"))

KINDS = (QUESTION_ASSIGNED, QUESTION_WAITS, ANSWER_WANTED, ANSWER_SENT_BACK)
