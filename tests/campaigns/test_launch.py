"""A campaign is shown to readers by a step of its own, and what was published keeps its address."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEntry, User
from bulletins.editing import drafts
from bulletins.models import Bulletin, Version
from bulletins.publication import due_bulletins, publish
from campaigns import launch
from campaigns.models import Campaign
from delivery.models import Send
from tests.support import builders
from tests.support.builders import NOON, build_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def boss(roles: None) -> User:
    return User.objects.create_superuser("boss@example.org", name="Boss")


@pytest.fixture
def earlier() -> Campaign:
    """A campaign that the site shows, with a bulletin in two versions and a fact-check."""
    made = build_campaign("earlier", starts_on=date(2026, 3, 1), mode="live")
    builders.build_topic(made, "masks")
    version = builders.build_published_version(made)
    builders.build_claim(made, "garlic")
    version.bulletin.topics.add(made.topics.get())
    return made


@pytest.fixture
def later(earlier: Campaign) -> Campaign:
    """A campaign that is prepared beside it."""
    return build_campaign("later", starts_on=date(2026, 3, 20), mode="live", published_at=None)


def form_of(**fields: Any) -> dict[str, Any]:
    """Return what the desk's form for a new campaign sends."""
    values: dict[str, Any] = {
        "slug": "new",
        "mode": "live",
        "time_zone": "Europe/Helsinki",
        "default_language": "fi",
        "starts_on": "2026-11-20",
        "sender_email": "bulletins@example.org",
        "reply_to": "liaison@example.org",
        "alert_category": "Other",
        "languages-TOTAL_FORMS": "1",
        "languages-INITIAL_FORMS": "0",
        "languages-0-code": "fi",
        "languages-0-position": "0",
        "languages-0-name": "Uusi",
        "languages-0-sender_name": "Tiimi",
        "languages-0-bulletin_name": "tiedote",
    }
    return values | fields


# --- At the desk --------------------------------------------------------------------------------------------------


def test_saving_a_campaign_shows_readers_nothing(earlier, boss, signed_in, client):
    answer = signed_in(boss).post(reverse("admin:campaigns_campaign_add"), form_of(), follow=True)

    new = Campaign.objects.get(slug="new")
    assert new.published_at is None
    assert "Readers cannot see this campaign yet" in answer.content.decode()
    assert Campaign.objects.current() == earlier
    assert client.get(reverse("home")).context["campaign"] == earlier


def test_the_first_campaign_of_a_site_is_shown_at_once(boss, signed_in):
    signed_in(boss).post(reverse("admin:campaigns_campaign_add"), form_of())
    new = Campaign.objects.get(slug="new")
    assert new.published_at is not None
    assert Campaign.objects.current() == new
    assert AuditEntry.objects.get(verb="campaign.published").actor == boss


def test_its_page_says_what_changes_and_publishes_by_a_post_alone(earlier, later, boss, signed_in):
    client, url = signed_in(boss), reverse("admin:campaigns_campaign_publish", args=[later.pk])
    later.languages.filter(code="en").update(name="Water facts")
    earlier.languages.filter(code="en").update(name="Flood facts")
    says = " ".join(client.get(url).content.decode().split())
    assert "show Water facts instead of Flood facts" in says  # their names, not their addresses
    assert "stays at its address" in says
    assert Campaign.objects.current() == earlier

    today = client.post(url, follow=True)
    assert today.wsgi_request.path == reverse("admin:index") and today.wsgi_request.campaign == later
    later.refresh_from_db()
    assert Campaign.objects.current() == later
    entry = AuditEntry.objects.get(verb="campaign.published")
    assert (entry.actor, entry.subject, entry.detail["instead_of"]) == (boss, "later", "earlier")

    again = client.post(url)  # a second press changes nothing
    assert again.status_code == 409 and "this campaign is already published" in again.content.decode()
    assert AuditEntry.objects.filter(verb="campaign.published").count() == 1


def test_publishing_asks_for_a_fresh_proof(earlier, later, boss, signed_in):
    client = signed_in(boss)
    session = client.session
    session["account_authentication_methods"] = [
        record | {"at": record["at"] - 3600} for record in session["account_authentication_methods"]
    ]
    session.save()
    answer = client.post(reverse("admin:campaigns_campaign_publish", args=[later.pk]))
    assert answer.status_code == 302 and "/account/again" in answer.url
    later.refresh_from_db()
    assert later.published_at is None and not AuditEntry.objects.filter(verb="campaign.published").exists()


