"""Influencers choose for themselves, take their data with them, leave, and are forgotten."""

import json
import re
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override

from accounts.models import AuditEntry, User
from bulletins.models import PublishedEdition
from delivery.fanout import fanout
from delivery.models import ChannelProof, Consent, Delivery, MailChoice, Recipient, Snooze, Suppression
from influencers.models import (
    Attachment,
    CodeOfEthics,
    Exposure,
    ImportRun,
    Influencer,
    Post,
    Signature,
    Thread,
    ThreadMessage,
)
from influencers.profiles import data_export, offboarding, preferences, tiers
from influencers.profiles.form_options import ANOTHER_CONSENT, CONSENT_TEXT, OPENS_CONSENT
from influencers.profiles.settings_forms import BreakForm
from notifications.models import Notice
from questions.answers import answer_workflow
from questions.models import Answer, AnswerVersion, Question, QuestionGroup
from tests.support import builders
from tests.support.builders import NOON, build_audience, build_topic

pytestmark = pytest.mark.django_db

CANARY = "zzcanaryzz"


@pytest.fixture
def elli(roles, campaign):
    """An influencer of the network, who signed and consented."""
    audience = build_audience(campaign)
    elli = builders.build_influencer(campaign, "elli", audience=audience, language="en")
    text = CodeOfEthics.objects.create(campaign=campaign, language="en", title="Code", points=1, body="1. **Truth.**")
    Signature.objects.create(influencer=elli, text=text, signed_at=NOON)
    return elli


@pytest.fixture
def client(signed_in, elli):
    return signed_in(elli.user)


def post(client, name, data=None, *args):
    return client.post(reverse(f"influencers:{name}", args=args), data or {})


def test_a_language_is_for_mail_and_pages(client, elli):
    response = post(client, "settings_language", {"language": "sv"})
    assert response.status_code == 302 and response.url.startswith("/sv/portal/settings/")
    elli.refresh_from_db()
    assert (elli.recipient.language, elli.user.language) == ("sv", "sv")
    page = client.get(response.url)
    assert page.status_code == 200 and page.context["is_saved"] and b'lang="sv"' in page.content[:60]
    assert in_mail(elli) == "sv"


def in_mail(elli):
    """Return the language that a bulletin to all of the campaign comes in."""
    number = Delivery.objects.count()
    mailing = builders.build_mailing(elli.campaign, f"mailing-{number}")
    for audience in elli.campaign.audiences.all():
        later = timezone.now() + timedelta(minutes=1)
        fanout.fan_out(builders.build_send(audience, mailing, slot_at=later), at=later)
    return Delivery.objects.get(mailing=mailing, recipient=elli.recipient).language


def test_whose_group_is_not_served_in_a_language_moves_to_one_that_is(client, elli, campaign):
    network = campaign.audiences.get()
    network.languages = ["fi", "sv"]
    network.save()
    abroad = build_audience(campaign, "international", tier=3, language=[], languages=["en"])
    for code, group in (("en", abroad), ("fi", network)):
        post(client, "settings_language", {"language": code})
        assert in_mail(elli) == code
        assert elli.recipient.memberships.get(left_at=None).audience == group
    assert elli.recipient.memberships.get(left_at=None).reason == "language"


def test_a_group_that_is_no_tier_is_open_to_everybody_only_where_no_tier_is(campaign):
    build_audience(campaign, "guests", tier=None)
    assert tiers.open_network(campaign, "fi").slug == "guests"

    build_audience(campaign, "network", tier=2)
    assert tiers.open_network(campaign, "fi").slug == "network"


def test_who_is_in_close_contact_stays_there_and_reads_which_language_comes(client, elli, campaign):
    campaign.audiences.update(tier=1, languages=["fi"])
    build_audience(campaign, "international", tier=3, languages=["en"])

    response = post(client, "settings_language", {"language": "en"})

    assert elli.recipient.memberships.get(left_at=None).audience.tier == 1 and in_mail(elli) == "fi"
    assert "Emails come in: Finnish" in client.get(response.url).content.decode()


