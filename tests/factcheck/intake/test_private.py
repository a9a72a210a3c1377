"""
Who told us, what they noted, who on the staff did what and why, and what is not published yet: none of it is in any
public output. Every route is found through the resolver, so that a new one is walked too, or fails until it is.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Message
from factcheck.models import ArchivedCopy, Claim, ClaimStep, ClaimVersion, Evidence, Narrative, Sighting
from factcheck.verdicts import verdict_workflow
from influencers.models import KitUse, Recall
from influencers.recall import fact_check_notices
from notifications import sending
from tests.architecture.page_permissions import DESK_PREFIX
from tests.architecture.test_routes import all_routes
from tests.support import builders

LANGUAGES = ("fi", "sv", "en")
NOON = builders.NOON

# Each private thing has this in it. Found anywhere in public, it names itself.
CANARY = "canary"

# Others of the site's apps, where no fact-check is: systems of authorities, providers, logins.
ELSEWHERE = ("api:", "webhooks:", "account_", "health_", "delivery:", "set_language")

# What a route's parameters stand for, by app.
EDGES: dict[str, list[Any]] = {"number": [1, 2], "version": [1, 2], "language": list(LANGUAGES), "attachment": [1]}


@dataclass
class Scene:
    """A campaign with claims in every state, and what to put into addresses."""

    campaign: Campaign
    influencer: Any
    slugs: list[str] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)
    claims: dict[str, Claim] = field(default_factory=dict)

    def values(self, app: str, name: str) -> list[Any]:
        """Return what a parameter of a route stands for."""
        known: dict[tuple[str, str], list[Any]] = {
            ("factcheck", "slug"): self.slugs,
            ("influencers", "slug"): self.slugs,
            ("influencers", "pk"): list(Recall.objects.values_list("pk", flat=True)) or [1],
            ("influencers", "post"): [1],
            ("influencers", "topic"): [1],
            ("joining", "token"): ["cut"],
            ("seen", "token"): ["cut"],
            ("influencers", "channel"): ["sms"],
            ("webhooks", "way"): ["sms"],
            ("subscriptions", "token"): ["cut"],
            ("surveys", "code"): ["cut"],
            ("surveys", "token"): ["cut"],
            ("surveys", "pk"): [1],
            ("insight", "code"): ["2026-W12"],
            ("pretests", "token"): ["cut"],
            ("api", "slug"): self.slugs,
            ("", "identifier"): ["cut"],
            ("factcheck", "pk"): self.copies,
            ("intake", "pk"): [1],
            ("ways_to_help", "pk"): [1],
            ("exchange", "pk"): [1],
            ("exchange", "row"): [1],
            ("exchange", "token"): ["cut"],
            ("exchange", "key"): ["cut"],
            ("commissions", "pk"): [1],
            ("contributions", "slug"): ["none"],
            ("contributions", "token"): ["cut"],
            ("contributions", "key"): ["none"],
            ("courses", "pk"): [1],
            ("courses", "slug"): ["none"],
            ("courses", "code"): ["0000-0000-0000-0000"],
            ("courses", "number"): [1],
            ("courses", "module"): ["m1"],
            ("own_courses", "slug"): ["none"],
            ("stories", "key"): ["nothing"],
            ("story_subtitles", "key"): ["nothing"],
            ("story_subtitles", "language"): ["fi"],
            ("website", "pk"): [1],
            ("influencers", "key"): ["nothing"],
            ("api", "pk"): [1],
            ("api", "story"): ["nothing"],
            ("website", "key"): ["nothing"],
            ("municipality", "key"): ["none"],
            ("municipality", "pk"): [1],
            ("municipality", "token"): ["none"],
            ("consents", "token"): ["none"],
            ("questions", "pk"): [1],
            ("website", "slug"): ["none"],
            ("", "slug"): ["none"],
            ("factcheck", "ratio"): ["1x1", "9x16"],
            ("website", "ratio"): ["1x1"],
            ("", "pk"): [claim.pk for claim in self.claims.values()],
            ("", "code"): ["0000-0000-0000-0000"],
            ("", "typed"): ["7K2F9QTD"],
            ("website", "typed"): ["7K2F9QTD"],
            ("website", "name"): ["icon-192"],
            ("", "provider_id"): ["staff"],
            ("", "name"): ["sightings/canary.png", "canary.png"],
        }
        found = known.get((app, name)) or EDGES.get(name)
        assert found, f"Say in tests/factcheck/intake/test_private.py what “{name}” stands for in {app or 'the site'}."
        return found


class People:
    """The staff, each with a name and an address that must not be seen."""

    def __init__(self) -> None:
        self.proposer = builders.build_user("canaryproposer", "fact-checker")
        self.confirmer = builders.build_user("canaryconfirmer", "fact-checker")
        self.reporter = builders.build_user("canaryreporter", "influencer")


@pytest.fixture
def scene(roles: None, settings: Any, tmp_path: Any) -> Scene:
    """A campaign with everything private that there can be about fact-checks."""
    cache.clear()
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "sightings").mkdir()
    (tmp_path / "sightings" / "canary.png").write_bytes(b"\x89PNG canary")
    campaign = builders.build_campaign("kriisi", mode="live")
    people = People()
    ines = builders.build_influencer(campaign, "ines")
    there = Scene(campaign, ines)
    narrative = Narrative.objects.create(
        campaign=campaign, slug="canary-narrative", name=builders.in_all(en="Smell"), need_behind={"en": "canary need"}
    )

    def claim(slug: str, steps: str = "", **fields: Any) -> Claim:
        """Build a claim with private things about it and take it some steps further."""
        words = {"fact": builders.in_all(en=f"Openly told fact of {slug}."), "keywords": ["garlic"]}
        row = builders.build_claim(campaign, slug, published=False, narrative=narrative, **words | fields)
        sighted(row, people)
        copied(row, people, there)
        for step in steps.split():
            take(row, step, people)
        row.refresh_from_db()
        there.slugs.append(slug)
        there.claims[slug] = row
        return row

    claim("standing", "propose confirm publish")
    claim("corrected", "propose confirm publish reopen change propose confirm publish")
    claim("again", "propose confirm publish reopen draft")
    claim("paused", "propose confirm publish pause")
    claim("shown-again", "propose confirm publish pause resume")
    claim("withdrawn", "propose confirm publish pause withdraw")
    claim("merged", "propose confirm publish merge")
    for slug, steps in (
        ("canary-open", ""),
        ("canary-review", "take_up"),
        ("canary-back", "take_up propose send_back"),
        ("canary-proposed", "propose"),
        ("canary-confirmed", "propose confirm"),
        ("canary-aside", "set_aside"),
    ):
        parts = {"text": "claim unpublished garlic", "fact": "fact", "warning": "warning", "fact_again": "fact again"}
        claim(slug, steps, **{name: builders.in_all(en=f"canary {words}") for name, words in parts.items()})
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.set([there.claims["standing"], there.claims["corrected"]])
    builders.published(bulletin)
    used = there.claims["corrected"].versions.get(number=1)
    KitUse.objects.create(influencer=ines, version=used, platform="x", language="fi", opened_at=NOON, copied_at=NOON)
    return there


def sighted(row: Claim, people: People) -> None:
    """Add sightings with everything that is for staff only."""
    private = {"note": "canary note", "screenshot": "sightings/canary.png", "reporter": people.reporter}
    about = {"language": "fi", "seen_on": date(2026, 3, 20), "created_at": NOON, "reach": 90_000}
    for number, platform in enumerate(("whatsapp", "facebook", "x", "x", "web", "press")):
        for via in (Sighting.Via.PORTAL, Sighting.Via.PUBLIC):
            url = f"https://{platform}.example/canary/{row.slug}/{number}?from=canaryreporter"
            Sighting.objects.create(
                claim=row, platform=platform, url=url, channel="canary group", via=via, **about | private
            )


def copied(row: Claim, people: People, there: Scene) -> None:
    """Add an archived copy that someone of the staff pasted by hand."""
    text = "canary evidence of what is not published" if row.slug.startswith(CANARY) else "What the page said"
    kept = ArchivedCopy.objects.create(
        sha256=f"{row.pk:064x}",
        url=f"https://institute1.example/{row.pk}",
        text=text,
        fetched_at=NOON,
        by=people.proposer,
    )
    Evidence.objects.filter(pk=row.evidence.earliest("pk").pk).update(copy=kept)
    there.copies.append(kept.pk)


def take(row: Claim, step: str, people: People) -> None:
    """Take one step with a claim, with a reason that is for staff."""
    one, other, why = people.proposer, people.confirmer, "canary reason"
    told = builders.in_all(en="Openly told reason.")
    row.refresh_from_db()
    if step == "take_up":
        verdict_workflow.start_check(row, by=one, at=NOON)
    elif step == "propose":
        verdict_workflow.propose(row, "false", by=one, at=NOON)
    elif step == "confirm":
        verdict_workflow.confirm(row, digest=row.digest, by=other, at=NOON)
    elif step == "publish":
        verdict_workflow.publish(row, by=other, at=NOON)
    elif step == "send_back":
        verdict_workflow.send_back(row, reason=why, by=other, at=NOON)
    elif step == "set_aside":
        verdict_workflow.set_aside(row, reason=why, by=one, at=NOON)
    elif step == "reopen":
        verdict_workflow.reopen(row, reason=why, by=one, at=NOON)
    elif step == "pause":
        builders.pause_claim(row, told=told, reason=why, by=one, at=NOON)
    elif step == "resume":
        verdict_workflow.resume(row, reason=why, by=other, at=NOON)
    elif step == "withdraw":
        builders.withdraw_claim(row, told=told, reason=why, by=other, at=NOON)
    elif step == "change":
        Claim.objects.filter(pk=row.pk).update(what_changed=builders.in_all(en="Openly told change."))
    elif step == "draft":
        draft = builders.in_all(en="canary working copy")
        Claim.objects.filter(pk=row.pk).update(fact=draft, text=draft, fallacy=draft, how_checked=draft)
    elif step == "merge":
        into = Claim.objects.get(slug="standing")
        Claim.objects.filter(pk=row.pk).update(status=Claim.Status.MERGED, duplicate_of=into)
        ClaimStep.objects.create(claim=row, kind="merged", by=one, at=NOON, reason=why, passed_on_at=NOON)
    else:
        raise AssertionError(step)


# --- Walking ---------------------------------------------------------------------------------------


def addresses(there: Scene) -> Iterator[tuple[str, str]]:
    """Give (name of a route, address) for all that the public and influencers may be shown, in three languages."""
    for name, pattern in all_routes():
        if pattern.startswith(DESK_PREFIX) or name.startswith(ELSEWHERE):
            continue
        app = name.partition(":")[0] if ":" in name else ""
        names = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        for values in itertools.product(*(there.values(app, one) for one in names)):
            said = dict(zip(names, values, strict=True))
            # A card or a track of subtitles is in the language that it names, whatever stands before it.
            for language in [said["language"]] if "language" in said else LANGUAGES:
                with translation.override(language):
                    yield name, reverse(name, kwargs=said)


def shown_by(response: Any) -> str:
    """Return all that an answer says: what it leads to, and its headers and content."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n{content.decode('utf-8', 'replace')}"


