"""What is kept of people of partner organisations: for how long, and what of one person."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule

from .models import PartnerMember

RULES = (
    Rule(
        "partner_members",
        DataSubject.STAFF,
        gettext_lazy("Which partner organisation you keep ways to help for"),
        gettext_lazy("So that you see and change its ways to help, and nobody else’s."),
        Ground.TASK,
        gettext_lazy("Administrators."),
        gettext_lazy("Until you are taken off, or you are erased."),
    ),
)


def memberships(person: Person) -> Rows:
    """Return the partner organisations that someone keeps ways to help for."""
    return data_subjects.plain(PartnerMember.objects.filter(user__in=users_of(person)), "partner__name")


def forget_memberships(person: Person, by: User | None, at: datetime) -> None:
    """Take someone off their partner organisations. What they wrote stays, under no name."""
    PartnerMember.objects.filter(user__in=users_of(person)).delete()


PARTS = (Part("partners", gettext_lazy("Keeps ways to help"), memberships, forget_memberships),)
