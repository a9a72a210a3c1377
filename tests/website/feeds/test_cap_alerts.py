"""Warning systems get each version as a CAP 1.2 alert that says whether it is real, and what it changes."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.test import Client

from bulletins.intake import cap
from bulletins.models import MessageInput
from campaigns.models import Authority
from tests.support import builders

from .cap_rules import NAMESPACE, faults_of
from .published_examples import LATER, NOON, SITE, corrected, live, told, withdrawn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    """The site has a public name."""
    settings.PUBLIC_URL = SITE


def get(name: str) -> Any:
    """Fetch an alert."""
    return Client().get(f"/cap/{name}.xml")


def alert(name: str) -> ElementTree.Element:
    """Fetch an alert and check it against the standard's rules."""
    response = get(name)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/cap+xml; charset=utf-8"
    assert faults_of(response.content) == []
    return ElementTree.fromstring(response.content)


def text(element: ElementTree.Element, path: str) -> str:
    """Return the text of an element inside, "" when it is not there."""
    return element.findtext("/".join(f"{NAMESPACE}{part}" for part in path.split("/"))) or ""


def infos(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Return {language: what is said in it}."""
    return {text(one, "language"): one for one in root.findall(f"{NAMESPACE}info")}


def actual(**fields: Any) -> Any:
    """Return a live campaign that is led by an authority which may warn the public."""
    return live(authority=builders.build_authority(may_issue_alerts=True), **fields)


def test_a_bulletin_is_an_alert_with_one_info_for_each_language():
    told(live(alert_category="Health"), urgency="urgent")

    root = alert("kriisi-1-v1")

    assert (text(root, "identifier"), text(root, "sender")) == ("kriisi-1-v1", "bulletins@example.org")
    assert (text(root, "sent"), text(root, "msgType")) == ("2026-03-25T12:00:00+02:00", "Alert")
    assert (text(root, "scope"), text(root, "references")) == ("Public", "")
    found = infos(root)
    assert list(found) == ["fi", "sv", "en"]
    english = found["en"]
    assert (text(english, "headline"), text(english, "category")) == ("Libraries open on Monday", "Health")
    assert (text(english, "event"), text(english, "senderName")) == ("Exercise", "Team (en)")
    assert "You can borrow and return." in text(english, "description")
    assert text(english, "instruction") == "Return what you borrowed on time."
    assert text(english, "web") == f"{SITE}/en/bulletins/1/"
    assert text(english, "contact") == "liaison@example.org"
    assert text(found["sv"], "headline") == "Biblioteken öppnar på måndag"


@pytest.mark.parametrize(
    ("mode", "right", "status"),
    [
        ("live", True, "Actual"),
        ("live", False, "Exercise"),
        ("live", None, "Exercise"),
        ("exercise", True, "Exercise"),
    ],
)
def test_only_an_authority_that_may_warn_the_public_issues_actual_alerts(mode, right, status):
    authority = None if right is None else builders.build_authority(may_issue_alerts=right)
    told(builders.build_campaign("kriisi", mode=mode, authority=authority))

    root = alert("kriisi-1-v1")

    assert text(root, "status") == status
    assert bool(text(root, "note")) is (status == "Exercise")
    if mode == "exercise":
        assert "This is an exercise." in text(root, "note")


def test_no_authority_may_issue_actual_alerts_until_somebody_says_so():
    assert builders.build_authority().may_issue_alerts is False
    assert Authority._meta.get_field("may_issue_alerts").default is False


def test_a_correction_updates_and_a_withdrawal_cancels_what_went_before():
    first = told(actual())
    second = corrected(first)
    withdrawn(second, at=LATER + timedelta(hours=1))

    root = alert("kriisi-1-v3")

    assert (text(root, "msgType"), text(root, "sent")) == ("Cancel", "2026-03-25T15:00:00+02:00")
    assert text(root, "references") == (
        "bulletins@example.org,kriisi-1-v1,2026-03-25T12:00:00+02:00 "
        "bulletins@example.org,kriisi-1-v2,2026-03-25T14:00:00+02:00"
    )
    english = infos(root)["en"]
    assert text(english, "headline") == "Bulletin 1 has been withdrawn"
    assert text(english, "description") == "The decision was taken back."
    assert "Libraries" not in ElementTree.tostring(root, encoding="unicode")


def test_an_update_names_what_changed_and_what_it_updates():
    corrected(told(live()))

    root = alert("kriisi-1-v2")

    assert text(root, "msgType") == "Update"
    assert text(root, "references") == "bulletins@example.org,kriisi-1-v1,2026-03-25T12:00:00+02:00"
    assert text(infos(root)["en"], "description").startswith("What changed: The day was wrong.")
    assert alert("kriisi-1-v1")  # an alert is for good while its words stand


@pytest.mark.parametrize("version", [1, 2])
def test_the_alerts_of_what_was_withdrawn_are_gone_and_lead_to_the_cancellation(version):
    withdrawn(corrected(told(live())), at=LATER + timedelta(hours=1))

    response = get(f"kriisi-1-v{version}")

    assert response.status_code == 410
    assert response["Link"] == f'<{SITE}/cap/kriisi-1-v3.xml>; rel="latest-version"'


@pytest.mark.parametrize("urgency", ["routine", "elevated", "urgent"])
def test_how_fast_it_has_to_reach_people_is_read_back_as_the_same(campaign, urgency):
    told(campaign, urgency=urgency)

    read = cap.read(get("harjoitus-1-v1").content)

    assert cap.urgency_of(read, read.infos) == urgency
    given = cap.as_input(read, campaign, builders.build_authority("agency"), at=NOON)
    assert given["title"] == "Kirjastot avataan maanantaina"


def test_an_alert_expires_when_the_last_of_its_messages_does_and_not_when_one_has_no_end():
    campaign = live()
    bulletin = builders.build_bulletin(campaign)
    bulletin.key_messages.update(valid_until=LATER)
    builders.published(bulletin)
    told(campaign)

    assert text(infos(alert("kriisi-1-v1"))["fi"], "expires") == "2026-03-25T14:00:00+02:00"
    assert "(Valid until" in text(infos(alert("kriisi-1-v1"))["en"], "description")
    assert text(infos(alert("kriisi-2-v1"))["fi"], "expires") == ""


def test_without_regions_the_area_is_the_country_in_each_language():
    told(live())

    found = infos(alert("kriisi-1-v1"))

    assert [text(one, "area/areaDesc") for one in found.values()] == ["Suomi", "Finland", "Finland"]
    assert (text(found["fi"], "area/geocode/valueName"), text(found["fi"], "area/geocode/value")) == ("ISO3166-1", "FI")


def test_the_area_is_the_regions_that_the_input_named_when_it_was_published():
    campaign = live()
    row = builders.build_input(campaign, regions=[builders.build_region("MK01"), builders.build_region("MK05")])
    told(campaign, inputs=[row])
    MessageInput.objects.get().regions.set([builders.build_region("MK19")])

    found = infos(alert("kriisi-1-v1"))["en"].findall(f"{NAMESPACE}area")

    assert [text(one, "areaDesc") for one in found] == ["Region MK01", "Region MK05"]
    assert [text(one, "geocode/value") for one in found] == ["MK01", "MK05"]


def test_one_input_about_the_whole_country_makes_it_the_whole_country():
    campaign = live()
    one = builders.build_input(campaign, regions=[builders.build_region("MK01")])
    other = builders.build_input(campaign, title="Another")
    told(campaign, inputs=[one, other])

    assert text(infos(alert("kriisi-1-v1"))["en"], "area/areaDesc") == "Finland"


def test_an_offset_is_never_z_and_utc_is_minus_zero():
    told(live(time_zone="UTC"))

    assert text(alert("kriisi-1-v1"), "sent") == "2026-03-25T10:00:00-00:00"


def test_an_alert_is_valid_whatever_a_bulletin_says():
    campaign = live(sender_email='"a,b"@example.org')
    version = told(campaign)
    words = "5 < 6 & \x0b ]]> “ä” 🦠"
    builders.publish_anew(version, title=words, lead="", html="<p>5 &lt; 6</p>", content={"key_messages": []})

    root = alert("kriisi-1-v1")

    assert text(infos(root)["fi"], "headline") == "5 < 6 &  ]]> “ä” 🦠"
    assert text(infos(root)["fi"], "instruction") == ""


def test_an_alert_has_no_info_in_a_language_without_an_edition():
    told(live()).editions.filter(language="sv").delete()

    assert list(infos(alert("kriisi-1-v1"))) == ["fi", "en"]


@pytest.mark.parametrize("name", ["kriisi-1-v2", "kriisi-2-v1", "kriisi-01-v1", "kriisi-1-v01", "other-1-v1", "x"])
def test_another_identifier_has_no_alert(name):
    told(live())

    assert get(name).status_code == 404


def test_an_alert_costs_the_same_however_many_there_are(django_assert_num_queries):
    campaign = actual()
    row = builders.build_input(campaign, regions=[builders.build_region("MK01")])
    told(campaign, inputs=[row])
    for _more in range(3):
        with django_assert_num_queries(5):
            get("kriisi-1-v1")
        with django_assert_num_queries(5):
            Client().get("/cap/")
        told(campaign)


# --- The list --------------------------------------------------------------------------------------


def test_the_list_names_the_alert_that_stands_of_each_bulletin():
    campaign = live()
    first = told(campaign)
    told(campaign, at=NOON + timedelta(hours=1))
    corrected(first)

    response = Client().get("/cap/")

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(response.content)
    assert not found.bozo
    assert found.version == "atom10"
    assert [one.title for one in found.entries] == ["Kirjastot avataan maanantaina"] * 2
    root = ElementTree.fromstring(response.content)
    atom = "{http://www.w3.org/2005/Atom}"
    links = [one.find(f"{atom}link").get("href") for one in root.findall(f"{atom}entry")]  # type: ignore[union-attr]
    assert links == [f"{SITE}/cap/kriisi-1-v2.xml", f"{SITE}/cap/kriisi-2-v1.xml"]
    for link in links:
        assert Client().get(str(link).removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize("path", ["/cap/", "/cap/kriisi-1-v1.xml"])
def test_whoever_has_it_already_is_not_sent_it_again(path):
    told(live())
    had = Client().get(path)

    assert had["Access-Control-Allow-Origin"] == "*"
    assert had["Content-Language"] == "fi, sv, en"
    for headers in ({"if_none_match": had["ETag"]}, {"if_modified_since": had["Last-Modified"]}):
        assert Client().get(path, headers=headers).status_code == 304
    assert Client().head(path).status_code == 200
    assert Client().post(path).status_code == 405


def test_an_alert_is_the_same_whichever_language_its_reader_speaks():
    told(live())

    bodies = {
        Client().get(path, headers={"accept-language": language}).content
        for language in ("fi", "sv", "en")
        for path in ("/cap/kriisi-1-v1.xml",)
    }

    assert len(bodies) == 1


def test_without_a_campaign_there_are_no_alerts():
    assert Client().get("/cap/").status_code == 404
    assert get("kriisi-1-v1").status_code == 404