def private_in(text: str, *, asked: str = "") -> str:
    """Return what is private in an answer, with some of what surrounds it; what was asked for is no secret."""
    bare = text.replace(asked, "") if asked else text
    found = re.search(CANARY, bare, re.IGNORECASE)
    return bare[max(0, found.start() - 80) : found.end() + 80] if found else ""


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.looks
@pytest.mark.parametrize("who", ["anyone", "an influencer"])
def test_nothing_private_is_in_any_public_output(scene, who, signed_in):
    client = Client() if who == "anyone" else signed_in(scene.influencer.user)
    client.raise_request_exception = True
    opened: dict[str, set[str]] = {}
    leaks = []
    for name, address in addresses(scene):
        response = client.get(address)
        part = address.strip("/").split("/")[-1]
        secret_part = address if CANARY in address else ""
        text = shown_by(response)
        for own in (address, part if secret_part else ""):
            text = text.replace(own, "") if own else text
        text = re.sub(r"/\w\w/[\w/-]*canary-[a-z]+/[\w/-]*", "", text)  # the same address in the language switch
        if found := private_in(text):
            leaks.append(f"{name} ({address}, {response.status_code}): {found}")
        if response.status_code == 200:
            opened.setdefault(name, set()).add(address.split("/")[1])
            assert CANARY not in address, f"{name} shows what is not published: {address}"
    assert leaks == []
    ours = {name for name, _ in all_routes() if name.startswith("factcheck:")}
    assert {name: opened.get(name) for name in ours} == {name: set(LANGUAGES) for name in ours}
    if who == "an influencer":
        assert {"influencers:home", "influencers:reports", "influencers:facts"} <= opened.keys()


