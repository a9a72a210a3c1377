"""People see and correct what they have told of themselves."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from influencers.models import Influencer, Interest, PlatformAccount, ValuesQuestion
from influencers.profiles import offboarding, profile
from tests.support import builders
from tests.support.builders import NOON, build_audience

pytestmark = pytest.mark.django_db

ADDRESS = "/en/portal/settings/details/"
LONG_AGO = NOON.date() - timedelta(days=300)


@pytest.fixture
def elli(roles, campaign):
    """An influencer of whom everything is known that the form asks for."""
    elli = builders.build_influencer(campaign, "elli", audience=build_audience(campaign), language="en")
    elli.region = builders.build_region("MK01")
    elli.municipality, elli.audience_birth_decade = "Espoo", 2000
    elli.other_languages, elli.interests, elli.values = ["et"], ["food"], {"sources": 4}
    elli.audience_ages = {"13_17": 40, "18_24": 60}
    elli.save()
    Interest.objects.create(campaign=campaign, slug="food", name=builders.in_all(en="food"))
    Interest.objects.create(campaign=campaign, slug="games", name=builders.in_all(en="games"))
    ValuesQuestion.objects.create(campaign=campaign, key="sources", text=builders.in_all(en="I check sources."))
    for platform, handle, followers in (("instagram", "elli.e", 1000), ("tiktok", "ellitok", 500)):
        elli.accounts.create(platform=platform, handle=handle, followers=followers, counted_on=LONG_AGO)
    return elli


@pytest.fixture
def client(signed_in, elli):
    return signed_in(elli.user)


def typed(client, **fields):
    """Return what the page's form sends, with some fields changed."""
    form = client.get(ADDRESS).context["form"]
    sent = {field.html_name: value for field in form if (value := field.value()) not in (None, "")}
    return sent | fields


def stored(influencer):
    """Return all that is stored of a person, and their accounts."""
    fresh = Influencer.objects.get(pk=influencer.pk)
    return model_to_dict(fresh), list(fresh.accounts.order_by("pk").values())


def test_the_settings_lead_to_a_form_that_is_filled_in_with_what_is_known(client, elli):
    assert f'href="{ADDRESS}"' in client.get(reverse("influencers:settings")).content.decode()

    shown = typed(client)

    assert shown == {
        "name": elli.name,
        "region": "MK01",
        "municipality": "Espoo",
        "other_languages": ["et"],
        "interests": ["food"],
        "birth_decade": 2000,
        "ages_13_17": 40,
        "ages_18_24": 60,
        "value_sources": "4",
        "instagram_handle": "elli.e",
        "instagram_followers": 1000,
        "tiktok_handle": "ellitok",
        "tiktok_followers": 500,
    }


def test_saving_it_as_it_is_changes_nothing_not_even_when_followers_were_counted(client, elli):
    before = stored(elli)

    response = client.post(ADDRESS, typed(client))

    assert response.status_code == 302 and response.url == f"{ADDRESS}?saved=1"
    after = stored(elli)
    assert after[1] == before[1]
    assert after[0] == before[0] | {"audience_ages": after[0]["audience_ages"]}
    assert {group: share for group, share in after[0]["audience_ages"].items() if share} == {"13_17": 40, "18_24": 60}


def test_everything_can_be_corrected(client, elli):
    changed = {
        "name": "Elli Uusi",
        "region": "elsewhere",
        "municipality": "Tallinn",
        "other_languages": ["ru", "sv"],
        "interests": ["games"],
        "birth_decade": "1990",
        "ages_13_17": "10",
        "ages_18_24": "90",
        "genders_women": "100",
        "languages_fi": "70",
        "languages_other": "30",
        "value_sources": "",
        "instagram_handle": "https://www.instagram.com/Elli.New/",
        "instagram_followers": "12.5k",
        "tiktok_followers": "600",
        "youtube_handle": "@ellitube",
    }

    response = client.post(ADDRESS, typed(client, **changed))

    assert response.status_code == 302, response.context["form"].errors
    elli.refresh_from_db()
    assert (elli.name, elli.user.name, elli.recipient.name) == ("Elli Uusi",) * 3
    assert (elli.region, elli.municipality, elli.audience_birth_decade) == (None, "Tallinn", 1990)
    assert (set(elli.other_languages), elli.interests, elli.values) == ({"ru", "sv"}, ["games"], {})
    assert elli.audience_ages["18_24"] == 90 and elli.audience_genders["women"] == 100
    assert elli.audience_languages["other"] == 30
    today = elli.campaign.local(timezone.now()).date()
    assert list(elli.accounts.order_by("platform").values_list("handle", "followers", "counted_on")) == [
        ("elli.new", 12_500, today),
        ("ellitok", 600, today),
        ("ellitube", None, None),
    ]
    assert AuditEntry.objects.get(verb="influencer.described").subject == elli.reference
    assert b"Saved." in client.get(response.url).content


