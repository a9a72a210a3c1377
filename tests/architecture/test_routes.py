"""
Every route is on the list, and opens for exactly people whom the table of roles lets in: each route, tried by each
role, with their own rows and with those of others.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.db.models import F, Model
from django.http import HttpRequest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from accounts.access import row_scopes
from accounts.access.permissions import PERMISSIONS
from accounts.access.roles import Role
from accounts.models import Attempt, User
from campaigns.models import Campaign
from stories.consents import consent_steps
from stories.models import Commission, CommissionFile, Meeting, Offer, Partner, Story
from stories.municipalities import invitations
from tests.config.http import header_rules
from tests.desk.scene import fill
from tests.stories.commissions import scene as commissions
from tests.stories.contributions import scene as contributions
from tests.stories.courses import scene as courses
from tests.stories.sending import scene as stories_scene
from tests.stories.wall import scene as wall
from tests.stories.ways_to_help import scene as ways_to_help
from tests.support import builders

from .page_permissions import (
    ANONYMOUS,
    CLOSED,
    DESK,
    DESK_PREFIX,
    DESK_ROLES,
    EVERYONE,
    FOR_ALL_STAFF,
    NO_ROLE,
    OF_THE_FRAME,
    ROUTES,
    DeskRoute,
    Scene,
)

REFUSED = {403, 404}
NOT_SO = {405}  # by another method
BROKEN = {500, 502}
WRITING = ("INSERT", "UPDATE", "DELETE")


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
ON_DESK = {name for name, path in all_routes() if path.startswith(DESK_PREFIX)}


def of_models() -> dict[str, DeskRoute]:
    """Return the lists, forms and pages that the desk has for its models, each with what Django asks for it."""
    found = {}
    for model in admin.site._registry:
        label, name = model._meta.app_label, model._meta.model_name
        see = {f"{label}.view_{name}", f"{label}.change_{name}"}
        at = f"admin:{label}_{name}_"
        found[f"{at}changelist"] = DeskRoute(see, of="")
        found[f"{at}add"] = DeskRoute({f"{label}.add_{name}"}, of="")
        found[f"{at}change"] = DeskRoute(see, to_post={f"{label}.change_{name}"})
        found[f"{at}history"] = DeskRoute(see)
        found[f"{at}delete"] = DeskRoute({f"{label}.delete_{name}"})
    return found


def test_every_route_is_on_the_list():
    assert sorted(SITE - ROUTES.keys()) == [], "Say in tests/architecture/page_permissions.py who may open it."


def test_no_route_is_listed_that_does_not_exist():
    assert sorted(ROUTES.keys() - SITE) == []


def test_every_address_of_the_desk_says_what_it_needs():
    # What has no name are Django's own redirects, which look at no row.
    named = {name for name in ON_DESK if name.startswith("admin:")}
    listed = of_models().keys() | DESK.keys() | FOR_ALL_STAFF | OF_THE_FRAME

    assert sorted(named - listed) == [], "Say in tests/architecture/page_permissions.py what it needs."
    assert sorted(listed - named) == []
    granted = set().union(*PERMISSIONS.values())
    assert sorted(set().union(*(route.needs | (route.to_post or set()) for route in DESK.values())) - granted) == []


# --- Something of everything, and of everything something that is another's -------------------------------------


@pytest.fixture
def scene(campaign: Any, minna: Any, authority: Any, media: None, ines: Any, noon: Any) -> Scene:
    """One of everything that a route may name, in two campaigns."""
    from bulletins.intake import input_attachments
    from bulletins.models import Asset, Bulletin, Comment, Handover
    from campaigns.models import SavedView, SiteLanguage
    from delivery.message.web_version import ReadLinks
    from delivery.models import HostProcess, Recipient
    from factcheck.evidence import page_copies
    from factcheck.models import Claim, Sighting
    from influencers.models import (
        AskedPartner,
        Attachment,
        CodeOfEthics,
        Handbook,
        Post,
        Recall,
        RecallNotice,
        SeenRequest,
        Thread,
        UnmatchedMail,
    )
    from influencers.recognition import certificates
    from questions.models import QuestionGroup

    fill(campaign, 1, noon=noon)
    other = builders.build_campaign("other", starts_on=date(2026, 1, 1))
    fill(other, 2, noon=noon)
    Bulletin.objects.filter(campaign=other).update(number=F("number") + 500)
    Campaign.objects.filter(pk=campaign.pk).update(has_status_page=True)
    Campaign.objects.filter(pk=other.pk).update(published_at=None)  # of what readers never had, nothing is there
    UnmatchedMail.objects.create(campaign=other, from_address="x@example.org", mail_id="<other@example.org>", at=noon)
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
        url = builders.unsubscribe_url(recipient.pk, version.mailing_id, "en")
        message = version.mailing.messages.get(language="en")
        read_url = ReadLinks(message.pk, "en").of(recipient.pk)
    letter = input_attachments.File("letter.txt", b"Libraries open on Monday.", "text/plain")
    sent_in = builders.build_input(campaign, authority=authority, by=minna, attachments=[letter])
    agency = builders.build_authority("agency")
    handed_in = builders.build_input(campaign, authority=agency, by=None, attachments=[letter], title="Theirs")
    claim = builders.build_claim(campaign, published=False)
    copy = page_copies.store("https://institute1.example/", "No food cures it.", at=builders.NOON)
    claim.evidence.update(copy=copy)
    builders.publish_claim(claim)
    Handover.objects.create(campaign=campaign, given_by=builders.build_user("earlier", "editor"), given_at=noon)
    for one in Bulletin.objects.all():
        Comment.objects.create(bulletin=one, place="gone", quote="Monday", by=builders.editor(), at=noon)
    SiteLanguage.objects.create(code="se", own_name="davvisámegiella", added_at=noon, changed_at=noon)
    SavedView.objects.create(
        campaign=campaign, owner=builders.editor(), list="bulletins.bulletin", name="x", query="q=x"
    )
    HostProcess.objects.create(host="mail-1", name="worker-urgent", started_at=noon, seen_at=noon)
    recall = Recall.objects.create(campaign=campaign, kind="correction", version=version, planned_at=builders.NOON)
    RecallNotice.objects.create(recall=recall, influencer=ines.influencers.get(), rank=1, language="fi")
    asked = SeenRequest.objects.create(campaign=campaign, version=version, began_at=noon)
    AskedPartner.objects.create(request=asked, influencer=ines.influencers.get(), asked_at=noon)
    post = Post.objects.create(
        campaign=campaign,
        influencer=ines.influencers.get(),
        version=version,
        platform="x",
        posted_at=builders.NOON,
        told_at=builders.NOON,
    )
    for model, more in ((Handbook, {}), (CodeOfEthics, {"points": 1})):
        model.objects.create(
            campaign=campaign, language="en", version=7, title="Text", body="## One\n\n1. One.", **more
        )
    certificates.issue(
        [ines.influencers.get()], campaign, by=builders.build_user("signer", "liaison"), at=builders.NOON
    )
    asked = {"campaign": campaign, "state": "asked", "asked_at": noon, "answer_by": noon}
    ours = QuestionGroup.objects.create(slug="ours", label={"en": "Ours?"}, authority=authority, **asked)
    their_group = QuestionGroup.objects.create(slug="theirs", label={"en": "Theirs?"}, authority=agency, **asked)
    Sighting.objects.update(screenshot="sightings/seen.png")
    for thread in Thread.objects.all():
        Attachment.objects.create(message=thread.messages.first(), name="a.txt", file="conversations/a.txt", size=1)
    published = Claim.objects.filter(campaign=other, status="published").first()
    theirs = ways_to_help.build_partner(campaign, "Others")
    working = commissions.build_delivered(
        campaign, commissions.build_creator(campaign, "others", at=noon), at=noon, deadline=noon + timedelta(days=900)
    )
    courses.build_course(campaign, at=noon)
    contributions.build_contribution(
        contributions.build_prompt(campaign, at=noon, closes_at=noon + timedelta(days=900)), at=noon
    )
    courses.build_draft(campaign, at=noon, slug="of-others")
    town = campaign.municipalities.get(code__regex="^[0-9]{3}$")
    story = town.stories.filter(state="draft").earliest("pk")
    town.invitations.update(at=timezone.now())  # else its link is too old
    their_town = stories_scene.build_municipality(campaign, "999")
    their_story = stories_scene.build_story(
        their_town, by=stories_scene.build_sender(their_town, "their-teller"), at=noon
    )
    upload = stories_scene.build_upload(story, user=stories_scene.build_sender(town, "walker-municipality"), at=noon)
    assert published is not None
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
        asset=str(asset.file.name),
        group_pk=ours.pk,
        offer_pk=Offer.objects.earliest("pk").pk,
        meeting_pk=Meeting.objects.filter(exchange__campaign=campaign).earliest("pk").pk,
        open_commission_pk=Commission.objects.filter(state="open").earliest("pk").pk,
        work_pk=Commission.objects.exclude(published_at=None).earliest("pk").pk,
        picture_pk=CommissionFile.objects.earliest("pk").pk,
        story_key=Story.objects.shown(campaign).latest("pk").key,
        own_story_key=story.key,
        upload_key=upload.key,
        story_file_pk=story.files.get().pk,
        join_token=invitations.token_of(town.invitations.earliest("pk")),
        consent_token=consent_steps.token_of(town.consents.earliest("pk")),
        theirs={
            "post_pk": Post.objects.filter(campaign=campaign).exclude(pk=post.pk).get().pk,
            "recall_pk": Recall.objects.filter(campaign=campaign).exclude(pk=recall.pk).get().pk,
            "number": Bulletin.objects.filter(campaign=other, state="published").get().number,
            "slug": published.slug,
            "claim_pk": published.pk,
            "input_pk": handed_in.pk,
            "attachment_pk": handed_in.attachments.get().pk,
            "asked_pk": their_group.pk,
            "own_story_key": their_story.key,
            "offer_pk": ways_to_help.build_offer(campaign, at=noon, partner=theirs).pk,
            "sent_story": wall.build_story(campaign, at=noon).key,
            "draft_offer_pk": ways_to_help.build_draft(campaign, at=noon, partner=theirs).pk,
            "meeting_pk": Meeting.objects.filter(exchange__campaign=other).earliest("pk").pk,
            "commission_pk": working.pk,
            "commission_picture_pk": CommissionFile.objects.latest("pk").pk,
            "group_pk": QuestionGroup.objects.filter(campaign=other).first().pk,  # type: ignore[union-attr]
        },
    )


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> None:
    """A folder of this test's own for files, with those that the scene names."""
    settings.MEDIA_ROOT = tmp_path
    for name in ("assets/poster.png", "sightings/seen.png", "conversations/a.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"\x89PNG")


@pytest.fixture
def enter(signed_in: Any, request: pytest.FixtureRequest) -> Callable[..., "Walk"]:
    """Return a function that lets someone with a role walk, or nobody, or one of the other kinds."""

    def walk_as(who: str, wrong: list[str]) -> Walk:
        user = None if who == ANONYMOUS else person(who, request)
        client = signed_in(user) if user else Client()
        client.raise_request_exception = False
        if user and who == CLOSED:
            user.is_active = False
            user.save(update_fields=["is_active"])
        return Walk(who, user, client, wrong)

    return walk_as


def person(who: str, request: pytest.FixtureRequest) -> Any:
    """Return someone with a role, or of one of the other kinds."""
    if who == Role.CONTRIBUTOR:
        return request.getfixturevalue("minna")
    if who == Role.INFLUENCER:
        return request.getfixturevalue("ines")
    if who == Role.MUNICIPALITY:
        return User.objects.get(email__startswith="walker-municipality")
    if who == Role.PARTNER:
        return ways_to_help.build_keeper(Partner.objects.earliest("pk"), "walker-partner")
    role = {NO_ROLE: None, CLOSED: Role.EDITOR.value}.get(who, who)
    return builders.build_user(f"walker-{who.replace(' ', '-')}", role)


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what is written inside: the next person finds the scene, which takes a second to build, as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what makes pages empty from now on: who gets in is decided before, and a page costs far more than that."""

    def leave_out() -> None:
        monkeypatch.setattr("django.template.backends.django.Template.render", lambda *unused, **named: "")
        monkeypatch.setattr("config.desk.site.DeskSite.each_context", lambda *unused: {})

    return leave_out


class Walk:
    """Asks for addresses as one person, and keeps what was not as it should be."""

    def __init__(self, who: str, user: Any, client: Client, wrong: list[str]) -> None:
        self.who, self.user, self.client, self.wrong = who, user, client, wrong
        self.reads_headers = False  # of what is asked by GET, over HTTPS

    def ask(
        self,
        name: str,
        arguments: list[Any],
        method: str = "get",
        sent: dict[str, str] | None = None,
        *,
        query: str = "",
        fits: Callable[[Any], bool],
    ) -> Any:
        """Ask for an address and note an answer that does not fit."""
        with translation.override("en"):
            path = reverse(name, args=arguments) + query
        if method == "post":
            response = self.client.post(path, sent or {})
        else:
            response = self.client.get(path, secure=self.reads_headers)
            if self.reads_headers:
                faults = header_rules.faults_of(name, response, is_known=self.user is not None)
                self.wrong += [f"{self.who}: {name} ({path}): {fault}" for fault in faults]
        if not fits(response):
            self.wrong.append(f"{self.who}: {method} {name} ({path}) answered {response.status_code}")
        return response

    def ask_in_vain(
        self,
        name: str,
        arguments: list[Any],
        sent: dict[str, str] | None = None,
        *,
        methods: tuple[str, ...] = ("get", "post"),
        fits: Callable[[Any], bool],
    ) -> None:
        """Ask by GET and by POST for what has to be refused, and note an answer that does not fit or anything written."""
        for method in methods:
            writes = Writes()
            with connection.execute_wrapper(writes):
                self.ask(name, arguments, method, sent, fits=either(fits, NOT_SO))
            if writes.found:
                self.wrong.append(f"{self.who}: {method} {name} was refused and wrote: {writes.found[0][:90]}")

    def let_in(self, name: str, route: DeskRoute, arguments: list[Any], *, may_post: bool, query: str) -> None:
        """Ask for an address of the desk that is the person's to open, and post nothing to it, which is taken back."""
        # Rows that nobody adds or deletes by hand have such pages too, and a part that is not there has none.
        open_to_nobody = name.endswith(("_add", "_delete")) or 0 in arguments
        self.ask(name, arguments, query=query, fits=works if open_to_nobody else opens)
        if not may_post:
            shows = is_refused if name in DESK else works  # some pages show themselves whatever is sent
            self.ask_in_vain(name, arguments, methods=("post",), fits=shows)
        elif name in DESK:
            with taken_back():
                self.ask(name, arguments, "post", fits=goes_on)


class Writes:
    """Keeps the statements that changed a row of anything but sessions and counted tries, while it is in force."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Run a statement, and keep it if it counts."""
        done = execute(sql, params, many, context)
        table = sql.partition("(")[0].lower()
        is_uncounted = "session" in table or f'"{Attempt._meta.db_table}"' in table
        # SQLite tells of no row before those that a statement returns are read.
        changed = context["cursor"].rowcount or " RETURNING " in sql
        if sql.lstrip().upper().startswith(WRITING) and changed and not is_uncounted:
            self.found.append(sql)
        return done


def is_refused(response: Any) -> bool:
    """Return whether someone who is logged in was refused."""
    return response.status_code in REFUSED


def is_forbidden(response: Any) -> bool:
    """Return whether someone was refused for what they may not do, whatever there is."""
    return response.status_code == 403


def is_refused_or_led_to_the_login(response: Any) -> bool:
    """Return whether someone who may not be logged in was refused."""
    to_login = response.status_code == 302 and "login" in response["Location"]
    return to_login or response.status_code in REFUSED | {401}


def either(fits: Callable[[Any], bool], also: set[int]) -> Callable[[Any], bool]:
    """Return what tells whether an answer fits, or has one of some other statuses."""
    return lambda told: fits(told) or told.status_code in also


def opens(response: Any) -> bool:
    """Return whether a page came, or the way to it, or would come by another method."""
    return response.status_code in {200, 302, *NOT_SO}


def works(response: Any) -> bool:
    """Return whether nothing broke."""
    return response.status_code not in BROKEN


def goes_on(response: Any) -> bool:
    """Return whether someone was let in, whatever became of what they sent, which was nothing."""
    return response.status_code not in BROKEN | {403}


def does_not_exist(response: Any) -> bool:
    """Return whether a row was told not to be there."""
    return response.status_code == 404


# --- The site, the portal, the API -----------------------------------------------------------------------------


SEES_LITTLE = DESK_ROLES - {Role.ADMIN.value} | {CLOSED, NO_ROLE}  # the pages themselves are made for the others
SEES_OTHERS = {ANONYMOUS, Role.CONTRIBUTOR.value, Role.INFLUENCER.value, Role.ADMIN.value}


@pytest.mark.slow
@pytest.mark.looks
@pytest.mark.timeout(600)
@pytest.mark.django_db
@pytest.mark.parametrize("people", [SEES_LITTLE, EVERYONE - SEES_LITTLE], ids=["who sees little", "others"])
def test_a_route_opens_for_those_on_its_list_and_nobody_else(
    people: set[str], scene: Scene, enter: Any, blank: Any, settings: Any
) -> None:
    """
    And nothing changes by a GET of anyone whom we don't know: mail scanners follow links. Every answer has the headers that protect
    it, and what is somebody's own is in no cache and no Referer.
    """
    settings.SECURE_HSTS_SECONDS = header_rules.HSTS_SECONDS
    wrong: list[str] = []
    by_scanners = Writes()
    if people == SEES_LITTLE:
        blank()
    for who in sorted(people):
        refused = is_refused_or_led_to_the_login if who in {ANONYMOUS, CLOSED} else is_refused
        with taken_back():
            walk = enter(who, wrong)
            walk.reads_headers = who in SEES_OTHERS
            for name, route in ROUTES.items():
                if name not in SITE:
                    continue  # test_no_route_is_listed_that_does_not_exist says so
                if who not in route.who:
                    walk.ask_in_vain(name, route.arguments(scene), fits=refused)
                    continue
                with connection.execute_wrapper(by_scanners) if who == ANONYMOUS else nullcontext():
                    answers = route.answers
                    walk.ask(name, route.arguments(scene), fits=lambda told, known=answers: told.status_code in known)
                if who in SEES_OTHERS:
                    for theirs in route.theirs:
                        walk.ask_in_vain(name, theirs(scene), route.sent, fits=does_not_exist)
    assert not wrong, "\n".join(wrong)
    assert by_scanners.found == []


# --- The desk --------------------------------------------------------------------------------------------------


class Rows:
    """The rows of each of the desk's models: what someone reaches, and what is there all the same."""

    def __init__(self, user: Any, campaign: Any) -> None:
        from accounts.models import User

        self.user, self.campaign = user, campaign
        self.request = HttpRequest()
        self.request.user = User(is_superuser=True, is_active=True, is_staff=True)
        self.request.campaign = campaign  # type: ignore[attr-defined]

    def of(self, model: type[Model], campaign_by: str = "") -> Any:
        """Return the rows of a model that the person reaches by the table, of the campaign where the desk keeps to it."""
        desk: Any = admin.site._registry.get(model)
        rows = row_scopes.visible(desk.get_queryset(self.request), self.user) if desk else model._default_manager.all()
        rows = rows.filter(**{campaign_by: self.campaign}) if campaign_by else rows
        return rows.order_by("pk")

    def beyond(self, model: type[Model], campaign_by: str = "") -> Any:
        """Return the rows of a model that exist and are not among them."""
        return model._default_manager.exclude(pk__in=self.of(model, campaign_by).values_list("pk", flat=True))


def model_of(name: str, route: DeskRoute) -> type[Model] | None:
    """Return the model of the row that an address names, None for none."""
    from django.apps import apps

    if route.of is not None:
        return apps.get_model(route.of) if route.of else None
    label, model = name.removeprefix("admin:").split("_")[:2]
    return apps.get_model(label, model)


@pytest.fixture
def all_rows(scene: Scene, campaign: Any) -> Rows:
    """The rows that a superuser reaches."""
    return Rows(builders.build_user("boss", is_superuser=True), campaign)


@pytest.mark.slow
@pytest.mark.looks
@pytest.mark.timeout(600)
@pytest.mark.django_db
@pytest.mark.parametrize("share", [0, 1])  # for two workers
def test_the_desk_opens_to_each_role_what_the_table_gives_it_and_no_more(
    share: int, all_rows: Rows, campaign: Any, enter: Any, blank: Any, smtp_sink: Any
) -> None:
    wrong: list[str] = []
    blank()
    for who in sorted(DESK_ROLES)[share::2]:
        with taken_back():
            walk_the_desk(enter(who, wrong), all_rows, campaign)
    assert not wrong, "\n".join(wrong)


def walk_the_desk(walk: Walk, all_rows: Rows, campaign: Any) -> None:
    """Try every address of the desk as one person, with a row that they reach and one that they don't."""
    reached, granted = Rows(walk.user, campaign), PERMISSIONS[Role(walk.who)].keys()
    for name, route in (of_models() | DESK).items():
        model = model_of(name, route)
        may, may_post = bool(route.needs & granted), bool((route.to_post or route.needs) & granted)
        row = (reached if may else all_rows).of(model, route.campaign_by).first() if model else None
        if model is None or row is not None:
            arguments = [*([row.pk] if row else []), *route.more(row)]
            if may:
                walk.let_in(name, route, arguments, may_post=may_post, query=route.query(row))
            else:
                walk.ask_in_vain(name, arguments, fits=is_forbidden)
        beyond = reached.beyond(model, route.campaign_by).first() if model and may else None
        if beyond is not None:
            gone = is_refused if name.endswith("_delete") else does_not_exist  # nobody deletes what is in force
            methods = ("get", "post") if may_post else ("get",)
            walk.ask_in_vain(name, [beyond.pk, *route.more(beyond)], methods=methods, fits=gone)


@pytest.mark.looks
@pytest.mark.django_db
def test_the_scene_has_a_row_for_every_address_of_the_desk(scene: Scene, campaign: Any, request: Any) -> None:
    """And someone reaches it who may open the address: else the test above would try nothing."""
    rows = [(PERMISSIONS[Role(who)].keys(), Rows(person(who, request), campaign)) for who in DESK_ROLES]
    without = []
    for name, route in DESK.items():
        model = model_of(name, route)
        able = [reached for granted, reached in rows if route.needs & granted]
        if model and not any(reached.of(model, route.campaign_by).exists() for reached in able):
            without.append(name)
    assert without == []


@pytest.mark.slow
@pytest.mark.looks
@pytest.mark.django_db
def test_the_desk_is_closed_to_whoever_does_not_work_there(all_rows: Rows, enter: Any) -> None:
    """
    One door is closed to all. Who is not known tries every address; the others those that are not as Django makes them for a model,
    and of these one who is nobody at the desk by GET too.
    """
    wrong: list[str] = []
    routes = DESK | dict.fromkeys(FOR_ALL_STAFF, DeskRoute(set(), of=""))
    for who in sorted(EVERYONE - DESK_ROLES):
        methods = ("get", "post") if who in {ANONYMOUS, Role.CONTRIBUTOR.value} else ("post",)
        with taken_back():
            walk = enter(who, wrong)
            for name, route in ((of_models() if who == ANONYMOUS else {}) | routes).items():
                model = model_of(name, route)
                row = all_rows.of(model, route.campaign_by).first() if model else None
                if model is None or row is not None:
                    arguments = [*([row.pk] if row else []), *route.more(row)]
                    walk.ask_in_vain(name, arguments, methods=methods, fits=is_refused_or_led_to_the_login)
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.looks
@pytest.mark.django_db
def test_no_page_of_the_desk_tells_an_address_to_somebody_whom_it_is_not_for(
    scene: Scene, campaign: Any, enter: Any
) -> None:
    """Every page that a role may open, whole; what an earlier role has seen of it is not looked at again."""
    from delivery.models import Recipient

    told: list[str] = []
    looked: set[tuple[str, int]] = set()
    for who in (Role.LIAISON, Role.EDITOR, Role.APPROVER, Role.FACT_CHECKER):
        walk = enter(who.value, told)
        rows, granted = Rows(walk.user, campaign), PERMISSIONS[who].keys()
        seen = row_scopes.visible(Recipient.objects.all(), walk.user)
        secret = set(Recipient.objects.exclude(pk__in=seen.values("pk")).values_list("email", flat=True)) - {""}
        for name, route in ({name: DeskRoute(set(), of="") for name in FOR_ALL_STAFF} | of_models() | DESK).items():
            model = model_of(name, route)
            row = rows.of(model, route.campaign_by).first() if model else None
            if (route.needs and not route.needs & granted) or (model and row is None) or (name, len(secret)) in looked:
                continue
            looked.add((name, len(secret)))
            arguments = [*([row.pk] if row else []), *route.more(row)]
            page = walk.ask(name, arguments, query=route.query(row), fits=works)
            text = "" if page.streaming else page.content.decode(errors="replace")
            told += [f"{who}: {name} tells {address}" for address in secret if address in text]
    assert told == []