@pytest.mark.django_db
def test_the_walk_sees_what_is_public(scene):
    """Were the pages empty, they would hold nothing private either."""
    client = Client()
    said = {name: "" for name, _ in addresses(scene)}
    for name, address in addresses(scene):
        if name.startswith("factcheck:") and "/en/" in address and "/cards/" not in address:
            said[name] += shown_by(client.get(address))
    for name in ("claims", "claim", "feed", "claims_data", "claimreview_data", "version"):
        assert "Openly told fact of" in said[f"factcheck:{name}"], name
    assert "Openly told reason" in said["factcheck:claim"]
    assert "Openly told change" in said["factcheck:corrections"]
    assert "What the page said" in said["factcheck:copy"]


@pytest.mark.django_db
def test_a_text_like_a_claim_that_is_not_published_finds_nothing_of_it(scene):
    client = Client()
    with translation.override("en"):
        for address, fields in (
            (reverse("website:check"), {}),
            (reverse("factcheck:report"), {"language": "en", "platform": "x", "seen_on": "2026-03-25"}),
        ):
            asked = "unpublished garlic"
            response = client.post(address, {"text": asked, **fields}, follow=True)
            assert response.status_code in {200, 422}
            assert private_in(shown_by(response)) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["sightings/canary.png", "/sightings/canary.png", "x/../sightings/canary.png"])
