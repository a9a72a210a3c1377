"""Public pages can be kept: they are the same for everyone, and whatever changes them says so."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bulletins.publication import corrections
from campaigns.http import page_changes
from factcheck.matching import duplicates
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.builders import editor, in_all, second_person

PAGES = {
    "home": [],
    "website:archive": [],
    "website:bulletin": [1],
    "website:answers": [],
    "website:help": [],
    "website:help_atom": [],
    "website:stories_atom": [],
    "stories:wall": [],
    "website:help_json": [],
    "website:embed_help": [],
    "commissions:works": [],
    "website:about": [],
    "website:corrections": [],
    "website:accessibility": [],
    "website:privacy": [],
    "website:feeds": [],
    "website:rss": [],
    "website:calendar": [],
    "website:embed": [],
    "factcheck:claims": [],
    "factcheck:claim": ["garlic"],
    "factcheck:corrections": [],
    "factcheck:policy": [],
    "factcheck:feed": [],
    "sitemap": [],
}


@pytest.fixture
def published(campaign, noon):
    """A bulletin that everyone can read."""
    return builders.build_published_version(campaign, at=noon).bulletin


@pytest.fixture
def claim(campaign, noon):
    """A fact-check that everyone can read."""
    return builders.build_claim(campaign, at=noon)


@pytest.mark.parametrize("name", PAGES)
def test_a_public_page_is_kept_and_holds_nothing_of_a_visitor(client, published, claim, name):
    answer = client.get(reverse(name, args=PAGES[name]))
    assert answer.status_code == 200
    assert answer[page_changes.MARK]
    assert not answer.cookies and b"csrfmiddlewaretoken" not in answer.content
    assert "nonce-" not in answer.get("Content-Security-Policy", "")


@pytest.mark.parametrize("name", ["home", "website:archive", "factcheck:claims"])
def test_a_page_of_somebody_who_is_logged_in_is_not_kept(client, published, liisa, name):
    client.force_login(liisa)
    answer = client.get(reverse(name))
    assert page_changes.MARK not in answer and answer["Cache-Control"] == "private, no-store"


def test_a_search_is_not_kept(client, published):
    answer = client.get(reverse("website:archive"), {"q": "water"})
    assert page_changes.MARK not in answer


def test_a_bulletin_that_is_published_changes_pages_and_takes_nothing_back(campaign, noon):
    before = page_changes.visible_changes()
    builders.build_published_version(campaign, at=noon)
    after = page_changes.visible_changes()
    assert after.changes != before.changes and after.taken_back == before.taken_back


@pytest.mark.parametrize("begin", [corrections.start_correction, corrections.retract])
def test_a_bulletin_that_is_corrected_or_withdrawn_takes_words_back_when_that_is_published(published, noon, begin):
    later = noon + timedelta(hours=1)
    before = page_changes.visible_changes()
    begin(published, by=editor(), at=later, what_changed=in_all(en="It was wrong"))
    assert page_changes.visible_changes() == before
    builders.published(published, at=later)
    assert page_changes.visible_changes().taken_back != before.taken_back


def test_a_fact_check_that_is_paused_corrected_or_withdrawn_takes_words_back(claim, noon):
    seen = [page_changes.visible_changes()]
    builders.pause_claim(claim, told=in_all(en="We look again"), by=editor(), at=noon)
    seen.append(page_changes.visible_changes())
    verdict_workflow.reopen(claim, reason="new", by=editor(), at=noon)
    claim.what_changed = in_all(en="Another study came out.")
    claim.save()
    builders.publish_claim(claim, at=noon)
    seen.append(page_changes.visible_changes())
    builders.pause_claim(claim, told=in_all(en="We look again"), by=editor(), at=noon)
    told = {row.code: "It was wrong" for row in claim.campaign.languages.all()}
    builders.withdraw_claim(claim, told=told, by=second_person(), at=noon)
    seen.append(page_changes.visible_changes())
    assert len({one.taken_back for one in seen}) == 4


def test_a_fact_check_that_is_shown_again_or_merged_changes_pages_and_takes_nothing_back(campaign, claim, noon):
    builders.pause_claim(claim, told=in_all(en="We look again"), by=editor(), at=noon)
    paused = page_changes.visible_changes()
    verdict_workflow.resume(claim, by=editor(), at=noon)
    resumed = page_changes.visible_changes()
    duplicates.merge(builders.build_claim(campaign, "lemon", published=False), into=claim, by=editor(), at=noon)
    merged = page_changes.visible_changes()
    assert len({paused.changes, resumed.changes, merged.changes}) == 3
    assert paused.taken_back == resumed.taken_back == merged.taken_back


def test_what_the_desk_changes_of_a_campaign_shows_at_once(admin_client, campaign):
    topic = builders.build_topic(campaign, "food")
    before = page_changes.visible_changes()
    answer = admin_client.post(reverse("admin:campaigns_topic_delete", args=[topic.pk]), {"post": "yes"}, follow=False)
    assert answer.status_code == 302
    assert page_changes.visible_changes().changes != before.changes
