"""Who of the team hears of an influencer."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.access.roles import Role
from accounts.models import User
from influencers.models import Influencer, Thread

MAY_ANSWER = "influencers.change_thread"
ON_CALL = "influencers.change_harassment"


def may_answer(person: User | None) -> bool:
    """Return whether someone works at the desk and may answer influencers."""
    return person is not None and person.is_active and person.is_staff and person.has_perm(MAY_ANSWER)


def answerers() -> QuerySet[User]:
    """Return who may be a contact person: whoever works at the desk and may answer influencers."""
    app, _dot, codename = MAY_ANSWER.partition(".")
    may = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
    people = User.objects.filter(may | Q(is_superuser=True), is_active=True, is_staff=True)
    return people.distinct().order_by("name", "email")


def who_answers(influencer: Influencer) -> list[User]:
    """Return an influencer's contact person, or all liaisons when there is none who may answer."""
    if may_answer(influencer.liaison):
        return [influencer.liaison]  # type: ignore[list-item]
    return liaisons() or list(User.objects.staff_with(MAY_ANSWER))


def liaisons() -> list[User]:
    """Return everyone who works at the desk as a liaison; one query."""
    return list(User.objects.filter(groups__name=Role.LIAISON, is_active=True, is_staff=True).order_by("pk"))


def page_of(thread: Thread) -> str:
    """Return the path of a conversation at the desk."""
    return reverse("admin:influencers_thread_change", args=[thread.pk])


def inbox() -> str:
    """Return the path of the list of conversations at the desk."""
    return reverse("admin:influencers_thread_changelist")
