"""Who read or took which version: noted once, asked of the server before anything is copied, forgotten in time."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bulletins.models import Package, PublishedEdition, Version
from campaigns.models import Campaign
from influencers.kits import usage
from influencers.models import Exposure, Influencer, KitUse, Recall, RecallNotice
from influencers.recall import exposure, recall_mails, recall_plan
from notifications.models import Notice
from tests.influencers.kits.kits_scene import build_fact
from tests.influencers.portal.test_portal import html_of, publish, words
from tests.influencers.recall.recall_scene import LATER
from tests.support import builders
from tests.support.builders import NOON, build_campaign, build_influencer, build_user

from . import recall_scene

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
USED = "/en/portal/bulletins/1/used/"


@pytest.fixture
def elli(campaign: Campaign) -> Influencer:
    return build_influencer(campaign, "elli", language="sv")


@pytest.fixture
def portal(client: Client, elli: Influencer) -> Client:
    client.force_login(elli.user)
    return client


def tell(client: Client, way: str = "copied", *items: str, version: int = 1, **more: Any) -> int:
    """Tell the server of a use, as the page's script does; return the answer's status."""
    told = {"way": way, "item": list(items), "version": version, "language": "en"} | more
    return client.post(more.pop("path", USED), told).status_code


# --- Noting ----------------------------------------------------------------------------------------


def test_the_same_however_often_is_one_row_that_knows_the_first_time_and_the_last(campaign, elli):
    version = publish(campaign)
    for hours in (0, 2, 1):
        exposure.note(elli, version, way="read", language="fi", at=NOON + timedelta(hours=hours))

    row = Exposure.objects.get()
    assert (row.first_at, row.last_at) == (NOON, NOON + timedelta(hours=2))


def test_noting_many_things_takes_two_queries(campaign, elli, django_assert_num_queries):
    version = publish(campaign)
    items = [f"message:{number}" for number in range(20)]

    with django_assert_num_queries(2):
        exposure.note_all(elli, version, way="copied", items=items, language="fi", at=NOON)

    assert Exposure.objects.count() == 20


def test_reading_a_page_notes_nothing_by_itself(portal, campaign):
    publish(campaign)

    html_of(portal)

    assert not Exposure.objects.exists(), "a GET changes nothing"
    assert Influencer.objects.get().last_visit_at is None


def test_what_the_script_tells_is_noted_with_version_and_language(portal, campaign, elli):
    publish(campaign, key_messages=[words("a", "One."), words("b", "Two.")], assets=[{"id": 7, "kind": "image"}])

    assert tell(portal, "read") == 204
    assert tell(portal, "copied", "message:a", "message:b") == 204
    assert tell(portal, "downloaded", "asset:7") == 204

    rows = Exposure.objects.order_by("pk").values_list("influencer", "version__number", "way", "item", "language")
    assert list(rows) == [
        (elli.pk, 1, "read", "", "en"),
        (elli.pk, 1, "copied", "message:a", "en"),
        (elli.pk, 1, "copied", "message:b", "en"),
        (elli.pk, 1, "downloaded", "asset:7", "en"),
    ]


def test_the_last_visit_is_written_once_a_day(campaign, elli):
    publish(campaign)
    for hours, expected in ((0, 0), (23, 0), (24, 24)):
        exposure.visited(elli, at=NOON + timedelta(hours=hours))
        elli.refresh_from_db()
        assert elli.last_visit_at == NOON + timedelta(hours=expected)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"way": "stolen"}, 400),
        ({"version": "1e3"}, 400),
        ({"version": "²"}, 400),
        ({"version": 9}, 404),
        ({"language": "de"}, 404),
        ({"item": ["message:unknown"]}, 404),
        ({"item": ["x" * 61]}, 404),
    ],
)
def test_what_does_not_exist_is_not_noted(portal, campaign, told, status):
    publish(campaign, key_messages=[words("a", "One.")])

    assert tell(portal, **{"way": "copied"} | told) == status

    assert not Exposure.objects.exists()


def test_only_posts_of_those_who_take_part_are_noted(client, portal, campaign):
    publish(campaign)
    stranger = Client()

    assert portal.get(USED).status_code == 405
    assert tell(stranger) == 302
    stranger.force_login(build_user("nobody"))
    assert tell(stranger) == 403
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(Influencer.objects.get().user)
    assert tell(careful) == 403

    assert not Exposure.objects.exists()


def test_a_bulletin_that_is_not_out_or_anothers_does_not_exist(portal, campaign):
    publish(campaign, 1, published_at=timezone.now() + timedelta(hours=1))
    publish(build_campaign("older", starts_on="2020-01-01"), 2)

    for number in (1, 2):
        assert portal.get(f"/en/portal/bulletins/{number}/").status_code == 404
        assert tell(portal, path=f"/en/portal/bulletins/{number}/used/") == 404

    assert not Exposure.objects.exists()


def test_whoever_follows_anothers_link_gets_their_own_page(portal, campaign, elli):
    version = publish(campaign, key_messages=[words("a", "One.")])
    publish(campaign, version=2, kind="correction", key_messages=[words("a", "Other.")])
    other = build_influencer(campaign, "olli")
    exposure.note(other, version, way="read", language="en", at=NOON)

    html = html_of(portal)

    assert "You read version 1" not in html, "what others saw is theirs"
    assert "olli" not in html.lower()


# --- Does it still hold? -----------------------------------------------------------------------------


def test_what_was_corrected_meanwhile_is_refused_and_not_noted_as_taken(portal, campaign):
    publish(campaign, key_messages=[words("a", "One.")])
    publish(campaign, version=2, kind="correction", key_messages=[words("a", "Other.")])

    assert tell(portal, "copied", "message:a", version=1) == 409
    assert not Exposure.objects.exists()
    assert tell(portal, "copied", "message:a", version=2) == 204


def test_what_expired_is_refused_and_the_rest_is_not(portal, campaign):
    soon = timezone.now() + timedelta(days=1)
    publish(
        campaign,
        key_messages=[words("a", "One.", timezone.now() - timedelta(minutes=1)), words("b", "Two.", soon)],
        variants=[{"platform": "tiktok", "caption": "One. Two."}],
        assets=[{"id": 7, "kind": "image"}],
    )

    assert tell(portal, "copied", "message:a") == 410
    assert tell(portal, "copied", "message:a", "message:b") == 410
    assert tell(portal, "copied", "variant:tiktok") == 410, "it may say what has expired"
    assert tell(portal, "downloaded", "package:tiktok") == 410
    assert not Exposure.objects.exists()
    assert tell(portal, "copied", "message:b") == 204
    assert tell(portal, "downloaded", "asset:7") == 204
    assert tell(portal, "copied", "correction") == 204
    assert tell(portal, "read") == 204


def with_package(campaign: Campaign, *messages: dict[str, Any]) -> None:
    """Publish a bulletin with words for TikTok and a ZIP."""
    version = publish(campaign, key_messages=list(messages), variants=[{"platform": "tiktok", "caption": "One. Two."}])
    place = {"bulletin": version.bulletin, "version": 1, "platform": "tiktok", "language": "en", "digest": "d" * 64}
    Package.objects.create(**place, file="packages/one.zip", size=9, made_at=NOON)


def test_texts_for_platforms_can_be_taken_until_the_first_key_message_expires(portal, campaign):
    now = timezone.now().replace(microsecond=0)  # a page says whole seconds
    soon, later = now + timedelta(days=1), now + timedelta(days=2)
    with_package(campaign, words("a", "One.", later), words("b", "Two.", soon), words("c", "Three."))

    html = html_of(portal)

    found = dict(re.findall(r'data-item="(variant|package):tiktok" data-until="([^"]+)"', html))
    assert found.keys() == {"variant", "package"}
    assert {datetime.fromisoformat(one) for one in found.values()} == {soon}
    assert 'data-copy="#tiktok-caption"' in html and "one.zip" in html
    assert "no longer holds" not in html.partition('id="channels"')[2].partition('id="posted"')[0]


def test_texts_for_platforms_of_which_a_part_has_expired_stay_to_read_without_buttons(portal, campaign):
    with_package(campaign, words("a", "One.", timezone.now() - timedelta(minutes=1)), words("b", "Two."))

    html = html_of(portal)

    assert "Part of these texts is out of date." in html and "Part of the contents of the ZIPs is out of date." in html
    assert "One. Two.</textarea>" in html or 'value="One. Two."' in html
    assert 'data-copy="#tiktok-caption"' not in html and 'data-share="#tiktok-caption"' not in html
    assert "one.zip" not in html
    assert 'data-copy="#words-2"' in html, "what holds can be copied"


def test_when_all_has_expired_texts_and_files_are_refused_but_not_the_correction(portal, campaign):
    over = timezone.now() - timedelta(minutes=1)
    publish(campaign, key_messages=[words("a", "One.", over)], variants=[{"platform": "tiktok"}])

    assert tell(portal, "copied", "variant:tiktok") == 410
    assert tell(portal, "downloaded", "package:tiktok") == 410
    assert tell(portal, "copied", "correction") == 204


def test_what_was_taken_without_a_connection_is_noted_afterwards_in_its_version(portal, campaign):
    publish(campaign, key_messages=[words("a", "One.")])
    publish(campaign, version=2, kind="correction", key_messages=[words("a", "Other.")])

    assert tell(portal, "copied", "message:a", version=1, done="1") == 409

    assert Exposure.objects.get().version.number == 1


def test_what_stands_in_the_portals_edition_can_be_taken_beside_an_easy_one(portal, campaign):
    version = publish(campaign, languages=(), key_messages=[])
    for level, platform in (("easy", "instagram"), ("standard", "tiktok")):
        content = {"key_messages": [], "variants": [{"platform": platform, "caption": "One."}]}
        PublishedEdition.objects.create(version=version, language="en", reading_level=level, content=content)

    assert tell(portal, "copied", "variant:tiktok") == 204
    assert tell(portal, "copied", "variant:instagram") == 404


def test_asking_costs_the_same_however_much_there_is(portal, campaign, django_assert_num_queries):
    publish(campaign, key_messages=[words(str(number), "One.") for number in range(30)])
    tell(portal, "read")

    # Session, user, campaign and influencer; the version, its edition; the row and its last time.
    with django_assert_num_queries(12, exact=False):
        tell(portal, "copied", *[f"message:{number}" for number in range(30)])


# --- What changed since ------------------------------------------------------------------------------


def corrected_twice(campaign: Campaign) -> list[Version]:
    """Return three versions of bulletin 1, each with another date."""
    dates = ("13 April.", "19 April.", "26 April.")
    return [
        publish(
            campaign,
            version=number,
            kind="original" if number == 1 else "correction",
            key_messages=[words("a", f"In force until {date}")],
        )
        for number, date in enumerate(dates, start=1)
    ]


def test_the_page_shows_what_changed_since_the_version_that_the_reader_saw(portal, campaign, elli):
    first, _second, _third = corrected_twice(campaign)
    exposure.note(elli, first, way="copied", item="message:a", language="en", at=NOON)

    html = html_of(portal)

    assert "You read version 1. This is version 3." in html
    assert '<del><span class="vh">Before: </span>13 April.</del>' in html
    assert '<ins><span class="vh">Now: </span>26 April.</ins>' in html
    assert "</span>19 April." not in html
    assert "/en/bulletins/1/versions/1/" in html
    assert html.count("The date was wrong.") == 2, "each version after theirs says why"


def test_whoever_saw_the_newest_has_nothing_marked_but_keeps_the_correction(portal, campaign, elli):
    *_older, third = corrected_twice(campaign)
    exposure.note(elli, third, way="read", language="fi", at=NOON)

    html = html_of(portal)

    assert "<del>" not in html
    assert "<ins>" not in html
    assert 'data-copy="#correction"' in html


def test_a_newcomer_reads_what_the_last_version_changed(portal, campaign):
    corrected_twice(campaign)

    html = html_of(portal)

    assert '<del><span class="vh">Before: </span>19 April.</del>' in html
    assert html.count("The date was wrong.") == 1


# --- Forgetting, and what staff see ------------------------------------------------------------------


def test_what_nobody_did_for_long_is_forgotten(campaign, elli, settings):
    settings.EXPOSURE_DAYS = 100
    version = publish(campaign)
    exposure.note(elli, version, way="read", language="fi", at=NOON)
    exposure.note(elli, version, way="copied", item="correction", language="fi", at=NOON)
    exposure.note(elli, version, way="read", language="fi", at=NOON + timedelta(days=50))

    assert exposure.forget(at=NOON + timedelta(days=100)) == 0
    assert exposure.forget(at=NOON + timedelta(days=100, seconds=1)) == 1
    assert Exposure.objects.get().way == "read", "it was read again since"
    assert exposure.forget(at=NOON + timedelta(days=151)) == 1


def test_uses_of_kits_go_when_the_newest_of_their_times_is_long_ago(campaign, elli, settings):
    settings.EXPOSURE_DAYS = 100
    fact = build_fact(campaign, at=NOON).current_version
    for platform, way, days in (("", "opened", 0), ("x", "copied", 0), ("tiktok", "downloaded", 50)):
        place: dict[str, Any] = {"platform": platform, "language": "fi", "named": False}
        usage.note(elli, fact, way="opened", **place, at=NOON)
        usage.note(elli, fact, way=way, **place, at=NOON + timedelta(days=days))

    assert exposure.forget(at=NOON + timedelta(days=100)) == 0
    assert exposure.forget(at=NOON + timedelta(days=100, seconds=1)) == 2
    assert KitUse.objects.get().platform == "tiktok"
    assert exposure.forget(at=NOON + timedelta(days=150, seconds=1)) == 1


def test_who_heard_of_a_recall_is_forgotten_with_their_mails_and_nothing_else(campaign, elli, roles, settings):
    settings.EXPOSURE_DAYS = 100
    first = recall_scene.publish(campaign)
    recall_scene.posts(elli, first)
    second = recall_scene.correct(first)
    recall_plan.plan_due(at=LATER)
    Notice.objects.filter(kind="recall").update(sent_at=LATER)
    recall_mails.remind(Recall.objects.get(), [RecallNotice.objects.get().pk], by=builders.editor(), at=LATER + DAY)
    recall_scene.correct(second, at=LATER + 50 * DAY)
    recall_plan.plan_due(at=LATER + 50 * DAY)
    others = Notice.objects.exclude(kind__startswith="recall").count()

    assert exposure.forget(at=LATER + 100 * DAY) == 0
    exposure.forget(at=LATER + 102 * DAY)

    assert RecallNotice.objects.get().notice == Notice.objects.get(kind="recall")
    assert Recall.objects.count() == 2 and recall_plan.plan_due(at=LATER + 102 * DAY) == 0
    assert others and Notice.objects.exclude(kind__startswith="recall").count() == others
