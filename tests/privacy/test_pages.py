"""What people see of it: their own data, the desk's page about a person, and the page on privacy."""

import json
import re
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Session, User
from accounts.privacy import retention
from campaigns.models import Campaign
from delivery.links import preference_links
from delivery.models import Recipient, Subscription, Suppression
from influencers.models import Influencer, UnmatchedMail
from lib.mail_addresses import code_of
from tests.support import builders

from .searching import everything, places_of


def text_of(response: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# --- Their own page ------------------------------------------------------------------------------------------


def test_everybody_who_logs_in_sees_their_data_takes_it_along_and_has_it_deleted(campaign, roles, client):
    authority = builders.build_authority()
    people: dict[str, Any] = {
        "editor": builders.build_user("alma", "editor"),
        "contributor": builders.build_user("mirja", "contributor"),
        "influencer": builders.build_influencer(campaign, "ines").user,
    }
    authority.members.create(user=people["contributor"])
    for role, user in people.items():
        client = Client()
        client.force_login(user)
        page = client.get("/en/account/data/")
        assert page.status_code == 200 and "Login" in text_of(page), role
        told = json.loads(client.get("/en/account/data/file/").content)
        assert told["address"] == user.email and told["held"]["account"][0]["roles"] == [role]

        before = kept_rows()
        unsure = client.post("/en/account/data/", {})
        assert unsure.status_code == 422 and "Tick this too" in text_of(unsure)
        assert kept_rows() == before

        gone = client.post("/en/account/data/", {"sure": "on"})
        assert gone.status_code == 200 and "You have been deleted" in text_of(gone)
        assert gone["Clear-Site-Data"] and not Session.objects.filter(user=user).exists()
        assert client.get("/en/account/data/").status_code == 302
        user.refresh_from_db()
        assert not user.is_active and user.email.endswith("@erased.invalid")
        assert user.name == ("" if role == "influencer" else f"former staff {user.pk}")
        assert places_of({"editor": "alma@", "contributor": "mirja@", "influencer": "ines@"}[role]) == []
    assert AuditEntry.objects.filter(verb="person.erased", actor=None).count() == 3
    assert not Influencer.objects.exclude(state="erased").exists() and not authority.members.exists()


def test_a_subscriber_has_everything_deleted_by_the_link_in_a_mail(campaign, client):
    subscription = builders.build_subscription(builders.build_digest(campaign), "elli@example.net")
    links = preference_links.PreferenceLinks(campaign.pk, "en")
    path = f"/en/subscription/{links.token(subscription.recipient_id, 'elli@example.net')}/"
    assert "Delete everything about me" in text_of(client.get(path))
    unsure = client.post(path, {"what": "erase"})
    assert unsure.status_code == 422 and "Tick this too" in text_of(unsure)
    assert Subscription.objects.get().left_at is None

    gone = client.post(path, {"what": "erase", "sure": "on"})
    assert gone.status_code == 200 and "We no longer know your address" in text_of(gone)
    assert gone["Referrer-Policy"] == "no-referrer" and "no-store" in gone["Cache-Control"]
    assert places_of("elli@example.net") == [] and not Subscription.objects.exists()
    assert Suppression.objects.get().address_hash == code_of("elli@example.net")
    assert client.get(path).status_code == 404  # the link opens nothing any more
    assert client.post(path, {"what": "erase", "sure": "on"}).status_code == 404


def test_a_subscriber_who_is_an_influencer_too_is_told_where_the_rest_is(campaign, roles, client):
    person = builders.build_influencer(campaign, "ines")
    subscription = builders.build_subscription(builders.build_digest(campaign), person.recipient.email)
    token = preference_links.PreferenceLinks(campaign.pk, "en").token(subscription.recipient_id, person.recipient.email)
    gone = client.post(f"/en/subscription/{token}/", {"what": "erase", "sure": "on"})
    assert "You take part in another of our services" in text_of(gone)
    assert not Subscription.objects.exists() and Influencer.objects.get().state == "active"


# --- At the desk ---------------------------------------------------------------------------------------------


def test_an_administrator_finds_hands_out_and_erases_whoever_asks(campaign, roles, client):
    UnmatchedMail.objects.create(from_name="Wilma", from_address="wilma@höyry.example", mail_id="x", at=timezone.now())
    admin = builders.build_user("ada", "admin")
    client.force_login(admin)
    whose = {"email": " Wilma@XN--HYRY-5QA.example"}
    found = client.post("/desk/person/", {"what": "find", **whose})
    assert "Emails from unknown senders: 1 entry" in text_of(found)

    file = client.post("/desk/person/", {"what": "export", **whose})
    told = json.loads(file.content)
    assert told["held"]["unmatched_mail"][0]["from_name"] == "Wilma" and "attachment" in file["Content-Disposition"]
    unsure = client.post("/desk/person/", {"what": "erase", **whose})
    assert unsure.status_code == 422 and "Give the reason" in text_of(unsure) and "Tick this too" in text_of(unsure)
    made_up = client.post("/desk/person/", {"what": "erase", "reason": "Wilma was rude", "sure": "on", **whose})
    assert made_up.status_code == 422 and UnmatchedMail.objects.exists()

    gone = client.post("/desk/person/", {"what": "erase", "reason": "asked", "sure": "on", **whose})
    assert "Erased." in text_of(gone) and places_of("wilma") == []
    entries = AuditEntry.objects.filter(verb__startswith="person.").order_by("pk")
    code = code_of("wilma@höyry.example")
    assert [(e.verb, e.subject, e.actor) for e in entries] == [
        ("person.exported", code, admin),
        ("person.erased", code, admin),
    ]
    assert entries[1].detail == {"reason": "asked"} and Suppression.objects.get().address_hash == code


def test_an_address_that_nobody_has_gives_the_same_page_with_nothing_held(campaign, roles, client):
    client.force_login(builders.build_user("ada", "admin"))
    before = Suppression.objects.count(), AuditEntry.objects.count()
    page = client.post("/desk/person/", {"what": "find", "email": "nobody@example.org"})
    assert page.status_code == 200 and "Nothing is held under this address." in text_of(page)
    assert "Erase permanently" not in text_of(page)
    assert (Suppression.objects.count(), AuditEntry.objects.count()) == before
    for nonsense in ("", "nobody", "@example.org", "a b@example.org"):
        assert client.post("/desk/person/", {"what": "find", "email": nonsense}).status_code == 422


def test_nobody_but_an_administrator_opens_the_page_about_a_person(campaign, roles, client):
    builders.build_influencer(campaign, "ines")
    wrong = []
    for role in ("editor", "fact-checker", "approver", "liaison", "contributor", "influencer", None):
        client.force_login(builders.build_user(f"x{role}".replace("-", ""), role))
        asked: dict[str, Any] = {"what": "erase", "email": "ines@example.org", "reason": "asked", "sure": "on"}
        for answer in (client.get("/desk/person/"), client.post("/desk/person/", asked)):
            if answer.status_code not in {302, 403, 404} or "Held about" in answer.content.decode():
                wrong.append((role, answer.status_code))
    assert wrong == [] and Recipient.objects.get().email == "ines@example.org"


def test_what_is_held_costs_the_same_number_of_queries_however_much_it_is(
    campaign, roles, django_assert_max_num_queries
):
    from accounts.privacy.data_subjects import Person, collect

    person = builders.build_influencer(campaign, "ines")
    for number in range(30):
        UnmatchedMail.objects.create(from_address=person.recipient.email, mail_id=str(number), at=timezone.now())
    with django_assert_max_num_queries(110):
        held = {one.part.kind: one.rows for one in collect(Person.of(person.recipient.email))}
    assert len(held["unmatched_mail"]) == 30
    # What is handed out is plain data.
    json.dumps(held, cls=DjangoJSONEncoder)


# --- The page on privacy -------------------------------------------------------------------------------------


def test_the_page_on_privacy_says_each_kind_and_follows_the_settings_in_three_languages(campaign, client, settings):
    Campaign.objects.filter(pk=campaign.pk).update(
        privacy_note={"en": "Our own words.\nAnd more.", "fi": "Omat sanamme.", "sv": "Våra egna ord."}
    )
    own = {"en": "Our own words.", "fi": "Omat sanamme.", "sv": "Våra egna ord."}
    for number, language in enumerate(("en", "fi", "sv")):
        for rule in retention.rules():
            if rule.setting:
                setattr(settings, rule.setting, 771 + number)
        page = client.get(f"/{language}/about/privacy/").content.decode()
        kinds = set(re.findall(r'id="kept-([a-z_]+)"', page))
        assert kinds == {rule.kind for rule in retention.rules()}
        assert f"{771 + number} " in page and own[language] in page
        days = sum(bool(rule.setting) for rule in retention.rules())
        assert page.count(str(771 + number)) >= days


@pytest.mark.parametrize("page", ["/en/account/data/", "/en/account/data/file/"])
def test_ones_own_data_is_for_whoever_is_logged_in(campaign, client, page):
    assert client.get(page).status_code == 302
    assert User.objects.count() == 0


def kept_rows() -> list[tuple[str, str]]:
    """Return what is stored, but for sessions and for parts of pages, which are computed anew by whoever asks next."""
    passing = re.compile(r"accounts_session|redis b'[^']*:part:")
    return [row for row in everything() if not passing.match(row[0])]
