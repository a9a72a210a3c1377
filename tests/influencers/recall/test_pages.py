"""What an influencer sees of a recall, and says to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from influencers.kits import usage
from influencers.models import Recall, RecallNotice, ThreadMessage
from influencers.posts import reports
from influencers.recall import fact_check_notices, ready_texts, recall_plan, responses
from influencers.recall.recall_panels import for_bulletin, panel
from tests.influencers.kits import kits_scene
from tests.influencers.kits.kits_scene import TRACES, build_fact, build_limits
from tests.support.builders import in_all

from .recall_scene import LATER, NOON, correct, does, person, posts, publish, retract

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(campaign: Any, roles: None) -> Any:
    return publish(campaign)


@pytest.fixture
def ida(campaign: Any, roles: None) -> Any:
    return person(campaign, "ida", x=70, instagram=30)


def recalled(version: Any, **words: Any) -> Recall:
    """Correct a version and return its recall."""
    following = correct(version, **words)
    recall_plan.plan_due(at=LATER)
    return Recall.objects.get(version=following)


def page(name: str, *arguments: Any) -> str:
    with translation.override("en"):
        return reverse(f"influencers:{name}", args=arguments)


def state(recall: Recall, who: Any) -> tuple[Any, Any, str]:
    row = recall.notices.get(influencer=who)
    return row.seen_at, row.acknowledged_at, row.outcome


def test_the_page_has_words_for_each_platform_they_posted_on_counted_as_it_counts(version, ida, signed_in):
    build_limits()
    posts(ida, version, "x", url="https://x.example/1")
    recall = recalled(version)

    html = signed_in(ida.user).get(page("recall", recall.pk)).content.decode()

    assert "Bulletin 1 has been corrected" in html and "Libraries open on Tuesday." in html
    assert 'id="x-caption"' in html and "I said Monday. Tuesday is right." in html
    assert 'data-count-in="x_weighted"' in html and 'id="instagram-caption"' not in html
    assert "https://x.example/1" in html and "I have corrected it" in html


def test_the_words_come_in_another_language_when_asked(version, ida, signed_in):
    does(ida, version)
    recall = recalled(version)

    html = signed_in(ida.user).get(page("recall", recall.pk), {"language": "fi"}).content.decode()

    assert "Sanoin maanantai. Tiistai on oikein." in html and 'lang="fi"' in html


def test_looking_at_the_page_changes_nothing_until_it_is_posted(version, ida, signed_in):
    does(ida, version)
    recall, client = recalled(version), signed_in(ida.user)

    client.get(page("recall", recall.pk))
    assert state(recall, ida) == (None, None, "")

    assert client.post(page("recall_seen", recall.pk)).status_code == 204
    seen_at, answered_at, _outcome = state(recall, ida)
    assert seen_at and answered_at is None
    client.post(page("recall_seen", recall.pk))
    assert state(recall, ida)[0] == seen_at


@pytest.mark.parametrize("outcome", ["corrected", "removed", "not_posted"])
def test_an_answer_is_kept_and_the_panel_lets_go(campaign, version, ida, signed_in, outcome):
    does(ida, version)
    recall, client = recalled(version), signed_in(ida.user)
    told: dict[str, Any] = {"language": "en", "at": LATER}
    assert panel(ida, campaign, **told) and for_bulletin(ida, recall.version, **told)

    answer = client.post(page("recall_answer", recall.pk), {"outcome": outcome}, follow=True)

    assert answer.status_code == 200 and "Thank you." in answer.content.decode()
    seen_at, answered_at, kept = state(recall, ida)
    assert seen_at and answered_at and kept == outcome
    assert panel(ida, campaign, **told) is None and for_bulletin(ida, recall.version, **told) is None


def test_another_answer_counts_instead_but_the_first_moment_stays(version, ida, signed_in):
    does(ida, version)
    recall, client = recalled(version), signed_in(ida.user)
    client.post(page("recall_answer", recall.pk), {"outcome": "not_posted"})
    first = state(recall, ida)[1]

    client.post(page("recall_answer", recall.pk), {"outcome": "corrected"})

    assert state(recall, ida)[1:] == (first, "corrected")


@pytest.mark.parametrize("outcome", ["", "later", "cannot"])
def test_no_answer_or_a_call_for_help_without_words_is_refused(version, ida, signed_in, outcome):
    does(ida, version)
    recall = recalled(version)

    answer = signed_in(ida.user).post(page("recall_answer", recall.pk), {"outcome": outcome, "words": "  "})

    assert answer.status_code == 422
    assert state(recall, ida) == (None, None, "")


def test_too_many_words_are_kept_to_shorten(version, ida, signed_in):
    does(ida, version)
    recall = recalled(version)

    words = "help " * 500
    answer = signed_in(ida.user).post(page("recall_answer", recall.pk), {"outcome": "cannot", "words": words})

    assert answer.status_code == 422 and words.strip() in answer.content.decode()
    assert not ThreadMessage.objects.exists() and state(recall, ida) == (None, None, "")


def test_a_call_for_help_reaches_the_contact_person(version, ida, signed_in):
    does(ida, version)
    recall = recalled(version)

    signed_in(ida.user).post(page("recall_answer", recall.pk), {"outcome": "cannot", "words": "Where do I add it?"})

    said = ThreadMessage.objects.get()
    assert "Where do I add it?" in said.text and "Bulletin 1 has been corrected" in said.text
    assert said.version == recall.version and said.thread.influencer == ida
    assert state(recall, ida)[2] == "cannot"


def test_posts_are_seen_to_one_by_one_and_the_last_one_answers(version, ida, signed_in):
    first, second = posts(ida, version, "x"), posts(ida, version, "instagram")
    recall, client = recalled(version), signed_in(ida.user)

    client.post(page("recall_post", recall.pk, first.pk), {"fate": "corrected"})
    assert state(recall, ida)[1] is None
    client.post(page("recall_post", recall.pk, second.pk), {"fate": "removed"})

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.corrected_at and not first.removed_at and second.removed_at and not second.corrected_at
    assert state(recall, ida)[2] == "removed"


def test_a_post_that_was_corrected_elsewhere_answers_too(campaign, version, ida):
    first, second = posts(ida, version, "x"), posts(ida, version, "instagram")
    recall = recalled(version)

    for post in (first, second):
        assert state(recall, ida)[1] is None
        post.corrected_at = LATER
        post.save()
        responses.follow(post, at=LATER)

    assert state(recall, ida) == (LATER, LATER, "corrected")


@pytest.mark.parametrize("outcome", ["corrected", "removed"])
def test_one_tap_sees_to_all_posts_that_wait_and_to_no_other(campaign, version, ida, signed_in, outcome):
    first, second, elsewhere = posts(ida, version, "x"), posts(ida, version, "instagram"), posts(ida, publish(campaign))
    gone = posts(ida, version, "tiktok", removed_at=NOON)
    recall, client = recalled(version), signed_in(ida.user)

    client.post(page("recall_answer", recall.pk), {"outcome": outcome})

    for post in (first, second, elsewhere, gone):
        post.refresh_from_db()
    assert all(getattr(post, f"{outcome}_at") for post in (first, second))
    assert not elsewhere.corrected_at and not elsewhere.removed_at and not gone.corrected_at and gone.removed_at == NOON
    assert "Some of your posts still need an answer" not in client.get(page("recall", recall.pk)).content.decode()
    assert "Changed since you posted" not in client.get(page("home")).content.decode()


def test_had_not_posted_it_leaves_the_posts_open(version, ida, signed_in):
    post = posts(ida, version, "x")
    recall, client = recalled(version), signed_in(ida.user)

    client.post(page("recall_answer", recall.pk), {"outcome": "not_posted"})

    post.refresh_from_db()
    assert not post.corrected_at and not post.removed_at
    assert "Some of your posts still need an answer" in client.get(page("recall", recall.pk)).content.decode()


def test_a_post_that_was_corrected_before_a_further_correction_waits_again_everywhere(version, ida, signed_in):
    post = posts(ida, version, "x")
    first = recalled(version)
    reports.mark_corrected(post, at=LATER)
    client = signed_in(ida.user)
    for address in (page("posts"), page("post", post.pk), page("home")):
        assert "Changed since you posted" not in client.get(address).content.decode()

    following = correct(first.version, at=LATER + timedelta(hours=1))
    recall_plan.plan_due(at=LATER + timedelta(hours=1, seconds=1))

    for address in (page("posts"), page("post", post.pk), page("home")):
        html = client.get(address).content.decode()
        assert "Changed since you posted" in html and "I corrected it" in html
    second = Recall.objects.get(version=following)
    assert "I have corrected it" in client.get(page("recall", second.pk)).content.decode()
    client.post(page("post_corrected", post.pk))
    assert "Changed since you posted" not in client.get(page("posts")).content.decode()
    assert state(second, ida)[2] == "corrected"


def test_a_post_that_is_not_theirs_or_not_about_it_is_not_there(campaign, version, ida, signed_in):
    elli = person(campaign, "elli")
    theirs, elsewhere = posts(elli, version, "x"), posts(ida, publish(campaign), "x")
    posts(ida, version, "instagram")
    recall, client = recalled(version), signed_in(ida.user)

    for post in (theirs, elsewhere):
        assert client.post(page("recall_post", recall.pk, post.pk), {"fate": "corrected"}).status_code == 404
        post.refresh_from_db()
        assert post.corrected_at is None
    assert client.post(page("recall_post", recall.pk, 0), {"fate": "sold"}).status_code == 422


def test_somebody_elses_recall_is_not_there(campaign, version, ida, signed_in):
    does(ida, version)
    recall, client = recalled(version), signed_in(person(campaign, "elli").user)

    assert client.get(page("recall", recall.pk)).status_code == 404
    assert client.post(page("recall_seen", recall.pk)).status_code == 404
    assert client.post(page("recall_answer", recall.pk), {"outcome": "corrected"}).status_code == 404
    assert state(recall, ida) == (None, None, "")


def test_a_later_recall_takes_the_place_of_an_earlier_one(campaign, version, ida, signed_in):
    does(ida, version)
    first = recalled(version)
    second = recalled(first.version)

    shown = panel(ida, campaign, language="en", at=LATER)
    html = signed_in(ida.user).get(page("recall", first.pk)).content.decode()

    assert shown and [one.recall for one in shown.rows] == [second]
    assert page("recall", second.pk) in html and "It has changed again since." in html


def test_a_recall_whose_place_was_taken_hands_out_no_words_and_takes_no_answer(campaign, version, ida, signed_in):
    post = posts(ida, version, "x")
    first = recalled(version)
    second = recalled(first.version)
    client = signed_in(ida.user)

    html = client.get(page("recall", first.pk)).content.decode()
    assert 'id="words"' not in html and "I said Monday." not in html and "What to do: correct" not in html
    assert page("recall_answer", first.pk) not in html and page("recall_post", first.pk, post.pk) not in html
    assert page("recall_answer", second.pk) in client.get(page("recall", second.pk)).content.decode()

    for address, told in (
        (page("recall_answer", first.pk), {"outcome": "corrected"}),
        (page("recall_answer", first.pk), {"outcome": "cannot", "words": "Help."}),
        (page("recall_post", first.pk, post.pk), {"fate": "removed"}),
    ):
        refused = client.post(address, told)
        assert refused.status_code == 422
        assert "Not saved: it has changed again since." in refused.content.decode()
        assert page("recall", second.pk) in refused.content.decode()
    post.refresh_from_db()
    assert state(first, ida)[1:] == state(second, ida)[1:] == (None, "")
    assert not post.corrected_at and not post.removed_at and not ThreadMessage.objects.exists()


def test_words_in_a_language_without_pages_lead_to_pages_in_the_campaigns_language(campaign, version):
    recall = recalled(version)
    recall.version.share_text = {"se": "Maŋŋebárga lea riekta."}

    words = ready_texts.caption(recall, "se", "", {})

    assert words.startswith("Maŋŋebárga lea riekta.")
    assert f"/{campaign.default_language}/bulletins/1/" in words and "/se/" not in words


def test_who_copied_only_what_holds_has_nothing_to_do_but_say_so(version, ida, signed_in):
    does(ida, version, "copied", "message:distance")
    recall = recalled(version)

    html = " ".join(signed_in(ida.user).get(page("recall", recall.pk)).content.decode().split())

    assert "What you copied is still correct." in html and "Got it" in html
    assert "What you copied that is no longer correct" not in html


def test_what_no_longer_holds_is_named(version, ida, signed_in):
    does(ida, version, "copied", "message:opening")
    does(ida, version, "copied", "message:distance")
    recall = recalled(version)

    html = signed_in(ida.user).get(page("recall", recall.pk)).content.decode()

    listed = html.partition("What you copied that is no longer correct")[2].partition("</section>")[0]
    assert "Libraries open on Monday." in listed and "Keep your distance." not in listed


def test_a_retraction_says_to_delete_it(version, ida, signed_in):
    posts(ida, version, "x")
    retract(version)
    recall_plan.plan_due(at=LATER)

    html = signed_in(ida.user).get(page("recall", Recall.objects.get().pk)).content.decode()

    assert "Bulletin 1 is withdrawn" in html and "delete your post" in html
    assert "I shared a bulletin that has been withdrawn." in html


def test_a_recalled_verdict_has_its_page_without_the_claim(campaign, ida, signed_in):
    build_limits()
    claim = build_fact(campaign, at=NOON)
    fact_check_notices.forward_steps(at=NOON)
    usage.note(ida, claim.versions.get(), way="copied", platform="x", language="en", named=True, at=NOON)
    kits_scene.withdraw(claim, at=LATER)
    fact_check_notices.forward_steps(at=LATER)

    client = signed_in(ida.user)
    pages = [client.get(page("recall", one.pk)).content.decode() for one in Recall.objects.order_by("pk")]

    assert "is being checked again" in pages[0] and "has been withdrawn" in pages[1]
    assert not any(trace in html for html in pages for trace in TRACES)


def test_the_home_page_and_the_bulletins_page_lead_to_it(version, ida, signed_in):
    posts(ida, version, "x")
    recall, client = recalled(version), signed_in(ida.user)

    for address in (page("home"), page("bulletin", 1)):
        assert page("recall", recall.pk) in client.get(address).content.decode()


def test_an_open_recall_stands_above_the_news_on_the_home_page(version, ida, signed_in):
    posts(ida, version, "x")
    recall, client = recalled(version), signed_in(ida.user)

    html = client.get(page("home")).content.decode()

    assert 0 < html.index(page("recall", recall.pk)) < html.index('<div class="masthead')


def test_the_page_costs_the_same_however_much_they_did(campaign, version, ida, signed_in):
    posts(ida, version, "x")
    does(ida, version, "copied", "message:opening")
    recall, client = recalled(version), signed_in(ida.user)

    def cost() -> int:
        client.get(page("recall", recall.pk))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page("recall", recall.pk)).status_code == 200
        return len(queries)

    few = cost()
    for platform in ("instagram", "tiktok", "facebook"):
        posts(ida, version, platform)
        does(ida, version, "copied", f"variant:{platform}")

    assert cost() == few <= 20


def test_the_panel_costs_one_query(campaign, version, ida, django_assert_num_queries):
    does(ida, version)
    recalled(version)
    other = publish(campaign, what_changed=in_all(en=""))
    does(ida, other)
    recalled(other)

    with django_assert_num_queries(1):
        shown = panel(ida, campaign, language="en", at=LATER)
        assert shown and [one.heading for one in shown.rows] and [one.what_changed for one in shown.rows]
    assert RecallNotice.objects.count() == 2
