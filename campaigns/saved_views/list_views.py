"""Keeping, renaming, sharing and removing views of a list."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign, SavedView

MOST = 20  # views of one list that one person keeps
LONGEST_NAME = 60
LONGEST_QUERY = 500
NOT_OF_A_VIEW = {"p", "page", "e"}  # the page of a list, and that its address was wrong


class NotKept(Exception):
    """A view that is refused. The message says why; nothing was changed."""


def offered(user: User, campaign: Campaign, key: str) -> list[SavedView]:
    """Return the views of a list ("bulletins.bulletin") that somebody has, and those that colleagues share; one query."""
    rows = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True), campaign=campaign, list=key)
    return sorted(rows.select_related("owner"), key=lambda one: (one.owner_id != user.pk, one.name.casefold(), one.pk))


def query_of(given: QueryDict) -> str:
    """Return the one form of what an address says of a list, without what makes no view."""
    pairs = [(name, value) for name in sorted(given) for value in given.getlist(name) if value]
    return urlencode([(name, value) for name, value in pairs if name not in NOT_OF_A_VIEW])


def checked(query: str, known: Iterable[str]) -> str:
    """Return a query in its one form. Raise NotKept when it holds anything but what a list knows."""
    if len(query) > 4 * LONGEST_QUERY:
        raise NotKept(_("Not saved: what the list shows is described by too long an address."))
    given = QueryDict(query)
    if set(given) - set(known) - NOT_OF_A_VIEW or "\x00" in "".join(
        value for key in given for value in given.getlist(key)
    ):
        raise NotKept(_("Not saved: the address asks for something that this list does not know."))
    found = query_of(given)
    if not found:
        raise NotKept(_("Not saved: filter, search or sort the list first."))
    if len(found) > LONGEST_QUERY:
        raise NotKept(_("Not saved: what the list shows is described by too long an address."))
    return found


def named(name: str) -> str:
    """Return a name as it is kept. Raise NotKept for none, and for one that is too long."""
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise NotKept(_("Not saved: give the view a name."))
    if len(name) > LONGEST_NAME:
        raise NotKept(_("Not saved: a name has at most %(n)d characters.") % {"n": LONGEST_NAME})
    return name


@transaction.atomic
def keep(owner: User, campaign: Campaign, key: str, *, name: str, query: str, shared: bool, default: bool) -> SavedView:
    """
    Keep a view under a name; one that the same person has under it already shows this from now on. `query` has been checked.
    Raise NotKept.
    """
    User.objects.select_for_update().get(pk=owner.pk)
    name, mine = named(name), SavedView.objects.filter(owner=owner, campaign=campaign, list=key)
    row = mine.filter(name=name).first()
    if row is None and mine.count() >= MOST:
        raise NotKept(_("Not saved: you have %(n)d views of this list. Remove one first.") % {"n": MOST})
    row = row or SavedView(owner=owner, campaign=campaign, list=key, name=name)
    row.query = query
    return _store(row, shared=shared, default=default)


@transaction.atomic
def change(row: SavedView, *, name: str, shared: bool, default: bool) -> SavedView:
    """Rename a view, share it with the team or no more, open the list with it or no more. Raise NotKept."""
    User.objects.select_for_update().get(pk=row.owner_id)
    row.name = named(name)
    same = SavedView.objects.filter(owner=row.owner_id, campaign=row.campaign_id, list=row.list, name=row.name)
    if same.exclude(pk=row.pk).exists():
        raise NotKept(_("Not saved: you have another view with that name."))
    return _store(row, shared=shared, default=default)


def _store(row: SavedView, *, shared: bool, default: bool) -> SavedView:
    if default:
        others = SavedView.objects.filter(owner=row.owner_id, campaign=row.campaign_id, list=row.list, is_default=True)
        others.exclude(pk=row.pk).update(is_default=False)
    row.is_shared, row.is_default = shared, default
    row.save()
    return row