def test_an_account_for_which_the_form_has_no_place_stays(client, elli):
    elli.accounts.create(platform="instagram", handle="elli.second", followers=9)

    assert client.post(ADDRESS, typed(client, tiktok_handle="", tiktok_followers="")).status_code == 302

    assert set(elli.accounts.values_list("handle", flat=True)) == {"elli.e", "elli.second"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"region": ""}, "region"),
        ({"ages_13_17": "41"}, "ages_13_17"),
        ({"instagram_handle": "two words"}, "instagram_handle"),
        ({"tiktok_followers": "many"}, "tiktok_followers"),
        ({"x_followers": "12"}, "x_handle"),
        ({"instagram_handle": "", "instagram_followers": "", "tiktok_handle": "", "tiktok_followers": ""}, "instagram_handle"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_nothing_changes_and_what_was_typed_is_still_there(client, elli, wrong, field):
    before = stored(elli)

    response = client.post(ADDRESS, typed(client, municipality="Typed Town") | wrong)

    assert response.status_code == 422 and field in response.context["form"].errors
    html = response.content.decode()
    assert "Nothing was saved yet" in html and 'value="Typed Town"' in html
    assert stored(elli) == before


def test_an_account_of_somebody_else_is_refused_and_theirs_stays(client, elli, campaign):
    olli = builders.build_influencer(campaign, "olli")
    olli.accounts.create(platform="instagram", handle="olli.o", followers=7)
    before = stored(elli), stored(olli)

    response = client.post(ADDRESS, typed(client, instagram_handle="@Olli.O", name="Elli Uusi"))

    assert response.status_code == 422
    assert "belongs to someone else" in response.context["form"].errors["instagram_handle"][0]
    assert 'value="Elli Uusi"' in response.content.decode()
    assert (stored(elli), stored(olli)) == before


def test_the_same_name_on_another_platform_or_in_another_campaign_is_nobody_elses(client, elli, campaign):
    builders.build_influencer(campaign, "olli").accounts.create(platform="x", handle="olli_o")
    other = builders.build_campaign("other", starts_on=date(2019, 1, 1), closed_at=builders.NOON)
    elsewhere = builders.build_influencer(other, "ulla")
    elsewhere.accounts.create(platform="instagram", handle="olli_o")

    assert client.post(ADDRESS, typed(client, instagram_handle="olli_o")).status_code == 302


def test_what_was_shared_with_somebody_before_does_not_keep_the_rest_from_being_corrected(client, elli, campaign):
    builders.build_influencer(campaign, "olli").accounts.create(platform="instagram", handle="elli.e")

    assert client.post(ADDRESS, typed(client, municipality="Vantaa")).status_code == 302

    elli.refresh_from_db()
    assert elli.municipality == "Vantaa"


def test_the_address_is_shown_and_not_changed_and_the_page_leads_to_the_contact_person(client, elli):
    address = elli.recipient.email
    html = client.get(ADDRESS).content.decode()
    assert address in html and 'name="email"' not in html
    assert reverse("influencers:conversation") in html

    client.post(ADDRESS, typed(client, email="other@example.org"))

    elli.refresh_from_db()
    assert (elli.recipient.email, elli.user.email) == (address, address)


def test_nobody_changes_another_persons_data(client, elli, campaign):
    olli = builders.build_influencer(campaign, "olli")
    before = stored(olli)

    client.post(ADDRESS, typed(client, municipality="Vantaa", influencer=olli.pk, reference=olli.reference, pk=olli.pk))

    assert stored(olli) == before


@pytest.mark.parametrize("way", [offboarding.leave, offboarding.erase])
def test_who_has_left_or_was_erased_cannot(client, elli, way):
    sent = typed(client)
    way(elli, by=elli.user, at=timezone.now())
    before = stored(elli)

    assert client.post(ADDRESS, sent | {"municipality": "Vantaa"}).status_code in (302, 403)
    with pytest.raises(profile.NotChanged, match="You have left"):
        profile.change(elli, {"accounts": []}, at=timezone.now())

    assert stored(elli) == before


def test_the_page_costs_the_same_however_many_people_and_accounts_there_are(
    client, elli, campaign, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as few:
        client.get(ADDRESS)
    for number in range(12):
        other = builders.build_influencer(campaign, f"other{number}")
        PlatformAccount.objects.create(influencer=other, platform="x", handle=f"other{number}")
        ValuesQuestion.objects.create(campaign=campaign, key=f"q{number}", text=builders.in_all(en="Yes?"))
        Interest.objects.create(campaign=campaign, slug=f"i{number}", name=builders.in_all(en="more"))
        elli.accounts.create(platform="youtube", handle=f"more{number}")

    with django_assert_num_queries(len(few)):
        client.get(ADDRESS)
