"""
Whoever has roles in one campaign only sees nothing of another: every address of the desk, tried with the other campaign's rows, and
every page that opens, searched for its words.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import F, Model
from django.urls import reverse
from django.utils import translation

from accounts.access import campaign_roles, row_scopes
from accounts.access.permissions import PERMISSIONS, is_held_in_a_campaign
from accounts.access.roles import IN_CAMPAIGNS
from accounts.models import User
from campaigns.http import desk_campaigns
from campaigns.models import Campaign, CampaignLanguage, CampaignRole, SavedView
from notifications.models import Notice
from tests.desk.scene import fill
from tests.support import builders, frozen_rows

from .page_permissions import DESK, FOR_ALL_STAFF, DeskRoute
from .test_routes import Walk, blank, is_refused, model_of, of_models, works

MARK = "Zebra"  # in every text of the other campaign
WORDS = (
    "title",
    "name",
    "text",
    "body",
    "words",
    "label",
    "note",
    "summary",
    "subject",
    "fact",
    "reason",
    "purpose",
    "handle",
)
# Kinds of rows that all campaigns share, and which roles in a campaign show.
SHARED = {
    "campaigns.authority",
    "campaigns.region",
    "campaigns.bannedterm",
    "campaigns.platformlimit",
    "delivery.mailerlimit",
    "delivery.domainlimit",
    "delivery.mailerhealth",
    "delivery.hostprocess",
    "delivery.preflight",
    "delivery.pulse",
    "delivery.whatsapptemplate",
}


def mark(campaign: Campaign) -> None:
    """Write the mark into every text of a campaign's rows that people read."""
    for model in apps.get_models():
        way = row_scopes.way_of(model)
        if not way or model in {CampaignRole} or row_scopes.is_to_many(model, way):
            continue
        for row in row_scopes.of_campaign(model._base_manager.all(), campaign.pk):
            changed = {}
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                if field.name not in WORDS or field.choices or not value:
                    continue
                if isinstance(value, dict):
                    changed[field.attname] = {code: f"{MARK} {said}" for code, said in value.items()}
                elif isinstance(value, str):
                    changed[field.attname] = f"{MARK} {value}"[: field.max_length or None]
            if changed:
                with frozen_rows.thawed():
                    models.QuerySet(model).filter(pk=row.pk).update(**changed)


def someone(address: str, name: str) -> User:
    """Return somebody of the desk without any role of the site."""
    return User.objects.create_user(f"{address}@example.org", name=name, is_staff=True)


@pytest.fixture
def other(campaign: Campaign, roles: None, noon: Any, settings: Any, tmp_path: Any) -> Campaign:
    """Another campaign, public as well, full of everything, whose people have roles there only."""
    settings.MEDIA_ROOT = tmp_path
    fill(campaign, 1, noon=noon)
    other = builders.build_campaign("zebra-campaign", starts_on=date(2026, 1, 1))
    fill(other, 2, noon=noon)
    from bulletins.models import Bulletin, Comment, Handover

    Bulletin.objects.filter(campaign=other).update(number=F("number") + 500)
    theirs = someone("zebra-editor", f"{MARK} Editor")
    for role in IN_CAMPAIGNS:
        CampaignRole.objects.create(user=theirs, campaign=other, role=role)
    for one in Bulletin.objects.filter(campaign=other):
        Comment.objects.create(bulletin=one, place="gone", quote=f"{MARK} Monday", by=theirs, at=noon)
    Bulletin.objects.filter(campaign=other).update(taken_by=theirs)
    Handover.objects.create(campaign=other, given_by=theirs, given_at=noon, note=f"{MARK} note")
    SavedView.objects.create(
        campaign=other, owner=theirs, list="bulletins.bulletin", name=f"{MARK} view", query="q=x", is_shared=True
    )
    mark(other)
    CampaignLanguage.objects.filter(campaign=other).update(name=f"{MARK} crisis")
    return other


@pytest.fixture
def ada(campaign: Campaign, other: Campaign, noon: Any) -> User:
    """Someone with every role in one campaign and none in the other, who was told something of both before."""
    person = someone("ada", "Ada")
    for role in IN_CAMPAIGNS:
        CampaignRole.objects.create(user=person, campaign=campaign, role=role)
    for one in (campaign, other):
        words = f"{MARK} told" if one == other else "Told"
        Notice.objects.create(
            kind="question_waits", campaign=one, person=person, text=words, path="/desk/", at=noon, next_attempt_at=noon
        )
    return person


