"""Saying "seen": by the link in a mail, on the portal; what counts and what does not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.privacy import retention
from bulletins.models import Bulletin, Target
from delivery.links import seen_links
from delivery.links.seen_links import SeenLinks, ShortSeenLinks
from delivery.message.personal_fields import field
from delivery.models import Delivery, Message
from delivery.models.recipients import address_form
from delivery.recipients import channel_addresses
from influencers.escalation import acknowledgement, seen_counts
from influencers.models import AskedPartner, Influencer, SeenRequest
from influencers.profiles import offboarding
from tests.influencers.recall.recall_scene import LATER, correct, retract
from tests.support import builders
from tests.support.builders import NOON

from .escalation_scene import SOON, ask, partner, publish, tiers

pytestmark = pytest.mark.django_db


@pytest.fixture
def groups(campaign: Any, roles: None) -> Any:
    return tiers(campaign)


@pytest.fixture
def aino(campaign: Any, groups: Any) -> Influencer:
    return partner(campaign, "aino", groups[0])


def path_of(request: SeenRequest, who: Influencer) -> str:
    links = SeenLinks(request.version.mailing_id, "en")
    return links.of(who.recipient_id, who.recipient.email).removeprefix("https://bulletins.example.org")


def path_at(request: SeenRequest, who: Influencer) -> str:
    return "/en/" + path_of(request, who).partition("/en/")[2]


def seen(who: Influencer) -> list[tuple[Any, str]]:
    return list(AskedPartner.objects.filter(influencer=who).values_list("seen_at", "channel"))


def test_whoever_is_in_an_audience_of_it_is_asked_once_in_their_closest_tier(campaign, groups, aino):
    wide = partner(campaign, "veli", groups[1])
    builders.join(groups[1], [aino.recipient])
    partner(campaign, "lars", groups[0], state=Influencer.State.LEFT)
    partner(campaign, "ulla", None)

    request = ask(campaign, *groups)

    assert set(request.people.values_list("influencer", "tier")) == {(aino.pk, 1), (wide.pk, 2)}


def test_people_whose_slot_is_later_are_asked_then(campaign, groups, aino):
    wide = partner(campaign, "veli", groups[1])
    bulletin = builders.build_bulletin(campaign, audiences=groups, urgency="urgent", asks_seen=True)
    slot = NOON + timedelta(hours=6)
    Target.objects.filter(bulletin=bulletin, audience=groups[1]).update(timing="at_time", at=slot)
    request = SeenRequest.objects.get(version=builders.published(bulletin))

    assert [one.influencer for one in request.people.reached(at=SOON)] == [aino]
    assert {one.influencer for one in request.people.reached(at=slot)} == {aino, wide}


@pytest.mark.parametrize("fields", [{"urgency": "routine"}, {"asks_seen": False}])
def test_only_an_urgent_bulletin_that_is_to_ask_does(campaign, groups, aino, fields):
    version = publish(campaign, groups[0], **fields)

    assert not SeenRequest.objects.exists()
    assert field("seen_url") not in Message.objects.filter(mailing=version.mailing).first().html


def test_an_approval_covers_that_it_asks(campaign, groups):
    bulletin = builders.build_bulletin(campaign, audiences=groups, urgency="urgent")
    before = bulletin.content_digest()
    bulletin.asks_seen = True

    assert bulletin.content_digest() != before
    bulletin.urgency = "routine"
    without = bulletin.content_digest()
    bulletin.asks_seen = False
    assert bulletin.content_digest() == without


def test_opening_the_link_counts_nothing_and_one_press_counts_once(campaign, groups, aino, client):
    request = ask(campaign, *groups)
    path = path_at(request, aino)

    for method in (client.get, client.head, client.get):
        answer = method(path)
        assert answer.status_code == 200 and answer["Referrer-Policy"] == "no-referrer"
    assert "Aino" in client.get(path).content.decode() and seen(aino) == [(None, "")]

    assert client.post(path).status_code == 302
    (moment, channel), *_none = first = seen(aino)
    assert moment and channel == "mail"
    assert client.post(path).status_code == 302 and seen(aino) == first
    assert "Thank you" in client.get(path).content.decode()


def test_the_short_link_of_a_text_message_leads_to_the_page_and_counts_nothing_by_itself(
    campaign, groups, aino, client, settings
):
    settings.EXERCISE_CHANNELS = ["sms"]
    phone = channel_addresses.take(aino.recipient, "sms", "+358401234567", wants=["urgent"], at=NOON)
    request = ask(campaign, *groups)
    short = ShortSeenLinks(request.version.mailing_id).of(phone.pk, address_form("sms", phone.address))
    assert len(short) == len(seen_links.short_sample())
    path = "/s/" + short.rpartition("/")[2]

    answer = client.get(path)
    assert (
        answer.status_code == 302
        and answer["Referrer-Policy"] == "no-referrer"
        and client.post(path).status_code == 405
    )
    page = "/en/" + answer["Location"].partition("/en/")[2]
    assert client.get(page).status_code == 200 and seen(aino) == [(None, "")]
    assert client.post(page).status_code == 302 and seen(aino)[0][1] == "sms"


def test_a_short_link_is_taken_with_what_ends_a_sentence_behind_it_and_leads_nowhere_else(
    campaign, groups, aino, client, settings
):
    phone = channel_addresses.take(aino.recipient, "sms", "+358401234567", wants=["urgent"], at=NOON)
    request = ask(campaign, *groups)
    short = ShortSeenLinks(request.version.mailing_id).of(phone.pk, address_form("sms", phone.address))
    path = "/s/" + short.rpartition("/")[2]
    page = client.get(path)["Location"]
    assert page.startswith(f"{settings.PUBLIC_URL}/") and seen(aino) == [(None, "")]

    for behind in ("/", ".", ",", ").", "./", "!", "%E2%80%A6", "%22"):
        answer = client.get(path + behind)
        assert (answer.status_code, answer["Location"], answer["Referrer-Policy"]) == (302, page, "no-referrer"), behind
    for behind in ("/x", "//example.org", "/example.org/", ".x", "-", "_", "%0A", ".%0D%0A"):
        assert client.get(path + behind).status_code == 404, behind


def test_a_short_link_that_is_forged_or_of_a_number_that_was_left_opens_nothing(campaign, groups, aino, client):
    phone = channel_addresses.take(aino.recipient, "sms", "+358401234567", wants=["urgent"], at=NOON)
    request = ask(campaign, *groups)
    code = (
        ShortSeenLinks(request.version.mailing_id).of(phone.pk, address_form("sms", phone.address)).rpartition("/")[2]
    )
    another = code[:6] + ("1" if code[6] != "1" else "2") + code[7:]

    assert [client.get(f"/s/{one}").status_code for one in (another, code[:-1], code + "x", "é" * 22)] == [404] * 4
    channel_addresses.leave(aino.recipient, phone.pk, at=NOON)
    assert client.get(f"/s/{code}").status_code == 404


def test_a_link_of_a_number_that_was_left_speaks_of_no_email_that_it_never_was(campaign, groups, aino, client):
    phone = channel_addresses.take(aino.recipient, "whatsapp", "+358401234567", wants=["urgent"], at=NOON)
    request = ask(campaign, *groups)
    link = SeenLinks(request.version.mailing_id, "en").of(phone.pk, address_form("whatsapp", phone.address))
    channel_addresses.leave(aino.recipient, phone.pk, at=NOON)
    mail = path_at(request, aino)
    aino.recipient.take_address("new@example.net", at=SOON)

    gone = client.get(link)
    assert gone.status_code == 404 and "this message went to (WhatsApp) is no longer" in gone.content.decode()
    assert "This email went to an address" in client.get(mail).content.decode()
    assert "email" not in client.get("/en/seen/x/").content.decode().partition("<main")[2].partition("</main>")[0]


def test_it_needs_no_cookie(campaign, groups, aino):
    path = path_at(ask(campaign, *groups), aino)

    assert Client(enforce_csrf_checks=True).post(path).status_code == 302 and seen(aino)[0][1] == "mail"


def test_forged_moved_and_foreign_links_count_nothing(campaign, groups, aino, client):
    request = ask(campaign, *groups)
    veli = partner(campaign, "veli", groups[1])
    path = path_at(request, aino)
    mixed = path.replace(f"/{aino.recipient_id}.", f"/{veli.recipient_id}.")
    moved = path_at(request, aino)
    aino.recipient.take_address("new@example.net", at=SOON)

    for wrong in (mixed, path[:-3] + "/", moved, "/en/seen/x/", "/en/seen/1.2.3/"):
        answer = client.post(wrong)
        assert answer.status_code == 404 and "Nothing changed" in answer.content.decode()
    offboarding.leave(veli, by=None, at=SOON)
    assert client.post(path_at(request, veli)).status_code == 404
    assert seen(aino) == [(None, "")]


def test_on_the_portal_one_press_on_the_page_or_in_front(campaign, groups, aino, signed_in):
    request = ask(campaign, *groups)
    portal, number = signed_in(aino.user), request.version.bulletin.number
    with translation.override("en"):
        page, press = (reverse(f"influencers:{name}", args=[number]) for name in ("bulletin", "bulletin_seen"))
        home = reverse("influencers:home")

    for place in (home, page):
        _before, form, _after = re.split(
            rf'(action="{press}".*?</form>)', portal.get(place).content.decode(), flags=re.DOTALL
        )
        assert "I have seen this" in form and "csrfmiddlewaretoken" in form
    assert portal.get(press).status_code == 405 and seen(aino) == [(None, "")]
    assert portal.post(press)["Location"] == f"{page}#seen"
    assert seen(aino)[0][1] == "portal"
    assert "Thank you" in portal.get(page).content.decode()
    assert "I have seen this" not in portal.get(home).content.decode()
    assert portal.post(press.replace(f"/{number}/", "/99/")).status_code == 404


def test_whoever_joined_since_can_say_it_too(campaign, groups, aino):
    request = ask(campaign, groups[0])
    late = partner(campaign, "ulla", None)

    acknowledgement.acknowledge(acknowledgement.asked(request, late), at=SOON)

    assert seen(late) == [(SOON, "portal")]


@pytest.mark.parametrize(("change", "why"), [(correct, "corrected"), (retract, "withdrawn")])
def test_what_was_changed_since_is_asked_about_no_more(campaign, groups, aino, client, change, why):
    request = ask(campaign, groups[0])
    path = path_at(request, aino)

    newer = change(request.version)

    request.refresh_from_db()
    assert (request.ended, request.ended_at) == (why, LATER)
    answer = client.post(path)
    assert answer.status_code == 409 and "Nothing was counted" in answer.content.decode()
    assert AskedPartner.objects.get(request=request).seen_at is None
    asks_again = SeenRequest.objects.filter(version=newer)
    assert asks_again.exists() == (why == "corrected") == newer.asks_seen


def test_a_correction_asks_those_whom_the_versions_before_went_to(campaign, groups, aino):
    request = ask(campaign, groups[0])
    partner(campaign, "veli", groups[1])

    newer = correct(request.version)

    assert [one.influencer for one in newer.seen_request.people.all()] == [aino]


def test_the_link_stands_in_both_parts_of_the_mail_and_is_each_readers_own(campaign, groups, aino):
    request = ask(campaign, *groups)
    message = Message.objects.get(mailing=request.version.mailing, language="en")

    assert field("seen_url") in message.html and field("seen_url") in message.text
    assert path_of(request, aino) != path_of(request, partner(campaign, "veli", groups[1]))


def test_who_has_and_who_has_not_by_channel_tier_and_what_became_of_their_mail(
    campaign, groups, aino, django_assert_max_num_queries
):
    people = [aino, *(partner(campaign, f"p{number}", groups[number % 2]) for number in range(5))]
    request = ask(campaign, *groups)
    send = request.version.mailing.sends.get(audience=groups[0])
    states = [Delivery.State.ACCEPTED, Delivery.State.FAILED, Delivery.State.UNKNOWN]
    rows = [
        builders.build_delivery(send, one.recipient, state=state)
        for one, state in zip(people[1:4], states, strict=True)
    ]
    send.first_delivery, send.last_delivery = rows[0].pk, rows[-1].pk
    send.save()
    for one, channel in ((aino, "mail"), (people[4], "portal")):
        acknowledgement.acknowledge(acknowledgement.asked(request, one, way=channel), at=SOON)

    with django_assert_max_num_queries(8):
        standing = seen_counts.standing_of(request, at=SOON, names=True)

    assert (standing.asked, standing.seen, standing.percent) == (6, 2, 33)
    assert (standing.reached, standing.not_reached, standing.unknown) == (1, 1, 2)
    assert [(line.asked, line.seen, line.waiting) for line in standing.tiers] == [(4, 1, 3), (2, 1, 1)]
    assert {line.name: (line.sent, line.seen) for line in standing.channels} == {"email": (3, 1), "portal": (None, 1)}
    assert [one.mail for one in standing.waiting] == ["reached", "unknown", "", "not_reached"]
    assert standing.half is None


def test_who_is_forgotten_is_asked_nothing_and_after_a_while_nobody_knows(campaign, groups, aino):
    request = ask(campaign, *groups)
    partner(campaign, "veli", groups[1])
    offboarding.erase(aino, by=None, at=SOON)
    assert not AskedPartner.objects.filter(influencer=aino).exists()

    retention.rule("seen").forget(NOON + timedelta(days=401))
    assert not request.people.exists() and SeenRequest.objects.exists()
    assert Bulletin.objects.exists()


def test_names_are_for_those_who_may_call(campaign, groups, aino, signed_in):
    request = ask(campaign, *groups)
    with translation.override("en"):
        pages = [reverse(f"admin:influencers_seenrequest_{name}", args=[request.pk]) for name in ("change", "live")]

    for role, names in (("liaison", True), ("editor", False), ("approver", False)):
        desk = signed_in(builders.build_user(f"{role}-here", role))
        for page in pages:
            html = desk.get(page).content.decode()
            assert "0 of" in html and ("Aino" in html) is names, (role, page)


def test_the_editor_offers_it_for_what_is_urgent_only(campaign, groups, signed_in):
    bulletin = builders.build_bulletin(campaign, audiences=groups)
    desk, about = signed_in(builders.editor()), reverse("admin:bulletins_bulletin_about", args=[bulletin.pk])
    assert "about-asks_seen" not in desk.get(about).content.decode()

    desk.post(about, {"about-urgency": "urgent", "initial-about-urgency": "routine", "about-original_language": "fi"})
    assert 'name="about-asks_seen"' in desk.get(about).content.decode()
    sent = {"about-urgency": "urgent", "initial-about-urgency": "urgent", "about-original_language": "fi"}
    desk.post(about, sent | {"initial-about-original_language": "fi", "about-asks_seen": "on"})
    bulletin.refresh_from_db()
    assert bulletin.asks_seen and bulletin.asks_for_seen
    desk.post(about, sent | {"initial-about-original_language": "fi", "initial-about-asks_seen": "True"})
    bulletin.refresh_from_db()
    assert not bulletin.asks_seen


def test_ten_names_stand_open_and_the_others_folded(campaign, groups, signed_in):
    for number in range(12):
        partner(campaign, f"p{number:02}", groups[0])
    request = ask(campaign, groups[0])
    with translation.override("en"):
        pages = [reverse(f"admin:influencers_seenrequest_{name}", args=[request.pk]) for name in ("change", "live")]
    desk = signed_in(builders.build_user("liaison-here", "liaison"))

    for page in pages:
        first, folded = desk.get(page).content.decode().split('<details id="more-waiting">')
        assert "P09" in first and "P10" not in first
        assert "2 more" in folded and "P10" in folded and "P11" in folded
    AskedPartner.objects.filter(influencer__name__in=("P10", "P11")).update(seen_at=SOON, channel="portal")
    assert "more-waiting" not in desk.get(pages[0]).content.decode()
