"""What this app keeps of people: for how long, and what of one person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DataSubject, Ground, Rule

from .models import Authority, AuthorityMember, Campaign, SavedView

RULES = (
    Rule(
        "contacts",
        DataSubject.STAFF,
        gettext_lazy("Your name and address, where you are a campaign's or an authority's contact"),
        gettext_lazy("So that people know whom to contact."),
        Ground.TASK,
        gettext_lazy("Everyone: they are on public pages and in emails."),
        gettext_lazy("Until someone else is named, or you are erased."),
    ),
    Rule(
        "saved_views",
        DataSubject.STAFF,
        gettext_lazy("The views of lists that you save, with the words that they search for"),
        gettext_lazy("So that you find again what you work with."),
        Ground.TASK,
        gettext_lazy("You, and colleagues where you share one."),
        gettext_lazy("Until you remove them, or you are erased."),
    ),
)

# Where a person may be named as a contact: model, field of the address, and what goes with it.
PLACES: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (Campaign, "liaison_email", ("liaison_name",)),
    (Authority, "contact", ()),
)


def contacts(person: Person) -> Rows:
    """Return where someone is named as a contact."""
    return [
        row
        for model, field, others in PLACES
        for row in data_subjects.plain(model._default_manager.filter(person.has(field)), "slug", field, *others)
    ]


def forget_contacts(person: Person, by: User | None, at: datetime) -> None:
    """Name someone as a contact no more."""
    for model, field, others in PLACES:
        model._default_manager.filter(person.has(field)).update(**dict.fromkeys((field, *others), ""))


def contact_addresses() -> Iterator[str]:
    """Yield the addresses of contacts."""
    for model, field, _others in PLACES:
        yield from model._default_manager.exclude(**{field: ""}).values_list(field, flat=True)


def memberships(person: Person) -> Rows:
    """Return the authorities that someone gives message input for."""
    return data_subjects.plain(AuthorityMember.objects.filter(user__in=users_of(person)), "authority__slug")


def forget_memberships(person: Person, by: User | None, at: datetime) -> None:
    """Take someone off their authorities."""
    AuthorityMember.objects.filter(user__in=users_of(person)).delete()


def saved_views(person: Person) -> Rows:
    """Return the views of lists that someone keeps, and those that search for their address."""
    return data_subjects.plain(views_about(person), "list", "name", "query", "is_shared", "is_default")


def views_about(person: Person) -> QuerySet[SavedView]:
    """Return the views that someone keeps, and those that search for their address."""
    about = Q(owner__in=users_of(person))
    for spelling in person.spellings:
        about |= Q(query__icontains=quote_plus(spelling)) | Q(name__icontains=spelling)
    return SavedView.objects.filter(about)


def forget_saved_views(person: Person, by: User | None, at: datetime) -> None:
    """Forget the views that someone keeps, and those that search for their address."""
    views_about(person).delete()


PARTS = (
    Part("saved_views", gettext_lazy("Saved views of lists"), saved_views, forget_saved_views),
    Part("authorities", gettext_lazy("Writes for authorities"), memberships, forget_memberships),
    Part("contacts", gettext_lazy("Named as a contact"), contacts, forget_contacts, addresses=contact_addresses),
)