def test_nobody_without_the_right_publishes(earlier, later, alma, signed_in):
    client = signed_in(alma)
    for send in (client.get, client.post):
        assert send(reverse("admin:campaigns_campaign_publish", args=[later.pk])).status_code == 403
    later.refresh_from_db()
    assert later.published_at is None


@pytest.mark.parametrize(
    ("fields", "why"), [({"closed_at": NOON}, "is closed"), ({"languages": ()}, "no language yet")]
)
def test_what_readers_could_not_use_is_not_published(earlier, boss, fields, why):
    languages = fields.pop("languages", ("fi",))
    campaign = build_campaign("odd", published_at=None, **fields)
    if not languages:
        campaign.languages.all().delete()
    with pytest.raises(launch.NotPublishable, match=why):
        launch.publish(campaign, by=boss, at=NOON)
    campaign.refresh_from_db()
    assert campaign.published_at is None
    assert not AuditEntry.objects.filter(verb="campaign.published").exists()


def test_an_exercise_never_takes_the_place_of_a_live_campaign(earlier, boss, signed_in):
    exercise = build_campaign("drill", published_at=None)
    url = reverse("admin:campaigns_campaign_publish", args=[exercise.pk])
    earlier.languages.filter(code="en").update(name="Flood facts")
    assert "keeps showing Flood facts, which is live" in signed_in(boss).get(url).content.decode()
    launch.publish(exercise, by=boss, at=timezone.now())
    assert Campaign.objects.current() == earlier


def test_the_desk_works_on_the_campaign_that_somebody_chose(earlier, later, alma, oskar, signed_in):
    almas, oskars = signed_in(alma), signed_in(oskar)
    assert almas.get(reverse("admin:index")).context["campaign"] == earlier
    assert almas.post(reverse("admin:campaigns_campaign_work", args=[later.pk])).status_code == 302
    today = almas.get(reverse("admin:index"))
    assert today.context["campaign"] == later
    assert "Readers cannot see this campaign yet" in today.content.decode()
    assert oskars.get(reverse("admin:index")).context["campaign"] == earlier
    Campaign.objects.filter(pk=later.pk).update(closed_at=NOON)  # what is over is looked at, not worked on
    assert almas.get(reverse("admin:index")).context["campaign"] == later
    assert almas.get(reverse("admin:bulletins_bulletin_add")).status_code == 403
    assert oskars.get(reverse("admin:index")).context["campaign"] == earlier


def test_the_page_of_another_campaigns_row_says_whose_it_is(earlier, later, alma, signed_in):
    """Also to who has roles for the whole site: a live bulletin never stands under the band of an exercise."""
    client = signed_in(alma)
    client.post(reverse("admin:campaigns_campaign_work", args=[later.pk]))
    bulletin = Bulletin.objects.get(campaign=earlier)

    shown = client.get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))

    assert shown.wsgi_request.campaign == earlier
    assert client.get(reverse("admin:index")).wsgi_request.campaign == later


def test_a_row_of_a_campaign_beyond_those_offered_opens_all_the_same(earlier, later, alma, signed_in, monkeypatch):
    monkeypatch.setattr("campaigns.http.desk_campaigns.MOST", 2)
    third = builders.build_campaign("third")
    Campaign.objects.filter(pk=third.pk).update(mode=earlier.mode, published_at=timezone.now())
    client = signed_in(alma)
    client.post(reverse("admin:campaigns_campaign_work", args=[third.pk]))
    bulletin = Bulletin.objects.get(campaign=earlier)
    Campaign.objects.filter(pk=later.pk).update(published_at=timezone.now())

    shown = client.get(reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))

    assert shown.status_code == 200 and earlier not in shown.wsgi_request.desk_campaigns


def test_nothing_leaves_before_readers_have_the_campaign(later, alma):
    builders.build_audience(later, size=1)
    bulletin = builders.build_approved_bulletin(later, by=alma)
    with pytest.raises(publish.NotAllowed, match="Publish the campaign first"):
        publish.publish(bulletin, at=NOON)
    assert due_bulletins.publish_due(at=NOON) == []
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.APPROVED
    assert not Version.objects.filter(bulletin=bulletin).exists() and not Send.objects.filter(mailing__campaign=later)

    launch.publish(later, by=alma, at=NOON)
    assert due_bulletins.publish_due(at=NOON) == [bulletin]


