"""The desk's page of what came of a bulletin: numbers of mail, portal, posts, questions and corrections."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from bulletins.models import Bulletin, Version
from campaigns.models import Campaign, Region
from delivery.models import Delivery
from influencers.models import Influencer, PostFigures
from influencers.recall import recall_plan
from influencers.results import bulletin_results
from questions.models import Question
from tests.influencers.recall.recall_scene import correct, does, person, posts, publish
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    """What was counted for another test is not shown here."""
    cache.clear()


def page_of(bulletin: Bulletin) -> str:
    return reverse("admin:bulletins_bulletin_results", args=[bulletin.pk])


def person_in(campaign: Campaign, name: str, region: str) -> Influencer:
    """Return an influencer of a region."""
    one = person(campaign, name)
    one.region = Region.objects.filter(code=region).first() or builders.build_region(region)
    one.save()
    return one


@pytest.fixture
def spread(campaign: Any) -> Version:
    """A bulletin that seven people of one region and six of another read, six copied, two downloaded and one posted."""
    version = publish(campaign)
    people = [person_in(campaign, f"p{n}", "MK01" if n < 7 else "MK06") for n in range(13)]
    for number, one in enumerate(people):
        does(one, version)
        if number < 6:
            does(one, version, "copied", "message:opening")
            does(one, version, "copied", "variant:instagram")
        if number < 2:
            does(one, version, "downloaded", "package:instagram")
    post = posts(people[0], version, reach=100)
    PostFigures.objects.create(post=post, at=timezone.now() + timedelta(hours=1), reach=900)
    question = {"campaign": campaign, "bulletin": version.bulletin, "language": "en", "text": "Which day?"}
    Question.objects.create(**question, relayed_by=people[0].recipient, times=30)
    Question.objects.create(**question, set_aside_at=timezone.now())
    return version


def test_a_person_counts_once_however_much_they_did(spread):
    uptake = bulletin_results.count(spread.bulletin, at=timezone.now())

    assert dict(uptake.people) == {"opened": 13, "copied": 6, "downloaded": 2, "posted": 1, "asked": 1}
    assert uptake.regions["opened"] == {"MK01": 7, "MK06": 6}
    assert uptake.languages["opened"] == {"en": 13}
    assert uptake.channels == {
        "copied": {"instagram": 6},
        "downloaded": {"instagram": 2},
        "posted": {"instagram": 1},
    }


def test_posts_count_with_their_newest_figures_and_questions_with_how_often_they_were_asked(spread):
    uptake = bulletin_results.count(spread.bulletin, at=timezone.now())

    assert (uptake.posts, uptake.reach) == (1, 900)
    assert (uptake.questions, uptake.followers_asked) == (1, 30)


def test_mail_is_counted_by_language_in_every_send_of_every_version(spread, campaign):
    audience = builders.build_audience(campaign, "others")
    builders.build_recipients(6, audience, language="fi", prefix="fi-")
    builders.build_recipients(2, audience, language="sv", prefix="sv-")
    send = builders.build_fanned_out_send(audience, mailing=spread.mailing)
    Delivery.objects.of(send).update(state="accepted")

    results = bulletin_results.results_of(spread.bulletin, at=timezone.now())

    assert results is not None
    assert results.mail.ledger.total.accepted == 8
    assert [(one.candidates, one.accepted) for one in results.mail_lines] == [(None, None), (None, None)]


def test_the_page_shows_no_number_that_tells_of_a_few(spread, oskar, signed_in):
    page = signed_in(oskar).get(page_of(spread.bulletin))

    assert page.status_code == 200
    regions, _languages, _channels = page.context["tables"]
    assert [[cell for _head, cell in cells] for _name, cells in regions["rows"]] == [
        [7, 6, None, None],
        [6, 0, None, None],
    ]
    assert page.context["people"] == {
        "opened": "13",
        "copied": "6",
        "downloaded": "under 5",
        "posted": "under 5",
        "asked": "under 5",
    }
    assert "not shown" in page.content.decode()


def test_a_table_in_which_every_number_is_hidden_says_so_instead(campaign, oskar, signed_in):
    version = publish(campaign)
    for number, platform in enumerate(("instagram", "tiktok")):
        does(person_in(campaign, f"few{number}", "MK01"), version, "copied", f"variant:{platform}")

    page = " ".join(signed_in(oskar).get(page_of(version.bulletin)).content.decode().split())

    assert "By channel: too few people to show numbers." in page
    assert "2 others" not in page and ">By channel</caption>" not in page


def test_groups_without_a_number_to_show_are_one_row(spread, campaign):
    for number in range(3):
        does(person_in(campaign, f"few{number}", f"MK1{number}"), spread)

    (regions, *_others) = bulletin_results.splits_of(bulletin_results.count(spread.bulletin, at=timezone.now()))

    assert [cells for _name, cells in regions.rows] == [[7, 6, None, None], [None, 0, None, None]]
    assert regions.rows[-1][0] == "4 others"


def test_a_correction_says_whom_it_told_and_what_they_did(spread, oskar, signed_in):
    later = correct(spread, at=timezone.now())
    recall_plan.plan_due(at=timezone.now())
    notice = later.recall.notices.order_by("rank").first()
    notice.seen_at = notice.acknowledged_at = timezone.now()
    notice.outcome = "corrected"
    notice.save()

    page = signed_in(oskar).get(page_of(spread.bulletin))

    (line,) = page.context["results"].later
    assert (line.version, line.people, line.seen, line.answered) == (later, 13, 1, 1)
    assert (line.corrected, line.removed) == (1, 0)


def test_the_number_of_queries_does_not_grow(spread, campaign, oskar, signed_in, django_assert_max_num_queries):
    correct(spread, at=timezone.now())
    client = signed_in(oskar)
    with django_assert_max_num_queries(40) as before:
        client.get(page_of(spread.bulletin))
    for number in range(20, 30):
        one = person_in(campaign, f"p{number}", f"MK{number}")
        does(one, spread)
        posts(one, spread, "tiktok", reach=5)
    recall_plan.plan_due(at=timezone.now())
    cache.clear()

    with django_assert_max_num_queries(len(before)):
        client.get(page_of(spread.bulletin))


def test_what_was_counted_stands_for_a_minute(spread, campaign):
    assert bulletin_results.counted_lately(spread.bulletin, at=timezone.now()).people["opened"] == 13
    does(person(campaign, "late"), spread)

    assert bulletin_results.counted_lately(spread.bulletin, at=timezone.now()).people["opened"] == 13


def test_a_bulletin_that_is_not_published_has_no_results_yet(campaign, alma, signed_in):
    bulletin = builders.build_bulletin(campaign)

    assert "Not published yet" in signed_in(alma).get(page_of(bulletin)).content.decode()


def test_the_page_for_paper_has_no_menu_around_it(spread, oskar, signed_in):
    client = signed_in(oskar)

    assert b'id="nav-sidebar"' in client.get(page_of(spread.bulletin)).content
    assert b'id="nav-sidebar"' not in client.get(page_of(spread.bulletin), {"clean": ""}).content


def test_the_results_are_one_press_from_the_bulletin_and_from_its_approval(spread, alma, oskar, signed_in):
    address = page_of(spread.bulletin)

    assert (
        address
        in signed_in(alma).get(reverse("admin:bulletins_bulletin_change", args=[spread.bulletin_id])).content.decode()
    )
    assert (
        address
        in signed_in(oskar).get(reverse("admin:bulletins_bulletin_read", args=[spread.bulletin_id])).content.decode()
    )