def test_a_group_without_room_changes_the_language_of_pages_and_says_so(client, elli, campaign):
    campaign.audiences.update(languages=["fi"])
    build_audience(campaign, "international", tier=3, languages=["en"], max_size=0)

    response = post(client, "settings_language", {"language": "en"})

    assert elli.recipient.memberships.get(left_at=None).audience.slug == "network"
    assert "Emails come in: Finnish" in client.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("settings_language", {"language": "xx"}),
        ("settings_language", {}),
        ("settings_pace", {"pace": "hourly"}),
        ("settings_break", {"days": "9999"}),
        ("settings_break", {"days": "-1"}),
        ("settings_snooze", {"topic": "999999", "days": "7"}),
        ("settings_snooze", {"topic": "x", "days": "7"}),
        ("settings_wake", None),
    ],
)
def test_a_choice_that_is_not_offered_is_refused_and_nothing_changes(client, elli, name, data):
    response = post(client, name, data, *([999999] if name == "settings_wake" else []))
    assert response.status_code == 422
    elli.refresh_from_db()
    assert elli.recipient.language == "en"
    assert not MailChoice.objects.exists() and not Snooze.objects.exists()


def test_a_pace_is_kept_and_what_it_was_before_too(client, elli, campaign):
    assert post(client, "settings_pace", {"pace": "week"}).status_code == 302
    assert "next combined email is sent" in client.get(reverse("influencers:settings")).content.decode()
    assert post(client, "settings_pace", {"pace": "each"}).status_code == 302
    choice = MailChoice.objects.get()
    assert (choice.pace, choice.pace_before) == ("each", "week") and choice.changed_at


def test_a_pace_that_is_changed_twice_keeps_what_is_still_owed(elli, campaign):
    hour = timedelta(hours=1)
    preferences.set_pace(elli, campaign, "day", at=NOON - timedelta(days=3))
    for after, wanted in ((hour, "urgent"), (2 * hour, "week"), (3 * hour, "each")):
        preferences.set_pace(elli, campaign, wanted, at=NOON + after)
        choice = MailChoice.objects.get()
        assert (choice.pace, choice.pace_before, choice.changed_at) == (wanted, "day", NOON + hour)
    gathered = builders.build_send(campaign.audiences.get(), pace="day", since=NOON - 3 * hour)
    assert fanout.fan_out(gathered, at=NOON + 21 * hour) == 1

    preferences.set_pace(elli, campaign, "week", at=NOON + timedelta(days=1))
    choice = MailChoice.objects.get()
    assert (choice.pace, choice.pace_before, choice.changed_at) == ("week", "each", NOON + timedelta(days=1))


def test_a_snoozed_topic_rests_and_the_tier_stays(client, elli, campaign):
    topic = build_topic(campaign, "schools")
    assert post(client, "settings_snooze", {"topic": topic.pk, "days": "7"}).status_code == 302
    assert "Muted until" in client.get(reverse("influencers:settings")).content.decode()

    audience = elli.recipient.memberships.get().audience
    mailing = builders.build_mailing(campaign)
    mailing.topics.set([topic])
    assert fanout.fan_out(builders.build_send(audience, mailing, slot_at=timezone.now()), at=timezone.now()) == 0
    assert elli.recipient.memberships.get().left_at is None

    assert post(client, "settings_wake", None, topic.pk).status_code == 302
    assert not Snooze.objects.exists()


def test_a_break_ends_by_itself_or_when_it_is_ended(elli, campaign):
    preferences.take_break(elli, campaign, 7, at=NOON)
    assert preferences.choices(elli, campaign, at=NOON + timedelta(days=6)).is_on_break
    assert not preferences.choices(elli, campaign, at=NOON + timedelta(days=8)).is_on_break
    preferences.take_break(elli, campaign, 0, at=NOON)
    assert not preferences.choices(elli, campaign, at=NOON).is_on_break


def test_on_a_break_the_next_gathered_mail_is_the_first_after_it(elli, campaign):
    preferences.set_pace(elli, campaign, "week", at=NOON)
    preferences.take_break(elli, campaign, 90, at=NOON)

    chosen = preferences.choices(elli, campaign, at=NOON)

    assert chosen.break_until < chosen.next_gathered <= chosen.break_until + timedelta(days=7)


def test_lengths_of_a_break_are_in_the_readers_language():
    for code, length in (("fi", "7 päivää"), ("sv", "7 dagar"), ("en", "7 days")):
        with override(code):
            assert f">{length}</option>" in str(BreakForm()["days"])


