"""What this room keeps of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DAILY, About, Ground, Rule
from campaigns import page_changes
from delivery.models import Consent, Recipient
from delivery.personal_data import recipients_of
from delivery.recipients import consents
from notifications.models import Notice
from questions.models import AnswerVersion, Question, SameQuestion
from website.subscriptions import options

from .models import MessageInput, Presence

# --- For how long ----------------------------------------------------------------------------------


def notices_over(at: datetime) -> QuerySet[Any]:
    """Return what was told, or given up, long ago. What is told of a recall is needed as long as the recall."""
    ended = Q(told_at__isnull=False) | Q(given_up_at__isnull=False)
    return Notice.objects.filter(ended, at__lte=retention.rule("notices").before(at)).exclude(kind=Notice.Kind.RECALL)


def questions_over(at: datetime) -> QuerySet[Any]:
    """
    Return the questions of which nobody needs to know any more who brought them. Whoever is named by one stays known, so
    that the name can be taken off.
    """
    old = Question.objects.filter(asked_at__lte=retention.rule("askers").before(at), credit="")
    return old.exclude(relayed_by=None)


def same_questions_over(at: datetime) -> QuerySet[Any]:
    """Return the taps of those who wanted to know the same, long ago."""
    return SameQuestion.objects.filter(at__lte=retention.rule("same_questions").before(at))


def forget_askers(at: datetime) -> int:
    """Forget who brought old questions. The questions stay."""
    keys = list(questions_over(at).order_by("pk").values_list("pk", flat=True)[: retention.MOST_AT_ONCE])
    return Question.objects.filter(pk__in=keys).update(relayed_by=None)


def presences_over(at: datetime) -> QuerySet[Any]:
    """Return who had a bulletin open days ago."""
    return Presence.objects.filter(seen_at__lte=retention.rule("presences").before(at))


RULES = (
    Rule(
        "reading",
        About.READERS,
        gettext_lazy("Nothing about what you read on the site"),
        gettext_lazy("Pages load nothing from other sites, and there are no counters, no advertising and no profiles."),
        Ground.SAFETY,
        gettext_lazy("Nobody. The web server may note network addresses for a short time, to stop attacks."),
        gettext_lazy("Not at all. There is a cookie only when you log in or open a form, and it is needed for that."),
    ),
    Rule(
        "notices",
        About.STAFF,
        gettext_lazy("What you were told of by mail: an approval that waits, a question, thanks"),
        gettext_lazy("To send it, and to see later that it was sent."),
        Ground.TASK,
        gettext_lazy("You."),
        gettext_lazy("%(days)s after it was sent."),
        setting="NOTICE_DAYS",
        due=notices_over,
        forget=retention.deleting(notices_over),
    ),
    Rule(
        "presences",
        About.STAFF,
        gettext_lazy("Which bulletin you have open"),
        gettext_lazy("So that two people don't write over each other."),
        Ground.TASK,
        gettext_lazy("Those who have it open too."),
        gettext_lazy("%(days)s at most."),
        fixed=1,
        due=presences_over,
        forget=retention.deleting(presences_over),
    ),
    Rule(
        "askers",
        About.INFLUENCERS,
        gettext_lazy("That you brought a question"),
        gettext_lazy("To tell you the answer first. Your name stands by it only if you allow it."),
        Ground.TASK,
        gettext_lazy("Editors and liaisons."),
        gettext_lazy("%(days)s after you asked. The question stays, without you."),
        setting="QUESTION_DAYS",
        due=questions_over,
        forget=forget_askers,
        rests=DAILY,
    ),
    Rule(
        "same_questions",
        About.INFLUENCERS,
        gettext_lazy("That you want to know the same as somebody else"),
        gettext_lazy("To tell you the answer first, and to know how many ask."),
        Ground.TASK,
        gettext_lazy("Only the number is shown."),
        gettext_lazy("%(days)s after you said so."),
        setting="QUESTION_DAYS",
        due=same_questions_over,
        forget=retention.deleting(same_questions_over),
        rests=DAILY,
    ),
)


# --- Of one person ---------------------------------------------------------------------------------


def questions(person: Person) -> Rows:
    """Return the questions that somebody brought."""
    rows = Question.objects.filter(relayed_by__in=recipients_of(person))
    return data_subjects.plain(
        rows, "text", "language", "channel", "times", "via", "may_credit", "credit", "asked_at", "campaign__slug"
    )


def forget_questions(person: Person, by: User | None, at: datetime) -> None:
    """Forget that somebody brought questions, also where a published answer thanks them for it."""
    for recipient in recipients_of(person):
        for campaign in set(recipient.questions.values_list("campaign", flat=True)):
            forget_credits(recipient, campaign)
        SameQuestion.objects.filter(recipient=recipient).delete()


def forget_credits(recipient: Recipient, campaign: int) -> None:
    """Take a person's name off the questions that they brought, also where a published answer thanks them for it."""
    mine = Question.objects.filter(relayed_by=recipient, campaign=campaign)
    names = set(mine.exclude(credit="").values_list("credit", flat=True))
    groups = list(mine.exclude(credit="").values_list("group", flat=True))
    mine.update(relayed_by=None, credit="", may_credit=False)
    for version in AnswerVersion.objects.filter(answer__group__in=groups):
        kept = [name for name in version.credits if name not in names]
        if kept != version.credits:
            AnswerVersion.objects.filter(pk=version.pk).update(credits=kept)
            page_changes.taken_back()


def notices(person: Person) -> Rows:
    """Return what somebody was told."""
    return data_subjects.plain(
        Notice.objects.filter(person__in=users_of(person)), "kind", "text", "path", "at", "told_at"
    )


def forget_notices(person: Person, by: User | None, at: datetime) -> None:
    """Tell somebody nothing more, and forget what they were told and which bulletins they have open."""
    users = users_of(person)
    Notice.objects.filter(person__in=users).delete()
    Presence.objects.filter(user__in=users).delete()


def contacts(person: Person) -> Rows:
    """Return the message inputs that name somebody's address for questions."""
    return data_subjects.plain(
        MessageInput.objects.filter(person.has("contact")), "reference", "contact", "received_at"
    )


def forget_contacts(person: Person, by: User | None, at: datetime) -> None:
    """Name somebody's address for questions no more."""
    MessageInput.objects.filter(person.has("contact")).update(contact="")


PARTS = (
    Part("questions", gettext_lazy("Questions that were brought"), questions, forget_questions),
    Part("notices", gettext_lazy("Notices by mail"), notices, forget_notices),
    Part(
        "input_contacts",
        gettext_lazy("Contact of message inputs"),
        contacts,
        forget_contacts,
        addresses=lambda: MessageInput.objects.exclude(contact="").values_list("contact", flat=True),
    ),
)

consents.offer(Consent.Purpose.DIGEST, version=options.CONSENT_TEXT, words=options.CONSENT)
