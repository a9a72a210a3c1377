"""The public page of an archived copy: for what a published fact-check names, and for nothing else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from factcheck.evidence import page_copies
from factcheck.models import ArchivedCopy, Claim
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.builders import NOON, build_campaign, build_claim, editor, in_all, publish_claim, second_person

TEXT = "No food cures it.\n\n<script>alert(1)</script> & more"


@pytest.fixture
def claim(campaign: Any) -> Claim:
    """A claim under review whose first source has a copy."""
    claim = build_claim(campaign, published=False)
    source = claim.evidence.first()
    assert source
    source.copy = page_copies.store(source.url, TEXT, title="On food", at=NOON)
    source.save()
    return claim


def shown(copy: ArchivedCopy | None = None, *, language: str = "en") -> Any:
    copy = copy or ArchivedCopy.objects.get()
    return Client().get(f"/{language}/facts/sources/{copy.pk}/")


def test_it_has_its_address():
    assert reverse("factcheck:copy", args=[7]).endswith("/facts/sources/7/")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_it_shows_the_text_and_where_it_comes_from(claim, language):
    publish_claim(claim)

    answer = shown(language=language)

    assert answer.status_code == 200
    page = answer.content.decode()
    for words in ("On food", "Institute 1", "https://institute1.example/", ArchivedCopy.objects.get().sha256):
        assert words in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "<script>alert" not in page
    assert claim.get_absolute_url().partition("/facts/")[2] in page


def test_search_engines_are_sent_to_the_original(claim):
    publish_claim(claim)

    answer = shown()

    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()
    assert 'href="https://institute1.example/" rel="nofollow' in answer.content.decode()
    assert 'rel="canonical"' not in answer.content.decode()


def test_a_copy_of_what_is_not_published_is_not_shown(claim):
    assert shown().status_code == 404
    verdict_workflow.propose(claim, "false", by=editor(), at=NOON)
    assert shown().status_code == 404


def test_a_copy_that_came_after_publishing_is_for_the_desk_only(campaign):
    claim = build_claim(campaign)
    source = claim.evidence.first()
    source.copy = page_copies.store(source.url, TEXT, at=NOON)
    source.save()

    assert shown().status_code == 404


def test_a_copy_that_no_claim_has_is_not_shown(campaign):
    assert shown(page_copies.store("https://a.example/", TEXT, at=NOON)).status_code == 404
    assert Client().get("/en/facts/sources/999999/").status_code == 404


def test_a_fingerprint_in_a_quote_opens_nothing(claim, campaign):
    other = page_copies.store("https://other.example/", "Secret.", at=NOON)
    claim.evidence.update(quote=other.sha256)
    publish_claim(claim)

    assert shown(other).status_code == 404


def test_a_copy_of_another_campaign_is_not_shown(claim):
    publish_claim(claim)
    other = build_campaign(slug="other")
    assert page_copies.public_copy(other, ArchivedCopy.objects.get().pk) is None


def test_a_copy_that_an_earlier_version_names_stays(claim):
    publish_claim(claim)
    verdict_workflow.reopen(claim, reason="New figures.", by=editor(), at=NOON)
    claim.evidence.update(copy=None)
    claim.what_changed = in_all(en="Other sources.")
    claim.save()
    publish_claim(claim)

    assert shown().status_code == 200


def test_of_a_paused_fact_check_the_words_are_not_repeated(claim):
    publish_claim(claim)
    builders.pause_claim(claim, told={}, by=second_person(), at=NOON)

    page = shown().content.decode()

    assert "a fact-check that is not shown now" in page


def test_a_copy_by_hand_says_so(campaign, alma):
    claim = build_claim(campaign, published=False)
    page_copies.paste(claim.evidence.first(), text=TEXT, by=alma, at=NOON)
    publish_claim(claim)

    page = shown().content.decode()

    assert "copied by hand" in page
    assert "alma" not in page.lower()


def test_an_address_that_is_no_web_page_cannot_be_followed(campaign, alma):
    claim = build_claim(campaign, published=False)
    claim.evidence.filter(pk=claim.evidence.first().pk).update(url="javascript:alert(1)")
    page_copies.paste(claim.evidence.first(), text=TEXT, by=alma, at=NOON)

    with pytest.raises(Exception, match="not a web address"):
        publish_claim(claim)
    assert shown().status_code == 404


def test_it_costs_the_same_however_many_name_it(claim, campaign, django_assert_num_queries):
    publish_claim(claim)
    copy = ArchivedCopy.objects.get()
    with django_assert_num_queries(2):
        page_copies.public_copy(campaign, copy.pk)
    for number in range(10):
        other = build_claim(campaign, f"other-{number}", published=False)
        other.evidence.update(copy=copy)
        publish_claim(other)

    with django_assert_num_queries(2):
        kept = page_copies.public_copy(campaign, copy.pk)

    assert kept is not None and len(kept.claims) == 11


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_can_only_be_read(claim, method):
    publish_claim(claim)

    assert getattr(Client(), method)(f"/en/facts/sources/{ArchivedCopy.objects.get().pk}/").status_code == 405


@pytest.mark.journey
def test_it_fits_a_phone_and_breaks_no_policy(campaign, live_site, page):
    claim = build_claim(campaign, published=False)
    claim.evidence.update(
        copy=page_copies.store("https://a.example/" + "long" * 60, "word " * 400 + "x" * 300, at=NOON)
    )
    publish_claim(claim)

    page.goto(f"{live_site}/en/facts/sources/{ArchivedCopy.objects.get().pk}/")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