def test_each_choice_has_its_own_label_whatever_fields_of_others_are_called(client, elli, campaign):
    builders.build_topic(campaign)
    page = client.get(reverse("influencers:settings")).content.decode()
    ids = re.findall(r' id="([^"]*)"', page)

    assert page.count('<select name="days"') == 2
    assert sorted(ids) == sorted(set(ids))


def test_open_tracking_has_a_consent_of_its_own(client, elli):
    assert escape(str(OPENS_CONSENT)) in client.get(reverse("influencers:settings")).content.decode()
    post(client, "settings_tracking", {"allowed": "yes"})
    consent = Consent.objects.get(purpose="open_tracking")
    assert consent.withdrawn_at is None and consent.source == "portal"
    assert consent.text_version == CONSENT_TEXT
    post(client, "settings_tracking", {"allowed": "no"})
    consent.refresh_from_db()
    assert consent.withdrawn_at and Consent.objects.get(purpose="bulletins").withdrawn_at is None


def test_so_has_another_crisis_and_it_ends_with_leaving_every_campaign(client, elli, campaign):
    assert escape(str(ANOTHER_CONSENT)) in client.get(reverse("influencers:settings")).content.decode()
    post(client, "settings_another_crisis", {"allowed": "yes"})
    consent = Consent.objects.get(purpose="another_crisis")
    assert consent.withdrawn_at is None and consent.text_version == CONSENT_TEXT

    offboarding.leave(elli, by=None, at=NOON)
    consent.refresh_from_db()
    assert consent.withdrawn_at


def test_the_page_costs_the_same_however_many_topics(client, elli, campaign, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    build_topic(campaign, "one")
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("influencers:settings"))
    for number in range(9):
        topic = build_topic(campaign, f"topic-{number}")
        preferences.snooze(elli, campaign, topic.pk, None, at=NOON)
    with django_assert_num_queries(len(few)):
        client.get(reverse("influencers:settings"))


def busy(elli, campaign):
    """Let someone have done everything that is stored, in words that are easy to find again."""
    version = builders.build_published_version(campaign, at=NOON)
    Exposure.objects.create(influencer=elli, version=version, way="read", language="en", first_at=NOON, last_at=NOON)
    Post.objects.create(
        campaign=campaign,
        influencer=elli,
        version=version,
        platform="instagram",
        url=f"https://www.instagram.com/p/{CANARY}/",
        url_key=f"instagram.com/p/{CANARY}",
        words=CANARY,
        posted_at=NOON,
        told_at=NOON,
    )
    group = QuestionGroup.objects.create(campaign=campaign, slug="open", label={"en": "Is it open?"})
    Question.objects.create(
        campaign=campaign,
        group=group,
        language="en",
        text="Is it open?",
        relayed_by=elli.recipient,
        may_credit=True,
        credit=f"Elli {CANARY}",
    )
    answer = Answer.objects.create(group=group, authority=builders.build_authority("thl"), text={"en": "Yes."})
    answer_workflow.freeze(answer, by=None, at=NOON)
    thread = Thread.objects.create(influencer=elli)
    message = ThreadMessage.objects.create(thread=thread, kind="from_them", via="portal", text=CANARY, at=NOON)
    ThreadMessage.objects.create(thread=thread, kind="note", via="desk", text="A note for the team", at=NOON)
    attachment = Attachment(message=message, name=f"{CANARY}.png")
    attachment.file.save("own.png", ContentFile(b"x"), save=True)
    Notice.objects.create(
        kind="thanks", campaign=campaign, person=elli.user, text=CANARY, at=NOON, next_attempt_at=NOON
    )
    return attachment


def test_everything_is_in_the_file_and_the_teams_notes_are_not(client, elli, campaign):
    busy(elli, campaign)
    elli.came_by = ImportRun.objects.create(
        campaign=campaign, name="list.csv", source="A list of 2019", by=builders.editor(), at=NOON
    )
    elli.save()
    response = client.get(reverse("influencers:settings_data"))
    assert response["Content-Disposition"].startswith("attachment")
    known = json.loads(response.content)
    assert known["profile"]["email"] == elli.recipient.email
    assert known["posts"][0]["words"] == CANARY and known["conversation"][0]["text"] == CANARY
    assert known["questions"][0]["credit"] == f"Elli {CANARY}"
    assert known["bulletins_used"][0]["way"] == "read"
    assert known["profile"]["came_by_a_list_from"] == "A list of 2019"
    assert "A note for the team" not in response.content.decode()


