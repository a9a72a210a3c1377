"""A claim at the desk: what waits first, each step one domain call, a refusal keeps what was typed and changes nothing."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from campaigns.models import Campaign
from factcheck.matching import similar_claims
from factcheck.models import Claim, ClaimStep, Evidence, Narrative, Sighting
from factcheck.verdicts import verdict_workflow
from tests.support import builders

pytestmark = pytest.mark.django_db
Status = Claim.Status


@pytest.fixture
def faisal(roles: None) -> Any:
    """A second fact-checker."""
    return builders.build_user("faisal", "fact-checker")


@pytest.fixture
def claim(campaign: Any) -> Claim:
    return builders.build_claim(campaign, published=False, status="in_review")


def page_of(claim: Claim) -> str:
    """Return the address of a claim's page."""
    return reverse("admin:factcheck_claim_change", args=[claim.pk])


def step(client: Any, claim: Claim, verb: str, **data: Any) -> Any:
    """Press a button of a claim."""
    return client.post(reverse("admin:factcheck_claim_step", args=[claim.pk, verb]), data)


def said(answer: Any) -> str:
    """Return what the desk said."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def sent(client: Any, claim: Claim, **changed: str) -> dict[str, str]:
    """Return what the page's form of words sends, with some fields changed."""
    page = client.get(page_of(claim)).content.decode()
    token = re.search(r'name="read" value="(\w+)"', page)
    assert token
    texts = {
        f"{name}__{code}": getattr(claim, name).get(code, "") for name in Claim.TEXTS for code in ("fi", "sv", "en")
    }
    return texts | {"slug": claim.slug, "keywords": "", "read": token[1]} | changed


def propose(claim: Claim, by: Any, verdict: str = "false") -> None:
    """Propose a verdict."""
    verdict_workflow.propose(claim, verdict, by=by, at=builders.NOON)


# --- The way ---------------------------------------------------------------------------------------


def test_a_claim_goes_from_report_to_publication_in_two_pairs_of_hands(campaign, fiona, faisal, signed_in):
    claim = builders.build_claim(campaign, published=False)
    one, two = signed_in(fiona), signed_in(faisal)
    assert "Start checking" in one.get(page_of(claim)).content.decode()
    step(one, claim, "take-up")
    page = one.get(page_of(claim)).content.decode()
    assert "partly true, partly not" in page
    step(one, claim, "propose", verdict="false")

    assert "confirm the verdict" not in one.get(page_of(claim)).content.decode()
    page = two.get(page_of(claim)).content.decode()
    claim.refresh_from_db()
    assert page.index("No food cures it.") < page.index("I have read it: confirm the verdict")
    assert f'name="digest" value="{claim.digest}"' in page
    step(two, claim, "confirm", digest=claim.digest)
    step(one, claim, "publish")

    claim.refresh_from_db()
    assert claim.status == Status.PUBLISHED and claim.confirmed_by == faisal
    assert [one.kind for one in claim.steps.all()][::-1] == ["taken_up", "proposed", "confirmed", "published"]
    assert {"claim.proposed", "claim.confirmed", "claim.published"} <= {
        entry.verb for entry in AuditEntry.objects.about(claim)
    }


def test_what_is_published_is_paused_by_one_and_withdrawn_by_another(campaign, fiona, faisal, signed_in):
    claim = builders.build_claim(campaign)
    one, two = signed_in(fiona), signed_in(faisal)
    own = {f"told__{code}": f"It rested on an error ({code})." for code in ("fi", "sv", "en")}
    step(one, claim, "pause", reason="A study was retracted.", **own)
    claim.refresh_from_db()
    assert claim.status == Status.PAUSED and claim.steps.first().reader_text == {}
    assert "Withdraw permanently" not in one.get(page_of(claim)).content.decode()

    assert step(two, claim, "propose-words", told__fi="Virhe.").status_code == 422
    step(one, claim, "propose-words", **own)
    mine, theirs = (client.get(page_of(claim)).content.decode() for client in (one, two))
    assert "show this text" not in mine and "show this text" in theirs
    refused = step(one, claim, "agree-words", digest=verdict_workflow.waiting_custom_text(claim).digest)
    assert refused.status_code == 422 and "someone else must approve it" in said(refused)
    assert "It rested on an error" not in public_page(claim)

    step(two, claim, "withdraw", digest=verdict_workflow.waiting_custom_text(claim).digest)
    claim.refresh_from_db()
    assert claim.status == Status.WITHDRAWN
    assert "It rested on an error (en)." in public_page(claim)


