"""People of partner organisations keep their own ways to help, and no others; the desk checks each change."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.privacy import erasure
from accounts.privacy.data_subjects import Person
from config.allauth_adapters import AccountAdapter
from stories.models import Offer, OfferVersion, PartnerMember
from stories.ways_to_help import offer_steps
from tests.stories.commissions.scene import build_creator
from tests.support import builders
from tests.support.builders import editor, in_all

from .scene import build_draft, build_keeper, build_offer, build_partner, check, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
OWN = "/en/help/own/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def partner(campaign):
    return build_partner(campaign)


@pytest.fixture
def keeper(client, partner):
    """Somebody of the organisation, logged in."""
    user = build_keeper(partner)
    client.force_login(user)
    return user


def typed(partner, **fields):
    """Return what somebody types into the form."""
    texts = {f"title_{code}": "Fill canisters" for code in ("fi", "sv", "en")} | {
        f"does_{code}": "At the water point." for code in ("fi", "sv", "en")
    }
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    return texts | {"partner": partner.pk, "minutes": 60, "from_home": "on", "last_day": tomorrow} | fields


def test_what_they_send_waits_for_a_check(client, campaign, partner, keeper, now):
    assert client.post(f"{OWN}new/", typed(partner)).status_code == 302
    version = OfferVersion.objects.get()
    assert (version.state, version.edited_by) == ("in_review", keeper)
    assert shown(campaign, at=now) == []
    assert "Being checked" in client.get(OWN).text
    check(version.offer, by=editor(), at=now)
    assert shown(campaign, at=now) == ["Fill canisters"]
    assert "Published" in client.get(OWN).text


def test_what_is_sent_twice_is_kept_once(client, partner, keeper):
    for _press in range(2):
        assert client.post(f"{OWN}new/", typed(partner))["Location"] == OWN
    client.post(f"{OWN}new/", typed(partner, minutes=30))  # another one
    assert [one.state for one in OfferVersion.objects.all()] == ["in_review", "in_review"]


def test_what_was_never_published_is_taken_back_and_nothing_else(client, campaign, partner, keeper, now):
    client.post(f"{OWN}new/", typed(partner))
    draft, seen = Offer.objects.get(), build_offer(campaign, at=now, partner=partner)
    assert 'name="drop"' in client.get(f"{OWN}{draft.pk}/").text
    assert 'name="drop"' not in client.get(f"{OWN}{seen.pk}/").text
    for offer in (draft, seen):
        client.post(f"{OWN}{offer.pk}/withdraw/", {"drop": "yes"})
    assert list(Offer.objects.all()) == [seen] and shown(campaign, at=now) == ["Ring a neighbour"]


def test_whoever_logs_in_comes_to_their_own_page(rf, campaign, partner, now):
    request = rf.get("/")
    request.campaign = campaign
    saga = build_creator(campaign, at=now).user
    for person, page in ((build_keeper(partner), OWN), (saga, "/en/commissions/own/"), (editor(), "/desk/")):
        request.user = person
        assert AccountAdapter().get_login_redirect_url(request) == page


def test_their_change_waits_while_the_checked_version_stays(client, campaign, partner, keeper, now):
    offer = build_offer(campaign, at=now, partner=partner)
    read = offer_steps.published(offer).digest
    answer = client.post(f"{OWN}{offer.pk}/", typed(partner, read=read))
    assert answer.status_code == 302
    assert shown(campaign, at=now) == ["Ring a neighbour"]
    assert "Your change is being checked" in client.get(OWN).text
    assert client.post(f"{OWN}{offer.pk}/", typed(partner, read=read)).status_code == 302  # pressed twice
    assert client.post(f"{OWN}{offer.pk}/", typed(partner, read=read, minutes=30)).status_code == 409


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"last_day": "2020-01-01"}, "This day is over."),
        ({"first_day": "2999-01-02", "last_day": "2999-01-01"}, "The last day is before the first day."),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"url": "ftp://example.org/"}, "Enter a valid URL."),
        ({"other_languages": "<b>"}, "A language code such as"),
        ({"title_fi": "", "title_sv": "", "title_en": "\u200b"}, "Write it in at least one language."),
        ({"minutes": "7"}, "Select a valid choice."),
        ({"from_age": "-1"}, "greater than or equal to 1"),
        ({"title_en": "x" * 121}, "at most 120 characters"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_stored(client, partner, keeper, fields, says):
    answer = client.post(f"{OWN}new/", typed(partner, **fields))
    assert answer.status_code == 422 and says in answer.text
    assert not Offer.objects.exists()


def test_what_turns_letters_round_is_left_out(client, partner, keeper):
    client.post(f"{OWN}new/", typed(partner, title_en="Ring \u202eevil\u200b"))
    assert OfferVersion.objects.get().title["en"] == "Ring evil"


def test_one_that_is_over_while_its_form_is_open_is_not_sent(client, partner, keeper, now):
    offer = build_draft(partner.campaign, at=now, by=keeper, partner=partner)
    read = offer_steps.in_work(offer).digest
    offer.versions.update(valid_until=now - timedelta(days=2))
    yesterday = (timezone.localdate() - timedelta(days=2)).isoformat()
    answer = client.post(f"{OWN}{offer.pk}/", typed(partner, read=read, last_day=yesterday))
    assert answer.status_code == 422 and "This day is over." in answer.text


def test_another_organisations_and_another_campaigns_are_not_there(client, campaign, keeper, now):
    other = build_offer(campaign, at=now, partner=build_partner(campaign, "Others"))
    elsewhere = builders.build_campaign("other", published_at=campaign.published_at - timedelta(days=9))
    theirs = build_partner(elsewhere, "Elsewhere")
    PartnerMember.objects.create(partner=theirs, user=keeper)
    far = build_draft(elsewhere, at=now, by=keeper, partner=theirs)
    for one in (other, far):
        assert client.get(f"{OWN}{one.pk}/").status_code == 404
        assert client.post(f"{OWN}{one.pk}/withdraw/").status_code == 404
    assert client.post(f"{OWN}new/", typed(theirs)).status_code == 422
    assert shown(campaign, at=now) == ["Ring a neighbour"]


def test_they_withdraw_their_own_at_once(client, campaign, partner, keeper, now):
    offer = build_offer(campaign, at=now, partner=partner)
    client.post(f"{OWN}{offer.pk}/withdraw/")
    assert shown(campaign, at=now) == []


def test_others_have_no_such_pages(client, campaign, minna):
    client.force_login(minna)
    assert client.get(OWN).status_code == 403


def test_erasing_somebody_takes_them_off_their_organisation(client, campaign, partner, keeper, now, root):
    build_draft(campaign, at=now, by=keeper, partner=partner, title=in_all(en="Stays"))
    erasure.erase(Person.of(keeper.email), reason="asked", by=root, at=now)
    assert not PartnerMember.objects.exists() and OfferVersion.objects.get().title["en"] == "Stays"