def test_a_screenshot_has_no_public_address(scene, name, signed_in):
    for client in (Client(), signed_in(scene.influencer.user)):
        assert client.get(f"/media/{name}").status_code in {302, 404}


@pytest.mark.django_db(transaction=True)
def test_nothing_private_is_in_any_mail_but_to_whom_it_belongs(scene, smtp_sink):
    later = NOON + timedelta(hours=1)
    builders.pause_claim(
        scene.claims["corrected"],
        told=builders.in_all(en="Openly told reason."),
        reason="canary reason",
        by=builders.editor(),
        at=later,
    )
    fact_check_notices.forward_steps(at=later)
    sending.deliver_notices(at=later)

    staff = set(User.objects.filter(is_staff=True).values_list("email", flat=True))
    mails = [one for one in smtp_sink.caught if one.recipient not in staff]
    assert {"ines@example.org"} <= {one.recipient for one in mails}
    for one in mails:
        parts = [part.get_content() for part in one.message.walk() if part.get_content_maintype() == "text"]
        text = "\n".join([*(f"{name}: {value}" for name, value in one.message.items()), *parts])
        own = one.recipient.partition("@")[0]
        assert private_in(re.sub(own, "", text, flags=re.IGNORECASE)) == "", one.recipient


@pytest.mark.django_db
def test_nothing_private_is_in_a_bulletins_mails(scene):
    messages = list(Message.objects.all())

    assert messages
    for message in messages:
        assert private_in(f"{message.subject}\n{message.text}\n{message.html}\n{message.headers}") == ""


@pytest.mark.django_db
def test_a_published_version_holds_nothing_private(scene):
    fields = [one.name for one in ClaimVersion._meta.get_fields() if one.concrete and not one.is_relation]
    for row in ClaimVersion.objects.values(*fields):
        assert private_in(repr(row)) == ""
