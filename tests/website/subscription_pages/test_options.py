"""The pages of subscribing: the form says the same of every address, links do one thing, and each change says what comes next."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone
from django.utils.translation import override

from accounts.models import AuditEntry
from bulletins.models import Cadence
from delivery.links import preference_links
from delivery.models import Consent, Membership, NewAddress, Recipient, SignUp, Subscription, Suppression, address_hash
from delivery.subscriptions import signup, subscription_choices, subscription_mails
from influencers.profiles import offboarding
from questions.answers import answer_workflow
from questions.models import Answer, Question, QuestionGroup
from tests.support.builders import (
    build_authority,
    build_campaign,
    build_digest,
    build_influencer,
    build_mailing,
    build_published_version,
    build_subscription,
    build_topic,
    in_all,
    unsubscribe_url,
)
from website.digests import publication_order
from website.subscription_pages import options

ADDRESS = "elli@example.net"
DAY = timedelta(days=1)


@pytest.fixture
def weekly(campaign):
    return build_digest(campaign)


@pytest.fixture
def daily(campaign):
    return build_digest(campaign, "day")


def filled(**fields: Any) -> dict[str, Any]:
    values = {"email": ADDRESS, "language": "en", "cadence": "digest-week", "consent": "on"} | fields
    return {name: value for name, value in values.items() if value is not None}


def seen(answer: Any) -> tuple[int, dict[str, str], bytes, str]:
    """Return all that someone sees of an answer, but for the request's number, which is another one each time."""
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return answer.status_code, headers, answer.content, str(answer.cookies)


def path_of(subscription: Subscription, language: str = "en") -> str:
    """Return the path of a subscriber's preferences."""
    recipient = Recipient.objects.get(pk=Subscription.objects.get(pk=subscription.pk).recipient_id)
    url = preference_links.PreferenceLinks(subscription.campaign_id, language).of(recipient.pk, recipient.email)
    return "/" + url.split("/", 3)[3]


def path_in_mail() -> str:
    """Write what is due and return the path of the link in the last mail."""
    subscription_mails.write_due(at=timezone.now())
    line = next(line for line in mail.outbox[-1].body.splitlines() if line.startswith("http"))
    return "/" + line.split("/", 3)[3]


def rows() -> list[Any]:
    """Return what there is of subscribers, to see that nothing changed."""
    models = (SignUp, NewAddress, Recipient, Subscription, Membership, Consent)
    return [list(model.objects.order_by("pk").values()) for model in models]


# --- The form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_form_is_on_its_page_and_on_the_front_page_without_cookies_or_a_tick(client, weekly, language):
    for path in (f"/{language}/subscribe/", f"/{language}/"):
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200 and not answer.cookies
        assert 'name="email"' in page and "csrf" not in page
        assert f'value="{language}" id="id_language' in page and page.count(" checked") == 2
        assert '<input type="checkbox" name="consent" id="id_consent">' in page


def test_without_a_digest_there_is_no_form_and_the_page_says_so(client, campaign):
    build_digest(campaign, "month", slug="over").cadences.update(until=timezone.now().date() - 2 * DAY)

    page = client.get("/en/subscribe/").content.decode()
    assert "There is no digest to subscribe to now." in page and "<form" not in page.partition("<main")[2]
    assert 'id="subscribe"' not in client.get("/en/").content.decode()
    answer = client.post("/en/subscribe/", filled())
    assert answer.status_code == 422 and not SignUp.objects.exists()


def test_without_a_campaign_the_page_says_so(client, db):
    for answer in (client.get("/en/subscribe/"), client.post("/en/subscribe/", filled())):
        assert answer.status_code == 200 and "No campaign is open." in answer.content.decode()