# --- Addresses ----------------------------------------------------------------------------------------------------


def addresses_of(campaign: Campaign) -> list[str]:
    """Return addresses of all kinds that readers, machines and mails have of a campaign."""
    number = Bulletin.objects.get(campaign=campaign).number
    claim = campaign.claims.get()
    return [
        reverse("website:bulletin", args=[number]),
        reverse("website:embed_bulletin", args=[number]),
        f"{reverse('website:archive')}?topic=masks",
        f"{reverse('website:archive')}?campaign={campaign.slug}",
        f"{reverse('website:rss')}?topic=masks",
        f"{reverse('website:json_feed')}?campaign={campaign.slug}",
        reverse("alert", args=[f"{campaign.slug}-{number}-v1"]),
        f"{reverse('oembed')}?url=http://testserver{reverse('website:bulletin', args=[number])}",
        reverse("factcheck:claim", args=[claim.slug]),
        reverse("factcheck:card", args=[claim.slug, 1, "en", "1x1"]),
        f"{reverse('factcheck:claims')}?campaign={campaign.slug}",
        f"{reverse('factcheck:claims_data')}?campaign={campaign.slug}",
        f"{reverse('api:campaign')}?campaign={campaign.slug}",
        f"{reverse('api:bulletins')}?campaign={campaign.slug}",
        reverse("api:bulletin", args=[number]),
        reverse("api:bulletin_version", args=[number, 1]),
        reverse("api:claim", args=[claim.slug]),
    ]


def test_what_was_published_is_answered_with_the_same_words_once_another_campaign_is_shown(
    earlier, later, boss, client, settings
):
    settings.PUBLIC_URL = "http://testserver"
    found = addresses_of(earlier)
    before = {url: client.get(url) for url in found}
    assert {url: answer.status_code for url, answer in before.items()} == dict.fromkeys(found, 200)
    short = client.get(reverse("short_fact", args=[earlier.claims.get().pk]))

    launch.publish(later, by=boss, at=timezone.now())

    after = {url: client.get(url) for url in found}
    assert {url: answer.status_code for url, answer in after.items()} == dict.fromkeys(found, 200)
    for url, answer in after.items():
        if answer["Content-Type"].startswith("text/html"):
            assert answer.context["campaign"] == earlier, url
        else:  # what machines read is the same to the byte
            assert answer.content == before[url].content, url
    page = after[found[0]].content.decode()
    assert "This is from a different campaign" in page and builders.TEXTS["en"]["title"] in page
    assert client.get(reverse("short_fact", args=[earlier.claims.get().pk])).url == short.url
    assert client.get(reverse("home")).context["campaign"] == later
    assert "?campaign=earlier" in client.get(reverse("website:archive")).content.decode()


def test_what_is_over_is_still_read_when_the_site_shows_no_campaign(earlier, client):
    Campaign.objects.update(closed_at=timezone.now())
    assert Campaign.objects.current() is None
    urls = [url for url in addresses_of(earlier) if "oembed" not in url]
    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)
    assert earlier.slug in client.get(reverse("api:bulletins")).content.decode()
    front, kept = (client.get(reverse(name)).content.decode() for name in ("home", "website:archive"))
    assert "has ended" in front and "Nothing has been published yet" not in front
    for name in ("website:archive", "factcheck:claims"):
        assert f"{reverse(name)}?campaign=earlier" in front
    assert f"{reverse('website:answers')}?campaign" not in front  # it answered nothing
    assert "ended on" in kept and "different campaign" not in kept


def test_a_number_and_a_short_name_are_given_once_on_the_whole_site(earlier, later, alma, boss, client):
    launch.publish(later, by=boss, at=timezone.now())
    first = Bulletin.objects.get(campaign=earlier)
    new = builders.build_published_version(later, by=alma).bulletin
    assert new.number == first.number + 1
    assert client.get(first.get_absolute_url()).context["campaign"] == earlier
    assert client.get(new.get_absolute_url()).context["campaign"] == later