def theirs_of(model: type[Model], campaign: Campaign) -> Any:
    """Return a row of a model that is of a campaign, None where the model knows none or has none."""
    if not row_scopes.way_of(model):
        return None
    return row_scopes.of_campaign(model._base_manager.all(), campaign.pk).order_by("pk").first()


def routes() -> Iterator[tuple[str, DeskRoute, type[Model] | None]]:
    """Yield every address of the desk with the model of its row."""
    for name, route in (of_models() | DESK | dict.fromkeys(FOR_ALL_STAFF, DeskRoute(set(), of=""))).items():
        yield name, route, model_of(name, route)


def test_every_right_in_a_campaign_is_of_rows_that_know_theirs_or_that_all_share():
    names = {one for role in IN_CAMPAIGNS for one in PERMISSIONS[role] if is_held_in_a_campaign(one)}
    without = set()
    for name in names:
        app, _dot, codename = name.partition(".")
        verb, _line, model = codename.partition("_")
        if verb in {"view", "add", "change", "delete"} and not row_scopes.way_of(apps.get_model(app, model)):
            without.add(f"{app}.{model}")
            assert verb == "view", f"{name}: who has a role in one campaign would change what all share"
    assert without == SHARED


def test_an_address_whose_row_is_not_of_the_model_that_it_says_is_registered():
    with translation.override("en"):
        for name, route, model in routes():
            if model is None or not row_scopes.way_of(model):
                continue
            said = desk_campaigns.model_at(reverse(name, args=[1, *sample(route, name)]))
            assert said is model or name.removeprefix("admin:") in desk_campaigns.ROWS, name


def sample(route: DeskRoute, name: str) -> list[Any]:
    """Return arguments after a row's key that fit an address, whatever row that is."""
    for more in ([], [1], ["x"], ["message", 1], ["fi", "x"], [1, 1], ["bulletin"]):
        try:
            reverse(name, args=[1, *more])
        except Exception:
            continue
        return more
    raise AssertionError(name)


@pytest.mark.slow
@pytest.mark.looks
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_nobody_gets_at_rows_of_a_campaign_in_which_they_have_no_role(
    ada: User, campaign: Campaign, other: Campaign, signed_in: Any, blank: Any
) -> None:
    """Every address with the other's row: refused by GET and POST, whatever is in the session, and nothing is written."""
    wrong: list[str] = []
    blank()
    walk = Walk("ada", ada, signed_in(ada), wrong)
    walk.client.raise_request_exception = False
    session = walk.client.session
    session[desk_campaigns.CHOSEN] = other.pk
    session.save()
    tried = 0
    for name, route, model in routes():
        row = theirs_of(model, other) if model else None
        if row is None:
            continue
        tried += 1
        walk.ask_in_vain(name, [row.pk, *route.more(row)], fits=is_refused)
    assert not wrong, "\n".join(wrong)
    assert tried > 150


@pytest.mark.slow
@pytest.mark.looks
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_no_page_says_a_word_of_another_campaign(
    ada: User, campaign: Campaign, other: Campaign, signed_in: Any
) -> None:
    """Every list, form, Today, search, palette, bell and calendar, with rows of their own campaign."""
    told: list[str] = []
    walk = Walk("ada", ada, signed_in(ada), told)
    campaign_roles.enter(ada, campaign.pk, [role.value for role in IN_CAMPAIGNS])
    pages = 0
    for name, route, model in routes():
        row = None
        if model is not None:
            desk = admin.site._registry.get(model)
            row = (
                theirs_of(model, campaign) if desk is None or row_scopes.way_of(model) else model._base_manager.first()
            )
            if row is None:
                continue
        queries = [route.query(row)]
        if name in {"admin:everything", "admin:suggestions"}:
            queries.append(f"?q={MARK}")
        for query in queries:
            arguments = [*([row.pk] if row else []), *route.more(row)]
            if 0 in arguments:
                continue
            page = walk.ask(name, arguments, query=query, fits=works)
            pages += page.status_code == 200
            text = "" if page.streaming else page.content.decode(errors="replace")
            if query.startswith("?q="):
                text = re.sub(rf'(value=")?{MARK}(?! )', "", text)  # what was asked for is shown again
            told += [f"{name}{query} says: {found}" for found in around(text)]
    assert told == [], "\n".join(told)
    assert pages > 150


def around(text: str) -> list[str]:
    """Return what stands around each mark in a text."""
    return [
        text[max(0, one.start() - 60) : one.end() + 60].replace("\n", " ") for one in re.finditer(f"{MARK}|zebra", text)
    ][:2]


__all__ = ["blank"]  # a fixture