def test_it_says_when_the_next_one_goes(weekly, campaign, noon):
    build_digest(campaign, "immediate")
    build_digest(campaign, "day")
    with override("en"):
        offers = options.offers_of(campaign, at=noon)

        assert [offer.how_often for offer in offers] == ["Immediately", "Every day", "Once a week"]
        assert [offer.when for offer in offers] == [
            "as soon as something is published",
            "next on Wed 25 March 2026 at 15:00",
            "next on Mon 30 March 2026 at 15:00",
        ]
        assert options.usual(offers) == offers[2] and offers[2].audience == weekly


def test_topics_are_those_of_what_is_published(campaign, weekly):
    used, asked, unused = (build_topic(campaign, slug) for slug in ("used", "asked", "unused"))
    now = timezone.now()
    version = build_published_version(campaign, at=now - DAY)
    version.mailing.topics.add(used)
    group = QuestionGroup.objects.create(campaign=campaign, slug="open", label=in_all(en="Is it open?"), topic=asked)
    Question.objects.create(campaign=campaign, group=group, language="fi", text="Onko auki?", asked_at=now)
    answer = Answer.objects.create(group=group, authority=build_authority("agency"), text=in_all(en="Yes."))
    answer_workflow.freeze(answer, by=None, at=now - DAY)
    publication_order.note_waiting(at=now)

    assert options.topics_of(campaign, at=now) == [asked, used]
    assert unused not in options.topics_of(campaign, at=now)


def test_the_page_costs_the_same_however_many_digests_there_are(client, campaign, weekly, django_assert_num_queries):
    client.get("/en/subscribe/")
    with django_assert_num_queries(6):
        client.get("/en/subscribe/")
    for number in range(5):
        build_digest(campaign, "day", slug=f"more-{number}")
    with django_assert_num_queries(6):
        client.get("/en/subscribe/")


def test_a_filled_in_form_is_stored_and_the_next_page_says_what_to_do(client, weekly, campaign):
    topic = build_topic(campaign)
    build_published_version(campaign, at=timezone.now() - DAY).mailing.topics.add(topic)
    answer = client.post("/sv/subscribe/", filled(email=" Elli@Example.net ", language="sv", topics=[topic.pk]))

    assert (answer.status_code, answer["Location"]) == (302, "/sv/subscribe/sent/")
    row = SignUp.objects.get()
    assert (row.email, row.language, row.audience, row.topics.topic_ids) == (ADDRESS, "sv", weekly, {topic.pk})
    assert (row.text_version, row.source) == (options.CONSENT_TEXT, options.SOURCE)
    page = client.get(answer["Location"])
    assert page.status_code == 200 and ADDRESS not in page.content.decode()


def test_every_address_gets_the_same_answer_for_the_same_work(weekly, campaign):
    now = timezone.now()
    build_subscription(weekly, "subscribed@example.net", at=now - DAY)
    left = build_subscription(weekly, "left@example.net", at=now - DAY)
    subscription_choices.end_subscription(left, at=now)
    paused = build_subscription(weekly, "paused@example.net", at=now - DAY)
    subscription_choices.pause(paused, until=now + DAY, at=now)
    build_influencer(campaign, "ines")
    for reason in Suppression.Reason:
        Suppression.objects.create(address_hash=address_hash(f"{reason}@example.net"), reason=reason, since=now)
    addresses = ["unknown@example.net", "subscribed@example.net", "left@example.net", "paused@example.net"]
    addresses += ["ines@example.org", *(f"{reason}@example.net" for reason in Suppression.Reason)]
    Client().post("/en/subscribe/", filled(email="unconfirmed@example.net"))

    answers, queries = [], set()
    for address in ["unconfirmed@example.net", *addresses]:
        with CaptureQueriesContext(connection) as context:
            answers.append(seen(Client().post("/en/subscribe/", filled(email=address))))
        queries.add(len(context))
    assert all(answer == answers[0] for answer in answers) and len(queries) == 1
    assert answers[0][0] == 302 and not mail.outbox
    assert SignUp.objects.count() == len(addresses) + 1


