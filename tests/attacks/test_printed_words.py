"""
Nobody changes alone what is printed of something that two people agreed on.

What stands in rows of its own (the names of a campaign, of topics, regions and authorities, the hashtag, the note …) and is
printed with a bulletin, an answer or a fact-check is part of what is approved, and a published version keeps it. Here every
such word is changed in its row, and every outlet is read before and after.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_string, policy
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from bulletins import notices
from bulletins.approval import approval_workflow
from bulletins.mail import roundup_mail, test_sends
from bulletins.media import message_cards, packages
from bulletins.models import Bulletin, NotAllowed, Version
from bulletins.publication import corrections, publish
from campaigns.models import Authority, Campaign, CampaignLanguage, Region, Topic
from campaigns.publication_details import PrintedWords
from delivery.message.mime import Compiled, Person
from factcheck.models import Claim, ClaimStep, ClaimVersion
from factcheck.publication import fact_cards
from factcheck.verdicts import verdict_workflow
from influencers.models import Influencer, Recall
from influencers.recall import ready_texts
from influencers.recognition import certificates
from notifications.models import Notice
from questions.answers import answer_workflow
from questions.models import AnswerVersion
from tests.support import builders
from tests.support.builders import NOON, editor, in_all, second_person
from tests.website.search.test_results import build_answer
from website.digests import publication_order
from website.digests.digest_contents import Item
from website.digests.rendering import Mails
from website.models import Publication

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=2)
NOW = NOON + timedelta(hours=6)
NEW = "Sold"  # what the words become; it stands nowhere else

# --- The words ---------------------------------------------------------------------------------------------------


def in_rows(model: Any, **fields: Any) -> Callable[[], Any]:
    """Return a change of every row of a model, as one person makes it on the desk."""
    return lambda: model.objects.update(**fields)


WORDS: dict[str, Callable[[], Any]] = {
    "the campaign's name": in_rows(CampaignLanguage, name=f"{NEW} campaign"),
    "the hashtag": in_rows(CampaignLanguage, hashtag=f"#{NEW}"),
    "the sender's name": in_rows(CampaignLanguage, sender_name=f"{NEW} sender"),
    "the word for a bulletin": in_rows(CampaignLanguage, bulletin_name=f"{NEW} letter"),
    "the note of an exercise": in_rows(Campaign, note=in_all(en=f"{NEW} note")),
    "the sender's address": in_rows(Campaign, sender_email=f"{NEW}@example.org"),
    "the address for answers": in_rows(Campaign, reply_to=f"answers-{NEW}@example.org"),
    "the category of alerts": in_rows(Campaign, alert_category="Other"),
    "the time zone": in_rows(Campaign, time_zone="Pacific/Apia"),
    "a topic's name": in_rows(Topic, name=in_all(en=f"{NEW} topic")),
    "a region's name": in_rows(Region, name=in_all(en=f"{NEW} region")),
    "an authority's name": in_rows(Authority, name=in_all(en=f"{NEW} authority")),
    "an authority's website": in_rows(Authority, url=f"https://{NEW}.example.org/"),
}
# Which of them stand nowhere in an answer, a fact-check or a bulletin, so that a change of them voids no approval.
NOT_IN = {
    "bulletin": {"an authority's website"},
    "answer": {"a region's name"},
    "claim": {"a region's name", "an authority's website"},
}

# --- What may change without a second person, and why --------------------------------------------------------------

LIVE: dict[str, str] = {
    "page head": "It names the site that one is on now. Many versions of many years are read in it, and it promises nothing of "
    "any of them. Whoever changes it administers the campaign, proves anew who they are, and stands on the audit log.",
    "front page": "The masthead names the campaign that the site shows now, as the page head does.",
    "name of a feed": "A feed names itself, its sender and its topic as they are now, like the page head: its items keep theirs.",
    "calendar": "Hours to come belong to no version. They are told under today's name and in today's zone.",
    "oEmbed's provider": "It names the site that the box is on, which is the page head's name.",
    "API's campaign": "/campaign answers what the site is about now; what is published says its own words.",
    "topic choice": "A list to choose from leads to what is there now, by the names that whoever chooses knows.",
    "hours on pages": "A page tells the same moments in the zone that the site is read in now, with their offset in its data. Mail, "
    "pictures, packages and alerts keep the zone that they were published in.",
    "from address": "Mail that leaves tomorrow has to come from an address that works tomorrow, and answers have to arrive. The "
    "name beside it is the version's; the address asks for a fresh proof.",
}

# --- The scene -----------------------------------------------------------------------------------------------------


@dataclass
class Scene:
    """One of everything that is published, with a reader, an influencer and nothing that is drawn twice."""

    campaign: Campaign
    version: Version
    corrected: Version
    other: Version
    answer: Any
    fact: ClaimVersion
    influencer: Influencer
    certificate: Any
    reader: Client
    portal: Client


@pytest.fixture(autouse=True)
def _here_and_now(settings: Any, time_machine: Any, tmp_path: Any) -> None:
    settings.PUBLIC_URL = "https://bulletins.example"
    settings.MEDIA_ROOT = tmp_path
    settings.ANSWER_HEAD_START_MINUTES = 0
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def one_of_each(roles: None) -> SimpleNamespace:
    """A draft, an answer and a claim in which all of the words are printed, in one language and with no picture yet."""
    lead = builders.build_authority("lead", url="https://lead.example.org/")
    campaign = builders.build_campaign(languages=["en"], authority=lead, alert_category="Health")
    topic, region = builders.build_topic(campaign), builders.build_region()
    given = builders.build_input(campaign, authority=lead, regions=[region])
    bulletin = builders.build_bulletin(campaign, languages=["en"], variants=True, inputs=[given])
    bulletin.topics.add(topic)
    bulletin.key_messages.update(valid_until=NOON + timedelta(days=9))
    claim = builders.build_claim(campaign, published=False, valid_until=NOON + timedelta(days=9))
    claim.topics.add(topic)
    return SimpleNamespace(campaign=campaign, bulletin=bulletin, claim=claim, topic=topic, lead=lead)


@pytest.fixture
def scene(one_of_each: SimpleNamespace, liisa: Any, signed_in: Any) -> Scene:
    campaign, bulletin = one_of_each.campaign, one_of_each.bulletin
    version = builders.published(bulletin)
    fact = builders.publish_claim(one_of_each.claim)
    bulletin.refresh_from_db()
    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=in_all(en="The day."))
    bulletin.key_messages.update(text=in_all(en="Libraries open on Tuesday."))
    corrected = builders.published(bulletin, at=LATER)
    other = builders.build_published_version(campaign, languages=["en"], at=LATER)
    for one in Bulletin.objects.all():
        builders.build_cards(one, at=LATER)
        list(packages.make_packages(one, LATER))
    answer = build_answer(campaign, question="May I travel?", text="Yes.", valid_until=NOON + timedelta(days=9))
    answer.group.topic = one_of_each.topic
    answer.group.save()
    answer_workflow.freeze(answer, by=second_person(), at=LATER, kind="correction")
    influencer = builders.build_influencer(campaign, "ines", language="en")
    certificate = certificates.issue([influencer], campaign, by=liisa, at=LATER).new[0]
    publication_order.note_waiting(at=NOW)
    return Scene(
        campaign, version, corrected, other, answer, fact, influencer, certificate, Client(), signed_in(influencer.user)
    )


# --- The outlets: whatever anyone gets of what is published ----------------------------------------------------------


def page(name: str, *arguments: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=arguments)


def got(client: Client, path: str, query: dict[str, str] | None = None) -> str:
    answer = client.get(path, query or {})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def body_of(html: str) -> str:
    """Return what a page says inside its frame: its main part, its data for machines, and what is shared of it."""
    main = re.search(r"<main.*</main>", html, re.DOTALL)
    assert main
    heads = re.findall(r'<meta property="(?!og:site_name)[^>]*>|<script type="application/ld\+json">.*?</script>', html)
    return "\n".join([*heads, re.sub(r'<select class="input" id="topic".*?</select>', "", main[0], flags=re.DOTALL)])


def items_of(feed: str) -> str:
    """Return what a feed says after the words about itself."""
    start = min(at for at in map(feed.find, ("<item>", "<entry", '"items"')) if at >= 0)
    return feed[start:]


def told_of(mail: Any) -> str:
    """Return what is printed of a mail that is written, and the name that it comes from."""
    return f"{mail.sender_name}\n{mail.subject}\n{mail.html}\n{mail.text}"


def mails_of(scene: Scene) -> str:
    """Return the frozen mail of a bulletin as delivery hands it over, without the addresses of its head."""
    person = Person(delivery_id=1, recipient_id=1, email="a@example.net", name="Ada", unsubscribe_url="u", read_url="r")
    found = []
    for message in Version.objects.get(pk=scene.version.pk).mailing.messages.all():
        data = Compiled(message, at=NOON).envelope(person).data.decode()
        head, _gap, body = data.partition("\r\n\r\n")
        told = message_from_string(head, policy=policy.default)
        found.append(f"{told['From'].addresses[0].display_name}\n{told['Subject']}\n{body}")
    return "\n".join(found)


def roundup_of(scene: Scene) -> str:
    rows = Version.objects.filter(pk__in=[scene.corrected.pk, scene.other.pk]).prefetch_related("editions")
    campaign = Campaign.objects.get(pk=scene.campaign.pk)
    return told_of(roundup_mail.condensed(list(rows.select_related("bulletin")), campaign, "en", at=NOON))


def digest_of(scene: Scene) -> str:
    mails = Mails(at=NOON)
    items = tuple(Item(key, False) for key in Publication.objects.order_by("pk").values_list("pk", flat=True))
    mails.fetch(item.publication for item in items)
    kinds = {(bool(one.version), bool(one.answer_version), bool(one.claim_step)) for one in mails.publications.values()}
    assert len(kinds) == 3
    return told_of(mails.of(items, Campaign.objects.get(pk=scene.campaign.pk), "en"))


def cards_of(scene: Scene) -> str:
    version = Version.objects.select_related("bulletin__campaign").get(pk=scene.corrected.pk)
    assert not message_cards.is_missing(
        version.bulletin, message_cards.sets_of(version.bulletin)
    )  # nothing is to be drawn again
    shown = message_cards.published_cards(version, language="en", at=NOW)
    assert shown
    return "\n".join(f"{key} {one.pk} {one.digest} {one.ratio}" for key, rows in shown.items() for one in rows)


def packages_of(scene: Scene) -> str:
    bulletin = Bulletin.objects.get(pk=scene.corrected.bulletin_id)
    list(packages.make_packages(bulletin, NOW))
    said = []
    for one in packages.contents_of(bulletin, at=NOW):
        out = io.BytesIO()
        packages.write(out, one)
        with zipfile.ZipFile(out) as archive:
            said += [f"{name}: {archive.read(name)!r}" for name in archive.namelist() if name.endswith(".txt")]
    kept = bulletin.packages.order_by("pk").values_list("pk", "digest", "file")
    assert said and kept
    return "\n".join([*said, *map(str, kept), *(default_storage.url(file) for *_rest, file in kept)])


def fact_card_of(scene: Scene) -> str:
    version = ClaimVersion.objects.select_related("claim__campaign").get(pk=scene.fact.pk)
    return f"{fact_cards.spec_of(version, 'en')} {fact_cards.alt_text(version, 'en')}"


def recall_of(scene: Scene) -> str:
    about = {
        "version": Recall(campaign=scene.campaign, version=Version.objects.get(pk=scene.corrected.pk)),
        "fact": Recall(
            campaign=scene.campaign, step=ClaimStep(kind="corrected", claim=scene.fact.claim, version=scene.fact)
        ),
    }
    return "\n".join(ready_texts.caption(one, "en", "instagram", {}) for one in about.values())


def public(name: str, *arguments: Any) -> Callable[[Scene], str]:
    return lambda scene: body_of(got(scene.reader, page(name, *arguments)))


def feed(name: str) -> Callable[[Scene], str]:
    return lambda scene: items_of(got(scene.reader, page(name)))


def api(path: str) -> Callable[[Scene], str]:
    return lambda scene: got(scene.reader, f"/api/v1/{path}")


def portal(name: str, *arguments: Any) -> Callable[[Scene], str]:
    def read(scene: Scene) -> str:
        html = body_of(got(scene.portal, page(f"influencers:{name}", *arguments)))
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", html)

    return read


def box(scene: Scene) -> str:
    return got(scene.reader, page("website:embed_bulletin", 1))


def oembed(scene: Scene) -> str:
    url = f"https://bulletins.example{page('website:bulletin', 1)}"
    found = json.loads(got(scene.reader, "/oembed", {"url": url}))
    return str({name: value for name, value in found.items() if name != "provider_name"})


OUTLETS: dict[str, Callable[[Scene], str]] = {
    "mail of a bulletin": mails_of,
    "roundup": roundup_of,
    "digest": digest_of,
    "page of a bulletin": public("website:bulletin", 1),
    "page of an earlier version": public("website:version", 1, 1),
    "archive": public("website:archive"),
    "found in the archive": lambda scene: body_of(got(scene.reader, page("website:archive"), {"q": "libraries"})),
    "ways to help": public("website:help"),
    "corrections": public("website:corrections"),
    "answers": public("website:answers"),
    "page of an answer": public("website:answer", "q-0"),
    "page of an earlier answer": public("website:answer_version", "q-0", 1),
    "fact-checks": public("factcheck:claims"),
    "page of a fact-check": public("factcheck:claim", "garlic"),
    "RSS": feed("website:rss"),
    "Atom": feed("website:atom"),
    "JSON Feed": feed("website:json_feed"),
    "RSS of fact-checks": feed("factcheck:feed"),
    "ClaimReviews": lambda scene: str(
        json.loads(got(scene.reader, page("factcheck:claimreview_data")))["dataFeedElement"]
    ),
    "fact-checks as JSON": lambda scene: str(json.loads(got(scene.reader, page("factcheck:claims_data")))["claims"]),
    "alert": lambda scene: got(scene.reader, page("alert", "harjoitus-1-v2")),
    "list of alerts": lambda scene: items_of(got(scene.reader, page("alerts"))),
    "oEmbed": oembed,
    "box on other sites": box,
    "API: bulletins": api("bulletins"),
    "API: a bulletin": api("bulletins/1"),
    "API: questions": api("questions"),
    "API: a question": api("questions/q-0/versions/1"),
    "API: claims": api("claims"),
    "portal's page of a bulletin": portal("bulletin", 1),
    "portal's list": portal("bulletins"),
    "portal's kit of a fact-check": portal("kit", "garlic"),
    "cards": cards_of,
    "card of a fact": fact_card_of,
    "packages": packages_of,
    "words of a recall": recall_of,
    "certificate": lambda scene: body_of(got(scene.reader, page("certificate", scene.certificate.code))),
}


IN_THEIR_ZONE = (
    "mail of a bulletin",
    "roundup",
    "digest",
    "alert",
    "cards",
    "card of a fact",
    "packages",
    "words of a recall",
)

# --- What is published -------------------------------------------------------------------------------------------


def test_no_word_of_what_is_published_changes_with_its_row(scene):
    before = read_all(scene, OUTLETS)
    assert not [name for name, text in before.items() if NEW in text]
    change_all(but="the time zone")
    assert differing(before, read_all(scene, OUTLETS)) == {}
    WORDS["the time zone"]()
    assert differing(before, read_all(scene, IN_THEIR_ZONE)) == {}


def read_all(scene: Scene, names: Iterable[str]) -> dict[str, str]:
    return {name: OUTLETS[name](scene) for name in names}


def change_all(*, but: str = "") -> None:
    for word, change in WORDS.items():
        if word != but:
            change()


def differing(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {name: first_difference(before[name], text) for name, text in after.items() if before[name] != text}


def first_difference(one: str, other: str) -> tuple[str, str]:
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(at - 60, 0) : at + 60], other[max(at - 60, 0) : at + 60]


def test_each_word_is_printed_in_some_outlet_so_that_the_test_above_looks_at_it(scene):
    printed = "\n".join(read_all(scene, OUTLETS).values())
    words = PrintedWords.read(scene.corrected.printed)
    own = words.in_language("en")
    assert words.topics and words.regions and own.run_by
    named = [own.name, own.hashtag, own.sender_name, own.bulletin_name.capitalize(), words.note_in("en")]
    named += [words.sender_email, words.reply_to, words.alert_category]
    named += [one.in_language("en") for one in (*words.topics, *words.regions)]
    named += [scene.answer.current_version.words.authority.in_language("en"), own.run_by]
    assert [one for one in named if one not in printed] == []


def live_parts(scene: Scene) -> Iterator[tuple[str, str]]:
    """Give what may change without a second person, as it is now; the keys are those of LIVE."""
    html = got(scene.reader, page("website:bulletin", 1))
    yield "page head", html[: html.index("<main")]
    yield "hours on pages", body_of(html)
    yield "front page", body_of(got(scene.reader, page("home")))
    yield "name of a feed", got(scene.reader, page("website:rss")).split("<item>")[0]
    yield "calendar", got(scene.reader, page("website:calendar"))
    url = f"https://bulletins.example{page('website:bulletin', 1)}"
    yield "oEmbed's provider", json.loads(got(scene.reader, "/oembed", {"url": url}))["provider_name"]
    yield "API's campaign", api("campaign")(scene)
    yield "topic choice", got(scene.reader, page("website:archive"))
    message = scene.version.mailing.messages.select_related("mailing__campaign").get()
    person = Person(delivery_id=1, recipient_id=1, email="a@example.net", name="Ada", unsubscribe_url="u", read_url="r")
    message.mailing.campaign.refresh_from_db()
    yield "from address", Compiled(message, at=NOON).envelope(person).data.decode().partition("\r\n\r\n")[0]


def test_what_may_change_alone_has_a_reason_and_does_change(scene):
    before = dict(live_parts(scene))
    assert before.keys() == LIVE.keys()
    change_all()
    assert [name for name, text in live_parts(scene) if text == before[name]] == []


def test_an_authority_that_may_warn_the_public_from_now_on_did_not_before(campaign, authority, client):
    campaign.mode, campaign.authority = Campaign.Mode.LIVE, authority
    campaign.save()
    builders.build_published_version(campaign)
    before = got(client, page("alert", "harjoitus-1-v1"))
    Authority.objects.update(may_issue_alerts=True)
    assert got(client, page("alert", "harjoitus-1-v1")) == before and "<status>Exercise</status>" in before
    builders.build_published_version(campaign)
    assert "<status>Actual</status>" in got(client, page("alert", "harjoitus-2-v1"))


def test_a_bulletin_that_is_withdrawn_and_an_answer_keep_what_was_printed_with_them(scene):
    verdict_workflow.pause(Claim.objects.get(), by=editor(), at=LATER)
    withdrawn = verdict_workflow.withdraw(Claim.objects.get(), by=second_person(), at=LATER)
    assert withdrawn.printed == scene.fact.printed
    before = scene.answer.versions.order_by("-number").first()
    by = builders.build_user("olli", "approver")
    assert answer_workflow.withdraw(scene.answer, by=by, at=LATER).printed == before.printed


def test_a_new_name_reaches_readers_by_a_correction_that_changes_nothing_else(one_of_each):
    bulletin = one_of_each.bulletin
    builders.published(bulletin)
    bulletin.refresh_from_db()
    corrections.start_correction(bulletin, by=editor(), at=LATER, what_changed=in_all(en="The topic's name."))
    with pytest.raises(NotAllowed, match="is identical to the previous version"):
        approval_workflow.submit(bulletin, by=editor(), at=LATER)
    WORDS["a topic's name"]()
    version = builders.published(Bulletin.objects.get(), at=LATER)
    assert version.editions.get().lead == builders.TEXTS["en"]["preheader"]  # nothing else is new
    assert version.words.topics[0].in_language("en") == f"{NEW} topic"


# --- What is not published yet -------------------------------------------------------------------------------------


def test_every_word_is_in_the_fingerprints_of_what_is_agreed_on(one_of_each):
    scene = one_of_each
    answer = build_answer(scene.campaign)
    answer.group.topic = scene.topic
    answer.group.save()

    def fingerprints() -> dict[str, str]:
        return {
            "bulletin": Bulletin.objects.get().content_digest(),
            "answer": answer_workflow.fingerprint(type(answer).objects.get()),
            "claim": Claim.objects.get().content_digest(),
        }

    found = [fingerprints()]
    for change in WORDS.values():
        change()
        found.append(fingerprints())
    for word, (before, after) in zip(WORDS, pairwise(found), strict=True):
        same = {kind for kind in before if before[kind] == after[kind]}
        assert same == {kind for kind, words in NOT_IN.items() if word in words}, word


@pytest.mark.parametrize("word", ["the hashtag", "a topic's name", "an authority's name"])
def test_an_approval_does_not_cover_a_word_that_was_changed_since(one_of_each, word):
    bulletin = builders.approved(one_of_each.bulletin)
    WORDS[word]()
    with pytest.raises(NotAllowed, match="changed after it was approved"):
        publish.publish(bulletin, at=NOON)
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT and bulletin.approved_by is None
    assert not Version.objects.exists()


def test_nobody_approves_an_answer_or_publishes_a_verdict_over_a_changed_word(one_of_each):
    claim = one_of_each.claim
    verdict_workflow.propose(claim, Claim.Verdict.FALSE, by=editor(), at=NOON)
    verdict_workflow.confirm(claim, digest=claim.digest, by=second_person(), at=NOON)
    WORDS["a topic's name"]()
    with pytest.raises(verdict_workflow.NotConfirmable, match="something has changed since"):
        verdict_workflow.publish(claim, by=second_person(), at=NOON)
    assert not ClaimVersion.objects.exists() and not AnswerVersion.objects.exists()


def test_whoever_renames_something_is_told_what_has_to_be_approved_again_and_so_are_its_authors(
    one_of_each, alma, root, signed_in
):
    scene = one_of_each
    bulletin = builders.approved(builders.build_bulletin(scene.campaign, by=alma, languages=["en"]), by=alma)
    named = builders.approved(scene.bulletin)
    verdict_workflow.propose(scene.claim, Claim.Verdict.FALSE, by=editor(), at=NOON)
    told = signed_in(root).post(
        reverse("admin:campaigns_topic_change", args=[scene.topic.pk]),
        {"campaign": scene.campaign.pk, "slug": scene.topic.slug}
        | {f"name__{code}": text for code, text in in_all(en="Reading").items()},
        follow=True,
    )
    assert "It is printed with 2 bulletins or fact-checks" in told.content.decode()
    assert states() == {named.pk: "draft", bulletin.pk: "approved"}
    assert Claim.objects.get().status == Claim.Status.IN_REVIEW
    sent_back = Notice.objects.about(notices.SENT_BACK, named.pk)
    assert [one.person for one in sent_back] == [editor()] and "printed with it was changed by" in sent_back.get().text


def states() -> dict[int, str]:
    return dict(Bulletin.objects.values_list("pk", "state"))


def test_a_proof_shows_the_words_that_would_be_approved(one_of_each):
    WORDS["the sender's name"]()
    bulletin = Bulletin.objects.get()
    compiled = test_sends.compile_proofs(bulletin, ["en"], at=NOON)["en"]
    assert compiled.message.sender_name == f"{NEW} sender"


# --- What it costs -----------------------------------------------------------------------------------------------


def test_agreeing_on_them_costs_no_more_than_before(one_of_each, alma, oskar):
    """
    Submitting, approving and publishing took 100 queries for this bulletin before its printed words were covered, and takes
    one more since approval deletes the comments, two more since cards may stand on a picture of it, six more since its moving
    cards are looked for and asked for, one more for the campaign's own points of the checklist, two more since
    roles may hold in one campaign and languages may follow, and nine more since channels have limits of their own and what
    the authority's own accounts post is agreed to as well.
    """
    count = 0
    for step in (
        lambda bulletin: approval_workflow.submit(bulletin, by=alma, at=NOON),
        lambda bulletin: approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON),
        lambda bulletin: publish.publish(bulletin, at=NOON),
    ):
        bulletin = Bulletin.objects.get()
        with CaptureQueriesContext(connection) as queries:
            step(bulletin)
        count += len(queries)
    assert count <= 122, count


# --- What was published before -------------------------------------------------------------------------------------
