"""What this app keeps of people: for how long, and what of one person."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule
from delivery.models import Consent, Recipient
from delivery.personal_data import recipients_of
from delivery.recipients import consents, recipient_erasure

from .models import Application, AskedPartner, Harassment, ImportRun, Influencer, ThreadMessage, UnmatchedMail
from .onboarding import joining_retention
from .onboarding.csv_import import import_runs
from .profiles import data_export, form_options, offboarding
from .recall import exposure

# --- For how long ----------------------------------------------------------------------------------


def unmatched_over(at: datetime) -> QuerySet[Any]:
    """Return the mails of unknown people that came long ago, sorted or not."""
    return UnmatchedMail.objects.filter(at__lte=retention.rule("unmatched_mail").before(at))


def asked_over(at: datetime) -> QuerySet[Any]:
    """Return who was asked long ago whether they have seen an urgent bulletin."""
    return AskedPartner.objects.filter(request__began_at__lte=retention.rule("seen").before(at))


def harassment_over(at: datetime) -> QuerySet[Any]:
    """Return the reports of harassment that were closed long ago."""
    return Harassment.objects.filter(closed_at__lte=retention.rule("harassment").before(at))


def imports_over(at: datetime) -> QuerySet[Any]:
    """Return the files that were read and wait too long to be stored."""
    stale = at - timedelta(days=import_runs.WAITS_DAYS)
    return ImportRun.objects.filter(state=ImportRun.State.PLANNED, at__lte=stale)


def drop_imports(at: datetime) -> int:
    """Drop such files, with their rows."""
    runs = list(imports_over(at))
    for run in runs:
        import_runs.drop(run, by=None, at=at)
    return len(runs)


TEAM = gettext_lazy("Liaisons and administrators.")
RULES = (
    Rule(
        "profile",
        DataSubject.INFLUENCERS,
        gettext_lazy("What you tell us about yourself and your channels, and your messages with the team"),
        gettext_lazy("To give you material that fits you, and to answer you."),
        Ground.CONSENT,
        TEAM,
        gettext_lazy("As long as you take part, and %(days)s after you left; at once when you ask."),
        setting="LEFT_DAYS",
        due=offboarding.former_over,
        forget=lambda at: offboarding.forget_former(at=at),
    ),
    Rule(
        "exposure",
        DataSubject.INFLUENCERS,
        gettext_lazy("Which version of a bulletin or fact-check you read, copied or downloaded here"),
        gettext_lazy("So that you hear first when it is corrected. The team sees totals, not what you read."),
        Ground.TASK,
        gettext_lazy("Nobody, except in a correction: who has to be notified."),
        gettext_lazy("%(days)s after the last time."),
        setting="EXPOSURE_DAYS",
        due=lambda at: exposure.over(at=at),
        forget=lambda at: exposure.forget(at=at),
    ),
    Rule(
        "seen",
        DataSubject.INFLUENCERS,
        gettext_lazy(
            "That you were asked whether you have seen an urgent bulletin, when and where you said so, and calls about it"
        ),
        gettext_lazy("So that somebody can reach you in another way in time. Opening an email says nothing."),
        Ground.TASK,
        TEAM,
        gettext_lazy("%(days)s after the bulletin."),
        setting="EXPOSURE_DAYS",
        due=asked_over,
        forget=retention.deleting(asked_over),
        rests=DAILY,
    ),
    Rule(
        "tracking",
        DataSubject.INFLUENCERS,
        gettext_lazy("Whether you open our emails"),
        gettext_lazy(
            "Nobody sees it: emails contain no hidden pictures, and no link is counted. Your answer to "
            "the question is kept."
        ),
        Ground.CONSENT,
        gettext_lazy("Nobody."),
        gettext_lazy("Not at all."),
    ),
    Rule(
        "posts",
        DataSubject.INFLUENCERS,
        gettext_lazy("The posts that you report, with their figures, and what you are thanked for"),
        gettext_lazy("To notify you of corrections, to thank you, and to learn what helped."),
        Ground.CONSENT,
        TEAM,
        gettext_lazy("As long as your profile."),
    ),
    Rule(
        "harassment",
        DataSubject.INFLUENCERS,
        gettext_lazy("Your reports of harassment"),
        gettext_lazy("To help you at once."),
        Ground.TASK,
        gettext_lazy("Liaisons on call and administrators."),
        gettext_lazy("%(days)s after it was closed."),
        setting="HARASSMENT_DAYS",
        due=harassment_over,
        forget=retention.deleting(harassment_over),
        rests=DAILY,
    ),
    Rule(
        "invited",
        DataSubject.INFLUENCERS,
        gettext_lazy("Your public channels and address, when you were invited and have not joined"),
        gettext_lazy("To ask you whether you want to take part."),
        Ground.TASK,
        TEAM,
        gettext_lazy("%(days)s after the last invitation."),
        setting="INVITED_DAYS",
        due=lambda at: joining_retention.invited_over(at=at),
        forget=lambda at: joining_retention.forget_invited(at=at),
    ),
    Rule(
        "applications",
        DataSubject.INFLUENCERS,
        gettext_lazy("A completed form to join whose address was not confirmed"),
        gettext_lazy("So that you can continue when you enter the code."),
        Ground.CONSENT,
        gettext_lazy("Liaisons and administrators see that there is one."),
        gettext_lazy("%(days)s."),
        fixed=joining_retention.UNCONFIRMED.days,
        due=lambda at: joining_retention.unconfirmed_over(at=at),
        forget=lambda at: joining_retention.forget_unconfirmed(at=at),
    ),
    Rule(
        "imports",
        DataSubject.INFLUENCERS,
        gettext_lazy("An imported list of people that has not been saved"),
        gettext_lazy("So that someone can look at it first."),
        Ground.TASK,
        TEAM,
        gettext_lazy("%(days)s; immediately when it is saved or discarded."),
        fixed=import_runs.WAITS_DAYS,
        due=imports_over,
        forget=drop_imports,
    ),
    Rule(
        "readers",
        DataSubject.SUBSCRIBERS,
        gettext_lazy("Your address, after you unsubscribed from the digest"),
        gettext_lazy("To answer you if you ask what you got. After that, only a code of it is left."),
        Ground.TASK,
        gettext_lazy("Liaisons and administrators, when they look for exactly your address because you asked."),
        gettext_lazy("%(days)s after you left; at once when you ask."),
        setting="LEFT_DAYS",
        due=offboarding.readers_over,
        forget=lambda at: offboarding.forget_readers(at=at),
        rests=DAILY,
    ),
    Rule(
        "unmatched_mail",
        DataSubject.WRITERS,
        gettext_lazy("An email from an address that we don't know"),
        gettext_lazy("To read and answer it."),
        Ground.TASK,
        TEAM,
        gettext_lazy("%(days)s after it arrived."),
        setting="UNMATCHED_MAIL_DAYS",
        due=unmatched_over,
        forget=retention.deleting(unmatched_over),
    ),
)


# --- Of one person ---------------------------------------------------------------------------------


def profiles_of(person: Person) -> QuerySet[Influencer]:
    """Return the profiles of someone, by their address or their login."""
    mine = Q(recipient__in=recipients_of(person)) | Q(user__in=users_of(person))
    return Influencer.objects.filter(mine).exclude(state=Influencer.State.ERASED)


def profiles(person: Person) -> Rows:
    """Return all that is stored of someone in each campaign."""
    related = ("campaign", "recipient", "user", "region", "liaison", "came_by")
    found = profiles_of(person).select_related(*related).order_by("pk")
    return [data_export.own_data(influencer, at=timezone.now()) for influencer in found]


def forget_profiles(person: Person, by: User | None, at: datetime) -> None:
    """Forget someone in every campaign, their digests too."""
    keys = set(profiles_of(person).values_list("recipient", flat=True))
    keys |= set(recipients_of(person).values_list("pk", flat=True))
    for recipient in Recipient.objects.filter(pk__in=keys).order_by("pk"):
        recipient_erasure.forget_subscriptions(recipient, at=at)
        offboarding.erase_everywhere(recipient, by=by, at=at)


def takes_part(person: Person) -> bool:
    """Return whether someone takes part in a campaign as an influencer."""
    return profiles_of(person).filter(state=Influencer.State.ACTIVE).exists()


def applications(person: Person) -> Rows:
    """Return what someone filled in to join and did not confirm."""
    rows = Application.objects.filter(person.has("email"))
    return data_subjects.plain(rows, "campaign__slug", "email", "language", "answers", "created_at")


def forget_applications(person: Person, by: User | None, at: datetime) -> None:
    """Delete what someone filled in to join."""
    Application.objects.filter(person.has("email")).delete()


def unmatched(person: Person) -> Rows:
    """Return the mails that came from someone's address and belong to nobody known."""
    rows = UnmatchedMail.objects.filter(person.has("from_address"))
    return data_subjects.plain(rows, "from_name", "from_address", "subject", "text", "folded", "at")