@pytest.mark.parametrize(
    "email",
    [
        "elli@bä.example\u200b",
        "Elli@BÄ.example",
        "elli@bａ̈.example",
        "elli@xn--b-0fa.example",
        "elli@XN--B-0FA.example",
    ],
    ids=ascii,
)
def test_every_spelling_of_a_domain_is_one_address(client, weekly, email):
    answer = client.post("/en/subscribe/", filled(email=email))

    assert answer.status_code == 302 and SignUp.objects.get().email == "elli@xn--b-0fa.example"


BAD = [
    "",
    "elli",
    "elli@example",
    "elli@[192.0.2.1]",
    "elli@localhost",
    "elli@example.net\r\nBcc: victim@example.org",
    "elli@example.net%0d%0aBcc:victim@example.org",
    "elli%0d%0a@example.net",
    "elli\u2028@example.net",
    "elli\0@example.net",
    '"elli\x0b"@example.net',
    '"elli@x"@example.net',
    "elli@example.net, victim@example.org",
    "elli@example.net;victim@example.org",
    "<elli@example.net>",
    "elli@exa\u202emple.net",
    "elli@\u2603\ufe0f\u200d.example",
    "elli@\uff11\uff12\uff17.0.0.1",
    "elli@" + "\u00e4" * 60 + ".example",
    "e" * 300 + "@example.net",
    "e" * 2_000_00 + "@example.net",
]


@pytest.mark.parametrize("email", BAD, ids=range(len(BAD)))
def test_what_is_no_address_is_refused_and_stays_in_the_form(client, weekly, email):
    answer = client.post("/en/subscribe/", filled(email=email))

    page = answer.content.decode()
    assert answer.status_code == 422 and 'id="id_email_error"' in page
    assert "What you wrote is still here." in page
    assert not SignUp.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"consent": None},
        {"language": "de"},
        {"language": "en\r\nBcc: x"},
        {"language": None},
        {"cadence": "elsewhere"},
        {"cadence": "digest-week\r\nX: y"},
        {"cadence": "network"},
        {"cadence": None},
        {"topics": ["999999"]},
        {"topics": ["1\u2028"]},
        {"topics": [str(number) for number in range(900)]},
    ],
    ids=str,
)
def test_what_cannot_be_chosen_is_refused_and_nothing_is_stored(client, weekly, campaign, wrong):
    build_topic(campaign)
    build_digest(build_campaign("other", closed_at=timezone.now()), slug="elsewhere")
    build_digest(campaign, slug="network", kind="influencers")
    answer = client.post("/en/subscribe/", filled(**wrong))

    assert answer.status_code == 422 and ADDRESS in answer.content.decode()
    assert not SignUp.objects.exists()


def test_thousands_of_topics_are_too_many_to_look_at(client, weekly):
    answer = client.post("/en/subscribe/", filled(topics=[str(number) for number in range(5_000)]))

    assert answer.status_code == 400 and not SignUp.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    ],
    ids=str,
)
def test_a_form_of_another_site_is_refused(client, weekly, headers):
    answer = client.post("/en/subscribe/", filled(), headers=headers)

    assert answer.status_code == 403 and "This form was sent from another site" in answer.content.decode()
    assert not SignUp.objects.exists()


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {"Origin": "own"}], ids=str
)
def test_our_own_form_is_taken_in(client, weekly, settings, headers):
    headers = {name: settings.PUBLIC_URL if value == "own" else value for name, value in headers.items()}
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/en/subscribe/", filled(), headers=headers).status_code == 302
    assert SignUp.objects.exists()


def test_a_place_that_asks_for_hundreds_is_told_to_wait(client, weekly, monkeypatch):
    monkeypatch.setattr(signup, "MOST_WAITING", 1)
    client.post("/en/subscribe/", filled())
    answer = client.post("/en/subscribe/", filled(email="other@example.net"))

    assert answer.status_code == 429 and "Try again tomorrow" in answer.content.decode()
    assert SignUp.objects.count() == 1


