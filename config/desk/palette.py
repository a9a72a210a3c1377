"""What the field that finds everything suggests: before a word is typed, where one may go and the newest bulletins; then what is found."""

from dataclasses import asdict
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from unfold.sites import UnfoldAdminSite

from accounts.access import row_scopes
from accounts.models import User
from bulletins.editing.edition_labels import title_of
from bulletins.editing.translation.translation_status import editions_in_short
from bulletins.models import Bulletin
from campaigns.models import Campaign

from .search import LONGEST, Asked, Found, Hit, find

NEWEST = 6  # bulletins that are suggested
OF_A_KIND = 4  # of what is found


@never_cache
@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    """Return what is suggested for `q` as JSON. An email address is not looked for here: it would stand in an address."""
    user = request.user
    assert isinstance(user, User)
    said = " ".join(request.GET.get("q", "").split())[:LONGEST]
    campaign: Campaign | None = getattr(request, "campaign", None)
    groups = [Found(_("Go to"), [one for one in ways(request) if says(one.title, said)])]
    if campaign and not said:
        groups.insert(0, Found(_("Newest bulletins"), newest(user, campaign)))
    elif campaign and "@" not in said:
        groups += [Found(one.kind, one.hits[:OF_A_KIND]) for one in find(Asked(said, user, campaign))]
    shown = [{"kind": one.kind, "hits": [asdict(hit) for hit in one.hits]} for one in groups if one.hits]
    return JsonResponse({"groups": shown})


def says(title: str, said: str) -> bool:
    """Return whether a title has each word that was typed, or its beginning."""
    return all(word in title.casefold() for word in said.casefold().split())


def ways(request: HttpRequest) -> list[Hit]:
    """Return where somebody may go from anywhere: what they may begin, then what their menu has."""
    begun = []
    if request.user.has_perm("bulletins.add_bulletin") and getattr(request, "campaign", None):
        begun.append(Hit(_("New bulletin"), reverse("admin:bulletins_bulletin_add")))
    begun.append(Hit(_("Hand over my shift"), reverse("admin:shift")))
    desk = admin.site
    assert isinstance(desk, UnfoldAdminSite)
    groups: list[dict[str, Any]] = desk.get_sidebar_list(request)
    menu = [item for group in groups for item in group["items"] if item.get("has_permission", True)]
    return [*begun, *(Hit(capfirst(str(item["title"])), str(item["link"])) for item in menu)]


def newest(user: User, campaign: Campaign) -> list[Hit]:
    """Return the newest bulletins that somebody reaches; two queries."""
    if not user.has_perm("bulletins.view_bulletin"):
        return []
    rows = row_scopes.visible(Bulletin.objects.filter(campaign=campaign), user).order_by("-number")
    return [
        Hit(
            f"{one}: {title_of(one) or _('no title yet')}",
            reverse("admin:bulletins_bulletin_change", args=[one.pk]),
            str(one.get_state_display()).capitalize(),
        )
        for one in rows.prefetch_related(editions_in_short())[:NEWEST]
    ]