def test_of_two_campaigns_from_before_with_one_number_the_site_shows_its_own(earlier, later, alma, boss, client):
    launch.publish(later, by=boss, at=timezone.now())
    version = builders.build_published_version(later, by=alma)
    Bulletin.objects.filter(pk=version.bulletin_id).update(number=Bulletin.objects.get(campaign=earlier).number)
    version.bulletin.refresh_from_db()
    assert client.get(version.bulletin.get_absolute_url()).context["campaign"] == later
    listed = client.get(f"{reverse('website:archive')}?campaign=earlier")
    assert [row.version.bulletin.campaign_id for row in listed.context["rows"]] == [earlier.pk]


def test_what_is_prepared_has_no_address(earlier, later, client):
    for name in ("later", "nobody", "x" * 200):
        answer = client.get(f"{reverse('website:archive')}?campaign={name}")
        assert (answer.status_code, answer.context["campaign"], answer.context["others"]) == (200, earlier, [])
    claim = builders.build_claim(later, "prepared")
    assert client.get(reverse("factcheck:claim", args=[claim.slug])).status_code == 404
    assert client.get(f"{reverse('api:bulletins')}?campaign=later").status_code == 422


def test_a_parameter_that_a_page_does_not_know_makes_no_other_page_of_it(earlier, later, boss, client):
    """Whoever adds it would fill everyone's memory with a page of another campaign."""
    launch.publish(later, by=boss, at=timezone.now())
    for name in ("home", "website:about", "factcheck:feed", "factcheck:corrections", "website:help"):
        answer = client.get(f"{reverse(name)}?topic=masks")
        assert answer.status_code == 200
        context = answer.context
        if context is not None:
            assert context["campaign"] == later, name


def test_the_links_of_an_earlier_campaigns_mails_work_on(earlier, later, boss, client):
    audience = builders.build_audience(earlier, "near", size=1)
    mailing = builders.build_mailing(earlier, key="old")

    url = builders.unsubscribe_url(audience.memberships.get().recipient_id, mailing.pk, "en")
    digest = builders.build_digest(earlier)
    launch.publish(later, by=boss, at=timezone.now())
    path = url.removeprefix("http://").partition("/")[2]
    assert client.get(f"/{path}").status_code == 200
    assert client.post(f"/{path}").status_code in {200, 302}
    assert not audience.memberships.filter(left_at=None).exists()

    subscription = builders.build_subscription(digest, at=timezone.now() - timedelta(days=1))
    assert subscription.campaign == earlier


def test_an_influencer_keeps_the_portal_of_their_campaign(earlier, later, boss, client):
    ines = builders.build_influencer(earlier)
    launch.publish(later, by=boss, at=timezone.now())
    client.force_login(ines.user)
    answer = client.get(reverse("influencers:bulletin", args=[Bulletin.objects.get(campaign=earlier).number]))
    assert answer.status_code == 200 and answer.context["campaign"] == earlier
    assert client.get(reverse("influencers:home")).context["campaign"] == earlier


def test_one_campaign_costs_no_query_more(earlier, client, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert Campaign.objects.current() == earlier
    url = reverse("website:bulletin", args=[Bulletin.objects.get(campaign=earlier).number])
    client.get(url)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as alone:
        client.get(url)
    build_campaign("another", published_at=None)
    with CaptureQueriesContext(connection) as beside:
        client.get(url)
    assert len(beside) == len(alone) + 1


def test_two_bulletins_begun_at_once_get_two_numbers(earlier, later, alma):
    one = drafts.start(earlier, by=alma, at=NOON)
    other = drafts.start(later, by=alma, at=NOON)
    assert other.number == one.number + 1


def test_the_short_name_stays_once_readers_have_the_campaign(boss: User, later: Campaign, signed_in: Any) -> None:
    client, url = signed_in(boss), reverse("admin:campaigns_campaign_change", args=[later.pk])
    same = {"languages-TOTAL_FORMS": "0"}
    prepared = client.post(url, form_of(slug="renamed", **same))
    later.refresh_from_db()
    assert prepared.status_code == 302 and later.slug == "renamed"
    Campaign.objects.filter(pk=later.pk).update(published_at=NOON)

    shown = client.get(url)
    saved = client.post(url, form_of(slug="elsewhere", reply_to="others@example.org", **same))

    assert "renamed" in shown.content.decode() and "slug" not in shown.context["adminform"].form.fields
    later.refresh_from_db()
    assert saved.status_code == 302 and (later.slug, later.reply_to) == ("renamed", "others@example.org")
