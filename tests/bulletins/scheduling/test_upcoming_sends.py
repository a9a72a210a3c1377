"""What comes, as Today lists it, where a bulletin goes by other channels too."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bulletins.models import Variant
from bulletins.publication import publish
from bulletins.scheduling import upcoming_sends
from config.desk import today_sends
from delivery.models import Channel, Send
from delivery.reports import kept_counts, send_progress
from delivery.sending import dispatch
from tests.delivery.fanout.test_channels import address_of, people_of
from tests.influencers.recall import recall_scene
from tests.support.builders import NOON, approved, build_audience, build_bulletin, build_user

SLOT = NOON + timedelta(hours=1)
WORDS = "Boil your water."


@pytest.fixture
def network(campaign, settings):
    settings.EXERCISE_CHANNELS = ["sms", "push"]
    return build_audience(campaign, size=3, kind="influencers")


@pytest.fixture
def version(campaign, network):
    """A routine bulletin that is published before its slot, by mail, text message and notification."""
    bulletin = build_bulletin(campaign, audiences=[network])
    for edition in bulletin.editions.all():
        for channel in ("sms", "push"):
            Variant.objects.create(edition=edition, platform=channel, caption=WORDS)
    bulletin.targets.update(timing="at_time", at=SLOT)
    return publish.publish(approved(bulletin), at=NOON)


@pytest.mark.django_db
def test_what_goes_by_several_channels_at_once_is_one_row_and_no_roundup(campaign, version):
    assert Send.objects.filter(mailing=version.mailing).count() == 3

    [row] = upcoming_sends.upcoming(campaign, at=NOON)

    assert row.send and (row.send.channel, row.together) == (Channel.MAIL, ())


@pytest.mark.django_db
def test_a_held_text_message_is_a_row_with_its_channel_and_those_who_still_wait(
    campaign, network, version, roles, signed_in
):
    address_of(people_of(network)[0], "+358401234567", "bulletins")
    dispatch.start_due_sends(at=SLOT)
    sms = Send.objects.get(mailing=version.mailing, channel="sms")
    sms.hold("dear")
    sms.refresh_from_db()
    assert (sms.state, sms.candidates) == (Send.State.HELD, 1)

    page = signed_in(build_user("boss", "editor")).get(reverse("admin:today"))

    [row] = page.context["coming"]
    assert (row.whom, row.heads.total) == (f"{network}, by text message", 1)
    assert f"{network}, by text message" in page.content.decode()


@pytest.mark.django_db
def test_of_what_is_held_before_it_begins_by_a_channel_no_number_is_told(campaign, network, version, roles, signed_in):
    Send.objects.filter(mailing=version.mailing).update(state=Send.State.HELD, reason="late")

    rows = signed_in(build_user("boss", "editor")).get(reverse("admin:today")).context["coming"]

    told = {row.send.channel: row.heads.total if row.heads else None for row in rows}
    assert told == {"mail": 3, "sms": None, "push": None}


@pytest.mark.django_db
def test_a_large_send_that_is_held_is_not_counted_by_the_page(network, version, monkeypatch, django_assert_num_queries):
    for module in (send_progress, kept_counts):
        monkeypatch.setattr(module, "KEPT", 1)
    dispatch.start_due_sends(at=SLOT)
    sent = Send.objects.get(mailing=version.mailing, channel="mail")
    sent.hold("late")
    sent.refresh_from_db()
    kept_counts.count_large(at=SLOT)

    with django_assert_num_queries(1):
        found = today_sends.left_in([sent], at=SLOT)

    assert found[sent.pk].total == 3


@pytest.mark.django_db
@pytest.mark.parametrize("is_interrupted", [False, True])
def test_a_correction_to_those_who_got_the_earlier_version_is_no_row_about_a_whole_audience(
    campaign, network, version, roles, signed_in, is_interrupted
):
    dispatch.start_due_sends(at=SLOT)
    if not is_interrupted:
        Send.objects.filter(mailing=version.mailing).update(state=Send.State.FINISHED)
    second = recall_scene.correct(version, at=SLOT)
    assert Send.objects.filter(mailing=second.mailing, channel="mail", exposed_only=not is_interrupted).exists()

    rows = signed_in(build_user("boss", "editor")).get(reverse("admin:today")).context["coming"]

    told = {
        (row.whom, row.heads.total if row.heads else None) for row in rows if row.send and row.send.channel == "mail"
    }
    assert told == {
        (f"{network}", 3) if is_interrupted else (f"{network}: only those who got an earlier version", None)
    }


@pytest.mark.django_db
def test_a_correction_that_is_approved_for_later_says_so_too(
    campaign, network, version, roles, signed_in, desk_at_noon
):
    dispatch.start_due_sends(at=SLOT)
    later = recall_scene.correction_of(version, at=SLOT)
    later.embargo_until = SLOT + timedelta(hours=2)
    later.save(update_fields=["embargo_until"])
    approved(later, at=SLOT)

    rows = signed_in(build_user("boss", "editor")).get(reverse("admin:today")).context["coming"]

    told = [(row.whom, row.heads) for row in rows if row.bulletin == later]
    assert told == [(f"{network}: those who got an earlier version, or were still to get it", None)]