def public_page(claim: Claim) -> str:
    """Return what anyone reads."""
    return Client().get(reverse("factcheck:claim", args=[claim.slug])).content.decode()


def test_a_paused_one_is_shown_again_and_a_published_one_taken_up_again(campaign, fiona, signed_in):
    claim = builders.build_claim(campaign)
    client = signed_in(fiona)
    step(client, claim, "pause")
    step(client, claim, "resume")
    assert step(client, claim, "reopen").status_code == 422
    claim.refresh_from_db()
    assert claim.status == Status.PUBLISHED
    step(client, claim, "reopen", reason="New figures.")
    claim.refresh_from_db()
    assert claim.status == Status.IN_REVIEW
    page = client.get(page_of(claim)).content.decode()
    assert "New figures." in page and 'name="what_changed__en"' in page and "Set it aside" not in page


@pytest.mark.parametrize(("verb", "status"), [("send-back", "proposed"), ("set-aside", "in_review")])
def test_some_steps_need_a_reason(claim, fiona, faisal, signed_in, verb, status):
    if status == "proposed":
        propose(claim, fiona)
    client = signed_in(faisal)
    answer = step(client, claim, verb, reason="  ")
    claim.refresh_from_db()
    assert answer.status_code == 422 and claim.status == status

    step(client, claim, verb, reason="Nobody says it.")
    claim.refresh_from_db()
    assert claim.status == {"send-back": "in_review", "set-aside": "set_aside"}[verb]
    assert "Nobody says it." in client.get(page_of(claim)).content.decode()


def test_nobody_confirms_what_they_proposed_or_have_not_read(claim, fiona, faisal, signed_in):
    propose(claim, fiona)
    mine = step(signed_in(fiona), claim, "confirm", digest=claim.digest)
    assert mine.status_code == 422 and "someone else must approve it" in said(mine)
    for digest in ("", "0" * 64):
        unread = step(signed_in(faisal), claim, "confirm", digest=digest)
        assert unread.status_code == 422 and "Read it again" in said(unread)
    claim.refresh_from_db()
    assert claim.status == Status.PROPOSED and claim.confirmed_by is None


def test_a_refused_proposal_names_what_is_missing_and_keeps_the_choice(claim, fiona, signed_in):
    Claim.objects.filter(pk=claim.pk).update(fallacy={})
    client = signed_in(fiona)
    answer = step(client, claim, "propose", verdict="fifty_fifty")
    claim.refresh_from_db()
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422 and claim.status == Status.IN_REVIEW and claim.verdict == ""
    assert re.search(r'value="fifty_fifty" required checked', page)
    assert 'href="#id_fallacy__en"' in page and 'id="id_fallacy__en"' in page


# --- Words ------------------------------------------------------------------------------------------


def test_words_are_saved_and_void_what_was_proposed_over_others(claim, fiona, faisal, signed_in):
    propose(claim, fiona)
    client = signed_in(faisal)
    data = sent(client, claim, fact__en="No food cures the flu.", keywords="garlic, black garlic")
    answer = client.post(page_of(claim), data)
    claim.refresh_from_db()
    assert claim.fact["en"] == "No food cures the flu." and claim.keywords == ["garlic", "black garlic"]
    assert claim.status == Status.IN_REVIEW and "no longer counts" in said(answer)
    assert claim.steps.first().kind == ClaimStep.Kind.VOIDED
    assert claim.words.exists()


def test_a_save_that_changes_nothing_voids_nothing(claim, fiona, faisal, signed_in):
    propose(claim, fiona)
    client = signed_in(faisal)
    client.post(page_of(claim), sent(client, claim))
    claim.refresh_from_db()
    assert claim.status == Status.PROPOSED