# --- Confirming ----------------------------------------------------------------------------------------


def test_a_scanner_that_follows_the_link_changes_nothing_and_one_button_confirms(client, weekly, campaign):
    build_published_version(campaign, at=timezone.now() - DAY)
    publication_order.give_numbers(campaign)
    client.post("/en/subscribe/", filled())
    path = path_in_mail()
    before = rows()
    page = client.get(path)
    assert (page.status_code, client.head(path).status_code, rows()) == (200, 200, before)
    assert "Once a week" in page.content.decode() and ADDRESS in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer" and page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"] and not page.cookies

    answer = Client(enforce_csrf_checks=True).post(path, headers={"Origin": "null"})
    assert answer.status_code == 303
    page = client.get(answer["Location"]).content.decode()
    assert "You are now subscribed to the digest." in page and "The next digest is sent on" in page
    subscription = Subscription.objects.get()
    assert subscription.cursor == subscription.since == publication_order.last_number(campaign) == 1


def test_a_link_that_was_used_cut_or_is_too_old_has_a_page_of_its_own(client, weekly):
    client.post("/en/subscribe/", filled())
    path = path_in_mail()
    for cut in (path[:-4] + "/", "/en/subscribe/confirm/x/", "/en/subscribe/confirm/s.1.x:y/"):
        assert (client.get(cut).status_code, client.post(cut).status_code) == (404, 404)
    assert not Subscription.objects.exists()
    client.post(path)
    before = rows()

    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 410 and "has already been used" in answer.content.decode()
    assert rows() == before


# --- Preferences ---------------------------------------------------------------------------------------


@pytest.fixture
def subscription(weekly, daily):
    return build_subscription(weekly, since=3, language="en", at=timezone.now() - DAY)


def changed(client: Client, subscription: Subscription, **fields: Any) -> str:
    """Send a change, and return the page that says what was done."""
    answer = client.post(path_of(subscription), fields)
    assert answer.status_code == 303, answer.content.decode()
    subscription.refresh_from_db()
    return str(client.get(answer["Location"]).content.decode())


def test_each_change_says_what_happens_next(client, subscription, daily, campaign):
    topic = build_topic(campaign)
    build_published_version(campaign, at=timezone.now() - DAY).mailing.topics.add(topic)

    page = changed(client, subscription, what="choices", cadence="digest-day", topics=[topic.pk], language="sv")
    assert "Saved." in page and "The next digest is sent on" in page and "Libraries" in page
    assert (subscription.audience, subscription.language) == (daily, "sv")
    assert subscription.topics.topic_ids == {topic.pk}
    page = changed(client, subscription, what="pause", how_long="2")
    assert "The pause has started." in page and "Nothing is sent before" in page
    local = campaign.local(subscription.paused_until)
    assert (local.hour, local.date()) == (0, campaign.local(timezone.now()).date() + 14 * DAY)
    page = changed(client, subscription, what="resume")
    assert "The pause has ended." in page and subscription.paused_until is None
    day = campaign.local(timezone.now()).date() + 30 * DAY
    changed(client, subscription, what="pause", how_long="day", until=day.isoformat())
    assert campaign.local(subscription.paused_until).date() == day
    page = changed(client, subscription, what="address", email="new@example.net")
    assert "An email is on its way to new@example.net." in page and "To be confirmed: new@example.net" in page
    page = changed(client, subscription, what="leave")
    assert "You have unsubscribed from the digest." in page and subscription.cursor == 3


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"what": "else"},
        {"what": "choices"},
        {"what": "choices", "cadence": "digest-day"},
        {"what": "choices", "cadence": "network", "language": "en"},
        {"what": "choices", "cadence": "digest-day", "language": "en", "topics": ["999"]},
        {"what": "choices", "cadence": "digest-day", "language": "de"},
        {"what": "pause"},
        {"what": "pause", "how_long": "3"},
        {"what": "pause", "how_long": "day"},
        {"what": "pause", "how_long": "day", "until": "tomorrow"},
        {"what": "pause", "how_long": "day", "until": "2020-01-01"},
        {"what": "pause", "how_long": "day", "until": "9999-12-31"},
        {"what": "address", "email": "new@example.net\r\nBcc: x@example.net"},
        {"what": "address", "email": ADDRESS},
    ],
    ids=str,
)
def test_a_change_that_makes_no_sense_is_refused_and_nothing_changed(client, subscription, fields):
    before = rows()
    answer = client.post(path_of(subscription), fields)

    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert rows() == before