def test_the_file_costs_the_same_however_much_there_is(elli, campaign, django_assert_max_num_queries):
    busy(elli, campaign)
    with django_assert_max_num_queries(40):
        data_export.own_data(elli, at=NOON)


def test_the_file_has_a_number_for_which_a_code_was_asked_and_not_typed_yet(elli):
    ChannelProof.objects.create(
        person=elli.recipient, channel="sms", address="+358401234567", digest="secret", asked_at=NOON
    )

    [waiting] = data_export.own_data(elli, at=NOON)["channels_to_prove"]

    assert (waiting["channel"], waiting["address"], waiting["asked_at"]) == ("sms", "+358401234567", NOON)
    assert "secret" not in str(waiting)


def test_the_file_names_the_contact_person_that_the_portal_names(elli, campaign):
    campaign.liaison_name = elli.campaign.liaison_name = "Liisa"
    campaign.save()

    assert data_export.own_data(elli, at=NOON)["profile"]["contact_person"] == "Liisa"


def test_leaving_asks_first(client, elli):
    assert client.get(reverse("influencers:leave")).status_code == 200
    for data in ({}, {"how": "erase"}, {"sure": "on"}, {"how": "x", "sure": "on"}):
        assert post(client, "leave", data).status_code == 422
    elli.refresh_from_db()
    assert elli.state == "active"


def test_who_leaves_gets_no_more_mail_and_is_out_of_the_portal(client, elli, campaign):
    audience = elli.recipient.memberships.get().audience
    response = post(client, "leave", {"how": "leave", "sure": "on"})
    assert response.status_code == 302 and "storage" in response["Clear-Site-Data"]
    elli.refresh_from_db()
    assert elli.state == "left" and elli.left_at and elli.name == "Elli"
    assert not elli.signatures.filter(withdrawn_at=None).exists()
    assert not Consent.objects.filter(withdrawn_at=None).exists()
    later = timezone.now() + timedelta(minutes=1)
    assert fanout.fan_out(builders.build_send(audience, slot_at=later), at=later) == 0
    assert client.get(reverse("influencers:home")).status_code == 302  # to the login
    assert client.get(response.url).status_code == 200


def all_words():
    """Return every word of every table, but for the migrations' own."""
    from django.apps import apps

    return "\n".join(
        str(list(model._base_manager.values()))
        for model in apps.get_models()
        if model._meta.app_label not in {"contenttypes", "auth", "admin", "sites"}
    )


def test_nothing_but_the_code_of_the_address_is_left_of_who_is_erased(
    client, elli, campaign, django_capture_on_commit_callbacks
):
    attachment = busy(elli, campaign)
    storage, name = attachment.file.storage, attachment.file.name
    assert storage.exists(name)
    email, code = elli.recipient.email, elli.recipient.address_hash
    close = build_audience(campaign, "partners", tier=1)
    tiers.move(elli, to=close, by=None, at=NOON, reason=f"Elli {CANARY} is ill until May")
    assert CANARY in all_words() and email in all_words()

    with django_capture_on_commit_callbacks(execute=True):
        assert post(client, "leave", {"how": "erase", "sure": "on"}).status_code == 302

    words = all_words()
    assert CANARY not in words and email not in words and "Elli" not in words
    assert not storage.exists(name)
    elli = Influencer.objects.get(pk=elli.pk)
    assert elli.state == "erased" and elli.user is None and not elli.name
    recipient = Recipient.objects.get(pk=elli.recipient_id)
    assert recipient.state == "erased" and recipient.address_hash == code
    assert Suppression.objects.get().address_hash == code
    assert AnswerVersion.objects.get().credits == [] and Question.objects.get().text == "Is it open?"
    assert AuditEntry.objects.filter(verb="influencer.erased").count() == 1


def test_why_somebody_came_and_why_they_left_are_both_kept(elli, campaign):
    close = build_audience(campaign, "partners", tier=1)
    tiers.move(elli, to=close, by=None, at=NOON, reason="knows schools")
    offboarding.leave(elli, by=None, at=NOON + timedelta(days=1))
    membership = elli.recipient.memberships.get(audience=close)
    assert (membership.reason, membership.left_because) == ("knows schools", "left")
    told = data_export.own_data(elli, at=NOON)["audiences"][-1]
    assert (told["reason"], told["left_because"]) == ("knows schools", "left")


