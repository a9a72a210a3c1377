"""
Every page of the site, the portal and the desk, opened once in a real browser by someone who may open it: its markup is
valid, nobody is barred from it, a tap goes where it is aimed, nothing stands over the edge, it has one main heading, and
it asks no other host for anything.

Which pages there are is not written here: tests/architecture/page_permissions.py says it, which no address escapes.
PICTURES names a folder for screenshots at each width, PICTURES_OF (a regular expression) the routes that are wanted.
"""

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone, translation
from playwright.sync_api import Error

from accounts.login import reauthentication
from tests.architecture.page_permissions import (
    ANONYMOUS,
    CONTRIBUTORS,
    DESK,
    DESK_ROLES,
    FOR_ALL_STAFF,
    INFLUENCERS,
    OF_THE_FRAME,
    ROUTES,
    DeskRoute,
    Scene,
)
from tests.architecture.test_routes import Rows, media, model_of, of_models, scene  # noqa: F401  (fixtures)
from tests.support import builders

from . import markup_rules, page_checks

pytestmark = [
    pytest.mark.journey,
    pytest.mark.looks,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]

# What the walk doesn't open, with the reason: what only leads on, what is no page, and pages that need what the scene has not,
# with the tests that look at them.
LEADS_ON = "leads on"
FILE = "no page"
ELSEWHERE = {
    "account_logout": "the walk's session would end: test_logging_in.py",
    "account_confirm_login_code": "test_logging_in.py",
    "account_first": "test_logging_in.py",
    "account_go_on": "test_logging_in.py",
    "admin:accounts_auditentry_export": LEADS_ON,
    "admin:bulletins_bulletin_fact_change": "desk/bulletins/test_facts.py",
    "admin:bulletins_bulletin_fact_news": "desk/bulletins/test_facts.py",
    "admin:bulletins_edition_change": LEADS_ON,
    "admin:delivery_consent_proof": LEADS_ON,
    "admin:campaigns_words_file": FILE,
    "admin:factcheck_claim_add": LEADS_ON,
    "admin:login": LEADS_ON,
    "admin:logout": "the walk's session would end",
    "admin:password_change": LEADS_ON,
    **dict.fromkeys(
        (f"admin:told_{form}" for form in ("allow", "ask", "choose", "leave", "prove", "quiet", "telegram")), LEADS_ON
    ),
    "api:api-root": FILE,
    "archive": FILE,
    "influencers:card": FILE,
    "website:answer": "test_pages.py",
    "website:app": FILE,
    "website:app_icon": FILE,
    "webhooks:whatsapp": "not there where WhatsApp is not set up",
    "website:answer_card": FILE,
    "website:answer_subtitles": FILE,
    "website:answer_version": "test_pages.py",
    "questions:to_answer_video": FILE,
    "website:version": "test_pages.py",
    "factcheck:card": FILE,
    "factcheck:version": "test_fact_pages.py",
    "influencers:answer": "test_questions.py",
    "joining:confirm": "test_joining.py",
    "media": FILE,
    "metrics": FILE,
    "mfa_authenticate": "test_logging_in.py",
    "mfa_reauthenticate": "test_logging_in.py",
    "security_txt": FILE,
    "set_language": LEADS_ON,
    "subscriptions:confirm": "test_subscribing.py",
    "subscriptions:data": FILE,
    "insight:data": FILE,
    "insight:pdf": FILE,
    "insight:report": "test_path_of_an_insight_report.py",
    "pretests:answer": "test_path_of_a_pretest.py",
    "story_subtitles:vtt": FILE,
    "contributions:picture": FILE,
    "courses:tried": "test_courses.py",
    "courses:file": FILE,
    "courses:subtitles": FILE,
    "courses:certificate": "test_courses.py",
    "own_courses:certificate": "test_courses.py",
    "own_courses:certificate_file": FILE,
    "exchange:calendar": FILE,
    "commissions:file": FILE,
    "commissions:ledger": "nobody has opened it",
    "commissions:ledger_csv": FILE,
    "commissions:picture": FILE,
    "surveys:answer": "test_path_of_a_survey.py",
    "surveys:mine": "test_path_of_a_survey.py",
    "surveys:public": "as surveys:answer",
}
PARTS = ("bulletins", "influencers", "delivery", "the others")  # of the desk, which workers share
WITHOUT_BAND = {"delivery:read"}  # a mail, which says it in its subject and its first lines
PICTURES = os.environ.get("PICTURES")
CONTENT = "#content"  # of a page of the desk, inside the frame
ROWS_TRIED = 12  # a page of a row may open in one of its states only


def unsaid(html: str, language: str) -> list[str]:
    """Return what a page fails to say of itself that other pages of its shapes do, as `Walk.look` sees it: its language, that it is an exercise."""
    root, _errors = markup_rules.parsed(html)
    is_marked = any("exercise" in one.get("class", "").split() for one in root.iter())
    wrong = [] if is_marked else ["nothing says that this is an exercise"]
    return wrong if root.get("lang") == language else [*wrong, f"lang is {root.get('lang')!r}"]


