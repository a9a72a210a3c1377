"""How readers get the digests: asking, the mail, confirming, changing, leaving; and what is forgotten."""

import logging
import re
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.urls import resolve
from django.utils.translation import override

from accounts.models import Attempt
from campaigns.models import Campaign
from delivery.fanout import fanout
from delivery.links import confirmation_links, preference_links, signing, unsubscribe
from delivery.links.signing import NOBODY, BadLink
from delivery.message.personal_fields import field
from delivery.message.web_version import ReadLinks
from delivery.models import (
    Consent,
    Delivery,
    Membership,
    NewAddress,
    Recipient,
    SignUp,
    Subscription,
    Suppression,
    TopicSet,
    address_hash,
)
from delivery.sending import worker
from delivery.subscriptions import (
    double_opt_in,
    signup,
    subscription_choices,
    subscription_mails,
    topic_sets,
    unconfirmed,
)
from tests.support.builders import (
    NOON,
    build_campaign,
    build_delivery,
    build_digest,
    build_influencer,
    build_mailing,
    build_recipients,
    build_send,
    build_subscription,
    build_topic,
    unsubscribe_url,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ADDRESS = "elli@example.net"
Reason = Suppression.Reason


@pytest.fixture
def weekly(campaign):
    return build_digest(campaign)


@pytest.fixture
def daily(campaign):
    return build_digest(campaign, "day")


def ask(
    audience: Any, email: str = ADDRESS, *, topics: Any = (), place: str = "192.0.2.1", at: datetime = NOON
) -> None:
    signup.request_subscription(
        audience.campaign,
        email=email,
        audience=audience,
        topics=[topic.pk for topic in topics],
        language="sv",
        text_version="2026-11",
        source="subscription form",
        place=place,
        at=at,
    )


def written(at: datetime = NOON) -> list[Any]:
    """Write what is due and return the mails that left."""
    before = len(mail.outbox)
    subscription_mails.write_due(at=at)
    return mail.outbox[before:]


def token_in(letter: Any) -> str:
    """Return the token of the link in a mail."""
    line = next(line for line in letter.body.splitlines() if line.startswith("http"))
    with override(line.split("/")[3]):
        return str(resolve("/" + line.split("/", 3)[3]).kwargs["token"])


def token_of(subscription: Subscription) -> str:
    """Return the token of a subscriber's preferences now."""
    subscription = Subscription.objects.get(pk=subscription.pk)
    recipient = subscription.recipient
    return preference_links.PreferenceLinks(subscription.campaign_id, "fi").token(recipient.pk, recipient.email)


def local(url: str) -> str:
    """Return the path of an address."""
    return "/" + url.split("/", 3)[3]


def open_seats(email: str = ADDRESS) -> list[str]:
    """Return the audiences that an address may be handed mail of."""
    return list(
        Membership.objects.filter(recipient__email=email, left_at=None).values_list("audience__slug", flat=True)
    )


# --- Asking, and the mail ------------------------------------------------------------------------------


def test_asking_stores_what_was_chosen_and_writes_to_nobody(weekly, campaign):
    topic = build_topic(campaign)
    ask(weekly, "Elli@Example.NET", topics=[topic])

    row = SignUp.objects.get()
    assert (row.email, row.audience, row.language, row.topics.topic_ids) == (ADDRESS, weekly, "sv", {topic.pk})
    assert row.mail_due_at == NOON and row.mailed_at is None
    assert not mail.outbox and not Recipient.objects.exists() and "192.0.2.1" not in row.place


def test_asking_again_leaves_one_row_with_what_was_asked_for_last(weekly, daily):
    ask(weekly)
    ask(daily, at=NOON + MINUTE)

    row = SignUp.objects.get()
    assert (row.audience, row.asked_at) == (daily, NOON + MINUTE)


def test_the_mail_asks_for_a_yes_in_the_language_that_was_chosen(weekly):
    ask(weekly)
    (letter,) = written()

    assert letter.to == [ADDRESS] and letter.subject.startswith("[Övning] ")
    raw = message_from_string(letter.message().as_string(), policy=policy.default)
    assert raw["Auto-Submitted"] == "auto-generated" and raw["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert raw["Content-Language"] == "sv" and raw["Reply-To"] == "liaison@example.org"
    assert not [name for name in raw if name.lower().startswith("list-")]
    assert raw["Message-ID"].endswith("@example.org>")
    assert [part.get_content_type() for part in raw.iter_parts()] == ["text/plain", "text/html"]
    html = letter.alternatives[0][0]
    link = next(line for line in letter.body.splitlines() if line.startswith("http"))
    assert f'href="{link}"' in html and 'lang="sv"' in html and "112" in html and "112" in letter.body
    assert "/sv/subscribe/confirm/" in link
    assert SignUp.objects.get().mail_due_at is None


def test_of_an_exercise_the_mail_goes_to_the_catcher_only(weekly, monkeypatch):
    ways = []

    class Spy:
        def __getitem__(self, way: str) -> Any:
            ways.append(way)
            return real[way]

    real = mail.mailers
    monkeypatch.setattr(subscription_mails.mail, "mailers", Spy())
    ask(weekly)
    written()

    assert ways == ["exercise"]


@pytest.mark.parametrize("reason", [Reason.NO_SUCH_ADDRESS, Reason.COMPLAINT, Reason.ERASED])
def test_an_address_that_was_suppressed_can_ask_for_mail_again(weekly, reason):
    Suppression.objects.create(address_hash=address_hash(ADDRESS), reason=reason, since=NOON)
    ask(weekly)
    (letter,) = written()
    double_opt_in.confirm(token_in(letter), upto=7, at=NOON + MINUTE)

    assert not Suppression.objects.exists()
    assert open_seats() == ["digest-week"]


def test_an_address_that_staff_have_blocked_gets_nothing_and_its_row_goes(weekly):
    Suppression.objects.create(address_hash=address_hash(ADDRESS), reason=Reason.STAFF, since=NOON)
    ask(weekly)

    assert written() == []
    assert not SignUp.objects.exists() and Suppression.objects.count() == 1


def test_a_subscriber_who_asks_is_told_that_they_are_in_and_led_to_their_preferences(weekly, daily):
    subscription = build_subscription(weekly)
    ask(daily)
    (letter,) = written()

    assert "/sv/subscription/" in letter.body and "confirm" not in letter.body
    assert subscription_choices.read(token_in(letter)) == subscription
    assert not SignUp.objects.exists()
    subscription.refresh_from_db()
    assert subscription.audience == weekly


def test_an_influencer_gets_the_same_link_as_a_stranger_and_keeps_the_bulletins(weekly, campaign):
    influencer = build_influencer(campaign, "ines")
    ask(weekly, "ines@example.org")
    (letter,) = written()
    double_opt_in.confirm(token_in(letter), upto=0, at=NOON)

    influencer.recipient.refresh_from_db()
    assert (influencer.recipient.name, influencer.recipient.language) == ("Ines", "fi")
    assert set(influencer.recipient.consents.filter(withdrawn_at=None).values_list("purpose", flat=True)) == {
        "bulletins",
        "digest",
    }


def test_one_address_gets_one_mail_in_ten_minutes_and_three_in_a_day(weekly):
    times = []
    for minutes in (*range(0, 60, 4), *range(60, 24 * 60, 30)):
        at = NOON + minutes * MINUTE
        ask(weekly, at=at)
        times += [minutes] * len(written(at))

    assert len(times) == 3
    assert all(later - earlier >= 10 for earlier, later in pairwise(times))


def test_whoever_has_just_had_the_mail_gets_no_second_one_later(weekly):
    ask(weekly)
    assert len(written()) == 1
    ask(weekly, at=NOON + MINUTE)
    assert written(NOON + MINUTE) == []
    assert written(NOON + DAY) == []
    assert SignUp.objects.get().mail_due_at is None


def test_whoever_comes_back_at_once_gets_the_mail_when_it_may_leave(weekly):
    ask(weekly)
    (letter,) = written()
    subscription = double_opt_in.confirm(token_in(letter), upto=0, at=NOON + MINUTE)
    subscription_choices.end_subscription(subscription, at=NOON + 2 * MINUTE)
    ask(weekly, at=NOON + 3 * MINUTE)

    assert written(NOON + 3 * MINUTE) == []
    assert len(written(NOON + 14 * MINUTE)) == 1


def test_from_one_place_twenty_mails_an_hour_leave_and_the_others_later(weekly):
    for number in range(25):
        ask(weekly, f"reader{number}@example.net")

    assert len(written()) == 20
    assert SignUp.objects.exclude(mail_due_at=None).count() == 5
    ask(weekly, "from-elsewhere@example.net", place="198.51.100.7")
    assert [letter.to for letter in written()] == [["from-elsewhere@example.net"]]
    assert len(written(NOON + HOUR + MINUTE)) == 5


def test_whoever_has_a_whole_network_of_ipv6_has_no_more_mails_written_than_eight_places(weekly, monkeypatch):
    monkeypatch.setattr(signup, "MOST_WAITING", 24)
    ask(weekly, "from-elsewhere@example.net", place="2001:db8:2::/64")
    with pytest.raises(signup.TooManySignups):
        for number in range(201):
            ask(weekly, f"reader{number}@example.net", place=f"2001:db8:1:{number:x}::/64")
    assert SignUp.objects.count() == 8 * 24 + 1

    letters = written()
    assert len(letters) == 161
    assert ["from-elsewhere@example.net"] in [letter.to for letter in letters]


def test_what_waits_for_its_place_keeps_no_other_place_from_writing_to_the_address(weekly):
    for number in range(20):
        ask(weekly, f"reader{number}@example.net")
    assert len(written()) == 20
    ask(weekly)
    assert written() == []

    ask(weekly, place="198.51.100.7")
    assert [letter.to for letter in written()] == [[ADDRESS]]
    assert Attempt.objects.filter(bucket="subscribe-mail").count() == 21


def test_strangers_who_subscribe_an_address_do_not_keep_a_subscriber_from_moving_to_it(weekly):
    subscription = build_subscription(weekly, "reader@example.net", at=NOON)
    for turn in range(3):
        ask(weekly, "new@example.net", place="198.51.100.7", at=NOON + turn * HOUR)
        assert len(written(NOON + turn * HOUR)) == 1
    later = NOON + 3 * HOUR
    subscription_choices.request_address_change(subscription, "new@example.net", place="192.0.2.9", at=later)

    (letter,) = written(later)
    assert letter.to == ["new@example.net"] and not NewAddress.objects.exclude(mail_due_at=None).exists()
    ask(weekly, "new@example.net", place="198.51.100.7", at=later)
    assert written(later) == []


def test_a_place_that_asks_for_hundreds_is_refused_and_nothing_is_stored(weekly, monkeypatch):
    monkeypatch.setattr(signup, "MOST_WAITING", 3)
    for number in range(3):
        ask(weekly, f"reader{number}@example.net")

    with pytest.raises(signup.TooManySignups):
        ask(weekly, "one-more@example.net")
    assert SignUp.objects.count() == 3
    ask(weekly, "from-elsewhere@example.net", place="198.51.100.7")


def test_a_mail_server_that_is_away_keeps_nobody_from_getting_the_mail_later(weekly, monkeypatch, caplog):
    def refuse(*unused: Any) -> None:
        raise ConnectionRefusedError(ADDRESS)

    ask(weekly)
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        assert subscription_mails.write_due(at=NOON) == 0

    assert ADDRESS not in caplog.text and "ConnectionRefusedError" in caplog.text
    assert not Attempt.objects.exists()
    assert written(NOON + 9 * MINUTE) == []
    assert len(written(NOON + 10 * MINUTE)) == 1


# --- Confirming ----------------------------------------------------------------------------------------


def test_confirming_begins_a_subscription_and_writes_down_what_was_agreed_to(weekly, campaign):
    topic = build_topic(campaign)
    ask(weekly, topics=[topic])
    (letter,) = written()
    at = NOON + HOUR
    subscription = double_opt_in.confirm(token_in(letter), upto=41, at=at)

    assert subscription.recipient.email == ADDRESS and subscription.recipient.state == "active"
    assert (subscription.audience, subscription.language) == (weekly, "sv")
    assert (subscription.since, subscription.cursor, subscription.considered_at) == (41, 41, at)
    assert subscription.topics.topic_ids == subscription.told_topics.topic_ids == {topic.pk}
    assert open_seats() == ["digest-week"]
    consent = Consent.objects.get()
    assert (consent.purpose, consent.text_version, consent.language) == ("digest", "2026-11", "sv")
    assert (consent.source, consent.given_at, consent.confirmed_at) == ("subscription form", NOON, at)
    assert not SignUp.objects.exists()


def test_looking_at_a_link_changes_nothing(weekly):
    ask(weekly)
    (letter,) = written()

    assert double_opt_in.read(token_in(letter), at=NOON) == SignUp.objects.get()
    assert not Recipient.objects.exists()


def test_a_link_works_once(weekly):
    ask(weekly)
    (letter,) = written()
    double_opt_in.confirm(token_in(letter), upto=0, at=NOON)

    with pytest.raises(confirmation_links.ExpiredLink, match="already been used"):
        double_opt_in.confirm(token_in(letter), upto=9, at=NOON + MINUTE)
    assert Subscription.objects.get().cursor == 0 and Consent.objects.count() == 1


def test_a_link_works_for_seven_days(weekly):
    ask(weekly)
    (letter,) = written()

    with pytest.raises(confirmation_links.ExpiredLink, match="seven days"):
        double_opt_in.confirm(token_in(letter), upto=0, at=NOON + 7 * DAY + MINUTE)
    assert not Subscription.objects.exists() and SignUp.objects.count() == 1
    double_opt_in.confirm(token_in(letter), upto=0, at=NOON + 7 * DAY - MINUTE)


@pytest.mark.parametrize("spoil", [lambda t: t[:-3], lambda t: t[1:], lambda t: "x" + t, lambda t: "", lambda t: "s.1"])
def test_a_link_that_was_cut_or_forged_opens_nothing(weekly, spoil):
    ask(weekly)
    (letter,) = written()

    with pytest.raises(BadLink):
        double_opt_in.confirm(spoil(token_in(letter)), upto=0, at=NOON)
    assert not Subscription.objects.exists() and SignUp.objects.count() == 1


def test_a_link_of_a_row_that_is_gone_opens_no_later_row_with_its_key(weekly):
    ask(weekly)
    (letter,) = written()
    key = SignUp.objects.get().pk
    SignUp.objects.all().delete()
    ask(weekly, "other@example.net", at=NOON + MINUTE)
    SignUp.objects.update(id=key)

    with pytest.raises(confirmation_links.ExpiredLink):
        double_opt_in.confirm(token_in(letter), upto=0, at=NOON + MINUTE)
    assert not Subscription.objects.exists()


def test_nobody_can_confirm_for_a_campaign_that_has_ended(weekly, campaign):
    ask(weekly)
    (letter,) = written()
    campaign.closed_at = NOON
    campaign.save()

    with pytest.raises(confirmation_links.ExpiredLink, match="ended"):
        double_opt_in.confirm(token_in(letter), upto=0, at=NOON)
    assert not Subscription.objects.exists()


def test_what_staff_block_after_the_mail_cannot_be_confirmed(weekly):
    ask(weekly)
    (letter,) = written()
    Suppression.objects.create(address_hash=address_hash(ADDRESS), reason=Reason.STAFF, since=NOON)

    with pytest.raises(confirmation_links.ExpiredLink, match="no email from us"):
        double_opt_in.confirm(token_in(letter), upto=0, at=NOON)
    assert not Subscription.objects.exists() and Suppression.objects.count() == 1


def test_whoever_left_comes_back_by_a_fresh_yes_and_is_told_only_what_comes_then(weekly, daily):
    subscription = build_subscription(weekly, since=3)
    subscription_choices.end_subscription(subscription, at=NOON - DAY)
    assert open_seats() == [] and Consent.objects.filter(withdrawn_at=None).count() == 0

    ask(daily)
    (letter,) = written()
    back = double_opt_in.confirm(token_in(letter), upto=9, at=NOON + HOUR)
    assert back.pk == subscription.pk
    assert (back.since, back.cursor, back.left_at, back.audience) == (9, 9, None, daily)
    assert open_seats() == ["digest-day"] and Consent.objects.filter(withdrawn_at=None).count() == 1


def test_a_second_yes_of_a_subscriber_changes_the_choice_and_keeps_what_is_pending(weekly, daily):
    ask(daily)
    (letter,) = written()
    subscription = build_subscription(daily, at=NOON - MINUTE, since=3)
    token = token_in(letter) if SignUp.objects.exists() else ""
    assert token == ""  # one row for both: the first confirmation was the answer to all mails
    Suppression.objects.create(address_hash=address_hash(ADDRESS), reason=Reason.COMPLAINT, since=NOON)
    ask(weekly, at=NOON + HOUR)
    (letter,) = written(NOON + HOUR)
    double_opt_in.confirm(token_in(letter), upto=9, at=NOON + HOUR)

    subscription.refresh_from_db()
    assert (subscription.audience, subscription.cursor, subscription.since) == (weekly, 3, 3)
    assert open_seats() == ["digest-week"]


# --- Preferences ---------------------------------------------------------------------------------------


def test_the_link_to_the_preferences_stays_valid(weekly):
    subscription = build_subscription(weekly)

    token = token_of(subscription)
    assert subscription_choices.read(token) == subscription
    subscription_choices.end_subscription(subscription, at=NOON)
    assert subscription_choices.read(token) == subscription


def test_a_link_to_the_preferences_of_somebody_else_cannot_be_made(weekly):
    mine, other = build_subscription(weekly), build_subscription(weekly, "other@example.net")
    signature = token_of(mine).partition(":")[2]

    for token in (
        f"{other.recipient_id}.{other.campaign_id}:{signature}",
        "1.1:x",
        "1:2:3",
        "",
        "x",
        "99.99:" + signature,
    ):
        with pytest.raises(BadLink):
            subscription_choices.read(token)
    with pytest.raises(BadLink):
        subscription_choices.read(preference_links.PreferenceLinks(mine.campaign_id, "fi").token(mine.recipient_id, ""))
    with pytest.raises(signing.TestLink):
        subscription_choices.read(preference_links.PreferenceLinks(mine.campaign_id, "fi").token(NOBODY, ""))


def test_a_link_signed_with_the_key_before_still_opens(weekly, settings):
    subscription = build_subscription(weekly)
    token = token_of(subscription)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key, which signs from now on"

    assert subscription_choices.read(token) == subscription


def test_another_cadence_keeps_what_is_pending_and_no_past_slot_is_theirs(weekly, daily):
    subscription = build_subscription(weekly, since=3)
    subscription_choices.change_cadence(subscription, daily, at=NOON)

    subscription.refresh_from_db()
    assert (subscription.audience, subscription.cursor, subscription.considered_at) == (daily, 3, NOON)
    assert open_seats() == ["digest-day"]
    assert Membership.objects.get(audience=weekly).left_because == "changed"


def test_the_same_cadence_again_changes_nothing(weekly):
    subscription = build_subscription(weekly)
    before = Subscription.objects.values().get()
    subscription_choices.change_cadence(subscription, weekly, at=NOON)

    assert Subscription.objects.values().get() == before and Membership.objects.count() == 1


def test_an_audience_of_another_campaign_or_of_influencers_is_refused(weekly, campaign):
    subscription = build_subscription(weekly)
    elsewhere = build_digest(build_campaign("other"))
    network = build_digest(campaign, slug="network", kind="influencers")

    for audience in (elsewhere, network):
        with pytest.raises(subscription_choices.NotChanged):
            subscription_choices.change_cadence(subscription, audience, at=NOON)
    subscription.refresh_from_db()
    assert subscription.audience == weekly and open_seats() == ["digest-week"]


def test_other_topics_add_to_those_of_which_corrections_are_told(weekly, campaign):
    one, other = build_topic(campaign, "one"), build_topic(campaign, "other")
    subscription = build_subscription(weekly, topics=[one], since=3)
    subscription_choices.change_topics(subscription, [other.pk])

    subscription.refresh_from_db()
    assert subscription.topics.topic_ids == {other.pk} and subscription.told_topics.topic_ids == {one.pk, other.pk}
    assert subscription.cursor == 3
    subscription_choices.change_topics(subscription, [])
    subscription_choices.change_topics(subscription, [one.pk])
    subscription.refresh_from_db()
    assert subscription.topics.topic_ids == {one.pk} and subscription.told_topics.key == ""


def test_more_topics_than_a_choice_can_name_are_everything(campaign):
    assert topic_sets.choice_of(campaign, range(10**6, 10**6 + 1000)).key == ""


def test_the_language_of_the_digest_is_not_that_of_the_bulletins(weekly):
    subscription = build_subscription(weekly, language="fi")
    subscription_choices.change_language(subscription, "en")

    subscription.refresh_from_db()
    assert subscription.language == "en" and subscription.recipient.language == "fi"


def test_during_a_pause_nothing_is_handed_over_and_after_it_all_goes_on(weekly):
    subscription = build_subscription(weekly, since=3)
    subscription_choices.pause(subscription, until=NOON + DAY, at=NOON)

    assert open_seats() == []
    assert not Subscription.objects.served(at=NOON + HOUR).exists()
    assert subscription_choices.resume_due(at=NOON + DAY - MINUTE) == 0
    assert subscription_choices.resume_due(at=NOON + DAY) == 1
    subscription.refresh_from_db()
    assert (subscription.paused_until, subscription.cursor) == (None, 3) and open_seats() == ["digest-week"]
    assert subscription_choices.resume_due(at=NOON + DAY) == 0


def test_a_pause_in_a_closed_campaign_keeps_no_other_from_ending(weekly):
    closed = build_digest(build_campaign("closed"))
    for audience, hours in ((closed, 1), (weekly, 2)):
        subscription_choices.pause(build_subscription(audience), until=NOON + hours * HOUR, at=NOON)
    Campaign.objects.filter(slug="closed").update(closed_at=NOON)

    assert subscription_choices.resume_due(at=NOON + DAY) == 1
    assert Subscription.objects.get(audience=weekly).paused_until is None
    assert Subscription.objects.get(audience=closed).paused_until


def test_an_address_is_kept_in_its_one_form_whoever_asks(weekly):
    ask(weekly, " Elli@Bücher.example ")

    assert SignUp.objects.get().email == "elli@xn--bcher-kva.example"


def test_a_pause_can_be_ended_and_another_cadence_chosen_in_it_begins_after_it(weekly, daily):
    subscription = build_subscription(weekly)
    subscription_choices.pause(subscription, until=NOON + DAY, at=NOON)
    subscription_choices.change_cadence(subscription, daily, at=NOON)
    assert open_seats() == []

    subscription_choices.resume(subscription, at=NOON + HOUR)
    assert open_seats() == ["digest-day"]
    subscription_choices.resume(subscription, at=NOON + HOUR)
    assert open_seats() == ["digest-day"]


@pytest.mark.parametrize("until", [NOON - DAY, NOON, NOON + timedelta(days=400)])
def test_a_pause_that_ends_in_the_past_or_in_years_is_refused(weekly, until):
    subscription = build_subscription(weekly)

    with pytest.raises(subscription_choices.NotChanged):
        subscription_choices.pause(subscription, until=until, at=NOON)
    subscription.refresh_from_db()
    assert subscription.paused_until is None and open_seats() == ["digest-week"]


def test_one_click_out_of_a_pause_is_for_good(weekly):
    subscription = build_subscription(weekly)
    subscription_choices.pause(subscription, until=NOON + DAY, at=NOON)
    digest = build_mailing(weekly.campaign, "digest-1", queue="digest")
    unsubscribe.unsubscribe_recipient(subscription.recipient_id, digest, at=NOON)

    assert subscription_choices.resume_due(at=NOON + 2 * DAY) == 0
    assert open_seats() == [] and not Consent.objects.filter(withdrawn_at=None).exists()


def test_leaving_one_campaign_keeps_the_consent_that_another_ones_digest_needs(weekly):
    here = build_subscription(weekly)
    build_subscription(build_digest(build_campaign("other")))
    subscription_choices.end_subscription(here, at=NOON)

    assert Consent.objects.filter(withdrawn_at=None).count() == 1
    subscription_choices.end_subscription(Subscription.objects.get(left_at=None), at=NOON)
    assert not Consent.objects.filter(withdrawn_at=None).exists()


def test_what_was_left_cannot_be_changed_any_more(weekly, daily):
    subscription = build_subscription(weekly)
    subscription_choices.end_subscription(subscription, at=NOON)
    before = Subscription.objects.values().get()

    for change in (
        lambda: subscription_choices.change_cadence(subscription, daily, at=NOON),
        lambda: subscription_choices.change_topics(subscription, []),
        lambda: subscription_choices.change_language(subscription, "en"),
        lambda: subscription_choices.pause(subscription, until=NOON + DAY, at=NOON),
        lambda: subscription_choices.resume(subscription, at=NOON),
        lambda: subscription_choices.request_address_change(subscription, "new@example.net", place="", at=NOON),
    ):
        with pytest.raises(subscription_choices.NotChanged):
            change()
    assert Subscription.objects.values().get() == before and open_seats() == [] and not NewAddress.objects.exists()


# --- Another address -----------------------------------------------------------------------------------


def moved(subscription: Subscription, email: str, at: datetime = NOON) -> Subscription:
    """Ask for another address, and confirm it."""
    subscription_choices.request_address_change(subscription, email, place="192.0.2.9", at=at)
    (letter,) = written(at)
    assert letter.to == [email]
    return double_opt_in.confirm(token_in(letter), upto=99, at=at)


def test_until_the_new_address_is_confirmed_the_old_one_stays(weekly):
    subscription = build_subscription(weekly)
    subscription_choices.request_address_change(subscription, "New@example.net", place="192.0.2.9", at=NOON)
    (letter,) = written()

    assert letter.to == ["new@example.net"] and ADDRESS not in letter.body
    assert open_seats() == ["digest-week"] and Recipient.objects.count() == 1


def test_the_new_address_gets_what_is_pending_and_the_old_links_open_nothing(weekly):
    subscription = build_subscription(weekly, since=3)
    old = token_of(subscription)
    done = moved(subscription, "new@example.net")

    assert done.pk == subscription.pk and done.cursor == 3 and done.recipient_id == subscription.recipient_id
    assert Recipient.objects.get().address_hash == address_hash("new@example.net")
    assert open_seats("new@example.net") == ["digest-week"] and NewAddress.objects.get().moved_at == NOON
    with pytest.raises(BadLink):
        subscription_choices.read(old)
    assert subscription_choices.read(token_of(subscription)) == subscription


def test_who_reads_the_old_address_gets_no_link_to_the_preferences_and_stops_nothing(weekly, campaign, client):
    subscription = build_subscription(weekly)
    html = f'<a href="{field("read_url")}"></a><a href="{field("unsubscribe_url")}"></a>{field("preferences_url")}'
    sent: dict[str, Any] = {"languages": ["fi"], "is_digest": True, "text": field("preferences_url"), "html": html}
    before, later, newer = (
        build_mailing(campaign, key, created_at=at, **sent)
        for key, at in (("digest-1", NOON - DAY), ("digest-2", NOON + DAY), ("digest-3", NOON + 2 * DAY))
    )
    before.superseded_by = newer  # what is shown now is younger than the mail that was opened
    before.save()
    leave, read = (
        lambda mailing: local(unsubscribe_url(subscription.recipient_id, mailing.pk, "fi")),
        lambda mailing: local(ReadLinks(mailing.messages.get().pk, "fi").of(subscription.recipient_id)),
    )
    old_leave = leave(before)
    assert f"/fi/subscription/{token_of(subscription)}/" in client.get(old_leave).content.decode()
    moved(subscription, "new@example.net")
    mine = token_of(subscription)

    assert client.get(old_leave).status_code == client.post(old_leave).status_code == 404
    shown = client.get(read(before)).content.decode()
    read_url, leave_url = re.findall(r'href="([^"]+)"', shown)[-2:]
    assert local(read_url) == read(before) and client.post(local(leave_url)).status_code == 404
    found = re.search(r"/fi/subscription/([^/]+)/", shown)
    assert found and found[1] != mine
    assert client.get(found[0]).status_code == 404
    for sent_since in (later, newer):
        assert f"/fi/subscription/{mine}/" in client.get(leave(sent_since)).content.decode()
        assert f"/fi/subscription/{mine}/" in client.get(read(sent_since)).content.decode()
    subscription.refresh_from_db()
    assert subscription.left_at is None
    assert client.post(leave(later)).status_code == 200
    subscription.refresh_from_db()
    assert subscription.left_at


@pytest.mark.parametrize("new", ["new@example.net", "known@example.net", "other@example.net"])
def test_the_old_address_is_told_that_the_digest_goes_to_another_one(weekly, daily, new):
    subscription = build_subscription(weekly)
    if new == "other@example.net":
        build_subscription(daily, new)
    elif new == "known@example.net":
        Recipient.objects.create(email=new, language="fi", state="active")
    moved(subscription, new)
    with pytest.raises(subscription_choices.NotChanged):  # else whoever took it over would keep the mail from leaving
        subscription_choices.request_address_change(
            Subscription.objects.get(new_address__isnull=False), "x@example.net", place="", at=NOON
        )

    later = NOON + HOUR
    (letter,) = written(later)
    assert letter.to == [ADDRESS] and new not in letter.body and "http" not in letter.body
    assert written(later + HOUR) == [] and not NewAddress.objects.exists()


def test_an_old_address_that_wants_no_mail_is_not_told(weekly):
    subscription = build_subscription(weekly)
    Suppression.objects.create(address_hash=address_hash(ADDRESS), reason="complaint")
    moved(subscription, "new@example.net")

    assert written(NOON + HOUR) == [] and not NewAddress.objects.exists()


def test_an_influencers_bulletins_stay_at_their_address_when_the_digest_moves(weekly, campaign):
    influencer = build_influencer(campaign, "ines")
    subscription = build_subscription(weekly, "ines@example.org", since=3)
    done = moved(subscription, "new@example.net")

    influencer.recipient.refresh_from_db()
    assert influencer.recipient.email == "ines@example.org"
    assert done.recipient.email == "new@example.net" and done.cursor == 3
    assert open_seats("new@example.net") == ["digest-week"] and open_seats("ines@example.org") == []
    assert Consent.objects.get(purpose="digest", withdrawn_at=None).recipient == done.recipient
    assert Consent.objects.get(purpose="bulletins").withdrawn_at is None


def test_a_known_address_takes_the_subscription_over(weekly):
    (known,) = build_recipients(1)
    subscription = build_subscription(weekly, since=3)
    done = moved(subscription, known.email)

    assert (done.pk, done.recipient, done.cursor) == (subscription.pk, known, 3)
    assert open_seats(known.email) == ["digest-week"] and open_seats() == []


def test_an_address_that_subscribes_already_keeps_its_own_choice(weekly, daily):
    theirs = build_subscription(daily, "other@example.net", since=5)
    subscription = build_subscription(weekly, since=3)
    done = moved(subscription, "other@example.net")

    assert done == theirs and open_seats("other@example.net") == ["digest-day"] and open_seats() == []
    theirs.refresh_from_db()
    assert theirs.cursor == 5


def test_a_digest_on_its_way_to_the_old_address_is_held_back_and_comes_to_the_new_one(weekly, campaign):
    (known,) = build_recipients(1)
    subscription = build_subscription(weekly, since=3)
    digest = build_mailing(campaign, "digest-1", queue="digest")
    row = build_delivery(build_send(weekly, digest), subscription.recipient)
    Subscription.objects.update(cursor_before=3, cursor=8, mailing=digest)
    done = moved(subscription, known.email)

    row.refresh_from_db()
    done.refresh_from_db()
    assert row.state == Delivery.State.SUPPRESSED
    assert (done.recipient, done.cursor, done.mailing) == (known, 3, None)


def test_while_a_digest_is_being_handed_over_the_address_does_not_move(weekly, campaign):
    (known,) = build_recipients(1)
    subscription = build_subscription(weekly, since=3)
    digest = build_mailing(campaign, "digest-1", queue="digest")
    build_delivery(build_send(weekly, digest), subscription.recipient, state=Delivery.State.HANDING_OFF)
    Subscription.objects.update(cursor_before=3, cursor=8, mailing=digest)

    with pytest.raises(confirmation_links.EarlyLink):
        moved(subscription, known.email)
    subscription.refresh_from_db()
    assert (subscription.cursor, subscription.recipient.email) == (8, ADDRESS)
    assert open_seats() == ["digest-week"] and NewAddress.objects.count() == 1


def test_a_second_new_address_takes_the_place_of_the_first(weekly):
    subscription = build_subscription(weekly)
    subscription_choices.request_address_change(subscription, "first@example.net", place="192.0.2.9", at=NOON)
    (first,) = written()
    subscription_choices.request_address_change(subscription, "second@example.net", place="192.0.2.9", at=NOON + MINUTE)
    (second,) = written(NOON + MINUTE)

    with pytest.raises(confirmation_links.ExpiredLink):
        double_opt_in.confirm(token_in(first), upto=0, at=NOON + MINUTE)
    double_opt_in.confirm(token_in(second), upto=0, at=NOON + MINUTE)
    assert open_seats("second@example.net") == ["digest-week"]


def test_the_address_that_one_has_is_no_new_one(weekly):
    subscription = build_subscription(weekly)

    with pytest.raises(subscription_choices.NotChanged):
        subscription_choices.request_address_change(subscription, ADDRESS.upper(), place="", at=NOON)
    assert not NewAddress.objects.exists()


def test_whoever_left_meanwhile_moves_nothing(weekly):
    subscription = build_subscription(weekly)
    subscription_choices.request_address_change(subscription, "new@example.net", place="192.0.2.9", at=NOON)
    (letter,) = written()
    subscription_choices.end_subscription(subscription, at=NOON)

    with pytest.raises(confirmation_links.ExpiredLink):
        double_opt_in.confirm(token_in(letter), upto=0, at=NOON)
    assert Recipient.objects.get().email == ADDRESS


# --- The link in each digest ---------------------------------------------------------------------------


def test_each_digest_has_its_readers_own_link_to_the_preferences(weekly, campaign, smtp_sink):
    subscription = build_subscription(weekly)
    digest = build_mailing(
        campaign,
        "digest-1",
        queue="digest",
        text=f"{field('preferences_url')}\n",
        html=f"<p>{field('preferences_url')}</p>",
    )
    send = build_send(weekly, digest)
    fanout.fan_out(send, at=NOON)
    worker.work(send.pk, clock=lambda: NOON)

    (caught,) = smtp_sink.caught
    text = caught.message.get_body(("plain",)).get_content()
    assert f"/fi/subscription/{token_of(subscription)}/" in text


# --- What is forgotten ---------------------------------------------------------------------------------


def test_what_nobody_confirmed_is_purged_after_seven_days(weekly, campaign):
    subscription = build_subscription(weekly, "other@example.net")
    subscription_choices.request_address_change(subscription, "new@example.net", place="", at=NOON)
    ask(weekly)
    written()

    assert unconfirmed.purge(at=NOON + 7 * DAY - MINUTE) == 0
    assert SignUp.objects.count() == NewAddress.objects.count() == 1
    assert unconfirmed.purge(at=NOON + 7 * DAY) == 2
    assert not SignUp.objects.exists() and not NewAddress.objects.exists()
    assert Subscription.objects.count() == 1


def test_a_link_that_still_works_is_not_purged(weekly):
    ask(weekly)
    later = NOON + 2 * HOUR
    SignUp.objects.update(mail_due_at=later)
    (letter,) = written(later)

    assert unconfirmed.purge(at=NOON + 7 * DAY + HOUR) == 0
    double_opt_in.confirm(token_in(letter), upto=0, at=NOON + 7 * DAY + HOUR)


def test_choices_of_topics_that_nobody_has_go_once_a_day(weekly, campaign):
    one, other = build_topic(campaign, "one"), build_topic(campaign, "other")
    build_subscription(weekly, topics=[one])
    topic_sets.choice_of(campaign, [])
    topic_sets.choice_of(campaign, [other.pk])
    unconfirmed.purge(at=NOON)
    assert set(TopicSet.objects.values_list("key", flat=True)) == {"", str(one.pk)}

    topic_sets.choice_of(campaign, [other.pk])
    unconfirmed.purge(at=NOON + HOUR)
    assert TopicSet.objects.count() == 3
    unconfirmed.purge(at=NOON + DAY)
    assert TopicSet.objects.count() == 2


def test_the_longest_link_fits_into_a_mail():
    links = preference_links.PreferenceLinks(2**63 - 1, "fi")

    assert len(links.of(2**63 - 1, "x" * 250)) < 400
    row = SignUp(pk=2**63 - 1, secret="x" * 64)
    assert len(confirmation_links.confirm_url(row, language="fi", at=datetime(2999, 1, 1, tzinfo=UTC))) < 400
