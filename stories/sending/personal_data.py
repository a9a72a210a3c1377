"""What is kept of people of municipalities and of people seen in stories: for how long, and what of one person."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule
from stories.models import MunicipalityInvitation, MunicipalityMember, Story, StoryConsent, StoryUpload
from stories.story_media.personal_data import taken_away

from . import story_steps, uploads

INVITED_DAYS = 60
ASKED_DAYS = 60
DRAFT_DAYS = 60


def invitations_over(at: datetime) -> QuerySet[Any]:
    """Return the invitations that are over, and those that nobody took up in their time."""
    return MunicipalityInvitation.objects.filter(at__lte=at - timedelta(days=INVITED_DAYS))


def uploads_over(at: datetime) -> QuerySet[Any]:
    """Return the files on their way that have not gone on for days."""
    return StoryUpload.objects.filter(expires_at__lte=at)


def forget_uploads(at: datetime) -> int:
    """Delete some of these with their pieces."""
    rows = list(uploads_over(at).order_by("pk")[:50])
    for row in rows:
        with transaction.atomic():
            uploads.forget(row)
    return len(rows)


def drafts_over(at: datetime) -> QuerySet[Any]:
    """Return the stories that were begun and never sent."""
    return Story.objects.filter(state=Story.State.DRAFT, sent_at=None, made_at__lte=at - timedelta(days=DRAFT_DAYS))


def forget_drafts(at: datetime) -> int:
    """Delete some of these with their files."""
    rows = list(drafts_over(at).order_by("pk")[:50])
    for row in rows:
        with transaction.atomic():
            story_steps.discard(row, by=None, at=at)
    return len(rows)


def consents_over(at: datetime) -> QuerySet[Any]:
    """
    Return the consents that no story needs, and those that were taken back. The row of one that a story needs stays, under no name:
    it keeps the story off.
    """
    taken_back = Q(withdrawn_at__lte=at - timedelta(days=ASKED_DAYS)) & ~Q(name="")
    return StoryConsent.objects.filter(unneeded(at) | taken_back)


def unneeded(at: datetime) -> Q:
    """
    Return the condition for consents of people whom no story shows or will: all with them were withdrawn or refused as long ago as their
    files are kept, or nothing came of being asked.
    """
    stories = Story.objects.filter(people=OuterRef("pk"))
    needing = stories.exclude(pk__in=taken_away(at).values("pk"))
    asked_for_nothing = ~Exists(stories) & Q(asked_at__lte=at - timedelta(days=ASKED_DAYS))
    return asked_for_nothing | (Exists(stories) & ~Exists(needing))


def forget_consents(at: datetime) -> int:
    """Delete some of these, or their names."""
    keys = list(consents_over(at).order_by("pk").values_list("pk", flat=True)[: retention.MOST_AT_ONCE])
    StoryConsent.objects.filter(unneeded(at), pk__in=keys).delete()
    StoryConsent.objects.filter(pk__in=keys).update(name="", known_as="", guardian="", is_minor=False)
    return len(keys)


RULES = (
    Rule(
        "municipality_members",
        DataSubject.STAFF,
        gettext_lazy("Which municipality you send stories for"),
        gettext_lazy("So that you see and change its stories, and nobody else’s."),
        Ground.TASK,
        gettext_lazy("Liaisons and administrators."),
        gettext_lazy("Until you are taken off, or you are erased."),
    ),
    Rule(
        "municipality_invited",
        DataSubject.STAFF,
        gettext_lazy("The address that an invitation to send stories went to"),
        gettext_lazy("So that its link opens for you alone."),
        Ground.TASK,
        gettext_lazy("Liaisons and administrators."),
        gettext_lazy("%(days)s."),
        fixed=INVITED_DAYS,
        due=invitations_over,
        forget=retention.deleting(invitations_over),
    ),
    Rule(
        "story_uploads",
        DataSubject.STAFF,
        gettext_lazy("A file that you began to send with a story"),
        gettext_lazy("So that it goes on where it stopped."),
        Ground.TASK,
        gettext_lazy("Nobody but you."),
        gettext_lazy("Until it is whole, or %(days)s after its last piece."),
        fixed=uploads.KEPT.days,
        due=uploads_over,
        forget=forget_uploads,
    ),
    Rule(
        "story_drafts",
        DataSubject.STAFF,
        gettext_lazy("A story that you began and did not send"),
        gettext_lazy("So that you can go on with it."),
        Ground.TASK,
        gettext_lazy("The people of your municipality."),
        gettext_lazy("%(days)s after it was begun."),
        fixed=DRAFT_DAYS,
        due=drafts_over,
        forget=forget_drafts,
    ),
    Rule(
        "story_consents",
        DataSubject.EVERYBODY,
        gettext_lazy(
            "Your name and your consent, when you are seen in a municipality’s story; for a minor, the guardian’s name; what tells you apart from somebody of the same name"
        ),
        gettext_lazy(
            "A story is shown only while everybody seen agrees. You take your consent back by the link that you signed by."
        ),
        Ground.CONSENT,
        gettext_lazy("The municipality’s people and the bulletin desk."),
        gettext_lazy(
            "As long as a story shows you; your name goes with the files of the last one. It goes %(days)s after you took the consent back, or were asked and no story came of it."
        ),
        fixed=ASKED_DAYS,
        due=consents_over,
        forget=forget_consents,
    ),
)


def memberships(person: Person) -> Rows:
    """Return the municipalities that someone sends stories for."""
    rows = MunicipalityMember.objects.filter(user__in=users_of(person))
    return data_subjects.plain(rows, "municipality__code", "municipality__name", "joined_at")


def forget_memberships(person: Person, by: User | None, at: datetime) -> None:
    """Take someone off their municipalities, with what they have not sent yet. What was sent stays, under no name of theirs."""
    users = users_of(person)
    for row in StoryUpload.objects.filter(user__in=users):
        uploads.forget(row)
    Story.objects.filter(sent_by__in=users).update(sent_by=None)
    MunicipalityMember.objects.filter(user__in=users).delete()


def invited(person: Person) -> Rows:
    """Return the invitations to send stories that someone got."""
    rows = MunicipalityInvitation.objects.filter(person.has("email"))
    return data_subjects.plain(
        rows, "municipality__code", "email", "language", "at", "sent_at", "accepted_at", "withdrawn_at"
    )


def forget_invited(person: Person, by: User | None, at: datetime) -> None:
    """Delete someone's invitations."""
    MunicipalityInvitation.objects.filter(person.has("email")).delete()


def stories_of(person: Person) -> Rows:
    """Return the stories that someone sent, with what is on its way."""
    rows = Story.objects.filter(sent_by__in=users_of(person))
    return data_subjects.plain(
        rows, "key", "kind", "state", "title", "speaker", "sentence", "text", "made_at", "sent_at"
    )


def on_their_way(person: Person) -> Rows:
    """Return the files that someone began to send."""
    rows = StoryUpload.objects.filter(user__in=users_of(person))
    return data_subjects.plain(rows, "filename", "size", "received", "begun_at", "expires_at")


PARTS = (
    Part("municipality_uploads", gettext_lazy("Files on their way"), on_their_way),
    Part("municipality_stories", gettext_lazy("Sent stories"), stories_of),
    Part("municipality_invited", gettext_lazy("Invited to send stories"), invited, forget_invited),
    Part("municipalities", gettext_lazy("Sends stories"), memberships, forget_memberships),
)
