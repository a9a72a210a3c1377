"""Every route is on the list, and opens for exactly those who are listed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from accounts.roles import PERMISSIONS, Role
from tests import builders

from .routes import ANONYMOUS, DESK_PREFIX, DESK_ROLES, EVERYONE, ROUTES, Scene

REFUSED = {403, 404}
NEVER = {500, 502}


def all_routes() -> Iterator[tuple[str, str]]:
    """Give (name or pattern, path) of every route; names carry their namespaces."""

    def walk(resolver: URLResolver, namespace: str, path: str) -> Iterator[tuple[str, str]]:
        for pattern in resolver.url_patterns:
            where = path + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern, inner, where)
            elif isinstance(pattern, URLPattern):
                yield (f"{namespace}{pattern.name}" if pattern.name else where), where

    with translation.override("en"):
        yield from walk(get_resolver(), "", "")


SITE = {name for name, path in all_routes() if not path.startswith(DESK_PREFIX)}
DESK = {(name, path) for name, path in all_routes() if path.startswith(DESK_PREFIX)}


def test_every_route_is_on_the_list():
    assert sorted(SITE - ROUTES.keys()) == [], "Say in tests/architecture/routes.py who may open it."


def test_no_route_is_listed_that_does_not_exist():
    assert sorted(ROUTES.keys() - SITE) == []


@pytest.fixture
def scene(campaign: Any, minna: Any, authority: Any, media: None, ines: Any) -> Scene:
    """One of everything that a route may name."""
    from bulletins import attaching
    from bulletins.models import Asset
    from delivery import leaving
    from delivery.models import Recipient
    from delivery.reading import ReadLinks
    from factcheck import archiving
    from influencers import certifying
    from influencers.models import Handbook, PledgeText, Post, Recall, RecallNotice

    audience = builders.build_audience(campaign, size=1)
    bulletin = builders.build_bulletin(campaign, audiences=[audience])
    asset = Asset.objects.create(
        bulletin=bulletin,
        kind="image",
        title={"en": "Poster"},
        file="assets/poster.png",
        alt_text=builders.in_all(en="Poster"),
    )
    version = builders.published(bulletin)
    recipient = Recipient.objects.get(memberships__audience=audience)
    with translation.override("en"):
        url = leaving.unsubscribe_url(recipient.pk, version.mailing_id, "en")
        message = version.mailing.messages.get(language="en")
        read_url = ReadLinks(message.pk, "en").of(recipient.pk)
    letter = attaching.File("letter.txt", b"Libraries open on Monday.", "text/plain")
    sent_in = builders.build_input(campaign, authority=authority, by=minna, attachments=[letter])
    claim = builders.build_claim(campaign, published=False)
    copy = archiving.store("https://institute1.example/", "No food cures it.", at=builders.NOON)
    claim.evidence.update(copy=copy)
    builders.publish_claim(claim)
    recall = Recall.objects.create(campaign=campaign, kind="correction", version=version, planned_at=builders.NOON)
    RecallNotice.objects.create(recall=recall, influencer=ines.influencers.get(), rank=1, language="fi")
    post = Post.objects.create(
        campaign=campaign,
        influencer=ines.influencers.get(),
        version=version,
        platform="x",
        posted_at=builders.NOON,
        told_at=builders.NOON,
    )
    for model, more in ((Handbook, {}), (PledgeText, {"points": 1})):
        model.objects.create(campaign=campaign, language="en", title="Text", body="## One\n\nOne.", **more)
    certifying.issue([ines.influencers.get()], campaign, by=builders.build_user("signer", "liaison"), at=builders.NOON)
    return Scene(
        post_pk=post.pk,
        number=bulletin.number,
        recall_pk=recall.pk,
        slug=claim.slug,
        claim_pk=claim.pk,
        copy_pk=copy.pk,
        input_pk=sent_in.pk,
        attachment_pk=sent_in.attachments.get().pk,
        token=url.rstrip("/").rsplit("/", 1)[-1],
        read_token=read_url.rstrip("/").rsplit("/", 1)[-1],
        asset=asset.file.name,
    )


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> None:
    """A folder of this test's own for files."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def stored_asset(media: None, tmp_path: Any) -> None:
    """A file where the scene's asset should be."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "poster.png").write_bytes(b"\x89PNG")


def client_of(role: str, campaign: Any, request: pytest.FixtureRequest) -> Client:
    """Return a client that is logged in as somebody with the role, or as nobody."""
    client = Client(raise_request_exception=False)
    if role == Role.CONTRIBUTOR:
        client.force_login(request.getfixturevalue("minna"))
    elif role == Role.INFLUENCER:
        client.force_login(request.getfixturevalue("ines"))
    elif role != ANONYMOUS:
        client.force_login(builders.build_user("walker", role))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_route_opens_for_those_on_its_list_and_nobody_else(role, scene, campaign, stored_asset, roles, request):
    client = client_of(role, campaign, request)
    wrong = []
    for name, route in ROUTES.items():
        try:
            with translation.override("en"):
                path = reverse(name, args=route.arguments(scene))
        except NoReverseMatch:
            continue  # test_no_route_is_listed_that_does_not_exist says so
        response = client.get(path)
        if role in route.who:
            fits = response.status_code in route.answers
        elif role == ANONYMOUS:
            to_login = response.status_code == 302 and "login" in response["Location"]
            fits = to_login or response.status_code in REFUSED
        else:
            fits = response.status_code in REFUSED
        if not fits:
            wrong.append(f"{name} ({path}) answered {response.status_code}")
    assert wrong == []


@pytest.mark.django_db
def test_another_authoritys_input_does_not_exist(campaign, minna, authority, signed_in):
    other = builders.build_authority("agency")
    theirs = builders.build_input(campaign, authority=other, by=None, title="Theirs")

    with translation.override("en"):
        response = signed_in(minna).get(reverse("bulletins:input", args=[theirs.pk]))

    assert response.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_the_desk_shows_each_role_what_the_table_gives_it_and_no_more(role, scene, campaign, roles, request):
    """Lists, forms to add, and one page of each model with a row; no page may break for anybody."""
    from django.apps import apps

    client = client_of(role, campaign, request)
    granted = PERMISSIONS[Role(role)] if role != ANONYMOUS else set()
    wrong = []
    for name, _path in sorted(DESK):
        address, needed = desk_address(name, apps)
        if address is None:
            continue
        response = client.get(address)
        status = response.status_code
        if status in NEVER:
            wrong.append(f"{name} ({address}) broke with {status}")
        elif name not in {"admin:login", "admin:logout", "admin:jsi18n"} and role not in DESK_ROLES and status == 200:
            wrong.append(f"{name} ({address}) opened for somebody who is not staff")
        elif needed and not needed & granted and status == 200:
            wrong.append(f"{name} ({address}) opened without any of {', '.join(sorted(needed))}")
        elif needed and "_changelist" in name and needed & granted and status != 200:
            wrong.append(f"{name} ({address}) answered {status} to somebody who may see it")
    assert wrong == []


def desk_address(name: str, apps: Any) -> tuple[str | None, set[str]]:
    """Return a path that opens a desk route, None when it needs a row that is not there, and what it needs."""
    model = next(
        (
            model
            for model in apps.get_models()
            if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_")
        ),
        None,
    )
    needed: set[str] = set()
    if model is not None:
        label, what = model._meta.app_label, model._meta.model_name
        verbs = {"add": ("add",), "delete": ("delete",)}.get(name.rsplit("_", 1)[-1], ("view", "change"))
        needed = {f"{label}.{verb}_{what}" for verb in verbs}
    try:
        return reverse(name), needed
    except NoReverseMatch:
        row = model._default_manager.first() if model is not None else None
        if row is None:
            return None, needed
    try:
        return reverse(name, args=[row.pk]), needed
    except NoReverseMatch:
        return None, needed


@pytest.mark.django_db
def test_nothing_changes_by_a_get(scene, campaign, stored_asset, roles, request):
    """Mail scanners follow links: a GET of every public address leaves the database as it was."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        for name, route in ROUTES.items():
            try:
                with translation.override("en"):
                    Client().get(reverse(name, args=route.arguments(scene)))
            except NoReverseMatch:
                continue
    writing = [
        query["sql"]
        for query in queries.captured_queries
        if query["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        and "django_session" not in query["sql"]
    ]
    assert writing == []