def test_wrong_words_come_back_with_all_that_was_typed(claim, fiona, signed_in):
    client = signed_in(fiona)
    data = sent(client, claim, slug="report", fact__sv="Ingen mat botar.", keywords="vitlök")
    answer = client.post(page_of(claim), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Ingen mat botar." in page and "vitlök" in page
    claim.refresh_from_db()
    assert claim.fact["sv"] != "Ingen mat botar." and claim.slug == "garlic"


def test_two_who_write_at_once_lose_nothing(claim, fiona, faisal, signed_in):
    one, two = signed_in(fiona), signed_in(faisal)
    theirs, mine = sent(one, claim, fact__en="Theirs."), sent(two, claim, fact__en="Mine.")
    one.post(page_of(claim), theirs)
    answer = two.post(page_of(claim), mine)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Theirs." in page and "Mine." in page
    claim.refresh_from_db()
    assert claim.fact["en"] == "Theirs."
    token = re.search(r'name="read" value="(\w+)"', page)
    assert token
    two.post(page_of(claim), mine | {"read": token[1]})
    claim.refresh_from_db()
    assert claim.fact["en"] == "Mine."


def test_words_that_two_people_agreed_on_are_only_read(campaign, fiona, signed_in):
    claim = builders.build_claim(campaign)
    client = signed_in(fiona)
    page = client.get(page_of(claim)).content.decode()
    assert 'name="fact__en"' not in page and "No food cures it." in page
    answer = client.post(page_of(claim), {"fact__en": "Other", "text__en": "Other", "slug": "other"})
    assert answer.status_code == 409 and "Other" in answer.content.decode()
    claim.refresh_from_db()
    assert claim.fact["en"] == "No food cures it." and claim.slug == "garlic"


def test_the_short_name_stays_once_it_was_published(campaign, fiona, signed_in):
    claim = builders.build_claim(campaign)
    client = signed_in(fiona)
    step(client, claim, "reopen", reason="New figures.")
    claim.refresh_from_db()
    client.post(page_of(claim), sent(client, claim, slug="other", what_changed__en="Figures."))
    claim.refresh_from_db()
    assert claim.slug == "garlic" and claim.what_changed == {"en": "Figures."}


# --- Sources and sightings -----------------------------------------------------------------------------


def source(**fields: str) -> dict[str, str]:
    """Return what the form of a source sends."""
    return {"publisher": "WHO", "title": "Myths", "url": "https://who.example/", "language": "en", **fields}


def test_a_new_source_is_copied_and_voids_a_proposal(claim, fiona, faisal, signed_in):
    propose(claim, fiona)
    answer = signed_in(faisal).post(reverse("admin:factcheck_claim_source_add", args=[claim.pk]), source())
    row = Evidence.objects.get(publisher="WHO")
    claim.refresh_from_db()
    assert answer.status_code == 302 and row.archive_wanted_at is not None and claim.status == Status.IN_REVIEW


def test_the_title_of_a_source_says_which_language_it_is_in(claim, fiona, signed_in):
    claim.evidence.update(title="Tulokset", language="fi")

    html = signed_in(fiona).get(page_of(claim)).content.decode()

    assert html.count('lang="fi">Tulokset<') == html.count(">Tulokset<") > 4


@pytest.mark.parametrize("url", ["", "ftp:x", "https://institute1.example/"])
def test_a_wrong_source_comes_back_as_it_was_typed(claim, fiona, signed_in, url):
    answer = signed_in(fiona).post(
        reverse("admin:factcheck_claim_source_add", args=[claim.pk]), source(url=url, quote="Garlic is food.")
    )
    assert answer.status_code == 422 and "Garlic is food." in answer.content.decode()
    assert claim.evidence.count() == 2


def test_a_copy_is_asked_for_again_or_pasted_by_hand(claim, fiona, signed_in):
    row = claim.evidence.first()
    client = signed_in(fiona)
    client.post(reverse("admin:factcheck_claim_source_fetch", args=[claim.pk, row.pk]))
    row.refresh_from_db()
    assert row.archive_wanted_at is not None
    paste = reverse("admin:factcheck_claim_source_paste", args=[claim.pk, row.pk])
    assert client.post(paste, {"text": " "}).status_code == 422

    client.post(paste, {"text": "Garlic is food and no medicine."})
    row.refresh_from_db()
    assert row.copy.by == fiona
    page = client.get(page_of(claim)).content.decode()
    assert "Copied by hand by" in page and row.copy.sha256[:12] in page


def test_a_source_is_changed_and_removed(claim, fiona, signed_in):
    first, second = claim.evidence.all()
    client = signed_in(fiona)
    client.post(
        reverse("admin:factcheck_claim_source", args=[claim.pk, first.pk]), source(url=first.url, title="Reviewed")
    )
    client.post(reverse("admin:factcheck_claim_source_remove", args=[claim.pk, second.pk]))
    assert list(claim.evidence.values_list("title", "archive_wanted_at")) == [("Reviewed", None)]


@pytest.mark.parametrize("what", ["source_add", "source", "source_remove", "source_fetch", "source_paste"])
def test_sources_of_a_settled_verdict_stay(campaign, fiona, signed_in, what):
    claim = builders.build_claim(campaign)
    before = list(claim.evidence.values())
    keys = [claim.pk] if what == "source_add" else [claim.pk, claim.evidence.first().pk]
    answer = signed_in(fiona).post(reverse(f"admin:factcheck_claim_{what}", args=keys), source(text="words"))
    assert answer.status_code == 409 and "its verdict is settled" in said(answer)
    assert list(claim.evidence.values()) == before


def test_a_sighting_is_noted_by_hand_whatever_the_status(campaign, liisa, signed_in):
    claim = builders.build_claim(campaign)
    data = {
        "platform": "telegram",
        "channel": "Kitchen",
        "url": "https://t.me/kitchen/1",
        "reach": "1200",
        "seen_on": builders.NOON.date().isoformat(),
        "language": "fi",
    }
    client = signed_in(liisa)
    client.post(reverse("admin:factcheck_claim_sighting_add", args=[claim.pk]), data)
    seen = Sighting.objects.get()
    assert (seen.via, seen.reporter, seen.channel) == ("staff", liisa, "Kitchen") and seen.url_key
    page = " ".join(client.get(page_of(claim)).content.decode().split())
    assert 'rel="noopener noreferrer nofollow" href="https://t.me/kitchen/1"' in page and "<rect" in page

    answer = client.post(
        reverse("admin:factcheck_claim_sighting_add", args=[claim.pk]), data | {"seen_on": "x", "note": "Loud."}
    )
    assert answer.status_code == 422 and "Loud." in answer.content.decode() and Sighting.objects.count() == 1


# --- Lists ------------------------------------------------------------------------------------------


def listed(client: Any, query: str = "") -> list[Claim]:
    """Return the claims of the list."""
    return list(client.get(reverse("admin:factcheck_claim_changelist") + query).context["cl"].result_list)


def test_the_list_begins_with_what_is_yours_to_confirm(campaign, fiona, faisal, signed_in):
    done = builders.build_claim(campaign, "done")
    open_one = builders.build_claim(campaign, "open", published=False)
    mine, theirs = (builders.build_claim(campaign, slug, published=False) for slug in ("mine", "theirs"))
    propose(mine, fiona)
    propose(theirs, faisal)
    builders.build_claim(campaign, "aside", published=False, status="set_aside")
    builders.build_claim(campaign, "twin", published=False, status="merged", duplicate_of=done)
    client = signed_in(fiona)
    assert listed(client) == [theirs, open_one, mine, done]
    page = client.get(reverse("admin:factcheck_claim_changelist")).content.decode()
    assert "1 verdict is yours to confirm." in page and "not yours to confirm" in page
    assert reverse("admin:factcheck_claim_report") in page and reverse("admin:factcheck_claim_import") in page
    assert listed(client, "?stage=open") == [open_one]
    assert {one.slug for one in listed(client, "?stage=aside")} == {"aside", "twin"}


def test_the_list_counts_sightings_of_duplicates_too(campaign, fiona, signed_in):
    main = builders.build_claim(campaign, "main")
    twin = builders.build_claim(campaign, "twin", published=False, status="merged", duplicate_of=main)
    today = builders.NOON.date()
    for claim, channel, language in ((main, "A", "fi"), (twin, "a", "sv"), (twin, "B", "sv")):
        Sighting.objects.create(claim=claim, platform="x", channel=channel, seen_on=today, language=language)
    (row,) = listed(signed_in(fiona))
    assert (row.seen_here.count, len(row.seen_here.channels), row.seen_here.languages) == (3, 2, {"fi", "sv"})


def test_a_verdict_is_never_confirmed_from_the_list(claim, fiona, faisal, signed_in):
    propose(claim, fiona)
    url = reverse("admin:factcheck_claim_changelist")
    for action in ("confirm_selected", "publish_selected", "delete_selected"):
        signed_in(faisal).post(url, {"action": action, "_selected_action": [claim.pk]})
    claim.refresh_from_db()
    assert claim.status == Status.PROPOSED


def test_several_are_put_into_a_narrative_or_set_aside_with_a_reason(campaign, fiona, signed_in):
    rows = [builders.build_claim(campaign, slug, published=False) for slug in ("one", "two")]
    published = builders.build_claim(campaign, "done")
    story = Narrative.objects.create(campaign=campaign, slug="s", name={"en": "Story"})
    other = Narrative.objects.create(campaign=other_campaign(), slug="s", name={"en": "Story"})
    client, url = signed_in(fiona), reverse("admin:factcheck_claim_changelist")
    chosen = {"_selected_action": [one.pk for one in (*rows, published)]}
    put = chosen | {"action": "put_into_narrative"}
    assert "Story" in client.post(url, put).content.decode()
    assert client.post(url, put | {"apply": "1", "narrative": other.pk}).status_code == 422
    assert not Claim.objects.exclude(narrative=None).exists()
    client.post(url, put | {"apply": "1", "narrative": story.pk})
    assert Claim.objects.filter(narrative=story).count() == 3

    aside = chosen | {"action": "set_aside_selected", "apply": "1"}
    assert client.post(url, aside | {"reason": ""}).status_code == 422
    answer = client.post(url, aside | {"reason": "Nobody says it."})
    assert set(Claim.objects.filter(status="set_aside")) == set(rows) and "Not set aside" in said(answer)
    published.refresh_from_db()
    assert published.status == Status.PUBLISHED


# --- Duplicates ----------------------------------------------------------------------------------------


def test_a_person_says_whether_two_are_the_same(campaign, fiona, signed_in):
    main = builders.build_claim(campaign, "main", text=builders.in_all(en="Garlic cures the virus"))
    twin = builders.build_claim(
        campaign, "twin", published=False, text=builders.in_all(en="Garlic cures the virus at once")
    )
    for one in (main, twin):
        similar_claims.index(one)
    client = signed_in(fiona)
    page = client.get(page_of(twin)).content.decode()
    assert "Different claim" in page and page_of(main) in page
    step(client, twin, "merge", other=main.pk)
    twin.refresh_from_db()
    assert twin.duplicate_of == main
    assert page_of(main) in client.get(page_of(twin)).content.decode()
    assert page_of(twin) in client.get(page_of(main)).content.decode()

    step(client, twin, "split")
    twin.refresh_from_db()
    assert twin.duplicate_of is None
    step(client, twin, "tell-apart", other=main.pk)
    assert "Different claim" not in client.get(page_of(twin)).content.decode()


# --- Who may -------------------------------------------------------------------------------------------

VERBS = ["take-up", "propose", "confirm", "send-back", "publish", "pause", "reopen", "withdraw", "set-aside", "merge"]


@pytest.mark.parametrize("who", ["alma", "oskar", "liisa"])
def test_others_read_a_claim_and_take_no_step(claim, who, signed_in, request):
    client = signed_in(request.getfixturevalue(who))
    page = client.get(page_of(claim)).content.decode()
    assert "/step/" not in page and 'name="fact__en"' not in page and "Fetch a copy" not in page
    for verb in VERBS:
        assert step(client, claim, verb, verdict="false", reason="r").status_code == 403
    assert client.post(page_of(claim), {}).status_code == 403
    claim.refresh_from_db()
    assert claim.status == Status.IN_REVIEW


def test_a_step_is_never_taken_by_looking_and_another_name_is_no_step(claim, fiona, signed_in):
    client = signed_in(fiona)
    for verb in VERBS:
        assert client.get(reverse("admin:factcheck_claim_step", args=[claim.pk, verb])).status_code == 405
    assert step(client, claim, "delete").status_code == 403
    claim.refresh_from_db()
    assert claim.status == Status.IN_REVIEW


def test_another_campaigns_claims_do_not_exist(campaign, fiona, signed_in):
    other = builders.build_claim(other_campaign(), "x")
    client = signed_in(fiona)
    assert other not in listed(client)
    assert client.get(page_of(other)).status_code == 404
    assert step(client, other, "pause").status_code == 404
    other.refresh_from_db()
    assert other.status == Status.PUBLISHED


def other_campaign() -> Campaign:
    """Return a campaign that the site does not show."""
    return builders.build_campaign("other", starts_on=date(2020, 1, 1))


def test_the_page_costs_the_same_however_much_there_is(
    campaign: Any, fiona: Any, signed_in: Callable[[Any], Any]
) -> None:
    client = signed_in(fiona)

    def cost(slug: str, many: int) -> int:
        claim = builders.build_claim(campaign, slug, text=builders.in_all(en=f"{slug} cures it"))
        step(client, claim, "reopen", reason="Again.")
        for number in range(many):
            Evidence.objects.create(claim=claim, publisher=f"P{number}", title="T", url=f"https://p{number}.example/")
            Sighting.objects.create(
                claim=claim,
                platform="x",
                channel=f"{number}",
                seen_on=builders.NOON.date(),
                language="fi",
                reporter=fiona,
            )
            builders.build_claim(
                campaign,
                f"{slug}-{number}",
                published=False,
                status="merged",
                duplicate_of=claim,
                created_at=builders.NOON - timedelta(days=1),
            )
        client.get(page_of(claim))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of(claim)).status_code == 200
        return len(queries)

    # On PostgreSQL each search for likeness sets its thresholds for itself.
    assert cost("one", 1) == cost("two", 7) <= (55 if connection.vendor == "postgresql" else 40)