class Walk:
    """Opens pages, keeps what is wrong with them, and which route showed one."""

    def __init__(self, page: Any, site: str, there: Scene) -> None:
        self.page, self.site, self.there = page, site, there
        self.wrong: list[str] = []
        self.shown: set[str] = set()
        self.hidden: dict[str, str] = {}
        self.seen: set[Any] = set()
        self.is_frame_known = False
        self.asked = page_checks.requests_of(page)

    def tell(self, faults: list[str]) -> None:
        """Fail with all that was wrong, and with what was asked of other hosts, a line each."""
        elsewhere = [f"{url} is asked for" for url in page_checks.foreign(self.asked, self.site)]
        wrong = self.wrong + faults + elsewhere
        assert not wrong, f"{len(wrong)} faults:\n" + "\n".join(wrong)
        assert len(self.asked) > len(self.shown)

    def visit(self, name: str, path: str, language: str) -> bool:
        """
        Ask for a route's page at the desk, show it if it has a shape of its own, and return whether it came. A list, a form or a
        history that is made of nothing but what was looked at before looks as those did: its markup is read.
        """
        answer = self.page.request.get(self.site + path, max_redirects=0)
        if answer.status not in {200, 405}:
            self.hidden[name] = f"{path} answered {answer.status}"
            return False
        text = answer.text() if answer.status == 200 and "html" in answer.headers.get("content-type", "") else ""
        if "<html" not in text:
            return True
        if PICTURES or not markup_rules.shapes_of(text) <= self.seen:
            return self.open(name, path, language, text)
        self.shown.add(name)
        self.wrong += [
            f"{name} ({path}): {fault}" for fault in [*markup_rules.faults_of(text), *unsaid(text, language)]
        ]
        return True

    def open(self, name: str, path: str, language: str, text: str = "") -> bool:
        """
        Open a route's page, look through it if it is one, and return whether it came (or is none, but something else). Its `text` is
        that which was asked for just before, if it was.
        """
        page_checks.width_of(self.page, page_checks.PHONE)
        try:
            answer = self.page.goto(self.site + path)
        except Error as fault:
            if "Download is starting" not in str(fault) and "ERR_ABORTED" not in str(fault):
                raise
            return True
        if answer.status == 405 or "html" not in answer.headers.get("content-type", ""):
            return True
        if answer.status != 200 or answer.request.redirected_from:
            self.hidden[name] = f"{path} answered {answer.status} at {self.page.url}"
            return False
        text = text or answer.text()
        if "<html" in text:
            self.shown.add(name)
            self.wrong += [f"{name} ({path}): {fault}" for fault in markup_rules.faults_of(text)]
            if "sandbox" not in answer.headers.get("content-security-policy", ""):
                shapes = markup_rules.shapes_of(text)
                self.wrong += [
                    f"{name}: {fault}" for fault in self.look(name, language, is_new=not shapes <= self.seen)
                ]
                self.seen |= shapes
        return True

    def look(self, name: str, language: str, *, is_new: bool) -> list[str]:
        """
        Return what is wrong with the open page to whoever looks at it and presses something. What would bar someone
        depends on the shapes of a page, not on its words, and is looked for where one of them is new; in the desk's frame, the
        same around every page, once.
        """
        page = self.page
        page_checks.settled(page)
        wrong = []
        if (said := page.get_attribute("html", "lang")) != language:
            wrong.append(f"lang is {said!r}")
        if name not in WITHOUT_BAND and not page.locator(".exercise, .box__exercise").first.is_visible():
            wrong.append("nothing says that this is an exercise")
        headings = page.locator("h1").filter(visible=True).count()
        if headings != 1:
            wrong.append(f"{headings} main headings")
        for width in (page_checks.NARROW, page_checks.DESKTOP, page_checks.PHONE):
            wrong += page_checks.too_wide(page, width)
            if PICTURES and re.search(os.environ.get("PICTURES_OF", ""), name):
                page.screenshot(path=str(Path(PICTURES) / f"{name.replace(':', '-')}-{width}.png"), full_page=True)
            if width != page_checks.NARROW:
                wrong += page_checks.misdirected(page)
        if is_new:
            in_frame = self.is_frame_known and page.locator(CONTENT).count() == 1
            wrong += page_checks.barriers(page, CONTENT if in_frame else None)
            self.is_frame_known = True
        return wrong


@pytest.fixture(scope="session")
def seen_at_the_desk() -> set[Any]:
    """The shapes that the walks through the parts of the desk, whose frame and styles are the same, have met so far."""
    return set()