def messages(person: Person) -> Rows:
    """
    Return the messages in conversations that came from someone's address, and not from the one that is known there.
    """
    rows = ThreadMessage.objects.filter(person.has("from_address"))
    return data_subjects.plain(rows, "from_address", "subject", "text", "folded", "at")


@transaction.atomic
def forget_mail(person: Person, by: User | None, at: datetime) -> None:
    """Delete the mails from someone's address, and take it off messages in the conversations of others."""
    UnmatchedMail.objects.filter(person.has("from_address")).delete()
    ThreadMessage.objects.filter(person.has("from_address")).update(from_address="")


PARTS = (
    Part("profiles", gettext_lazy("Influencer"), profiles, forget_profiles, needs=takes_part),
    Part(
        "applications",
        gettext_lazy("Forms to join"),
        applications,
        forget_applications,
        addresses=lambda: Application.objects.values_list("email", flat=True),
    ),
    Part(
        "unmatched_mail",
        gettext_lazy("Emails from unknown senders"),
        unmatched,
        forget_mail,
        addresses=lambda: UnmatchedMail.objects.exclude(from_address="").values_list("from_address", flat=True),
    ),
    Part(
        "messages",
        gettext_lazy("Messages from this address in conversations"),
        messages,
        addresses=lambda: ThreadMessage.objects.exclude(from_address="").values_list("from_address", flat=True),
    ),
)

consents.offer(Consent.Purpose.BULLETINS, version=form_options.CONSENT_TEXT, words=form_options.BULLETINS_CONSENT)
consents.offer(Consent.Purpose.OPEN_TRACKING, version=form_options.CONSENT_TEXT, words=form_options.OPENS_CONSENT)
consents.offer(Consent.Purpose.ANOTHER_CRISIS, version=form_options.CONSENT_TEXT, words=form_options.ANOTHER_CONSENT)