def test_looking_changes_nothing_and_shows_what_is_kept(client, subscription):
    before = rows()
    page = client.get(path_of(subscription))

    assert page.status_code == 200 and rows() == before
    assert page["Referrer-Policy"] == "no-referrer" and "no-store" in page["Cache-Control"] and not page.cookies
    assert ADDRESS in page.content.decode() and "What we keep about you" in page.content.decode()
    kept = client.get(path_of(subscription) + "data/")
    assert kept["Content-Disposition"].startswith("attachment") and kept["X-Robots-Tag"] == "noindex"
    assert json.loads(kept.content)["address"] == ADDRESS and json.loads(kept.content)["consent"]["confirmed"]


def test_the_preferences_cost_the_same_however_many_digests_there_are(
    client, subscription, campaign, django_assert_num_queries
):
    path = path_of(subscription)
    client.get(path)
    with django_assert_num_queries(10):
        client.get(path)
    for number in range(5):
        build_digest(campaign, "day", slug=f"more-{number}")
    with django_assert_num_queries(10):
        client.get(path)


def test_only_urgent_and_a_pause_are_one_press_each_and_so_is_leaving(client, subscription, campaign, weekly):
    before = client.get(path_of(subscription)).content.decode()
    assert "Only urgent" not in before and 'name="how_long" value="4"' in before and 'value="leave"' in before
    assert client.post(path_of(subscription), {"what": "urgent"}).status_code == 422
    urgent = build_digest(campaign, "immediate", slug="digest-urgent")
    urgent.cadences.update(only_urgency="urgent")
    form = client.get("/en/subscribe/").content.decode()
    assert "Only urgent" in form and "immediately and at any hour; corrections too" in form

    digest = build_mailing(campaign, "digest-1", queue="digest", created_at=timezone.now())
    link = "/" + unsubscribe_url(subscription.recipient_id, digest.pk, "en").split("/", 3)[3]
    leaving = client.get(link).content.decode()
    offered = re.findall(
        r'<form method="post" action="([^"]+)"><input type="hidden" name="what" value="(\w+)"', leaving
    )
    assert [what for _path, what in offered] == ["urgent", "pause"] and "Stop the digest" in leaving

    page = client.post("/" + offered[0][0].split("/", 3)[3], {"what": "urgent"}, follow=True).content.decode()
    assert "The next one is sent as soon as something urgent is published" in page
    assert Subscription.objects.get().audience == urgent and "Only urgent" in page
    assert 'value="urgent"' not in client.get(link).content.decode()
    assert 'name="what" value="urgent"' not in page
    changed(client, subscription, what="pause", how_long="4")
    paused = Subscription.objects.get().paused_until
    assert paused and paused > timezone.now() + 27 * DAY
    changed(client, subscription, what="leave")
    assert Subscription.objects.get().left_at


def test_of_a_campaign_that_has_ended_only_leaving_is_left(client, subscription, campaign):
    campaign.closed_at = timezone.now()
    campaign.save()

    page = client.get(path_of(subscription)).content.decode()
    assert "This campaign has ended." in page and 'value="choices"' not in page
    before = rows()
    asked = {"what": "choices", "cadence": "digest-week", "language": "sv"}
    assert client.post(path_of(subscription), asked).status_code == 422
    assert rows() == before
    assert client.post(path_of(subscription), {"what": "leave"}).status_code == 303
    subscription.refresh_from_db()
    assert subscription.left_at


