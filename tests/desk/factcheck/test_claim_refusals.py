"""What a claim's page, its narratives and Today refuse or leave out, in words and with nothing lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bulletins.checks import registry
from bulletins.editing.admin import metadata
from bulletins.publication import corrections
from campaigns.models import Campaign
from config.desk import today
from factcheck.intake import claim_reports
from factcheck.models import Claim, Evidence, Narrative
from factcheck.verdicts import verdict_workflow
from tests.factcheck.intake.test_claim_reports import a_picture, a_report
from tests.support import builders

from .test_claims import other_campaign, page_of, said, sent, step

pytestmark = pytest.mark.django_db
Status = Claim.Status
ENDLESS = "9" * 24


@pytest.fixture
def claim(campaign: Any) -> Claim:
    return builders.build_claim(campaign, published=False, status="in_review")


def story(campaign: Campaign, slug: str) -> Narrative:
    """Return a narrative."""
    return Narrative.objects.create(campaign=campaign, slug=slug, name={"en": slug})


# --- Short names ---------------------------------------------------------------------------------------


def test_the_short_name_of_another_claim_is_refused_and_nothing_is_lost(campaign, claim, fiona, signed_in):
    builders.build_claim(campaign, "taken", published=False)
    client = signed_in(fiona)

    answer = client.post(page_of(claim), sent(client, claim, slug="taken", fact__en="New words."))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Another claim has this short name." in page and "New words." in page and 'value="taken"' in page
    claim.refresh_from_db()
    assert claim.slug != "taken" and claim.fact["en"] != "New words."


def test_a_short_name_of_another_campaigns_claim_is_refused_as_it_is_an_address(claim, fiona, signed_in):
    builders.build_claim(other_campaign(), "taken", published=False)
    client = signed_in(fiona)

    assert client.post(page_of(claim), sent(client, claim, slug="taken")).status_code == 422
    claim.refresh_from_db()
    assert claim.slug != "taken"


@pytest.mark.parametrize("is_new", [True, False])
def test_the_short_name_of_another_narrative_is_refused(campaign, fiona, signed_in, is_new):
    story(campaign, "taken")
    own = story(campaign, "own")
    name = "factcheck_narrative_add" if is_new else "factcheck_narrative_change"
    url = reverse(f"admin:{name}", args=[] if is_new else [own.pk])

    answer = signed_in(fiona).post(url, {"slug": "taken", "name__en": "Kept words"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Another narrative has this short name." in page and "Kept words" in page
    assert list(Narrative.objects.order_by("slug").values_list("slug", flat=True)) == ["own", "taken"]


def test_a_narrative_keeps_its_own_short_name(campaign, fiona, signed_in):
    own = story(campaign, "own")
    url = reverse("admin:factcheck_narrative_change", args=[own.pk])

    assert signed_in(fiona).post(url, {"slug": "own", "name__en": "New"}).status_code == 302
    own.refresh_from_db()
    assert own.name["en"] == "New"


# --- Numbers without an end ----------------------------------------------------------------------------


def test_numbers_that_no_row_has_are_no_fault(campaign, claim, fiona, signed_in):
    own = story(campaign, "own")
    client, claims = signed_in(fiona), reverse("admin:factcheck_claim_changelist")

    assert client.get(claims, {"narrative": ENDLESS}).status_code == 200
    put = {"action": "put_into_narrative", "_selected_action": [claim.pk], "apply": "1", "narrative": ENDLESS}
    assert client.post(claims, put).status_code == 422
    put_here = reverse("admin:factcheck_narrative_claims", args=[own.pk])
    assert "tick the claims" in said(client.post(put_here, {"claim": ENDLESS}))
    assert step(client, claim, "merge", other=ENDLESS).status_code == 404
    assert client.post(page_of(claim), sent(client, claim, topics=ENDLESS)).status_code == 422
    claim.refresh_from_db()
    assert (claim.narrative, claim.status) == (None, Status.IN_REVIEW)


# --- Lengths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "most"),
    [
        ("text", 2000),
        ("fact", 600),
        ("fact_again", 600),
        ("warning", 3000),
        ("fallacy", 3000),
        ("how_checked", 3000),
        ("why_few_sources", 3000),
    ],
)
def test_a_text_without_measure_is_refused_in_words_and_kept(claim, fiona, signed_in, part, most):
    client, before = signed_in(fiona), getattr(claim, part)
    name = f"{part}__sv"
    most_words, too_many = "å" * most, "å" * most + "!"

    answer = client.post(page_of(claim), sent(client, claim, **{name: too_many}))

    page = answer.content.decode()
    assert answer.status_code == 422 and too_many in page
    assert f"Swedish: {most + 1} characters; the limit is {most}" in page
    claim.refresh_from_db()
    assert getattr(claim, part) == before

    assert client.post(page_of(claim), sent(client, claim, **{name: most_words})).status_code == 302
    claim.refresh_from_db()
    assert getattr(claim, part)["sv"] == most_words


# --- Addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://user:secret@example.org/", "a user name or a password"),
        ("ftp://example.org/file", "not a web address"),
    ],
)
def test_a_source_that_nobody_could_open_is_refused_at_once(claim, fiona, signed_in, url, says):
    before = list(claim.evidence.values())
    data = {"publisher": "THL", "title": "Figures", "url": url}

    answer = signed_in(fiona).post(reverse("admin:factcheck_claim_source_add", args=[claim.pk]), data)

    page = answer.content.decode()
    assert answer.status_code == 422 and says in page and url in page and "private network" not in page
    assert list(claim.evidence.values()) == before


# --- Screenshots ---------------------------------------------------------------------------------------


def test_only_those_who_check_claims_open_a_screenshot_and_only_of_this_campaign(
    campaign, alma, liisa, fiona, signed_in
):
    claim = claim_reports.report(campaign, **a_report(screenshot=a_picture()))
    address = reverse("admin:factcheck_claim_screenshot", args=[claim.sightings.get().pk])

    for who in (alma, liisa):
        client = signed_in(who)
        assert client.get(address).status_code == 403
        assert address not in client.get(page_of(claim)).content.decode()
    client = signed_in(fiona)
    assert address in client.get(page_of(claim)).content.decode()
    assert client.get(address).status_code == 200

    other = other_campaign()
    Claim.objects.filter(pk=claim.pk).update(campaign=other)
    assert client.get(address).status_code == 404


# --- Today ---------------------------------------------------------------------------------------------


def test_today_shows_what_is_confirmed_and_how_much_is_being_checked(campaign, claim, fiona, liisa, signed_in):
    for number in range(today.ROWS + 2):
        one = builders.build_claim(campaign, f"ready-{number}", published=False, text={"en": f"Ready {number}"})
        Claim.objects.filter(pk=one.pk).update(
            status="confirmed", verdict="false", proposed_by=builders.checker(), confirmed_by=builders.second_person()
        )
    client = signed_in(fiona)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("admin:today")).content.decode()

    assert "Confirmed, to be published" in page and page.count("confirmed by") == today.ROWS
    assert f"All {today.ROWS + 2}" in page and "1 claim is being checked." in page
    assert len(asked) <= 40
    assert "Confirmed, to be published" not in signed_in(liisa).get(reverse("admin:today")).content.decode()


# --- Words ---------------------------------------------------------------------------------------------


def test_putting_together_without_a_verdict_promises_none(campaign, claim, fiona, signed_in):
    main = builders.build_claim(campaign, "main", published=False)
    client = signed_in(fiona)

    assert "It will share the verdict of its main claim when there is one." in said(
        step(client, claim, "merge", other=main.pk)
    )
    assert "will share its verdict when there is one:" in client.get(page_of(claim)).content.decode()


@pytest.mark.parametrize(
    ("verb", "status", "says"),
    [
        ("take-up", "published", "its verdict is public"),
        ("take-up", "withdrawn", "was withdrawn permanently"),
        ("take-up", "merged", "same as another claim"),
        ("take-up", "in_review", "someone is already checking it"),
        ("publish", "published", "it is already public"),
        ("pause", "paused", "it is already paused"),
        ("pause", "withdrawn", "it was withdrawn permanently"),
        ("pause", "in_review", "it is not published"),
    ],
)
def test_a_step_that_comes_too_late_says_what_the_claim_is(campaign, fiona, signed_in, verb, status, says):
    claim = builders.build_claim(campaign, published=status in {"published", "withdrawn", "paused"})
    if status == "paused":
        builders.pause_claim(claim, told={}, by=builders.checker(), at=builders.NOON)
    elif status == "merged":
        main = builders.build_claim(campaign, "main")
        Claim.objects.filter(pk=claim.pk).update(status=status, duplicate_of=main)
    else:
        Claim.objects.filter(pk=claim.pk).update(status=status)
    before = list(Claim.objects.order_by("pk").values()), claim.steps.count()

    answer = step(signed_in(fiona), claim, verb)

    assert answer.status_code == 422 and says in said(answer)
    assert (list(Claim.objects.order_by("pk").values()), claim.steps.count()) == before


# --- Fact-checks on a bulletin -------------------------------------------------------------------------


def test_a_bulletin_is_offered_verdicts_of_two_people_and_what_it_has(campaign, alma, signed_in):
    published = builders.build_claim(campaign, "published")
    confirmed = builders.build_claim(campaign, "confirmed", published=False)
    Claim.objects.filter(pk=confirmed.pk).update(
        status="confirmed", verdict="false", proposed_by=builders.checker(), confirmed_by=builders.second_person()
    )
    ticked = builders.build_claim(campaign, "ticked", published=False)
    builders.build_claim(campaign, "open", published=False)
    withdrawn = builders.build_claim(campaign, "withdrawn")
    Claim.objects.filter(pk=withdrawn.pk).update(status="withdrawn")
    twin = builders.build_claim(campaign, "twin")
    Claim.objects.filter(pk=twin.pk).update(status="merged", duplicate_of=published)
    builders.build_claim(other_campaign(), "elsewhere")
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.set([ticked])

    assert set(metadata.offered(bulletin, [ticked.pk])) == {published, confirmed, ticked}
    page = signed_in(alma).get(reverse("admin:bulletins_bulletin_about", args=[bulletin.pk])).content.decode()
    assert page.count('type="checkbox" name="about-claims"') == 3
    assert "Only claims whose verdict has been agreed by two people are offered." in page


def test_a_claim_that_is_no_longer_offered_is_refused_in_words(campaign, alma, signed_in):
    open_one = builders.build_claim(campaign, "open", published=False)
    bulletin = builders.build_bulletin(campaign)
    url = reverse("admin:bulletins_bulletin_about", args=[bulletin.pk])

    for key in (open_one.pk, ENDLESS):
        answer = signed_in(alma).post(url, {"about-urgency": bulletin.urgency, "about-claims": key})
        assert answer.status_code == 422 and not bulletin.claims.exists()


def test_a_finding_ends_with_one_full_stop(claim, fiona, signed_in):
    Evidence.objects.filter(claim=claim).update(title="A study.")
    page = signed_in(fiona).get(page_of(claim)).content.decode()
    assert "A study</a>.</b>" in page and "A study.</a>.</b>" not in page


def test_a_correction_is_told_of_fact_checks_that_are_newer_than_what_readers_have(campaign):
    claim = builders.build_claim(campaign)
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(claim)
    builders.published(bulletin)
    later = builders.NOON + timedelta(days=1)
    corrections.start_correction(bulletin, by=builders.editor(), at=later, what_changed=builders.in_all(en="More."))
    bulletin.refresh_from_db()
    assert not [one for one in registry.findings(bulletin, at=later) if one.place == "claims"]

    verdict_workflow.reopen(claim, reason="New findings.", by=builders.checker(), at=later)
    claim.what_changed = builders.in_all(en="A study came out.")
    claim.save()
    builders.publish_claim(claim, "unproven", at=later)

    (finding,) = [one for one in registry.findings(bulletin, at=later) if one.place == "claims"]
    assert (finding.code, finding.level) == ("newer-claim", "advice")