@pytest.fixture
def walk(
    page: Any,
    live_site: str,
    monkeypatch: pytest.MonkeyPatch,
    noon: datetime,
    smtp_sink: Any,
    scene: Scene,  # noqa: F811
) -> Walk:
    """A walk through the scene, at its noon."""
    from accounts.models import User
    from campaigns.models import Campaign
    from delivery.models import SeedAddress
    from impact.models import ResultsPage
    from influencers.models import Influencer, Invitation, Post

    monkeypatch.setattr(timezone, "now", lambda: noon)
    cache.clear()
    SeedAddress.objects.update(asked_at=noon)
    Post.objects.update(url="https://www.instagram.com/p/abc/")
    for campaign in Campaign.objects.filter(closed_at=None):
        ResultsPage.objects.create(campaign=campaign, opened_by=User.objects.earliest("pk"), opened_at=noon)
    Influencer.objects.filter(pk=Invitation.objects.earliest("pk").influencer_id).update(state=Influencer.State.INVITED)
    return Walk(page, live_site, scene)


@pytest.fixture
def noon() -> datetime:
    """Noon, and a bit: what happens has a fraction of a second, as in life."""
    return builders.NOON + timedelta(microseconds=123456)


# Who walks the site, with the roles that they stand for; a page is opened by the first of them who may open it.
WALKERS = {ANONYMOUS: {ANONYMOUS}, "influencer": INFLUENCERS, "contributor": CONTRIBUTORS, "staff": DESK_ROLES}


def walker_of(name: str) -> str | None:
    """Return who opens a route of the site; nobody one that only leads on, such as the address that takes a form of another page."""
    route = ROUTES[name]
    leads_on = route.answers == (302,) and route.page is None
    roles = route.who if name not in ELSEWHERE and not leads_on else set()
    return next((who for who, theirs in WALKERS.items() if roles & theirs), None)


@pytest.mark.parametrize(("who", "least"), zip(WALKERS, (30, 20, 4, 3), strict=True))
def test_every_page_of_site_and_portal(who, least, walk, browse_as, request):
    if who == "staff":
        browse_as(builders.build_user("boss", "admin", is_superuser=True))
    elif who != ANONYMOUS:
        browse_as(request.getfixturevalue({"influencer": "ines", "contributor": "minna"}[who]))
    with page_checks.watching(walk.page) as faults:
        for name in [name for name in ROUTES if walker_of(name) == who]:
            with translation.override("en"):
                path = reverse(name, args=(ROUTES[name].page or ROUTES[name].arguments)(walk.there))
            if not walk.open(name, path, "en"):
                walk.wrong.append(f"{name} was not opened: {walk.hidden.get(name)}")
    walk.tell(faults)
    assert len(walk.shown) > least


@pytest.mark.parametrize("part", PARTS)
def test_every_page_of_the_desk(part, walk, campaign, browse_as, settings, seen_at_the_desk, monkeypatch):
    """In Finnish, whose words are the longest."""
    monkeypatch.setattr(
        reauthentication, "FRESH_MINUTES", 600
    )  # a slow machine walks for longer than the five minutes of a log-in
    walk.seen = seen_at_the_desk
    boss = builders.build_user("boss", "admin", is_superuser=True)
    browse_as(boss)
    walk.page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "fi", "url": walk.site}])
    rows, opened = Rows(boss, campaign), set()
    routes = dict.fromkeys(FOR_ALL_STAFF | OF_THE_FRAME, DeskRoute(set(), of="")) | of_models() | DESK
    routes = {name: route for name, route in routes.items() if part_of(name) == part}
    with page_checks.watching(walk.page) as faults:
        for name, route in routes.items():
            paths = paths_of(name, route, rows) if name not in ELSEWHERE else ()
            if any(walk.visit(name, path, "fi") for path in paths):
                opened.add(name)
    never = sorted(routes.keys() - opened - ELSEWHERE.keys())
    nobodys = [name for name in never if "answered 403" in walk.hidden.get(name, "")]  # not added, or deleted, by hand
    walk.wrong += [f"{name} was not opened: {walk.hidden.get(name)}" for name in never if name not in nobodys]
    walk.tell(faults)
    assert len(walk.shown) > 30


def part_of(name: str) -> str:
    """Return the part of the desk that a route is walked with."""
    app = name.removeprefix("admin:").partition("_")[0]
    return app if app in PARTS else PARTS[-1]


def paths_of(name: str, route: DeskRoute, rows: Rows) -> Iterator[str]:
    """Give the addresses that a route of the desk has, for one row after the other of those that it may be of."""
    model = model_of(name, route)
    for row in rows.of(model, route.campaign_by)[:ROWS_TRIED] if model else [None]:
        arguments = ["campaigns"] if name == "admin:app_list" else [*([row.pk] if row else []), *route.more(row)]
        yield reverse(name, args=arguments) + route.query(row)


def test_what_the_walk_leaves_out_exists_and_is_looked_at_where_it_says():
    folder = Path(__file__).parent
    told = {name for why in ELSEWHERE.values() for name in re.findall(r"test_\w+\.py", why)}

    assert ELSEWHERE.keys() <= ROUTES.keys() | DESK.keys() | of_models().keys() | OF_THE_FRAME | FOR_ALL_STAFF
    assert [name for name in told if not any(folder.rglob(name))] == []