@pytest.mark.parametrize("state", ["invited", "left"])
def test_other_campaigns_that_somebody_takes_no_part_in_forget_them_too(client, elli, campaign, state):
    other = builders.build_campaign("toinen", starts_on=date(2025, 1, 1))
    brought = Influencer.objects.create(
        campaign=other, recipient=elli.recipient, reference="infl-0001", name="Elli", state=state, joined_at=NOON
    )
    response = post(client, "leave", {"how": "erase", "sure": "on"})

    assert "Everything about you has been deleted" in client.get(response.url).content.decode()
    brought.refresh_from_db()
    assert (brought.state, brought.name) == ("erased", "")
    recipient = Recipient.objects.get(pk=elli.recipient_id)
    assert (recipient.state, recipient.email) == ("erased", "")
    assert Suppression.objects.get().address_hash == recipient.address_hash
    assert "elli@example.org" not in all_words()


@pytest.mark.parametrize("part", ["campaign", "digest"])
def test_who_takes_part_elsewhere_reads_what_remains(client, elli, campaign, part):
    if part == "digest":
        builders.build_subscription(builders.build_digest(campaign), elli.recipient.email)
    else:
        Influencer.objects.create(
            campaign=builders.build_campaign("toinen", starts_on=date(2025, 1, 1)),
            user=elli.user,
            recipient=elli.recipient,
            reference="o",
            name="E",
        )
    response = post(client, "leave", {"how": "erase", "sure": "on"})

    page = client.get(response.url).content.decode()
    assert "in this campaign has been deleted" in page and "your address is kept for it" in page
    assert Recipient.objects.deliverable().filter(pk=elli.recipient_id).exists()


def test_somebody_with_another_part_here_keeps_their_login_and_address(elli, campaign):
    other = builders.build_campaign("toinen")
    Influencer.objects.create(
        campaign=other, user=elli.user, recipient=elli.recipient, reference="other", name="Elli", joined_at=NOON
    )
    offboarding.erase(elli, by=None, at=NOON)
    assert Recipient.objects.get().email and not Suppression.objects.exists()
    assert User.objects.get(pk=Influencer.objects.get(campaign=other).user_id).is_active


def test_staff_who_were_influencers_too_keep_their_login(elli, campaign):
    elli.user.is_staff = True
    elli.user.save()
    user = elli.user
    offboarding.erase(elli, by=None, at=NOON)
    user.refresh_from_db()
    assert user.is_active and user.email == "elli@example.org"


def test_erased_twice_changes_nothing_more(elli):
    offboarding.erase(elli, by=None, at=NOON)
    offboarding.erase(elli, by=None, at=NOON + timedelta(days=1))
    assert AuditEntry.objects.filter(verb="influencer.erased").count() == 1


def test_who_left_is_forgotten_when_the_time_is_over(elli, settings):
    settings.LEFT_DAYS = 30
    offboarding.leave(elli, by=None, at=NOON)
    assert offboarding.forget_former(at=NOON + timedelta(days=29)) == 0
    assert Influencer.objects.get().name
    assert offboarding.forget_former(at=NOON + timedelta(days=30)) == 1
    assert not Influencer.objects.get().name


def test_easy_language_is_for_mail_and_for_reading_bulletins(client, elli, campaign):
    version = builders.build_published_version(campaign)
    easy = {"title": "Easy title", "html": "<p>In easy words.</p>", "body": "", "content": {}}
    PublishedEdition.objects.create(version=version, language="en", reading_level="easy", **easy)

    post(client, "settings_language", {"language": "en", "easy": "on"})
    elli.recipient.refresh_from_db()
    assert elli.recipient.prefers_easy
    assert re.search(r'name="easy"[^>]* checked', client.get(reverse("influencers:settings")).content.decode())
    assert data_export.own_data(elli, at=NOON)["profile"]["prefers_easy_language"] is True
    page = reverse("influencers:bulletin", args=[1])
    assert b"In easy words." in client.get(page).content
    assert b"In easy words." not in client.get(f"{page}?level=standard").content

    post(client, "settings_language", {"language": "en"})
    elli.recipient.refresh_from_db()
    assert not elli.recipient.prefers_easy