def test_while_no_digest_goes_on_the_language_can_still_be_chosen(client, subscription, weekly):
    Cadence.objects.update(until=timezone.now().date() - 2 * DAY)

    page = changed(client, subscription, what="choices", language="sv")
    assert "Saved." in page and 'name="cadence"' not in page
    assert (subscription.language, subscription.audience) == ("sv", weekly)


def test_what_was_chosen_stays_in_the_form_when_something_is_wrong_in_it(client, subscription):
    answer = client.post(path_of(subscription), {"what": "choices", "cadence": "digest-day", "language": "de"})

    page = answer.content.decode()
    assert answer.status_code == 422 and re.search(r'value="digest-day"[^>]* checked', page)


HUGE = "9" * 26


@pytest.mark.parametrize("key", [HUGE, str(2**63), "9" * 5_000, "-1", "1e9"], ids=lambda key: key[:30])
@pytest.mark.parametrize(
    "link",
    [
        "subscription/{}.1.abc:x",
        "subscription/1.{}.abc:x",
        "subscribe/confirm/s.{}.x.1:y",
        "mail/leave/{}.1:x",
        "mail/{}.1:x",
    ],
)
def test_a_number_that_no_row_can_have_opens_nothing_and_asks_no_database(client, campaign, link, key):
    client.get("/en/subscribe/sent/")
    with CaptureQueriesContext(connection) as context:
        answers = [getattr(client, method)(f"/en/{link.format(key)}/") for method in ("get", "head")]
    if not link.startswith("mail/{}"):
        answers.append(client.post(f"/en/{link.format(key)}/"))

    assert {answer.status_code for answer in answers} == {404}
    tables = ("delivery_recipient", "delivery_subscription", "delivery_mailing", "delivery_message", "delivery_signup")
    assert not [query["sql"] for query in context if any(table in query["sql"] for table in tables)]


def test_a_new_address_is_confirmed_by_its_own_link(client, subscription):
    old = path_of(subscription)
    changed(client, subscription, what="address", email="new@example.net")
    path = path_in_mail()
    assert "New@example.net".lower() in client.get(path).content.decode()
    page = client.get(client.post(path)["Location"]).content.decode()

    assert "The digest now comes to this address." in page
    assert client.get(old).status_code == 404


# --- One click out, and back ---------------------------------------------------------------------------


def test_the_page_of_one_click_out_offers_less_instead_and_the_way_back(client, subscription, campaign):
    digest = build_mailing(campaign, "digest-1", queue="digest")
    url = unsubscribe_url(subscription.recipient_id, digest.pk, "en")
    path = "/" + url.split("/", 3)[3]

    assert path_of(subscription) in client.get(path).content.decode()
    answer = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "/en/subscribe/" in answer.content.decode()
    subscription.refresh_from_db()
    assert subscription.left_at and not Membership.objects.filter(left_at=None).exists()
    assert "/en/subscription/" not in client.get(path).content.decode()


def test_whoever_still_reads_an_address_that_was_replaced_is_offered_no_preferences(client, subscription, campaign):
    digest = build_mailing(campaign, "digest-1", queue="digest")
    path = "/" + unsubscribe_url(subscription.recipient_id, digest.pk, "en").split("/", 3)[3]
    assert path_of(subscription) in client.get(path).content.decode()

    subscription.recipient.take_address("new@example.net", at=digest.created_at + timedelta(hours=1))
    assert "/en/subscription/" not in client.get(path).content.decode()


# --- The desk, and being forgotten ---------------------------------------------------------------------


