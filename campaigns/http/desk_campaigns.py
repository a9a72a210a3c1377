"""
Which campaign someone at the desk works in, and with which rights. Where somebody has roles in campaigns, an address of a row is
about the row's campaign: their rights are those that they have there, whichever campaign they chose, and a row of a campaign in
which they have none does not exist.
"""

from collections.abc import Callable
from typing import Any, cast

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import Http404
from django.utils import timezone

from accounts.access import campaign_roles, row_scopes
from campaigns.models import Campaign
from lib.text.numbers.whole_numbers import whole_number

from .requests import CampaignRequest

CHOSEN = "desk_campaign"  # in the session: the key of the campaign that someone at the desk chose to work in
KEYS = ("pk", "object_id", "bulletin")  # what the key of a row is called in addresses
OPENED_IN = "opened_in"  # in a form for something new: the campaign in which it was opened, perhaps in another tab
MOST = 60  # campaigns that the switcher offers

# From what an address of the desk names to the model of its row, by the address's name.
RowModel = Callable[[dict[str, Any]], "type[models.Model] | None"]
ROWS: dict[str, RowModel] = {}


def choose(request: CampaignRequest) -> None:
    """
    Set the campaign that a request to the desk is about, those that could be chosen instead, and the rights of whoever asks. Three
    plain queries: one that knew all three answers took three times as long to put together.
    """
    request.desk_campaigns, request.roles_by_campaign = [], {}
    request.campaign = request.shown_campaign = None
    user: Any = request.user
    if not user.is_authenticated:
        return
    held: dict[int, list[str]] = {}
    for campaign, role in campaign_roles.rows().filter(user=user).values_list("campaign", "role"):
        held.setdefault(campaign, []).append(role)
    chosen = request.session.get(CHOSEN)
    request.desk_campaigns = list(Campaign.objects.for_desk(user, held, chosen)[:MOST])
    request.roles_by_campaign = held
    first = next(iter(request.desk_campaigns), None)
    if first is None or (first.closed_at and first.pk != chosen):
        return
    work_in(request, first)


def work_in(request: CampaignRequest, campaign: Campaign) -> None:
    """Let a request be about a campaign, with the rights that whoever asks has in it."""
    request.campaign = request.shown_campaign = campaign
    roles = request.roles_by_campaign.get(campaign.pk, [])
    if roles or campaign.closed_at:
        campaign_roles.enter(request.user, campaign.pk, roles, is_closed=campaign.closed_at is not None)
    elif hasattr(request.user, "here"):
        del request.user.here


def known_to(request: Any) -> list[int] | None:
    """Return the keys of the campaigns that whoever asks may know of, None for all."""
    if not getattr(request, "roles_by_campaign", None):
        return None
    return sorted(one.pk for one in request.desk_campaigns)


def names_rows_of(name: str, model: type[models.Model] | RowModel) -> None:
    """
    Say of which model the row is that the address of the desk with a name names, where the address says another one, or that
    depends on its arguments.
    """
    ROWS[name] = (lambda kwargs: model) if isinstance(model, type) else model


def follow(request: CampaignRequest, kwargs: dict[str, Any]) -> None:
    """
    Change to the campaign in which a form was opened that says so, and to that of the row that an address of the desk names, for
    people who have roles in campaigns, and for others where the desk shows its page whichever campaign they work in. While all are
    closed, pages of what each campaign has of its own are those of the one that was there last. Raise Http404
    for one that they may not work in. One query; another one for a row of another campaign.
    """
    if len(request.desk_campaigns) > 1 and request.method == "POST" and (opened := request.POST.get(OPENED_IN)):
        change_to(request, whole_number(opened))
    if not may_follow(request):
        return
    match = request.resolver_match
    named = ROWS.get(match.url_name or "") if match else None
    model = named(kwargs) if named else model_at(request.path)
    if is_none_open(request) and not key_in(kwargs) and is_of_campaigns(model):
        change_to(request, request.desk_campaigns[0].pk)
    else:
        follow_row(request, model, kwargs, is_named=named is not None)


def follow_row(
    request: CampaignRequest, model: type[models.Model] | None, kwargs: dict[str, Any], *, is_named: bool
) -> None:
    """Change to the campaign of the row of a model that an address names; `is_named` where the address says another model."""
    about = campaign_of_row(model, kwargs)
    if about is None or (request.campaign is not None and about == request.campaign.pk):
        return
    if request.roles_by_campaign or (not is_named and is_to_change(request, about, model, kwargs)):
        change_to(request, about)


def may_follow(request: CampaignRequest) -> bool:
    """Return whether rows of another campaign than the one that is worked in could be asked for."""
    return bool(request.roles_by_campaign) or len(request.desk_campaigns) > 1 or is_none_open(request)


def is_none_open(request: CampaignRequest) -> bool:
    """Return whether no campaign is worked in as all are closed: they are read, and refuse whatever would change them."""
    return request.campaign is None and bool(request.desk_campaigns)


def is_of_campaigns(model: type[models.Model] | None) -> bool:
    """Return whether the desk's list of a model has the rows of one campaign."""
    return bool(getattr(admin.site._registry.get(model) if model else None, "campaign_by", ""))


def is_to_change(
    request: CampaignRequest, about: int, model: type[models.Model] | None, kwargs: dict[str, Any]
) -> bool:
    """
    Return whether somebody with roles for the whole site goes over to `about`, the campaign of the row that an address names: where
    the desk shows it among several campaigns, or, while all are closed, only in its own.
    """
    if all(one.pk != about for one in request.desk_campaigns):
        return False
    if is_shown_everywhere(request, about, model, kwargs):
        return len(request.desk_campaigns) > 1
    return is_none_open(request)


def is_shown_everywhere(
    request: CampaignRequest, about: int, model: type[models.Model] | None, kwargs: dict[str, Any]
) -> bool:
    """
    Return whether the desk shows the row of a model that an address names, although it is of another campaign, `about`, than the
    one that is worked in. Beyond MOST campaigns it opens as it is.
    """
    desk = admin.site._registry.get(model) if model and any(one.pk == about for one in request.desk_campaigns) else None
    return desk is not None and desk.get_queryset(request).filter(pk=key_in(kwargs)).exists()


def change_to(request: CampaignRequest, key: int) -> None:
    """Let a request be about the campaign with a key. Raise Http404 for one in which whoever asks may not work."""
    if request.campaign is not None and key == request.campaign.pk:
        return
    found = next((one for one in request.desk_campaigns if one.pk == key), None)
    if found is None:
        raise Http404
    work_in(request, found)
    timezone.activate(found.zone)


def key_in(kwargs: dict[str, Any]) -> int:
    """Return the key of the row that an address names, 0 where it names none."""
    return whole_number(next((str(kwargs[name]) for name in KEYS if name in kwargs), ""))


def campaign_of_row(model: type[models.Model] | None, kwargs: dict[str, Any]) -> int | None:
    """Return the key of the campaign of the row of a model that an address names, None where it names none that has one."""
    key = key_in(kwargs)
    way = row_scopes.way_of(model) if model else ""
    if model is None or not way or not key or row_scopes.is_to_many(model, way):
        return None
    rows = cast("models.QuerySet[Any]", model._base_manager.filter(pk=key))
    found: int | None = rows.values_list(way, flat=True).first()
    return found


def model_at(path: str) -> type[models.Model] | None:
    """Return the model whose rows an address of the desk is about: /desk/<app>/<model>/…"""
    app, _slash, rest = path.removeprefix("/desk/").partition("/")
    try:
        return apps.get_model(app, rest.partition("/")[0])
    except (LookupError, ValueError):
        return None
