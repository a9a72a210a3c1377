"""What became of key messages in posts: counted from the posts themselves, by week, channel and language, never about a few."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from impact.fidelity import message_outcomes, suggestions
from impact.weeks import Week
from influencers.models import PostMessage
from influencers.posts import advice
from tests.support import builders

from .posts_scene import (
    ADAPTED,
    DATELESS,
    ELSE,
    KEPT,
    MONDAY_AFTER,
    OTHER_DAY,
    TUESDAY,
    build_people,
    fate_of,
    posts_of,
    published,
)

pytestmark = pytest.mark.django_db

WEEK_48 = Week.of(TUESDAY.date())


@pytest.fixture(autouse=True)
def nothing_is_kept():
    cache.clear()


@pytest.fixture
def spread(campaign):
    """Twelve people kept or adapted it on TikTok, six of them without the date; six on Instagram kept it; two said another day."""
    version = published(campaign)
    people = build_people(campaign, 20)
    posts_of(people[:6], version, KEPT)
    posts_of(people[6:12], version, DATELESS)
    posts_of(people[12:18], version, KEPT, platform="instagram", language="fi")
    posts_of(people[18:], version, OTHER_DAY, platform="x")
    return version


def opening(outcomes):
    return next(one for one in outcomes if one.key == "opening")


def of_week(campaign, week=WEEK_48, at=MONDAY_AFTER):
    return message_outcomes.of_week(campaign, week, language="en", at=at)


def test_the_posts_of_the_scene_are_what_they_are_called(campaign):
    version = published(campaign)
    people = build_people(campaign, 5)
    words = (KEPT, ADAPTED, DATELESS, OTHER_DAY, ELSE)

    fates = [fate_of(*posts_of([one], version, said)) for one, said in zip(people, words, strict=True)]

    assert fates == ["kept", "adapted", "adapted", "contradicted", "dropped"]


def test_posts_are_counted_by_outcome_and_channel(spread):
    found = opening(of_week(spread.bulletin.campaign))

    # Two people contradict it: they are told together with the six whose words are nothing like the Finnish message.
    assert found.text == "Libraries open on 13 April."
    assert found.table.columns == (("kept",), ("adapted",), ("dropped", "contradicted"))
    assert found.table.total.posts == (6, 6, 6 + 2)
    assert [(line.names, line.posts) for line in found.table.splits["platform"]] == [
        (("tiktok",), (6, 6, 0)),
        (("instagram", "x"), (0, 0, 8)),
    ]


def test_the_figure_that_is_lost_is_named_with_its_channel(campaign):
    version = published(campaign)
    people = build_people(campaign, 21)
    posts_of(people[:8], version, KEPT)
    posts_of(people[8:14], version, DATELESS)
    posts_of(people[14:], version, ADAPTED, platform="instagram")

    found = opening(of_week(campaign))
    says = suggestions.suggestions_of(found)

    assert [(one.kind, one.platforms, one.posts, one.of) for one in found.lost] == [
        ("date", ("tiktok",), 6, 14),
        ("date", (), 6, 21),
        ("date", ("instagram",), 0, 7),
    ]
    assert [one.says for one in says] == ["The date is missing in 43\u00a0% of the 14 posts on TikTok that say it."]
    assert (says[0].platform, says[0].do) == ("tiktok", "Put it into the first line of the caption for TikTok.")


def test_what_most_leave_out_or_contradict_gets_a_sentence(campaign):
    version = published(campaign)
    people = build_people(campaign, 22)
    posts_of(people[:6], version, OTHER_DAY)
    posts_of(people[6:], version, ELSE)

    says = [one.says for one in suggestions.suggestions_of(opening(of_week(campaign)))]

    assert says == ["27\u00a0% of the posts about it contradict it.", "73\u00a0% of the posts leave it out."]


def test_nothing_is_told_of_four_people_however_much_they_post(campaign):
    version = published(campaign)
    people = build_people(campaign, 4)
    for hours in range(5):
        posts_of(people, version, KEPT, posted_at=TUESDAY + timedelta(hours=hours))

    found = opening(of_week(campaign))

    assert (found.table, found.lost, suggestions.suggestions_of(found)) == (None, [], [])


def test_a_week_is_told_when_it_has_ended_and_holds_its_own_posts(spread):
    campaign = spread.bulletin.campaign
    people = build_people(campaign, 6, "later")
    posts_of(people, spread, KEPT, posted_at=MONDAY_AFTER)

    assert of_week(campaign, at=MONDAY_AFTER - timedelta(hours=9)) == []
    assert opening(of_week(campaign)).table.total.total == 20
    assert of_week(campaign, WEEK_48.after(), at=MONDAY_AFTER) == []
    assert opening(of_week(campaign, WEEK_48.after(), at=MONDAY_AFTER + timedelta(days=7))).table.total.posts[0] == 6


def test_a_bulletin_is_told_over_all_ended_weeks(spread):
    people = build_people(spread.bulletin.campaign, 6, "later")
    posts_of(people, spread, KEPT, posted_at=MONDAY_AFTER)

    now = message_outcomes.of_bulletin(spread.bulletin, language="en", at=MONDAY_AFTER)
    cache.clear()
    later = message_outcomes.of_bulletin(spread.bulletin, language="en", at=MONDAY_AFTER + timedelta(days=7))

    assert (opening(now).table.total.total, opening(later).table.total.total) == (20, 26)


def test_posts_that_are_gone_and_posts_of_another_campaign_do_not_count(spread):
    campaign = spread.bulletin.campaign
    other = builders.build_campaign("other")
    posts_of(build_people(other, 6, "other"), published(other), KEPT)
    campaign.posts.filter(platform="tiktok").update(removed_at=timezone.now())

    assert opening(of_week(campaign)).table.total.total == 8


def test_rows_from_before_kinds_were_noted_say_nothing_of_them(spread):
    for row in PostMessage.objects.all():
        del row.because["lost"]
        row.save()

    found = opening(of_week(spread.bulletin.campaign))

    assert (found.table.total.total, found.lost) == (20, [])


def test_what_a_contact_person_found_counts(campaign, liisa):
    version = published(campaign)
    posts = posts_of(build_people(campaign, 6), version, OTHER_DAY)
    for post in posts:
        advice.record_finding(post.messages.get(key="opening"), "kept", by=liisa)

    assert opening(of_week(campaign)).table.total.posts == (6, 0, 0, 0)


def test_it_takes_two_queries_however_many_posts(spread, django_assert_num_queries):
    campaign = spread.bulletin.campaign
    for number in range(3):
        posts_of(build_people(campaign, 5, f"more{number}"), spread, KEPT)

    with django_assert_num_queries(2):
        of_week(campaign)


def test_the_pages_show_it_to_whoever_sees_bulletins(spread, liisa, signed_in, time_machine):
    time_machine.move_to(MONDAY_AFTER, tick=False)
    translator = builders.build_user("tero", "translator")
    week, own = (
        reverse("admin:impact_messages"),
        reverse("admin:bulletins_bulletin_messages", args=[spread.bulletin_id]),
    )

    for page in (week, own):
        said = signed_in(liisa).get(page).content.decode()
        assert "Libraries open on 13 April." in said
        assert "Kept" in said
        assert "ShownMessage" not in said  # the frame has `messages` of its own, and would print ours
        assert signed_in(translator).get(page).status_code == 403
    for asked in ("2026-W49", "2026-W99", "week", "2027-W01"):
        assert signed_in(liisa).get(week, {"week": asked}).status_code == 404
    assert "No post about a bulletin was reported" in signed_in(liisa).get(week, {"week": "2026-W40"}).content.decode()


def test_the_results_of_a_bulletin_lead_to_it(spread, liisa, signed_in):
    page = reverse("admin:bulletins_bulletin_results", args=[spread.bulletin_id])

    assert (
        reverse("admin:bulletins_bulletin_messages", args=[spread.bulletin_id])
        in signed_in(liisa).get(page).content.decode()
    )