def test_a_liaison_finds_a_reader_by_the_whole_address_and_stops_the_digest(signed_in, liisa, subscription):
    build_subscription(subscription.audience, "other@example.net")
    desk = signed_in(liisa)
    page = desk.get("/desk/delivery/subscription/", {"q": ADDRESS.upper()}).content.decode()
    assert f'value="{subscription.pk}"' in page and ADDRESS not in page.replace(f'value="{ADDRESS}"', "")
    assert "other@example.net" not in desk.get("/desk/delivery/subscription/").content.decode()

    stop = {"action": "stop", "_selected_action": [subscription.pk]}
    desk.post("/desk/delivery/subscription/", stop)
    assert not Subscription.objects.exclude(left_at=None)
    desk.post(f"/desk/delivery/subscription/?q={ADDRESS}", stop)
    subscription.refresh_from_db()
    assert subscription.left_at and Subscription.objects.filter(left_at=None).count() == 1
    entry = AuditEntry.objects.get(verb="subscription.stopped")
    assert entry.actor == liisa and ADDRESS not in f"{entry.subject} {entry.detail}"


def test_an_editor_sees_no_subscribers(signed_in, alma, subscription):
    assert signed_in(alma).get("/desk/delivery/subscription/").status_code == 403


def test_who_is_erased_leaves_no_subscription_and_no_address(campaign, weekly):
    now = timezone.now()
    influencer = build_influencer(campaign, "ines")
    build_subscription(weekly, "ines@example.org", at=now - DAY)
    offboarding.erase(influencer, by=None, at=now)
    influencer.recipient.refresh_from_db()
    assert influencer.recipient.email  # the digest goes on: it was not asked to stop

    other = build_influencer(campaign, "olli")
    signup.request_subscription(
        campaign,
        email="olli@example.org",
        audience=weekly,
        topics=[],
        language="fi",
        text_version="1",
        source="test",
        place="192.0.2.1",
        at=now,
    )
    offboarding.erase(other, by=None, at=now)
    assert not SignUp.objects.exists()
    assert not Recipient.objects.filter(email="olli@example.org").exists()


def test_a_reader_who_left_long_ago_is_forgotten(weekly, settings):
    settings.LEFT_DAYS = 30
    now = timezone.now()
    gone = build_subscription(weekly, "gone@example.net", at=now - 90 * DAY)
    subscription_choices.end_subscription(gone, at=now - 31 * DAY)
    lately = build_subscription(weekly, "lately@example.net", at=now - 90 * DAY)
    subscription_choices.end_subscription(lately, at=now - 29 * DAY)
    build_subscription(weekly, at=now - 90 * DAY)

    assert offboarding.forget_readers(at=now) == 1
    assert set(Recipient.objects.exclude(email="").values_list("email", flat=True)) == {"lately@example.net", ADDRESS}
    erased = Recipient.objects.get(email="")
    assert (erased.state, erased.address_hash) == ("erased", address_hash("gone@example.net"))
    assert not Consent.objects.filter(recipient=erased).exists()


def test_every_link_in_a_mail_leads_to_a_page(client, weekly):
    client.post("/en/subscribe/", filled())
    with override("en"):
        assert resolve(path_in_mail()).view_name == "subscriptions:confirm"


def test_easy_language_is_chosen_on_the_page_and_stays_out_of_the_form_that_subscribes(client, subscription, weekly):
    assert 'name="easy"' not in client.get("/en/subscribe/").content.decode()
    choice = {"what": "choices", "cadence": "digest-week", "language": "en"}

    page = changed(client, subscription, **choice, easy="on")
    assert subscription.prefers_easy and "Easy English" in page
    assert re.search(r'name="easy"[^>]* checked', page)
    assert client.get(f"{path_of(subscription)}data/").json()["prefers_easy_language"] is True

    page = changed(client, subscription, **choice)
    assert not subscription.prefers_easy and "Easy English" not in page


def test_who_subscribes_again_keeps_easy_language(client, weekly):
    subscription = build_subscription(weekly, ADDRESS)
    subscription_choices.change_language(subscription, "fi", prefers_easy=True)
    again = build_subscription(weekly, ADDRESS, language="sv")
    assert (again.pk, again.language, again.prefers_easy) == (subscription.pk, "sv", True)
